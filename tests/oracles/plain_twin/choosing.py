"""Phases 5 and 6: each organisation chooses an act on each tie, and the acts take effect (ODD, decide and exchange)."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.oracles.plain_twin.draws import uniform
from tests.oracles.plain_twin.ledger import CARE
from tests.oracles.plain_twin.organisations import QUARTERS, Organisation, Pair, PlainCouncil, PlainICB, PlainProvider, Tie

if TYPE_CHECKING:
    from tests.oracles.plain_twin.model import PlainModel

ACTS = {  # joint, takes advantage, guards
    ("commissioning", PlainICB): ("plan_together", "withhold_payment", "police_contract"),
    ("commissioning", PlainProvider): ("honour_plan", "push_activity", "contest_plan"),
    ("pooling", PlainICB): ("honour_pool", "renege_on_share", "demand_assurance"),
    ("pooling", PlainCouncil): ("honour_pool", "withdraw_share", "withhold_information"),
    ("discharge", PlainProvider): ("discharge_jointly", "shift_discharge", "dispute_discharge"),
    ("discharge", PlainCouncil): ("absorb_discharge", "delay_care", "dispute_responsibility"),
    ("collaborative", PlainProvider): ("mutual_aid", "shift_patients", "keep_to_itself"),
}


def logit(x: float, p: SimpleNamespace) -> float:
    """A chance from a difference in pay-off."""
    return 1 / (1 + math.exp(min(700.0, -p.choice_precision * x)))


def decide(model: PlainModel) -> None:
    """Hurdles, attention, then an act on each tie."""
    for icb in model.icbs:
        icb.hurdle = hurdle(icb, model.parameters)
    for board in model.boards:
        board.money = attention(board, model.parameters)
    luck = model.stream("act")
    for pair in model.pairs:
        icb = pair.a if isinstance(pair.a, PlainICB) else None
        role = icb.hurdle if icb else 1.0
        choose(model, pair.tie_a, role, pair.shift_a, pair.shift_b, pair.gain_a, luck)
        choose(model, pair.tie_b, role, pair.shift_b, pair.shift_a, pair.gain_b, luck)


def hurdle(icb: PlainICB, p: SimpleNamespace) -> float:
    """How many times its cost an irreversible step must promise when the ICB's role is unclear."""
    r = 1 - p.patience
    sigma = p.role_noise * (1 - icb.clarity)
    if sigma == 0 or r == 0:
        return 1.0
    b = 0.5 + math.sqrt(0.25 + 2 * r / sigma**2)
    return b / (b - 1)


def attention(board: Organisation, p: SimpleNamespace) -> float:
    """How far a board's mind is on in-year money."""
    f, x, w = board.felt_finance, board.stress, p.money_attention
    if p.attention_rule == "threat_rigidity":
        return w + (1 - w) * (1 - (1 - f) * (1 - x))
    return (w + (1 - w) * (1 - (1 - f) * (1 - x**2))) * (1 - x * (1 - x))


def choose(model: PlainModel, tie: Tie, role: float, own_shift: float, partner_shift: float, gain: float, luck: int) -> None:
    """Weigh working jointly, and act."""
    p, pair, actor = model.parameters, tie.pair, tie.source
    tie.hurdle = p.upfront_cost * role / (1 - actor.load)
    q = 1 - (1 - tie.trust) * (1 - pair.assurance) * (1 - pair.secured)
    tie.belief = q
    cash = -tie.hurdle - (1 - q) * partner_shift - q * own_shift + (1 - q) * p.policing_cost
    value = actor.horizon * q * 2 * gain * pair.worth * p.lasting_benefit
    tie.cash_term = actor.money * cash
    tie.value_term = (1 - actor.money + actor.motivation) * value
    tie.norm_term = p.norm_weight * (actor.received - 0.5)
    tie.fate_term = p.common_fate * pair.known_stress
    difference = tie.cash_term + tie.value_term + tie.norm_term + tie.fate_term
    tie.chance = chance_of(model, tie, q, difference)

    joint, advantage, guard = ACTS[tie.kind, type(actor)]
    if actor.stop > 0:
        tie.act, tie.joint = "section_114_stop", False
    elif uniform(luck, tie.draw) < tie.chance:
        tie.act, tie.joint = joint, True
    else:
        tie.act, tie.joint = (advantage if q >= 0.5 else guard), False


def chance_of(model: PlainModel, tie: Tie, q: float, difference: float) -> float:
    """The chance of the joint act, by one of three rules."""
    p = model.parameters
    if p.decision_rule == "quantal_response":
        return logit(difference, p)
    if p.decision_rule == "reinforcement":
        if model.quarter == 0:
            tie.attract_joint, tie.attract_alone = difference, 0.0
        return logit(tie.attract_joint - tie.attract_alone, p)
    willing = p.conditional_slope * q + (1 - p.conditional_slope) * tie.source.motivation + tie.norm_term + tie.fate_term
    willing = min(max(willing, 0.0), 1.0)
    if model.quarter == 0:
        return willing
    z = logit(tie.payoff - tie.aspiration, p)
    return z * tie.joint + (1 - z) * willing


def exchange(model: PlainModel) -> None:
    """Acts take effect in money and care, pair by pair."""
    for organisation in model.organisations:
        organisation.saving = organisation.disputes = organisation.stake_in = organisation.joint_in = 0.0
    luck = model.stream("audit")
    for provider in model.providers:
        provider.joint_now = 0.0
    for pair in model.pairs:
        settle_acts(model, pair, uniform(luck, pair.draw) < pair.audit)
        joint_work(model, pair)
        pair.tie_a.payoff = payoff(model, pair.tie_a, pair.shift_a, pair.shift_b, pair.gain_a)
        pair.tie_b.payoff = payoff(model, pair.tie_b, pair.shift_b, pair.shift_a, pair.gain_b)
    for provider in model.providers:
        provider.joint += (provider.joint_now - provider.joint) / QUARTERS


def settle_acts(model: PlainModel, pair: Pair, found: bool) -> None:
    """Who pays what for what the two did."""
    p, ledger = model.parameters, model.ledger
    a, b, joint_a, joint_b = pair.a, pair.b, pair.tie_a.joint, pair.tie_b.joint
    stake = pair.stake / QUARTERS
    if joint_a:
        ledger.pay(a.code, CARE, "joint_work", p.upfront_cost * stake)
    if joint_b:
        ledger.pay(b.code, CARE, "joint_work", p.upfront_cost * stake)
    if joint_a and not joint_b and not found:
        ledger.pay(a.code, b.code, "shifted_cost", pair.shift_b / (1 - pair.audit) * stake)
    if joint_b and not joint_a and not found:
        ledger.pay(b.code, a.code, "shifted_cost", pair.shift_a / (1 - pair.audit) * stake)
    if not joint_a and not joint_b:
        ledger.pay(a.code, CARE, "dispute", p.policing_cost * stake)
        ledger.pay(b.code, CARE, "dispute", p.policing_cost * stake)
        a.disputes += 1
        b.disputes += 1
    a.stake_in += pair.stake
    b.stake_in += pair.stake
    a.joint_in += pair.stake * joint_b
    b.joint_in += pair.stake * joint_a


def joint_work(model: PlainModel, pair: Pair) -> None:
    """Joint work matures, and saves or costs more than at the start."""
    p = model.parameters
    both = 1.0 if pair.tie_a.joint and pair.tie_b.joint else 0.0
    pair.programme += min(1.0, 1 / (4 * p.community_lag)) * (both - pair.programme)
    saved = 2 * pair.worth * p.lasting_benefit * pair.stake / QUARTERS * (1 - p.fixed_cost) * (pair.programme - pair.start)
    pair.a.saving += pair.gain_a * saved
    pair.b.saving += pair.gain_b * saved
    if pair.kind == "discharge":
        pair.a.joint_now += pair.share_a * both


def payoff(model: PlainModel, tie: Tie, own_shift: float, partner_shift: float, gain: float) -> float:
    """What the act was worth to the one who did it."""
    p, actor, answered = model.parameters, tie.source, tie.back.joint
    if tie.joint:
        lasting = actor.horizon * 2 * gain * tie.pair.worth * p.lasting_benefit * answered
        return actor.money * (-tie.hurdle - partner_shift * (not answered)) + (1 - actor.money + actor.motivation) * lasting
    return actor.money * (own_shift if answered else -p.policing_cost)
