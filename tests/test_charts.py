"""Charts of the web pages: what a reader can read off them."""

import pytest

from zjcrawl.web.charts import Bar, bars


@pytest.mark.parametrize(("most", "told"), [(1234.0, "1,234"), (12.6, "13"), (3.0, "3"), (0.25, "0.2"), (0.0, "0")])
def test_how_much_the_highest_bar_is_stands_at_its_top(most: float, told: str) -> None:
    drawn = bars([Bar("2019", most / 2), Bar("2020", most)], "Mentions")
    assert drawn.startswith(f'<div class="height" aria-hidden="true">{told}</div>')
