"""What CONTRIBUTING.md tells people to do is what works."""

import re
from pathlib import Path

from click.testing import CliRunner

from zjcrawl import channels
from zjcrawl.cli import cli
from zjcrawl.templates import TEMPLATES

TOP = Path(__file__).parent.parent
TEXT = (TOP / "CONTRIBUTING.md").read_text("utf-8")


def test_a_channel_is_the_line_it_shows(tmp_path: Path) -> None:
    (line,) = re.findall(r"```toml\n(.*)\n```", TEXT)
    slug = line.partition(" ")[0]
    known = channels.load().channels
    new = line.replace(slug, "mine", 1).replace("jx.zjol.com.cn", "mine.zjol.com.cn")
    (tmp_path / "mine.toml").write_text(new, "utf-8")
    assert channels.load(tmp_path / "mine.toml").channels["mine"].name == known[slug].name
    assert line.split("=")[0].strip() in (TOP / "zjcrawl" / "channels.toml").read_text("utf-8")


def test_a_template_is_what_it_says() -> None:
    for template in TEMPLATES:
        for name in ("NAME", "VERSION", "MARKS", "claims", "extract"):
            assert f"`{name}" in TEXT
            assert hasattr(template, name), template
        assert template.__doc__
        path = TOP / "zjcrawl" / "templates" / f"{template.NAME}.py"
        assert path.read_text("utf-8").count("\n") < 60, f"{path.name} is more than a screen"


def test_every_file_and_verb_it_names_exists() -> None:
    for name in re.findall(r"`((?:zjcrawl|tests)/[\w/.]+\.\w+)`", TEXT):
        assert (TOP / name).exists(), name
    for words in re.findall(r"`zjcrawl ([a-z]+)([^`]*)`", TEXT):
        verb, options = words
        shown = CliRunner().invoke(cli, [verb, "--help"]).output
        for option in re.findall(r"--[a-z-]+", options):
            assert option in shown, (verb, option)
    for target in re.findall(r"`make (\w+)`", TEXT):
        assert f"\n{target}:" in (TOP / "Makefile").read_text("utf-8")
