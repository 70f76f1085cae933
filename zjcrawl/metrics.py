"""The health of an archive in Prometheus' text format, version 0.0.4, for the textfile collector of the node exporter.

https://prometheus.io/docs/instrumenting/exposition_formats/. When something was is told as a time, not as an age: what
nobody writes any more must age by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from zjcrawl import __version__
from zjcrawl.archive.values import moment

Sample = tuple[Mapping[str, str], float | None]  # labels and value; None: nothing is known


def exposition(told: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]], now: datetime) -> str:
    """What `status` tells, and the fill rates of its channels, as of `now`."""
    return "".join(line for name, of, samples in _metrics(told, rates, now) for line in _family(name, of, samples))


def _metrics(
    told: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]], now: datetime
) -> Iterator[tuple[str, str, Iterable[Sample]]]:
    run, channels = told["run"] or {}, told["channels"]
    yield "info", "Which zjcrawl wrote this.", [({"version": __version__}, 1)]
    yield "status_timestamp_seconds", "When this was written.", _one(now.timestamp())
    yield "problems", "What needs a person: the sentences that 'zjcrawl status' prints.", _one(len(told["problems"]))
    yield (
        "last_success_timestamp_seconds",
        "When a crawl last ended with exit code 0.",
        _one(_time(told["succeeded_at"])),
    )
    yield "last_run_start_timestamp_seconds", "When the last crawl began.", _one(_time(run.get("started_at")))
    yield "last_run_end_timestamp_seconds", "When the last crawl ended.", _one(_time(run.get("ended_at")))
    yield "last_run_exit_code", "Exit code of the last crawl.", _one(run.get("exit_code"))
    yield "last_run_requests", "Requests of the last crawl.", _one(run.get("requests"))
    yield "last_run_bytes", "Bytes of bodies as they were sent to the last crawl.", _one(run.get("bytes"))
    yield (
        "last_run_outcomes",
        "How the addresses of the last crawl ended.",
        [
            ({"kind": kind, "outcome": outcome}, count)
            for kind, outcomes in run.get("outcomes", {}).items()
            for outcome, count in outcomes.items()
        ],
    )
    yield "articles", "Articles by state.", [({"state": state}, count) for state, count in told["articles"].items()]
    for name, says, key in (
        ("channel_articles", "Articles of a channel.", "articles"),
        ("channel_waiting", "Articles of a channel that were found and not yet had.", "backlog"),
    ):
        yield name, says, [({"channel": slug}, of[key]) for slug, of in channels.items()]
    for name, says, key in (
        ("channel_newest_timestamp_seconds", "When the newest article of a channel was published.", "newest"),
        ("channel_last_new_timestamp_seconds", "When the last new article of a channel was first seen.", "last_new"),
        ("channel_last_listed_timestamp_seconds", "When a list page of a channel last came.", "last_listed"),
    ):
        yield name, says, [({"channel": slug}, _time(of[key])) for slug, of in channels.items()]
    yield (
        "fill_ratio",
        "Share of a channel's newest articles that fill a field; of the field template, that a template claimed.",
        [
            ({"channel": slug, "field": field}, share)
            for slug, of in rates.items()
            for field, share in of.items()
            if field != "articles"
        ],
    )
    yield (
        "fill_drop",
        "How much the fill rate of a field fell, where it did.",
        [({"channel": drop["where"], "field": drop["field"]}, drop["was"] - drop["now"]) for drop in told["drops"]],
    )
    yield "archive_bytes", "Size of the archive's files.", [({"part": part}, n) for part, n in told["bytes"].items()]
    yield "disk_free_bytes", "Free space where the archive lies.", _one(told["disk_free"])


def _one(value: float | None) -> list[Sample]:
    return [({}, value)]


def _time(stamp: str | None) -> float | None:
    return moment(stamp).timestamp() if stamp else None


def _family(name: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    lines = [f"zjcrawl_{name}{_labels(labels)} {value!r}\n" for labels, value in samples if value is not None]
    if lines:
        yield f"# HELP zjcrawl_{name} {says}\n# TYPE zjcrawl_{name} gauge\n"
        yield from lines


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
