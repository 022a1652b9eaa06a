"""Deliver: need arrives, care is given, costs fall.

Need and what earlier spending avoids (three-stage lag, mean L years; C and P are lagged shares of plan carried out)
    need'   = need (1 + growth / 4)
    avoided = [r_c K_c (C - C0) + r_p K_p (P - P0)] / provider cost
    demand  = sum over systems of share * need * (1 - avoided)
Councils: a hard budget
    wanted  = base * need * unit,   own = funding + pooled + joint saving - set aside,   supply = given / wanted
    given   = min(wanted, own + (plan * wanted - own) reserves / reserves_0) if own falls short of plan, else min(wanted, own)
    set aside (1 - beta) of the reserves that lack, a year; next year's plan is this year's supply
Delays    delayed = delayed_0 * supply^-elasticity * (1 + joint_discharge (joint_0 - joint))
Providers: a soft one
    unit'   = unit (1 + (pressure - yield * effort - grip + (1 - s (1 - p)) surplus) / 4)      a board keeps what it has a stake in
    served  = min(demand (1 - rationing * w * stress), capacity (1 + control_benefit * felt) (1 - delayed) / (1 - delayed_0))
    cost    = base / 4 * unit * (1 + surprises) * (fixed * scale + (1 - fixed) * served) + blocked beds - joint saving
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.ledger import ACTIVITY, CONTRACT, OTHER_CARE, POOLED_FUND, PROVIDER_CARE, PUBLIC_HEALTH, RUNNING_COSTS, SOCIAL_CARE, pay
from abm.model.network import COMMISSIONING, DISCHARGE, POOLING
from abm.model.phases.review import soft_budget_effort
from abm.model.randomness import normal, stream, stream_key
from abm.model.state import QUARTERS

LOCAL_COST = stream("local_cost")
STAGES = 3  # of the lag from spend to effect (an Erlang delay)


@compiled
def deliver(state):
    """Serve the quarter's need and pay for it."""
    grow_need(state)
    mature_programmes(state)
    pay_commissioned_care(state)
    give_social_care(state)
    block_beds(state)
    give_provider_care(state)


@part
def grow_need(state):
    """Need for health and social care grows with the population's ageing."""
    growth = 1.0 + state.params[0].need_growth / QUARTERS
    for s in range(state.systems.size):
        state.systems[s].need *= growth
    for c in range(state.councils.size):
        state.councils[c].need *= growth


@compiled
def share_carried_out(spent, planned):
    """Share of a yearly plan that a quarter's spend carries out; 0 where nothing is planned."""
    return QUARTERS * spent / planned if planned > 0.0 else 0.0


@part
def mature_programmes(state):
    """Programmes spent on mature through three stages into capability, which avoids demand."""
    par = state.params[0]
    step_c = STAGES / (QUARTERS * par.community_lag)
    step_p = STAGES / (QUARTERS * par.prevention_lag)
    step_c, step_p = min(1.0, step_c), min(1.0, step_p)
    for s in range(state.systems.size):
        system = state.systems[s]
        carried_c = share_carried_out(system.spent_comm, system.community_k * system.need)
        carried_p = share_carried_out(system.spent_prev, system.prevention_k * system.need)
        system.community += step_c * (system.community_2 - system.community)
        system.community_2 += step_c * (system.community_1 - system.community_2)
        system.community_1 += step_c * (carried_c - system.community_1)
        system.prevention += step_p * (system.prevention_2 - system.prevention)
        system.prevention_2 += step_p * (system.prevention_1 - system.prevention_2)
        system.prevention_1 += step_p * (carried_p - system.prevention_1)
        gain = par.community_return * system.community_k * (system.community - system.community_0)
        gain += par.prevention_return * system.prevention_k * (system.prevention - system.prevention_0)
        system.avoided = min(0.5, gain / system.provider_cost) if system.provider_cost > 0.0 else 0.0


@part
def pay_commissioned_care(state):
    """ICBs pay contracts, the activity that differs from them, pooled funds, other care and their own staff."""
    season, care = state.clock[0].season, state.orgs.size + 1
    for c in range(state.councils.size):
        state.councils[c].pooled = 0.0
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == COMMISSIONING:
            icb, provider = state.icbs[state.orgs[pair.a].row], state.providers[state.orgs[pair.b].row]
            pay_contract(state.books, pair, icb, provider.served / provider.planned, season)
        elif pair.kind == POOLING:
            icb = state.icbs[state.orgs[pair.a].row]
            pooled = pair.due * icb.allocation / icb.start / QUARTERS
            state.councils[state.orgs[pair.b].row].pooled += pooled
            pay(state.books, pair.a, pair.b, POOLED_FUND, pooled)
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        other = icb.other_care * icb.allocation / icb.start + icb.running_base - icb.running
        saving = min(state.orgs[icb.org].saving, other / QUARTERS)
        pay(state.books, icb.org, care, OTHER_CARE, other / QUARTERS - saving)
        pay(state.books, icb.org, care, RUNNING_COSTS, icb.running / QUARTERS)


@part
def pay_contract(books, pair, icb, activity, season):
    """A quarter of the contract: last year's rate until the plan is final, then what is still due, evenly; part follows activity."""
    due = pair.due * icb.last / icb.start / QUARTERS
    if icb.final >= 1.0:
        due = (pair.due * icb.allocation / icb.start - pair.paid) / (QUARTERS - season)
    pair.paid += due
    pay(books, pair.a, pair.b, CONTRACT, due)
    pay(books, pair.a, pair.b, ACTIVITY, due * pair.follows * (activity - 1.0))


@part
def give_social_care(state):
    """Councils care as far as funding and reserves allow; the thinner the reserves, the less of a gap they cover."""
    par, clock, care = state.params[0], state.clock[0], state.orgs.size + 1
    luck = stream_key(clock.key, clock.quarter, LOCAL_COST)
    for c in range(state.councils.size):
        council = state.councils[c]
        org = state.orgs[council.org]
        council.unit_cost *= 1.0 + (par.cost_pressure - par.efficiency_yield * org.effort_money) / QUARTERS
        surprise = cost_surprise(par, clock, org, normal(luck, org.draw))
        wanted = council.care_cost / QUARTERS * council.need * council.unit_cost * surprise
        council.health_paid = council.health / QUARTERS * public_health_kept(org)
        affordable = (council.funding - council.health) / QUARTERS + council.pooled + org.saving
        reserves = state.books.accounts[council.org].opening
        given = care_within_budget(par, council, wanted, affordable, reserves, org.stop)
        council.supply = given / wanted if wanted > 0.0 else 1.0
        pay(state.books, council.org, care, SOCIAL_CARE, max(0.0, given - org.saving))
        pay(state.books, council.org, care, PUBLIC_HEALTH, council.health_paid)


@part
def cost_surprise(par, clock, org, luck):
    """Factor on an organisation's cost this quarter; one of more than a standard deviation up may excuse a bad act."""
    surprise = clock.cost_surprise + par.cost_shock * luck
    org.forced = 1 if surprise > par.cost_shock else 0
    org.visible = 0
    return 1.0 + surprise


@part
def care_within_budget(par, council, wanted, affordable, reserves, stop):
    """Social care (GBP k) that a council gives: its own means, and reserves for what falls short of this year's plan."""
    lacking = max(0.0, council.reserve_start - reserves)
    own = affordable - (1.0 - par.patience) * lacking / QUARTERS
    if stop > 0:
        return max(0.0, min(wanted, own) * (1.0 - par.rationing))
    short = max(0.0, council.plan * wanted - own)
    cover = min(1.0, max(0.0, reserves) / council.reserve_start) if council.reserve_start > 0.0 else 0.0
    return max(0.0, min(wanted, own + short * cover))


@compiled
def public_health_kept(org):
    """Share of the public health plan that is carried out: a board in stress with its mind on money uses it to balance."""
    return org.effort_lasting * (1.0 - org.money * org.stress)


@part
def block_beds(state):
    """Beds wait for social care: less where care is ample and where discharge is handled jointly."""
    par = state.params[0]
    for p in range(state.providers.size):
        state.providers[p].supply = 0.0
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == DISCHARGE:
            council = state.councils[state.orgs[pair.b].row]
            state.providers[state.orgs[pair.a].row].supply += pair.share_a * council.supply
    for p in range(state.providers.size):
        provider = state.providers[p]
        if provider.supply > 0.0:
            apart = 1.0 + par.joint_discharge * (provider.joint_0 - provider.joint)
            provider.delayed = min(0.5, par.delayed_start * provider.supply ** (-par.delay_elasticity) * apart)


@part
def gather_need(state):
    """Need and demand of each provider: those of the systems it serves, by share; of its home system if it has no contract."""
    for p in range(state.providers.size):
        provider = state.providers[p]
        provider.need, provider.demand = 0.0, 0.0
        if provider.contract <= 0.0:
            system = state.systems[state.orgs[provider.org].system]
            provider.need, provider.demand = system.need, system.need * (1.0 - system.avoided)
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == COMMISSIONING:
            provider, system = state.providers[state.orgs[pair.b].row], state.systems[state.orgs[pair.a].row]
            provider.need += pair.share_b * system.need
            provider.demand += pair.share_b * system.need * (1.0 - system.avoided)


@part
def give_provider_care(state):
    """Providers serve demand within capacity, hold back under stress, and pay what it costs."""
    gather_need(state)
    par, clock, care = state.params[0], state.clock[0], state.orgs.size + 1
    luck = stream_key(clock.key, clock.quarter, LOCAL_COST)
    for p in range(state.providers.size):
        provider = state.providers[p]
        org = state.orgs[provider.org]
        spent_surplus = max(0.0, -org.deficit) * (1.0 - soft_budget_effort(par.own_stake, org.bailout, 1.0))
        drift = provider.pressure - par.efficiency_yield * org.effort_money - provider.grip + spent_surplus
        provider.unit_cost *= 1.0 + drift / QUARTERS
        open_beds = (1.0 - provider.delayed) / (1.0 - par.delayed_start) if provider.bed_value > 0.0 else 1.0
        room = provider.capacity * (1.0 + par.control_benefit * org.felt_access) * open_beds
        wanted = provider.demand * (1.0 - par.rationing * org.money * org.stress)
        provider.served = max(0.0, min(wanted, room))
        unserved = max(0.0, 1.0 - provider.served / provider.demand) if provider.demand > 0.0 else 0.0
        provider.unmet += (unserved - provider.unmet) / QUARTERS
        provider.scale += (1.0 - par.fixed_cost) * (provider.served - provider.scale) / QUARTERS
        size = par.fixed_cost * provider.scale + (1.0 - par.fixed_cost) * provider.served
        surprise = cost_surprise(par, clock, org, normal(luck, org.draw))
        cost = provider.base_cost / QUARTERS * provider.unit_cost * size * surprise
        cost += provider.bed_value / QUARTERS * (1.0 - par.fixed_cost) * (provider.delayed / par.delayed_start - 1.0)
        pay(state.books, provider.org, care, PROVIDER_CARE, max(0.0, cost - org.saving))
