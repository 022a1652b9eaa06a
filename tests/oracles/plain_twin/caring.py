"""Phase 2: need arrives, care is given and paid for (ODD, deliver)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracles.plain_twin.draws import normal
from tests.oracles.plain_twin.ledger import CARE
from tests.oracles.plain_twin.organisations import QUARTERS, PlainCouncil, PlainICB, PlainProvider, System

if TYPE_CHECKING:
    from tests.oracles.plain_twin.model import PlainModel


def deliver(model: PlainModel) -> None:
    """Need, programmes, ICBs' payments, social care, blocked beds, providers' care."""
    growth = 1 + model.parameters.need_growth / QUARTERS
    for holder in [*model.systems, *model.councils]:
        holder.need *= growth
    for system in model.systems:
        mature(model, system)
    for council in model.councils:
        council.pooled = 0.0
    for icb in model.icbs:
        pay_partners(model, icb)
    luck = model.stream("local_cost")
    for council in model.councils:
        give_social_care(model, council, luck)
    for provider in model.providers:
        block_beds(model, provider)
        give_care(model, provider, luck)


def mature(model: PlainModel, system: System) -> None:
    """What is built up is the lagged share of the planned programme carried out, through three stages."""
    p = model.parameters
    step = min(1.0, 3 / (4 * p.community_lag))
    planned = system.community_k * system.need
    carried = 4 * system.spent_comm / planned if planned > 0 else 0.0
    system.community += step * (system.community_2 - system.community)
    system.community_2 += step * (system.community_1 - system.community_2)
    system.community_1 += step * (carried - system.community_1)

    step = min(1.0, 3 / (4 * p.prevention_lag))
    planned = system.prevention_k * system.need
    carried = 4 * system.spent_prev / planned if planned > 0 else 0.0
    system.prevention += step * (system.prevention_2 - system.prevention)
    system.prevention_2 += step * (system.prevention_1 - system.prevention_2)
    system.prevention_1 += step * (carried - system.prevention_1)

    by_community = p.community_return * system.community_k * (system.community - system.community_0)
    by_prevention = p.prevention_return * system.prevention_k * (system.prevention - system.prevention_0)
    system.avoided = min(0.5, (by_community + by_prevention) / system.provider_cost) if system.provider_cost > 0 else 0.0


def pay_partners(model: PlainModel, icb: PlainICB) -> None:
    """Contracts, pooled funds, other care and running costs."""
    ledger = model.ledger
    for pair in icb.pairs["commissioning"]:
        if icb.final < 1:
            payment = pair.due * icb.last / icb.start / QUARTERS
        else:
            payment = (pair.due * icb.allocation / icb.start - pair.paid) / (QUARTERS - model.season)
        pair.paid += payment
        ledger.pay(icb.code, pair.b.code, "contract", payment)
        ledger.pay(icb.code, pair.b.code, "activity", payment * pair.follows * (pair.b.served / pair.b.planned - 1))
    for pair in icb.pairs["pooling"]:
        payment = pair.due * icb.allocation / icb.start / QUARTERS
        pair.b.pooled += payment
        ledger.pay(icb.code, pair.b.code, "pooled_fund", payment)
    other = (icb.other_care * icb.allocation / icb.start + icb.running_base - icb.running) / QUARTERS
    ledger.pay(icb.code, CARE, "other_care", other - min(icb.saving, other))
    ledger.pay(icb.code, CARE, "running_costs", icb.running / QUARTERS)


def surprised(model: PlainModel, body: PlainCouncil | PlainProvider, luck: int) -> float:
    """The quarter's surprise in costs; one of more than a standard deviation forces the body's hand, unseen by others."""
    shock = model.parameters.cost_shock
    surprise = model.cost_surprise + shock * normal(luck, body.draw)
    body.forced, body.visible = surprise > shock, False
    return surprise


def give_social_care(model: PlainModel, council: PlainCouncil, luck: int) -> None:
    """As much of what is wanted as money, reserves and the year's plan allow: a hard budget."""
    p = model.parameters
    opening = council.account.opening
    council.unit_cost *= 1 + (p.cost_pressure - p.efficiency_yield * council.effort_money) / QUARTERS
    surprise = 1 + surprised(model, council, luck)
    wanted = council.care_cost / QUARTERS * council.need * council.unit_cost * surprise
    council.health_paid = council.health / QUARTERS * council.effort_lasting * (1 - council.money * council.stress)
    lacking = max(0.0, council.reserve_start - opening)
    own = (council.funding - council.health) / QUARTERS + council.pooled + council.saving - (1 - p.patience) * lacking / QUARTERS
    short = max(0.0, council.plan * wanted - own)
    cover = min(max(opening / council.reserve_start, 0.0), 1.0) if council.reserve_start > 0 else 0.0
    if council.stop > 0:
        given = max(0.0, min(wanted, own) * (1 - p.rationing))
    else:
        given = max(0.0, min(wanted, own + short * cover))
    council.supply = given / wanted if wanted > 0 else 1.0
    model.ledger.pay(council.code, CARE, "social_care", max(0.0, given - council.saving))
    model.ledger.pay(council.code, CARE, "public_health", council.health_paid)


def block_beds(model: PlainModel, provider: PlainProvider) -> None:
    """People wait in beds for care outside, the less of it there is and the less it is arranged jointly."""
    p = model.parameters
    provider.supply = sum(pair.share_a * pair.b.supply for pair in provider.pairs["discharge"])
    if provider.supply > 0:
        by_joint_work = 1 + p.joint_discharge * (provider.joint_0 - provider.joint)
        provider.delayed = min(0.5, p.delayed_start * provider.supply**-p.delay_elasticity * by_joint_work)


def give_care(model: PlainModel, provider: PlainProvider, luck: int) -> None:
    """Demand is served as far as room and the board allow, and costs what it costs: a soft budget."""
    p = model.parameters
    contracts = provider.pairs["commissioning"]
    if contracts:
        provider.need = sum(pair.share_b * pair.a.system.need for pair in contracts)
        provider.demand = sum(pair.share_b * pair.a.system.need * (1 - pair.a.system.avoided) for pair in contracts)
    else:
        provider.need = provider.system.need
        provider.demand = provider.system.need * (1 - provider.system.avoided)
    spare = max(0.0, -provider.deficit) * (1 - p.own_stake * (1 - provider.bailout))
    provider.unit_cost *= 1 + (provider.pressure - p.efficiency_yield * provider.effort_money - provider.grip + spare) / QUARTERS
    beds = (1 - provider.delayed) / (1 - p.delayed_start) if provider.bed_value > 0 else 1.0
    room = provider.capacity * (1 + p.control_benefit * provider.felt_access) * beds
    provider.served = max(0.0, min(provider.demand * (1 - p.rationing * provider.money * provider.stress), room))
    unserved = max(0.0, 1 - provider.served / provider.demand) if provider.demand > 0 else 0.0
    provider.unmet += (unserved - provider.unmet) / QUARTERS
    provider.scale += (1 - p.fixed_cost) * (provider.served - provider.scale) / QUARTERS
    surprise = 1 + surprised(model, provider, luck)
    volume = p.fixed_cost * provider.scale + (1 - p.fixed_cost) * provider.served
    cost = provider.base_cost / QUARTERS * provider.unit_cost * volume * surprise
    cost += provider.bed_value / QUARTERS * (1 - p.fixed_cost) * (provider.delayed / p.delayed_start - 1)
    model.ledger.pay(provider.code, CARE, "provider_care", max(0.0, cost - provider.saving))
