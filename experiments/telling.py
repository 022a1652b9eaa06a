"""How the studies say an effect: outcome, sign, size with unit, interval and number of pairs, from a table's row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from abm.analysis.contrasts import Interval, told
from abm.model.outcomes import OUTCOMES
from abm.view import frames
from abm.view.frames import Measure
from abm.view.source import Source


def measure(outcome: str) -> Measure:
    """The outcome in words, with its unit."""
    return frames.measure(outcome, OUTCOMES[outcome].unit)


def effect(outcome: str, found: Interval | Mapping[str, Any], digits: int = 1) -> str:
    """'-7.1 points (95 % interval -7.6 to -6.6, 24 pairs)'; two digits where an outcome has no percent."""
    seen = measure(outcome)
    unit = "points" if seen.percent else "on a scale of 0 to 1" if seen.unit == "0 to 1" else seen.unit
    return told(found, seen.scale, unit, digits if seen.percent else 2)


def per_cent(found: Interval) -> str:
    """A share: '79 % (95 % interval 74 to 85 %, 24 pairs)', or that there is nothing to take a share of."""
    if math.isnan(found.mean):
        return f"no share (no clear harm, {found.runs} pairs)"
    return f"{found.mean:.0%} (95 % interval {found.low:.0%} to {found.high:.0%}, {found.runs} pairs)".replace("%", " %").replace(
        "  %", " %"
    )


def sign(found: Interval | Mapping[str, Any]) -> int:
    """1 or -1 where the interval leaves out zero, else 0."""
    low, high = (found.low, found.high) if isinstance(found, Interval) else (found["low"], found["high"])
    return int(low > 0) - int(high < 0)


def clearly(found: Interval | Mapping[str, Any], more: str, less: str, neither: str) -> str:
    """One of three wordings, by the sign of the effect."""
    return (neither, more, less)[sign(found)]


def settings(origin: Source) -> dict[str, str]:
    """What levers each scenario sets, in words."""
    told = {}
    for each in origin.config["scenarios"]:
        given = dict(each.get("levers") or {})
        told[str(each["name"])] = "; ".join(f"{name} {_value(value)}" for name, value in given.items())
    return told


def _value(value: Any) -> str:
    if not isinstance(value, Mapping):
        return f"{value:g}" if isinstance(value, (int, float)) else str(value)
    if "schedule" in value:
        steps = list(value["schedule"].values())
        return f"by schedule, {min(steps):g} to {max(steps):g}"
    return ", ".join(f"in {code} {_value(each)}" for area in ("regions", "systems") for code, each in (value.get(area) or {}).items())
