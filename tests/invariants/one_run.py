"""A run told in full, as text: `python one_run.py WORLD QUARTERS` prints outcomes, accounts and acts, every number in hex."""

from __future__ import annotations

import json
import sys
from typing import Any

import abm
from abm.model.parameters import ATTENTION_RULES, DECISION_RULES

LEVERS = {
    "finance_share": {"ramp": {"from": 0.3, "to": 0.9, "start": 1, "end": 5}},
    "bypass_rate": {"schedule": {0: 0.2, 3: 0.6}},
    "fence_share": 0.2,
    "risk_pooling": 0.3,
    "deficit_support": 0.5,
}


def told(frame: Any) -> list:
    """Every cell of a frame, floats in hex."""
    return [[cell.hex() if isinstance(cell, float) else str(cell) for cell in row] for row in frame.itertuples(index=False)]


def run_told(world: Any, quarters: int, rule: str, attention: str) -> dict[str, list]:
    """One run with uneasy settings (deficits, notices, luck), told in full."""
    parameters = {"decision_rule": rule, "attention_rule": attention, "budget_gap": 0.02, "council_reserves": 0.02}
    model = abm.ICSModel(world, levers=LEVERS, parameters=parameters, seed=11, replicate=2).run(quarters)
    return {"outcomes": told(model.outcomes("system")), "accounts": told(model.accounts()), "acts": told(model.acts())}


def tell(name: str, quarters: int) -> str:
    """Runs under every pair of rules, as text."""
    world = {"tiny": abm.tiny, "small": lambda: abm.synthetic(systems=3, seed=2)}[name]()
    told_by = {
        f"{rule}/{attention}": run_told(world, quarters, rule, attention) for rule in DECISION_RULES for attention in ATTENTION_RULES
    }
    return json.dumps(told_by, indent=0)


if __name__ == "__main__":
    print(tell(sys.argv[1], int(sys.argv[2])))
