"""Exchange: the acts take effect, in money and in care. A 2 x 2 game on each pair, a quarter of its yearly stake V:

                      partner jointly              partner not
    jointly           -k V,  lasting gain          -k V - s_partner V
    not               +s V (unless audited back)   -t V  (both police: a dispute)

What is shifted is a payment from the one who worked jointly; joint work and disputes are paid to care's suppliers.
Joint work matures (mean lag of community programmes) and then avoids cost; only the variable share is cash:
    programme' = programme + (both - programme) / (4 lag)
    saving     = sum over pairs of 2 gain * worth * B * V / 4 * (1 - fixed) * (programme - start)
"""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.ledger import DISPUTE, JOINT_WORK, SHIFTED_COST, pay
from abm.model.network import DISCHARGE, OVERSIGHT
from abm.model.randomness import stream, stream_key, uniform
from abm.model.state import QUARTERS

AUDIT = stream("audit")


@compiled
def exchange(state):
    """Carry out the quarter's acts on every pair."""
    par, orgs, ties, clock = state.params[0], state.orgs, state.ties, state.clock[0]
    luck = stream_key(clock.key, clock.quarter, AUDIT)
    for o in range(orgs.size):
        org = orgs[o]
        org.saving, org.disputes, org.stake_in, org.joint_in = 0.0, 0.0, 0.0, 0.0
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == OVERSIGHT:
            continue
        a, b, forth, back = orgs[pair.a], orgs[pair.b], ties[2 * number], ties[2 * number + 1]
        pay_acts(state.books, par, pair, forth.joint, back.joint, uniform(luck, pair.draw) < pair.audit)
        count_acts(pair, a, b, forth.joint, back.joint)
        mature(par, pair, a, b, forth.joint * back.joint)
        forth.payoff = payoff(par, a, forth, back.joint, pair.shift_a, pair.shift_b, pair.gain_a * pair.worth)
        back.payoff = payoff(par, b, back, forth.joint, pair.shift_b, pair.shift_a, pair.gain_b * pair.worth)
    follow_discharges(state)


@part
def pay_acts(books, par, pair, forth, back, found):
    """Money of one pair's acts (`forth`, `back`: 1 if a, b act jointly); a shift that audit has `found` is put right."""
    care = books.accounts.size - 1
    stake = pair.stake / QUARTERS
    pay(books, pair.a, care, JOINT_WORK, par.upfront_cost * stake * forth)
    pay(books, pair.b, care, JOINT_WORK, par.upfront_cost * stake * back)
    if forth + back == 0:
        pay(books, pair.a, care, DISPUTE, par.policing_cost * stake)
        pay(books, pair.b, care, DISPUTE, par.policing_cost * stake)
    elif forth + back == 1 and not found and forth == 0:
        pay(books, pair.b, pair.a, SHIFTED_COST, pair.shift_a / (1.0 - pair.audit) * stake)
    elif forth + back == 1 and not found:
        pay(books, pair.a, pair.b, SHIFTED_COST, pair.shift_b / (1.0 - pair.audit) * stake)


@part
def count_acts(pair, a, b, forth, back):
    """What each organisation has seen done to it, and its disputes."""
    a.stake_in += pair.stake
    b.stake_in += pair.stake
    a.joint_in += pair.stake * back
    b.joint_in += pair.stake * forth
    if forth + back == 0:
        a.disputes += 1.0
        b.disputes += 1.0


@part
def mature(par, pair, a, b, both):
    """Joint work on one pair matures and saves each side its share."""
    pair.programme += min(1.0, 1.0 / (QUARTERS * par.community_lag)) * (both - pair.programme)
    worth = 2.0 * pair.worth * par.lasting_benefit * pair.stake / QUARTERS
    saved = worth * (1.0 - par.fixed_cost) * (pair.programme - pair.start)
    a.saving += pair.gain_a * saved
    b.saving += pair.gain_b * saved


@part
def payoff(par, org, tie, other, own_shift, partner_shift, gain):
    """The quarter's pay-off on a tie, weighed as in `decide` but with what the partner did (`other`: 1 if jointly)."""
    if tie.joint == 1:
        value = org.horizon * 2.0 * gain * par.lasting_benefit * other
        return org.money * (-tie.hurdle - partner_shift * (1 - other)) + (1.0 - org.money + org.motivation) * value
    return org.money * (own_shift if other == 1 else -par.policing_cost)


@part
def follow_discharges(state):
    """Share of each provider's discharges that is handled jointly, smoothed over a year."""
    for p in range(state.providers.size):
        state.providers[p].joint_now = 0.0
    for number in range(state.pairs.size):
        pair = state.pairs[number]
        if pair.kind == DISCHARGE:
            both = state.ties[2 * number].joint * state.ties[2 * number + 1].joint
            state.providers[state.orgs[pair.a].row].joint_now += pair.share_a * both
    for p in range(state.providers.size):
        provider = state.providers[p]
        provider.joint += (provider.joint_now - provider.joint) / QUARTERS
