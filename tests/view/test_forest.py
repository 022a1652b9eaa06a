"""View: a forest plot puts every effect at its place, fills what is clear, writes its numbers, and can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.experiment.store import ResultsError
from abm.view.charts.forest import MOST_PANELS, MOST_ROWS, forest
from tests.view.readable import assert_readable


def effects(rows: int = 3, outcomes: tuple[str, ...] = ("collaborative_share", "trust")) -> pd.DataFrame:
    values = [[f"Row {i}", name, 0.05 * (i - 1), 0.05 * (i - 1) - 0.02, 0.05 * (i - 1) + 0.02] for name in outcomes for i in range(rows)]
    return pd.DataFrame(values, columns=["row", "outcome", "difference", "low", "high"])


def test_dots_and_lines_are_the_effects_in_points_and_hollow_where_unclear() -> None:
    drawn = forest(effects(), {}, "A title")
    assert len(drawn.figure.axes) == 2
    for axes in drawn.figure.axes:
        dots = [line for line in axes.lines if line.get_gid() == "dot"]
        spans = [line for line in axes.lines if line.get_gid() == "interval"]
        assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx([-5.0, 0.0, 5.0])
        assert [tuple(span.get_xdata()) for span in spans] == [pytest.approx(ends) for ends in [(-7.0, -3.0), (-2.0, 2.0), (3.0, 7.0)]]
        faces = [dot.get_markerfacecolor() for dot in dots]
        assert faces[0] == faces[2] != faces[1]  # the middle one's interval takes in zero
    assert "Row 0 −5.0" in drawn.alt
    assert_readable(drawn.figure)


def test_rows_stand_below_their_headings() -> None:
    drawn = forest(effects(), {}, "A title", groups={"Row 0": "First", "Row 1": "First", "Row 2": "Second"})
    heights = {text.get_text(): text.get_position()[1] for text in drawn.figure.texts}
    order = ["First", "Row 0", "Row 1", "Second", "Row 2"]
    assert [heights[name] for name in order] == sorted((heights[name] for name in order), reverse=True)


@pytest.mark.parametrize(("rows", "panels"), [(1, 1), (MOST_ROWS, 3), (12, MOST_PANELS)])
def test_few_and_many_can_be_read(rows: int, panels: int) -> None:
    names = ("collaborative_share", "trust", "deficit_share", "lasting_share", "unmet_need", "delayed_share")[:panels]
    assert_readable(forest(effects(rows, names), {}, "A title", "What was run", "How to read it").figure)


def test_what_cannot_be_read_or_is_not_there_is_refused_and_a_blank_is_left_out() -> None:
    for bad, said in ((effects(MOST_ROWS + 1), "at most 34"), (effects().drop(columns="low"), "no column low"), (effects(0), "no effects")):
        with pytest.raises(ResultsError, match=said):
            forest(bad, {}, "A title")
    blank = effects().assign(difference=[np.nan, 0, 0.05] * 2)
    assert sum(line.get_gid() == "dot" for line in forest(blank, {}, "A title").figure.axes[0].lines) == 2
