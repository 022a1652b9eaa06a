"""The plain twin against the model on a few uneasy cases, in one process: `python -m tests.mutation.quick [--all]`.

Each case turns on what another leaves off: the three decision rules, both attention rules, earmarks, risk pooling, bail-outs, each
regime of bypass and convenor, empty reserves and section 114, reorganisations, schedules, ramps and areas. It prints the first
difference and leaves with status 1. `--all` goes on with the drawn cases of tests/oracles/test_plain_twin.py.
"""

from __future__ import annotations

import sys
from typing import Any

import abm
from tests.oracles.test_plain_twin import draw_case, first_difference, run_fast, run_twin

DRAWN = range(24)  # the cases that the suite itself draws

SPREAD = {"allocation_growth": 0.04, "social_care_growth": 0.01, "capital_growth": 0.03}  # growth rates that cannot be taken for each other


def cases() -> list[dict[str, Any]]:
    """Arguments of a model and a number of quarters, the quickest and most uneasy first."""
    return [
        {  # deficits everywhere: reviews, bypass over the ICB's head, bail-outs, pools, earmarks, empty reserves
            "world": abm.tiny(),
            "quarters": 9,
            "seed": 3,
            "levers": SPREAD
            | {"risk_pooling": 0.4, "deficit_support": 0.7, "fence_share": {"schedule": {0: 0.2, 4: 0.05}}, "audit": 0.3}
            | {"guidance_lateness": 4, "bypass_rate": 0.5, "bypass_notice": 0.4, "reorganisation": 0.25, "compact": 0.3}
            | {"social_care_growth": {"systems": {"I2": -0.05}}, "local_accountability": 0.4, "fence_recurrence": 0.7},
            "parameters": {"budget_gap": 0.03, "gap_spread": 0.03, "council_reserves": 0.01, "leader_turnover": 0.5}
            | {"section114_hazard": 0.9, "authority_loss": 0.4, "diversion": 0.5, "misreport": 0.5, "cost_shock": 0.02},
        },
        {  # reinforcement and search; a formal line; places convene; everything is reorganised
            "world": abm.tiny(),
            "quarters": 8,
            "seed": 8,
            "levers": {
                "convenor": "partnership",
                "bypass_regime": "formal",
                "bypass_rate": 0.6,
                "reorganisation": 0.8,
                "mandate_stability": 0.4,
                "transparency": {"ramp": {"from": 0.1, "to": 0.9, "start": 1, "end": 6}},
                "priorities": 60,
                "fence_pots": 30,
                "deficit_support": 0.2,
                "activity_share": 0.9,
            },
            "parameters": {"decision_rule": "reinforcement", "attention_rule": "problemistic_search", "budget_gap": 0.02}
            | {"choice_precision": 4.0, "role_noise": 0.4, "council_reserves": 0.03, "section114_hazard": 0.9},
            "before": {"bypass_rate": 0.4, "fence_share": 0.3, "priorities": 100},
        },
        {  # conditional cooperation; whoever convenes stops doing so; surpluses; reserves last
            "world": abm.tiny(),
            "quarters": 8,
            "seed": 5,
            "replicate": 1,
            "levers": {
                "convenor": {"schedule": {0: "icb", 2: "none", 6: "partnership"}},
                "bypass_regime": "with_and_through",
                "oversight_intensity": 0.9,
                "settlement_years": 3,
                "delegation": 0.8,
                "allocation_growth": 0.05,
            },
            "parameters": {"decision_rule": "conditional_cooperation", "budget_gap": -0.02, "norm_weight": 0.5, "common_fate": 0.4}
            | {"council_reserves": 0.5, "cost_pressure": 0.0, "conditional_slope": 0.6},
        },
        {  # a crisis from calm, three years on
            "world": abm.tiny(),
            "quarters": 13,
            "seed": 11,
            "levers": {"finance_share": {"schedule": {0: 0.2, 6: 0.9}}, "bypass_rate": 0.3, "risk_pooling": 1.0, "fence_share": 0.3},
            "parameters": {"crowd_out": 0.8, "section114_hazard": 0.3, "council_reserves": 0.2},
        },
        {  # an ICB in deficit whose providers are not; earmarks larger than the programmes they are for
            "world": abm.tiny(),
            "quarters": 6,
            "seed": 5,
            "levers": {"fence_share": 0.5, "fence_floor": 0.9, "activity_share": 1.0, "fence_pots": 40},
            "parameters": {"budget_gap": -0.05, "gap_spread": 0.0, "cost_pressure": 0.0, "need_growth": 0.03, "pot_admin": 0.1}
            | {"fence_joint": 0.6, "stress_onset": 0.0},
        },
        {"world": abm.synthetic(systems=4, seed=1), "quarters": 2, "seed": 1},  # with two systems luck has no say in who is in trouble
        draw_case(1),
        draw_case(6),
    ]


def main() -> None:
    """Compare, case by case; stop at the first difference."""
    drawn = [draw_case(number) for number in DRAWN] if "--all" in sys.argv[1:] else []
    tried = [*cases(), *drawn]
    for quarters in (2, 99):  # most faults show at once
        for number, case in enumerate(tried):
            short = case | {"quarters": min(quarters, case["quarters"])}
            difference = first_difference(run_fast(short), run_twin(short))
            if difference:
                print(f"case {number}: {difference}")
                raise SystemExit(1)


if __name__ == "__main__":
    main()
