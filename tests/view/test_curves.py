"""View: curves, distributions and slope charts draw what their tables hold, whatever the number of scenarios, runs and quarters."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image
from scipy.signal import find_peaks

from abm.experiment.conduct import How, sweep
from abm.experiment.store import ResultsError
from abm.view import style
from abm.view.charts.curves import curves, curves_figure
from abm.view.charts.distribution import density, distribution, distribution_figure
from abm.view.charts.slope import slope, slope_figure
from abm.view.drawing import KINDS, draw, options_of
from abm.view.sheet import CARD, SLIDE
from abm.view.source import Source, named, opened
from tests.experiment.models import FailingEngland
from tests.view.readable import assert_readable
from tests.view.test_headline import changed, facts, frame


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    with style.applied():
        yield


def origin(shifts: Sequence[float], replicates: int = 4, quarters: int = 20, **more: Any) -> Source:
    """Results of a scenario a shift, in memory."""
    outcomes = frame(shifts, replicates, quarters).assign(point=0)
    told = facts(len(shifts), replicates=replicates, quarters=quarters, points=1) | more
    tables = {"outcomes": outcomes} | ({"effects": changed(outcomes.drop(columns="point"))} if len(shifts) > 1 else {})
    return Source(told, None, tables)


def by_system(shifts: Sequence[float], systems: int, replicates: int = 2, apart: float = 0.0) -> Source:
    """The same by system, in two groups that lie `apart`."""
    made = origin(shifts, replicates)
    rng = np.random.default_rng(5)
    outcomes = made.tables["outcomes"]
    parts = []
    for system in range(systems):
        shift = (apart / 2 if system % 2 else -apart / 2) + rng.normal(0, 0.02, len(outcomes))
        parts.append(outcomes.assign(system=f"S{system}", collaborative_share=outcomes["collaborative_share"] + shift))
    return Source(made.facts, None, {**made.tables, "outcomes_by_system": pd.concat(parts)})


def artists(figure: Figure, prefix: str) -> dict[str, list[Any]]:
    """Artists on the axes whose name begins with `prefix`, by the rest of it."""
    found: dict[str, list[Any]] = {}
    for axes in figure.axes:
        for artist in axes.get_children():
            if str(artist.get_gid()).startswith(prefix):
                found.setdefault(str(artist.get_gid()).removeprefix(prefix), []).append(artist)
    return found


def labels(figure: Figure) -> dict[str, list[str]]:
    """Texts of the labels at the ends of lines, by line."""
    found: dict[str, list[str]] = {}
    for text in figure.texts:
        if str(text.get_gid()).startswith("label:"):
            found.setdefault(str(text.get_gid())[6:], []).append(text.get_text().replace("\n", " "))
    return found


CASES = {
    "one scenario": origin([0.0]),
    "four scenarios": origin([0.0, -0.3, -0.1, -0.05]),
    "sixteen scenarios": origin([0.0, *np.linspace(-0.2, 0.2, 15)]),
    "one run": origin([0.0, -0.2, 0.1], replicates=1),
    "one quarter": origin([0.0, -0.2, 0.1], quarters=1),
    "eight quarters": origin([0.0, -0.2, 0.1], quarters=8),
    "forty years": origin([0.0, -0.2, 0.1], replicates=2, quarters=160),
}


@pytest.mark.parametrize("case", CASES)
def test_every_text_of_curves_and_slopes_can_be_read(case: str) -> None:
    assert_readable(curves_figure(CASES[case]))
    assert_readable(curves(CASES[case], ["trust"], page=CARD).figure)
    if case not in ("one scenario", "forty years"):
        assert_readable(slope_figure(CASES[case], ["trust", "unmet_need"]))
        assert_readable(slope(CASES[case], ["trust"], page=CARD).figure)


# ---- curves ------------------------------------------------------------------------------------------------------------------


def test_lines_and_bands_are_the_yearly_means_over_runs() -> None:
    made = origin([0.0, -0.3])
    figure = curves_figure(made, ["trust"])
    rows = made.tables["outcomes"]
    wide = rows[rows["scenario"] == "s1"].pivot(index="quarter", columns="replicate", values="trust")
    smooth = wide.rolling(4).mean().iloc[3:]
    (line,) = artists(figure, "line:")["s1"]
    np.testing.assert_allclose(line.get_ydata(), 100 * smooth.mean(axis=1))
    np.testing.assert_allclose(line.get_xdata(), [(q + 1) / 4 for q in range(3, 20)])
    (band,) = artists(figure, "band:")["s1"]
    points = band.get_paths()[0].vertices
    last = points[points[:, 0] == 5.0, 1]
    expected = smooth.iloc[-1].quantile([0.1, 0.9]) * 100
    assert (last.min(), last.max()) == pytest.approx(tuple(expected))


def test_the_median_is_drawn_when_asked_for_and_said() -> None:
    made = origin([0.0], replicates=5, quarters=4)
    drawn = curves(made, ["trust"], middle="median")
    (line,) = artists(drawn.figure, "line:")["s0"]
    np.testing.assert_allclose(line.get_ydata(), 100 * made.tables["outcomes"].groupby("quarter")["trust"].median())
    assert "Line: median of 5 runs; band: 10th to 90th percentile of runs" in drawn.note


def test_one_run_has_no_band_and_says_so() -> None:
    drawn = curves(CASES["one run"])
    assert not artists(drawn.figure, "band:") and "no band" in drawn.note
    assert drawn.title.startswith("In a single run, ")


def test_a_panel_an_outcome_with_its_unit_and_a_label_a_line() -> None:
    figure = curves_figure(CASES["four scenarios"])
    panels = [text.get_text() for text in figure.texts if str(text.get_gid()).startswith("panel:")]
    assert panels == ["Collaborative acts", "Trust between partners", "Unmet need"]
    assert all(len(texts) == 3 for texts in labels(figure).values()) and set(labels(figure)) == {"s0", "s1", "s2", "s3"}
    assert any(text.get_text() == "% of demand" for text in figure.texts)


def test_labels_hold_the_value_and_name_whole() -> None:
    made = CASES["four scenarios"]
    end = made.tables["outcomes"].query("scenario == 's2' and quarter > 15")["collaborative_share"].mean()
    assert labels(curves_figure(made))["s2"][0] == f"{100 * end:.0f}% Regional bypass"


def test_of_many_scenarios_the_strongest_are_drawn_and_the_rest_counted() -> None:
    drawn = curves(CASES["sixteen scenarios"])
    assert len(artists(drawn.figure, "line:")) == 7 and "9 scenarios with smaller effects are not drawn" in drawn.note
    assert {"s0", "s1", "s15"} <= set(artists(drawn.figure, "line:"))


def test_groups_share_a_scale() -> None:
    made = origin([0.0, -0.2])
    rows = made.tables["outcomes"]
    kinds = pd.concat([rows.assign(kind=kind, trust=rows["trust"] + i / 10) for i, kind in enumerate(("icb", "provider", "council"))])
    figure = curves_figure(Source(made.facts, None, {**made.tables, "outcomes_by_kind": kinds}), ["trust"], by="kind")
    panels = [text.get_text() for text in figure.texts if str(text.get_gid()).startswith("panel:")]
    assert panels == ["ICBs", "Providers", "Councils"]
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert_readable(figure)


def test_a_table_of_last_years_is_one_point_a_line() -> None:
    made = origin([0.0, -0.2])
    late = made.tables["outcomes"].groupby(["scenario", "point", "replicate"], as_index=False)[["trust"]].mean()
    late = late.assign(quarter=19, year="2028/29")
    drawn = curves(Source(made.facts, None, {**made.tables, "outcomes": late}), ["trust"])
    assert "the folder keeps the last year alone" in drawn.note
    assert all(len(line.get_ydata()) == 1 for lines in artists(drawn.figure, "line:").values() for line in lines)
    assert_readable(drawn.figure)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(ResultsError, match="did you mean 'trust'"):
        curves_figure(CASES["four scenarios"], ["trsut"])
    with pytest.raises(ResultsError, match="no scenario 'x'"):
        curves_figure(CASES["four scenarios"], scenarios=["x"])


# ---- distributions -----------------------------------------------------------------------------------------------------------


def humps(ridge: Any) -> int:
    """Maxima of a ridge that stand out by a tenth of its height."""
    points = ridge.get_paths()[0].vertices
    x = np.unique(points[:, 0])
    y = np.array([points[points[:, 0] == each, 1].max() for each in x])
    y = np.concatenate([[y.min()], y, [y.min()]])
    return len(find_peaks(y, prominence=0.1 * np.ptp(y))[0])


def test_two_groups_of_systems_are_two_humps_and_one_group_is_one() -> None:
    two = artists(distribution_figure(by_system([0.0], 30, apart=0.4)), "ridge:s0:")
    one = artists(distribution_figure(by_system([0.0], 30, apart=0.0)), "ridge:s0:")
    assert len(two) == 5  # years
    assert all(humps(ridge) == 2 for (ridge,) in two.values())
    assert all(humps(ridge) == 1 for (ridge,) in one.values())


def test_a_curve_of_density_has_area_one() -> None:
    values = np.random.default_rng(3).normal(0, 1, 400)
    grid = np.linspace(-6, 6, 601)
    assert np.trapezoid(density(values, grid), grid) == pytest.approx(1.0, abs=1e-3)


def test_few_values_are_dots_and_all_of_them_are_there() -> None:
    made = by_system([0.0, -0.2], 3, replicates=2)
    drawn = distribution(made)
    assert "too few for a curve" in drawn.note and not artists(drawn.figure, "ridge:")
    assert all(len(line.get_xdata()) == 6 for lines in artists(drawn.figure, "dots:").values() for line in lines)


def test_the_heat_map_holds_shares_that_add_up() -> None:
    figure = distribution_figure(by_system([0.0, -0.2], 20), form="heat")
    for (mesh,) in artists(figure, "heat:").values():
        np.testing.assert_allclose(np.ma.filled(mesh.get_array(), 0.0).sum(axis=0), 1.0)
    assert_readable(figure)


@pytest.mark.parametrize("page", [SLIDE, CARD])
def test_every_text_of_a_distribution_can_be_read(page: Any) -> None:
    made = by_system([0.0, -0.2, -0.1], 20)
    assert_readable(distribution(made, scenarios=None if page is SLIDE else ["s1"], page=page).figure)


# ---- slopes ------------------------------------------------------------------------------------------------------------------


def test_slopes_go_from_the_baseline_to_the_scenario_and_are_thin_where_unclear() -> None:
    made = origin([0.0, -0.3, 0.0])
    figure = slope_figure(made, ["trust"])
    table = made.effects[made.effects["outcome"] == "trust"].set_index("scenario")
    found: dict[str, Line2D] = {name: lines[0] for name, lines in artists(figure, "slope:").items()}
    for name, line in found.items():
        row = table.loc[name]
        np.testing.assert_allclose(line.get_ydata(), [100 * row["baseline_mean"], 100 * row["scenario_mean"]])
        assert (line.get_linewidth() > 2) == (row["low"] * row["high"] > 0)
    assert found["s1"].get_linewidth() > 2 > found["s2"].get_linewidth()


def test_one_scenario_has_no_slopes() -> None:
    with pytest.raises(ResultsError, match="one scenario"):
        slope_figure(CASES["one scenario"])


def test_without_intervals_no_slope_is_strong() -> None:
    drawn = slope(CASES["one run"], ["trust"])
    assert all(line.get_linewidth() < 2 for lines in artists(drawn.figure, "slope:").values() for line in lines)
    assert "nothing says which differences are luck" in drawn.note


# ---- results folders ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny experiment with a failed run."""
    path = tmp_path_factory.mktemp("curves") / "out"
    sweep("tiny", path, ["quarters=9"], how=How(make=FailingEngland))
    return path


def test_a_failed_run_among_the_good_is_left_out_and_said(folder: Path) -> None:
    drawn = curves(opened(folder), ["trust"])
    assert "mean of 2 to 3 runs" in drawn.note
    said = [text.get_text() for text in drawn.figure.texts if text.get_gid() == "subtitle"]
    assert "1 of 12 runs failed and are left out" in said[0].replace("\n", " ")


def test_what_the_folder_does_not_keep_is_run_again(folder: Path) -> None:
    made = opened(folder)
    drawn = curves(made, ["trust"], ["baseline"], by="kind")
    assert "3 of 3 runs, run again" in drawn.note
    runs = made.read("outcomes", ["replicate", "quarter", "trust"], ["baseline"])
    assert len(runs) == 27 and len(drawn.figure.axes) == 3


def test_by_system_is_read_where_it_is_kept(folder: Path) -> None:
    drawn = distribution(opened(folder), scenarios=["baseline"])
    assert "run again" not in drawn.note and "2 systems × 3 runs" in drawn.note
    with pytest.raises(ResultsError, match="systems_in_deficit is not measured by system"):
        distribution(opened(folder), "systems_in_deficit")


def test_a_figure_is_saved_with_where_it_comes_from(folder: Path, tmp_path: Path) -> None:
    path = draw(folder, "slope", tmp_path / "a.png", outcomes=["trust"])
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    with Image.open(path) as image:
        said = image.text  # type: ignore[attr-defined]
    assert said["seed"] == "7" and said["config_sha256"] == told["files"]["config.yaml"] and "not a forecast" in said["Disclaimer"]
    assert "Trust" in said["Title"]
    svg = draw(folder, "curves", tmp_path / "a.svg", outcomes=["trust"]).read_text("utf-8")
    assert told["files"]["config.yaml"] in svg
    again = draw(folder, "curves", tmp_path / "b.svg", outcomes=["trust"]).read_text("utf-8")
    assert svg == again


def test_kinds_and_options_are_checked(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="did you mean 'curves'"):
        draw(folder, "curve", tmp_path / "a.png")
    with pytest.raises(ResultsError, match="takes no option 'outcome'"):
        draw(folder, "curves", tmp_path / "a.png", outcome="trust")
    with pytest.raises(ResultsError, match="not a results folder"):
        draw(tmp_path, "curves", tmp_path / "a.png")
    assert all("page" not in options_of(kind) for kind in KINDS)
    assert not list(tmp_path.iterdir())


def test_points_are_named_by_what_they_set() -> None:
    points = pd.DataFrame({"point": [0, 1], "levers.finance_share": [math.nan, 0.9], "levers.convenor": ["icb", ""]})
    made = Source({"points": 2}, None, {"points": points})
    assert [named(made, point) for point in (0, 1)] == ["convenor icb", "finance share 0.9"]
