"""Invest: community and prevention money is spent, deferred or raided.

    earmarked = fence_joint * fenced / 4
    planned   = max(plan / 4 * [coverage + (1 - coverage)(1 - displaced) / (1 - displaced_0)], floor * earmarked)
    available = planned + carried:  earmarks displace own money only, and their floor is kept whatever the plan
    protected = earmarked * (1 - (1 - floor)(1 - restriction)) / available
    ready     = final plan * capacity left: what can be started now; the rest is carried to next quarter
    open      = ready * (1 - protected):  what boards may still decide on
    raided    = open * w * stress                        to the system's providers in deficit, in proportion; 0 if none is
    diverted  = open * diversion * bypassed              to the providers that the region deals with
    dropped   = open * (1 - effort on lasting work)      stays in the balance
    effect    = spend * (1 - mismatch * restriction * coverage)
Councils' public health money was spent in `deliver`. What is still carried at year end is lost to the programme (`close`).
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.ledger import COMMUNITY, DIVERTED, POT_ADMIN, PREVENTION, RAIDED, pay
from abm.model.state import QUARTERS


@compiled
def invest(state):
    """Spend each system's lasting programmes, as far as they survive the quarter."""
    for s in range(state.systems.size):
        state.systems[s].spent_prev = 0.0
    for c in range(state.councils.size):
        council = state.councils[c]
        org = state.orgs[council.org]
        state.systems[org.system].spent_prev += council.health_paid
    for i in range(state.icbs.size):
        spend_programmes(state, i)


@compiled
def programme_split(available, protected, effort, raid, divert):
    """Split programme money (GBP k) into (spent, raided, diverted, dropped); shares of the open part, taken in that order.

    The protected share is always spent. Raids come before deals, deals before what effort lets drop.
    """
    fixed, free = available * protected, available * (1.0 - protected)
    raided = free * raid
    diverted = (free - raided) * divert
    dropped = (free - raided - diverted) * (1.0 - effort)
    return fixed + free - raided - diverted - dropped, raided, diverted, dropped


@part
def spend_programmes(state, i):
    """ICB i's community and prevention money of the quarter."""
    par, care = state.params[0], state.orgs.size + 1
    icb, policy, system, org = state.icbs[i], state.policy[i], state.systems[i], state.orgs[state.icbs[i].org]
    pay(state.books, icb.org, care, POT_ADMIN, par.pot_admin * icb.fenced / QUARTERS)
    plan = (icb.community + icb.prevention) / QUARTERS
    earmarked = par.fence_joint * icb.fenced / QUARTERS if plan > 0.0 else 0.0
    planned = max(plan * own_and_earmarked(icb), policy.fence_floor * earmarked)
    available = planned + icb.carried
    tied = earmarked * (1.0 - (1.0 - policy.fence_floor) * (1.0 - policy.fence_restriction))
    icb.protected = min(1.0, tied / available) if available > 0.0 else 0.0
    ready = available * icb.final * (1.0 - org.load)
    icb.carried = available - ready
    lacking = deficits(state, icb)
    raid = org.money * org.stress if lacking > 0.0 else 0.0
    spent, raided, diverted, _ = programme_split(ready, icb.protected, org.effort_lasting, raid, par.diversion * icb.bypassed)
    pay_providers_in_deficit(state, icb, raided, lacking)
    pay_bypassed_providers(state, i, diverted)
    share = icb.community / (icb.community + icb.prevention) if plan > 0.0 else 0.0
    pay(state.books, icb.org, care, COMMUNITY, spent * share)
    pay(state.books, icb.org, care, PREVENTION, spent * (1.0 - share))
    effect = 1.0 - par.fence_mismatch * policy.fence_restriction * icb.coverage
    system.spent_comm = spent * share * effect
    system.spent_prev += spent * (1.0 - share) * effect
    icb.spent, icb.spent_prev = spent, spent * (1.0 - share)
    icb.programme_year += spent
    icb.planned_year += planned


@part
def own_and_earmarked(icb):
    """Share of the programme plan that there is money for: earmarked money whole, own money less what earmarks displaced."""
    return icb.coverage + (1.0 - icb.coverage) * (1.0 - icb.displaced) / (1.0 - icb.displaced_0)


@part
def deficits(state, icb):
    """Forecast deficits (GBP k a year) of the ICB's home providers, surpluses not taken off."""
    total = 0.0
    for m in range(icb.first, icb.last_one):
        org = state.orgs[state.members[m]]
        total += max(0.0, org.deficit) * org.income
    return total


@part
def pay_providers_in_deficit(state, icb, amount, lacking):
    """Share `amount` among the ICB's home providers in proportion to their deficits, `lacking` in all."""
    if lacking <= 0.0:
        return
    for m in range(icb.first, icb.last_one):
        org = state.orgs[state.members[m]]
        pay(state.books, icb.org, state.members[m], RAIDED, amount * max(0.0, org.deficit) * org.income / lacking)


@part
def pay_bypassed_providers(state, i, amount):
    """Share `amount` among system i's providers that the region dealt with directly, by size of contract."""
    icb, total = state.icbs[i], 0.0
    for m in range(icb.first, icb.last_one):
        provider = state.providers[state.orgs[state.members[m]].row]
        total += provider.contract * provider.bypassed
    if total <= 0.0:
        return
    for m in range(icb.first, icb.last_one):
        provider = state.providers[state.orgs[state.members[m]].row]
        pay(state.books, icb.org, provider.org, DIVERTED, amount * provider.contract * provider.bypassed / total)
