"""Settle: money, mandates and terms arrive.

At the start of a financial year                         (g: real growth; first year as the facts give it)
    allocation' = allocation (1 + g)                     programme plans grow with it
    coverage    = fence_joint * earmarked / programme    if the earmarked money comes again, else 0
    displaced'  = displaced + ratchet (crowd_out * coverage - displaced)
    other care' = other care + (1 - s (1 - p)) surplus - w deficit                              of the ICB itself
    contract'   = contract (1 + catch_up * forecast deficit of the provider), paid for out of the ICB's other care
Every quarter
    horizon = beta (1 - h_reorg)(1 - h_churn (1 - memory))(1 - h_fund)          (shadow of the future, a year)
    h_reorg = reorganisation (1 - stability),  h_fund = (1 - fence) renewal_risk / years + fence (1 - recurrence)
    final   = share of the quarter that lies after the guidance
and the terms of each partnership: what can be shifted, who gains, what is secured, who decides, what can be seen.
Money goes Treasury to region to ICB or provider, and Treasury to council.
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.ledger import ALLOCATION, COUNCIL_FUNDING, DIRECT_INCOME, EARMARKED, RUNNING_COSTS, open_quarter, pay, pay_through
from abm.model.network import COMMISSIONING, DISCHARGE, OVERSIGHT, POOLING
from abm.model.phases.review import soft_budget_effort
from abm.model.randomness import normal, stream, stream_key, uniform
from abm.model.state import QUARTERS

MONTHS = 3  # in a quarter
YEAR_MEAN = (QUARTERS + 1) / (2 * QUARTERS)  # a year's growth, as far as it has come on average over the year's quarters
NATIONAL_COST, RENEWAL = stream("national_cost"), stream("renewal")


@compiled
def settle(state):
    """Open the quarter's accounts; at year start settle the year; set terms; pay what is due."""
    open_quarter(state.books, state.clock[0].quarter)
    clock = state.clock[0]
    clock.season = clock.quarter % QUARTERS
    if clock.season == 0:
        settle_year(state)
    set_guidance(state)
    set_horizons(state)
    set_terms(state)
    pay_settlement(state)


@part
def settle_year(state):
    """A new financial year: growth, surprises, plans, earmarks."""
    clock, par = state.clock[0], state.params[0]
    clock.cost_surprise = par.cost_shock * normal(stream_key(clock.key, clock.quarter, NATIONAL_COST), clock.key)
    for number in range(state.books.accounts.size):
        state.books.accounts[number].year_result = 0.0
    for number in range(state.pairs.size):
        state.pairs[number].paid = 0.0
    later = clock.quarter > 0
    for i in range(state.icbs.size):
        icb, policy = state.icbs[i], state.policy[i]
        icb.last = icb.allocation
        if later:
            icb.allocation *= 1.0 + policy.allocation_growth
            icb.community *= 1.0 + policy.allocation_growth
            icb.prevention *= 1.0 + policy.allocation_growth
            plan_other_care(par, icb, state.orgs[icb.org])
        set_earmarks(state, i)
    if later:
        catch_up_contracts(state)
    for p in range(state.providers.size):
        provider = state.providers[p]
        policy = state.policy[state.orgs[provider.org].system]
        if later:
            provider.direct *= 1.0 + policy.allocation_growth
            provider.capacity *= 1.0 + policy.capital_growth
        provider.planned = provider.demand * (1.0 + par.need_growth * YEAR_MEAN)
    for c in range(state.councils.size):
        council = state.councils[c]
        council.plan = council.supply
        if later:
            growth = 1.0 + state.policy[state.orgs[council.org].system].social_care_growth
            council.funding *= growth
            council.health *= growth
    set_incomes(state)


@part
def plan_other_care(par, icb, org):
    """Other care takes the ICB's spare money, as far as its board has no stake in keeping it, and gives way to its deficit."""
    idle = max(0.0, -org.deficit) * (1.0 - soft_budget_effort(par.own_stake, org.bailout, 1.0))
    cut = max(0.0, org.deficit) * org.money
    icb.other_care = max(0.0, icb.other_care + (idle - cut) * org.income * icb.start / icb.allocation)


@part
def catch_up_contracts(state):
    """New contracts take in a share of providers' deficits; where an ICB's other care cannot give all, each gets the same part."""
    par = state.params[0]
    for i in range(state.icbs.size):
        state.icbs[i].extra = 0.0
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == COMMISSIONING:
            state.icbs[state.orgs[pair.a].row].extra += pair.due * par.catch_up * max(0.0, state.orgs[pair.b].deficit)
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == COMMISSIONING:
            icb = state.icbs[state.orgs[pair.a].row]
            part_met = min(1.0, icb.other_care / icb.extra) if icb.extra > 0.0 else 0.0
            pair.due *= 1.0 + part_met * par.catch_up * max(0.0, state.orgs[pair.b].deficit)
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        icb.other_care = max(0.0, icb.other_care - icb.extra)


@part
def set_incomes(state):
    """This year's income of every NHS body and council, by which its deficit is measured."""
    for i in range(state.icbs.size):
        icb, policy = state.icbs[i], state.policy[i]
        state.orgs[icb.org].income = icb.allocation + icb.running_base * (1.0 - policy.running_cost_cut)
    for p in range(state.providers.size):
        state.orgs[state.providers[p].org].income = state.providers[p].direct
    for c in range(state.councils.size):
        state.orgs[state.councils[c].org].income = state.councils[c].funding
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.due > 0.0:
            icb = state.icbs[state.orgs[pair.a].row]
            state.orgs[pair.b].income += pair.due * icb.allocation / icb.start


@part
def set_earmarks(state, i):
    """What part of ICB i's lasting programmes arrives earmarked this year, and what own money that displaces."""
    clock, par = state.clock[0], state.params[0]
    icb, policy, org = state.icbs[i], state.policy[i], state.orgs[state.icbs[i].org]
    luck = uniform(stream_key(clock.key, clock.quarter, RENEWAL), org.draw)
    icb.renewed = 1 if luck < policy.fence_recurrence else 0
    icb.fenced = policy.fence_share * icb.allocation * icb.renewed
    programme = icb.community + icb.prevention
    icb.coverage = 0.0
    if programme > 0.0:
        icb.coverage = min(1.0, par.fence_joint * icb.fenced / programme)
    icb.displaced += par.ratchet * (par.crowd_out * icb.coverage - icb.displaced)


@part
def set_guidance(state):
    """Share of this quarter that runs under a final plan."""
    season = state.clock[0].season
    for i in range(state.icbs.size):
        months_final = MONTHS * (season + 1) - state.policy[i].guidance_lateness
        state.icbs[i].final = min(1.0, max(0.0, months_final / MONTHS))


@part
def set_horizons(state):
    """The shadow of the future of each organisation: what it believes a relation will still be worth in a year."""
    par = state.params[0]
    churn_loss = par.leader_turnover * (1.0 - par.memory_kept)
    for o in range(state.orgs.size):
        org = state.orgs[o]
        if org.system < 0:
            continue
        policy = state.policy[org.system]
        reorganised = policy.reorganisation * (1.0 - policy.mandate_stability)
        unfunded = (1.0 - policy.fence_share) * par.renewal_risk / policy.settlement_years
        unfunded += policy.fence_share * (1.0 - policy.fence_recurrence)
        org.horizon = par.patience * (1.0 - reorganised) * (1.0 - churn_loss) * (1.0 - unfunded)


@part
def set_terms(state):
    """The terms on which each pair deals this quarter."""
    par = state.params[0]
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == OVERSIGHT:
            continue
        policy, icb = state.policy[pair.system], state.icbs[pair.system]
        pair.audit = policy.audit
        kept = par.shiftable_cost * (1.0 - policy.audit)
        pair.shift_a, pair.shift_b = kept, kept
        pocket = 0.5
        pair.worth, pair.secured, pair.local = 1.0, 0.0, 0.0
        misfit = par.fence_mismatch * policy.fence_restriction
        if pair.kind == COMMISSIONING:
            pair.follows = policy.activity_share
            pair.shift_a = kept * (1.5 - policy.activity_share)
            pair.shift_b = kept * (0.5 + policy.activity_share)
            pocket -= par.wrong_pocket
            pair.worth = 1.0 - misfit * icb.fenced / icb.allocation
        elif pair.kind == POOLING:
            pocket -= par.wrong_pocket
            pair.worth = 1.0 - misfit * icb.coverage
            pair.secured = icb.coverage * policy.fence_floor
            pair.local = policy.delegation
        elif pair.kind == DISCHARGE:
            pocket += par.wrong_pocket
            pair.local = policy.delegation
        pair.gain_a = (1.0 - policy.gain_share) * pocket + policy.gain_share * 0.5
        pair.gain_b = 1.0 - pair.gain_a
        pair.seen = policy.transparency


@part
def pay_settlement(state):
    """The quarter's money from the Treasury: through the regions to the NHS, directly to councils."""
    treasury = state.orgs.size
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        icb.running = icb.running_base * (1.0 - state.policy[i].running_cost_cut)
        free = icb.allocation - icb.fenced + icb.running_base - icb.running
        pay_through(state.books, state.regions[state.orgs[icb.org].region].org, icb.org, ALLOCATION, free / QUARTERS)
        pay_through(state.books, state.regions[state.orgs[icb.org].region].org, icb.org, EARMARKED, icb.fenced / QUARTERS)
        pay_through(state.books, state.regions[state.orgs[icb.org].region].org, icb.org, RUNNING_COSTS, icb.running / QUARTERS)
    for p in range(state.providers.size):
        provider = state.providers[p]
        pay_through(
            state.books, state.regions[state.orgs[provider.org].region].org, provider.org, DIRECT_INCOME, provider.direct / QUARTERS
        )
    for c in range(state.councils.size):
        council = state.councils[c]
        pay(state.books, treasury, council.org, COUNCIL_FUNDING, council.funding / QUARTERS)
