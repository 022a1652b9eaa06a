"""Truth: a fixed point. Under the settings of steady.py every outcome and every balance stays where it is for ten years."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import abm
from abm.model.levers import LEVERS
from abm.model.outcomes import OUTCOMES
from abm.model.parameters import DECISION_RULES, PARAMETERS
from tests.invariants import steady
from tests.invariants.drawn import WorldName, values, world_of

QUARTERS = 40
STILL = 1e-9
COUNTS = ("providers_in_deficit", "systems_in_deficit", "deficit_concentration")  # step functions of the deficit at nought


def check_stillness(world, levers, parameters, seed: int = 0) -> abm.ICSModel:
    """From the first quarter to the last no outcome moves (COUNTS apart), and no balance from before the first."""
    model = abm.ICSModel(world, levers=levers, parameters=parameters, before=levers, seed=seed)
    balances = model.state.books.accounts["balance"][:-2].copy()
    turnover = model.state.orgs["income"].copy()
    for _ in range(QUARTERS):
        model.step()
        moved = np.abs(model.state.books.accounts["balance"][:-2] - balances)
        worst = int(np.argmax(moved / np.maximum(turnover, 1.0)))
        assert (moved <= STILL * np.maximum(turnover, 1.0)).all(), (
            f"quarter {model.quarter - 1}: {model.facts.codes[worst]} moved by GBP k {moved[worst]}"
        )
    for by in (None, "region", "system", "kind"):
        frame = model.outcomes(by)
        for name in frame.columns.intersection([name for name in OUTCOMES if name not in COUNTS]):
            series = frame[name].to_numpy(dtype=float).reshape(QUARTERS, -1)
            if name.startswith("survey_"):
                series = series[3::4]
            np.testing.assert_allclose(series, np.broadcast_to(series[0], series.shape), rtol=STILL, atol=STILL, err_msg=f"{name} by {by}")
    return model


def test_every_setting_is_named_once() -> None:
    """A new lever or parameter must be given a value here or be shown to be free."""
    named = [*steady.LEVERS, *steady.FREE_LEVERS]
    assert sorted([*named, "running_cost_cut"]) == sorted(LEVERS)
    named = [*steady.PARAMETERS, *steady.FREE_PARAMETERS]
    free_otherwise = ["norm_weight", "common_fate", "wrong_pocket", "stress_onset", "stress_slope"]
    assert sorted([*named, *free_otherwise]) == sorted(PARAMETERS)


@pytest.mark.parametrize("rule", DECISION_RULES)
def test_england_stands_still(rule: str) -> None:
    check_stillness(abm.england(), steady.LEVERS, steady.PARAMETERS | {"decision_rule": rule})


@pytest.mark.parametrize("name", COUNTS)
def test_balanced_books_are_not_counted_as_deficits(name: str) -> None:
    """Where every budget balances nobody is in deficit, whatever is left of rounding."""
    frame = check_stillness(abm.england(), steady.LEVERS, steady.PARAMETERS).outcomes()
    assert (frame[name] == 0).all()


@st.composite
def free_settings(draw: st.DrawFn) -> tuple[dict, dict]:
    levers = {name: draw(values(LEVERS[name], hard=False)) for name in steady.FREE_LEVERS}
    return levers, {name: draw(values(PARAMETERS[name], hard=False)) for name in steady.FREE_PARAMETERS}


@settings(max_examples=25)
@given(free_settings(), st.builds(WorldName, st.integers(0, 6), st.integers(0, 2)), st.sampled_from(DECISION_RULES), st.integers(0, 9))
def test_any_world_stands_still_whatever_else_is_set(free, name: WorldName, rule: str, seed: int) -> None:
    levers, parameters = free
    check_stillness(world_of(name), levers | steady.LEVERS, parameters | steady.PARAMETERS | {"decision_rule": rule}, seed)


@pytest.mark.parametrize(
    "push",
    [
        {"need_growth": 0.01},
        {"cost_pressure": 0.01},
        {"budget_gap": 0.01},
        {"upfront_cost": 0.1},
        {"cost_shock": 0.01},
        {"layer_burden": 0.02},
    ],
    ids=lambda push: next(iter(push)),
)
def test_one_push_and_it_moves(push: dict) -> None:
    """The twin: stillness is not blindness."""
    levers = steady.LEVERS | {"local_accountability": 0.5}
    with pytest.raises(AssertionError):
        check_stillness(abm.tiny(), levers, steady.PARAMETERS | push)
