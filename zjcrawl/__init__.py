"""zjcrawl: the archive of Zhejiang's regional news. The way of a page is described in README.md."""

__version__ = "0.1.0"
