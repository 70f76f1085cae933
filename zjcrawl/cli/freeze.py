"""`zjcrawl freeze`: a page of the archive becomes a test case."""

from pathlib import Path

import click

from zjcrawl import channels
from zjcrawl.cli.common import archive_folder, archive_option, json_option, print_json
from zjcrawl.cli.parse import described, kept
from zjcrawl.errors import InputError
from zjcrawl.freeze import freeze
from zjcrawl.parse import parse
from zjcrawl.templates import TEMPLATES


@click.command("freeze", short_help="Keep a page of the archive as a test case.")
@click.argument("url")
@click.option("--template", metavar="NAME", help="The template that ought to read it (default: the one that does).")
@click.option(
    "--to", type=click.Path(path_type=Path), default=Path("tests/pages"), show_default=True, metavar="DIR",
    help="The folder of test pages.",
)  # fmt: skip
@json_option
@archive_option
@click.pass_context
def freeze_command(
    context: click.Context, url: str, template: str | None, to: Path, as_json: bool, archive: str | None
) -> None:
    """Write the bytes of an archived page, its address and a draft of what it ought to be read as into a case of its
    own. The tests fail until a person has read the draft and removed its first line.

    Example: zjcrawl freeze http://jx.zjol.com.cn/202304/t20230406_25603389.shtml
    """
    known = [module.NAME for module in TEMPLATES] + ["labels"]
    if template is not None and template not in known:
        raise InputError(f"there is no template {template!r}: use one of {', '.join(known)}")
    captures = kept(archive_folder(context, archive), url)
    article = parse(captures, channels.load())
    case = freeze(captures, article, described(article), to, template or article.template)
    if as_json:
        print_json({"case": str(case), "template": template or article.template})
    else:
        click.echo(
            f"{case}: read expected.json beside the page, mend it, and remove its first line; then run the tests"
        )
