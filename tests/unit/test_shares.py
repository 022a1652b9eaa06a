"""Unit: shares, differences of differences and sums of effects have the values that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from abm.analysis.shares import beyond_sum, by_replicate, change, share


def runs(effects: dict[str, float], replicates: int = 20, own: float = 0.0) -> pd.DataFrame:
    """Scenarios with a known effect on `trust`, luck that all share, and luck of each one's own."""
    rng = np.random.default_rng(3)
    luck = rng.normal(0, 1, replicates)
    return pd.DataFrame(
        [
            {"scenario": name, "point": 0, "replicate": r, "trust": luck[r] + effect + rng.normal(0, own)}
            for name, effect in effects.items()
            for r in range(replicates)
        ]
    )


def test_shared_luck_falls_out_of_a_change() -> None:
    found = change(runs({"base": 0.0, "more": 0.3}), "trust", {"scenario": "more"}, {"scenario": "base"})
    assert np.allclose(found, 0.3)


def test_a_share_is_the_ratio_of_the_means_with_an_interval_around_it() -> None:
    rng = np.random.default_rng(1)
    whole = pd.Series(rng.normal(-4, 0.5, 30))
    part = -0.25 * whole + rng.normal(0, 0.1, 30)
    found = share(-part, whole)
    assert math.isclose(found.mean, -part.mean() / whole.mean())
    assert found.low < found.mean < found.high and abs(found.mean - 0.25) < 0.05 and found.runs == 30


def test_an_exact_share_has_no_width() -> None:
    found = share(pd.Series([1.0, 2.0, 3.0]), pd.Series([2.0, 4.0, 6.0]))
    assert found[:3] == (0.5, 0.5, 0.5)


def test_there_is_no_share_of_nothing_clear() -> None:
    assert math.isnan(share(pd.Series([1.0, 1.0, 1.0]), pd.Series([-1.0, 0.1, 1.0])).mean)
    assert math.isnan(share(pd.Series([1.0]), pd.Series([1.0])).mean)


def test_only_replicates_that_both_have_count() -> None:
    found = share(pd.Series([1.0, 1.0, 9.0], index=[0, 1, 2]), pd.Series([2.0, 2.0], index=[0, 1]))
    assert found.mean == 0.5 and found.runs == 2


def test_a_package_that_is_its_sum_has_nothing_beyond() -> None:
    given = runs({"base": 0.0, "a": 1.0, "b": 2.0, "sum": 3.0, "less": 2.5})
    total, beyond = beyond_sum(given, "trust", "sum", ["a", "b"], "base")
    assert math.isclose(total.mean, 3.0) and abs(beyond.mean) < 1e-12
    _, beyond = beyond_sum(given, "trust", "less", ["a", "b"], "base")
    assert math.isclose(beyond.mean, -0.5) and beyond.clear


def test_runs_of_one_replicate_are_averaged() -> None:
    given = pd.DataFrame({"a": [1, 1, 2], "replicate": [0, 0, 0], "trust": [1.0, 3.0, 9.0]})
    assert by_replicate(given, "trust", {"a": 1}).tolist() == [2.0]
