"""Experiment: paired differences against closed forms, and the words that the short table finds for them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from abm.config.load import load
from abm.experiment.effects import effects, t_quantile
from abm.experiment.plan import plan
from abm.experiment.table import cells, readings

UNITS = pd.Series({"trust": "index"})


def outcomes(**scenarios: list[float]) -> pd.DataFrame:
    """Trust of each replicate, held for 6 quarters but for two early ones that must not count."""
    return pd.DataFrame(
        {"scenario": name, "replicate": i, "quarter": quarter, "year": 2024, "trust": value if quarter > 1 else 99.0}
        for name, values in scenarios.items()
        for i, value in enumerate(values)
        for quarter in range(6)
    )


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 19, 99, 2.5, 11.3])
def test_t_quantile_agrees_with_scipy(freedom: float) -> None:
    special = pytest.importorskip("scipy.special")
    if freedom == 2.5:
        assert t_quantile(freedom) == pytest.approx(special.stdtrit(freedom, 0.975), rel=0.02)
    else:
        assert t_quantile(freedom) == pytest.approx(special.stdtrit(freedom, 0.975), rel=0.005)


def test_paired_differences_over_the_last_year() -> None:
    frame = outcomes(base=[0.1, 0.5, 0.9], more=[0.2, 0.7, 1.2])
    row = effects(frame, "base", ["base", "more"], UNITS, paired=True).iloc[0]
    assert (row["pairs"], row["rose"], row["fell"]) == (3, 3, 0)
    assert row["difference"] == pytest.approx(0.2)
    half = 4.30265 * 0.1 / math.sqrt(3)
    assert row["low"] == pytest.approx(0.2 - half, rel=1e-4) and row["high"] == pytest.approx(0.2 + half, rel=1e-4)
    assert row["baseline_mean"] == pytest.approx(0.5) and row["unit"] == "index"


def test_unpaired_differences_have_no_pairs_and_wider_intervals() -> None:
    frame = outcomes(base=[0.1, 0.5, 0.9], more=[0.2, 0.7, 1.2])
    row = effects(frame, "base", ["more"], UNITS, paired=False).iloc[0]
    assert math.isnan(row["pairs"]) and row["high"] - row["low"] > 1


def test_one_pair_has_no_interval() -> None:
    row = effects(outcomes(base=[0.1], more=[0.3]), "base", ["more"], UNITS, paired=True).iloc[0]
    assert math.isnan(row["low"]) and row["difference"] == pytest.approx(0.2)


def test_readings_are_plain_words() -> None:
    frame = outcomes(base=[0.5] * 5, up=[0.6, 0.7, 0.6, 0.6, 0.61], same=[0.5] * 5, mixed=[0.4, 0.6, 0.4, 0.6, 0.5])
    names = ["base", "up", "same", "mixed"]
    said = dict(readings(effects(frame, "base", names, UNITS, paired=True), ["trust"]))
    assert said["up"].startswith("trust rose in 5 of 5 paired runs: +0.12 (95% +0.07 to ")
    assert said["same"] == "trust was the same in all 5 paired runs"
    assert said["mixed"].startswith("trust went either way (rose in 2, fell in 2 of 5 paired runs)")
    assert cells(frame, names, "base")[1] == ["up", "0.62 (+0.12)"]


def test_paired_scenarios_share_their_seed_and_independent_ones_do_not() -> None:
    paired = plan(load("tiny"), "world")
    assert {run.seed for run in paired} == {7}
    assert len({run.id for run in paired}) == len(paired) == 12
    apart = plan(load("tiny", ["paired=false"]), "world")
    assert len({run.seed for run in apart}) == 4
    assert [run.id for run in plan(load("tiny", ["replicates=5"]), "world")][:3] == [run.id for run in paired][:3]
