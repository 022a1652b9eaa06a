"""Close: the quarter's accounts, and at year end who is helped and who is not.

Forecast    deficit' = deficit + (4 (payments - receipts) / income - deficit) / 4, support left out
            an ICB answers for its system: its own balance and its providers', as a share of the allocation
Reported    reported = deficit (1 - misreport * max(0, felt finance - audit)) where in deficit
Stress      x = 1 - exp(-slope (deficit (1 - covered) - onset)),  covered: by the system's risk pool, last year
At year end
    risk pool   members of a system in surplus cover a share of the others' deficits
    support     the centre covers a share of what is left;  p' = p + (1 - memory)(share seen - p)
    councils    reserves below nothing are made good by exceptional support, with a section 114 notice;
                a notice may come earlier: hazard h0 (1 - reserves / reserves_0)^4 a year
    programmes  plan' = plan [1 + ratchet min(1, carried out / usual - 1)],   usual' = usual + ratchet (carried out - usual);
                money still carried is lost to them
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.ledger import DEFICIT_SUPPORT, EXCEPTIONAL_SUPPORT, RISK_POOL, pay, pay_through
from abm.model.network import COUNCIL, ICB, PROVIDER, REGION
from abm.model.phases.review import pressure
from abm.model.phases.turn_over import quarterly
from abm.model.randomness import stream, stream_key, uniform
from abm.model.state import QUARTERS

SECTION114, LENGTH = stream("section114"), stream("section114_length")
STEEPNESS = 4  # the hazard rises steeply as reserves fall (EVIDENCE section 3; exponent is an assumption)
SHORTEST_STOP, STOP_LENGTHS = 2, 3  # a section 114 notice stops new commitments for 2, 3 or 4 quarters


@compiled
def close(state):
    """Take the quarter's results into forecasts; at year end settle deficits, councils and plans."""
    for number in range(state.books.accounts.size):
        account = state.books.accounts[number]
        account.year_result += account.receipts - account.payments - account.support
    if state.clock[0].season == QUARTERS - 1:
        pool_risk(state)
        support_deficits(state)
        rebase_programmes(state)
    watch_councils(state)
    forecast(state)


@part
def forecast(state):
    """Each organisation's forecast deficit, what it reports of it, and the stress it feels."""
    par = state.params[0]
    for s in range(state.systems.size):
        state.systems[s].deficit = 0.0
    for o in range(state.orgs.size):
        org, account = state.orgs[o], state.books.accounts[o]
        if org.kind == REGION or org.income <= 0.0:
            continue
        spent = account.payments - account.receipts + account.support
        org.deficit += (QUARTERS * spent / org.income - org.deficit) / QUARTERS
        if org.kind != COUNCIL:
            state.systems[org.system].deficit += org.deficit * org.income
    for i in range(state.icbs.size):
        state.systems[i].deficit /= state.icbs[i].allocation
    for o in range(state.orgs.size):
        org = state.orgs[o]
        if org.kind == REGION:
            continue
        shortfall = state.systems[org.system].deficit if org.kind == ICB else org.deficit
        hidden = par.misreport * max(0.0, org.felt_finance - state.policy[org.system].audit)
        org.reported = shortfall * (1.0 - hidden) if shortfall > 0.0 else shortfall
        org.stress = pressure(shortfall * (1.0 - org.covered), par.stress_onset, par.stress_slope)


@part
def pool_risk(state):
    """Members of a system in surplus cover a share of the others' deficits, as far as the surpluses go."""
    for i in range(state.icbs.size):
        icb, share = state.icbs[i], state.policy[i].risk_pooling
        lacking = max(0.0, -state.books.accounts[icb.org].year_result)
        spare = max(0.0, state.books.accounts[icb.org].year_result)
        for m in range(icb.first, icb.last_one):
            result = state.books.accounts[state.members[m]].year_result
            lacking += max(0.0, -result)
            spare += max(0.0, result)
        covered = min(spare, share * lacking)
        state.orgs[icb.org].covered = covered / lacking if lacking > 0.0 else 0.0
        for m in range(icb.first, icb.last_one):
            state.orgs[state.members[m]].covered = state.orgs[icb.org].covered
        if covered > 0.0:
            share_pool(state, i, covered / lacking, covered / spare)


@part
def share_pool(state, i, cover, levy):
    """Pay each member in deficit the share `cover` of it; each member in surplus gives the share `levy` of it. The ICB is the hub."""
    icb = state.icbs[i]
    for m in range(icb.first, icb.last_one):
        member = state.members[m]
        account = state.books.accounts[member]
        if account.year_result > 0.0:
            pay(state.books, member, icb.org, RISK_POOL, levy * account.year_result)
        else:
            pay(state.books, icb.org, member, RISK_POOL, -cover * account.year_result)
        account.year_result = after_pool(account.year_result, cover, levy)
    hub = state.books.accounts[icb.org]
    hub.year_result = after_pool(hub.year_result, cover, levy)


@compiled
def after_pool(result, cover, levy):
    """What is left of a year's result once the pool has covered a deficit or levied a surplus."""
    return result * (1.0 - levy) if result > 0.0 else result * (1.0 - cover)


@part
def support_deficits(state):
    """The centre covers a share of each NHS deficit; boards learn how sure a bail-out is."""
    par = state.params[0]
    for o in range(state.orgs.size):
        org = state.orgs[o]
        if org.kind != ICB and org.kind != PROVIDER:
            continue
        share = state.policy[org.system].deficit_support
        lacking = max(0.0, -state.books.accounts[o].year_result)
        if lacking > 0.0:
            pay_through(state.books, state.regions[org.region].org, o, DEFICIT_SUPPORT, share * lacking)
        org.bailout += (1.0 - par.trust_memory**QUARTERS) * (share - org.bailout)


@part
def watch_councils(state):
    """Section 114: a notice when reserves are spent, or before; it stops new commitments for two to four quarters."""
    par, clock = state.params[0], state.clock[0]
    luck = stream_key(clock.key, clock.quarter, SECTION114)
    length = stream_key(clock.key, clock.quarter, LENGTH)
    for c in range(state.councils.size):
        council = state.councils[c]
        org = state.orgs[council.org]
        org.stop = max(0, org.stop - 1)
        reserves = state.books.accounts[council.org].balance
        spent = 1.0 - reserves / council.reserve_start if council.reserve_start > 0.0 else 0.0
        hazard = quarterly(par.section114_hazard * min(1.0, max(0.0, spent)) ** STEEPNESS)
        if reserves < 0.0 or (org.stop == 0 and uniform(luck, org.draw) < hazard):
            org.stop = SHORTEST_STOP + int(STOP_LENGTHS * uniform(length, org.draw))
        if reserves < 0.0:
            pay(state.books, state.orgs.size, council.org, EXCEPTIONAL_SUPPORT, -reserves)


@part
def rebase_programmes(state):
    """Next year's programme plans start, in part, from what was really spent; money still carried stays in the balance."""
    par = state.params[0]
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        if icb.planned_year > 0.0 and icb.usual > 0.0:
            done = icb.programme_year / icb.planned_year
            change = par.ratchet * min(1.0, done / icb.usual - 1.0)
            icb.usual += par.ratchet * (done - icb.usual)
            icb.community *= 1.0 + change
            icb.prevention *= 1.0 + change
        icb.carried, icb.programme_year, icb.planned_year = 0.0, 0.0, 0.0
