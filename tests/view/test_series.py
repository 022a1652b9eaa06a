"""View: series and rows of phase maps draw the numbers that they are given, can be read, and refuse what cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.experiment.store import ResultsError
from abm.view import style
from abm.view.charts.forest import forest
from abm.view.charts.phases import phases
from abm.view.charts.series import series
from abm.view.frames import Measure
from tests.view.readable import assert_readable
from tests.view.test_phase import TENTHS, X, Y, design, diagonal, grid

POINTS = Measure("collaborative_share", "Difference", "The difference", "points", percent=False)
FACTS = {"experiment": "made", "seed": 1}


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    with style.applied():
        yield


def table() -> pd.DataFrame:
    """Two panels with two lines each, single values behind the first's."""
    rows = [
        [panel, line, x, slope * x, slope * x - 1, slope * x + 1]
        for panel in ("North", "South")
        for line, slope in (("Rises", 2.0), ("Falls", -1.0))
        for x in range(5)
    ]
    rows += [["North", "", x, 0.5 * x, np.nan, np.nan] for x in range(5)]
    return pd.DataFrame(rows, columns=["panel", "line", "x", "mean", "low", "high"])


def artists(figure: Figure, name: str) -> list[Any]:
    return [each for each in figure.findobj() if each.get_gid() == name]


def the_axes(figure: Figure, name: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_gid() == f"axes:{name}")


def test_lines_bands_and_pale_lines_are_drawn_and_named() -> None:
    drawn = series(table(), FACTS, "Two ways", POINTS, "Years")
    (line,) = artists(drawn.figure, "line:Rises")[:1]
    assert line.get_ydata().tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert [len(each.get_xdata()) for each in artists(drawn.figure, "pale")] == [5, 0]
    assert len(artists(drawn.figure, "label:Falls")) == 2
    assert "North, at the right end: Rises 8.0; Falls −4.0." in drawn.alt
    assert_readable(drawn.figure)


def test_panels_share_a_scale_unless_told_otherwise() -> None:
    rows = table()
    rows.loc[rows["panel"] == "South", ["mean", "low", "high"]] *= 10
    north, south = (the_axes(series(rows, FACTS, "T", POINTS, "Years").figure, name) for name in ("North", "South"))
    assert north.get_ylim() == south.get_ylim()
    own = series(rows, FACTS, "T", POINTS, {"North": "Years", "South": "Months"}, shared=False).figure
    assert the_axes(own, "North").get_ylim() != the_axes(own, "South").get_ylim()
    assert the_axes(own, "South").get_xlabel() == "Months"


@pytest.mark.parametrize("rows", [table().iloc[:0], table().drop(columns="low")])
def test_nothing_to_draw_is_said(rows: pd.DataFrame) -> None:
    with pytest.raises(ResultsError, match="no series to draw"):
        series(rows, FACTS, "T", POINTS, "Years")


def test_too_many_lines_are_refused() -> None:
    rows = pd.concat([table().assign(line=f"line {i}") for i in range(9)])
    with pytest.raises(ResultsError, match="at most 6 and 8"):
        series(rows, FACTS, "T", POINTS, "Years")


def test_maps_share_their_shades_and_their_line() -> None:
    """The second map lies above the first; the line half-way between all of them is at the first one's top."""
    low, high = (design(grid(TENTHS, TENTHS), lambda x, y, up=up: diagonal(x, y) + up, noise=0.0) for up in (0.0, 0.3))
    drawn = phases([low, high], ["trust"], "Two maps")
    meshes = artists(drawn.figure, "cells")
    assert len(meshes) == 2 and meshes[0].norm.vmin == meshes[1].norm.vmin and meshes[0].norm.vmax == meshes[1].norm.vmax
    assert artists(drawn.figure, "tipping")
    assert_readable(drawn.figure)


def test_a_level_that_is_not_reached_has_no_line() -> None:
    drawn = phases([design(grid(TENTHS, TENTHS), diagonal)], ["trust"], "One map", [5.0])
    assert not artists(drawn.figure, "tipping")


def test_more_maps_than_can_be_read_are_refused() -> None:
    made = design(grid(TENTHS[:3], TENTHS[:3], (X, Y)), diagonal)
    with pytest.raises(ResultsError, match="at most 6"):
        phases([made] * 4, ["trust", "queue"], "Eight maps")
    with pytest.raises(ResultsError, match="grid of two numbers"):
        phases([design(pd.DataFrame({X: [0.1, 0.2]}), lambda x: x)], ["trust"], "No map")


def test_narrow_panels_of_a_forest_say_the_mean_alone() -> None:
    names = ["trust", "unmet_need", "lasting_share", "prevention_share", "deficit_share", "hospital_share"]
    rows = pd.DataFrame([{"row": "One", "outcome": name, "difference": -0.12, "low": -0.15, "high": -0.1} for name in names])
    figure = forest(rows, FACTS, "Six panels").figure
    assert {text.get_text() for text in artists(figure, "number")} == {"−12"}
    assert_readable(figure)


def test_numbers_of_a_forest_may_go_without_sign() -> None:
    rows = pd.DataFrame([{"row": "One", "outcome": "Time", "difference": 3.0, "low": 2.0, "high": 5.0}])
    figure = forest(rows, FACTS, "Time", units={"Time": "quarters"}, signed=False).figure
    assert [text.get_text() for text in artists(figure, "number")] == ["3 (2 to 5)"]
