"""Experiment: paired differences against closed forms, and the words that the short table finds for them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from abm.config.load import load
from abm.experiment.effects import effects, last_year, t_quantile
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


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.7062047362), (2, 4.3026527297), (4, 2.7764451052), (11.3, 2.1938768964), (99, 1.9842169516)]
)
def test_t_quantile_agrees_with_tables(freedom: float, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, rel=1e-9)
    assert t_quantile(freedom, 0.5) == pytest.approx(0.0, abs=1e-12)
    assert t_quantile(freedom, 0.025) == pytest.approx(-t_quantile(freedom))


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


def test_pairs_are_runs_of_one_design_point_and_replicate() -> None:
    base, more = [[0.1, 0.2], [0.5, 0.9]], [[0.2, 0.1], [0.8, 1.3]]
    frame = pd.concat(outcomes(base=base[point], more=more[point]).assign(point=point) for point in (0, 1))
    frame = frame.sample(frac=1, random_state=4)  # rows may come in any order
    row = effects(frame, "base", ["base", "more"], UNITS, paired=True).iloc[0]
    assert (row["pairs"], row["rose"], row["fell"], row["same"]) == (4, 3, 1, 0)
    changes = [0.1, -0.1, 0.3, 0.4]
    assert row["difference"] == pytest.approx(sum(changes) / 4)
    half = 3.1824463053 * pd.Series(changes).std() / 2
    assert row["high"] - row["difference"] == pytest.approx(half, rel=1e-9)
    lost = frame[~((frame["scenario"] == "more") & (frame["point"] == 1) & (frame["replicate"] == 0))]
    row = effects(lost, "base", ["more"], UNITS, paired=True).iloc[0]
    assert row["pairs"] == 3 and row["difference"] == pytest.approx((0.1 - 0.1 + 0.4) / 3)


def test_factors_are_no_outcomes_and_means_do_as_well_as_outcomes() -> None:
    frame = outcomes(base=[0.1, 0.5], more=[0.2, 0.7])
    frame.insert(2, "levers.finance_share", 0.3)
    frame.insert(1, "point", 0)
    found = effects(frame, "base", ["more"], UNITS, paired=True)
    assert list(found["outcome"]) == ["trust"]
    pd.testing.assert_frame_equal(found, effects(last_year(frame), "base", ["more"], UNITS, paired=True), check_exact=True)
    assert effects(frame.head(0), "base", ["more"], UNITS, paired=True).empty


def test_readings_are_plain_words() -> None:
    frame = outcomes(base=[0.5] * 5, up=[0.6, 0.7, 0.6, 0.6, 0.61], same=[0.5] * 5, mixed=[0.4, 0.6, 0.4, 0.6, 0.5])
    names = ["base", "up", "same", "mixed"]
    said = dict(readings(effects(frame, "base", names, UNITS, paired=True), ["trust"]))
    assert said["up"].startswith("trust rose in 5 of 5 paired runs: +0.12 (95% +0.07 to ")
    assert said["same"] == "trust was the same in all 5 paired runs"
    assert said["mixed"].startswith("trust went either way (rose in 2, fell in 2 of 5 paired runs)")
    assert cells(last_year(frame), names, "base")[1] == ["up", "0.62 (+0.12)"]


def test_paired_scenarios_share_their_seed_and_independent_ones_do_not() -> None:
    paired = plan(load("tiny"), {"tiny": "world"}).frame
    assert set(paired["seed"]) == {7}
    assert paired["id"].is_unique and len(paired) == 12
    apart = plan(load("tiny", ["paired=false"]), {"tiny": "world"}).frame
    assert apart["seed"].nunique() == 4
    longer = plan(load("tiny", ["replicates=5"]), {"tiny": "world"}).frame
    assert longer["id"].tolist()[:3] == paired["id"].tolist()[:3]
