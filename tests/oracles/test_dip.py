"""Oracle: the dip statistic against its definition, solved as linear programmes, and against known values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from abm.analysis.unimodality import dip, dip_test


def by_definition(values: np.ndarray) -> float:
    """The least distance from the values' distribution to one that is convex before and concave after some interval: a programme each."""
    x = np.sort(values)
    n = len(x)
    steep = np.zeros((n - 1, n + 1))
    for i in range(n - 1):
        steep[i, i + 1], steep[i, i] = 1 / (x[i + 1] - x[i]), -1 / (x[i + 1] - x[i])
    near, limits = [], []
    for i in range(n):
        row = np.zeros(n + 1)
        row[i] = -1.0
        near += [np.append(row[:-1], -1.0), np.append(-row[:-1], -1.0)]
        limits += [-(i + 1) / n, i / n]
    best = 1.0
    for mode in range(-1, n):
        bends = [steep[i] - steep[i + 1] if i + 1 <= mode else steep[i + 1] - steep[i] for i in range(n - 2)]
        rows = np.array([*near, *(-steep), *bends])
        found = linprog(np.eye(n + 1)[n], A_ub=rows, b_ub=[*limits, *[0.0] * (len(rows) - len(limits))], bounds=[(0, 1)] * (n + 1))
        best = min(best, found.fun if found.success else 1.0)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_dip_is_what_it_is_defined_to_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random(9) if seed % 2 else np.concatenate([rng.normal(0, 0.05, 5), rng.normal(1, 0.05, 4)])
    assert dip(values) == pytest.approx(by_definition(values), abs=1e-7)


def test_even_values_have_the_least_dip() -> None:
    """Half the weight of one value (Hartigan & Hartigan 1985)."""
    assert dip(np.arange(10.0)) == pytest.approx(1 / 20)


def test_two_far_groups_approach_a_quarter() -> None:
    values = np.concatenate([np.linspace(0, 1e-6, 200), np.linspace(1, 1 + 1e-6, 200)])
    assert dip(values) == pytest.approx(0.25, abs=0.005)


def test_order_scale_and_place_do_not_matter() -> None:
    values = np.random.default_rng(1).normal(size=40)
    assert dip(3 * values[::-1] - 7) == pytest.approx(dip(values))


def test_two_groups_are_found_and_one_is_not() -> None:
    rng = np.random.default_rng(2)
    one, two = rng.normal(size=42), np.concatenate([rng.normal(0, 0.5, 21), rng.normal(4, 0.5, 21)])
    assert dip_test(two)[1] < 0.01 < 0.1 < dip_test(one)[1]


def test_p_is_uniform_for_uniform_values() -> None:
    """A twentieth of uniform samples, give or take luck, is significant at a twentieth."""
    rng = np.random.default_rng(4)
    share = np.mean([dip_test(rng.random(20))[1] < 0.05 for _ in range(400)])
    assert 0.02 < share < 0.085


def test_too_few_values_say_nothing() -> None:
    assert np.isnan(dip_test([1.0, 2.0, np.nan])).all()
    assert dip([2.0, 2.0, 2.0]) == 0.0
