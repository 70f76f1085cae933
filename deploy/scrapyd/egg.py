"""Builds the egg that Scrapyd takes: `python deploy/scrapyd/egg.py zjcrawl.egg`, then

curl http://127.0.0.1:6800/addversion.json -F project=zjcrawl -F version=1 -F egg=@zjcrawl.egg

An egg holds the package with its data and names its settings; Scrapyd's own Python needs what the package depends on.
"""

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

TOP = Path(__file__).parent.parent.parent


def build(out: Path) -> None:
    """Writes the egg of the package beside this folder."""
    version = next(
        line.split('"')[1] for line in (TOP / "zjcrawl" / "__init__.py").read_text("utf-8").splitlines()
        if line.startswith("__version__")
    )  # fmt: skip
    with ZipFile(out, "w", ZIP_DEFLATED) as egg:
        egg.writestr("EGG-INFO/PKG-INFO", f"Metadata-Version: 2.1\nName: zjcrawl\nVersion: {version}\n")
        egg.writestr("EGG-INFO/entry_points.txt", "[scrapy]\nsettings = zjcrawl.settings\n")
        egg.writestr("EGG-INFO/top_level.txt", "zjcrawl\n")
        for path in sorted((TOP / "zjcrawl").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                egg.write(path, path.relative_to(TOP))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("name the egg to write: python deploy/scrapyd/egg.py zjcrawl.egg")
    build(Path(sys.argv[1]))
