"""What is deployed: every command in deploy/ is one that the command line has, and the units are sound and tight."""

import fcntl
import json
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import click
import pytest

from zjcrawl.cli import cli
from zjcrawl.crawl import settings_from

DEPLOY = Path(__file__).parent.parent / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
UNITS = [*SERVICES, *sorted((DEPLOY / "systemd").glob("*.timer"))]


def ini(path: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text("utf-8"))
    return parser


def parsed(words: list[str]) -> click.Context:
    """A command of ours as click takes it apart, without running it. Raises UsageError for what there is not."""
    top = cli.make_context("zjcrawl", list(words))
    name, command, rest = cli.resolve_command(top, [*top._protected_args, *top.args])
    assert command is not None
    return command.make_context(name, rest, parent=top)


def cron() -> list[tuple[str, str, str]]:
    """The lines of the cron file: when, who, what."""
    lines = (DEPLOY / "cron").read_text("utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and not re.match(r"[A-Z_]+=", line)]
    return [(" ".join(words[:5]), words[5], words[6]) for words in (line.split(None, 6) for line in jobs)]


def container() -> dict[str, list[str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", "")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word.isupper():
            found.setdefault(word, []).append(rest)
    return found


def commands() -> dict[str, list[str]]:
    """Every command of zjcrawl in deploy/, as words behind its name."""
    found = {}
    for path in SERVICES:
        program, *words = shlex.split(ini(path)["Service"]["ExecStart"])
        assert program.endswith("/bin/zjcrawl")
        found[path.name] = words
    for number, (_, _, what) in enumerate(cron()):
        alone = what.removeprefix("flock -n /var/lib/zjcrawl/cron.lock ")
        program, *words = shlex.split(alone.partition(">")[0].replace("$(date +\\%F)", "2026-11-25"))
        assert program == "zjcrawl"
        found[f"cron {number}"] = words
    of = container()
    assert json.loads(of["ENTRYPOINT"][0]) == ["zjcrawl"]
    return found | {"Containerfile": json.loads(of["CMD"][0])}


@pytest.mark.parametrize("name", commands())
def test_every_command_is_one_that_there_is(name: str) -> None:
    context = parsed(commands()[name])
    if context.info_name == "crawl":
        settings_from(context.params["settings"])


def test_a_command_that_there_is_not_would_be_seen() -> None:
    for words in (["crwal"], ["crawl", "--log-fromat", "json"], ["status", "--max-age", "often"]):
        with pytest.raises(click.UsageError):
            parsed(words)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_are_bounded_and_shut_in(path: Path) -> None:
    service = ini(path)["Service"]
    wanted = {
        "Type": "oneshot", "User": "zjcrawl", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
        "PrivateTmp": "yes", "PrivateDevices": "yes", "CapabilityBoundingSet": "", "StateDirectory": "zjcrawl",
        "MemoryMax": "512M", "SystemCallFilter": "@system-service",
    }  # fmt: skip
    assert {name: service[name] for name in wanted} == wanted
    assert service["Environment"] == "ZJCRAWL_ARCHIVE=/var/lib/zjcrawl"
    assert "u zjcrawl " in (DEPLOY / "systemd" / "sysusers.conf").read_text()


def test_only_the_crawl_has_a_network() -> None:
    alone = {path.stem for path in SERVICES if ini(path)["Service"].get("PrivateNetwork") == "yes"}
    assert alone == {path.stem for path in SERVICES} - {"zjcrawl"}


def test_the_whole_archive_is_verified_every_week() -> None:
    assert parsed(commands()["zjcrawl-verify.service"]).params["quick"] is False
    assert ini(DEPLOY / "systemd" / "zjcrawl-verify.timer")["Timer"]["OnCalendar"].startswith("Sun ")


def test_the_status_writes_where_it_may() -> None:
    service = ini(DEPLOY / "systemd" / "zjcrawl-status.service")["Service"]
    metrics = parsed(shlex.split(service["ExecStart"])[1:]).params["prometheus"]
    assert metrics.parent == Path("/run") / service["RuntimeDirectory"]


def test_timers_catch_up_and_start_a_service_of_their_name() -> None:
    timers = [path for path in UNITS if path.suffix == ".timer"]
    assert {path.stem for path in timers} == {path.stem for path in SERVICES}
    for path in timers:
        assert ini(path)["Timer"]["Persistent"] == "true"
        assert ini(path)["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for path in UNITS:
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text("utf-8"), flags=re.M)
        (tmp_path / path.name).write_text(text, "utf-8")
    units = [str(tmp_path / path.name) for path in UNITS]
    services = [unit for unit in units if unit.endswith(".service")]
    for words in (["verify", *units], *(["security", "--offline=yes", "--threshold=20", unit] for unit in services)):
        done = subprocess.run(
            ["systemd-analyze", "--no-pager", *words], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_a_run_of_cron_that_takes_long_keeps_its_log_and_mails_nobody(tmp_path: Path) -> None:
    (what,) = (what for _, _, what in cron() if "zjcrawl crawl" in what)
    begins = "sh -c 'echo the next run > crawl.log; echo locked >&2'"  # as a crawl would that meets another
    what = what.replace("/var/lib/zjcrawl", str(tmp_path)).replace("zjcrawl crawl", begins)
    log = tmp_path / "crawl.log"
    log.write_text("at work\n")

    def start() -> tuple[int, str]:
        done = subprocess.run(["sh", "-c", what], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
        return done.returncode, done.stdout + done.stderr

    with (tmp_path / "cron.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert (start(), log.read_text()) == ((1, ""), "at work\n")
    assert (start(), log.read_text()) == ((0, "locked\n"), "the next run\n")


def test_cron_runs_as_its_own_user_and_at_valid_times() -> None:
    assert len(cron()) == 3
    for when, who, _ in cron():
        assert who == "zjcrawl"
        assert re.fullmatch(r"\d+ (\*|\d+) \* \* (\*|[0-7])", when)


def test_scrapyd_takes_the_egg(tmp_path: Path) -> None:
    conf = ini(DEPLOY / "scrapyd" / "scrapyd.conf")
    assert conf["scrapyd"]["bind_address"] == "127.0.0.1"
    egg = tmp_path / "zjcrawl.egg"
    subprocess.run([sys.executable, str(DEPLOY / "scrapyd" / "egg.py"), str(egg)], check=True, timeout=60)
    with ZipFile(egg) as held:
        entry = held.read("EGG-INFO/entry_points.txt").decode()
        assert {"zjcrawl/settings.py", "zjcrawl/channels.toml"} <= set(held.namelist())
        assert not [name for name in held.namelist() if "__pycache__" in name]
    assert entry == "[scrapy]\nsettings = zjcrawl.settings\n"
    # As Scrapyd imports it: from the egg and nowhere else.
    told = "import zjcrawl, zjcrawl.settings, zjcrawl.spiders.news, zjcrawl.channels as c; print(zjcrawl.__file__, len(c.load().channels))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(egg)!r}); {told}"],
        capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.split() == [f"{egg}/zjcrawl/__init__.py", "97"]


def test_the_container_keeps_its_data_outside_and_runs_as_nobody_special() -> None:
    of = container()
    assert of["USER"] == ["zjcrawl"]
    assert of["ENV"] == ["ZJCRAWL_ARCHIVE=/data"]
    assert of["VOLUME"] == ["/data"]
    copied = [word for line in of["COPY"] for word in line.split()[:-1]]
    assert all((DEPLOY.parent / name).exists() for name in copied)
    assert "--constraint /src/constraints.txt" in of["RUN"][0]
