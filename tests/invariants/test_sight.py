"""What decisions may not see, as a setting. Truth: the same bits where nothing is closed, no act moved where everything is."""

from __future__ import annotations

import numpy as np
import pytest

import abm
from abm.model.channels import CHANNELS
from abm.model.ics_model import ICSModel
from abm.model.network import OVERSIGHT
from abm.model.parameters import DECISION_RULES
from abm.model.sight import SHUFFLES, Sight, others
from tests.invariants.by_hand import run_ablated

QUARTERS = 12
TREATMENTS = (
    {"finance_share": 0.95, "oversight_intensity": 0.9},
    {"bypass_rate": 0.8, "bypass_notice": 0.0},
    {"fence_share": 0.3, "fence_pots": 40, "fence_restriction": 1.0},
)


def acts_of(model: ICSModel) -> np.ndarray:
    """Every act of a run of QUARTERS quarters, shaped (quarters, ties)."""
    found = []
    for _ in range(QUARTERS):
        model.run(1)
        found.append(model.state.ties["act"].copy())
    return np.array(found)


def same_state(one: ICSModel, other: ICSModel) -> bool:
    tables = ("orgs", "ties", "pairs", "icbs", "providers", "councils", "regions", "systems")
    return all(np.array_equal(getattr(one.state, table), getattr(other.state, table)) for table in tables)


def test_nothing_closed_is_the_model_itself_to_the_bit():
    plain, open_run = ICSModel(abm.tiny(), TREATMENTS[0], seed=3), ICSModel(abm.tiny(), TREATMENTS[0], seed=3, blind=(), shuffle=())
    assert open_run.sight is None
    open_run.sight = Sight(open_run.state, (), (), {})  # phase by phase, with nothing hidden
    plain.run(QUARTERS), open_run.run(QUARTERS)
    assert same_state(plain, open_run)
    assert plain.outcomes().equals(open_run.outcomes())


@pytest.mark.parametrize("rule", DECISION_RULES)
def test_with_every_channel_closed_no_treatment_moves_any_act(rule: str):
    usual = acts_of(ICSModel(abm.tiny(), {}, {"decision_rule": rule}, seed=3, blind=CHANNELS))
    for levers in TREATMENTS:
        assert np.array_equal(usual, acts_of(ICSModel(abm.tiny(), levers, {"decision_rule": rule}, seed=3, blind=CHANNELS)))
        assert not np.array_equal(usual, acts_of(ICSModel(abm.tiny(), levers, {"decision_rule": rule}, seed=3)))


@pytest.mark.parametrize("closed", [["attention"], ["information", "authority"], list(CHANNELS)], ids=" ".join)
def test_it_agrees_with_run_ablated_act_for_act(closed: list[str]):
    by_hand, setting = (ICSModel(abm.tiny(), TREATMENTS[0], seed=5, blind=blind) for blind in ((), closed))
    assert np.array_equal(run_ablated(by_hand, QUARTERS, closed).acts, acts_of(setting))
    assert same_state(by_hand, setting)
    assert by_hand.outcomes().equals(setting.outcomes())


def test_quarters_may_be_run_in_any_stretches():
    levers = {"finance_share": {"schedule": {0: 0.2, 5: 0.9}}}
    one, other = (ICSModel(abm.tiny(), levers, seed=3, blind=["money"], shuffle=["trust"]) for _ in range(2))
    one.run(QUARTERS)
    for _ in range(QUARTERS):
        other.run(1)
    assert same_state(one, other)


@pytest.mark.parametrize("name", SHUFFLES)
def test_a_shuffle_keeps_the_values_of_each_kind_and_gives_nobody_its_own(name: str):
    model = ICSModel(abm.synthetic(systems=4, seed=2), seed=3, shuffle=[name]).run(5)
    table, field = SHUFFLES[name]
    true, shown = getattr(model.state, table)[field], model.sight.shown(model.state)[table, field]
    rows = getattr(model.state, table)
    kinds = list(zip(rows["kind"], model.state.orgs["kind"][rows["source"]], strict=True)) if table == "ties" else list(rows["kind"])
    place = others(model.state, table)
    for kind in set(kinds):
        members = np.array([i for i, each in enumerate(kinds) if each == kind])
        assert np.array_equal(np.sort(true[members]), np.sort(shown[members]))
        assert set(place[members]) == set(members)
        assert len(members) == 1 or (place[members] != members).all()
    assert not np.array_equal(true, shown)


def test_a_shuffle_is_of_the_seed_and_not_of_the_levers():
    world = abm.synthetic(systems=4, seed=2)
    one, treated, other = (
        others(ICSModel(world, levers, seed=seed).state, "ties") for levers, seed in (({}, 3), (TREATMENTS[1], 3), ({}, 4))
    )
    assert np.array_equal(one, treated)
    assert not np.array_equal(one, other)


def test_only_decisions_are_deceived():
    model = ICSModel(abm.tiny(), seed=3, shuffle=["trust"]).run(3)
    partner = model.state.ties["kind"] != OVERSIGHT
    before = model.state.ties["trust"].copy()
    shown = model.sight.shown(model.state)["ties", "trust"]
    usual = ICSModel(abm.tiny(), seed=3, shuffle=["trust"]).run(4)
    assert np.abs(usual.state.ties["trust"] - before)[partner].mean() < np.abs(usual.state.ties["trust"] - shown)[partner].mean()


def test_what_is_both_blind_and_shuffled_is_shuffled_as_held():
    model = ICSModel(abm.tiny(), seed=3, blind=["information"], shuffle=["trust"])
    first = model.sight.shown(model.state)["ties", "trust"].copy()
    model.run(6)
    assert np.array_equal(first, model.sight.shown(model.state)["ties", "trust"])


def test_what_there_is_not_is_refused():
    with pytest.raises(ValueError, match="'mony'"):
        ICSModel(abm.tiny(), blind=["mony"])
    with pytest.raises(ValueError, match="shuffles are trust"):
        ICSModel(abm.tiny(), shuffle=["truth"])
