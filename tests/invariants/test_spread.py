"""Truth: a requirement on behaviour (issue 2). Over the plausible ranges England covers most of (0, 1) instead of sticking to an
end, and systems differ within a run. Nothing is fitted here: settings are a Latin hypercube of every plausible range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import qmc

import abm
from abm.model.declaration import Declarations
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS

QUARTERS = 60


def setting(rows: Declarations, point: np.ndarray) -> dict[str, Any]:
    """A point of the unit cube as values within the plausible ranges."""
    values = {}
    for (name, row), at in zip(rows.items(), point.tolist(), strict=True):
        if row.choices:
            values[name] = row.choices[int(at * len(row.choices))]
        else:
            low, high = row.plausible
            values[name] = round(low + at * (high - low)) if row.integer else low + at * (high - low)
    return values


def last_year_shares(runs: int) -> np.ndarray:
    """Collaborative share of each system in the last year, shaped (runs, systems), weighted mean beside it as column 0."""
    cube = qmc.LatinHypercube(len(LEVERS) + len(PARAMETERS), rng=np.random.default_rng(2024)).random(runs)
    world, rows = abm.england(), []
    for number, point in enumerate(cube):
        levers, parameters = setting(LEVERS, point[: len(LEVERS)]), setting(PARAMETERS, point[len(LEVERS) :])
        model = abm.ICSModel(world, levers=levers, parameters=parameters, seed=number).run(QUARTERS)
        england = model.outcomes()["collaborative_share"].tail(4).mean()
        by_system = model.outcomes("system").query("quarter >= @QUARTERS - 4").groupby("system")["collaborative_share"].mean()
        rows.append([england, *by_system])
    return np.array(rows)


def check_spread(shares: np.ndarray) -> None:
    england, systems = shares[:, 0], shares[:, 1:]
    told = np.round(np.quantile(england, [0, 0.1, 0.5, 0.9, 1]), 2)
    assert england.min() < 0.25 and england.max() > 0.8, f"England's share only covers {told}"
    assert ((england > 0.1) & (england < 0.9)).mean() > 0.5, f"most runs stick to an end: {told}"
    assert np.median(systems.std(axis=1)) > 0.03, "systems are all alike"


def test_england_covers_most_of_the_range() -> None:
    check_spread(last_year_shares(30))


@pytest.mark.slow
def test_england_covers_most_of_the_range_in_many_runs() -> None:
    shares = last_year_shares(150)
    check_spread(shares)
    quarters = np.histogram(shares[:, 0], bins=[0, 0.25, 0.5, 0.75, 1])[0]
    assert (quarters > 0).all(), f"a quarter of the range is never reached: {quarters}"
