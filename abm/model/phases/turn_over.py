"""Turn over: leaders leave, reorganisation may strike, and part of what was known is lost.

a leader leaves with chance 1 - (1 - turnover)^(1/4);  both ways on each of its ties
evidence' = prior + memory_kept (evidence - prior)      new relations are uncertain, not bad
a reorganisation strikes with chance 1 - (1 - hazard)^(1/4), one draw for the nation; it does the same to all ties of an
ICB, and its authority and clarity keep only what the mandate's stability lets them
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.network import COUNCIL
from abm.model.randomness import stream, stream_key, uniform
from abm.model.state import QUARTERS

TURNOVER, REORGANISATION = stream("turnover"), stream("reorganisation")


@compiled
def turn_over(state):
    """Let leaders leave and structures change, and forget accordingly."""
    leave(state)
    reorganise(state)
    par = state.params[0]
    for number in range(state.ties.size):
        tie = state.ties[number]
        fresh = (1 if state.orgs[tie.source].tenure == 0 else 0) + (1 if state.orgs[tie.target].tenure == 0 else 0)
        for _ in range(fresh):
            forget(par, tie, prior_trust(par, state.orgs[tie.source].kind, state.orgs[tie.target].kind))


@compiled
def quarterly(yearly):
    """The quarterly chance that makes a yearly one: 1 - (1 - p)^(1/4)."""
    return 1.0 - (1.0 - yearly) ** (1.0 / QUARTERS)


@part
def leave(state):
    """Leaders leave; tenure 0 marks an organisation whose leader is new."""
    par, clock = state.params[0], state.clock[0]
    luck = stream_key(clock.key, clock.quarter, TURNOVER)
    chance = quarterly(par.leader_turnover)
    for o in range(state.orgs.size):
        org = state.orgs[o]
        org.tenure += 1
        if uniform(luck, org.draw) < chance:
            org.tenure = 0


@part
def reorganise(state):
    """One national draw; it strikes the systems whose hazard exceeds it."""
    clock = state.clock[0]
    clock.reorganised = 0
    luck = uniform(stream_key(clock.key, clock.quarter, REORGANISATION), clock.key)
    for i in range(state.icbs.size):
        icb, policy = state.icbs[i], state.policy[i]
        if luck < quarterly(policy.reorganisation):
            clock.reorganised = 1
            icb.authority *= policy.mandate_stability
            icb.clarity *= policy.mandate_stability
            state.orgs[icb.org].tenure = 0


@part
def prior_trust(par, one, other):
    """Trust between organisations of these kinds that know nothing of each other."""
    if one == COUNCIL or other == COUNCIL:
        return par.prior_trust_council
    return par.prior_trust_nhs


@part
def forget(par, tie, prior):
    """Move a tie's evidence back towards the prior, whose weight is that of a memory in balance: 1 / (1 - phi)."""
    weight = 1.0 / (1.0 - par.trust_memory)
    tie.good = weight * prior + par.memory_kept * (tie.good - weight * prior)
    tie.bad = weight * (1.0 - prior) + par.memory_kept * (tie.bad - weight * (1.0 - prior))
    total = tie.good + tie.bad
    tie.trust = tie.good / total if total > 0.0 else tie.trust
