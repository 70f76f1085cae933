"""Datasette, set up for one archive: which pages there are, what may be asked of the tables, and what a browser may do.

The archive is opened read-only, and not as immutable where it can be written: a crawl may be at it. SQLite's WAL shows each
question one moment of it and blocks nobody.
"""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from datasette import handle_exception as errors
from datasette import hookimpl
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm
from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from zjcrawl import __version__
from zjcrawl.archive import Archive
from zjcrawl.archive.database import NAME
from zjcrawl.errors import InputError, StorageError, ZjcrawlError
from zjcrawl.search import Query
from zjcrawl.unseen import UNSEEN
from zjcrawl.web import article, charts, search, start, streams, table, typeset
from zjcrawl.web.asking import Ask, sentence
from zjcrawl.web.queries import metadata
from zjcrawl.web.words import LANGUAGES, Words, preferred

T = TypeVar("T")
Build = Callable[..., dict[str, Any]]
COOKIE = "zjcrawl_lang"
# Nothing comes from elsewhere, nothing in a page runs or sets a style; what a page leads to learns nothing of us.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_REMEMBERED = 40  # counts
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?", re.IGNORECASE)
_SETTINGS = {
    "allow_download": False,
    "suggest_facets": False,
    "default_page_size": 50,
    "truncate_cells_html": 300,
    "default_cache_ttl": 0,
    "sql_time_limit_ms": 2000,
    "num_sql_threads": 2,
}
_FOLDER = Path(str(files("zjcrawl.web")))


class Memory:
    """What was counted once, until a crawl commits: `PRAGMA data_version` tells, of one connection in one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._clock = ThreadPoolExecutor(1)
        self._archive: Archive | None = None
        self._known: dict[object, tuple[int, Any]] = {}

    def of(self, name: object, count: Callable[[], T]) -> T:
        """What was counted under a name, counted anew where the archive has changed."""
        now = self._clock.submit(self._version).result()
        version, value = self._known.get(name, (None, None))
        if version != now:
            value = count()
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[name] = (now, value)
        return value  # type: ignore[return-value]

    def _version(self) -> int:
        if self._archive is None:
            self._archive = Archive(self._folder)
        return int(self._archive.value("PRAGMA data_version"))

    def close(self) -> None:
        self._clock.submit(lambda: self._archive.close() if self._archive else None)
        self._clock.shutdown()


class _Held(Database):  # type: ignore[misc]
    """The archive's database as Datasette's own pages read it."""

    def connect(self, write: bool = False) -> Any:
        if write:
            raise StorageError("the archive is not written from here")
        with Archive(Path(self.path).parent) as held:
            return held.connect()


class Site(Datasette):  # type: ignore[misc]
    """Datasette for one archive. Raises InputError where there is none; `anywhere` answers under any host name."""

    def __init__(self, folder: Path, *, sql: bool = False, anywhere: bool = False) -> None:
        Archive(folder).close()
        self.folder, self.sql, self.anywhere, self.counted = folder, sql, anywhere, Memory(folder)
        super().__init__(
            [],
            metadata=metadata(),
            settings={**_SETTINGS, "default_allow_sql": sql},
            template_dir=str(_FOLDER / "templates"),
            static_mounts=[("static", str(_FOLDER / "static"))],
        )
        self.remove_database("_memory")
        self.add_database(_Held(self, str(folder / NAME)), name="archive")


# -- pages -----------------------------------------------------------------------------------------------------------


def _view(template: str, build: Build) -> Callable[..., Awaitable[Any]]:
    """A page: what `build` finds, in a thread of its own, set by a template. An error of the asker's is one sentence."""

    async def view(request: Any, datasette: Site) -> Any:
        ask = ask_of(request)
        named = request.url_vars

        def told() -> tuple[int, str, dict[str, Any]]:
            words = Words(ask.language)
            try:
                with Archive(datasette.folder) as held:
                    shared = {"channels_held": datasette.counted.of("channels", lambda: search.channels_held(held))}
                    try:
                        return 200, template, shared | build(held, ask, words, **_wanted(build, datasette), **named)
                    except article.MissingError as error:
                        return 404, "error.html", shared | {"error": sentence(error, words), "status": 404}
                    except InputError as error:
                        return 400, template, shared | {"error": sentence(error, words)}
            except ZjcrawlError as error:
                return 503, "error.html", {"error": str(error), "status": 503}

        status, file, values = await asyncio.to_thread(told)
        html = await datasette.render_template(file, {"ask": ask, **values}, request=request)
        return Response.html(html, status=status, headers=_kept_language(request))

    return view


def _wanted(build: Build, site: Site) -> dict[str, Any]:
    return {"counted": site.counted} if "counted" in build.__annotations__ else {}


def ask_of(request: Any) -> Ask:
    """What a request asks for. The language is the one chosen now, the one chosen before, or the browser's."""
    chosen = (request.args.get("lang"), request.cookies.get(COOKIE))
    language = next((one for one in chosen if one in LANGUAGES), None)
    pairs = [(name, value) for name in request.args for value in request.args.getlist(name)]
    return Ask(pairs, language or preferred(request.headers.get("accept-language", "")))


def _kept_language(request: Any) -> dict[str, str]:
    chosen = request.args.get("lang")
    return {"Vary": "Accept-Language"} | ({"set-cookie": _cookie(chosen)} if chosen in LANGUAGES else {})


def _without_language(scope: Any) -> tuple[str, dict[str, str]] | None:
    """Where a chosen language is kept and then not asked for: Datasette's tables would take it for a column."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    chosen = next((value for name, value in pairs if name == "lang" and value in LANGUAGES), None)
    if chosen is None:
        return None
    left = urlencode([(name, value) for name, value in pairs if name != "lang"])
    path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or quote(scope["path"])
    return f"{path}?{left}" if left else path, {"set-cookie": _cookie(chosen)}


def _cookie(language: str) -> str:
    return f"{COOKIE}={language}; Path=/; SameSite=Lax; Max-Age=31536000"


def _csv(write: streams.Write) -> Callable[..., Awaitable[None]]:
    """A CSV file, sent as it is written."""

    async def view(request: Any, datasette: Site, send: Any, receive: Any) -> None:
        await streams.send(write, datasette.folder, ask_of(request), send, receive)

    return view


_ROUTES = (
    (r"^/$", _view("start.html", start.page)),
    (r"^/search$", _view("search.html", search.page)),
    (r"^/article/(?P<article_id>\d+)$", _view("article.html", article.page)),
    (r"^/article/(?P<article_id>\d+)/diff$", _view("diff.html", article.diff)),
    (r"^/stats$", _view("stats.html", table.stats_page)),
    (r"^/timeline$", _view("timeline.html", table.timeline_page)),
    (r"^/cooccur$", _view("cooccur.html", table.cooccur_page)),
    (r"^/coverage$", _view("coverage.html", table.coverage_page)),
    (r"^/questions$", _view("questions.html", table.questions_page)),
    (r"^/articles\.csv$", _csv(streams.articles)),
    (r"^/matches\.csv$", _csv(streams.matches)),
    (r"^/stats\.csv$", _csv(streams.stats_rows)),
    (r"^/timeline\.csv$", _csv(streams.timeline_rows)),
    (r"^/coverage\.csv$", _csv(streams.coverage_rows)),
)


# -- hooks of Datasette ----------------------------------------------------------------------------------------------


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Any) -> Any:
    async def look_up(request: Any, datasette: Site) -> Any:
        """From an article's id or address to its page."""
        ask = ask_of(request)

        def found() -> int:
            with Archive(datasette.folder) as held:
                return article.named(held, ask.one("id")).id

        try:
            return Response.redirect(f"/article/{await asyncio.to_thread(found)}")
        except ZjcrawlError as error:
            said = Words(ask.language).sentence(str(error))
            html = await datasette.render_template(
                "error.html", {"ask": ask, "error": said, "status": 404}, request=request
            )
            return Response.html(html, status=404)

    def nothing() -> None:
        raise NotFound("Datasette's pages about itself")

    return (
        [*_ROUTES, (r"^/article$", look_up), (r"^/(-|_internal)(/|$|\.)", nothing)]
        if isinstance(datasette, Site)
        else None
    )


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    if isinstance(datasette, Site):
        conn.create_function("zj_match", 1, _match, deterministic=True)


def _match(query: str) -> str:
    """A query of `zjcrawl search` as FTS5 takes it, for stored queries; what means nothing finds nothing."""
    try:
        return Query.of(query).match() or '""'
    except InputError:
        return '""'


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(request: Any, datasette: Any) -> Any:
    if not isinstance(datasette, Site) or request is None:
        return None
    ask = ask_of(request)
    names = search.channel_names()
    return {
        "ask": ask,
        "_": Words(ask.language),
        "lang": ask.language,
        "path": request.path,
        "sql_allowed": datasette.sql,
        "channel_name": lambda slug: names.get(slug, slug),
        "narrowed": search.narrowed,
        "FACETS": search.FACETS,
        "SORTS": search.SORTS,
    }


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    if isinstance(datasette, Site):
        env.trim_blocks = env.lstrip_blocks = True
        env.filters |= {
            "seen": typeset.seen,
            "visible": typeset.plain,
            "local": typeset.local,
            "moment": typeset.moment,
            "number": typeset.number,
            "kwic": typeset.concordance,
        }
        env.tests["web"] = typeset.is_web
        env.globals |= {"share": charts.share, "_": Words(LANGUAGES[0]), "lang": LANGUAGES[0], "version": __version__}
        env.globals["static"] = lambda name: f"/static/{name}?{__version__}"


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    """Cells of Datasette's tables: articles lead to their page, and what cannot be seen is written out."""
    if not isinstance(datasette, Site):
        return None
    if isinstance(value, int) and (column == "article_id" or (column == "id" and table in ("articles", None))):
        return Markup('<a href="/article/{}">{}</a>').format(value, value)
    if isinstance(value, str) and (typeset.is_web(value) or UNSEEN.search(value)):
        return typeset.seen(value[:300])
    return None


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """What went wrong, on a page like the others; Datasette's own says it to the log where it is nobody's mistake."""
    if not isinstance(datasette, Site):
        return None

    async def told() -> Any:
        status = int(getattr(exception, "status", 500))
        message = getattr(exception, "message", None) if status != 404 else None
        html = await datasette.render_template("error.html", {"status": status, "error": message}, request=request)
        return Response.html(html, status=status)

    return told


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Any:
    return _guarded(datasette) if isinstance(datasette, Site) else None


def _guarded(site: Site) -> Callable[[Any], Any]:
    """Every answer says what a browser may do with it. On loopback no other host name is answered to: a page elsewhere
    could have its name lead here, and read."""
    added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    def wrap(app: Any) -> Any:
        async def wrapped(scope: Any, receive: Any, send: Any) -> Any:
            async def sending(message: Any) -> None:
                if message["type"] == "http.response.start":
                    kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in dict(added)]
                    message = message | {"headers": [*kept, *added]}
                await send(message)

            if scope["type"] != "http":
                return await app(scope, receive, send)
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            if not site.anywhere and not _LOOPBACK.fullmatch(host):
                return await Response.text("This server answers to localhost only.", status=421).asgi_send(sending)
            if scope["path"].startswith("/archive") and (to := _without_language(scope)):
                return await Response.redirect(to[0], headers=to[1]).asgi_send(sending)
            return await app(scope, receive, sending)

        return wrapped

    return wrap


errors.rich = None  # it would print every variable of every frame, of a mistyped address too
pm.register(sys.modules[__name__], name="zjcrawl")
