"""Known answers: each rule that has a closed form gives it. Truth: the formula, solved by hand or by SciPy.

Rules that Python can call are put to the formula directly; the rest in a small run in which the hand can follow.
Games between two are in `test_games.py`.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

import abm
from abm.model.ics_model import ICSModel
from abm.model.parameters import PARAMETERS
from abm.model.phases.close import after_pool
from abm.model.phases.convene import initiative_under_interference
from abm.model.phases.decide import board_attention, option_threshold
from abm.model.phases.deliver import mature_programmes, share_carried_out
from abm.model.phases.exchange import mature
from abm.model.phases.invest import programme_split
from abm.model.phases.learn import blame, remember
from abm.model.phases.review import leaned, multitask_efforts, pressure, soft_budget_effort
from abm.model.phases.turn_over import forget, quarterly

unit = st.floats(0.0, 1.0)
inside = st.floats(0.01, 0.99)

# ---- two tasks (Holmstrom and Milgrom 1991) --------------------------------------------------------------------------------


@given(b1=st.floats(0, 2), b2=st.floats(0, 2), g=st.floats(0, 0.95))
def test_lasting_effort_is_nought_exactly_when_g_b1_reaches_b2(b1, b2, g):
    assume(b1 + b2 > 0)
    assert (multitask_efforts(b1, b2, g)[1] == 0.0) == (g * b1 >= b2)


@given(b1=st.floats(0, 2), b2=st.floats(0, 2), g=st.floats(0, 0.95))
def test_the_two_efforts_solve_the_two_task_problem(b1, b2, g):
    """First-order conditions with both at nought or more: no other pair of efforts does better."""
    one, two = multitask_efforts(b1, b2, g)
    assert one >= 0 and two >= 0
    for effort, other, reward in ((one, two, b1), (two, one, b2)):
        slope = reward - effort - g * other
        assert slope == pytest.approx(0.0, abs=1e-9) if effort > 0 else slope <= 1e-12


CROSSED = {  # g b1 = .7 * .95 is far above b2 = m + what is asked about lasting purposes
    "levers": {
        "finance_share": 0.95,
        "oversight_intensity": 1.0,
        "priorities": 133,
        "local_accountability": 0.0,
        "fence_share": 0.0,
        "bypass_regime": "with_and_through",
    },
    "parameters": {"effort_substitution": 0.7, "intrinsic_motivation": 0.1, "gap_spread": 0.0, "budget_gap": -0.05, "cost_pressure": 0.0},
}


def crossed(**changes):
    levers, parameters = CROSSED["levers"], CROSSED["parameters"]
    levers = levers | {name: value for name, value in changes.items() if name in levers or name not in PARAMETERS}
    parameters = parameters | {name: value for name, value in changes.items() if name in PARAMETERS}
    return ICSModel(abm.tiny(), levers, parameters, seed=2, before=levers).run(6)


def test_beyond_the_threshold_an_icb_spends_nothing_that_is_not_protected():
    model = crossed()
    boards = model.state.orgs[model.state.icbs["org"]]
    par = model.state.params[0]
    b1 = boards["felt_finance"] + soft_budget_effort(par.own_stake, par.bailout_belief, 1.0)
    assert (par.effort_substitution * b1 >= boards["felt_purpose"] + boards["motivation"]).all()
    assert (boards["effort_lasting"] == 0.0).all()
    assert (model.state.icbs["spent"] == 0.0).all()
    assert model.outcomes()["lasting_share"].tolist() == [0.0] * 6


def test_short_of_the_threshold_it_spends():
    model = crossed(effort_substitution=0.05)
    assert (model.state.orgs[model.state.icbs["org"]]["effort_lasting"] > 0.0).all()
    assert (model.state.icbs["spent"] > 0.0).all()


def test_beyond_the_threshold_protected_money_alone_is_spent():
    """All recurrent, floor 1: what is protected is spent whatever effort is."""
    model = crossed(fence_share=0.1, fence_floor=1.0, fence_recurrence=1.0, guidance_lateness=0, crowd_out=0.0)
    icbs = model.state.icbs
    assert (model.state.orgs[icbs["org"]]["effort_lasting"] == 0.0).all()
    assert (icbs["protected"] > 0.0).all()
    ready = (icbs["community"] + icbs["prevention"]) / 4.0 * icbs["protected"]
    assert (icbs["spent"] > 0.0).all()
    assert (icbs["spent"] <= ready * 1.2).all()  # with what was carried over


# ---- budgets, initiative ----------------------------------------------------------------------------------------------------


@given(stake=unit, bailout=unit, cost=st.floats(0.1, 3.0))
def test_effort_under_a_soft_budget(stake, bailout, cost):
    """e* = s (1 - p) / c maximises s (1 - p) e - c e^2 / 2; none with a sure bail-out."""
    best = soft_budget_effort(stake, bailout, cost)
    assert best == pytest.approx(stake * (1 - bailout) / cost)
    assert stake * (1 - bailout) - cost * best == pytest.approx(0.0, abs=1e-12)
    assert soft_budget_effort(stake, 1.0, cost) == 0.0


@given(expected=unit, benefit=st.floats(0, 2), cost=st.floats(0.1, 3.0))
def test_initiative_under_interference(expected, benefit, cost):
    """e = (1 - E) B / k: bypass cuts initiative one for one where it does not bind."""
    assert initiative_under_interference(expected, benefit, cost) == pytest.approx(min(1.0, (1 - expected) * benefit / cost))


def test_an_icb_that_is_always_bypassed_stops_convening():
    """All providers bypassed in every quarter: E' = 1 - memory^n, initiative 1 - E."""
    before = {"bypass_regime": "with_and_through"}
    levers = {"bypass_regime": "formal", "bypass_rate": 1.0}
    model = ICSModel(abm.tiny(), levers, {"review_memory": 0.6}, before=before)
    for quarter in range(6):
        model.step()
        icbs = model.state.icbs
        assert icbs["bypassed"] == pytest.approx(1.0)
        assert icbs["initiative"] == pytest.approx(0.6**quarter)  # convened before it learned of this quarter
        assert icbs["expected"] == pytest.approx(1 - 0.6 ** (quarter + 1))


@given(rest=unit, felt=unit, stress=unit)
def test_attention_to_money_has_its_corners(rest, felt, stress):
    rigid, search = (board_attention(rule, rest, felt, stress) for rule in (0, 1))
    assert 0 <= search <= rigid + 1e-12 <= 1 + 1e-12
    assert board_attention(0, rest, 0.0, 0.0) == pytest.approx(rest) == board_attention(1, rest, 0.0, 0.0)
    for rule in (0, 1):
        assert board_attention(rule, rest, felt, 1.0) == pytest.approx(1.0)
        assert board_attention(rule, rest, 1.0, 0.0) == pytest.approx(1.0)


@given(share=st.floats(-0.1, 0.3), onset=st.floats(0, 0.05), slope=st.floats(0, 100), base=unit, reflex=unit)
def test_pressure_and_the_lean_under_it(share, onset, slope, base, reflex):
    pressed = pressure(share, onset, slope)
    assert pressed == pytest.approx(1 - math.exp(-slope * max(0.0, share - onset)))
    assert base - 1e-12 <= leaned(base, reflex, pressed) <= 1 + 1e-12
    assert leaned(base, reflex, 0.0) == base
    assert leaned(base, 1.0, 1.0) == pytest.approx(1.0)


# ---- trust --------------------------------------------------------------------------------------------------------------------


def settle_trust(memory, evidence, quarters=4000, good=3.0, bad=2.0):
    """A tie after many quarters of `evidence(quarter, trust)` -> (kept, broken), by the model's own rule."""
    tie = SimpleNamespace(good=good, bad=bad, trust=good / (good + bad))
    for quarter in range(quarters):
        remember.py_func(tie, memory, *evidence(quarter, tie.trust))
    return tie


@pytest.mark.parametrize("memory", [0.5, 0.85, 0.94, 0.98])
def test_constant_kept_acts_fill_the_memory(memory):
    """good* = 1 / (1 - phi), bad* = 0, trust* = 1."""
    tie = settle_trust(memory, lambda quarter, trust: (1.0, 0.0))
    assert tie.good == pytest.approx(1 / (1 - memory))
    assert tie.trust == pytest.approx(1.0)


@pytest.mark.parametrize("memory", [0.5, 0.85, 0.94])
def test_alternating_acts_settle_on_a_cycle_of_two(memory):
    """Kept, then broken with weight 1: good is 1 / (1 - phi^2) after the kept act and phi times that after the broken one."""
    evidence = [(1.0, 0.0), (0.0, 1.0)]
    high = 1 / (1 - memory**2)
    broken_last = settle_trust(memory, lambda quarter, trust: evidence[quarter % 2], 4000)
    kept_last = settle_trust(memory, lambda quarter, trust: evidence[quarter % 2], 4001)
    assert (kept_last.good, kept_last.bad) == pytest.approx((high, memory * high))
    assert (broken_last.good, broken_last.bad) == pytest.approx((memory * high, high))
    assert kept_last.trust == pytest.approx(1 / (1 + memory))


@pytest.mark.parametrize("rate", [0.25, 0.55, 0.75, 0.95])
@pytest.mark.parametrize("weight", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("chance", [0.05, 0.3, 1.0])
def test_a_steady_mixture_of_acts_has_its_fixed_point(rate, weight, chance):
    """T = r / (r + (1 - r) K blame(T)), blame by hand (pi / (pi + (1 - pi) e), pi = 1 - T), solved by Brent's method."""

    def gap(trust):
        by_hand = (1 - trust) / ((1 - trust) + trust * chance)
        return rate / (rate + (1 - rate) * weight * by_hand) - trust

    tie = settle_trust(0.94, lambda quarter, trust: (rate, (1 - rate) * weight * blame(trust, chance)))
    assert gap(tie.trust) == pytest.approx(0.0, abs=1e-9)
    low = brentq(gap, 1e-9, 1 - 1e-9) if gap(1 - 1e-9) < 0 else None
    if low is not None:  # one inner fixed point; otherwise trust runs off to one
        assert tie.trust == pytest.approx(low, abs=1e-6)
    else:
        assert tie.trust > 0.99


@given(trust=inside)
def test_blame_has_its_limits(trust):
    """No chance of circumstance: all intent. Circumstance for sure: the prior of intent. Trusted partners are blamed less."""
    assert blame(trust, 0.0) == 1.0
    assert blame(trust, 1.0) == pytest.approx(1 - trust)
    assert blame(0.0, 0.3) == 1.0
    assert blame(1.0, 0.3) == 0.0
    assert blame(min(0.999, trust + 0.001), 0.3) <= blame(trust, 0.3)
    assert blame(trust, 0.4) <= blame(trust, 0.3)


def test_evidence_in_the_full_model_is_what_a_fair_coin_gives():
    """With no precision every act is a coin: E good_n = phi^n good_0 + (1 - phi^n) / 2 / (1 - phi), over 1,000 ties."""
    still = {"choice_precision": 0.0, "leader_turnover": 0.0, "section114_hazard": 0.0, "council_reserves": 1.0, "cost_pressure": -0.05}
    model = ICSModel(abm.synthetic(12, seed=4), {"reorganisation": 0.0, "social_care_growth": 0.05}, still, seed=1).run(40)
    ties = model.state.ties[model.state.ties["kind"] < 4]
    assert not (model.state.orgs["stop"] > 0).any()
    memory = PARAMETERS["trust_memory"].default
    nhs = ties[np.isin(ties["kind"], (0, 3))]
    expected = memory**40 * 0.6 / (1 - memory) + 0.5 * (1 - memory**40) / (1 - memory)
    error = 0.5 / math.sqrt((1 - memory**2) * len(nhs))
    assert len(nhs) > 500
    assert nhs["good"].mean() == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize("kept", [0.0, 0.5, 1.0])
def test_a_new_leader_takes_evidence_back_to_the_prior(kept):
    par = SimpleNamespace(trust_memory=0.9, memory_kept=kept)
    tie = SimpleNamespace(good=9.0, bad=0.5, trust=9.0 / 9.5)
    forget.py_func(par, tie, 0.6)
    assert (tie.good, tie.bad) == pytest.approx((6 + kept * 3, 4 + kept * -3.5))
    assert tie.trust == pytest.approx(tie.good / (tie.good + tie.bad))


# ---- role uncertainty as a real option ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("noise", "threshold"), [(0.2, 1.86), (0.4, 3.30)])
def test_the_threshold_of_a_real_option_is_that_of_the_evidence(noise, threshold):
    """EVIDENCE section 2, at a discount rate of 5 per cent."""
    assert option_threshold(noise, 0.05) == pytest.approx(threshold, abs=0.005)


@given(noise=st.floats(0.01, 1.0), rate=st.floats(0.01, 0.3))
def test_the_threshold_solves_the_option_s_equation(noise, rate):
    """b = threshold / (threshold - 1) is the root above one of sigma^2 b (b - 1) / 2 = r (pay-out yield r)."""
    threshold = option_threshold(noise, rate)
    b = threshold / (threshold - 1)
    assert b > 1
    assert 0.5 * noise**2 * b * (b - 1) == pytest.approx(rate, rel=1e-6)
    assert option_threshold(2 * noise, 4 * rate) == pytest.approx(threshold)  # r / sigma^2 is all that counts


def test_without_noise_a_step_need_only_pay_for_itself():
    assert option_threshold(0.0, 0.05) == option_threshold(0.2, 0.0) == 1.0
    assert [option_threshold(noise, 0.05) - 1 for noise in (1e-2, 1e-3, 1e-4)] == pytest.approx([0.0321, 3.17e-3, 3.16e-4], rel=0.01)


def test_an_unclear_role_makes_a_step_with_the_icb_dearer_in_the_full_model():
    par = {"role_noise": 0.4, "patience": 0.95, "layer_burden": 0.0}
    model = ICSModel(abm.tiny(), {"mandate_clarity": 0.0}, par, before={"mandate_clarity": 0.0}).run(1)
    assert model.state.icbs["hurdle"] == pytest.approx(3.30, abs=0.005)
    ties = model.state.ties
    assert ties["hurdle"][ties["kind"] < 2] == pytest.approx(0.14 * model.state.icbs["hurdle"][0])
    assert ties["hurdle"][(ties["kind"] == 2) | (ties["kind"] == 3)] == pytest.approx(0.14)


# ---- time -----------------------------------------------------------------------------------------------------------------------


@given(yearly=st.floats(0, 0.999))
def test_four_quarterly_chances_make_the_yearly_one(yearly):
    assert 1 - (1 - quarterly(yearly)) ** 4 == pytest.approx(yearly, abs=1e-12)


def test_leaders_leave_at_the_yearly_rate_in_the_full_model():
    """67 organisations over 40 years."""
    model, left = ICSModel(abm.synthetic(12, seed=4), parameters={"leader_turnover": 0.28}, seed=3), []
    for _ in range(160):
        model.step()
        left.append((model.state.orgs["tenure"] == 0)[model.state.orgs["kind"] != 1].mean())  # reorganisation resets ICBs too
    stayed = (1 - np.array(left)).reshape(40, 4).prod(axis=1).mean()
    assert 1 - stayed == pytest.approx(0.28, abs=0.03)


@pytest.mark.parametrize("years", [1, 3, 5])
def test_the_shadow_of_the_future(years):
    """horizon = beta (1 - h_reorg)(1 - h_churn (1 - memory))(1 - h_fund), by hand."""
    levers = {
        "settlement_years": years,
        "reorganisation": 0.2,
        "mandate_stability": 0.75,
        "fence_share": 0.1,
        "fence_recurrence": 0.4,
    }
    parameters = {"patience": 0.95, "leader_turnover": 0.3, "memory_kept": 0.6, "renewal_risk": 0.5}
    model = ICSModel(abm.tiny(), levers, parameters).run(1)
    by_hand = 0.95 * (1 - 0.05) * (1 - 0.12) * (1 - (0.9 * 0.5 / years + 0.1 * 0.6))
    within = model.state.orgs["system"] >= 0
    assert model.state.orgs["horizon"][within] == pytest.approx(by_hand)


@pytest.mark.parametrize("years", [1.0, 2.0, 5.0, 12.0])
@pytest.mark.parametrize("programme", ["community", "prevention"])
def test_a_programme_matures_with_its_mean_lag(years, programme):
    """The mean delay of a step is the area between the step and the response: L years, through three stages (Erlang)."""
    names = ("community", "community_1", "community_2", "prevention", "prevention_1", "prevention_2", "community_0", "prevention_0")
    system = SimpleNamespace(
        **dict.fromkeys(names, 0.0), spent_comm=25.0, spent_prev=25.0, community_k=100.0, prevention_k=100.0, need=1.0, provider_cost=0.0
    )
    par = SimpleNamespace(community_lag=years, prevention_lag=years, community_return=1.0, prevention_return=1.0)
    state = SimpleNamespace(params=[par], systems=_Rows([system]))
    response = [0.0]
    for _ in range(int(80 * years)):
        mature_programmes.py_func(state)
        response.append(getattr(system, programme))
    assert share_carried_out(25.0, 100.0) == 1.0
    assert response[-1] == pytest.approx(1.0, abs=1e-6)
    assert sum(1 - value for value in response) / 4 == pytest.approx(years, rel=1e-4)
    step = 3 / (4 * years)
    spread = sum((2 * n + 1) * (1 - value) for n, value in enumerate(response)) - (4 * years) ** 2
    assert spread == pytest.approx(3 * (1 - step) / step**2, rel=1e-3)  # variance of a sum of three geometric delays


class _Rows(list):
    @property
    def size(self) -> int:
        return len(self)


@pytest.mark.parametrize("years", [1.0, 2.0, 4.0])
def test_joint_work_on_a_pair_matures_with_the_same_mean_lag(years):
    par = SimpleNamespace(community_lag=years, lasting_benefit=1.8, fixed_cost=0.6)
    pair = SimpleNamespace(programme=0.0, start=0.0, worth=0.9, stake=400.0, gain_a=0.35, gain_b=0.65)
    response = []
    for _ in range(int(80 * years)):
        response.append(pair.programme)
        a, b = SimpleNamespace(saving=0.0), SimpleNamespace(saving=0.0)
        mature.py_func(par, pair, a, b, 1)
    assert sum(1 - value for value in response) / 4 == pytest.approx(years, rel=1e-4)
    whole = 2 * 0.9 * 1.8 * 100.0 * (1 - 0.6)  # 2 worth B V / 4 (1 - fixed), once mature
    assert (a.saving, b.saving) == pytest.approx((0.35 * whole, 0.65 * whole), rel=1e-4)


# ---- money ----------------------------------------------------------------------------------------------------------------------


@given(available=st.floats(0, 1e6), protected=unit, effort=unit, raid=unit, divert=unit)
def test_programme_money_goes_somewhere_and_the_protected_part_to_its_purpose(available, protected, effort, raid, divert):
    parts = programme_split(available, protected, effort, raid, divert)
    assert sum(parts) == pytest.approx(available)
    assert min(parts) >= -1e-9 * available
    assert parts[0] >= available * protected * (1 - 1e-12)
    free = available * (1 - protected)
    assert parts[1] == pytest.approx(free * raid)
    assert parts[0] - available * protected == pytest.approx(free * (1 - raid) * (1 - divert) * effort, abs=1e-6)


@given(result=st.floats(-1e6, 1e6), cover=unit, levy=unit)
def test_a_risk_pool_halves_nothing_twice(result, cover, levy):
    left = after_pool(result, cover, levy)
    assert left == pytest.approx(result * ((1 - levy) if result > 0 else (1 - cover)))
    assert left * result >= 0


HAND = {
    "levers": {"guidance_lateness": 0, "activity_share": 0.5, "bypass_regime": "with_and_through"},
    "before": {"oversight_intensity": 0.0, "local_accountability": 0.0, "guidance_lateness": 0},
    "parameters": {
        "own_stake": 0.0,  # with no oversight remembered, nobody has reason to save
        "gap_spread": 0.0,
        "budget_gap": 0.0,
        "pressure_spread": 0.0,
        "cost_pressure": 0.02,
        "cost_shock": 0.0,
        "need_growth": 0.025,
        "fixed_cost": 0.6,
        "control_benefit": 0.2,
        "delay_elasticity": 0.75,
        "delayed_start": 0.12,
        "council_reserves": 0.0,
    },
}


def test_one_quarter_s_payments_and_cost_of_a_hospital_by_hand():
    """Tiny England, first quarter, hospital P1: contract GBP 500m of I1, 200m direct, beds worth 20m blocked."""
    model = ICSModel(abm.tiny(), HAND["levers"], HAND["parameters"], before=HAND["before"], keep=("ledger",)).run(1)
    ledger = model.ledger()

    def paid(payer, payee, purpose):
        chosen = (ledger["payer"] == payer) & (ledger["payee"] == payee) & (ledger["purpose"] == purpose)
        return ledger.loc[chosen, "amount_k"].sum()

    assert paid("I1", "P1", "contract") == pytest.approx(500_000 / 4)
    # the plan foresees a year's mean growth, 0.025 * 5 / 8; last quarter's activity was 1; half of the contract follows: a refund
    assert paid("P1", "I1", "activity") == pytest.approx(125_000 * 0.5 * (1 - 1 / 1.015625))
    assert paid("R1", "P1", "direct_income") == pytest.approx(200_000 / 4)

    # council C1: GBP 240m of social care and 0.6 of a pool of 60m; need and unit cost have grown, money has not, reserves are nil
    given = (240_000 + 36_000) / 4
    supply = 1 / (1.00625 * 1.005)
    assert paid("C1", "care", "social_care") == pytest.approx(given)
    assert model.state.councils["supply"] == pytest.approx(supply)

    delayed = 0.12 * supply**-0.75
    assert delayed == pytest.approx(0.12101, abs=1e-5)
    room = (1 - delayed) / (1 - 0.12)  # less than a demand of 1 + 0.025 / 4
    provider = model.state.providers[0]
    assert provider.demand == pytest.approx(1.00625)
    assert provider.delayed == pytest.approx(delayed)
    assert provider.served == pytest.approx(room)
    assert provider.unmet == pytest.approx((1 - room / 1.00625) / 4)

    scale = 1 + 0.4 * (room - 1) / 4
    size = 0.6 * scale + 0.4 * room
    beds = 20_000 / 4 * 0.4 * (delayed / 0.12 - 1)
    cost = 700_000 / 4 * 1.005 * size + beds
    assert cost == pytest.approx(175_800, abs=100)  # and not some other order of size
    assert paid("P1", "care", "provider_care") == pytest.approx(cost)


def test_a_late_plan_pays_last_year_s_rate_and_then_catches_up():
    """Growth of 4 per cent, final after four months: one quarter at last year's rate, one part-final at it too, then the rest in halves."""
    levers = {"guidance_lateness": 4, "allocation_growth": 0.04}
    model = ICSModel(abm.tiny(), levers, {"catch_up": 0.0}, keep=("ledger",)).run(8)
    ledger = model.ledger()
    chosen = (ledger["payer"] == "I1") & (ledger["payee"] == "P1") & (ledger["purpose"] == "contract")
    second_year = ledger[chosen & (ledger["quarter"] >= 4)].groupby("quarter")["amount_k"].sum()
    assert second_year.tolist() == pytest.approx([125_000, 125_000, 135_000, 135_000])
    assert second_year.sum() == pytest.approx(520_000)
