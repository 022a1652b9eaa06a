"""View: responses, phase maps and ramps draw what a design gave; lines stand where a known function has them, and none where luck rules."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.experiment.conduct import sweep
from abm.experiment.store import ResultsError
from abm.view import style
from abm.view.charts.dose import distinct, respond, tip, together
from abm.view.charts.phase import contrast, phase, phase_figure
from abm.view.charts.ramp import interval, loops, ramp, ramp_figure, ways
from abm.view.charts.response import response, response_figure
from abm.view.charts.surface import smooth, surface
from abm.view.sheet import CARD, WIDE
from abm.view.source import Source, opened
from tests.view.readable import assert_readable
from tests.view.test_curves import artists

X, Y, CHOICE = "levers.finance_share", "levers.bypass_rate", "levers.convenor"


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    with style.applied():
        yield


def design(points: pd.DataFrame, of: Callable[..., float], replicates: int = 4, noise: float = 0.01, own: float = 0.0) -> Source:
    """Results of a design in which the outcome is `of` a point's factors, plus luck that all points share and luck of its own."""
    rng = np.random.default_rng(8)
    luck = rng.normal(0, noise, replicates)
    rows = [
        {"scenario": "baseline", "point": p, "replicate": r, "quarter": 0, "year": "2024/25"}
        | {"trust": (value := of(*row) + luck[r] + rng.normal(0, own)), "queue": 10 * value}
        for p, row in enumerate(points.itertuples(index=False, name=None))
        for r in range(replicates)
    ]
    told = {"scenarios": [{"name": "baseline", "title": "Baseline"}], "baseline": "baseline", "replicates": replicates, "quarters": 1}
    tables = {"outcomes": pd.DataFrame(rows), "points": points.rename_axis("point").reset_index()}
    return Source(told | {"points": len(points), "paired": True, "runs": len(rows)}, None, tables)


def grid(x: list[float], y: list[Any], names: tuple[str, str] = (X, Y)) -> pd.DataFrame:
    return pd.DataFrame(list(itertools.product(x, y)), columns=list(names))


def scattered(count: int, seed: int = 2) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).random((count, 2)), columns=[X, Y])


def step_at(at: float, width: float = 0.02) -> Callable[..., float]:
    """From 0.7 to 0.3 around `at`."""
    return lambda x, *_: 0.5 - 0.2 * math.tanh((x - at) / width)


TENTHS = [i / 10 for i in range(11)]


# ---- responses ---------------------------------------------------------------------------------------------------------------


def test_levels_have_the_means_and_t_intervals_over_replicates() -> None:
    made = design(grid([0.2, 0.8], [0.0, 0.5]), lambda x, y: 0.5 - 0.3 * x * y, noise=0.05)
    found = respond(made, X, "trust", "baseline")
    rows = made.tables["outcomes"].assign(x=lambda f: f["point"].map(made.points[X]))
    by = rows.groupby(["x", "replicate"])["trust"].mean().unstack()
    np.testing.assert_allclose(found.mean, by.mean(axis=1))
    half = 3.182446 * by.std(axis=1, ddof=1) / 2  # t of 3 degrees, 4 replicates
    np.testing.assert_allclose(found.high - found.mean, half, rtol=1e-5)
    assert found.basis == "replicates, averaged over bypass rate"


def test_shared_luck_does_not_hide_a_change_that_every_replicate_has() -> None:
    made = design(pd.DataFrame({X: TENTHS}), lambda x: 0.5 - 0.1 * x, noise=0.2, own=0.001)
    found = respond(made, X, "trust", "baseline")
    assert found.high[-1] > found.low[0]  # the levels' own intervals overlap
    assert distinct(found) is True
    assert "falls" in response(made, [X], ["trust"]).title


def test_luck_alone_is_no_clear_change() -> None:
    for seed in range(5):
        made = design(pd.DataFrame({X: TENTHS}), lambda x: 0.5, own=0.05, noise=0.0, replicates=3 + seed)
        if not distinct(respond(made, X, "trust", "baseline")):
            assert response(made, [X], ["trust"]).title == "No clear change in trust over the range of finance share"
            return
    pytest.fail("luck was taken for an effect five times")


def test_an_abrupt_change_is_told_from_a_straight_line() -> None:
    found = tip(respond(design(pd.DataFrame({X: TENTHS}), step_at(0.55)), X, "trust", "baseline"))
    assert found is not None and found.abrupt and found.between == (0.5, 0.6) and found.at == pytest.approx(0.55, abs=0.01)
    line = tip(respond(design(pd.DataFrame({X: TENTHS}), lambda x: 0.8 - 0.5 * x), X, "trust", "baseline"))
    assert line is not None and not line.abrupt and line.share == pytest.approx(0.5, abs=0.01)
    few = tip(respond(design(pd.DataFrame({X: [0.0, 0.5, 1.0]}), step_at(0.55)), X, "trust", "baseline"))
    assert few is not None and math.isnan(few.share) and not few.abrupt


def test_single_runs_give_no_intervals_and_no_turning_point() -> None:
    made = design(pd.DataFrame({X: TENTHS}), step_at(0.55), replicates=1)
    found = respond(made, X, "trust", "baseline")
    assert np.isnan(found.low).all() and tip(found) is None
    drawn = response(made, [X], ["trust"])
    assert "no intervals: one run each" in drawn.note and drawn.title.startswith("In single runs, ")


def test_scattered_points_are_taken_together_with_neighbours() -> None:
    made = design(scattered(60), lambda x, y: 0.8 - 0.4 * x, replicates=2)
    found = respond(made, X, "trust", "baseline")
    assert len(found.x) == 8 and sum(map(len, found.rows)) == 60 and len(found.dots) == 60
    assert (np.diff(found.mean) < 0).all() and "bypass rate differs too" in found.basis


def test_points_built_from_one_another_get_no_intervals() -> None:
    made = design(scattered(60), lambda x, y: 0.8 - 0.4 * x)
    made.__dict__["config"] = {"design": {"kind": "sobol"}}
    found = respond(made, X, "trust", "baseline")
    assert not found.intervals and distinct(found) is None and tip(found) is None


def test_a_held_factor_leaves_only_its_points() -> None:
    made = design(grid([0.2, 0.8], [0.0, 0.5]), lambda x, y: 0.5 - 0.3 * x * y, noise=0.0)
    found = respond(made, X, "trust", "baseline", {Y: 0.5})
    np.testing.assert_allclose(found.mean, [0.5 - 0.03, 0.5 - 0.12])
    drawn = response(made, [X], ["trust"], fixed={"bypass_rate": 0.5})
    assert "bypass rate held at 0.5" in drawn.note and "averaged" not in drawn.note
    with pytest.raises(ResultsError, match=r"never 0\.4"):
        respond(made, X, "trust", "baseline", {Y: 0.4})


def test_the_figure_draws_the_means_and_half_way() -> None:
    made = design(pd.DataFrame({X: TENTHS}), step_at(0.55))
    figure = response_figure(made, "finance_share", ["trust"])
    (line,) = artists(figure, "line:")["baseline"]
    np.testing.assert_allclose(line.get_ydata(), 100 * respond(made, X, "trust", "baseline").mean)
    assert len(artists(figure, "path")[""]) == 4
    assert figure.axes[0].get_xlabel() == "Finance share (share of review questions)"
    (half,) = artists(figure, "half:at")[""]
    assert half.get_xdata()[0] == pytest.approx(0.55, abs=0.01)


@pytest.mark.parametrize("page", [None, CARD])
def test_every_text_of_a_response_can_be_read(page: Any) -> None:
    more = {} if page is None else {"page": page}
    levels = design(grid([1, 10, 40], ["icb", "partnership", "none"], ("levers.fence_pots", CHOICE)), lambda x, y: 0.5 - 0.001 * x)
    assert_readable(response(levels, ["fence_pots"], ["trust"], **more).figure)
    assert_readable(response(levels, ["convenor"], ["trust"], **more).figure)
    assert_readable(response(design(scattered(60), lambda x, y: 0.8 - 0.4 * x), [X], ["trust"], **more).figure)


def test_two_factors_that_act_on_each_other_are_told_from_two_that_do_not() -> None:
    corners = grid([0.0, 1.0], [0.0, 1.0])
    both = design(corners, lambda x, y: 0.5 - 0.2 * x - 0.2 * x * y, own=0.005)
    found = together(both, both.factor(X), both.factor(Y), "trust", "baseline")
    assert found is not None and found.change.clear and found.change.mean == pytest.approx(-0.2, abs=0.02)
    apart = design(corners, lambda x, y: 0.5 - 0.2 * x - 0.1 * y, own=0.02)
    alone = together(apart, apart.factor(X), apart.factor(Y), "trust", "baseline")
    assert alone is not None and alone.change.low < 0 < alone.change.high


# ---- phase maps --------------------------------------------------------------------------------------------------------------


def diagonal(x: float, y: float) -> float:
    return 0.5 - 0.2 * math.tanh((x + y - 1) / 0.2)


def tipping(figure: Any) -> np.ndarray:
    return np.concatenate([path.vertices for artist in artists(figure, "tipping")[""] for path in artist.get_paths()])


def test_cells_are_the_means_at_their_levels() -> None:
    made = design(grid([0.0, 0.5, 1.0], [0.1, 0.9]), lambda x, y: 0.2 + 0.3 * x + 0.1 * y, noise=0.0)
    figure = phase_figure(made, "finance_share", "bypass_rate", "trust")
    (mesh,) = artists(figure, "cells")[""]
    np.testing.assert_allclose(mesh.get_array(), 100 * np.array([[0.21, 0.36, 0.51], [0.29, 0.44, 0.59]]))
    texts = {name: text.get_text() for name, (text,) in artists(figure, "cell:").items()}
    assert texts["0:0"] == "21%" and texts["1:2"] == "59%"
    assert_readable(figure)


def test_the_line_of_a_grid_runs_where_the_outcome_is_half_way() -> None:
    made = design(grid(TENTHS, TENTHS), diagonal)
    points = tipping(phase_figure(made, X, Y, "trust"))
    np.testing.assert_allclose(points.sum(axis=1), 1.0, atol=0.03)
    given = tipping(phase_figure(made, X, Y, "trust", level=0.6))
    assert (given.sum(axis=1) < 0.95).all()


def test_the_line_through_scattered_points_runs_there_too() -> None:
    made = design(scattered(150), diagonal, replicates=1)
    drawn = phase(made, X, Y, "trust")
    points = tipping(drawn.figure)
    np.testing.assert_allclose(points.sum(axis=1), 1.0, atol=0.12)
    (dots,) = artists(drawn.figure, "dots")[""]
    assert len(dots.get_offsets()) == 150
    assert surface(made, made.factor(X), made.factor(Y), "trust", "baseline").told > 0.9
    assert_readable(drawn.figure)


def test_luck_has_no_tipping_line() -> None:
    noise = design(scattered(80), lambda x, y: 0.5, own=0.05, replicates=1)
    drawn = phase(noise, X, Y, "trust")
    assert not artists(drawn.figure, "tipping") and "the two factors tell too little" in drawn.note
    cells = design(grid(TENTHS[::3], TENTHS[::3]), lambda x, y: 0.5, own=0.05)
    flat = phase(cells, X, Y, "trust")
    assert not artists(flat.figure, "tipping") and "not clearly apart" in flat.note


def test_the_smoother_gives_a_plane_back() -> None:
    points = np.random.default_rng(1).random((40, 2))
    values = 1 + 2 * points[:, 0] - points[:, 1]
    places = np.array([[0.5, 0.5], [0.3, 0.6]])
    np.testing.assert_allclose(smooth(points, values, places, 0.3), 1 + 2 * places[:, 0] - places[:, 1], atol=1e-3)


def test_choices_make_cells_without_a_line() -> None:
    made = design(grid([1, 10, 40], ["icb", "none"], ("levers.fence_pots", CHOICE)), lambda x, y: 0.5 - 0.01 * x)
    drawn = phase(made, outcome="trust")
    assert not artists(drawn.figure, "tipping") and "one of the factors is a choice" in drawn.note
    assert_readable(drawn.figure)
    mixed = pd.DataFrame({X: np.linspace(0, 1, 9), CHOICE: ["icb", "none", "icb"] * 3})
    with pytest.raises(ResultsError, match="convenor is a choice"):
        phase(design(mixed, lambda x, y: 0.5), X, CHOICE, "trust")


def test_what_is_no_map_is_said() -> None:
    one = design(pd.DataFrame({X: TENTHS}), step_at(0.5))
    with pytest.raises(ResultsError, match="needs two factors"):
        phase(one, outcome="trust")
    with pytest.raises(ResultsError, match="too few for a map"):
        phase(design(scattered(5), diagonal), outcome="trust")
    line = pd.DataFrame({X: np.linspace(0, 1, 20), Y: np.linspace(0, 1, 20)})
    with pytest.raises(ResultsError, match="lie on one line"):
        phase(design(line, diagonal), outcome="trust")


def test_a_map_on_a_page_can_be_read_and_holds_its_heading() -> None:
    figure = phase(design(grid(TENTHS, TENTHS), diagonal), X, Y, "trust", page=WIDE).figure
    assert_readable(figure)
    assert any(text.get_text() == "Trust between partners" for text in figure.texts)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


# ---- there and back ----------------------------------------------------------------------------------------------------------


def ramped(memory: float, replicates: int = 3) -> Source:
    """A ramp up and down in steps of 0.1; the outcome follows 1 - lever, less `memory` once the far end was reached."""
    steps = {0: 0.2, **{4 + i: 0.2 + 0.1 * i for i in range(1, 7)}, **{12 + i: 0.8 - 0.1 * i for i in range(1, 7)}}
    values = pd.Series(steps).reindex(range(24)).ffill()
    rng = np.random.default_rng(4)
    luck = rng.normal(0, 0.002, (replicates, 24))
    rows = [
        {"scenario": "baseline", "point": 0, "replicate": r, "quarter": q, "year": f"{2024 + q // 4}"}
        | {"trust": 1 - values[q] - (memory if q > 10 else 0.0) + luck[r, q]}
        for r in range(replicates)
        for q in range(24)
    ]
    text = json.dumps({"schedule": {str(q): v for q, v in steps.items()}})
    points = pd.DataFrame({"point": [0], "ramp.quarters": [6], "ramp.direction": ["up_down"], X: [text]})
    told = {"scenarios": [{"name": "baseline"}], "baseline": "baseline", "points": 1, "quarters": 24, "replicates": replicates}
    return Source(told, None, {"outcomes": pd.DataFrame(rows), "points": points})


def test_ways_are_found_in_the_schedule() -> None:
    values = np.array([0.2, 0.2, 0.2, 0.5, 0.8, 0.8, 0.8, 0.5, 0.2, 0.2])
    there, back = ways(values)
    assert list(there) == [2, 3, 4] and list(back) == [6, 7, 8]


def test_the_gap_of_a_memory_is_its_size_and_without_memory_there_is_none() -> None:
    _, (loop,) = loops(ramped(0.1), "trust")
    assert loop.gap.mean == pytest.approx(-0.1, abs=0.005) and loop.gap.clear
    assert loop.left.mean == pytest.approx(-0.1, abs=0.01) and loop.later.mean == pytest.approx(-0.1, abs=0.01)
    np.testing.assert_allclose(loop.lever, [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    assert "does not go back the way it came" in ramp(ramped(0.1), "trust").title
    assert ramp(ramped(0.0), "trust").title.startswith("Trust goes back the way it came")


def test_a_ramp_draws_both_ways_and_names_them() -> None:
    figure = ramp_figure(ramped(0.1), "trust")
    for way, part in (("there", slice(4, 11)), ("back", slice(18, 11, -1))):
        rows = ramped(0.1).tables["outcomes"].groupby("quarter")["trust"].mean().to_numpy()
        (line,) = artists(figure, f"{way}:")["0"]
        np.testing.assert_allclose(line.get_ydata(), 100 * rows[part])
    assert set(artists(figure, "way:")) == {"way up", "way down"}
    assert_readable(figure)
    assert_readable(ramp(ramped(0.1), "trust", page=CARD).figure)


def test_one_run_of_a_ramp_has_no_interval() -> None:
    drawn = ramp(ramped(0.1, replicates=1), "trust")
    assert drawn.title == "Trust between partners, there and back: one run each" and "no band" in drawn.note
    assert math.isnan(interval(np.array([1.0])).low)


def test_what_is_no_ramp_is_said() -> None:
    with pytest.raises(ResultsError, match="no way there and back"):
        ramp_figure(design(pd.DataFrame({X: TENTHS}), step_at(0.5)), "trust")


# ---- results folders ---------------------------------------------------------------------------------------------------------


def test_folders_with_designs_are_read(tmp_path: Path) -> None:
    sets = ["quarters=6", "replicates=2", "design.over.levers.finance_share=[0.3, 0.9]", "design.over.levers.bypass_rate=[0.0, 0.6]"]
    sweep("first_sweep", tmp_path / "grid", sets)
    made = opened(tmp_path / "grid")
    found = surface(made, made.factor(X), made.factor(Y), "trust", "baseline")
    means = made.summary[made.summary["outcome"] == "trust"].set_index([Y, X])["mean"]
    np.testing.assert_allclose(found.values, means.unstack().to_numpy())
    with pytest.raises(ResultsError, match=r"did you mean 'levers\.finance_share'"):
        made.factor("levers.finance_shar")


def test_a_design_that_moves_one_factor_at_a_time_is_read_from_its_first_point(tmp_path: Path) -> None:
    over = '{"levers.finance_share": [0.3, 0.9], "levers.bypass_rate": [0.0, 0.6]}'
    sweep("first_sweep", tmp_path / "one", ["quarters=2", "replicates=2", f"design={{kind: one_at_a_time, over: {over}}}"])
    made = opened(tmp_path / "one")
    found = respond(made, X, "trust", "baseline")
    assert list(found.x) == [0.3, 0.6, 0.9] and found.basis == "replicates"  # 0.6 is the default
    with pytest.raises(ResultsError, match="a cross, not a map"):
        phase(made, outcome="trust")
