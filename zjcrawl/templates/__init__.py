"""One module a markup, each with its marks, `claims(page)` and `extract(page)`; chosen by what the page shows."""

from types import ModuleType

from zjcrawl.page import Page
from zjcrawl.templates import mlf2016, mlf2026, system2006, system2012

TEMPLATES: tuple[ModuleType, ...] = (mlf2026, mlf2016, system2012, system2006)


def claiming(page: Page) -> list[ModuleType]:
    """The templates whose marks the page shows: one on a known page, none on an unknown one."""
    return [template for template in TEMPLATES if template.claims(page)]
