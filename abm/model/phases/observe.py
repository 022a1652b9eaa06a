"""Observe: add the quarter up, once by system and once by kind of organisation. Nothing here acts back on the model."""

from __future__ import annotations

from abm.compiled import compiled, part
from abm.model.network import COUNCIL, ICB, OVERSIGHT, PROVIDER, REGION
from abm.model.phases.decide import CODES
from abm.model.state import QUARTERS, ROUNDING
from abm.model.survey import answer


@compiled
def observe(state):
    """Fill this quarter's row of tallies, then turn the clock."""
    clock = state.clock[0]
    slot = clock.quarter - clock.first
    systems = state.systems.size
    for o in range(state.orgs.size):
        org = state.orgs[o]
        if org.kind == REGION:
            continue
        add_board(state, o, state.tallies[slot, org.system])
        add_board(state, o, state.tallies[slot, systems + org.kind])
    for number in range(state.ties.size):
        tie = state.ties[number]
        if tie.kind != OVERSIGHT:
            pair, back = state.pairs[tie.pair], state.ties[number ^ 1].joint
            add_act(tie, pair.stake, back, number % 2, state.tallies[slot, pair.system])
            add_act(tie, pair.stake, back, number % 2, state.tallies[slot, systems + state.orgs[tie.source].kind])
    for s in range(systems):
        add_system(state, s, state.tallies[slot, s])
        add_system(state, s, state.tallies[slot, systems + ICB])
        if clock.season == QUARTERS - 1:
            tally = state.tallies[slot, s]
            answer(state, s, tally.trust_stakes / tally.stakes if tally.stakes > 0.0 else 0.0, tally)
    clock.quarter += 1


@part
def add_act(tie, stake, back, end, tally):
    """One tie's act and trust; `back`: whether the partner acted jointly too."""
    tally.stakes += stake
    tally.joint_stakes += stake * tie.joint
    tally.both_stakes += stake * tie.joint * back
    tally.trust_stakes += stake * tie.trust
    tally.acts += 1.0
    tally.joint_acts += tie.joint
    tally.advantage_acts += 1.0 if tie.act == CODES[tie.kind, end, 1] else 0.0
    tally.guard_acts += 1.0 if tie.act == CODES[tie.kind, end, 2] else 0.0


@part
def add_board(state, o, tally):
    """One organisation's board, money and care."""
    org, account = state.orgs[o], state.books.accounts[o]
    tally.boards += 1.0
    tally.money_attention += org.money
    tally.load += org.load
    tally.motivation += org.motivation
    tally.effort_lasting += org.effort_lasting
    tally.felt_finance += org.felt_finance
    tally.bailout += org.bailout
    tally.stress += org.stress
    tally.income += org.income
    if org.kind == COUNCIL:
        council = state.councils[org.row]
        wanted = council.care_cost * council.need
        tally.councils += 1.0
        tally.stopped += 1.0 if org.stop > 0 else 0.0
        tally.care_wanted += wanted
        tally.care_given += wanted * council.supply
        return
    tally.reviewable += 1.0
    tally.reviewed += org.reviewed
    tally.deficit_money += org.deficit * org.income
    tally.gross_deficit += max(0.0, org.deficit) * org.income
    tally.support += QUARTERS * max(0.0, account.support)
    if org.kind == PROVIDER:
        add_provider(state, org, tally)


@part
def add_provider(state, org, tally):
    """One provider's care and where its money comes from."""
    provider, account = state.providers[org.row], state.books.accounts[state.providers[org.row].org]
    tally.providers += 1.0
    tally.in_deficit += 1.0 if org.deficit > ROUNDING else 0.0
    tally.bypassed += provider.bypassed
    tally.need += provider.demand * provider.base_cost
    tally.unserved += provider.unmet * provider.demand * provider.base_cost
    tally.beds += provider.beds
    tally.delayed += provider.beds * provider.delayed
    earned = account.receipts - max(0.0, account.support)
    tally.nhs_money += provider.direct / QUARTERS
    tally.hospital_money += earned * provider.hospital


@part
def add_system(state, s, tally):
    """One ICB and its system."""
    icb, system = state.icbs[s], state.systems[s]
    tally.icbs += 1.0
    tally.authority += icb.authority
    tally.clarity += icb.clarity
    tally.convening += icb.convening
    tally.allocation += icb.allocation
    tally.nhs_money += (icb.allocation + icb.running_base) / QUARTERS
    tally.lasting_money += icb.spent
    tally.prevention_money += icb.spent_prev
    tally.pooled_money += icb.pool * icb.allocation / icb.start / QUARTERS
    tally.population += system.population
    tally.community += system.population * system.community
    tally.avoided += system.population * system.avoided
