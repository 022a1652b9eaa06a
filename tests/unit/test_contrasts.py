"""Unit: contrasts of runs with the same luck. Truth: known answers, a crossed design whose effects are written down."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from abm.analysis.contrasts import differences, factorial, interval, told

LUCK = np.random.default_rng(1).normal(0.0, 1.0, 40)  # shared by all runs of a replicate, much larger than the effects


def crossed(noise: float = 0.0) -> pd.DataFrame:
    """Two factors at three levels: 0.4 a, -0.2 b and 0.3 ab from end to end, on shared luck."""
    rng = np.random.default_rng(2)
    rows = [
        [a, b, replicate, LUCK[replicate] + 0.4 * a - 0.2 * b + 0.3 * a * b + noise * rng.normal()]
        for a, b, replicate in product((0.0, 0.5, 1.0), (0.0, 0.5, 1.0), range(len(LUCK)))
    ]
    return pd.DataFrame(rows, columns=["levers.a", "levers.b", "replicate", "y"])


def test_effects_and_the_interaction_of_a_crossed_design_are_found() -> None:
    found = factorial(crossed(), ["levers.a", "levers.b"], "y").set_index("term")
    # a from 0 to 1: 0.4 where b is 0 and 0.7 where it is 1; the interaction is half of what b's ends make to a's effect
    assert found["effect"].to_dict() == pytest.approx({"levers.a": 0.55, "levers.b": -0.05, "levers.a x levers.b": 0.15})
    assert list(found["order"]) == [1, 1, 2] and (found["replicates"] == len(LUCK)).all()
    assert found["clear"].all() and (found["high"] - found["low"] < 1e-9).all()  # luck is shared, so that none of it is left


def test_intervals_widen_with_luck_that_is_not_shared_and_then_say_unclear() -> None:
    found = factorial(crossed(noise=2.0), ["levers.a", "levers.b"], "y").set_index("term")
    assert (found["high"] - found["low"] > 0.2).all()
    assert not found.loc["levers.b", "clear"]


def test_differences_are_taken_within_a_replicate_with_all_else_held() -> None:
    found = differences(crossed(), ["y"], ["levers.a"], {"levers.a": 0.0}).set_index("levers.a")
    assert found["difference"].to_dict() == pytest.approx({0.5: 0.5 * (0.4 + 0.3 * 0.5), 1.0: 0.4 + 0.3 * 0.5})  # b is 0.5 on average
    assert (found["pairs"] == len(LUCK)).all() and found["clear"].all()


def test_an_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = [low <= 5.0 <= high for _, low, high, _ in (interval(rng.normal(5.0, 2.0, 40)) for _ in range(300))]
    assert 0.89 <= np.mean(held) <= 0.98  # the percentile bootstrap of 40 runs is a little short of 0.95


def test_few_or_missing_runs_have_no_interval_and_are_never_clear() -> None:
    one, none = interval([0.3]), interval([float("nan")])
    assert one.mean == 0.3 and np.isnan(one.low) and one.runs == 1 and not one.clear
    assert np.isnan(none.mean) and none.runs == 0 and not none.clear
    assert interval([1.0, float("nan"), 3.0]).mean == 2.0 and interval([1.0, float("nan"), 3.0]).runs == 2
    assert not interval([0.0, 0.0, 0.0]).clear


def test_an_effect_is_told_with_interval_pairs_and_a_real_minus() -> None:
    row = {"difference": -0.281, "low": -0.289, "high": -0.273, "pairs": 20}
    assert told(row, 100.0) == "\u221228.1 points (\u221228.9 to \u221227.3, 20 pairs)"
    assert told({**row, "low": np.nan, "high": np.nan, "pairs": 1}, 100.0) == "\u221228.1 points (one pair, no interval)"
