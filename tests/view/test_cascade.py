"""View: the figure of a cascade and that of one decision show what the trace holds, and every text can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from PIL import Image

import abm
from abm.analysis.trace import Trace, trace, trace_folders, trace_models
from abm.experiment.store import ResultsError
from abm.view.cascade import cascade_figure, why_figure, write
from abm.view.cascade.figures import title_of
from abm.view.cascade.page import KINDS
from abm.view.cascade.strip import strip_rows
from abm.view.cascade.table import short_name, table_rows
from tests.view.readable import assert_readable

FINANCE = {"finance_share": 0.95, "oversight_intensity": 0.9}


def in_area(area: str, code: str) -> dict[str, Any]:
    return {name: {area: {code: value}} for name, value in FINANCE.items()}


def both(world: abm.World, levers: Mapping[str, Any], quarters: int, parameters: Mapping[str, Any] | None = None, seed: int = 3) -> Trace:
    worlds = [abm.ICSModel(world, each, parameters, seed=seed) for each in ({}, levers)]
    return trace_models(worlds[0], worlds[1], quarters, ("Baseline", "Money first, as a long title has it"))


def later() -> dict[str, Any]:
    return {"finance_share": {"systems": {"I2": {"schedule": {"2024/25": 0.6, "2026/27": 0.95}}}}}


CASES: dict[str, Callable[[], Trace]] = {
    "everywhere": lambda: both(abm.tiny(), FINANCE, 24),
    "one system later": lambda: both(abm.tiny(), later(), 22),
    "one quarter": lambda: both(abm.tiny(), {**FINANCE, "fence_share": 0.6}, 1, seed=5),
    "six quarters": lambda: both(abm.tiny(), FINANCE, 6),
    "forty years": lambda: both(abm.tiny(), FINANCE, 160),
    "one region of several": lambda: both(abm.synthetic(24), in_area("systems", "S0003"), 16),
    "many regions": lambda: both(abm.synthetic(80), FINANCE, 4),
    "nothing": lambda: both(abm.tiny(), {}, 8),
    "a lever that does nothing": lambda: both(abm.tiny(), {"gain_share": 0.3000001}, 8),
    "England, one region": lambda: both(abm.england(), in_area("regions", "Y56"), 12),
}
LIVELY = [case for case in CASES if "nothing" not in case]
DECISIONS = CASES | {
    "one system": lambda: both(abm.tiny(), in_area("systems", "I2"), 30),
    "conditional cooperation": lambda: both(abm.tiny(), FINANCE, 20, {"decision_rule": "conditional_cooperation"}),
    "reinforcement": lambda: both(abm.tiny(), FINANCE, 8, {"decision_rule": "reinforcement"}),
}


@cache
def found(case: str) -> Trace:
    return DECISIONS[case]()


@cache
def drawn(case: str) -> Figure:
    return cascade_figure(found(case))


def axes_of(figure: Figure, name: str) -> Any:
    return next((axes for axes in figure.axes if axes.get_gid() == name), None)


def texts(figure: Figure, prefix: str) -> list[str]:
    return [text.get_text() for text in figure.texts if str(text.get_gid()).startswith(prefix)]


@pytest.mark.parametrize("case", CASES)
def test_every_text_can_be_read(case: str) -> None:
    assert_readable(drawn(case))
    said = texts(drawn(case), "title")[0].replace("\n", " ")
    assert said == title_of(found(case)) or said.endswith("…")
    assert texts(drawn(case), "disclaimer") == ["Model result under stated assumptions, not a forecast."]


@pytest.mark.parametrize("case", LIVELY)
def test_areas_are_the_acts_that_differ(case: str) -> None:
    table = found(case).by_quarter
    apart = axes_of(drawn(case), "counts:inside") is not None
    assert apart == (case in ("one system later", "one region of several", "England, one region"))
    inside = table["differ"] - table["differ_beyond"]
    for name, values in [("inside", inside), ("beyond", table["differ_beyond"])] if apart else [("all", table["differ"])]:
        axes = axes_of(drawn(case), f"counts:{name}")
        areas = {str(patch.get_gid()): patch for patch in axes.patches if isinstance(patch, StepPatch) and patch.get_fill()}
        assert list(areas) == [f"area:{kind}" for kind in KINDS]
        base = np.zeros(table["quarter"].nunique())
        for kind in KINDS:
            expected = values.where(table["kind"] == kind, 0).groupby(table["quarter"]).sum()
            high, edges, low = areas[f"area:{kind}"].get_data()
            assert (high - low).tolist() == expected.tolist() and np.asarray(low).tolist() == base.tolist()
            assert edges.tolist() == [*(expected.index / 4), (expected.index[-1] + 1) / 4]
            base += expected.to_numpy()
        assert axes.get_ylim()[0] == 0 and axes.get_ylim()[1] >= base.max()


@pytest.mark.parametrize("case", LIVELY)
def test_cells_are_shares_and_triangles_the_first(case: str) -> None:
    table, rows = found(case).by_quarter, strip_rows(found(case))
    axes = axes_of(drawn(case), "strip")
    mesh = next(each for each in axes.collections if each.get_gid() == "cells")
    cells = np.ma.asarray(mesh.get_array())
    quarters = sorted(table["quarter"].unique())
    assert cells.shape == (len(rows), len(quarters))
    firsts = []
    for place, row in enumerate(rows.itertuples()):
        part = table[table["region"] == row.region]
        part = part[part["kind"] == row.kind] if row.kind else part
        sums = part.groupby("quarter")[["differ", "acts"]].sum()
        np.testing.assert_allclose(cells[place].filled(0.0), sums["differ"] / sums["acts"])
        assert np.array_equal(np.ma.getmaskarray(cells)[place], sums["differ"] == 0)
        hit = sums.index[sums["differ"] > 0]
        if len(hit):
            firsts.append(((hit[0] + 0.5) / 4, place + 0.5))
    line = next(each for each in axes.lines if each.get_gid() == "first")
    np.testing.assert_allclose(line.get_xydata(), firsts)
    many = case == "many regions"
    assert set(rows["kind"]) == ({""} if many else {"icb", "provider", "council"})
    assert len(rows) <= 40 and (many or len(rows) == 3 * table["region"].nunique())


def test_where_a_lever_differs_stands_first_and_is_marked() -> None:
    some = "one region of several"
    for case, region in (("England, one region", "Y56"), (some, found(some).twins.model.facts.areas["S0003"])):
        rows = strip_rows(found(case))
        assert rows["region"].iloc[:3].tolist() == [region] * 3 and (rows["treated"] > 0).sum() == 3
        marks = [str(patch.get_gid()) for patch in axes_of(drawn(case), "strip").patches if str(patch.get_gid()).startswith("lever:")]
        assert marks == [f"lever:{region}"]
    assert not [patch for patch in axes_of(drawn("everywhere"), "strip").patches if str(patch.get_gid()).startswith("lever:")]


@pytest.mark.parametrize("case", LIVELY)
def test_the_table_holds_the_first_acts(case: str) -> None:
    groups, rows = table_rows(found(case)), found(case).cascade
    assert sum(len(group) for _, group in groups) == min(10, len(rows)) and len(groups) <= 2
    assert groups[0][1].index[0] == 0
    for place, (words, group) in enumerate(groups):
        assert texts(drawn(case), f"group:{place}") == [words]
        for number, row in enumerate(group.to_dict("records")):
            cells = [f"row:{place}:{number}:{name}" for name in ("quarter", "act in A", "act in B")]
            shown = [texts(drawn(case), cell)[0] for cell in cells]
            assert shown == [f"{row['year']} Q{row['quarter'] % 4 + 1}", row["act_a"].replace("_", " "), row["act_b"].replace("_", " ")]
            source = texts(drawn(case), f"row:{place}:{number}:from")[0]
            told = short_name(row["via_name"], row["via_kind"]) if row["via_name"] else "the lever"
            assert told.startswith(source.rstrip("…"))
    if len(groups) == 2:
        beyond = "no lever differs" in groups[1][0]
        assert not groups[1][1]["in_force"].any() if beyond else (groups[1][1]["step"] > 0).all()


def test_where_no_act_differs_the_page_says_so() -> None:
    for case in ("nothing", "a lever that does nothing"):
        assert not drawn(case).axes
        assert [text.replace("\n", " ") for text in texts(drawn(case), "sentence")] == found(case).sentences()
        assert title_of(found(case)).startswith("No act differs between baseline and money first")


# --- one decision -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", ["one system", "one quarter", "reinforcement", "conditional cooperation", "England, one region", "nothing"]
)
def test_one_decision_is_drawn_with_its_terms(case: str) -> None:
    rows = found(case).cascade
    who = ("I1", "P1", 3) if not len(rows) else (rows["actor"].iloc[-1], rows["partner"].iloc[-1], int(rows["quarter"].iloc[-1]))
    figure, one = why_figure(found(case), *who), found(case).decision(*who)
    assert_readable(figure)
    chance = {str(line.get_gid()): line for line in axes_of(figure, "chance").lines}
    assert [chance[f"chance:{name}"].get_xdata()[0] for name in "AB"] == list(one.chances)
    assert chance["draw"].get_xdata()[0] == one.draw
    assert widths(figure, "terms") == [one.terms["a"].tolist(), one.terms["b"].tolist()]
    alone = one.inputs["alone"].abs().sort_values(ascending=False)
    shown = widths(figure, "inputs")[0] if len(rows) else []
    assert np.abs(shown) == pytest.approx(100 * alone.iloc[: len(shown)].to_numpy())
    assert len(rows) == 0 or len(shown) >= 1


def widths(figure: Figure, name: str) -> list[list[float]]:
    bars = [each for each in axes_of(figure, name).containers if isinstance(each, BarContainer)]
    return [[bar.get_width() for bar in each] for each in bars]


def test_a_decision_that_there_is_not_is_refused() -> None:
    with pytest.raises(ResultsError, match="no organisation 'XX'"):
        why_figure(found("everywhere"), "XX", "P1", 0)


# --- files ------------------------------------------------------------------------------------------------------------------------


def test_files_hold_the_trace_and_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(
        "name: one\nsystem: tiny\nscenarios: [baseline, finance_oversight]\nreplicates: 1\nquarters: 12\nseed: 7\n", "utf-8"
    )
    abm.sweep(str(tmp_path / "one.yaml"), tmp_path / "out", workers=1)
    paths = write(trace(tmp_path / "out", "baseline", "finance_oversight"), tmp_path / "new" / "trace")
    assert [path.name for path in paths] == ["cascade.csv", "by_quarter.csv", "cascade.png"]
    cascade = pd.read_csv(paths[0])
    assert len(cascade) and {"actor", "partner", "moved", "via", "step", "distance", "cash_term_b"} <= set(cascade)
    assert pd.read_csv(paths[1])["differ"].sum() > 0
    with Image.open(paths[2]) as image:
        said = image.text  # type: ignore[attr-defined]
    assert (said["seed"], said["experiment"]) == ("7", "one") and "of acts differ from baseline" in said["Title"]
    assert "not a forecast" in said["Disclaimer"] and "The first act that differs" in said["Description"]
    before = [path.read_bytes() for path in paths]
    again = write(trace_folders(tmp_path / "out", tmp_path / "out", "baseline", "finance_oversight"), tmp_path / "new" / "trace")
    assert [path.read_bytes() for path in again] == before
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ResultsError, match="cannot write"):
        write(found("everywhere"), tmp_path / "file")
