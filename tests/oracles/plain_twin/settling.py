"""Phase 1: money, mandates and terms arrive (ODD, settle)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracles.plain_twin.draws import normal, uniform
from tests.oracles.plain_twin.ledger import TREASURY
from tests.oracles.plain_twin.organisations import QUARTERS, Organisation, Pair, PlainICB

if TYPE_CHECKING:
    from tests.oracles.plain_twin.model import PlainModel


def settle(model: PlainModel) -> None:
    """Settle the year at its start, the terms every quarter, and pay a quarter of the money."""
    model.ledger.open_quarter()
    if model.season == 0:
        settle_year(model)
    for icb in model.icbs:
        levers = icb.system.levers
        icb.final = min(max((3 * (model.season + 1) - levers.guidance_lateness) / 3, 0.0), 1.0)
        icb.running = icb.running_base * (1 - levers.running_cost_cut)
    for board in model.boards:
        set_horizon(model, board)
    for pair in model.pairs:
        set_terms(model, pair)
    pay_out(model)


def settle_year(model: PlainModel) -> None:
    """Growth, plans, earmarks and contracts of the new year."""
    p = model.parameters
    grown = model.quarter > 0
    for account in model.ledger.accounts.values():
        account.year_result = 0.0
    for pair in model.pairs:
        pair.paid = 0.0
    model.cost_surprise = p.cost_shock * normal(model.stream("national_cost"), model.run_key)
    renewal = model.stream("renewal")
    for icb in model.icbs:
        icb.last = icb.allocation
        if grown:
            grow(model, icb)
        earmark(model, icb, renewal)
    if grown:
        for icb in model.icbs:
            catch_up(model, icb)
    for provider in model.providers:
        levers = provider.system.levers
        if grown:
            provider.direct *= 1 + levers.allocation_growth
            provider.capacity *= 1 + levers.capital_growth
        provider.planned = provider.demand * (1 + p.need_growth * 5 / 8)
    for council in model.councils:
        council.plan = council.supply
        if grown:
            growth = 1 + council.system.levers.social_care_growth
            council.funding *= growth
            council.health *= growth
    set_incomes(model)


def grow(model: PlainModel, icb: PlainICB) -> None:
    """A board keeps the surplus it has a stake in, lets the rest go into other care, and takes a deficit out of it."""
    p = model.parameters
    growth = 1 + icb.system.levers.allocation_growth
    icb.allocation *= growth
    icb.community *= growth
    icb.prevention *= growth
    idle = max(0.0, -icb.deficit) * (1 - p.own_stake * (1 - icb.bailout))
    cut = max(0.0, icb.deficit) * icb.money
    icb.other_care = max(0.0, icb.other_care + (idle - cut) * icb.income * icb.start / icb.allocation)


def catch_up(model: PlainModel, icb: PlainICB) -> None:
    """New contracts take in a part of providers' deficits, out of other care; if it cannot give all, each gets the same part."""
    share = model.parameters.catch_up
    asked = {pair: pair.due * share * max(0.0, pair.b.deficit) for pair in icb.pairs["commissioning"]}
    total = sum(asked.values())
    met = min(1.0, icb.other_care / total) if total > 0 else 0.0
    for pair, extra in asked.items():
        pair.due += met * extra
    icb.other_care = max(0.0, icb.other_care - total)


def set_incomes(model: PlainModel) -> None:
    """This year's income of every board, by which its deficit is measured."""
    for icb in model.icbs:
        icb.income = icb.allocation + icb.running_base * (1 - icb.system.levers.running_cost_cut)
    for provider in model.providers:
        contracts = sum(pair.due * pair.a.allocation / pair.a.start for pair in provider.pairs["commissioning"])
        provider.income = provider.direct + contracts
    for council in model.councils:
        pooled = sum(pair.due * pair.a.allocation / pair.a.start for pair in council.pairs["pooling"])
        council.income = council.funding + pooled


def earmark(model: PlainModel, icb: PlainICB, renewal: int) -> None:
    """Earmarked money of the year, and how far it bears on the lasting programmes."""
    p, levers = model.parameters, icb.system.levers
    icb.renewed = uniform(renewal, icb.draw) < levers.fence_recurrence
    icb.fenced = levers.fence_share * icb.allocation if icb.renewed else 0.0
    planned = icb.community + icb.prevention
    icb.coverage = min(1.0, p.fence_joint * icb.fenced / planned) if planned > 0 else 0.0
    icb.displaced += p.ratchet * (p.crowd_out * icb.coverage - icb.displaced)


def set_horizon(model: PlainModel, board: Organisation) -> None:
    """The shadow of the future, a year ahead."""
    p, levers = model.parameters, board.system.levers
    by_reorganisation = levers.reorganisation * (1 - levers.mandate_stability)
    by_leaving = p.leader_turnover * (1 - p.memory_kept)
    by_funding = (1 - levers.fence_share) * p.renewal_risk / levers.settlement_years + levers.fence_share * (1 - levers.fence_recurrence)
    board.horizon = p.patience * (1 - by_reorganisation) * (1 - by_leaving) * (1 - by_funding)


def set_terms(model: PlainModel, pair: Pair) -> None:
    """What can be shifted, who gains, and what is secured between the two this quarter."""
    p, levers = model.parameters, pair.system.levers
    kept = p.shiftable_cost * (1 - levers.audit)
    misfit = p.fence_mismatch * levers.fence_restriction
    pair.shift_a = pair.shift_b = kept
    pair.worth, pair.secured, pair.local = 1.0, 0.0, 0.0
    if pair.kind == "commissioning":
        pair.shift_a = kept * (1.5 - levers.activity_share)
        pair.shift_b = kept * (0.5 + levers.activity_share)
        pair.follows = levers.activity_share
        pocket = 0.5 - p.wrong_pocket
        pair.worth = 1 - misfit * pair.a.fenced / pair.a.allocation
    elif pair.kind == "pooling":
        pocket = 0.5 - p.wrong_pocket
        pair.worth = 1 - misfit * pair.a.coverage
        pair.secured = pair.a.coverage * levers.fence_floor
        pair.local = levers.delegation
    elif pair.kind == "discharge":
        pocket = 0.5 + p.wrong_pocket
        pair.local = levers.delegation
    else:
        pocket = 0.5
    pair.gain_a = (1 - levers.gain_share) * pocket + levers.gain_share / 2
    pair.gain_b = 1 - pair.gain_a
    pair.audit = levers.audit
    pair.seen = levers.transparency


def pay_out(model: PlainModel) -> None:
    """A quarter of the year's money, from the Treasury."""
    ledger = model.ledger
    for icb in model.icbs:
        region = icb.region.code
        programmes = icb.allocation - icb.fenced + icb.running_base - icb.running
        ledger.pay_through(TREASURY, region, icb.code, "allocation", programmes / QUARTERS)
        ledger.pay_through(TREASURY, region, icb.code, "earmarked", icb.fenced / QUARTERS)
        ledger.pay_through(TREASURY, region, icb.code, "running_costs", icb.running / QUARTERS)
    for provider in model.providers:
        ledger.pay_through(TREASURY, provider.region.code, provider.code, "direct_income", provider.direct / QUARTERS)
    for council in model.councils:
        ledger.pay(TREASURY, council.code, "council_funding", council.funding / QUARTERS)
