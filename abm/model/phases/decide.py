"""Decide: each organisation chooses an act on each tie. No lever is read here, nor by anything called from here.

Board attention to in-year money (R F: felt finance; x: stress)
    threat rigidity        w = w0 + (1 - w0) [1 - (1 - RF)(1 - x)]
    problemistic search    the same with x^2 for x, and times 1 - x (1 - x): a failing board first searches, then grips
Pay-offs, in units of the tie's stake (k: upfront cost, s: shiftable, t: policing, B: lasting benefit, q: belief)
    q          = 1 - (1 - trust)(1 - assurance)(1 - secured)
    k_eff      = k * b / (b - 1) / (1 - load),  b = 1/2 + sqrt(1/4 + 2 r / sigma^2)     (real option: role uncertainty)
    d cash     = -k_eff - (1 - q) s_partner - q s_own + (1 - q) t
    d value    = horizon * q * 2 * gain * worth * B
    d U        = w d cash + (1 - w + m) d value + norm (received - 1/2) + common_fate * known stress
Choice
    quantal response         P = 1 / (1 + exp(-lambda dU))
    reinforcement            P = 1 / (1 + exp(-lambda (A_joint - A_alone)))
    conditional cooperation  P = Z last + (1 - Z) [slope q + (1 - slope) m + norm (received - 1/2)],
                             Z = 1 / (1 + exp(-lambda (pay-off - aspiration))): satisfied boards repeat themselves
"""

from __future__ import annotations

import math

import numpy as np

from abm.compiled import compiled, part
from abm.model.acts import ACT_CODES, STOPPED_CODE
from abm.model.network import ICB, OVERSIGHT
from abm.model.parameters import ATTENTION_RULES, DECISION_RULES
from abm.model.randomness import stream, stream_key, uniform

THREAT_RIGIDITY, PROBLEMISTIC_SEARCH = range(len(ATTENTION_RULES))
QUANTAL_RESPONSE, REINFORCEMENT, CONDITIONAL_COOPERATION = range(len(DECISION_RULES))
CODES = np.array(ACT_CODES)  # [tie kind, end, (joint, advantage, guard)]
ACT = stream("act")


@compiled
def decide(state):
    """Set every board's attention, then every tie's act."""
    par, orgs, pairs, ties = state.params[0], state.orgs, state.pairs, state.ties
    for i in range(state.icbs.size):
        icb = state.icbs[i]
        icb.hurdle = option_threshold(par.role_noise * (1.0 - icb.clarity), 1.0 - par.patience)
    for o in range(orgs.size):
        org = orgs[o]
        org.money = board_attention(par.attention_rule, par.money_attention, org.felt_finance, org.stress)
    first = state.clock[0].quarter == 0
    luck = stream_key(state.clock[0].key, state.clock[0].quarter, ACT)
    for number in range(ties.size):
        tie = ties[number]
        if tie.kind == OVERSIGHT:
            continue
        org = orgs[tie.source]
        tie.hurdle = par.upfront_cost * role_hurdle(state.icbs, org, orgs[tie.target]) / (1.0 - org.load)
        weigh(par, tie, pairs[tie.pair], org, number % 2)
        tie.chance = chance_of_joint(par, tie, org, first)
        choose(tie, org.stop, number % 2, uniform(luck, tie.draw))


@compiled
def board_attention(rule, rest, felt, stress):
    """Attention to in-year money, 0 to 1, of a board that rests at `rest`, feels oversight `felt` and stress (both 0 to 1)."""
    if rule == PROBLEMISTIC_SEARCH:
        gripped = rest + (1.0 - rest) * (1.0 - (1.0 - felt) * (1.0 - stress * stress))
        return gripped * (1.0 - stress * (1.0 - stress))
    return rest + (1.0 - rest) * (1.0 - (1.0 - felt) * (1.0 - stress))


@compiled
def option_threshold(noise, rate):
    """How many times its cost an irreversible step must promise under noise `noise` (a year) at discount rate `rate`: b / (b - 1)."""
    if noise <= 0.0 or rate <= 0.0:
        return 1.0
    b = 0.5 + math.sqrt(0.25 + 2.0 * rate / (noise * noise))
    return b / (b - 1.0) if b < math.inf else 1.0  # so little noise that its square vanishes


@compiled
def quantal_response(precision, gain):
    """Chance of the better-paid of two acts by `gain`: 1 / (1 + exp(-precision * gain)), safe for any size."""
    x = precision * gain
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


@part
def role_hurdle(icbs, source, target):
    """How much dearer an unclear ICB makes a step on a tie; 1 where neither end is an ICB."""
    if source.kind == ICB:
        return icbs[source.row].hurdle
    if target.kind == ICB:
        return icbs[target.row].hurdle
    return 1.0


@part
def weigh(par, tie, pair, org, end):
    """Set the belief of a tie and the terms of its gain from working jointly; `end` is 0 if the pair's a acts, 1 if its b."""
    own, partner, gain = (pair.shift_a, pair.shift_b, pair.gain_a) if end == 0 else (pair.shift_b, pair.shift_a, pair.gain_b)
    q = 1.0 - (1.0 - tie.trust) * (1.0 - pair.assurance) * (1.0 - pair.secured)
    cash = -tie.hurdle - (1.0 - q) * partner - q * own + (1.0 - q) * par.policing_cost
    value = org.horizon * q * 2.0 * gain * pair.worth * par.lasting_benefit
    tie.belief = q
    tie.cash_term = org.money * cash
    tie.value_term = (1.0 - org.money + org.motivation) * value
    tie.norm_term = par.norm_weight * (org.received - 0.5)
    tie.fate_term = par.common_fate * pair.known_stress


@part
def chance_of_joint(par, tie, org, first):
    """Chance that the tie's source works jointly, by the decision rule in force; `first` in the first quarter of a run."""
    gain = tie.cash_term + tie.value_term + tie.norm_term + tie.fate_term
    if par.decision_rule == REINFORCEMENT:
        if first:
            tie.attract_joint, tie.attract_alone = gain, 0.0
        return quantal_response(par.choice_precision, tie.attract_joint - tie.attract_alone)
    if par.decision_rule == CONDITIONAL_COOPERATION:
        slope = par.conditional_slope
        willing = slope * tie.belief + (1.0 - slope) * org.motivation + tie.norm_term + tie.fate_term
        willing = min(1.0, max(0.0, willing))
        if first:
            return willing
        satisfied = quantal_response(par.choice_precision, tie.payoff - tie.aspiration)
        return satisfied * tie.joint + (1.0 - satisfied) * willing
    return quantal_response(par.choice_precision, gain)


@part
def choose(tie, stop, end, luck):
    """The act of a tie, by its chance and a draw; a council under section 114 can make no new joint commitment."""
    if stop > 0:
        tie.joint, tie.act = 0, STOPPED_CODE
    elif luck < tie.chance:
        tie.joint, tie.act = 1, CODES[tie.kind, end, 0]
    else:
        tie.joint, tie.act = 0, CODES[tie.kind, end, 1 if tie.belief >= 0.5 else 2]
