"""Truth: definitions. What is declared as a probability, a share of one or a flag is one; nothing is missing or infinite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given

import abm
from abm.model.outcomes import OUTCOMES
from abm.model.state import FIELDS
from tests.invariants.drawn import TABLES, Case, WorldName, cases

# (table, field) with the unit "share" (or a share a year) that may lie outside 0 to 1, and why.
MAY_LEAVE = {
    ("systems", "avoided"): "less is avoided than at the start",
    ("systems", "deficit"): "a surplus is a negative deficit",
}
SUMS_OF_SHARES = {("providers", "joint_now"), ("providers", "joint")}  # shares that sum to 1 do so to the last bit or two
ROUNDING = 1e-12
UNIT_INTERVAL = ("0 to 1", "probability", "chance", "flag", "share")


def bounded_fields() -> list[tuple[str, str]]:
    """Fields whose declared unit makes them lie in [0, 1]."""
    found = []
    for table in TABLES:
        for line in FIELDS[table].strip().splitlines():
            name, _, rest = line.split(maxsplit=2)
            if rest.startswith(UNIT_INTERVAL) and not rest.startswith("share of ") and not rest.startswith("share a "):
                found.append((table, name))
    return [key for key in found if key not in MAY_LEAVE]


BOUNDED = bounded_fields()
COUNTED = [name for name, outcome in OUTCOMES.items() if outcome.unit.startswith(("share of", "probability", "0 to 1"))]
WEIGHTED_BY_STAKE = ("collaborative_share", "joint_spend", "trust")
SIGNED = ("deficit_share", "avoided_demand")  # a surplus; less avoided than at the start
UNBOUNDED = ("gross_deficit_share", "support_share", "hospital_share")  # ratios of flows: not negative


def check_state(model: abm.ICSModel) -> None:
    for table in TABLES:
        array = getattr(model.state, table)
        for name in array.dtype.names:
            assert np.isfinite(np.asarray(array[name], dtype=float)).all(), f"{table}.{name} has a value that is not finite"
    for name in model.state.books.accounts.dtype.names:
        assert np.isfinite(model.state.books.accounts[name]).all(), f"accounts.{name}"
    for table, name in BOUNDED:
        column = getattr(model.state, table)[name]
        most = 1 + ROUNDING if (table, name) in SUMS_OF_SHARES else 1
        assert ((column >= 0) & (column <= most)).all(), f"{table}.{name} leaves [0, 1]: {column.min()} to {column.max()}"


def test_the_fields_named_in_the_design_are_among_those_checked() -> None:
    assert {("ties", "trust"), ("ties", "chance"), ("ties", "belief"), ("orgs", "money"), ("orgs", "load")} <= set(BOUNDED)
    assert {("icbs", "authority"), ("icbs", "clarity"), ("orgs", "bailout"), ("pairs", "gain_a"), ("councils", "supply")} <= set(BOUNDED)


@given(cases())
@example(Case(WorldName(0, 0), {}, {"role_noise": 1e-200}, 0, 1))  # so little noise that its square is nought
def test_state_stays_in_range(case: Case) -> None:
    model = case.model()
    for _ in range(case.quarters):
        model.step()
        check_state(model)
    state = model.state
    assert (state.orgs["load"] <= 0.9).all()
    assert (state.ties["good"] >= 0).all() and (state.ties["bad"] >= 0).all()
    assert (state.providers["served"] >= 0).all() and (state.providers["unit_cost"] > 0).all()
    assert (state.providers["delayed"] <= 0.5).all(), "more than half of the beds are blocked"
    assert (state.icbs["community"] >= 0).all() and (state.icbs["prevention"] >= 0).all() and (state.icbs["carried"] >= 0).all()
    np.testing.assert_allclose(state.pairs["gain_a"][state.pairs["kind"] < 4] + state.pairs["gain_b"][state.pairs["kind"] < 4], 1.0)


@given(cases())
@pytest.mark.parametrize("by", [None, "region", "system", "kind"])
def test_outcomes_stay_in_range(by: str | None, case: Case) -> None:
    frame = case.model().run(case.quarters).outcomes(by)
    for name in frame.columns.intersection(COUNTED):
        known = frame[name].dropna()
        assert np.isfinite(known).all(), name
        if name not in SIGNED:
            assert (known >= 0).all(), name
            assert name in UNBOUNDED or (known <= 1 + 1e-12).all(), f"{name} is {known.max()}"


@given(cases())
def test_national_outcomes_exist_every_quarter(case: Case) -> None:
    """On worlds with every kind of organisation each outcome has a number, the survey at year end only.

    Shares of stakes are missing where nothing is at stake, which only `stake_share` at its hard bound 0 brings about.
    """
    nothing_at_stake = case.parameters.get("stake_share") == 0
    frame = case.model().run(case.quarters).outcomes()
    for name in OUTCOMES:
        if name.startswith("survey_"):
            year_end = frame["quarter"] % 4 == 3
            assert frame.loc[year_end, name].notna().all() and frame.loc[~year_end, name].isna().all()
        elif nothing_at_stake and name in WEIGHTED_BY_STAKE:
            assert frame[name].isna().all(), name
        else:
            assert np.isfinite(frame[name]).all(), name


@given(cases())
def test_shares_of_acts_add_up(case: Case) -> None:
    """Collaborative, taking advantage, guarding, or stopped by section 114: every act is one of the four."""
    model = case.model(keep={"acts"}).run(case.quarters)
    outcomes, acts = model.outcomes(), model.acts()
    stopped = (acts["act"] == "section_114_stop").groupby(acts["quarter"]).mean().to_numpy()
    whole = outcomes[["collaborative_acts", "advantage_acts", "guard_acts"]].sum(axis=1).to_numpy() + stopped
    np.testing.assert_allclose(whole, 1.0, atol=1e-12)
    weights = acts["stake_k"].where(acts["collaborative"], 0.0).groupby(acts["quarter"]).sum()
    total = acts["stake_k"].groupby(acts["quarter"]).sum()
    if (total > 0).all():
        np.testing.assert_allclose(outcomes["collaborative_share"], (weights / total).to_numpy(), atol=1e-9)
