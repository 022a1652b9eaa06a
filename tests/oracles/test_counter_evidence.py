"""The model can show what goes against its sources (EVIDENCE section 11). Truth: published findings, as signs with a margin.

Each finding is shown at one place of the plausible parameter space, and its other sign at another, so that it is a matter of
parameters and not of wiring. A place is what differs from the defaults; an effect is the paired difference (same seeds) between
two settings of a lever, in percentage points, over quarters 20 to 59 of twelve replicates on `abm.synthetic(12, seed=4)`.
`python tests/oracles/test_counter_evidence.py` prints the table of docs/counter_evidence.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

import abm
from abm.model.ics_model import ICSModel
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS

REPLICATES, QUARTERS, FIRST = 12, 60, 20
STUDENT = 2.2  # 95 per cent of Student's t with 11 degrees of freedom
SEED = 1
WORLD = abm.synthetic(12, seed=4)
MEASURED = (
    "collaborative_share",
    "trust",
    "unmet_need",
    "deficit_share",
    "motivation",
    "lasting_share",
    "delayed_share",
    "hospital_share",
)
Settings = Mapping[str, Any]


class Place(NamedTuple):
    """A place in the parameter space, and what is found there: outcome -> (least, most) effect in points, all of the interval."""

    where: Settings  # parameters and levers that differ from the defaults in both arms
    effects: Mapping[str, tuple[float, float]]


class Finding(NamedTuple):
    """A lever's step from `low` to `high`, a place where it does what the evidence says, and one where it does not."""

    number: str
    says: str
    low: Settings
    high: Settings
    shown: Place
    reversed: Place
    remembered: bool = False  # boards remember the low arm, not the defaults, from before the start


def more(least: float) -> tuple[float, float]:
    return least, np.inf


def less(least: float) -> tuple[float, float]:
    return -np.inf, -least


MORE_OVERSIGHT = ({"oversight_intensity": 0.2}, {"oversight_intensity": 0.9})
TOGETHER = {  # reviews held with the ICB, on little money, where nobody else convenes and trust starts low
    "finance_share": 0.2,
    "bypass_regime": "with_and_through",
    "priorities": 5,
    "convenor": "none",
    "convening_effect": 0.8,
    "layer_burden": 0.01,
    "money_attention": 0.5,
    "prior_trust_nhs": 0.4,
    "prior_trust_council": 0.4,
}
FENCED = {"fence_floor": 1.0, "fence_recurrence": 1.0, "guidance_lateness": 0, "fence_joint": 0.1}
CRISIS = ({"allocation_growth": 0.028}, {"allocation_growth": 0.015})
LONGER = ({"settlement_years": 1}, {"settlement_years": 5})

FINDINGS = {
    finding.number: finding
    for finding in [
        Finding(
            "X1",
            "Targets improve what they measure, at a price in collaboration: more oversight",
            *MORE_OVERSIGHT,
            Place({"finance_share": 0.3}, {"unmet_need": less(0.2), "collaborative_share": less(3)}),
            Place({"finance_share": 0.9}, {"unmet_need": more(1.5), "collaborative_share": less(15)}),
        ),
        Finding(
            "X1b",
            "The same, and it is control that brings it, not attention to money",
            *MORE_OVERSIGHT,
            Place({"finance_share": 0.3, "control_benefit": 0.5}, {"unmet_need": less(0.2)}),
            Place({"finance_share": 0.3, "control_benefit": 0.0}, {"unmet_need": more(0.2)}),
        ),
        Finding(
            "X2",
            "Formal control that coordinates complements trust: more reviews together",
            *MORE_OVERSIGHT,
            Place(TOGETHER, {"trust": more(0.4), "collaborative_share": more(0.8)}),
            Place(TOGETHER | {"convening_effect": 0.1}, {"trust": less(0.4), "collaborative_share": less(0.8)}),
        ),
        Finding(
            "X3",
            "The benefit of control outweighs its hidden cost: more oversight",
            *MORE_OVERSIGHT,
            Place({"finance_share": 0.3}, {"motivation": less(2), "deficit_share": less(0.8), "unmet_need": less(0.2)}),
            Place({"finance_share": 0.9}, {"motivation": less(3), "deficit_share": less(2), "unmet_need": more(1.5)}),
        ),
        Finding(
            "X3b",
            "The same where collaboration itself gains, though motivation falls",
            *MORE_OVERSIGHT,
            Place(
                TOGETHER,
                {"motivation": less(2), "collaborative_share": more(0.8), "deficit_share": less(0.1), "unmet_need": less(0.05)},
            ),
            Place(TOGETHER | {"finance_share": 0.9}, {"motivation": less(3), "collaborative_share": less(3)}),
        ),
        Finding(
            "X3c",
            "A region that goes over the ICB's head relieves its providers: more bypass, all of it told",
            {"bypass_rate": 0.0},
            {"bypass_rate": 0.5},
            Place(
                {"bypass_notice": 1.0, "allocation_growth": 0.015, "region_grip": 0.03},
                {"motivation": less(0.5), "collaborative_share": more(4), "deficit_share": less(3)},
            ),
            Place({"bypass_notice": 1.0, "allocation_growth": 0.015, "region_grip": 0.0}, {"collaborative_share": less(0.4)}),
        ),
        Finding(
            "X5",
            "Working together saves little: a settlement of five years",
            *LONGER,
            Place({}, {"collaborative_share": more(10), "deficit_share": (-0.2, 0.2)}),
            Place(
                {
                    "own_stake": 1.0,
                    "deficit_support": 0.0,
                    "bailout_belief": 0.3,
                    "fixed_cost": 0.4,
                    "lasting_benefit": 2.4,
                    "stake_share": 0.08,
                    "capital_growth": 0.05,
                },
                {"collaborative_share": more(5), "deficit_share": less(0.8)},
            ),
        ),
        Finding(
            "X6",
            "Cuts to social care cost hospitals little cash: no growth of council funding",
            {"social_care_growth": 0.028},
            {"social_care_growth": 0.0},
            Place({}, {"delayed_share": more(1.5), "deficit_share": (-0.8, 0.0), "hospital_share": (-0.5, 0.2)}),
            Place({"capital_growth": 0.05}, {"delayed_share": more(1.5), "deficit_share": (0.05, 0.5)}),
        ),
        Finding(
            "X7",
            "A known end does not by itself lower collaboration: a settlement of five years",
            *LONGER,
            Place({"renewal_risk": 0.05}, {"collaborative_share": (-2.0, 2.0)}),
            Place({}, {"collaborative_share": more(10)}),
        ),
        Finding(
            "X8",
            "Bail-outs cut efficiency and may yet serve patients: all of a deficit is covered",
            {"deficit_support": 0.0},
            {"deficit_support": 1.0},
            Place({"allocation_growth": 0.045, "finance_share": 0.9}, {"deficit_share": more(1.5), "unmet_need": less(0.4)}),
            Place({"allocation_growth": 0.01, "own_stake": 0.5}, {"deficit_share": more(3), "unmet_need": more(1)}),
        ),
        Finding(
            "X9",
            "A fence keeps destination, not size: a tenth of the allocation earmarked",
            {"fence_share": 0.0},
            {"fence_share": 0.1},
            Place(FENCED | {"crowd_out": 0.8, "finance_share": 0.2, "allocation_growth": 0.04}, {"lasting_share": less(0.2)}),
            Place(FENCED | {"crowd_out": 0.2, "finance_share": 0.9}, {"lasting_share": more(0.3)}),
            remembered=True,
        ),
        Finding(
            "X10",
            "A crisis brings partners together: half the growth",
            *CRISIS,
            Place({"transparency": 1.0, "common_fate": 1.0}, {"deficit_share": more(2), "collaborative_share": more(2)}),
            Place({}, {"deficit_share": more(2), "collaborative_share": less(5)}),
        ),
        Finding(
            "X10b",
            "The same, and it takes both: fate shared, and books open",
            *CRISIS,
            Place({"transparency": 1.0, "common_fate": 1.0, "attention_rule": "problemistic_search"}, {"collaborative_share": more(2)}),
            Place({"transparency": 0.0, "common_fate": 1.0}, {"collaborative_share": less(5)}),
        ),
        Finding(
            "X11",
            "Stability raises trust only a little: no reorganisations",
            {"reorganisation": 0.3},
            {"reorganisation": 0.0},
            Place({}, {"trust": (0.5, 3.0)}),
            Place({"mandate_stability": 0.0, "norm_weight": 0.5}, {"trust": more(4)}),
        ),
    ]
}


def split(settings: Settings) -> tuple[dict, dict]:
    """Levers, parameters."""
    return {k: v for k, v in settings.items() if k in LEVERS}, {k: v for k, v in settings.items() if k in PARAMETERS}


@cache
def arm(settings: tuple, before: tuple = ()) -> np.ndarray:
    """MEASURED outcomes in points, a row a replicate."""
    levers, parameters = split(dict(settings))
    rows = []
    for replicate in range(REPLICATES):
        model = ICSModel(WORLD, levers, parameters, SEED, replicate, before=split(dict(before))[0])
        rows.append(100 * model.run(QUARTERS).outcomes().loc[FIRST:, list(MEASURED)].mean().to_numpy())
    return np.array(rows)


def effects(finding: Finding, place: Place) -> dict[str, tuple[float, float]]:
    """Outcome -> mean of the paired differences and the half-width of its interval."""
    low, high = (tuple(sorted((dict(place.where) | dict(step)).items())) for step in (finding.low, finding.high))
    before = low if finding.remembered else ()
    differences = arm(high, before) - arm(low, before)
    half = STUDENT * differences.std(axis=0, ddof=1) / np.sqrt(REPLICATES)
    return {name: (float(m), float(h)) for name, m, h in zip(MEASURED, differences.mean(axis=0), half, strict=True)}


@pytest.mark.parametrize("number", FINDINGS)
def test_every_setting_is_plausible(number):
    finding = FINDINGS[number]
    for settings in (finding.low, finding.high, finding.shown.where, finding.reversed.where):
        for name, value in settings.items():
            row = LEVERS[name] if name in LEVERS else PARAMETERS[name]
            assert value in row.choices if row.choices else row.plausible[0] <= value <= row.plausible[1], name


@pytest.mark.parametrize("side", ["shown", "reversed"])
@pytest.mark.parametrize("number", FINDINGS)
def test_the_model_can_show(number, side):
    finding = FINDINGS[number]
    place = getattr(finding, side)
    found = effects(finding, place)
    for outcome, (least, most) in place.effects.items():
        mean, half = found[outcome]
        assert least < mean - half, (outcome, mean, half)
        assert mean + half < most, (outcome, mean, half)


def test_bail_outs_work_through_the_stake_in_the_balance_alone():
    """X8, the null: boards with no stake of their own spend and save the same whoever pays at year end."""
    found = arm((("deficit_support", 1.0), ("own_stake", 0.0))) - arm((("deficit_support", 0.0), ("own_stake", 0.0)))
    assert np.abs(found).max() < 1e-6


@pytest.mark.parametrize("side", ["shown", "reversed"])
def test_what_is_earmarked_reaches_its_purpose(side):
    """X9: over the run each ICB spends on lasting work at least what arrived earmarked for it, whatever becomes of the total."""
    finding = FINDINGS["X9"]
    where = dict(getattr(finding, side).where)
    levers, parameters = split(where | dict(finding.high))
    model = ICSModel(WORLD, levers, parameters, SEED, before=split(where | dict(finding.low))[0])
    spent, earmarked = np.zeros(len(WORLD.icbs)), np.zeros(len(WORLD.icbs))
    for _ in range(QUARTERS):
        model.step()
        icbs = model.state.icbs
        spent += icbs["spent"]
        earmarked += icbs["coverage"] * (icbs["community"] + icbs["prevention"]) / 4
    assert (earmarked > 0).all()
    assert (spent >= earmarked).all()


def in_points(mean: float, half: float) -> str:
    """An effect and its interval, rounded to what they carry."""
    digits = 1 if abs(mean) >= 1 else 2
    return f"{mean:+.{digits}f} ± {half:.{digits}f}"


def table() -> str:
    """The table of docs/counter_evidence.md."""
    lines = ["| | finding and step | place (what differs from the defaults) | effect, percentage points |", "|---|---|---|---|"]
    for finding in FINDINGS.values():
        step = ", ".join(f"`{name}` {finding.low[name]} → {finding.high[name]}" for name in finding.low)
        for side in ("shown", "reversed"):
            place = getattr(finding, side)
            found = effects(finding, place)
            where = ", ".join(f"`{name}` {value}" for name, value in place.where.items()) or "defaults"
            words = "; ".join(f"{name.replace('_', ' ')} {in_points(*found[name])}" for name in place.effects)
            head = f"**{finding.number}** | {finding.says}: {step}" if side == "shown" else " | *where it is otherwise*"
            lines.append(f"| {head} | {where} | {words} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
