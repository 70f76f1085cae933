"""Bars of text."""

_EIGHTHS = "▏▎▍▌▋▊▉█"


def bar(share: float, width: int) -> str:
    """A bar over a share (0 to 1) of `width` columns, to an eighth of a column; what is more than nothing is seen."""
    eighths = min(8 * width, max(round(share * 8 * width), 1 if share > 0 else 0))
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")
