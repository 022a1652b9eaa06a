"""Truth: causes come before effects. Two runs with one seed are identical to the bit until their levers first differ, and then
they do differ: every lever and every parameter moves something that is measured."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import abm
from abm.model.declaration import Declaration
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS
from abm.model.policy import Schedule
from tests.invariants.drawn import Case, cases, outcome_bits, state_bits, values

CHANGE, LATER = 5, 24  # quarter of the change, and quarters run in all after it

# What a quantity needs to be read at all: levers and parameters of both runs.
NEEDS: dict[str, tuple[dict, dict]] = {
    "conditional_slope": ({}, {"decision_rule": "conditional_cooperation"}),
}


@cache
def england() -> Any:
    return abm.england()


def others(row: Declaration) -> list:
    """The other choices, or the ends of the plausible range that are not the default."""
    if row.choices:
        return [choice for choice in row.choices if choice != row.default]
    kind = int if row.integer else float
    return [kind(end) for end in row.plausible if end != row.default]


def measured(model: abm.ICSModel) -> bytes:
    """All outcomes and the closing accounts."""
    return outcome_bits(model) + model.state.books.accounts.tobytes()


LEVER_MOVES = [(name, value) for name, row in LEVERS.items() for value in others(row)]
PARAMETER_MOVES = [(name, value) for name, row in PARAMETERS.items() for value in others(row)]


@pytest.mark.parametrize(("name", "value"), LEVER_MOVES)
def test_identical_until_a_lever_differs_then_not(name: str, value: Any) -> None:
    base = abm.ICSModel(england(), seed=3)
    changed = abm.ICSModel(england(), levers={name: Schedule({0: LEVERS[name].default, CHANGE: value})}, seed=3)
    assert state_bits(base.run(CHANGE)) == state_bits(changed.run(CHANGE))
    assert outcome_bits(base) == outcome_bits(changed)
    assert measured(base.run(LATER)) != measured(changed.run(LATER)), f"{name} = {value} moves nothing"
    before = [model.outcomes().head(CHANGE) for model in (base, changed)]
    assert before[0].equals(before[1]), "the past has changed"


@pytest.mark.parametrize(("name", "value"), PARAMETER_MOVES)
def test_every_parameter_moves_something(name: str, value: Any) -> None:
    levers, parameters = NEEDS.get(name, ({}, {}))
    base = abm.ICSModel(england(), levers=levers, parameters=parameters, seed=3).run(LATER)
    moved = abm.ICSModel(england(), levers=levers, parameters=parameters | {name: value}, seed=3).run(LATER)
    assert measured(base) != measured(moved)


@given(cases(), st.data())
def test_random_runs_are_identical_until_a_lever_differs(case: Case, data: st.DataObject) -> None:
    """Whatever else is set: one more lever, changed at some quarter, leaves everything before it as it was."""
    name = data.draw(st.sampled_from(sorted(LEVERS)))
    change = data.draw(st.integers(1, 8))
    start, then = data.draw(values(LEVERS[name])), data.draw(values(LEVERS[name]))
    base = case.model(levers=case.levers | {name: start}).run(change)
    changed = case.model(levers=case.levers | {name: Schedule({0: start, change: then})}).run(change)
    assert state_bits(base) == state_bits(changed)
    assert outcome_bits(base) == outcome_bits(changed)
    if start == then:
        assert state_bits(base.run(4)) == state_bits(changed.run(4)), "a change to the same value is none"


@given(cases())
def test_another_seed_or_replicate_is_another_run(case: Case) -> None:
    """On a world where acts are uncertain; the first draw alone tells seeds apart."""
    runs = [abm.ICSModel(abm.tiny(), seed=case.seed + step, replicate=replicate).run(8) for step, replicate in ((0, 0), (1, 0), (0, 1))]
    chosen = [run.outcomes()["collaborative_share"].to_numpy() for run in runs]
    assert not np.array_equal(chosen[0], chosen[1]) and not np.array_equal(chosen[0], chosen[2])
