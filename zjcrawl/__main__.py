"""`python -m zjcrawl` is `zjcrawl`."""

from zjcrawl.cli import main

main()
