"""The spiders: where Scrapy asks and the run answers."""
