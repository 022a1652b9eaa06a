"""View: a map's colours, ranks and list are the values it was given, and these are what the runs say of each system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from PIL import Image
from scipy.stats import ttest_1samp

import abm
from abm.experiment.again import model_of
from abm.experiment.store import ResultsError
from abm.view import places
from abm.view.maps import choropleth, draw_map, map_figure, outcome_map, values_by_system
from abm.view.network.looks import DIVERGING
from tests.view.readable import assert_readable

CODES = sorted(places.outlines("icb"))
VALUES = pd.Series(np.linspace(40.0, 80.0, 42), index=CODES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny, with outcomes by system stored."""
    path = tmp_path_factory.mktemp("maps") / "out"
    abm.sweep("tiny", path, ["quarters=8", "replicates=3", "scenarios=[baseline, finance_oversight]"], workers=1)
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without them."""
    path = tmp_path_factory.mktemp("maps") / "bare"
    abm.sweep("tiny", path, ["quarters=8", "replicates=3", "scenarios=[baseline, finance_oversight]", "by=[]"], workers=1)
    return path


def panel(figure: Figure, name: str) -> Any:
    return next(axes for axes in figure.axes if axes.get_gid() == name)


def areas(figure: Figure, name: str = "map") -> dict[str, PathPatch]:
    found = [child for child in panel(figure, name).get_children() if str(child.get_gid()).startswith("area:")]
    return {str(child.get_gid())[5:]: child for child in found}


def texts(figure: Figure, name: str, prefix: str) -> dict[str, str]:
    found = [t for t in panel(figure, name).texts if str(t.get_gid()).startswith(prefix)]
    return {str(t.get_gid()).removeprefix(prefix): t.get_text() for t in found}


def heading(figure: Figure, name: str) -> str:
    return next(t.get_text() for t in figure.texts if t.get_gid() == name).replace("\n", " ").replace("\u00a0", " ")


# --- what is drawn --------------------------------------------------------------------------------------------------------------


def test_areas_are_in_the_colour_of_their_value() -> None:
    figure = map_figure(VALUES, "A title", "% of something")
    found = areas(figure)
    assert set(found) == set(CODES) and set(areas(figure, "inset")) == set(CODES)
    for code, patch in found.items():
        expected = colormaps["cividis"]((VALUES[code] - 40) / 40)
        assert patch.get_facecolor() == pytest.approx(expected, abs=0.01)
    ranks = {**texts(figure, "map", "rank:"), **texts(figure, "inset", "rank:")}
    assert {code: int(rank) for code, rank in ranks.items()} == {code: 42 - i for i, code in enumerate(CODES)}
    assert_readable(figure)


def test_the_list_has_every_system_in_order_with_its_value() -> None:
    figure = map_figure(VALUES, "A title", "%")
    said = texts(figure, "list", "value:")
    assert list(said) == CODES[::-1]
    assert [float(value) for value in said.values()] == [round(value) for value in VALUES[::-1]]
    dots = {str(c.get_gid())[4:]: c.get_offsets()[0] for c in panel(figure, "list").collections if str(c.get_gid()).startswith("dot:")}
    across = np.array([dots[code][0] for code in CODES])
    assert np.allclose(np.diff(across), np.diff(across)[0]) and (np.diff([dots[code][1] for code in CODES]) > 0).all()
    assert texts(figure, "list", "row:")["QMJ"] == "North Central London"


def test_differences_are_coloured_round_zero() -> None:
    values = VALUES - 70
    figure = map_figure(values, "A title", "points", difference=True)
    for code, patch in areas(figure).items():
        assert patch.get_facecolor() == pytest.approx(DIVERGING(0.5 + values[code] / 60), abs=0.01)
    ticks = [t.get_text() for t in panel(figure, "bar").texts if t.get_gid() == "tick"]
    assert ticks == ["−30", "0", "+30"]
    assert texts(figure, "list", "value:")["QYG"] == "+10"
    assert_readable(figure)


def test_missing_values_are_hatched_and_said() -> None:
    values = VALUES.drop(["QMJ", "QSL"])
    values["QT6"] = np.nan
    figure = map_figure(values, "A title", "%")
    found = areas(figure)
    assert {code for code, patch in found.items() if patch.get_hatch()} == {"QMJ", "QSL", "QT6"}
    assert "no value (3)" in [t.get_text() for t in panel(figure, "bar").texts]
    last = panel(figure, "list").texts[-1].get_text()
    assert last == "No value: North Central London, Somerset, Cornwall and the Isles of Scilly"
    assert_readable(figure)


@pytest.mark.parametrize(
    "values",
    [
        VALUES * 0,
        VALUES * 0 + 5,
        VALUES * np.nan,
        VALUES.iloc[:1],
        VALUES / 1e5,
        VALUES * 1e5,
        VALUES - 1e6,
        pd.Series({f"S{i:04d}": float(i) for i in range(1, 81)}),
        pd.Series({"A": 0.5}),
    ],
    ids=["zero", "all the same", "no value", "one system", "small", "large", "far from zero", "eighty systems", "one hexagon"],
)
def test_any_values_can_be_read(values: pd.Series) -> None:
    figure = map_figure(values, "A title", "a unit", difference=values.max() > 1e6)
    assert_readable(figure)
    if len(values) > 50:
        assert "36 systems in the middle are not listed" in panel(figure, "list").texts[0].get_text()


def test_worlds_without_outlines_are_hexagons() -> None:
    figure = map_figure(pd.Series({"I1": 1.0, "I2": 2.0}), "A title", "%", names={"I1": "Northshire", "I2": "Southshire"})
    assert set(areas(figure)) == {"I1", "I2"} and list(texts(figure, "list", "row:").values()) == ["Southshire", "Northshire"]
    with pytest.raises(ResultsError, match="no outline of I1: layout 'hex' needs none"):
        map_figure(pd.Series({"I1": 1.0}), "A title", "%", layout="map")
    with pytest.raises(ResultsError, match="no layout 'hexes'; did you mean 'hex'"):
        map_figure(VALUES, "A title", "%", layout="hexes")
    with pytest.raises(ResultsError, match="the values are empty"):
        map_figure(pd.Series(dtype=float), "A title", "%")
    assert_readable(map_figure(VALUES, "A title", "%", layout="hex"))


def test_intervals_are_drawn_where_they_are_and_go_on_in_words() -> None:
    intervals = pd.DataFrame({"low": VALUES - 10, "high": VALUES + 10})
    intervals.loc["QMJ"] = [-500.0, 500.0]
    figure = map_figure(VALUES, "A title", "%", intervals=intervals)
    children = panel(figure, "list").get_children()
    bars = {str(c.get_gid())[9:]: np.asarray(c.get_xdata()) for c in children if str(c.get_gid()).startswith("interval:")}
    dots = {str(c.get_gid())[4:]: c.get_offsets()[0, 0] for c in children if str(c.get_gid()).startswith("dot:")}
    assert len(bars) == 42
    for code in set(CODES) - {"QMJ"}:
        assert bars[code].mean() == pytest.approx(dots[code])
    assert [c.get_gid() for c in children].count("beyond:QMJ") == 2


# --- what the runs say ------------------------------------------------------------------------------------------------------------


def expected(folder: Path, scenario: str, quarters: range, count: int = 3) -> pd.DataFrame:
    """A row a replicate, a column a system: means over the quarters, from runs done again."""
    rows = []
    for replicate in range(count):
        frame = model_of(folder, scenario, replicate=replicate).outcomes(by="system")
        rows.append(frame[frame["quarter"].isin(quarters)].groupby("system")["trust"].mean())
    return pd.DataFrame(rows)


def found(folder: Path, *asked: Any) -> values_by_system.Found:
    facts = json.loads((folder / "manifest.json").read_text("utf-8"))
    return values_by_system.found(folder, facts, *asked, 0, lambda words: None)


def test_values_are_means_over_replicates_and_quarters_stored_or_not(folder: Path, bare: Path) -> None:
    for path in (folder, bare):
        late = found(path, "trust", None, None, None)
        pd.testing.assert_series_equal(late.values, expected(path, "baseline", range(4, 8)).mean(), check_names=False)
        assert (late.year, late.runs, late.span) == ("2025/26", 3, "mean of its four quarters")
        early = found(path, "trust", "finance_oversight", "2024/25", None)
        pd.testing.assert_series_equal(early.values, expected(path, "finance_oversight", range(4)).mean(), check_names=False)


def test_differences_are_taken_run_by_run_with_their_intervals(folder: Path) -> None:
    late = found(folder, "trust", "finance_oversight", None, "baseline")
    rows = expected(folder, "finance_oversight", range(4, 8)) - expected(folder, "baseline", range(4, 8))
    pd.testing.assert_series_equal(late.values, rows.mean(), check_names=False)
    for system in rows:
        interval = ttest_1samp(rows[system], 0.0).confidence_interval(0.95)
        assert late.intervals.loc[system].tolist() == pytest.approx([interval.low, interval.high])


def test_the_figure_says_which_runs_and_how_many(folder: Path, bare: Path) -> None:
    told: list[str] = []
    figure = outcome_map(bare, "collaborative_share", "finance_oversight", against="baseline", report=told.append)
    assert told == ["the folder has no outcomes by system: running 6 runs again"]
    assert "Finance-dominated oversight against baseline · 2025/26, mean of its four quarters · mean of 3 runs" in heading(
        figure, "subtitle"
    )
    assert heading(figure, "title").startswith("Collaboration falls in both systems, clearly in")
    plain = outcome_map(folder, "survey_" + _survey_item(), year="2024/25")
    assert "2024/25, Q4 only" in heading(plain, "subtitle")
    for each in (figure, plain):
        assert_readable(each)


def _survey_item() -> str:
    return next(name for name in abm.outcomes()["name"] if name.startswith("survey_")).removeprefix("survey_")


def test_failed_runs_are_left_out_and_counted(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = values_by_system.load

    def load(folder: Path, table: str, *more: Any) -> pd.DataFrame:
        frame = real(folder, table, *more)
        return frame.assign(status=np.where(frame["replicate"] == 1, "failed", frame["status"])) if table == "runs" else frame

    monkeypatch.setattr(values_by_system, "load", load)
    late = found(bare, "trust", None, None, None)
    rows = expected(bare, "baseline", range(4, 8))
    assert late.runs == 2 and late.failed == 1
    np.testing.assert_allclose(late.values, rows.iloc[[0, 2]].mean())
    assert "1 run failed and left out" in panel(outcome_map(bare, "trust"), "list").texts[0].get_text().replace("\n", " ")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"outcome": "trusts"}, "no outcome 'trusts'; did you mean 'trust'"),
        ({"outcome": "systems_in_deficit"}, "is about all systems together and cannot be mapped"),
        ({"outcome": "trust", "scenario": "finance_oversite"}, "did you mean 'finance_oversight'"),
        ({"outcome": "trust", "against": "base"}, "did you mean 'baseline'"),
        ({"outcome": "trust", "year": "2027/28"}, r"no year '2027/28'.*there are: 2024/25, 2025/26"),
        ({"outcome": "trust", "point": 1}, "no design point 1"),
    ],
)
def test_what_there_is_not_is_refused_with_the_nearest(folder: Path, tmp_path: Path, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ResultsError, match=said):
        draw_map(folder, tmp_path / "no.png", **asked)


def test_a_map_is_saved_with_its_provenance(folder: Path, tmp_path: Path) -> None:
    path = draw_map(folder, tmp_path / "a.png", "trust")
    with Image.open(path) as image:
        said = image.text  # type: ignore[attr-defined]
    assert said["Title"].startswith("Trust between partners: from ") and said["experiment"] == "tiny"
    assert draw_map(folder, tmp_path / "b.svg", "trust", against="baseline").exists()  # baseline against itself
    figure = outcome_map(folder, "trust", against="baseline")
    assert heading(figure, "title") == "Trust between partners: no system differs"


def test_round_numbers_are_not_below() -> None:
    for value in (0.00031, 0.7, 1.0, 1.6, 42.0, 99.0, 123456.0):
        up = choropleth.round_up(value)
        assert value <= up * (1 + 1e-9) and up <= 2 * value
    assert choropleth.round_up(0.0) == 0.0 and to_rgba(choropleth.MISSING) == (1, 1, 1, 1)
