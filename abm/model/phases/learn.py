"""Learn: trust, beliefs, authority and motivation follow what happened.

Trust, a Beta reputation with forgetting (Josang and Ismail 2002; phi: memory, K: weight of a broken act)
    good' = phi good + kept,   bad' = phi bad + broken * weight * blame,   trust = good / (good + bad)
    weight = 1 + (K - 1)(1 - compact)
Blame, what a bad act says of intent (pi = 1 - trust: those who distrust see intent)
    blame = pi / (pi + (1 - pi) e);  e = 1 if the cause is seen and was circumstance, 0 if seen and was not,
    e = the prior chance of circumstance if the cause is not seen
Authority   A' = A + (1 - phi)(respect - A) - loss * unnoticed bypass * A
Expected bypass, motivation, reinforcement and aspiration follow with their own memory
    E' = E + (1 - memory)(bypassed - E),   m' = [m + (1 - phi)(m0 - m)] [1 - chi / 4 * felt finance * (1 - coordinated)]
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.network import COUNCIL, ICB, OVERSIGHT
from abm.model.randomness import stream, stream_key, uniform
from abm.model.state import QUARTERS

ATTRIBUTION = stream("attribution")


@compiled
def learn(state):
    """Update every tie's trust and every organisation's beliefs."""
    watch_partners(state)
    watch_regions(state)
    for o in range(state.orgs.size):
        org = state.orgs[o]
        org.received = org.joint_in / org.stake_in if org.stake_in > 0.0 else org.received
        if org.system >= 0:
            keep_motivation(state.params[0], org, state.icbs[org.system].coordinated)
    keep_authority(state)


@compiled
def blame(trust, chance_of_circumstance):
    """P(intent | bad act) = pi / (pi + (1 - pi) e) with pi = 1 - trust; 1 in the limit where neither has any weight."""
    intent = 1.0 - trust
    total = intent + trust * chance_of_circumstance
    return intent / total if total > 0.0 else 1.0


@part
def remember(tie, memory, kept, broken):
    """Forget a little, add the quarter's evidence, and set trust."""
    tie.good = memory * tie.good + kept
    tie.bad = memory * tie.bad + broken
    total = tie.good + tie.bad
    tie.trust = tie.good / total if total > 0.0 else tie.trust


@part
def watch_partners(state):
    """What each organisation makes of each partner's act towards it."""
    par, clock = state.params[0], state.clock[0]
    luck = stream_key(clock.key, clock.quarter, ATTRIBUTION)
    for number in range(state.ties.size):
        tie = state.ties[number]
        if tie.kind == OVERSIGHT:
            continue
        other = state.ties[number ^ 1]
        pair, partner = state.pairs[tie.pair], state.orgs[tie.target]
        broken = 0.0
        if other.joint == 0:
            chance = par.circumstance
            if partner.visible == 1 or uniform(luck, tie.draw) < pair.seen:
                chance = 1.0 if partner.forced == 1 else 0.0
            weight = 1.0 + (par.broken_weight - 1.0) * (1.0 - state.policy[pair.system].compact)
            broken = weight * blame(tie.trust, chance)
        remember(tie, par.trust_memory, float(other.joint), broken)
        learn_payoff(tie, par.trust_memory)


@part
def learn_payoff(tie, memory):
    """Move the attraction of the act that was chosen, and the aspiration, towards the pay-off felt."""
    if tie.joint == 1:
        tie.attract_joint += (1.0 - memory) * (tie.payoff - tie.attract_joint)
    else:
        tie.attract_alone += (1.0 - memory) * (tie.payoff - tie.attract_alone)
    tie.aspiration += (1.0 - memory) * (tie.payoff - tie.aspiration)


@part
def watch_regions(state):
    """Oversight ties: an ICB judges its region by bypass and coordination, a region its ICB by money and respect."""
    par = state.params[0]
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        org = state.orgs[icb.org]
        if icb.oversight < 0:
            continue
        remember(state.ties[icb.oversight], par.trust_memory, icb.coordinated, par.broken_weight * icb.unnoticed)
        remember(state.ties[icb.oversight ^ 1], par.trust_memory, icb.respect * (1.0 - org.stress), org.stress)
    for p in range(state.providers.size):
        provider = state.providers[p]
        org = state.orgs[provider.org]
        if provider.oversight < 0:
            continue
        asked = float(org.reviewed) * (1.0 - org.felt_finance)
        remember(state.ties[provider.oversight], par.trust_memory, asked, float(org.reviewed) - asked)
        remember(state.ties[provider.oversight ^ 1], par.trust_memory, 1.0 - org.stress, org.stress)


@part
def keep_motivation(par, org, coordinated):
    """Motivation returns to rest; felt control wears it down unless it comes as coordination (with the ICB, so for it alone)."""
    control = 0.0 if org.kind == COUNCIL else org.felt_finance * (1.0 - (coordinated if org.kind == ICB else 0.0))
    org.motivation += (1.0 - par.trust_memory) * (par.intrinsic_motivation - org.motivation)
    org.motivation = min(1.0, max(0.0, org.motivation * (1.0 - par.crowding_out / QUARTERS * control)))


@part
def keep_authority(state):
    """Each ICB's authority and the bypass it expects."""
    par = state.params[0]
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        org = state.orgs[icb.org]
        icb.respect = org.joint_in / org.stake_in if org.stake_in > 0.0 else icb.respect
        icb.authority += (1.0 - par.trust_memory) * (icb.respect - icb.authority) - par.authority_loss * icb.unnoticed * icb.authority
        icb.expected += (1.0 - par.review_memory) * (icb.bypassed - icb.expected)
