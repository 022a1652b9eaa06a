"""The steady England as data: settings under which nothing may move, and why each is what it is.

Growth, pressure and surprises are nought, so need and cost stand still; the gap at the start is nought, so every budget
balances. Everybody trusts fully and finds joint work worth while, at a precision that leaves luck nothing to decide, so acts
are constant; joint work is as mature as it will be and costs nothing up front. Nobody loses management time or authority,
nothing goes over an ICB's head, programmes are carried out in full, and earmarked money, if any, comes again each year.
What is free below may take any value in its plausible range (the test draws it).
"""

from __future__ import annotations

LEVERS = {
    "allocation_growth": 0.0,
    "social_care_growth": 0.0,
    "capital_growth": 0.0,
    "bypass_rate": 0.0,  # nobody is dealt with directly
    "guidance_lateness": 0.0,  # plans are final from the first day, so no programme money waits
    "fence_recurrence": 1.0,  # earmarked money comes again (which year it did not would be luck)
    "fence_floor": 0.0,  # a floor above the whole programme would be new money
    "reorganisation": 0.0,  # the structure stays
    "deficit_support": 0.6,  # what boards believe already (bailout_belief)
    "oversight_intensity": 0.0,  # no reviews: who is reviewed in which quarter is luck
}
PARAMETERS = {
    "need_growth": 0.0,
    "cost_pressure": 0.0,
    "cost_shock": 0.0,
    "efficiency_yield": 0.0,  # effort takes no cost out
    "budget_gap": 0.0,  # budgets balance
    "gap_spread": 0.0,
    "bailout_belief": 0.6,
    "choice_precision": 50.0,  # acts follow pay-off
    "lasting_benefit": 6.0,  # and joint work pays
    "patience": 0.9,
    "upfront_cost": 0.0,  # at no cost
    "shiftable_cost": 0.0,
    "prior_trust_nhs": 1.0,  # all trust each other from the start, and authority is full
    "prior_trust_council": 1.0,
    "intrinsic_motivation": 1.0,
    "money_attention": 0.1,
    "effort_substitution": 0.0,  # programmes are carried out in full
    "layer_burden": 0.0,  # and on time
    "decision_rule": "quantal_response",
}
# What may take any value within its plausible range without moving anything, drawn by the test.
FREE_LEVERS = (
    "finance_share", "priorities", "audit", "local_accountability", "bypass_regime", "bypass_notice", "fence_share",
    "fence_restriction", "fence_pots", "settlement_years", "mandate_clarity", "mandate_stability", "convenor", "delegation",
    "activity_share", "gain_share", "transparency", "compact", "risk_pooling",
)  # fmt: skip
FREE_PARAMETERS = (
    "attention_rule", "conditional_slope", "stake_share", "policing_cost", "role_noise", "trust_memory", "broken_weight",
    "circumstance", "leader_turnover", "memory_kept", "review_memory", "crowding_out", "control_benefit", "region_reflex",
    "misreport", "authority_loss", "convening_effect", "place_readiness", "region_grip", "diversion", "own_stake", "fixed_cost",
    "pressure_spread", "catch_up", "rationing", "renewal_risk", "ratchet", "council_reserves", "section114_hazard", "delayed_start",
    "delay_elasticity", "community_return", "prevention_return", "community_lag", "prevention_lag", "fence_joint", "pot_admin",
    "crowd_out", "fence_mismatch", "joint_discharge",
)  # fmt: skip
