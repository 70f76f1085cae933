"""A data package is what its descriptor says, by another program's judgement; and it says how it was made."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import zjcrawl
from tests.archiving import LIST, SHANGHAI, article, capture, look, refuses, run
from tests.exporting import HOSTILE, rows_of
from zjcrawl.archive import Archive, Transaction
from zjcrawl.errors import InputError, StorageError
from zjcrawl.export import Choice, export_package
from zjcrawl.export.held import Gap, Gaps, days
from zjcrawl.filters import Filters
from zjcrawl.models import Credit, Errand, Lead, Listing
from zjcrawl.search import Query

FILES = [
    "CITATION.cff",
    "SHA256SUMS",
    "articles.csv",
    "coverage.csv",
    "credits.csv",
    "datapackage.json",
    "gaps.csv",
    "tags.csv",
]
CHOICES: dict[str, Choice] = {
    "all": Choice(),
    "some": Choice(Filters.of(reporter=["王蓉"], from_="2019"), Query.of("嘉兴 OR 虚构")),
    "metadata": Choice(wording=False),
    "features": Choice(ngrams=(1, 2)),
    "none": Choice(Filters.of(source=["没有"])),
}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hostile texts, credits in many roles; and a channel of which on September 5 something is missing, with a list that
    was read on the 1st and the 10th."""
    folder = tmp_path_factory.mktemp("held")

    def work(t: Transaction) -> None:
        for number, text in enumerate(HOSTILE):
            name = text.strip()[:20] or "无名"
            seen = article(
                f"{LIST}{number}", text=text, title=text, tags=[name, "市委"],
                credits=[Credit("reporter", "王蓉", text), Credit("editor", name, text), Credit("intern", "李四", "")],
                published_at=datetime(2026, 9, 1 + number % 9, tzinfo=SHANGHAI) if number else None,
            )  # fmt: skip
            look(t, seen, capture(seen.url))
        leads = (Lead(f"{LIST}lost", "没了", None, datetime(2026, 9, 5, tzinfo=SHANGHAI)), Lead(f"{LIST}1", "有"))
        for day in (1, 10):
            errand = Errand("listing", "jx", LIST)
            kept = t.keep(capture(LIST, b"%d" % day, fetched_at=datetime(2026, 9, day, 4, tzinfo=UTC), errand=errand))
            t.connection.execute("UPDATE captures SET outcome = 'listed' WHERE id = ?", (kept,))
            t.record_listing("jx", LIST, Listing(leads, None, "ul"), seen_at=datetime(2026, 9, day, 4, tzinfo=UTC))
        t.finish(f"{LIST}lost", "unreachable", state="failed")

    run(folder, work)
    return folder


@pytest.fixture(scope="module")
def packages(held: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("packages")
    with Archive(held) as archive:
        for name, choice in CHOICES.items():
            export_package(archive, out / name, choice)
    return {name: out / name for name in CHOICES}


def descriptor(package: Path) -> dict[str, Any]:
    return dict(json.loads((package / "datapackage.json").read_text("utf-8")))


@pytest.mark.parametrize("name", CHOICES)
def test_frictionless_finds_it_valid(packages: dict[str, Path], name: str) -> None:
    frictionless = pytest.importorskip("frictionless")
    package = packages[name]
    assert sorted(path.name for path in package.iterdir()) == FILES
    report = frictionless.Package(str(package / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "message"])[:5]
    assert [task.name for task in report.tasks] == ["articles", "credits", "tags", "coverage", "gaps"]


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("articles.csv", "mlf2016", "mlf2017"),
        ("articles.csv", "2026-09-02T", "2026-99-02T"),
        ("credits.csv", "\r\n1,", "\r\n999,"),
        ("tags.csv", "市委", "市"),
    ],
)
def test_frictionless_finds_what_was_changed(
    packages: dict[str, Path], tmp_path: Path, file: str, before: str, after: str
) -> None:
    frictionless = pytest.importorskip("frictionless")
    copy = shutil.copytree(packages["all"], tmp_path / "copy")
    content = (copy / file).read_bytes()
    assert before.encode() in content
    (copy / file).write_bytes(content.replace(before.encode(), after.encode(), 1))
    assert not frictionless.Package(str(copy / "datapackage.json")).validate().valid


@pytest.mark.parametrize("name", CHOICES)
def test_checksums_and_counts(packages: dict[str, Path], name: str) -> None:
    package = packages[name]
    sums = dict(reversed(line.split("  ")) for line in (package / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        file: hashlib.sha256((package / file).read_bytes()).hexdigest() for file in FILES if file != "SHA256SUMS"
    }
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=package, check=True, capture_output=True)
    for resource in descriptor(package)["resources"]:
        content = (package / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        found = rows_of(package / resource["path"])
        assert resource["rows"] == len(found)
        assert [field["name"] for field in resource["schema"]["fields"]] == content.decode().partition("\r\n")[0].split(
            ","
        )
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_every_number_has_its_unit_and_every_name_its_glue(packages: dict[str, Path]) -> None:
    fields = {
        (resource["name"], field["name"]): field
        for package in packages.values()
        for resource in descriptor(package)["resources"]
        for field in resource["schema"]["fields"]
    }
    counts = {key for key, field in fields.items() if field.get("constraints", {}).get("minimum") == 0}
    assert counts - {("articles", "template_version")} == {key for key, field in fields.items() if "unit" in field} - {
        ("articles", "ngrams"),
        ("gaps", "days"),
    }
    assert fields["articles", "reporters"]["description"].endswith("joined by ';'")


def test_it_says_what_was_chosen(packages: dict[str, Path], held: Path) -> None:
    told = descriptor(packages["some"])["zjcrawl"]
    assert told["version"] == zjcrawl.__version__
    assert told["query"] == "嘉兴 OR 虚构"
    assert told["filters"] == {"from": "2019-01-01", "reporter": ["王蓉"]}
    assert (told["wording"], told["features"], told["as_of"]) == (True, [], None)
    assert (told["snapshot"]["articles"], told["snapshot"]["day"]) == (len(HOSTILE), "2026-11-24")
    assert descriptor(packages["all"])["version"].startswith("2026-11-24-" + told["snapshot"]["sha256"][:12])
    assert descriptor(packages["features"])["zjcrawl"]["features"] == [1, 2]
    for name in ("metadata", "features"):
        assert descriptor(packages[name])["zjcrawl"]["wording"] is False
    assert len(rows_of(packages["some"] / "articles.csv")) == len(HOSTILE) - 1  # the first has no date


def test_credits_and_tags_are_those_of_the_chosen(packages: dict[str, Path]) -> None:
    chosen = {row["id"] for row in rows_of(packages["some"] / "articles.csv")}
    for file in ("credits.csv", "tags.csv"):
        assert {row["article_id"] for row in rows_of(packages["some"] / file)} == chosen
        assert rows_of(packages["none"] / file) == []
    first = [row for row in rows_of(packages["all"] / "credits.csv") if row["article_id"] == "1"]
    assert [(row["role"], row["name"], row["printed"]) for row in first] == [
        ("reporter", "王蓉", HOSTILE[0]), ("editor", HOSTILE[0], HOSTILE[0]), ("intern", "李四", ""),
    ]  # fmt: skip


def test_coverage_and_gaps(packages: dict[str, Path]) -> None:
    found = {row["day"]: row for row in rows_of(packages["all"] / "coverage.csv")}
    assert (found["2026-09-05"]["status"], found["2026-09-05"]["missing"]) == ("missing", "unreachable 1")
    assert found["2026-09-01"]["looks"] == "1"
    assert max(found) == "2026-11-24"
    gaps = rows_of(packages["all"] / "gaps.csv")
    assert [(gap["first_day"], gap["last_day"], gap["status"], gap["missing"]) for gap in gaps] == [
        ("2026-09-05", "2026-09-05", "missing", "1"), ("2026-09-11", "2026-11-24", "down", "0"),
    ]  # fmt: skip
    assert int(gaps[1]["days"]) == (date(2026, 11, 24) - date(2026, 9, 10)).days


def test_gaps_are_days_in_a_row_of_one_channel_and_status(held: Path) -> None:
    with Archive(held) as archive, archive.at_one_moment() as moment:
        some = list(days(moment, ("jx", "nb"), date(2026, 9, 1), date(2026, 9, 12)))
    assert {day.channel for day in some} == {"jx"}  # of nb there is nothing to say
    gaps = Gaps()
    for day in some:
        gaps.add(day)
    assert gaps.found[-1] == Gap("jx", date(2026, 9, 11), date(2026, 9, 12), "down", 0)


def test_the_citation_is_one(packages: dict[str, Path], held: Path, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    title, authors = 'A: "title" # 嘉兴\n', ["王蓉", "Li & Söhne: 'x'"]
    with Archive(held) as archive:
        export_package(archive, tmp_path / "a", title=title, authors=authors)
    for package, named, by in ((tmp_path / "a", title, authors), (packages["all"], None, ["zjcrawl"])):
        told = yaml.safe_load((package / "CITATION.cff").read_text("utf-8"))
        assert {"cff-version", "message", "type", "title", "authors", "version", "date-released"} <= set(told)
        assert (told["cff-version"], told["type"], told["date-released"]) == ("1.2.0", "dataset", date(2026, 11, 24))
        assert [one["name"] for one in told["authors"]] == by
        assert [one["title"] for one in descriptor(package)["contributors"]] == by
        assert told["title"] == (named or descriptor(package)["title"])
        assert told["identifiers"][0]["value"] == "sha256:" + descriptor(package)["zjcrawl"]["snapshot"]["sha256"]


def test_of_an_empty_archive(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    run(tmp_path / "a")
    with Archive(tmp_path / "a") as archive:
        assert export_package(archive, tmp_path / "out").rows == 0
    assert frictionless.Package(str(tmp_path / "out" / "datapackage.json")).validate().valid
    assert "date-released" not in (tmp_path / "out" / "CITATION.cff").read_text("utf-8")


# -- where it is put -------------------------------------------------------------------------------------------------


def test_a_folder_is_replaced_only_if_it_is_a_package(held: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()  # an empty one is as good as none
    with Archive(held) as archive:
        export_package(archive, out, CHOICES["none"])
        with pytest.raises(InputError, match="is there already: name another folder, or replace it with --force"):
            export_package(archive, out)
        export_package(archive, out, force=True)
        assert len(rows_of(out / "articles.csv")) == len(HOSTILE)
        (out / "datapackage.json").unlink()
        with pytest.raises(InputError, match=r"holds no datapackage\.json, so it is something else"):
            export_package(archive, out, force=True)
        assert (out / "articles.csv").exists()
        (tmp_path / "file").write_text("mine")
        with pytest.raises(InputError, match="is a file: name a folder"):
            export_package(archive, tmp_path / "file", force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out"]


@pytest.mark.parametrize("place", ["", "warc", "warc/new", "..", "archive.db"])
def test_the_archive_is_not_replaced(tmp_path: Path, place: str) -> None:
    home = tmp_path / "all" / "a"
    run(home, lambda t: look(t, article()))
    for folder in (home, home.parent):
        (folder / "datapackage.json").write_text("{}")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with Archive(home) as archive, pytest.raises(InputError):
        export_package(archive, home / place, force=True)
    assert {path: path.read_bytes() for path in before} == before
    assert {path.name for path in tmp_path.rglob("*") if path.is_dir()} == {"all", "a", "warc"}


def test_it_may_stand_in_the_archives_folder(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    with Archive(tmp_path) as archive:
        assert export_package(archive, tmp_path / "package").rows == 1


def test_it_has_no_standard_output(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot go to standard output: name a folder" in refuses(capsys, held, "export", "package", "-")


def test_a_full_disk_is_told_and_nothing_is_left(held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("zjcrawl.export.package.lines", full)
    with Archive(held) as archive, pytest.raises(StorageError) as error:
        export_package(archive, tmp_path / "a")
    assert str(error.value) == f"cannot write {tmp_path / 'a'}: No space left on device: free some space"
    assert not list(tmp_path.iterdir())


def test_a_day_of_which_nothing_was_known(held: Path, tmp_path: Path) -> None:
    with Archive(held, known=date(2020, 1, 1)) as archive:
        assert export_package(archive, tmp_path / "a").rows == 0
    told = descriptor(tmp_path / "a")["zjcrawl"]
    assert (told["as_of"], told["snapshot"]["articles"], told["snapshot"]["day"]) == ("2020-01-01", 0, "2020-01-01")
    assert rows_of(tmp_path / "a" / "coverage.csv") == []


def test_days_are_looked_at_in_pieces(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = date(2026, 9, 1)
    with Archive(held) as archive, archive.at_one_moment() as moment:
        whole = list(days(moment, ("jx", "nb", "wz"), first, first + timedelta(days=20)))
        monkeypatch.setattr("zjcrawl.export.held._CELLS", 30)
        assert list(days(moment, ("jx", "nb", "wz"), first, first + timedelta(days=20))) == whole
