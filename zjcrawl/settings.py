"""Scrapy's settings for a good guest that keeps what it sees. Each can be changed with `-s NAME=VALUE`."""

import os

from zjcrawl.processes import cores
from zjcrawl.recheck import USUAL

BOT_NAME = "zjcrawl"
SPIDER_MODULES = ["zjcrawl.spiders"]
COMMANDS_MODULE = "zjcrawl.commands"

# Where a run writes, whom the User-Agent names, which channels are added to the packaged ones.
ZJCRAWL_ARCHIVE = os.environ.get("ZJCRAWL_ARCHIVE") or "data"
ZJCRAWL_CONTACT = os.environ.get("ZJCRAWL_CONTACT", "")
ZJCRAWL_CHANNELS = ""

# Processes that read pages while the crawl's own asks and stores; 0 lets that one read too.
ZJCRAWL_WORKERS = min(cores() - 1, 2)

# A good guest: one request a second and one at a time per host, robots.txt obeyed by RFC 9309. `USER_AGENT` is made
# of the version and the contact when a run starts, unless it is set.
USER_AGENT = ""
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "zjcrawl"  # the product token that a robots.txt names
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0  # the stated rate is a promise; a jitter would break it half of the time
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CRAWL_DELAY_MAX = 60.0  # a Crawl-delay of robots.txt is obeyed where it is longer than ours, up to this
ROBOTS_LAST = 86400.0  # seconds for which a robots.txt goes without being asked for anew (RFC 9309 §2.4: at most a day)
HOST_BUDGET = 0  # requests to each host in one run, robots.txt included; 0 is no bound
OFF_PEAK = ""  # hours of the day in Shanghai in which hosts are asked, such as 22:00-07:00; empty is all day
CONCURRENT_REQUESTS = 1000  # more than are ever in hand: hosts that are slow hold no places of the others
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 4 * 1024 * 1024  # as sent; a news page of 60 kB is a seventieth of it
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # a body cut short is kept as far as it came, marked as cut, and asked for again
DOWNLOAD_VERIFY_CERTIFICATES = True
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, deflate",  # what a page can be decoded from without anything but the standard library
}

# A failed request waits in the frontier and is asked for again: RETRY_TIMES in this run, RETRY_DELAY seconds after
# the first failure and twice as long after each further one (or as long as Retry-After says), else in a later run.
RETRY_ENABLED = False  # Scrapy's own: at once, without a pause, forgetting everything when the process ends
RETRY_TIMES = 2
RETRY_DELAY = 2.0
RETRY_PATIENCE = 60.0  # a longer pause is left to a later run
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 520, 522, 524]
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False  # a page that forwards by markup is a page: kept, read as a stub, and followed as a lead
HTTPERROR_ALLOW_ALL = True  # every answer is kept and classified by the spider

# How long after a look a known article is looked at again, by its age: every 15 minutes while younger than 3 hours, …,
# every 7 days from 30 days on. `crawl --rechecks N` bounds how many of them one run asks for.
RECHECK_SCHEDULE = USUAL

# Once a week each host is asked for a page that cannot exist: one that answers 200 hides what is gone, and under which
# title it does tells such a page from an article.
SOFT_404_PROBE = True

# Nothing but http and https, no cookies, no doors.
DOWNLOAD_HANDLERS = {
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
    "http": "zjcrawl.connect.Handler",
    "https": "zjcrawl.connect.Handler",
}
# Nothing that is not on the public internet, whatever a name resolves to, but for hosts named here: PRIVATE_HOSTS=a,b.
TWISTED_DNS_RESOLVER = "zjcrawl.connect.PublicResolver"
PRIVATE_HOSTS = ""
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # drops without a word; ours names the outcome
    "zjcrawl.middlewares.RegistryHosts": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # reads a 503 as "allowed"
    "zjcrawl.middlewares.Robots": 100,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # a target that is no address is a fault to it
    "zjcrawl.middlewares.Redirects": 600,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # a capture is decoded by its page
    "zjcrawl.middlewares.Guest": 900,  # past the proxy's: what passes it goes into its host's queue
    "zjcrawl.middlewares.CaptureFirst": 950,  # nearest to the network: sees robots.txt and redirects too
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # drops without a word, and a run waits for it
}
ITEM_PIPELINES = {
    "zjcrawl.pipelines.NormalisePipeline": 100,
    "zjcrawl.pipelines.ArchivePipeline": 200,
}
EXTENSIONS = {
    "zjcrawl.progress.Progress": 0,
    "scrapy.extensions.logstats.LogStats": None,
}
CONCURRENT_ITEMS = 4  # at the default of 100 a crawl runs at half its speed
LOG_LEVEL = "INFO"  # of zjcrawl's own lines; Scrapy's are shown from WARNING unless LOG_LEVEL is given
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
ZJCRAWL_LOG_FORMAT = "text"  # or "json": an object a line, one for every outcome
STATS_DUMP = False
