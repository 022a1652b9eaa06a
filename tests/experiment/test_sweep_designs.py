"""Experiment: sweeps over designs: inputs beside outcomes, every kind of table, larger designs that keep earlier runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import abm
from abm.config.errors import ConfigError
from abm.config.load import load
from abm.experiment.conduct import How, extend, sweep
from abm.experiment.plan import plan
from abm.experiment.store import ResultsError, checksum
from tests.experiment.models import FakeModel

CONFIG = """
name: {name}
system: tiny
scenarios: [baseline, ring_fencing]
replicates: 2
quarters: 8
seed: 3
design:
{design}
"""
DESIGNS = {
    "factorial": "  kind: factorial\n  over: {levers.audit: [0.3, 0.9], parameters.decision_rule: [quantal_response, reinforcement]}",
    "lhs": "  kind: latin_hypercube\n  points: 6\n  over: {levers.finance_share: plausible, levers.fence_pots: {from: 1, to: 9}}",
    "sobol": "  kind: sobol\n  base_points: 2\n  over: {levers.finance_share: plausible, levers.bypass_rate: plausible}",
    "oat": "  kind: one_at_a_time\n  over: {levers.finance_share: [0.3, 0.9], system: [tiny, {name: six, world: synthetic, systems: 6}]}",
    "ramp": "  kind: ramp\n  start: 1\n  quarters: [2, 3]\n  over: {levers.finance_share: {from: 0.2, to: 0.9}}",
}
FAKE = How(workers=1, make=FakeModel)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def to_file(kind: str, **changes: str) -> str:
        text = CONFIG.format(name=kind, design=DESIGNS[kind])
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / f"{kind}{len(list(tmp_path.glob('*.yaml')))}.yaml"
        path.write_text(text, "utf-8")
        return str(path)

    return to_file


@pytest.mark.parametrize("kind", DESIGNS)
def test_inputs_stand_beside_outcomes(write: Any, tmp_path: Path, kind: str) -> None:
    results = sweep(write(kind), tmp_path / "out", how=FAKE)
    points = abm.load(tmp_path / "out", "points").set_index("point")
    outcomes = abm.load(tmp_path / "out")
    assert results.manifest["points"] == len(points) and len(outcomes) == 2 * len(points) * 2 * 8
    for name in points.columns:
        there, here = (column.astype(object).fillna("").to_numpy() for column in (points[name].loc[outcomes["point"]], outcomes[name]))
        assert (there == here).all(), name
    order = outcomes[["scenario", "point", "replicate"]].drop_duplicates()
    runs = abm.load(tmp_path / "out", "runs")
    assert order.to_numpy().tolist() == runs[["scenario", "point", "replicate"]].to_numpy().tolist()


def test_a_point_sets_what_the_model_is_given(write: Any) -> None:
    the_plan = plan(load(write("oat")), {"tiny": "t", "six": "s"})
    runs = the_plan.runs(range(len(the_plan)))
    assert {run.system for run in runs} == {"tiny", "six"}
    fenced = [run for run in runs if run.scenario == "ring_fencing"]
    assert all(run.levers["fence_share"] == 0.3 for run in fenced)  # the scenario's, below the design's
    assert [run.levers.get("finance_share") for run in fenced[::2]][:3] == [None, 0.3, 0.9]
    assert len({(run.scenario, run.point, run.replicate) for run in runs}) == len(runs)


def test_independent_luck_gives_every_point_a_seed_of_its_own(write: Any) -> None:
    paired = plan(load(write("lhs")), {"tiny": "t"}).frame
    alone = plan(load(write("lhs"), ["paired=false"]), {"tiny": "t"}).frame
    assert paired["seed"].nunique() == 1 and alone["seed"].nunique() == 2 * 6
    assert (alone.groupby(["scenario", "point"])["seed"].nunique() == 1).all()


@pytest.mark.parametrize(("kind", "points"), [("lhs", 9), ("sobol", 4)])
def test_more_points_keep_the_earlier_runs(write: Any, tmp_path: Path, kind: str, points: int) -> None:
    before = sweep(write(kind), tmp_path / "out", how=FAKE)
    after = extend(tmp_path / "out", points=points, how=FAKE)
    keys = ["scenario", "point", "replicate", "id"]
    assert len(after.runs) > len(before.runs) and len(before.runs.merge(after.runs, on=keys)) == len(before.runs)
    assert after.manifest["points"] > before.manifest["points"] and after.manifest["before"][0]["runs"] == len(before.runs)
    again = sweep(str(tmp_path / "out" / "config.yaml"), tmp_path / "again", how=FAKE)
    assert again.manifest["tables"] == after.manifest["tables"]  # the folder's config gives the enlarged sweep in one go
    with pytest.raises(ResultsError, match="must be more"):
        extend(tmp_path / "out", points=2, how=FAKE)


@pytest.mark.parametrize(("kind", "old", "new"), [("factorial", "[0.3, 0.9]", "[0.1, 0.3, 0.9]"), ("oat", "[0.3, 0.9]", "[0.5, 0.3, 0.9]")])
def test_more_levels_keep_the_earlier_points_in_front(write: Any, tmp_path: Path, kind: str, old: str, new: str) -> None:
    sweep(write(kind), tmp_path / "out", how=FAKE)
    before = abm.load(tmp_path / "out", "points")
    after = extend(tmp_path / "out", config=write(kind, **{old: new}), how=FAKE)
    points = abm.load(tmp_path / "out", "points")
    assert len(points) > len(before)
    assert points.iloc[: len(before)][list(before.columns)].astype(str).equals(before.astype(str))
    again = sweep(str(tmp_path / "out" / "config.yaml"), tmp_path / "again", how=FAKE)
    assert again.manifest["tables"] == after.manifest["tables"]


def test_every_year_and_no_survey_make_small_tables(tmp_path: Path) -> None:
    for name, every in (("quarters", "quarter"), ("years", "year"), ("last", "last_year")):
        sweep("tiny", tmp_path / name, [f"every={every}", "survey=false", "by=[kind]"], workers=1)
        assert not (tmp_path / name / "survey.parquet").exists()
    quarters, years, last = (abm.load(tmp_path / name, "outcomes_by_kind") for name in ("quarters", "years", "last"))
    assert (len(quarters), len(years), len(last)) == (12 * 12 * 3, 12 * 3 * 3, 12 * 3)
    names = ["scenario", "point", "replicate", "kind", "year"]
    mean = quarters.groupby(names, sort=False)["trust"].mean()
    assert np.allclose(years.set_index(names)["trust"].sort_index(), mean.sort_index())
    late = years[years["quarter"] == 11].reset_index(drop=True)
    pd.testing.assert_frame_equal(last, late)
    whole, short = (pd.read_csv(tmp_path / name / "summary.csv") for name in ("quarters", "last"))
    assert np.allclose(whole["mean"], short["mean"]) and np.allclose(whole["low"], short["low"])
    with pytest.raises(ConfigError, match="not whole years"):
        load("tiny", ["every=year", "quarters=10"])


def test_logs_are_stored_run_by_run(tmp_path: Path) -> None:
    overrides = ["keep=[acts, ledger]", "replicates=3", "quarters=6", "scenarios=[baseline]"]
    sweep("tiny", tmp_path / "one", overrides, workers=1)
    sweep("tiny", tmp_path / "two", overrides, workers=2)
    for table in ("acts", "ledger"):
        assert checksum(tmp_path / "one" / f"{table}.parquet") == checksum(tmp_path / "two" / f"{table}.parquet")
    acts = abm.load(tmp_path / "one", "acts")
    model = abm.ICSModel(abm.tiny(), seed=7, replicate=2, keep={"acts"}).run(6)
    mine = acts[acts["replicate"] == 2].drop(columns=["scenario", "point", "replicate"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, model.acts(), check_dtype=False)


def test_by_system_and_a_design_over_systems_exclude_each_other(write: Any) -> None:
    with pytest.raises(ConfigError, match="by system and a design over systems"):
        load(write("oat"), ["by=[system]"])
