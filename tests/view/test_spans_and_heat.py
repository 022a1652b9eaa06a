"""View: spans and heat tables can be read, show what they are given, and refuse what cannot be read."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from abm.analysis.sensitivity import _complete
from abm.experiment.store import ResultsError
from abm.view.charts.heat import heat
from abm.view.charts.spans import Span, spans
from tests.view.readable import assert_readable

NAN = (math.nan, math.nan, math.nan)


@pytest.mark.parametrize("columns", [1, 2])
def test_spans_can_be_read_and_cut_off_what_lies_beyond(columns: int) -> None:
    rows = [Span(f"A thing with a name, number {i}", (-1, 0, 1), (-0.5, 0.1 * i, 9.0), 0.2, f"{i}\tof 30", i % 2 == 0) for i in range(30)]
    rows.append(Span("Nothing but words", NAN, NAN, math.nan, "holds in all"))
    drawn = spans(rows, {}, "A finding", "what was run", "how to read it", "a scale, unit", (-2.0, 2.0), band=(-1, 1), columns=columns)
    assert_readable(drawn.figure)
    assert all(line.get_xdata()[-1] <= 2.0 for axes in drawn.figure.axes for line in axes.lines if len(line.get_xdata()) == 2)
    assert "number 3: 0.30" in drawn.alt
    with pytest.raises(ResultsError, match="can be read"):
        spans([], {}, "t", "", "", "x", (0, 1))


def test_a_heat_table_writes_every_number_and_brackets_what_is_not_clear() -> None:
    columns = pd.MultiIndex.from_product([["first", "second"], ["trust", "unmet_need", "other"]])
    values = pd.DataFrame(np.linspace(0, 1, 48).reshape(8, 6), index=[f"row {i}" for i in range(8)], columns=columns)
    values.iloc[2, 3] = np.nan
    drawn = heat(values, {}, "A finding", "what was run", "how to read it", clear=values > 0.5, middle=0.5, names={"trust": "Trust"})
    assert_readable(drawn.figure)
    texts = [text.get_text() for text in drawn.figure.texts]
    assert "1.00" in texts and "(0.00)" in texts and "Trust" in texts and "row 7, second, other: 1.00" in drawn.alt
    with pytest.raises(ResultsError, match="41 rows"):
        heat(pd.DataFrame(np.zeros((41, 2))), {}, "t", "", "")


def test_blocks_with_a_missing_value_are_left_out_of_an_analysis() -> None:
    frame = pd.DataFrame({"x": np.arange(12.0)})
    frame.loc[5, "x"] = np.nan
    assert _complete(frame, 4).index.tolist() == [0, 1, 2, 3, 8, 9, 10, 11]
    with pytest.raises(ResultsError, match="too few whole blocks"):
        _complete(frame, 6)
