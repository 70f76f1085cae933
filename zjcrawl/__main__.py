"""`python -m zjcrawl` is `zjcrawl`. Ends quietly when it is interrupted, also while it is still being imported."""

import sys


def main() -> None:
    """The `zjcrawl` command."""
    try:
        from zjcrawl.cli import main
    except KeyboardInterrupt:
        sys.exit(130)
    main()


if __name__ == "__main__":
    main()
