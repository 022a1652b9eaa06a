"""View: predictions are drawn as their rows say, whatever is missing or alike, and can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.experiment.store import ResultsError
from abm.view.predicted import NEEDED, Panel, chances, intervals
from tests.view.readable import assert_readable


def rows(count: int, width: float = 0.2) -> pd.DataFrame:
    middle = np.linspace(0.1, 0.9, count)
    parts = [middle, middle - width / 2, middle + width / 2, middle - width, middle + width]
    return pd.DataFrame(
        {"label": [f"A prediction with a fairly long name, number {i}" for i in range(count)]} | dict(zip(NEEDED[1:], parts, strict=True))
    )


def test_each_row_has_its_bars_and_its_numbers() -> None:
    drawn = intervals([Panel("One", "share", rows(3)), Panel("Two", "points", rows(2) * 1, zero=True)], {}, "A title", "what was run")
    first = next(axes for axes in drawn.figure.axes if axes.get_gid() == "panel:One")
    thin = [line for line in first.lines if len(line.get_xdata()) == 2 and line.get_linewidth() < 2]
    assert [tuple(np.round(line.get_xdata(), 3)) for line in thin] == [(-0.1, 0.3), (0.3, 0.7), (0.7, 1.1)]
    texts = [text.get_text() for text in drawn.figure.texts]
    assert "0.50 (0.30 to 0.70)" in texts and "number 2" in drawn.alt
    assert_readable(drawn.figure)


@pytest.mark.parametrize("count", [1, 12])
def test_rows_that_are_alike_or_missing_do_no_harm(count: int) -> None:
    same = rows(count, width=0.0)
    drawn = intervals([Panel("One", "share", same), Panel("None", "share", rows(2).assign(median=np.nan))], {}, "A title")
    assert len([axes for axes in drawn.figure.axes]) == 1
    assert_readable(drawn.figure)
    with pytest.raises(ResultsError, match="no predictions"):
        intervals([Panel("None", "share", rows(2).assign(median=np.nan))], {}, "A title")


def test_chances_stand_from_highest_to_lowest() -> None:
    kinds = pd.MultiIndex.from_tuples([(str(i), ("acute", "mental health")[i % 2]) for i in range(40)])
    one, other = pd.Series(np.linspace(0, 1, 40), kinds), pd.Series(np.zeros(30))
    drawn = chances({"40 providers": ("Chance of a deficit", one), "30 councils": ("Chance of distress", other)}, {}, "A title")
    panel = next(axes for axes in drawn.figure.axes if axes.get_gid() == "panel:40 providers")
    shown = {x: y for line in panel.lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)}
    assert [shown[x] for x in sorted(shown)] == pytest.approx(sorted(100 * one, reverse=True))
    assert_readable(drawn.figure)
