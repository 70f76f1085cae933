"""zjcrawl: the archive of Zhejiang's regional news. The way of a page is described in README.md.

`from zjcrawl import Archive` asks an archive from Python: docs/python.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zjcrawl.api import Archive as Archive
    from zjcrawl.api import Article as Article
    from zjcrawl.api import Articles as Articles

__version__ = "0.1.0"
_LATE = ("Archive", "Article", "Articles")  # what they need is loaded with the first of them


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module("zjcrawl.api"), name)
    raise AttributeError(f"module 'zjcrawl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
