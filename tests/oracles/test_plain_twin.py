"""The compiled model against the plain twin. Truth: a differential oracle, the rules of docs/ODD.md written a second time.

Worlds, levers (constant, scheduled, ramped, by area), parameters, rules, the policy before and seeds are drawn by case number.
Compared are every act and its reasons, every payment, every account and the state of every organisation, each quarter, in
the order of the phases, so that the first difference names the quarter, the phase and who it is about.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import abm
from abm.model.declaration import Declaration
from abm.model.levers import LEVERS
from abm.model.network import World
from abm.model.parameters import ATTENTION_RULES, DECISION_RULES, PARAMETERS
from tests.oracles.plain_twin import PlainModel
from tests.oracles.plain_twin.model import ENTRIES

PHASES = ("settle", "deliver", "review", "convene", "decide", "exchange", "invest", "learn", "turn_over", "close", "observe")
PURPOSES = {
    "settle": ("allocation", "earmarked", "direct_income", "council_funding"),
    "deliver": ("running_costs", "contract", "activity", "pooled_fund", "other_care", "social_care", "public_health", "provider_care"),
    "exchange": ("joint_work", "dispute", "shifted_cost"),
    "invest": ("pot_admin", "community", "prevention", "raided", "diverted"),
    "close": ("deficit_support", "risk_pool", "exceptional_support"),
}
STATE = {  # (phase, kind): fields that nothing later in the quarter changes
    ("settle", "board"): "income horizon",
    ("settle", "icb"): "allocation last start running fenced coverage protected displaced displaced_0 "
    "other_care pool contracts usual final renewed",
    ("settle", "provider"): "direct contract base_cost pressure planned capacity",
    ("settle", "council"): "funding health plan care_cost reserve_start",
    ("deliver", "icb"): "need avoided provider_cost community_0 community_1 community_2 prevention_0 prevention_1 prevention_2",
    ("deliver", "council"): "need unit_cost supply pooled health_paid",
    ("deliver", "provider"): "need demand unit_cost served scale unmet delayed supply joint_0",
    ("review", "provider"): "bypassed notice grip",
    ("review", "icb"): "bypassed unnoticed coordinated",
    ("review", "board"): "felt_finance felt_access felt_purpose effort_money effort_lasting load forced visible reviewed",
    ("convene", "icb"): "initiative capacity convening",
    ("decide", "board"): "money",
    ("decide", "icb"): "hurdle",
    ("exchange", "board"): "disputes stake_in joint_in saving",
    ("exchange", "provider"): "joint_now joint",
    ("invest", "icb"): "spent_comm",
    ("learn", "board"): "received motivation",
    ("learn", "icb"): "respect expected",
    ("turn_over", "board"): "tenure",
    ("turn_over", "region"): "tenure",
    ("turn_over", "icb"): "authority clarity",
    ("close", "icb"): "community prevention carried programme_year planned_year",
    ("close", "council"): "stop",
    ("close", "board"): "deficit covered bailout reported stress",
}
REASONS = ENTRIES[4:]  # numbers of an act
LEARNED = ("trust",)  # of these, what is known only after the quarter's acts

Key = tuple[int, str, str, str]  # quarter, phase, what, who


# ---- cases --------------------------------------------------------------------------------------------------------------


def draw_value(rng: np.random.Generator, row: Declaration, extremes: float) -> Any:
    """A value of a declared quantity: plausible, or now and then the least or the most that is allowed."""
    if row.choices:
        return str(rng.choice(row.choices))
    if rng.random() < extremes:
        value = row.bounds[int(rng.integers(2))]
    else:
        value = row.plausible[0] + rng.random() * (row.plausible[1] - row.plausible[0])
    return round(value) if row.integer else float(value)


def draw_over_time(rng: np.random.Generator, row: Declaration, quarters: int) -> Any:
    """A constant, a schedule or a ramp."""
    form = rng.random()
    if form < 0.2:
        return {"schedule": {int(q): draw_value(rng, row, 0.15) for q in rng.choice(quarters, size=3, replace=False)}}
    if form < 0.3 and not row.choices:
        start = int(rng.integers(0, quarters // 2))
        ends = {"from": draw_value(rng, row, 0.15), "to": draw_value(rng, row, 0.15)}
        return {"ramp": {**ends, "start": start, "end": start + int(rng.integers(1, quarters))}}
    return draw_value(rng, row, 0.15)


def draw_levers(rng: np.random.Generator, world: World, quarters: int, share: float) -> dict[str, Any]:
    """Settings of about `share` of all levers, a quarter of them by area."""
    levers: dict[str, Any] = {}
    for name, row in LEVERS.items():
        if rng.random() > share:
            continue
        setting = draw_over_time(rng, row, quarters)
        if rng.random() < 0.25:
            setting = {"national": setting} if rng.random() < 0.7 else {}
            setting["systems"] = {str(rng.choice(world.icbs["code"])): draw_over_time(rng, row, quarters)}
            if rng.random() < 0.5:
                setting["regions"] = {str(rng.choice(world.regions["code"])): draw_over_time(rng, row, quarters)}
        levers[name] = setting
    return levers


def draw_case(number: int) -> dict[str, Any]:
    """The arguments of a model and the number of quarters; one number, one case."""
    rng = np.random.default_rng(7000 + number)
    quarters = int(rng.integers(12, 25))
    world = abm.tiny() if number % 4 == 0 else abm.synthetic(int(number % 5) or 2, seed=number)
    if number % 6 == 1:
        world = replace(world, draw_names={code: f"alias of {code}" for code in world.organisations()["code"][::2]})
    parameters = {name: draw_value(rng, row, 0.0) for name, row in PARAMETERS.items() if rng.random() < 0.7}
    parameters["decision_rule"] = DECISION_RULES[number % 3]
    parameters["attention_rule"] = ATTENTION_RULES[number % 2]
    return {
        "quarters": quarters,
        "world": world,
        "levers": draw_levers(rng, world, quarters, share=(0.3, 0.6, 1.0)[number % 3]),
        "parameters": parameters,
        "seed": int(rng.integers(0, 1_000_000)),
        "replicate": number % 4,
        "before": draw_levers(rng, world, quarters, share=0.5) if number % 3 == 2 else None,
    }


# ---- what happened, in the order of the phases --------------------------------------------------------------------------


def phase_of(purpose: str) -> str:
    return next(phase for phase, purposes in PURPOSES.items() if purpose in purposes)


def state_of(organisations: Iterator[Any], quarter: int, fields_of: Any) -> dict[Key, float]:
    """Every compared field of every organisation now."""
    found: dict[Key, float] = {}
    for organisation in organisations:
        kind = fields_of(organisation)
        for (phase, whose), names in STATE.items():
            if whose == kind or (whose == "board" and kind != "region"):
                for name in names.split():
                    holder = organisation if hasattr(organisation, name) else organisation.system  # an ICB's system is apart in the twin
                    found[quarter, phase, name, organisation.code] = float(getattr(holder, name))
    return found


def run_fast(case: dict[str, Any]) -> dict[Key, Any]:
    """The compiled model's quarters."""
    case = dict(case)
    quarters = case.pop("quarters")
    model = abm.ICSModel(**case, keep={"acts", "ledger"})
    found: dict[Key, Any] = {}
    for quarter in range(quarters):
        model.step()
        found |= state_of(model.agents, quarter, lambda organisation: organisation.kind)
        for row in model.accounts().itertuples(index=False):
            for column in ("opening_k", "receipts_k", "payments_k", "closing_k"):
                found[quarter, "close", column, row.account] = getattr(row, column)
    for row in model.acts().itertuples(index=False):
        found |= act_of(row.quarter, tuple(getattr(row, name) for name in ENTRIES))
    payments: dict[Key, float] = defaultdict(float)
    for row in model.ledger().itertuples(index=False):
        payments[row.quarter, phase_of(row.purpose), row.purpose, f"{row.payer} to {row.payee}"] += row.amount_k
    outcomes = model.outcomes()
    for name in ("collaborative_share", "collaborative_acts", "joint_spend", "trust", "deficit_share"):
        found |= {(quarter, "observe", name, "England"): value for quarter, value in enumerate(outcomes[name])}
    return found | payments


def run_twin(case: dict[str, Any]) -> dict[Key, Any]:
    """The plain twin's quarters."""
    case = dict(case)
    quarters = case.pop("quarters")
    model = PlainModel(**case, keep={"acts", "ledger"})
    found: dict[Key, Any] = {}
    for quarter in range(quarters):
        model.step()
        found |= state_of(model.organisations, quarter, lambda organisation: type(organisation).__name__.removeprefix("Plain").lower())
        for code, account in model.ledger.accounts.items():
            found[quarter, "close", "opening_k", code] = account.opening
            found[quarter, "close", "receipts_k", code] = account.receipts
            found[quarter, "close", "payments_k", code] = account.payments
            found[quarter, "close", "closing_k", code] = account.balance
        for entry in model.kept_acts[quarter]:
            found |= act_of(quarter, entry)
        found |= {(quarter, "observe", name, "England"): value for name, value in model.outcomes[quarter].items()}
    payments: dict[Key, float] = defaultdict(float)
    for quarter, entries in enumerate(model.kept_payments):
        for payer, payee, purpose, amount in entries:
            payments[quarter, phase_of(purpose), purpose, f"{payer} to {payee}"] += amount
    return found | payments


def act_of(quarter: int, entry: tuple) -> dict[Key, Any]:
    """An act and its reasons, as compared."""
    actor, partner, tie, act, *numbers = entry
    who = f"{actor} to {partner}, {tie}"
    found: dict[Key, Any] = {(quarter, "decide", "act", who): act}
    for name, number in zip(REASONS, numbers, strict=True):
        found[quarter, "turn_over" if name in LEARNED else "decide", name, who] = number
    return found


def first_difference(fast: dict[Key, Any], twin: dict[Key, Any]) -> str | None:
    """The earliest difference in quarter and phase; acts are equal, money agrees to 1e-6, all else to 1e-9 of its size or of 1."""
    money = {purpose for purposes in PURPOSES.values() for purpose in purposes}
    differing = []
    for key in fast.keys() | twin.keys():
        quarter, phase, what, who = key
        absent = 0.0 if what in money else None  # a payment of nothing need not be written down
        x, y = fast.get(key, absent), twin.get(key, absent)
        if x == y:
            continue
        if isinstance(x, (float, int)) and isinstance(y, (float, int)):
            close = 1e-6 if what in money or what.endswith("_k") else 1e-9
            if abs(x - y) <= close * max(1.0, abs(x), abs(y)) or (math.isnan(x) and math.isnan(y)):
                continue
        differing.append((quarter, PHASES.index(phase), what == "act" or what.endswith("_k"), what, who, x, y))
    if not differing:
        return None
    quarter, phase, _, what, who, x, y = min(differing, key=lambda row: row[:5])
    return f"quarter {quarter}, {PHASES[phase]}: {what} of {who} is {x!r} in ICSModel and {y!r} in the twin"


def agree(case: dict[str, Any]) -> None:
    """Fail, with the first difference, if the two models differ."""
    difference = first_difference(run_fast(case), run_twin(case))
    if difference:
        pytest.fail(difference, pytrace=False)


# ---- tests --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(24))
def test_the_twin_agrees(number: int) -> None:
    case = draw_case(number)
    agree(case)


def test_the_twin_agrees_on_england() -> None:
    case = {"world": abm.england(), "quarters": 4, "seed": 3}
    agree(case)


@pytest.mark.parametrize(
    ("name", "value", "phase"),
    [
        ("region_grip", 0.0101, "review"),
        ("upfront_cost", 0.141, "decide"),
        ("broken_weight", 2.01, "turn_over"),
        ("ratchet", 0.31, "settle"),
    ],
)
def test_a_changed_rule_is_noticed_where_it_is(name: str, value: float, phase: str) -> None:
    case = {"world": abm.tiny(), "quarters": 6, "seed": 1}
    difference = first_difference(run_fast(case), run_twin(case | {"parameters": {name: value}}))
    assert difference is not None and f", {phase}:" in difference
