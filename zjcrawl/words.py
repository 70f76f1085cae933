"""What the archive's codes mean, in words for a reader."""

from zjcrawl.models import Role

WARNINGS = {
    "no_template": "no template claimed the page: it was read by its printed labels",
    "several_templates": "more than one template claimed the page: it was read by its printed labels",
    "template_failed": "its template found no headline or no text: the page was read by its printed labels",
    "template_incomplete": "its template did not find where the headline or the text stands",
    "list_page": "the page lists articles, and is none",
    "page_gone": "the page says that there is no article at its address",
    "page_blocked": "the page asks who is reading (a captcha, a challenge), and prints no article",
    "text_cut": "the page shows the beginning of the text only: the rest is for those who log in or pay",
    "title_missing": "no headline was found",
    "body_missing": "no text was found",
    "time_missing": "no time was found",
    "time_without_year": "the printed time has no year, so no time is given",
    "time_relative": "the printed time is relative (3小时前), so no time is given",
    "time_unreadable": "the printed time cannot be read, so no time is given",
    "time_impossible": "the printed time does not exist, so no time is given",
    "year_from_url": "the year of the time is the address's, whose month and day agree",
    "time_after_capture": "the printed time is later than its capture",
    "time_contradicts_url": "the printed time is more than a day off the address's",
    "credit_not_a_person": "a credit line names an office or an outlet, not a person",
    "name_unclear": "a credit line cannot be parted into names with certainty",
    "charset_disagrees": "header, meta and bytes disagree on the charset, or parts of the page are in different ones",
    "charset_guessed": "no charset was declared, or the text is too short to tell whether it is true: the likeliest was taken",
    "charset_lossy": "some bytes fit no charset, or characters had been lost before",
    "charset_twice": "the text was encoded as UTF-8 twice: that was undone",
    "page_too_long": "the page is longer or deeper than is read: its rest was not",
    "incomplete": "a further page of the article could not be had",
}

ROLES: dict[Role, str] = {  # as the pages print them
    "reporter": "记者",
    "correspondent": "通讯员",
    "intern": "实习生",
    "photographer": "摄影",
    "editor": "编辑",
    "proofreader": "校对",
    "translator": "翻译",
}

HAPPENED = {  # what happened to an article
    "found": "first seen",
    "edit": "edited by the publisher",
    "reparse": "read otherwise by us, not edited",
    "same": "the same",
    "changed": "changed, kept as a capture only",
    "gone": "no longer retrievable",
    "blocked": "could not be looked at",
}

# How much of a time is printed, by its precision: as strftime takes it.
TIMES = {"second": "%Y-%m-%d %H:%M:%S", "minute": "%Y-%m-%d %H:%M", "hour": "%Y-%m-%d %H时", "day": "%Y-%m-%d"}

_UNSURE = "_unsure"


def warning(code: str) -> str:
    """A warning in words; a code that nobody knows stays one."""
    if code.endswith(_UNSURE):
        return f"{code.removesuffix(_UNSURE)} was found, but too unsurely to be given"
    return WARNINGS.get(code, code)
