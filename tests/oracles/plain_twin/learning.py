"""Phases 7 to 9: programmes are carried out, boards learn, leaders leave (ODD, invest, learn and turn_over)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracles.plain_twin.draws import uniform
from tests.oracles.plain_twin.ledger import CARE
from tests.oracles.plain_twin.organisations import QUARTERS, Organisation, Pair, PlainICB, PlainProvider, Tie

if TYPE_CHECKING:
    from tests.oracles.plain_twin.model import PlainModel


def invest(model: PlainModel) -> None:
    """Community and prevention money is spent, put off, raided, diverted or dropped."""
    for system in model.systems:
        system.spent_prev = sum(council.health_paid for council in system.councils)
    for icb in model.icbs:
        model.ledger.pay(icb.code, CARE, "pot_admin", model.parameters.pot_admin * icb.fenced / QUARTERS)
        carry_out(model, icb)


def carry_out(model: PlainModel, icb: PlainICB) -> None:
    """One ICB's programmes in this quarter."""
    p, system = model.parameters, icb.system
    planned = icb.community + icb.prevention
    plan = planned / QUARTERS
    levers = system.levers
    earmarked = p.fence_joint * icb.fenced / QUARTERS if planned > 0 else 0.0
    own = (1 - icb.coverage) * (1 - icb.displaced) / (1 - icb.displaced_0)
    new = max(plan * (icb.coverage + own), levers.fence_floor * earmarked)
    available = new + icb.carried
    tied = earmarked * (1 - (1 - levers.fence_floor) * (1 - levers.fence_restriction))
    icb.protected = min(1.0, tied / available) if available > 0 else 0.0
    ready = available * icb.final * (1 - icb.load)
    icb.carried = available - ready
    fixed = ready * icb.protected
    free = ready - fixed
    in_deficit = {x: max(0.0, x.deficit) * x.income for x in system.providers}
    raided = free * icb.money * icb.stress if sum(in_deficit.values()) > 0 else 0.0
    diverted = (free - raided) * p.diversion * icb.bypassed
    dropped = (free - raided - diverted) * (1 - icb.effort_lasting)
    spent = fixed + free - raided - diverted - dropped

    hand_out(model, icb, "raided", raided, in_deficit)
    if not hand_out(model, icb, "diverted", diverted, {x: x.contract for x in system.providers if x.bypassed}):
        spent += diverted
    effect = 1 - p.fence_mismatch * system.levers.fence_restriction * icb.coverage
    system.spent_comm = 0.0
    if planned > 0:
        to_community, to_prevention = spent * icb.community / planned, spent * icb.prevention / planned
        model.ledger.pay(icb.code, CARE, "community", to_community)
        model.ledger.pay(icb.code, CARE, "prevention", to_prevention)
        system.spent_comm = to_community * effect
        system.spent_prev += to_prevention * effect
    icb.programme_year += spent
    icb.planned_year += new


def hand_out(model: PlainModel, icb: PlainICB, purpose: str, amount: float, weights: dict[PlainProvider, float]) -> bool:
    """Share an amount out among providers; False if there is nobody to take it."""
    total = sum(weights.values())
    if total <= 0:
        return False
    for provider, weight in weights.items():
        if weight > 0:
            model.ledger.pay(icb.code, provider.code, purpose, amount * weight / total)
    return True


def learn(model: PlainModel) -> None:
    """Trust, pay-offs, motivation, authority and expectation follow what happened."""
    luck = model.stream("attribution")
    for tie in model.ties:
        judge(model, tie, luck)
    for pair in model.oversight:
        judge_oversight(model, pair)
    for board in model.boards:
        motivate(model, board)
    for icb in model.icbs:
        recognise(model, icb)


def remember(tie: Tie, kept: float, broken: float, memory: float) -> None:
    """Evidence fades, and new evidence is added."""
    tie.good = memory * tie.good + kept
    tie.bad = memory * tie.bad + broken
    set_trust(tie)


def set_trust(tie: Tie) -> None:
    """The share of good evidence; as it was if there is no evidence at all."""
    if tie.good + tie.bad > 0:
        tie.trust = tie.good / (tie.good + tie.bad)


def judge(model: PlainModel, tie: Tie, luck: int) -> None:
    """The source of a tie judges what its target did to it, and learns from its own pay-off."""
    p, pair, target = model.parameters, tie.pair, tie.target
    if tie.back.joint:
        remember(tie, 1.0, 0.0, p.trust_memory)
    else:
        if target.visible or uniform(luck, tie.draw) < pair.seen:
            excuse = 1.0 if target.forced else 0.0
        else:
            excuse = p.circumstance
        distrust = 1 - tie.trust
        either = distrust + (1 - distrust) * excuse
        blame = distrust / either if either > 0 else 1.0
        broken = (1 + (p.broken_weight - 1) * (1 - pair.system.levers.compact)) * blame
        remember(tie, 0.0, broken, p.trust_memory)
    fresh = 1 - p.trust_memory
    if tie.joint:
        tie.attract_joint += fresh * (tie.payoff - tie.attract_joint)
    else:
        tie.attract_alone += fresh * (tie.payoff - tie.attract_alone)
    tie.aspiration += fresh * (tie.payoff - tie.aspiration)


def judge_oversight(model: PlainModel, pair: Pair) -> None:
    """A region and the body it reviews judge each other."""
    p, of_region, of_body, body = model.parameters, pair.tie_a, pair.tie_b, pair.b
    m = p.trust_memory
    if isinstance(body, PlainICB):
        remember(of_body, body.coordinated, p.broken_weight * body.unnoticed, m)
        remember(of_region, body.respect * (1 - body.stress), body.stress, m)
    else:
        remember(of_body, body.reviewed * (1 - body.felt_finance), body.reviewed * body.felt_finance, m)
        remember(of_region, 1 - body.stress, body.stress, m)


def motivate(model: PlainModel, board: Organisation) -> None:
    """Motivation returns to rest and is worn down by felt control."""
    p = model.parameters
    if board.stake_in > 0:
        board.received = board.joint_in / board.stake_in
    control = board.felt_finance if board.nhs else 0.0
    if isinstance(board, PlainICB):
        control *= 1 - board.coordinated
    board.motivation += (1 - p.trust_memory) * (p.intrinsic_motivation - board.motivation)
    board.motivation = min(max(board.motivation * (1 - p.crowding_out / QUARTERS * control), 0.0), 1.0)


def recognise(model: PlainModel, icb: PlainICB) -> None:
    """Authority grows with respect and is lost when partners are dealt with unannounced."""
    p = model.parameters
    if icb.stake_in > 0:
        icb.respect = icb.joint_in / icb.stake_in
    lost = p.authority_loss * icb.unnoticed * icb.authority
    icb.authority += (1 - p.trust_memory) * (icb.respect - icb.authority) - lost
    icb.expected += (1 - p.review_memory) * (icb.bypassed - icb.expected)


def turn_over(model: PlainModel) -> None:
    """Leaders leave, reorganisation may strike, and memory is lost with both."""
    p = model.parameters
    luck = model.stream("turnover")
    leaving = quarterly(p.leader_turnover)
    for organisation in model.organisations:
        organisation.tenure += 1
        if uniform(luck, organisation.draw) < leaving:
            organisation.tenure = 0
    u = uniform(model.stream("reorganisation"), model.run_key)
    for icb in model.icbs:
        if u < quarterly(icb.system.levers.reorganisation):
            icb.authority *= icb.system.levers.mandate_stability
            icb.clarity *= icb.system.levers.mandate_stability
            icb.tenure = 0
    for tie in model.all_ties:
        for end in (tie.source, tie.target):
            if end.tenure == 0:
                forget(model, tie)


def quarterly(yearly: float) -> float:
    """The chance in a quarter that makes a chance in a year."""
    return 1 - (1 - yearly) ** (1 / 4)


def forget(model: PlainModel, tie: Tie) -> None:
    """New relations are uncertain, not bad: evidence moves towards the prior."""
    p = model.parameters
    weight = 1 / (1 - p.trust_memory)
    good, bad = weight * tie.prior, weight * (1 - tie.prior)
    tie.good = good + p.memory_kept * (tie.good - good)
    tie.bad = bad + p.memory_kept * (tie.bad - bad)
    set_trust(tie)
