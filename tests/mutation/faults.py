"""The table of faults: what a tired programmer might have written instead, one place at a time.

A fault is (name, kind, file in abm/model, text as it is, text as it would be). The name starts with the phase or module. Each text
must be found exactly once in its file, so that the table cannot go stale unseen (tests/mutation/test_faults_apply.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

KINDS = (
    "sign",  # plus for minus, a direction turned round
    "lag",  # a value of too early or too late
    "missing term",
    "wrong index",  # another organisation's, tie's or end's value
    "swapped",  # two arguments or two branches
    "wrong stream",  # another decision's luck
    "wrong constant",
    "wrong comparison",
    "wrong name",  # a neighbouring variable
    "forgotten reset",
)


class Fault(NamedTuple):
    name: str
    kind: str
    file: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        """Write the fault into the tree at `root`. Raises `ValueError` where the old text is not there exactly once."""
        path = root / "abm" / "model" / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.file} has the old text {text.count(self.old)} times, not once")
        path.write_text(text.replace(self.old, self.new))


SETTLE, DELIVER, REVIEW, CONVENE = "phases/settle.py", "phases/deliver.py", "phases/review.py", "phases/convene.py"
DECIDE, EXCHANGE, INVEST, LEARN = "phases/decide.py", "phases/exchange.py", "phases/invest.py", "phases/learn.py"
TURN_OVER, CLOSE, OBSERVE = "phases/turn_over.py", "phases/close.py", "phases/observe.py"
LEDGER, INITIAL, SURVEY, POLICY, OUTCOMES, RANDOM = "ledger.py", "initial.py", "survey.py", "policy.py", "outcomes.py", "randomness.py"

# fmt: off
FAULTS = [Fault(*row) for row in [
    # ---- settle ----------------------------------------------------------------------------------------------------------
    ("settle_grows_in_the_first_year", "wrong comparison", SETTLE, "later = clock.quarter > 0", "later = clock.quarter >= 0"),
    ("settle_contract_paid_runs_on", "forgotten reset", SETTLE, "state.pairs[number].paid = 0.0", "state.pairs[number].paid += 0.0"),
    ("settle_last_year_is_this_year", "lag", SETTLE,
     "        if later:\n            icb.allocation *= 1.0 + policy.allocation_growth\n",
     "        if later:\n            icb.allocation *= 1.0 + policy.allocation_growth\n            icb.last = icb.allocation\n"),
    ("settle_churn_leaves_horizon", "missing term", SETTLE, " * (1.0 - churn_loss) * (1.0 - unfunded)", " * (1.0 - unfunded)"),
    ("settle_discharge_pocket", "sign", SETTLE, "pocket += par.wrong_pocket", "pocket -= par.wrong_pocket"),
    ("settle_shift_by_activity", "swapped", SETTLE,
     "pair.shift_a = kept * (1.5 - policy.activity_share)\n            pair.shift_b = kept",
     "pair.shift_b = kept * (1.5 - policy.activity_share)\n            pair.shift_a = kept"),
    ("settle_renewal_luck", "wrong stream", SETTLE, "clock.quarter, RENEWAL), org.draw", "clock.quarter, NATIONAL_COST), org.draw"),
    ("settle_displaced_at_once", "missing term", SETTLE,
     "icb.displaced += par.ratchet * (par.crowd_out * icb.coverage - icb.displaced)",
     "icb.displaced = par.crowd_out * icb.coverage"),
    ("settle_months", "wrong constant", SETTLE, "MONTHS = 3 ", "MONTHS = 4 "),
    ("settle_catch_up_is_free", "missing term", SETTLE, "max(0.0, icb.other_care - icb.extra)", "max(0.0, icb.other_care)"),
    ("settle_earmarks_paid_twice", "missing term", SETTLE,
     "free = icb.allocation - icb.fenced + icb.running_base", "free = icb.allocation + icb.running_base"),
    ("settle_council_growth_of_first_system", "wrong index", SETTLE,
     "state.policy[state.orgs[council.org].system].social_care_growth", "state.policy[0].social_care_growth"),
    ("settle_year_result_runs_on", "forgotten reset", SETTLE,
     "state.books.accounts[number].year_result = 0.0", "state.books.accounts[number].year_result += 0.0"),
    ("settle_protected_by_either", "sign", SETTLE,
     "(1.0 - (1.0 - policy.fence_floor) * (1.0 - policy.fence_restriction))",
     "(1.0 - (1.0 - policy.fence_floor) * (1.0 + policy.fence_restriction))"),
    ("settle_idle_money_of_boards_with_a_stake", "swapped", SETTLE,
     "soft_budget_effort(par.own_stake, org.bailout, 1.0)", "soft_budget_effort(org.bailout, par.own_stake, 1.0)"),
    # ---- deliver ---------------------------------------------------------------------------------------------------------
    ("deliver_two_stages", "lag", DELIVER, "step_c * (system.community_2 - system.community)", "step_c * (system.community_1 - system.community)"),
    ("deliver_prevention_returns", "wrong name", DELIVER,
     "gain += par.prevention_return * system.prevention_k", "gain += par.community_return * system.prevention_k"),
    ("deliver_effort_raises_cost", "sign", DELIVER,
     "(par.cost_pressure - par.efficiency_yield * org.effort_money)", "(par.cost_pressure + par.efficiency_yield * org.effort_money)"),
    ("deliver_reserves_rebuilt", "sign", DELIVER, "own = affordable - (1.0 - par.patience)", "own = affordable + (1.0 - par.patience)"),
    ("deliver_delay_elasticity", "sign", DELIVER, "provider.supply ** (-par.delay_elasticity)", "provider.supply ** par.delay_elasticity"),
    ("deliver_need_by_the_other_share", "wrong index", DELIVER, "provider.need += pair.share_b", "provider.need += pair.share_a"),
    ("deliver_pool_runs_on", "forgotten reset", DELIVER, "state.councils[c].pooled = 0.0", "state.councils[c].pooled += 0.0"),
    ("deliver_catch_up_over_a_year", "lag", DELIVER, "/ (QUARTERS - season)", "/ QUARTERS"),
    ("deliver_all_follows_activity", "missing term", DELIVER, "due * pair.follows * (activity - 1.0)", "due * (activity - 1.0)"),
    ("deliver_grip_saves_nothing", "missing term", DELIVER, " - provider.grip + spent_surplus", " + spent_surplus"),
    ("deliver_local_luck", "wrong stream", DELIVER, 'stream("local_cost")', 'stream("national_cost")'),
    ("deliver_good_luck_excuses", "wrong comparison", DELIVER, "1 if surprise > par.cost_shock", "1 if surprise < par.cost_shock"),
    ("deliver_beds_of_the_region", "wrong index", DELIVER,
     "council = state.councils[state.orgs[pair.b].row]\n            state.providers",
     "council = state.councils[0]\n            state.providers"),
    ("deliver_visible_stays", "forgotten reset", DELIVER, "    org.visible = 0\n", ""),
    # ---- review ----------------------------------------------------------------------------------------------------------
    ("review_bypass_where_trusted", "sign", REVIEW, "pressed * (1.0 - confidence)", "pressed * confidence"),
    ("review_notice_luck", "wrong stream", REVIEW, "uniform(told, org.draw)", "uniform(contact, org.draw)"),
    ("review_grip_stays", "forgotten reset", REVIEW, "provider.grip * par.review_memory", "provider.grip"),
    ("review_trust_the_other_way", "wrong index", REVIEW, "state.ties[icb.oversight ^ 1].trust", "state.ties[icb.oversight].trust"),
    ("review_councils_bail_out", "missing term", REVIEW, "bailout = 0.0 if org.kind == COUNCIL else org.bailout", "bailout = org.bailout"),
    ("review_two_tasks", "sign", REVIEW, "(b2 - g * b1) / (1.0 - g * g)", "(b2 + g * b1) / (1.0 - g * g)"),
    ("review_threshold_at_equality", "wrong comparison", REVIEW, "if g * b1 >= b2:", "if g * b1 > b2:"),
    ("review_clarity_of_all_bypass", "wrong name", REVIEW,
     "policy.mandate_clarity * (1.0 - icb.unnoticed)", "policy.mandate_clarity * (1.0 - icb.bypassed)"),
    ("review_replanning_is_no_load", "missing term", REVIEW, "policy.local_accountability + (1.0 - icb.final)", "policy.local_accountability"),
    ("review_direct_contact_asks_nothing", "missing term", REVIEW, "called = called or state.providers[org.row].bypassed == 1", "pass"),
    ("review_pots_load_providers", "wrong name", REVIEW, "if org.kind == ICB and icb.fenced > 0.0", "if org.kind == PROVIDER and icb.fenced > 0.0"),
    ("review_bypass_adds_up", "forgotten reset", REVIEW,
     "icb.bypassed, icb.unnoticed, icb.coordinated = 0.0, 0.0, 0.0", "icb.unnoticed, icb.coordinated = 0.0, 0.0"),
    ("review_asks_of_the_quarter_before", "lag", REVIEW, "    hold_reviews(state)\n    coordinate_reviews(state)\n", "    coordinate_reviews(state)\n    hold_reviews(state)\n"),
    ("review_councils_under_notice_have_a_choice", "missing term", REVIEW, "org.forced, org.visible = 1, 1", "org.visible = 1"),
    # ---- convene ---------------------------------------------------------------------------------------------------------
    ("convene_initiative", "sign", CONVENE, "(1.0 - expected) * benefit / cost", "(1.0 + expected) * benefit / cost"),
    ("convene_without_clarity", "missing term", CONVENE, "icb.capacity * icb.clarity * icb.initiative", "icb.capacity * icb.initiative"),
    ("convene_stress_of_either", "wrong name", CONVENE, "pair.seen * min(", "pair.seen * max("),
    ("convene_place_and_system", "swapped", CONVENE,
     "(1.0 - pair.local) * icb.convening + pair.local * par.place_readiness",
     "pair.local * icb.convening + (1.0 - pair.local) * par.place_readiness"),
    ("convene_reviews_help_other_ties", "wrong comparison", CONVENE, "if pair.kind == COMMISSIONING else 0.0", "if pair.kind != COMMISSIONING else 0.0"),
    ("convene_partnership_is_never_busy", "missing term", CONVENE, "icb.convening = par.place_readiness * free", "icb.convening = par.place_readiness"),
    ("convene_nobody_leaves_what_was", "forgotten reset", CONVENE, "        icb.convening = 0.0\n", ""),
    # ---- decide ----------------------------------------------------------------------------------------------------------
    ("decide_fear_attracts", "sign", DECIDE, "- (1.0 - q) * partner", "+ (1.0 - q) * partner"),
    ("decide_ends", "swapped", DECIDE,
     "own, partner, gain = (pair.shift_a, pair.shift_b, pair.gain_a) if", "own, partner, gain = (pair.shift_b, pair.shift_a, pair.gain_a) if"),
    ("decide_nothing_is_secured", "missing term", DECIDE, " * (1.0 - pair.secured)", ""),
    ("decide_ties_go_to_joint_work", "wrong comparison", DECIDE, "elif luck < tie.chance:", "elif luck <= tie.chance:"),
    ("decide_first_quarter_of_each_year", "wrong comparison", DECIDE, "state.clock[0].quarter == 0", "state.clock[0].season == 0"),
    ("decide_hurdle_of_another_icb", "wrong index", DECIDE, "icbs[target.row].hurdle", "icbs[source.row % icbs.size].hurdle"),
    ("decide_satisfied_boards_change", "swapped", DECIDE,
     "satisfied * tie.joint + (1.0 - satisfied) * willing", "(1.0 - satisfied) * tie.joint + satisfied * willing"),
    ("decide_norm_has_no_middle", "wrong constant", DECIDE, "par.norm_weight * (org.received - 0.5)", "par.norm_weight * org.received"),
    ("decide_search_without_square", "wrong name", DECIDE, "(1.0 - stress * stress))", "(1.0 - stress))"),
    ("decide_luck", "wrong stream", DECIDE, 'ACT = stream("act")', 'ACT = stream("audit")'),
    ("decide_option_arguments", "swapped", DECIDE,
     "option_threshold(par.role_noise * (1.0 - icb.clarity), 1.0 - par.patience)",
     "option_threshold(1.0 - par.patience, par.role_noise * (1.0 - icb.clarity))"),
    ("decide_attention_of_last_quarter", "lag", DECIDE, "tie.cash_term = org.money * cash", "tie.cash_term = par.money_attention * cash"),
    ("decide_stopped_councils_act", "wrong comparison", DECIDE, "if stop > 0:", "if stop > 1:"),
    ("decide_guards_too_soon", "wrong constant", DECIDE, "tie.belief >= 0.5", "tie.belief >= 0.6"),
    # ---- exchange --------------------------------------------------------------------------------------------------------
    ("exchange_forth_and_back", "swapped", EXCHANGE, "ties[2 * number], ties[2 * number + 1]", "ties[2 * number + 1], ties[2 * number]"),
    ("exchange_shift_is_paid_back", "sign", EXCHANGE, "pay(books, pair.b, pair.a, SHIFTED_COST", "pay(books, pair.a, pair.b, SHIFTED_COST"),
    ("exchange_own_acts_counted", "wrong name", EXCHANGE, "a.joint_in += pair.stake * back", "a.joint_in += pair.stake * forth"),
    ("exchange_audit_finds_the_rest", "wrong comparison", EXCHANGE, "uniform(luck, pair.draw) < pair.audit", "uniform(luck, pair.draw) > pair.audit"),
    ("exchange_saving_from_nothing", "missing term", EXCHANGE, "(pair.programme - pair.start)", "pair.programme"),
    ("exchange_pay_off_of_b", "swapped", EXCHANGE, "pair.shift_b, pair.shift_a, pair.gain_b", "pair.shift_a, pair.shift_b, pair.gain_b"),
    ("exchange_disputes_run_on", "forgotten reset", EXCHANGE,
     "org.saving, org.disputes, org.stake_in, org.joint_in = 0.0, 0.0, 0.0, 0.0", "org.saving, org.stake_in, org.joint_in = 0.0, 0.0, 0.0"),
    ("exchange_discharges_at_once", "lag", EXCHANGE, "(provider.joint_now - provider.joint) / QUARTERS", "provider.joint_now - provider.joint"),
    ("exchange_audited_shift_is_cheaper", "missing term", EXCHANGE, "pair.shift_b / (1.0 - pair.audit) * stake", "pair.shift_b * stake"),
    ("exchange_luck", "wrong stream", EXCHANGE, 'AUDIT = stream("audit")', 'AUDIT = stream("act")'),
    # ---- invest ----------------------------------------------------------------------------------------------------------
    ("invest_displaced_from_nothing", "missing term", INVEST, "(1.0 - icb.displaced) / (1.0 - icb.displaced_0)", "(1.0 - icb.displaced)"),
    ("invest_deals_before_raids", "missing term", INVEST, "diverted = (free - raided) * divert", "diverted = free * divert"),
    ("invest_carried_money_is_lost", "lag", INVEST, "/ (1.0 - icb.displaced_0) + icb.carried", "/ (1.0 - icb.displaced_0)"),
    ("invest_prevention_runs_on", "forgotten reset", INVEST, "state.systems[s].spent_prev = 0.0", "state.systems[s].spent_prev += 0.0"),
    ("invest_year_is_its_last_quarter", "missing term", INVEST, "icb.programme_year += spent", "icb.programme_year = spent"),
    ("invest_prevention_booked_elsewhere", "wrong name", INVEST, "care, PREVENTION, spent", "care, COMMUNITY, spent"),
    ("invest_raids_by_count", "missing term", INVEST, "max(0.0, org.deficit) * org.income / total", "max(0.0, org.deficit) / total"),
    ("invest_raid_without_raiders", "missing term", INVEST, "        spent += raided\n", "        pass\n"),
    ("invest_load_speeds_up", "sign", INVEST, "icb.final * (1.0 - org.load)", "icb.final * (1.0 + org.load)"),
    ("invest_all_providers_share_deals", "missing term", INVEST, "amount * provider.contract * provider.bypassed / total", "amount * provider.contract / total"),
    # ---- learn -----------------------------------------------------------------------------------------------------------
    ("learn_from_own_acts", "wrong index", LEARN, "other = state.ties[number ^ 1]", "other = state.ties[number]"),
    ("learn_kept_and_broken", "swapped", LEARN, "float(other.joint), broken)", "broken, float(other.joint))"),
    ("learn_sees_what_is_hidden", "wrong comparison", LEARN, "uniform(luck, tie.draw) < pair.seen", "uniform(luck, tie.draw) > pair.seen"),
    ("learn_no_aspiration", "missing term", LEARN, "    tie.aspiration += (1.0 - memory) * (tie.payoff - tie.aspiration)\n", ""),
    ("learn_expects_the_unnoticed", "wrong name", LEARN, "(icb.bypassed - icb.expected)", "(icb.unnoticed - icb.expected)"),
    ("learn_crowding_a_quarter", "missing term", LEARN, "par.crowding_out / QUARTERS * control", "par.crowding_out * control"),
    ("learn_compact", "sign", LEARN, "(1.0 - state.policy[pair.system].compact)", "state.policy[pair.system].compact"),
    ("learn_circumstance_is_intent", "swapped", LEARN, "1.0 if partner.forced == 1 else 0.0", "0.0 if partner.forced == 1 else 1.0"),
    ("learn_luck", "wrong stream", LEARN, 'stream("attribution")', 'stream("act")'),
    ("learn_received_before", "lag", LEARN, "icb.respect = org.joint_in / org.stake_in if", "icb.respect = org.received * 0.5 if"),
    ("learn_blame_of_trusted", "sign", LEARN, "intent = 1.0 - trust", "intent = trust"),
    ("learn_region_forgives", "wrong name", LEARN,
     "par.broken_weight * icb.unnoticed)", "par.broken_weight * icb.bypassed)"),
    # ---- turn_over -------------------------------------------------------------------------------------------------------
    ("turn_over_yearly_hazard_each_quarter", "missing term", TURN_OVER, "luck < quarterly(policy.reorganisation)", "luck < policy.reorganisation"),
    ("turn_over_leaders_stay_new", "forgotten reset", TURN_OVER, "        org.tenure += 1\n", ""),
    ("turn_over_forget_the_bad", "sign", TURN_OVER, "tie.bad = weight * (1.0 - prior) + par", "tie.bad = weight * prior + par"),
    ("turn_over_luck", "wrong stream", TURN_OVER, 'stream("turnover"), stream("reorganisation")', 'stream("reorganisation"), stream("turnover")'),
    ("turn_over_own_leader_twice", "wrong index", TURN_OVER, "state.orgs[tie.target].tenure == 0", "state.orgs[tie.source].tenure == 0"),
    ("turn_over_quarter_of_a_year", "wrong constant", TURN_OVER, "(1.0 / QUARTERS)", "(1.0 * QUARTERS)"),
    ("turn_over_authority_is_kept", "missing term", TURN_OVER, "            icb.authority *= policy.mandate_stability\n", ""),
    ("turn_over_trust_not_set", "lag", TURN_OVER, "    tie.trust = tie.good / total if total > 0.0 else tie.trust\n", ""),
    # ---- close -----------------------------------------------------------------------------------------------------------
    ("close_support_counts_as_earned", "sign", CLOSE, "account.receipts - account.payments - account.support", "account.receipts - account.payments + account.support"),
    ("close_year_ends_early", "wrong comparison", CLOSE, "season == QUARTERS - 1", "season == QUARTERS - 2"),
    ("close_forecast_at_once", "lag", CLOSE, "/ org.income - org.deficit) / QUARTERS", "/ org.income - org.deficit)"),
    ("close_pool_covers_what_it_has_not", "missing term", CLOSE, "covered = min(spare, share * lacking)", "covered = share * lacking"),
    ("close_cover_and_levy", "swapped", CLOSE, "share_pool(state, i, covered / lacking, covered / spare)", "share_pool(state, i, covered / spare, covered / lacking)"),
    ("close_bail_out_memory", "missing term", CLOSE, "par.trust_memory**QUARTERS", "par.trust_memory"),
    ("close_notice_never_ends", "forgotten reset", CLOSE, "max(0, org.stop - 1)", "max(0, org.stop)"),
    ("close_notice_luck", "wrong stream", CLOSE, 'stream("section114"), stream("section114_length")', 'stream("section114"), stream("section114")'),
    ("close_steepness", "wrong constant", CLOSE, "STEEPNESS = 4 ", "STEEPNESS = 3 "),
    ("close_carried_into_the_year", "forgotten reset", CLOSE, "icb.carried, icb.programme_year, icb.planned_year = 0.0, 0.0, 0.0", "icb.programme_year, icb.planned_year = 0.0, 0.0"),
    ("close_audit_hides", "sign", CLOSE, "org.felt_finance - state.policy[org.system].audit", "org.felt_finance + state.policy[org.system].audit"),
    ("close_pool_relieves_nobody", "missing term", CLOSE, "shortfall * (1.0 - org.covered)", "shortfall"),
    ("close_system_deficit_runs_on", "forgotten reset", CLOSE, "state.systems[s].deficit = 0.0", "state.systems[s].deficit += 0.0"),
    ("close_support_before_the_pool", "lag", CLOSE, "        pool_risk(state)\n        support_deficits(state)\n", "        support_deficits(state)\n        pool_risk(state)\n"),
    ("close_council_of_another_row", "wrong index", CLOSE, "reserves = state.books.accounts[council.org].balance", "reserves = state.books.accounts[council.org].opening"),
    # ---- observe ---------------------------------------------------------------------------------------------------------
    ("observe_one_side_is_both", "missing term", OBSERVE, "stake * tie.joint * back", "stake * tie.joint"),
    ("observe_guards", "wrong constant", OBSERVE, "CODES[tie.kind, end, 2]", "CODES[tie.kind, end, 1]"),
    ("observe_survey_in_spring", "wrong comparison", OBSERVE, "clock.season == QUARTERS - 1", "clock.season == 0"),
    ("observe_surpluses_count", "missing term", OBSERVE, "max(0.0, org.deficit) * org.income", "org.deficit * org.income"),
    ("observe_support_is_earned", "missing term", OBSERVE, "earned = account.receipts - max(0.0, account.support)", "earned = account.receipts"),
    ("observe_pool_does_not_grow", "missing term", OBSERVE, "icb.pool * icb.allocation / icb.start / QUARTERS", "icb.pool / QUARTERS"),
    ("observe_all_care_is_given", "missing term", OBSERVE, "wanted * council.supply", "wanted"),
    ("observe_kinds", "wrong index", OBSERVE, "systems + state.orgs[tie.source].kind", "systems + state.orgs[tie.target].kind"),
    ("observe_unmet_unweighted", "missing term", OBSERVE, "provider.unmet * provider.demand * provider.base_cost", "provider.unmet * provider.base_cost"),
    ("observe_lasting_is_prevention", "wrong name", OBSERVE, "tally.lasting_money += icb.spent\n", "tally.lasting_money += icb.spent_prev\n"),
    ("observe_every_provider_is_a_hospital", "missing term", OBSERVE, "earned * provider.hospital", "earned"),
    ("observe_beds", "missing term", OBSERVE, "provider.beds * provider.delayed", "provider.delayed"),
    # ---- ledger ----------------------------------------------------------------------------------------------------------
    ("ledger_support_is_income", "wrong constant", LEDGER, 'FIRST_SUPPORT = PURPOSES.index("deficit_support")', 'FIRST_SUPPORT = PURPOSES.index("risk_pool")'),
    ("ledger_refunds", "sign", LEDGER, "payer, payee, amount = payee, payer, -amount", "amount = -amount"),
    ("ledger_receipts", "missing term", LEDGER, "    sink.receipts += amount\n", ""),
    ("ledger_support_runs_on", "forgotten reset", LEDGER, "        account.support = 0.0\n", ""),
    ("ledger_flows_run_on", "forgotten reset", LEDGER, "    books.flows[:] = 0.0\n", ""),
    ("ledger_flow_to_payer", "swapped", LEDGER, "books.flows[source.kind, sink.kind, purpose]", "books.flows[sink.kind, source.kind, purpose]"),
    ("ledger_entry_amount", "sign", LEDGER, "entry.amount = amount", "entry.amount = -amount"),
    # ---- initial ---------------------------------------------------------------------------------------------------------
    ("initial_oversight_way", "wrong index", INITIAL, "[org.row] = 2 * number + 1", "[org.row] = 2 * number"),
    ("initial_luck", "wrong stream", INITIAL, '0, "initial", ', '0, "local_cost", '),
    ("initial_memory_of_trust", "missing term", INITIAL, "ties[\"good\"], ties[\"bad\"], ties[\"trust\"] = weight * prior, weight", "ties[\"good\"], ties[\"bad\"], ties[\"trust\"] = prior, weight"),
    ("initial_members", "wrong index", INITIAL, 'side="right")', 'side="left")'),
    ("initial_draws_of_both_ends", "wrong index", INITIAL, "for x, y in ((a, b), (b, a))", "for x, y in ((a, b), (a, b))"),
    ("initial_target_distance", "sign", INITIAL, "_standard(need) - _standard(target)", "_standard(need) + _standard(target)"),
    ("initial_unnoticed", "missing term", INITIAL, "(1.0 - before[\"bypass_notice\"]) * (before", "(before"),
    ("initial_pair_order", "wrong comparison", INITIAL, "self.names[a] > self.names[b]", "self.names[a] < self.names[b]"),
    # ---- survey ----------------------------------------------------------------------------------------------------------
    ("survey_authority", "wrong constant", SURVEY, "0.5 * icb.authority", "1.0 * icb.authority"),
    ("survey_months", "wrong constant", SURVEY, "guidance_lateness / 12.0", "guidance_lateness / 3.0"),
    ("survey_cut", "sign", SURVEY, "(view - CUT) / (SPREAD", "(CUT - view) / (SPREAD"),
    ("survey_spread", "wrong constant", SURVEY, "SPREAD = 0.25 ", "SPREAD = 0.35 "),
    ("survey_region", "missing term", SURVEY, "agree(role * (1.0 - icb.expected))", "agree(role)"),
    ("survey_productivity", "wrong name", SURVEY, "(trust + org.effort_money + 0.5)", "(trust + org.effort_lasting + 0.5)"),
    # ---- policy ----------------------------------------------------------------------------------------------------------
    ("policy_a_quarter_late", "wrong comparison", POLICY, "if start <= quarter)", "if start < max(1, quarter))"),
    ("policy_ramp_a_quarter_early", "lag", POLICY, "(end - start)) for q in range(start + 1, end + 1)", "(end - start)) for q in range(start, end)"),
    ("policy_region_before_system", "swapped", POLICY,
     "        if code in setting.systems:\n            return setting.systems[code]\n        if region in setting.regions:\n            return setting.regions[region]\n",
     "        if region in setting.regions:\n            return setting.regions[region]\n        if code in setting.systems:\n            return setting.systems[code]\n"),
    ("policy_change_now", "wrong comparison", POLICY, "if change > quarter)", "if change > quarter + 1)"),
    ("policy_quarter_of_the_year", "wrong constant", POLICY, "int(match[3] or 1) - 1", "int(match[3] or 1)"),
    ("policy_whole_numbers_ramp", "missing term", POLICY, "float(round(v))", "float(v)"),
    # ---- outcomes and luck -----------------------------------------------------------------------------------------------
    ("outcomes_balanced_is_deficit", "wrong comparison", OUTCOMES, '(tallies["deficit_money"] > 0).mean', '(tallies["deficit_money"] >= 0).mean'),
    ("outcomes_concentration", "missing term", OUTCOMES, "reached.argmax(axis=1) + 1", "reached.argmax(axis=1)"),
    ("outcomes_gap", "swapped", OUTCOMES, "unmet[:, -fifth:].mean(axis=1) - unmet[:, :fifth].mean(axis=1)", "unmet[:, :fifth].mean(axis=1) - unmet[:, -fifth:].mean(axis=1)"),
    ("outcomes_spread", "missing term", OUTCOMES, "(values - mean[:, None]) ** 2", "values ** 2"),
    ("randomness_next_quarter", "lag", RANDOM, "np.uint64(quarter + 1)) + _GOLDEN", "np.uint64(quarter + 2)) + _GOLDEN"),
]]
# fmt: on
