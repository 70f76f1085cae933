"""The archive in a browser: Datasette, set up with pages of our own. Needs the extra `serve`; imports nothing of Scrapy.

site ─▶ asking (what a page is asked for) ─▶ start · search · article · table ─▶ templates/
                                          └▶ streams (CSV by the exporter)
"""
