"""Convene: somebody brings partners together, as far as authority, staff, role and initiative allow.

    initiative = min(1, (1 - E) B / k)                        (Aghion and Tirole 1997; B / k = 1, E: bypass it expects)
    capacity   = running costs / running costs before cuts * (1 - load)
    convening  = authority * capacity * clarity * initiative  if the ICB convenes
               = readiness of places * (1 - load)             if a partnership body does
               = 0                                            if nobody does (places still convene what is local)
    assurance  = convening_effect * [1 - (1 - strength)(1 - coordinated)],  strength = (1 - local) convening + local * readiness
Partners who are brought together expect each other to come: assurance lifts belief in `decide`. Convening also lets
partners know of each other's stress, as far as books are open.
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.levers import CONVENORS
from abm.model.network import COMMISSIONING, OVERSIGHT

ICB_CONVENES, PARTNERSHIP_CONVENES, NOBODY_CONVENES = range(len(CONVENORS))
FULL_RETURN = 1.0  # B / k: an ICB that nobody interferes with convenes as far as it can


@compiled
def convene(state):
    """Set the convening strength of each system and the assurance of each pair."""
    set_convening(state)
    set_assurance(state)


@compiled
def initiative_under_interference(expected, benefit, cost):
    """Initiative of a body that is overruled with probability `expected`: e = (1 - E) B / k, at most 1."""
    return min(1.0, (1.0 - expected) * benefit / cost)


@part
def set_convening(state):
    """Capacity, initiative and convening strength of each system's convenor."""
    par = state.params[0]
    for i in range(state.icbs.size):
        icb, policy = state.icbs[i], state.policy[i]
        free = 1.0 - state.orgs[icb.org].load
        icb.initiative = initiative_under_interference(icb.expected, FULL_RETURN, 1.0)
        icb.capacity = free * icb.running / icb.running_base if icb.running_base > 0.0 else 0.0
        icb.convening = 0.0
        if policy.convenor == ICB_CONVENES:
            icb.convening = icb.authority * icb.capacity * icb.clarity * icb.initiative
        elif policy.convenor == PARTNERSHIP_CONVENES:
            icb.convening = par.place_readiness * free


@part
def set_assurance(state):
    """How far each pair is brought together, and what it knows of shared stress."""
    par = state.params[0]
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == OVERSIGHT:
            continue
        icb = state.icbs[pair.system]
        strength = (1.0 - pair.local) * icb.convening + pair.local * par.place_readiness
        coordinated = icb.coordinated if pair.kind == COMMISSIONING else 0.0
        pair.assurance = par.convening_effect * (1.0 - (1.0 - strength) * (1.0 - coordinated))
        pair.known_stress = pair.seen * min(state.orgs[pair.a].stress, state.orgs[pair.b].stress)
