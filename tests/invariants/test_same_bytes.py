"""Truth: determinism. The same run gives the same bytes: again, in another process, under another hash seed, in plain Python,
phase by phase, quarter by quarter, and whatever is kept of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import abm
from abm.model.outcomes import TALLY
from abm.model.quarter import PHASE_NAMES, PHASES
from tests.invariants.drawn import Case, cases, outcome_bits, state_bits
from tests.invariants.one_run import tell

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("one_run.py")


def told_elsewhere(world: str, quarters: int, **environment: str) -> str:
    """What another process tells of the same run."""
    given_environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    command = [sys.executable, str(SCRIPT), world, str(quarters)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=given_environment, cwd=ROOT).stdout.strip()


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_another_process_and_hash_seed(hash_seed: str) -> None:
    assert told_elsewhere("small", 9, PYTHONHASHSEED=hash_seed) == tell("small", 9)


def test_plain_python_equals_compiled_to_the_bit() -> None:
    assert told_elsewhere("tiny", 6, NUMBA_DISABLE_JIT="1") == tell("tiny", 6)


@given(cases())
def test_again_in_the_same_process(case: Case) -> None:
    one, other = case.model().run(case.quarters), case.model().run(case.quarters)
    assert state_bits(one) == state_bits(other) and outcome_bits(one) == outcome_bits(other)


@given(cases())
def test_phases_one_by_one_equal_the_compiled_quarter(case: Case) -> None:
    """`run_quarters` unrolls the tuple PHASES (which Numba calls experimental): it is held to calling each phase in turn."""
    whole, apart = case.model().run(case.quarters), case.model()
    for quarter in range(case.quarters):
        tallies = np.zeros((1, apart.state.tallies.shape[1]), dtype=TALLY).view(np.recarray)
        apart.state = apart.state._replace(tallies=tallies)
        apart.policy.write(quarter, apart.state.policy)
        apart.state.clock["first"] = quarter
        for phase in PHASES:
            phase(apart.state)
        apart._tallies.append(tallies)
    assert state_bits(whole) == state_bits(apart)
    assert outcome_bits(whole) == outcome_bits(apart)


@given(cases())
def test_steps_equal_a_run_and_keeping_changes_nothing(case: Case) -> None:
    run = case.model().run(case.quarters)
    first = case.quarters // 2
    twice = case.model().run(first).run(case.quarters - first)
    stepped, kept = case.model(), case.model(keep={"acts", "ledger"})
    for _ in range(case.quarters):
        stepped.step()
        kept.step()
    kept_run = case.model(keep={"ledger"}).run(case.quarters)
    for other in (twice, stepped, kept, kept_run):
        assert outcome_bits(run) == outcome_bits(other)
        assert run.accounts().equals(other.accounts())
        assert run.survey().equals(other.survey())
        assert run.quarter == other.quarter == other.steps == case.quarters
    last = kept.acts().query("quarter == @case.quarters - 1").reset_index(drop=True)
    assert last.equals(run.acts())


def test_looking_changes_nothing() -> None:
    """Every way of looking, between any two quarters, leaves the run as it was."""
    plain, watched = abm.ICSModel(abm.tiny(), seed=1).run(9), abm.ICSModel(abm.tiny(), seed=1)
    for _ in range(9):
        watched.outcomes("system"), watched.acts(), watched.ledger(), watched.accounts(), watched.survey(), watched.network()
        _ = [agent.income for agent in watched.agents]
        watched.step()
    assert state_bits(plain) == state_bits(watched)


def test_the_quarter_has_the_phases_of_the_design() -> None:
    assert PHASE_NAMES == (
        "settle",
        "deliver",
        "review",
        "convene",
        "decide",
        "exchange",
        "invest",
        "learn",
        "turn_over",
        "close",
        "observe",
    )
