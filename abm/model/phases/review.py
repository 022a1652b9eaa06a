"""Review: what the region asks about is all that a board knows of oversight.

Scrutiny answers to reported deficits (region_reflex; x: reported pressure, 0 to 1)
    intensity = R + (1 - R) reflex x,   finance share = F + (1 - F) reflex x
    bypass    = b + (1 - b) reflex x (1 - region's trust in the ICB)     with_and_through: contact is joint, no bypass
A board remembers what it was asked
    felt' = memory * felt + (1 - memory) * asked,   asked = (finance, other targets, lasting purposes), 0 if not reviewed
    purposes = 4 / priorities of what is not finance (the four statutory purposes), the rest is targets
Effort then follows the multitask problem (Holmstrom and Milgrom 1991)
    max b1 e1 + b2 e2 - (e1^2 + e2^2 + 2 g e1 e2) / 2,   b1 = felt finance + s (1 - p),   b2 = felt purposes + m
Management time goes to layers and asks: load = layer_burden * (layers + asks / 18).
"""

from __future__ import annotations

import math

from abm.compiled import compiled, part
from abm.model.levers import REGIMES
from abm.model.network import COUNCIL, ICB, PROVIDER
from abm.model.randomness import stream, stream_key, uniform

WITH_AND_THROUGH, INFORMAL, FORMAL = range(len(REGIMES))
STATUTORY_PURPOSES = 4.0  # statutory purposes of an integrated care system (Health and Care Act 2022)
LAYER_ASKS = 18.0  # headline measures of one oversight layer (NHS Confederation count for 2025/26)
REVIEW, BYPASS, NOTICE = stream("review"), stream("bypass"), stream("notice")


@compiled
def review(state):
    """Review every NHS body, deal with some providers directly, and let boards take it in."""
    clear_last_quarter(state)
    deal_directly(state)
    hold_reviews(state)
    coordinate_reviews(state)
    set_efforts(state)
    set_loads(state)


@part
def clear_last_quarter(state):
    """Nothing has gone over an ICB's head yet; a council under section 114 has its hand forced, and everybody knows."""
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        icb.bypassed, icb.unnoticed, icb.coordinated = 0.0, 0.0, 0.0
    for c in range(state.councils.size):
        org = state.orgs[state.councils[c].org]
        if org.stop > 0:
            org.forced, org.visible = 1, 1


@compiled
def pressure(share, onset, slope):
    """How far a deficit (share of income) above `onset` presses, 0 to 1: 1 - exp(-slope (share - onset))."""
    return 1.0 - math.exp(-slope * max(0.0, share - onset))


@compiled
def leaned(base, reflex, pressed):
    """A rate between 0 and 1 that leans towards 1 under pressure: base + (1 - base) reflex * pressed."""
    return base + (1.0 - base) * reflex * pressed


@part
def deal_directly(state):
    """The region's direct contacts with providers, and how much of each ICB's business went over its head."""
    par, clock = state.params[0], state.clock[0]
    contact, told = stream_key(clock.key, clock.quarter, BYPASS), stream_key(clock.key, clock.quarter, NOTICE)
    for p in range(state.providers.size):
        provider = state.providers[p]
        org = state.orgs[provider.org]
        policy, icb = state.policy[org.system], state.icbs[org.system]
        pressed = pressure(org.reported, par.stress_onset, par.stress_slope)
        confidence = state.ties[icb.oversight ^ 1].trust if icb.oversight >= 0 else par.prior_trust_nhs
        rate = leaned(policy.bypass_rate, par.region_reflex, pressed * (1.0 - confidence))
        direct = policy.bypass_regime != WITH_AND_THROUGH and uniform(contact, org.draw) < rate
        provider.bypassed = 1 if direct else 0
        noticed = policy.bypass_regime == FORMAL or uniform(told, org.draw) < policy.bypass_notice
        provider.notice = 1 if direct and noticed else 0
        provider.grip = par.region_grip if direct else provider.grip * par.review_memory
        if direct:
            org.forced, org.visible = 1, provider.notice
        if direct and icb.contracts > 0.0:
            weight = min(1.0, provider.contract / icb.contracts)
            icb.bypassed = min(1.0, icb.bypassed + weight)
            if not noticed:
                icb.unnoticed = min(1.0, icb.unnoticed + weight)


@part
def hold_reviews(state):
    """What each board is asked this quarter, mixed into what it remembers."""
    par, clock = state.params[0], state.clock[0]
    luck = stream_key(clock.key, clock.quarter, REVIEW)
    for o in range(state.orgs.size):
        org = state.orgs[o]
        if org.system < 0:
            continue
        policy = state.policy[org.system]
        finance, intensity = 0.0, 0.0
        if org.kind != COUNCIL:
            pressed = pressure(org.reported, par.stress_onset, par.stress_slope)
            finance = leaned(policy.finance_share, par.region_reflex, pressed)
            intensity = leaned(policy.oversight_intensity, par.region_reflex, pressed)
        called = uniform(luck, org.draw) < intensity
        if org.kind == PROVIDER:
            called = called or state.providers[org.row].bypassed == 1
        org.reviewed = 1 if called else 0
        asked = 1.0 if called else 0.0
        lasting = min(1.0, STATUTORY_PURPOSES / max(1.0, policy.priorities))
        kept = par.review_memory
        org.felt_finance = kept * org.felt_finance + (1.0 - kept) * asked * finance
        org.felt_access = kept * org.felt_access + (1.0 - kept) * asked * (1.0 - finance) * (1.0 - lasting)
        purposes = 1.0 - (1.0 - asked * (1.0 - finance) * lasting) * (1.0 - policy.local_accountability)
        org.felt_purpose = kept * org.felt_purpose + (1.0 - kept) * purposes


@part
def coordinate_reviews(state):
    """Reviews held with the ICB on more than money bring partners together; direct contacts take from that."""
    par = state.params[0]
    for i in range(state.icbs.size):
        icb, policy = state.icbs[i], state.policy[i]
        org = state.orgs[icb.org]
        if org.reviewed == 1:
            finance = leaned(policy.finance_share, par.region_reflex, pressure(org.reported, par.stress_onset, par.stress_slope))
            icb.coordinated = (1.0 - finance) * (1.0 - icb.bypassed)
        target = policy.mandate_clarity * (1.0 - icb.unnoticed)
        icb.clarity = par.review_memory * icb.clarity + (1.0 - par.review_memory) * target


@compiled
def soft_budget_effort(stake, bailout, cost):
    """Effort to balance of a board that expects a bail-out with chance p: e* = s (1 - p) / c (Kornai; Brekke et al. 2015)."""
    return stake * (1.0 - bailout) / cost


@compiled
def multitask_efforts(b1, b2, g):
    """Efforts (e1, e2) that solve the two-task problem; e2 = 0 when g b1 >= b2 (Holmstrom and Milgrom 1991)."""
    if g * b1 >= b2:
        return b1, 0.0
    if g * b2 >= b1:
        return 0.0, b2
    return (b1 - g * b2) / (1.0 - g * g), (b2 - g * b1) / (1.0 - g * g)


@compiled
def set_efforts(state):
    """Efforts on in-year money and on lasting work; the latter as a share of what it would be with no money task."""
    par = state.params[0]
    for o in range(state.orgs.size):
        org = state.orgs[o]
        if org.system < 0:
            continue
        bailout = 0.0 if org.kind == COUNCIL else org.bailout
        reward = org.felt_finance + soft_budget_effort(par.own_stake, bailout, 1.0)
        lasting = org.felt_purpose + org.motivation
        org.effort_money, effort = multitask_efforts(reward, lasting, par.effort_substitution)
        alone = multitask_efforts(0.0, lasting, par.effort_substitution)[1]
        org.effort_lasting = min(1.0, effort / alone) if alone > 0.0 else 0.0


@part
def set_loads(state):
    """Share of management time that oversight, asks, pots, disputes and replanning take."""
    par = state.params[0]
    for o in range(state.orgs.size):
        org = state.orgs[o]
        if org.system < 0:
            continue
        policy, icb = state.policy[org.system], state.icbs[org.system]
        layers = policy.local_accountability + (1.0 - icb.final)
        asks = org.disputes
        if org.kind != COUNCIL:
            layers += org.reviewed + (state.providers[org.row].bypassed if org.kind == PROVIDER else 0)
            asks += policy.priorities * org.reviewed
            asks += policy.fence_pots if org.kind == ICB and icb.fenced > 0.0 else 0.0
        org.load = min(0.9, par.layer_burden * (layers + asks / LAYER_ASKS))
