"""Commands of Scrapy that this project replaces."""
