"""Outcomes: what is measured. Each has a name, a unit, one line of meaning, and a function of the quarter's tallies.

`observe` adds up tallies (sums, so that systems add up to regions and to England); an outcome is a ratio of sums, or a
statistic over systems, worked out in NumPy afterwards. This table is also the data dictionary of every results folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.model.state import ROUNDING
from abm.model.survey import ITEMS

# Sums that `observe` makes for each system and, beside that, for each kind of organisation; then the answers to the survey.
TALLY_FIELDS = [
    *"""
stakes joint_stakes both_stakes acts joint_acts trust_stakes advantage_acts guard_acts
nhs_money hospital_money lasting_money prevention_money pooled_money
deficit_money gross_deficit income allocation support
need unserved beds delayed care_wanted care_given
boards money_attention load motivation effort_lasting felt_finance bailout stress
icbs authority clarity convening providers in_deficit bypassed reviewed reviewable councils stopped
population community avoided leaders
""".split(),
    *(item.name for item in ITEMS),
]
TALLY = np.dtype([(name, np.float64) for name in TALLY_FIELDS], align=True)
Columns = Mapping[str, np.ndarray]  # a tally's name: its sums, shaped (quarters, groups)
OVERSPEND_SHARE = 0.8  # concentration: how many systems make up this share of all deficits


class Outcome(NamedTuple):
    """One outcome. `of` takes columns of tallies shaped (quarters, groups) and gives an array of that shape.

    `over_systems` outcomes take columns shaped (quarters, systems) and give (quarters,); they exist for England and regions.
    Those not `by_kind` set one kind's money beside another's, so that they have no meaning for a single kind.
    """

    name: str
    unit: str
    meaning: str
    of: Callable[[Columns], np.ndarray]
    over_systems: bool = False
    by_kind: bool = True


def ratio(top: str, bottom: str) -> Callable[[Columns], np.ndarray]:
    """Sum of `top` per sum of `bottom`; missing where there is nothing to divide by."""

    def of(tallies: Columns) -> np.ndarray:
        shares = np.full_like(tallies[bottom], np.nan)
        return np.divide(tallies[top], tallies[bottom], out=shares, where=tallies[bottom] > 0)

    return of


def plain(name: str) -> Callable[[Columns], np.ndarray]:
    """The sum itself."""
    return lambda tallies: tallies[name].astype(float)


def spread_of(top: str, bottom: str) -> Callable[[Columns], np.ndarray]:
    """Standard deviation between systems of a ratio."""
    return lambda tallies: _nan_std(ratio(top, bottom)(tallies))


def _nan_std(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, values, 0.0).sum(axis=1) / count
    return np.sqrt(np.where(known, (values - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)


def systems_in_deficit(tallies: Columns) -> np.ndarray:
    """Share of systems whose ICB and providers together are in deficit, by more than rounding."""
    return (tallies["deficit_money"] > ROUNDING * tallies["allocation"]).mean(axis=1)


def concentration(tallies: Columns) -> np.ndarray:
    """Number of systems that make up OVERSPEND_SHARE of all system deficits (0 where there are none)."""
    real = np.where(tallies["deficit_money"] > ROUNDING * tallies["allocation"], tallies["deficit_money"], 0.0)
    deficits = np.sort(real, axis=1)[:, ::-1]
    total = deficits.sum(axis=1)
    reached = np.cumsum(deficits, axis=1) >= OVERSPEND_SHARE * total[:, None] - 1e-9
    return np.where(total > 0, reached.argmax(axis=1) + 1, 0).astype(float)


def unmet_gap(tallies: Columns) -> np.ndarray:
    """Unmet need of the worst-served fifth of systems less that of the best-served fifth."""
    unmet = np.sort(np.nan_to_num(ratio("unserved", "need")(tallies)), axis=1)
    fifth = max(1, unmet.shape[1] // 5)
    return unmet[:, -fifth:].mean(axis=1) - unmet[:, :fifth].mean(axis=1)


OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in [
        Outcome(
            "collaborative_share", "share of stakes", "Collaborative acts, weighted by what is at stake", ratio("joint_stakes", "stakes")
        ),
        Outcome("collaborative_acts", "share of acts", "Collaborative acts, each counted once", ratio("joint_acts", "acts")),
        Outcome("joint_spend", "share of stakes", "Business on which both sides act jointly", ratio("both_stakes", "stakes")),
        Outcome(
            "advantage_acts",
            "share of acts",
            "Acts that take advantage of a partner expected to act jointly",
            ratio("advantage_acts", "acts"),
        ),
        Outcome("guard_acts", "share of acts", "Acts that guard against a partner not expected to", ratio("guard_acts", "acts")),
        Outcome("trust", "probability", "Trust between partners, weighted by what is at stake", ratio("trust_stakes", "stakes")),
        Outcome("money_attention", "share", "Board attention to in-year money", ratio("money_attention", "boards")),
        Outcome("felt_finance", "0 to 1", "In-year money in oversight, as boards remember it", ratio("felt_finance", "reviewable")),
        Outcome("management_load", "share", "Management time taken by oversight, pots, priorities, disputes", ratio("load", "boards")),
        Outcome("motivation", "pay-off", "Intrinsic motivation for lasting work", ratio("motivation", "boards")),
        Outcome(
            "deficit_share",
            "share of allocation",
            "Forecast deficits of systems (surpluses taken off), before support",
            ratio("deficit_money", "allocation"),
            by_kind=False,
        ),
        Outcome(
            "gross_deficit_share",
            "share of allocation",
            "Forecast deficits of NHS bodies, surpluses not taken off",
            ratio("gross_deficit", "allocation"),
            by_kind=False,
        ),
        Outcome(
            "support_share",
            "share of allocation",
            "Deficit support and risk-pool money received, in the quarter it is paid",
            ratio("support", "allocation"),
            by_kind=False,
        ),
        Outcome("providers_in_deficit", "share of providers", "Providers that forecast a deficit", ratio("in_deficit", "providers")),
        Outcome("bailout_belief", "probability", "Believed chance of a year-end top-up", ratio("bailout", "reviewable")),
        Outcome(
            "hospital_share",
            "share of NHS spend",
            "NHS money that goes to hospital providers",
            ratio("hospital_money", "nhs_money"),
            by_kind=False,
        ),
        Outcome(
            "lasting_share",
            "share of NHS spend",
            "NHS money spent on community and prevention programmes",
            ratio("lasting_money", "nhs_money"),
            by_kind=False,
        ),
        Outcome(
            "prevention_share",
            "share of NHS spend",
            "NHS money spent on prevention programmes",
            ratio("prevention_money", "nhs_money"),
            by_kind=False,
        ),
        Outcome("pooled_share", "share of NHS spend", "NHS money pooled with councils", ratio("pooled_money", "nhs_money"), by_kind=False),
        Outcome("unmet_need", "share of demand", "Demand for provider care that is not served, over a year", ratio("unserved", "need")),
        Outcome("delayed_share", "share of beds", "Beds taken up by delayed discharges", ratio("delayed", "beds")),
        Outcome("care_supply", "share of need", "Social care given, of what is needed", ratio("care_given", "care_wanted")),
        Outcome("avoided_demand", "share of demand", "Demand avoided by programmes, against the start", ratio("avoided", "population")),
        Outcome("authority", "0 to 1", "ICBs' authority with partners", ratio("authority", "icbs")),
        Outcome("clarity", "0 to 1", "How clear ICBs' role looks", ratio("clarity", "icbs")),
        Outcome("convening", "0 to 1", "Convening strength of systems", ratio("convening", "icbs")),
        Outcome("bypassed", "share of providers", "Providers that their region dealt with directly", ratio("bypassed", "providers")),
        Outcome("reviewed", "share of NHS bodies", "ICBs and providers reviewed in the quarter", ratio("reviewed", "reviewable")),
        Outcome("councils_stopped", "share of councils", "Councils under a section 114 notice", ratio("stopped", "councils")),
        Outcome("systems_in_deficit", "share of systems", "Systems that forecast a deficit", systems_in_deficit, True),
        Outcome("deficit_concentration", "systems", "Systems that make up 80 per cent of all system deficits", concentration, True),
        Outcome(
            "collaboration_spread",
            "standard deviation",
            "Unevenness of the collaborative share between systems",
            spread_of("joint_stakes", "stakes"),
            True,
        ),
        Outcome("unmet_need_gap", "share of demand", "Unmet need, worst-served fifth of systems less best-served", unmet_gap, True),
        *(
            Outcome(f"survey_{item.name}", "share of leaders", f"Survey, year end: {item.question}", ratio(item.name, "leaders"))
            for item in ITEMS
        ),
    ]
}


def frame() -> pd.DataFrame:
    """A row an outcome: name, unit, meaning, grain (which groupings it exists for)."""
    rows = [
        (o.name, o.unit, o.meaning, "England, region" if o.over_systems else "all" if o.by_kind else "England, region, system")
        for o in OUTCOMES.values()
    ]
    return pd.DataFrame(rows, columns=["name", "unit", "meaning", "grain"])


def grouped(tallies: np.ndarray, members: Sequence[np.ndarray | slice]) -> dict[str, np.ndarray]:
    """Every outcome for groups of systems.

    `tallies` is shaped (quarters, systems); `members` holds each group's system rows. Gives arrays (quarters, groups).
    """
    numbers = _numbers(tallies)
    groups = [np.ascontiguousarray(numbers[:, rows]) for rows in members]
    apart, sums = [_named(group) for group in groups], _named(np.stack([group.sum(axis=1) for group in groups], axis=1))
    result = {}
    for name, outcome in OUTCOMES.items():
        if outcome.over_systems:
            result[name] = np.stack([outcome.of(group) for group in apart], axis=1)
        else:
            result[name] = outcome.of(sums)
    return result


def direct(tallies: np.ndarray, *, kinds: bool = False) -> dict[str, np.ndarray]:
    """Outcomes that exist for single systems (or `kinds`); `tallies` and results are shaped (quarters, groups)."""
    columns = _named(_numbers(tallies))
    wanted = (outcome for outcome in OUTCOMES.values() if not outcome.over_systems and (outcome.by_kind or not kinds))
    return {outcome.name: outcome.of(columns) for outcome in wanted}


def _numbers(tallies: np.ndarray) -> np.ndarray:
    """Tallies shaped (quarters, groups) as plain numbers shaped (fields, groups, quarters), which are quick to add up."""
    return np.ascontiguousarray(tallies.view(np.float64).reshape(*tallies.shape, len(TALLY_FIELDS)).T)


def _named(numbers: np.ndarray) -> Columns:
    """The columns, each shaped (quarters, groups), of such numbers."""
    return dict(zip(TALLY_FIELDS, numbers.swapaxes(1, 2), strict=True))
