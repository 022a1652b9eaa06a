"""Known answers: the emulator beside scikit-learn and a known function, boxes beside boxes that were put there, Sobol' and Morris
beside Ishigami's function's kin, and members that walk to a posterior that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from abm.analysis.calibration.abc import members, walk
from abm.analysis.calibration.prior import Prior
from abm.analysis.emulator import fit
from abm.analysis.prim import judged, prim
from abm.config.factors import Factor


def _wavy(inputs: np.ndarray) -> np.ndarray:
    return np.sin(4 * inputs[:, 0]) + 2 * inputs[:, 1] * inputs[:, 2] + 0.5 * inputs[:, 3]


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray]:
    inputs = qmc.Sobol(12, seed=1).random(256)
    return inputs, _wavy(inputs) + 0.1 * np.random.default_rng(0).normal(size=256)


def test_the_emulator_foresees_a_known_function_and_knows_how_well(sample: tuple[np.ndarray, np.ndarray]) -> None:
    made = fit(*sample)
    new = np.random.default_rng(2).random((1000, 12))
    mean, variance = made.predict(new)
    error = mean - _wavy(new)
    assert error.std() < 0.12 * _wavy(new).std() and set(made.active[:4]) == {0, 1, 2, 3}
    assert 0.85 < np.mean(np.abs(error) <= 2 * np.sqrt(variance)) <= 1.0
    assert 0.9 < made.fit_r2 < 1.0 and np.mean(np.abs(made.loo) <= 2) == pytest.approx(0.954, abs=0.04)


def test_the_emulator_does_as_well_as_scikit_learns(sample: tuple[np.ndarray, np.ndarray]) -> None:
    process = pytest.importorskip("sklearn.gaussian_process")
    kernels = pytest.importorskip("sklearn.gaussian_process.kernels")
    kernel = kernels.ConstantKernel() * kernels.RBF() + kernels.WhiteKernel()
    theirs = process.GaussianProcessRegressor(kernel, normalize_y=True).fit(*sample)
    new = np.random.default_rng(3).random((1000, 12))
    ours = fit(*sample).predict(new)[0]
    assert np.std(ours - _wavy(new)) < np.std(theirs.predict(new) - _wavy(new))


def test_left_out_errors_are_those_of_fits_without_the_point() -> None:
    rng = np.random.default_rng(5)
    inputs = rng.random((40, 3))
    values = inputs[:, 0] + 0.05 * rng.normal(size=40)
    made = fit(inputs, values)
    gram = made.lower @ made.lower.T
    for i in (0, 17, 39):
        rest = np.delete(np.arange(40), i)
        weights = np.linalg.solve(gram[np.ix_(rest, rest)], gram[rest, i])
        expected = weights @ (values[rest] - made.centre)
        spread = np.sqrt(gram[i, i] - weights @ gram[rest, i])
        assert made.loo[i] == pytest.approx((values[i] - made.centre - expected) / spread, abs=1e-6)


def test_a_constant_is_emulated_as_one() -> None:
    inputs = np.random.default_rng(0).random((30, 2))
    mean, variance = fit(inputs, np.full(30, 3.0)).predict(inputs)
    assert np.allclose(mean, 3.0) and np.all(variance < 1e-12)


def test_prim_finds_the_box_that_was_put_there() -> None:
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.random((1500, 6)), columns=[f"parameters.x{i}" for i in range(6)])
    happens = ((points["parameters.x0"] < 0.4) & (points["parameters.x3"] > 0.6)).to_numpy()
    box = prim(points[:1000], happens[:1000])
    assert set(box.limits) == {"parameters.x0", "parameters.x3"}
    assert box.limits["parameters.x0"][1] == pytest.approx(0.4, abs=0.04) and box.limits["parameters.x3"][0] == pytest.approx(0.6, abs=0.04)
    told = judged(box.limits, points[1000:], happens[1000:])
    assert told.density > 0.85 and told.coverage > 0.85
    assert "x0 below 0.4" in box.words(points).replace("0.39", "0.4") and "x3 above 0." in box.words(points)


def test_prim_finds_no_box_where_there_is_none_worth_a_name() -> None:
    rng = np.random.default_rng(2)
    points = pd.DataFrame(rng.random((800, 5)), columns=list("abcde"))
    happens = rng.random(800) < 0.5
    box = prim(points[:400], happens[:400])
    assert judged(box.limits, points[400:], happens[400:]).density < 0.62


def test_the_walk_finds_a_known_posterior() -> None:
    """One factor observed with an error of a twentieth of its range: members lie around the truth, the other factors stay uniform."""
    rng = np.random.default_rng(3)
    found = walk(rng.random((400, 3)), lambda unit: -0.5 * ((unit[:, 0] - 0.7) / 0.05) ** 2, rng, 60, 60)
    assert found.unit[:, 0].mean() == pytest.approx(0.7, abs=0.01) and found.unit[:, 0].std() == pytest.approx(0.05, rel=0.12)
    assert found.unit[:, 1].std() == pytest.approx(1 / np.sqrt(12), rel=0.1) and found.unit[:, 1].mean() == pytest.approx(0.5, abs=0.05)
    flat = walk(rng.random((400, 3)), lambda unit: -0.5 * ((unit[:, 0] - 0.7) / 0.05) ** 2, rng, 60, 60, flatter=2.0)
    assert flat.unit[:, 0].std() == pytest.approx(0.05 * np.sqrt(2), rel=0.12)
    several = walk(rng.random((50, 3)), lambda unit: np.zeros(len(unit)), rng, 10, 30, takes=3)
    assert several.unit.shape == (150, 3) and len(np.unique(several.unit, axis=0)) > 100 and len(several.density) == 150


def test_a_factor_that_nothing_sees_stays_as_wide_as_its_prior_in_sixty_dimensions() -> None:
    """What goes wrong with copies: members that share ancestors look certain of everything."""
    rng = np.random.default_rng(4)
    found = walk(rng.random((300, 60)), lambda unit: -0.5 * (((unit[:, :3] - 0.5) / 0.1) ** 2).sum(axis=1), rng, 150, 150)
    spread = found.unit.std(axis=0) * np.sqrt(12.0)
    assert spread[:3] == pytest.approx([0.346] * 3, rel=0.2)
    assert spread[3:].mean() == pytest.approx(1.0, abs=0.03) and spread[3:].min() > 0.8


def test_members_are_weighted_back_to_what_was_not_proposed() -> None:
    """Proposals twice as often on one side: members are as often on both; none is taken in which a rank order does not hold."""
    rng = np.random.default_rng(6)
    side = np.repeat([0, 1], [2000, 1000])
    found = members(np.zeros(3000), np.log(np.where(side == 0, 0.8, 0.4)), 600, rng)
    assert np.mean(side[found.chosen]) == pytest.approx(0.5, abs=0.01) and found.ordered == 3000
    assert found.effective == pytest.approx(1 / (2000 * (1 / 4000) ** 2 + 1000 * (1 / 2000) ** 2))
    some = members(np.where(side == 0, -np.inf, 0.0), np.zeros(3000), 500, rng)
    assert some.chosen.min() >= 2000 and some.ordered == 1000 and some.different == 500
    one = members(np.where(np.arange(3000) == 7, 6.0, 0.0), np.zeros(3000), 500, rng)
    assert np.mean(one.chosen == 7) < 0.05  # a single run does not make the ensemble


def test_the_prior_goes_there_and_back() -> None:
    prior = Prior((Factor("parameters.patience", low=0.7, high=0.9), Factor("parameters.stress_slope", low=1.0, high=100.0, log=True)))
    unit = np.random.default_rng(0).random((50, 2))
    values = prior.values(unit)
    assert np.allclose(prior.unit(values), unit, atol=1e-9)
    assert values["parameters.stress_slope"].median() < 25
    assert prior.defaults()[0] == pytest.approx([1.0, np.log(20) / np.log(100)])
