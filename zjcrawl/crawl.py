"""Starts a crawl and judges it: `crawl(settings, …) -> Summary`, whose exit code tells the truth about the run."""

import asyncio
import json
import logging
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from urllib.request import getproxies

import click
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import SETTINGS_PRIORITIES, Settings
from scrapy.utils.log import TopLevelFormatter

from zjcrawl import __version__, channels, logs
from zjcrawl.archive import Archive, ArchiveWriter
from zjcrawl.archive.values import moment
from zjcrawl.channels import Registry
from zjcrawl.connect import NO_CONTACT, check_proxies, is_here
from zjcrawl.errors import ConfigError, InputError, NotNowError, StorageError, ZjcrawlError, why
from zjcrawl.filters import span
from zjcrawl.health import Drop, drops, newest
from zjcrawl.hosts import Hours
from zjcrawl.models import SHANGHAI, Channel, Reason
from zjcrawl.progress import plural
from zjcrawl.readers import Readers
from zjcrawl.recheck import Schedule
from zjcrawl.run import FAILED, Ended, Manners, Order, Run
from zjcrawl.setting_kinds import check, contact
from zjcrawl.spiders.news import News
from zjcrawl.urls import canonical

logger = logging.getLogger("zjcrawl")
GRACE = 5.0  # seconds that a stopped run waits for answers on their way


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did: its exit code, a sentence for each thing that is missing, and every outcome counted."""

    exit_code: int
    problems: list[str]
    stats: dict[str, Any]
    notes: list[str] = field(default_factory=list)  # what was left because it was wished so

    def as_json(self) -> dict[str, Any]:
        return {"exit_code": self.exit_code, "problems": self.problems, "notes": self.notes, **self.stats}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many articles of a channel the frontier still has to ask for, the first of them from when on (None: now)."""

    channel: str
    count: int
    since: datetime | None = None


def crawl(settings: Settings, **wishes: Any) -> Summary:
    """One incremental run. `wishes` are those of `order_of`. Raises a ZjcrawlError where it cannot begin or go on."""
    registry = channels.load(Path(settings["ZJCRAWL_CHANNELS"]) if settings["ZJCRAWL_CHANNELS"] else None)
    order = order_of(registry, **wishes)
    manners = _prepare(settings)
    if manners.hours and not manners.hours.has(now := datetime.now(UTC)):
        raise NotNowError(
            f"it is {now.astimezone(SHANGHAI):%H:%M} in Shanghai, and hosts are asked in the hours OFF_PEAK="
            f"{manners.hours}: try again then, or change that"
        )
    archive = ArchiveWriter(Path(settings["ZJCRAWL_ARCHIVE"]), command=_command(wishes))
    run = Run(order, registry, archive, manners)
    summary = Summary(1, ["the run broke off"], {})
    try:
        try:
            with closing(Readers(registry, settings.getint("ZJCRAWL_WORKERS"))) as readers:
                _work(settings, run, readers)
        except ConfigError as error:
            run.fault = error
        ended = run.reconcile()
        summary = judge(run, ended, _waiting(run), _drops(archive, ended))
        if settings["ZJCRAWL_LOG_FORMAT"] == "json":
            logger.info("the run ended", extra={logs.FIELDS: summary.as_json()})
    finally:
        archive.close(summary.exit_code, summary.as_json())
    if run.fault is not None:
        raise run.fault
    return summary


def _command(wishes: Mapping[str, Any]) -> str:
    """The run as its row in the archive tells it, whichever way it was started."""
    slugs = wishes.get("channels") or ()
    usual = {wish.name: wish.default for wish in fields(Order)} | {"channels": wishes.get("channels")}
    chosen = {name: value for name, value in wishes.items() if value is not None and value != usual[name]}
    options = [f"--{name.replace('_', '-')} {value}" for name, value in chosen.items()]
    return " ".join(["crawl", *(slugs.replace(",", " ").split() if isinstance(slugs, str) else slugs), *options])


def settings_from(pairs: Iterable[str], **overrides: Any) -> Settings:
    """The project's settings, wherever the command is called, with `NAME=VALUE` pairs and overrides (None: as it is).

    Raises InputError for what is no pair and for a name that is unknown, ConfigError for a value that cannot be used.
    """
    settings = Settings()
    settings.setmodule("zjcrawl.settings", priority="project")
    chosen = {name: str(value) for name, value in overrides.items() if value is not None}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(f"-s {pair!r} is no setting: write NAME=VALUE, such as DOWNLOAD_DELAY=2")
        chosen[name] = value
    check(chosen, settings)
    settings.setdict(chosen, priority="cmdline")
    return settings


def order_of(
    registry: Registry,
    *,
    channels: str | tuple[str, ...] = (),
    since: str | None = None,
    until: str | None = None,
    limit: int | str | None = None,
    listing_pages: int | str = 3,
    rechecks: int | str = 2000,
) -> Order:
    """The order that a command line gives, as strings or values. Raises InputError for what makes no sense."""
    words = (channels,) if isinstance(channels, str) else channels
    slugs = [slug.strip() for word in words for slug in word.split(",") if slug.strip()]
    if channels != () and not slugs:
        raise InputError("no channel is named: name one, or leave the names out to crawl all")
    first = None if since is None else span(since, "--since")[0]
    last = None if until is None else span(until, "--until")[1]
    if first and last and first > last:
        raise InputError(f"--since {since} is after --until {until}: exchange them")
    return Order(
        channels=tuple(registry.select(slugs)),
        since=first,
        until=last,
        limit=None if limit is None else _count("limit", limit, least=0),
        listing_pages=_count("listing-pages", listing_pages, least=1),
        rechecks=_count("rechecks", rechecks, least=0),
    )


def _drops(archive: ArchiveWriter, ended: Sequence[Ended]) -> list[Drop]:
    """The fields that pages no longer fill as they did, in the channels that this run brought news of."""
    news = {one.channel for one in ended if one.outcome in ("new", "edited")}
    if not news:
        return []
    try:
        with Archive(archive.folder) as held:
            return drops(held, newest(held, news))
    except ZjcrawlError:  # what the disk refuses is said by the run itself
        return []


def judge(run: Run, ended: Sequence[Ended], waiting: Sequence[Waiting] = (), fallen: Sequence[Drop] = ()) -> Summary:
    """What a run that has ended amounts to."""
    problems = [*_problems(run, ended, waiting), *(f"fill rate: {drop.sentence()}" for drop in fallen)]
    if run.fault is not None:
        code, problems = run.fault.exit_code, [str(run.fault)]
    elif run.crashed:
        code, problems = 1, ["the crawl broke off by a fault of its own: the log has it", *problems]
    elif not problems:
        code = 0
    else:
        code = 75 if not run.stopped and not fallen and _only_robots(run, ended) else 3
    return Summary(code, problems, _stats(run, ended, waiting), _notes(run, ended))


def _problems(run: Run, ended: Sequence[Ended], waiting: Sequence[Waiting]) -> list[str]:
    """One sentence for each thing that is missing."""
    found = []
    for channel in run.order.channels:
        slug = channel.slug
        lists = _outcomes(one for one in ended if one.kind == "listing" and one.channel == slug)
        lost = {outcome: n for outcome, n in lists.items() if outcome in (*FAILED, "gone", "robots", "offsite")}
        if not lists["listed"]:
            found.append(f"channel {slug}: no list page could be read ({_words(lists) or 'none was asked for'})")
        elif lost:
            found.append(f"channel {slug}: list pages are missing ({_words(lost)})")
        elif slug in run.cut_short:
            found.append(f"channel {slug}: its lists had more news than --listing-pages reads: the next run reads on")
        if barred := [page for page in channel.lists if canonical(page) in run.forbidden]:
            found.append(_forbidden(channel, barred))
    articles = _outcomes(one for one in ended if one.kind == "article" and one.outcome in FAILED)
    if articles:
        found.append(f"articles that could not be had or read whole: {articles.total()} ({_words(articles)})")
    for host in sorted({one.host for one in ended if _is_barred(one)}):
        for site in run.hosts.barred(host) or [host]:
            found.append(f"{site}: its robots.txt cannot be had, which means that nothing may be asked for: try later")
    for host in sorted({one.host for one in ended if one.outcome == "resting"}):
        found.append(f"{host}: it is too busy to be asked now: {_left(run, ended, 'resting', host)}")
    postponed = sum(one.count for one in ended if one.outcome in get_args(Reason) and one.kind == "article")
    more = sum(of.count for of in waiting) > postponed
    if not found and run.order.limit is None and not run.stopped and more:
        found.append(_who_waits(waiting))
    if run.stopped:
        found.append("stopped by a signal: the next run goes on from here")
    return found


def _forbidden(channel: Channel, barred: Sequence[str]) -> str:
    """How to be rid of list pages that would be missing in every run."""
    line = "[]" if len(barred) == len(channel.lists) else "[…]"
    out = "the channel" if line == "[]" else "it" if len(barred) == 1 else "them"
    mend = (
        f"where that stays so, leave {out} out by the line '{channel.slug} = {{ lists = {line} }}' of a --channels file"
    )
    return f"channel {channel.slug}: robots.txt forbids {', '.join(barred)}: {mend}"


def _notes(run: Run, ended: Sequence[Ended]) -> list[str]:
    """One sentence for each thing that was left because the settings say so."""
    wishes = {"over_budget": f"HOST_BUDGET={run.hosts.budget}", "out_of_hours": f"OFF_PEAK={run.hosts.hours}"}
    left = {one.outcome for one in ended}
    return [f"{wish}: {_left(run, ended, outcome)}" for outcome, wish in wishes.items() if outcome in left]


def _left(run: Run, ended: Sequence[Ended], outcome: str, host: str | None = None) -> str:
    left = [one for one in ended if one.outcome == outcome and host in (None, one.host)]
    count, hosts = sum(one.count for one in left), len({one.host for one in left})
    of = f" of {plural(hosts, 'host')}" if host is None else ""
    return f"{plural(count, 'address', 'addresses')}{of} {'waits' if count == 1 else 'wait'} for a later run"


def _who_waits(waiting: Sequence[Waiting]) -> str:
    count = sum(of.count for of in waiting)
    first = min(of.since or datetime.min.replace(tzinfo=UTC) for of in waiting)
    asks = f"a run from {first.astimezone():%Y-%m-%d %H:%M:%S} on" if first > datetime.now(UTC) else "the next run"
    return f"{plural(count, 'article')} still {'waits' if count == 1 else 'wait'}: {asks} asks for them"


def _only_robots(run: Run, ended: Sequence[Ended]) -> bool:
    """Whether nothing is missing but what hosts with an unreachable robots.txt hold."""
    read = {one.channel for one in ended if one.outcome == "listed"}
    barred = {one.channel for one in ended if _is_barred(one)}
    others = any(one.outcome in (*FAILED, "resting") or _is_lost_list(one) for one in ended)
    return bool(barred) and not others and not run.cut_short and {*run.order.slugs} <= read | barred


def _is_lost_list(one: Ended) -> bool:
    """A list page that no later run will have either, unless a person sees to it."""
    return one.kind == "listing" and one.outcome in ("gone", "robots", "offsite") and not _is_barred(one)


def _is_barred(one: Ended) -> bool:
    return one.outcome == "robots" and one.state == "pending"  # a refusal by rule is "excluded"


def _stats(run: Run, ended: Sequence[Ended], waiting: Sequence[Waiting]) -> dict[str, Any]:
    tally = run.tally
    wait = {of.channel: of.count for of in waiting}
    kinds = {"listings": "listing", "articles": "article"}
    return {
        "run": run.archive.run_id,
        "channels": {
            slug: {
                name: dict(_outcomes(one for one in ended if (one.kind, one.channel) == (kind, slug)))
                for name, kind in kinds.items()
            }
            | {"waiting": wait.get(slug, 0)}
            for slug in dict.fromkeys([*run.order.slugs, *(one.channel for one in ended)])
        },
        **{name: dict(_outcomes(one for one in ended if one.kind == kind)) for name, kind in kinds.items()},
        "known": tally.known,
        "waiting": sum(wait.values()),
        "requests": tally.requests,
        "retries": tally.retries,
        "bytes": tally.bytes,
        "seconds": round(tally.seconds, 1),
        "hosts": run.hosts.stats(),
    }


def _waiting(run: Run) -> list[Waiting]:
    """What the frontier of a run that has ended still holds of its channels and days, that is to be had yet."""
    if run.fault is not None:
        return []
    chosen = (json.dumps(run.order.slugs), *run.order.days)
    try:
        rows = run.archive.submit(lambda t: t.connection.execute(_WAITING, chosen).fetchall()).result()
    except StorageError as error:
        run.fault = error
        return []
    return [Waiting(channel, count, moment(since) if since else None) for channel, count, since in rows]


def _outcomes(ended: Iterable[Ended]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in ended:
        counts[one.outcome] += one.count
    return counts


def _words(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(outcomes.items(), key=lambda pair: -pair[1]))


class _Process(AsyncCrawlerProcess):
    """Scrapy's process, which tells the run when a signal stops it and does not wait for ever for what hangs."""

    run: Run

    async def stop(self) -> None:
        if self.crawlers:
            self.run.stopped = True
            self.run.stop()
            asyncio.get_running_loop().call_later(GRACE, self._stop_reactor)
        await super().stop()


def _log(settings: Settings) -> None:
    """Begins the log. Scrapy's own handler, made anew for every crawler, would show what a query hides."""
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    handler: logging.Handler
    try:
        if file := settings["LOG_FILE"]:
            mode = "a" if settings.getbool("LOG_FILE_APPEND") else "w"
            handler = logging.FileHandler(file, mode, settings["LOG_ENCODING"], errors="backslashreplace")
        else:
            handler = logging.StreamHandler() if settings.getbool("LOG_ENABLED") else logging.NullHandler()
    except OSError as error:
        raise ConfigError(f"cannot write the log {error.filename}: {why(error)}") from error
    if settings.getbool("LOG_SHORT_NAMES"):
        handler.addFilter(TopLevelFormatter(["scrapy"]))
    lines = logging.Formatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])
    logs.install(settings["ZJCRAWL_LOG_FORMAT"], settings["LOG_LEVEL"], handler, lines)


def _work(settings: Settings, run: Run, readers: Readers) -> None:
    quiet = settings.getpriority("LOG_LEVEL") == SETTINGS_PRIORITIES["project"]  # nobody asked for Scrapy's own lines
    logging.disable(logging.INFO if quiet else logging.NOTSET)
    try:
        process = _Process(settings)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise _unusable(error) from error
    finally:
        logging.disable(logging.NOTSET)
    if quiet:
        logging.getLogger("scrapy").setLevel(logging.WARNING)
    process.run = run
    crawler = process.create_crawler(News)
    task = process.crawl(crawler, run=run, readers=readers)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # not under nohup
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    process.start()
    if task.done() and not task.cancelled() and (failure := task.exception()) is not None:
        raise _unusable(failure) from failure
    if crawler.stats.get_value("spider_exceptions/count") or crawler.stats.get_value("finish_reason") == "start_error":
        run.crashed = True


def _unusable(error: BaseException) -> ConfigError:
    return ConfigError(f"the crawl cannot start: {error}: one of the settings names what cannot be used")


def _prepare(settings: Settings) -> Manners:
    """The settings that follow from others, and what the run itself takes from them. Raises ConfigError."""
    given = [name for name in settings if (settings.getpriority(name) or 0) >= SETTINGS_PRIORITIES["cmdline"]]
    check({name: settings[name] for name in [*given, "ZJCRAWL_CONTACT"]}, settings_from(()))
    check_proxies()
    stays_here = is_here(getproxies().get("http"))
    if not settings.getbool("ROBOTSTXT_OBEY") and not stays_here:
        raise ConfigError(
            "ROBOTSTXT_OBEY=False is refused: a crawl that leaves this machine obeys robots.txt; leave the setting out"
        )
    _log(settings)
    known = settings["ZJCRAWL_CONTACT"].strip()
    if not settings["USER_AGENT"]:
        if not known and not stays_here:
            known = _asked_for_contact()
        settings.set("USER_AGENT", f"zjcrawl/{__version__} (+{known or NO_CONTACT})", priority="project")
    concurrency = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
    return Manners(
        retries=settings.getint("RETRY_TIMES"),
        delay=settings.getfloat("RETRY_DELAY"),
        patience=settings.getfloat("RETRY_PATIENCE"),
        per_host=4 if settings.getfloat("DOWNLOAD_DELAY") else max(8, 2 * concurrency),
        schedule=Schedule.of(settings["RECHECK_SCHEDULE"]),
        budget=settings.getint("HOST_BUDGET"),
        hours=Hours.of(settings["OFF_PEAK"]),
        robots_last=settings.getfloat("ROBOTS_LAST"),
    )


def _asked_for_contact() -> str:
    """The contact that somebody at a terminal gives. Raises InputError where there is nobody, or none is given."""
    mend = "export ZJCRAWL_CONTACT=you@example.org, or add -s ZJCRAWL_CONTACT=you@example.org"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(f"hosts must be able to write to whoever asks them, and no contact is given: {mend}")
    try:
        given: str = click.prompt("The User-Agent tells hosts whom to write to. Your address", err=True)
    except click.Abort as error:
        raise InputError(f"no contact is given: {mend}") from error
    try:
        contact(given)
    except ValueError as error:
        raise InputError(f"the contact {given!r} cannot be used: it must be {error}") from error
    print(f"Next time it need not be asked for: {mend}", file=sys.stderr)
    return given.strip()


def _count(name: str, value: int | str, *, least: int) -> int:
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least:
        raise InputError(f"--{name} {value!r} is no whole number of {least} or more")
    return number


# As the run counts them; `gone` is asked for once more, but nobody waits for it.
_WAITING = """
SELECT channel, count(*), min(coalesce(next_check_at, '')) FROM frontier
WHERE state = 'pending' AND kind = 'article' AND article_id IS NULL AND outcome IS NOT 'gone'
    AND (dated = '' OR substr(dated, 1, 10) BETWEEN ?2 AND ?3) AND channel IN (SELECT value FROM json_each(?1))
GROUP BY channel"""
