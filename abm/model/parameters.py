"""Facts (or guesses) about the world, each declared once. What a policy maker sets is in `levers.py`.

Sources name the section of the project's evidence review (docs/evidence.md) and the original where there is
one. About half of the behavioural numbers are judgement: their status is `assumption`, and every conclusion has to be
shown to survive their plausible range.
"""

from __future__ import annotations

from abm.model.declaration import Declaration, Declarations

DECISION_RULES = ("quantal_response", "reinforcement", "conditional_cooperation")
ATTENTION_RULES = ("threat_rigidity", "problemistic_search")

# fmt: off
PARAMETERS = Declarations(
    "parameter",
    [
        # ---- how an act is chosen -------------------------------------------------------------------------------------------
        Declaration(
            "decision_rule", "quantal_response", "rule",
            "How an organisation chooses its act on a tie",
            "McKelvey and Palfrey 1995; Cotla 2015 (reinforcement); Fischbacher and Gaechter 2010",
            "assumption", "choice", choices=DECISION_RULES,
        ),
        Declaration(
            "attention_rule", "threat_rigidity", "rule",
            "How a board's attention to in-year money answers to its own deficit",
            "Staw, Sandelands and Dutton 1981; rival: Cyert and March 1963, Ocasio 1993",
            "assumption", "choice", choices=ATTENTION_RULES,
        ),
        Declaration(
            "choice_precision", 4.0, "per unit pay-off",
            "How sharply choice follows pay-off (logit lambda; pay-offs in units of a tie's stake)",
            "NHRA game theory toolkit uses 4.0; range judgement",
            "assumption", "choice", bounds=(0.0, 50.0), plausible=(2.0, 7.0),
        ),
        Declaration(
            "patience", 0.9, "a year",
            "Discount factor on lasting value",
            "No data on this, assumption",
            "assumption", "choice", bounds=(0.0, 0.98), plausible=(0.75, 0.97),
        ),
        Declaration(
            "norm_weight", 0.2, "pay-off",
            "Pull of how one's partners acted last quarter",
            "Experiments on conformity: 0.1 to 0.5; size is judgement",
            "assumption", "choice", bounds=(0.0, 2.0), plausible=(0.0, 0.5),
        ),
        Declaration(
            "conditional_slope", 0.65, "per unit belief",
            "Conditional cooperators: how far willingness follows the believed chance that the partner collaborates",
            "Fischbacher and Gaechter 2010 (below one); Thoeni and Volk 2018",
            "evidence", "choice", plausible=(0.4, 0.9),
        ),
        Declaration(
            "common_fate", 0.3, "pay-off per unit shared stress",
            "Extra worth of joint action when both partners are known to be under stress",
            "Ocasio 1993; leaders' quotes that crisis unites; size is an assumption",
            "assumption", "choice", bounds=(0.0, 3.0), plausible=(0.0, 1.0),
        ),
        # ---- what an act is worth (in units of the tie's stake) -------------------------------------------------------------
        Declaration(
            "stake_share", 0.04, "share of a tie's yearly flow",
            "Business that the two can work on together or fight over",
            "No data on this, assumption",
            "assumption", "pay-off", bounds=(0.0, 0.3), plausible=(0.02, 0.08),
        ),
        Declaration(
            "upfront_cost", 0.14, "share of stake",
            "Cost of working jointly, paid now by each",
            "Rough sketch in EVIDENCE §13: 0.08 to 0.20",
            "assumption", "pay-off", plausible=(0.08, 0.20),
        ),
        Declaration(
            "shiftable_cost", 0.25, "share of stake",
            "Cost that can be shifted to a partner that works jointly",
            "Rough sketch in EVIDENCE §13: 0.15 to 0.35",
            "assumption", "pay-off", plausible=(0.15, 0.35),
        ),
        Declaration(
            "policing_cost", 0.15, "share of stake",
            "Cost to each of a dispute between two that police each other",
            "Rough sketch in EVIDENCE §13: 0.08 to 0.25",
            "assumption", "pay-off", plausible=(0.08, 0.25),
        ),
        Declaration(
            "lasting_benefit", 1.8, "share of stake",
            "Lasting worth of a year's joint work to the two, each on average",
            "Rough sketch in EVIDENCE §13: 1.2 to 2.4",
            "assumption", "pay-off", bounds=(0.0, 6.0), plausible=(1.2, 2.4),
        ),
        Declaration(
            "wrong_pocket", 0.15, "share of benefit",
            "How far the one who pays is short of half of the gain, before any gain share",
            "Wrong-pocket problem (EVIDENCE §3 hold-up); size is an assumption",
            "assumption", "pay-off", bounds=(0.0, 0.5), plausible=(0.0, 0.35),
        ),
        Declaration(
            "role_noise", 0.3, "standard deviation a year",
            "Noise in what an ICB will do when its role is wholly unclear",
            "EVIDENCE §12 P14 (judgement)",
            "assumption", "pay-off", bounds=(0.0, 1.0), plausible=(0.0, 0.6),
        ),
        # ---- trust ----------------------------------------------------------------------------------------------------------
        Declaration(
            "prior_trust_nhs", 0.6, "probability",
            "Trust between NHS bodies that know nothing of each other",
            "EVIDENCE §12 P03 (judgement)",
            "assumption", "trust", plausible=(0.4, 0.75),
        ),
        Declaration(
            "prior_trust_council", 0.5, "probability",
            "Trust between an NHS body and a council that know nothing of each other",
            "EVIDENCE §12 P03 (judgement)",
            "assumption", "trust", plausible=(0.4, 0.75),
        ),
        Declaration(
            "trust_memory", 0.94, "a quarter",
            "Share of the evidence about a partner that is still held a quarter later",
            "Josang and Ismail 2002 (form); size is judgement",
            "assumption", "trust", bounds=(0.0, 0.999), plausible=(0.85, 0.98),
        ),
        Declaration(
            "broken_weight", 2.0, "ratio",
            "Weight of a broken act beside a kept one",
            "Slovic 1993, qualified by Poortinga and Pidgeon 2004; size is judgement",
            "assumption", "trust", bounds=(0.0, 10.0), plausible=(1.0, 4.0),
        ),
        Declaration(
            "circumstance", 0.3, "chance",
            "Chance that partners give a bad act of being forced by circumstances when they cannot see",
            "No data on this, assumption",
            "assumption", "trust", bounds=(0.001, 1.0), plausible=(0.1, 0.6),
        ),
        Declaration(
            "leader_turnover", 0.28, "a year",
            "Chance that an organisation's leader leaves",
            "EVIDENCE §8 (trust chief executives stay about three years; judgement)",
            "assumption", "trust", plausible=(0.15, 0.40),
        ),
        Declaration(
            "memory_kept", 0.5, "share",
            "Share of a relation's evidence that outlives a leader or a reorganisation",
            "EVIDENCE §12 P05 (judgement)",
            "assumption", "trust", plausible=(0.2, 0.8),
        ),
        # ---- attention, effort and motivation -------------------------------------------------------------------------------
        Declaration(
            "money_attention", 0.3, "share",
            "A board's attention to in-year money with no oversight and no deficit",
            "No data on this, assumption",
            "assumption", "attention", plausible=(0.1, 0.5),
        ),
        Declaration(
            "stress_onset", 0.01, "share of income",
            "Deficit above which a board feels stress",
            "EVIDENCE §12 P24 (judgement)",
            "assumption", "attention", bounds=(0.0, 0.2), plausible=(0.0, 0.02),
        ),
        Declaration(
            "stress_slope", 20.0, "per unit of income",
            "How fast stress takes hold as the deficit grows",
            "EVIDENCE §3 and §12 P24: 15 to 80; the low end, as stress must not saturate at 2 to 3 per cent",
            "assumption", "attention", bounds=(0.0, 300.0), plausible=(10.0, 60.0),
        ),
        Declaration(
            "review_memory", 0.6, "a quarter",
            "Share of what past reviews asked that a board still carries a quarter later",
            "No data on this, assumption",
            "assumption", "attention", bounds=(0.0, 0.99), plausible=(0.3, 0.85),
        ),
        Declaration(
            "layer_burden", 0.025, "share of management time",
            "Management time that one oversight layer or 18 separate asks take",
            "EVIDENCE §5 and §12 P30 (HSJ 2013 on the Farrar review for scale)",
            "assumption", "attention", bounds=(0.0, 0.2), plausible=(0.01, 0.05),
        ),
        Declaration(
            "effort_substitution", 0.5, "ratio",
            "How far effort on in-year money displaces effort on lasting work (Holmstrom-Milgrom g)",
            "Holmstrom and Milgrom 1991 (form); size is judgement",
            "assumption", "attention", bounds=(0.0, 0.95), plausible=(0.2, 0.7),
        ),
        Declaration(
            "intrinsic_motivation", 0.4, "pay-off",
            "Motivation for lasting purposes that needs no reward, at rest",
            "EVIDENCE §12 P17 (judgement)",
            "assumption", "attention", plausible=(0.1, 0.7),
        ),
        Declaration(
            "crowding_out", 0.3, "a year per unit control",
            "How fast felt control wears motivation down (negative: builds it up)",
            "Frey and Jegen 2001: sign varies; size is judgement",
            "assumption", "attention", bounds=(-1.0, 2.0), plausible=(-0.2, 0.8),
        ),
        Declaration(
            "control_benefit", 0.2, "share of capacity per unit felt",
            "Throughput gained on what reviews ask about besides money (waits)",
            "Propper et al. 2008, 2010 (direction); size is judgement",
            "assumption", "attention", plausible=(0.0, 0.5),
        ),
        Declaration(
            "region_reflex", 0.3, "share",
            "How strongly a region answers a reported deficit with more reviews, more finance and direct contact",
            "Baker, Gibbons and Murphy 1999 (form); size is an assumption",
            "assumption", "attention", plausible=(0.0, 0.8),
        ),
        Declaration(
            "misreport", 0.3, "share of deficit per unit felt",
            "Share of a deficit kept out of reports per unit of felt finance pressure above audit",
            "Gaming under targets (EVIDENCE §4); size is an assumption",
            "assumption", "attention", plausible=(0.0, 0.6),
        ),
        # ---- convening and authority ----------------------------------------------------------------------------------------
        Declaration(
            "authority_loss", 0.2, "per bypassed quarter",
            "Share of an ICB's authority lost in a quarter in which all its providers are dealt with over its head",
            "EVIDENCE §12 P35: 0.05 per bypass and several providers per ICB (judgement)",
            "assumption", "authority", plausible=(0.05, 0.5),
        ),
        Declaration(
            "convening_effect", 0.4, "probability",
            "How far full convening lifts the belief that partners will come",
            "Bitterman and Koliba 2020 (direction); size is an assumption",
            "assumption", "authority", plausible=(0.1, 0.8),
        ),
        Declaration(
            "place_readiness", 0.5, "0 to 1",
            "Convening strength of places and partnership bodies",
            "No data on this, assumption; claim C091",
            "assumption", "authority", plausible=(0.2, 0.8),
        ),
        Declaration(
            "region_grip", 0.01, "share of cost a year",
            "Cost taken out of a provider by a region's direct grip",
            "Ziegelmeyer, Schmelz and Ploner 2012 (control often pays); size is an assumption",
            "assumption", "authority", bounds=(0.0, 0.1), plausible=(0.0, 0.03),
        ),
        Declaration(
            "diversion", 0.15, "share",
            "Share of an ICB's programme money that a direct deal moves to the provider's in-year position",
            "No data on this, assumption",
            "assumption", "authority", plausible=(0.0, 0.5),
        ),
        # ---- money ----------------------------------------------------------------------------------------------------------
        Declaration(
            "need_growth", 0.025, "a year",
            "Growth of need for care",
            "EVIDENCE §12 P46",
            "assumption", "money", bounds=(-0.05, 0.1), plausible=(0.01, 0.045),
        ),
        Declaration(
            "cost_pressure", 0.02, "a year, real",
            "Growth of unit cost before efficiency",
            "EVIDENCE §12 P23: 0 to 3 points; within it fitted to the deficits of 2024/25",
            "calibrated", "money", bounds=(-0.05, 0.1), plausible=(0.0, 0.03),
        ),
        Declaration(
            "cost_shock", 0.005, "standard deviation",
            "Yearly national and quarterly local surprises in cost (pay, energy)",
            "No settled figure, assumption; claim C106",
            "assumption", "money", bounds=(0.0, 0.1), plausible=(0.0, 0.02),
        ),
        Declaration(
            "efficiency_yield", 0.03, "share of cost a year",
            "Cost taken out by full effort on in-year money",
            "NHS England: efficiency asks of 2 to 7 per cent; recurrent part judgement",
            "calibrated", "money", bounds=(0.0, 0.2), plausible=(0.01, 0.06),
        ),
        Declaration(
            "own_stake", 0.3, "pay-off",
            "A board's own stake in its balance when no one will bail it out (soft-budget s/c)",
            "Kornai 2008; Brekke, Siciliani and Straume 2015 (form); size is judgement",
            "assumption", "money", plausible=(0.0, 1.0),
        ),
        Declaration(
            "bailout_belief", 0.6, "probability",
            "Chance that boards give a year-end top-up, at the start",
            "NHS Confederation survey April 2024: 61 per cent expect one",
            "evidence", "start", plausible=(0.3, 0.95),
        ),
        Declaration(
            "budget_gap", 0.006, "share of income",
            "Average gap between cost and income of providers at the start",
            "NHS England: 2.2bn planned in 2024/25 on about 180bn",
            "calibrated", "start", bounds=(-0.1, 0.2), plausible=(0.004, 0.03),
        ),
        Declaration(
            "gap_spread", 0.03, "standard deviation, share of income",
            "Unevenness of that gap between systems",
            "NHS England 2025/26 month 1: nine systems make 80 per cent of the overspend",
            "calibrated", "start", bounds=(0.0, 0.2), plausible=(0.005, 0.04),
        ),
        Declaration(
            "pressure_spread", 0.5, "ratio",
            "Unevenness of cost pressure between systems, beside its mean",
            "Deficits stay concentrated in a minority of systems (NAO, PAC); size is calibrated",
            "calibrated", "start", bounds=(0.0, 3.0), plausible=(0.0, 1.0),
        ),
        Declaration(
            "fixed_cost", 0.6, "share",
            "Share of cost that does not follow activity within a year",
            "EVIDENCE §12 P43",
            "assumption", "money", plausible=(0.4, 0.8),
        ),
        Declaration(
            "catch_up", 0.7, "share of deficit a year",
            "Part of a provider's deficit that its next contracts take in, out of other care",
            "Hospital share of spending rose by 0.69 points a year to 2022 (Darzi); size is calibrated to that",
            "calibrated", "money", plausible=(0.0, 0.9),
        ),
        Declaration(
            "rationing", 0.1, "share of demand",
            "Care held back by a board in full stress with full attention on money",
            "No data on this, assumption",
            "assumption", "money", plausible=(0.0, 0.3),
        ),
        Declaration(
            "renewal_risk", 0.4, "a year",
            "Believed chance that money is not renewed when a one-year settlement ends",
            "EVIDENCE §12 P10 (judgement)",
            "assumption", "money", plausible=(0.0, 0.6),
        ),
        Declaration(
            "ratchet", 0.3, "a year",
            "How far next year's programme plan starts from what was really spent",
            "Gordon 2004 (displacement within three years); size is judgement",
            "assumption", "money", plausible=(0.0, 0.7),
        ),
        Declaration(
            "council_reserves", 0.08, "share of budget",
            "Council reserves open to social care at the start",
            "EVIDENCE §12 P25 (judgement)",
            "assumption", "start", plausible=(0.02, 0.2),
        ),
        Declaration(
            "section114_hazard", 0.4, "a year",
            "Chance of a section 114 notice at empty reserves",
            "EVIDENCE §12 P26 (judgement)",
            "assumption", "money", plausible=(0.2, 0.8),
        ),
        # ---- care -----------------------------------------------------------------------------------------------------------
        Declaration(
            "delayed_start", 0.12, "share of beds",
            "Beds taken up by delayed discharges at the start",
            "Darzi investigation 2024",
            "evidence", "start", bounds=(0.01, 0.5), plausible=(0.10, 0.14),
        ),
        Declaration(
            "delay_elasticity", 0.75, "per cent per per cent",
            "Fall of delays per rise of local care supply",
            "Gaughan, Gravelle and Siciliani 2015",
            "evidence", "care", bounds=(0.0, 3.0), plausible=(0.6, 0.9),
        ),
        Declaration(
            "joint_discharge", 0.3, "share",
            "Fall of delays between none and all discharges handled jointly",
            "Claim C101 (direction); size is an assumption",
            "assumption", "care", plausible=(0.0, 0.6),
        ),
        Declaration(
            "community_return", 1.1, "GBP per GBP",
            "Hospital activity avoided by community programmes, once mature",
            "NHS Confederation and Carnall Farrar 2023: 1.31 (cross-sectional, so taken as upper-middle)",
            "evidence", "care", bounds=(0.0, 5.0), plausible=(0.8, 1.5),
        ),
        Declaration(
            "prevention_return", 0.6, "GBP per GBP",
            "Hospital activity avoided by prevention programmes, once mature",
            "Masters et al. 2017: local 4.1, society-wide and long-run; NHS cash set far lower (judgement)",
            "assumption", "care", bounds=(0.0, 10.0), plausible=(0.2, 1.5),
        ),
        Declaration(
            "community_lag", 2.0, "years",
            "Mean lag from joint or community spend to its effect",
            "EVIDENCE §12 P42 (18 months to 3 years)",
            "evidence", "care", bounds=(0.25, 15.0), plausible=(1.0, 4.0),
        ),
        Declaration(
            "prevention_lag", 5.0, "years",
            "Mean lag from prevention spend to its effect",
            "EVIDENCE §12 P42 (judgement)",
            "assumption", "care", bounds=(0.25, 20.0), plausible=(2.0, 12.0),
        ),
        # ---- ring-fences ----------------------------------------------------------------------------------------------------
        Declaration(
            "fence_joint", 0.25, "share",
            "Share of earmarked money meant for community, prevention or pooled work",
            "No data on this, assumption",
            "assumption", "ring-fence", plausible=(0.1, 0.6),
        ),
        Declaration(
            "pot_admin", 0.015, "share of pot",
            "Administration that earmarked money costs",
            "EVIDENCE §12 P38 (judgement)",
            "assumption", "ring-fence", bounds=(0.0, 0.3), plausible=(0.005, 0.05),
        ),
        Declaration(
            "crowd_out", 0.5, "GBP per GBP",
            "Own money that earmarked money displaces in the long run",
            "Knight 2002; Gordon 2004; Hines and Thaler 1995 (0.2 to 0.8 stays by year three)",
            "evidence", "ring-fence", bounds=(0.0, 0.95), plausible=(0.2, 0.8),
        ),
        Declaration(
            "fence_mismatch", 0.3, "share",
            "Worth lost on earmarked money whose use is prescribed exactly",
            "No data on this, assumption",
            "assumption", "ring-fence", plausible=(0.0, 0.6),
        ),
    ],
)
# fmt: on
