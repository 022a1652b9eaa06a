"""From lever settings to the values in force: constants, dated schedules and ramps, national or by region and system.

A setting is a plain value, a `Schedule`, a `Ramp`, or a `ByArea` of those. `Policy` turns settings into one record a
system and quarter. Nearest area wins: system, then region, then national, then the lever's default.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abm.model.declaration import DeclarationError, Declarations, Value
from abm.model.levers import LEVERS

_DATE = re.compile(r"^(\d{4})/(\d{2})(?: Q([1-4]))?$")


@dataclass(frozen=True)
class Schedule:
    """A step function of time: {when: value}. `when` is a quarter (0 is the first) or a date as '2026/27' or '2026/27 Q3'."""

    steps: Mapping[int | str, Value]


@dataclass(frozen=True)
class Ramp:
    """A straight line from `start_value` at quarter `start` to `end_value` at quarter `end`, constant outside."""

    start_value: float
    end_value: float
    start: int | str
    end: int | str


@dataclass(frozen=True)
class ByArea:
    """One setting for England, others for some regions or systems (by code)."""

    national: Value | Schedule | Ramp | None = None
    regions: Mapping[str, Value | Schedule | Ramp] = field(default_factory=dict)
    systems: Mapping[str, Value | Schedule | Ramp] = field(default_factory=dict)


Setting = Value | Schedule | Ramp | ByArea


def as_declared(declarations: Declarations) -> np.ndarray:
    """One record of compiled values, every one at its declared default."""
    return np.array([tuple(row.code(row.default) for row in declarations.values())], dtype=declarations.dtype())


_DEFAULTS = as_declared(LEVERS)


def quarter_of(when: int | str, first_year: str) -> int:
    """The quarter number of `when` ('2026/27 Q3' or a number), counted from the first quarter of `first_year`."""
    if isinstance(when, int) and not isinstance(when, bool):
        if when < 0:
            raise DeclarationError(str(when), "a quarter is 0 or later")
        return when
    match = _DATE.match(str(when).strip())
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise DeclarationError(str(when), "expected a quarter number, or a financial year as '2026/27' or '2026/27 Q3'")
    quarter = 4 * (int(match[1]) - int(first_year[:4])) + int(match[3] or 1) - 1
    if quarter < 0:
        raise DeclarationError(str(when), f"is before the first year {first_year}")
    return quarter


def parse_setting(raw: Any) -> Setting:
    """A setting from plain data, as configs write it: a value, {schedule: {...}}, {ramp: {...}} or {national, regions, systems}."""
    if not isinstance(raw, Mapping):
        return raw
    keys = set(raw)
    if keys == {"schedule"} and isinstance(raw["schedule"], Mapping) and raw["schedule"]:
        return Schedule(dict(raw["schedule"]))
    if keys == {"ramp"} and isinstance(raw["ramp"], Mapping) and set(raw["ramp"]) == {"from", "to", "start", "end"}:
        ramp = raw["ramp"]
        return Ramp(ramp["from"], ramp["to"], ramp["start"], ramp["end"])
    if keys and keys <= {"national", "regions", "systems"}:
        regions, systems = ({code: _inner(value) for code, value in (raw.get(area) or {}).items()} for area in ("regions", "systems"))
        return ByArea(_inner(raw["national"]) if "national" in raw else None, regions, systems)
    raise DeclarationError(
        "setting", f"expected a value, schedule, ramp or areas (national, regions, systems), got keys {sorted(map(str, keys))}"
    )


def _inner(raw: Any) -> Value | Schedule | Ramp:
    """A setting within areas: no areas within areas."""
    setting = parse_setting(raw)
    if isinstance(setting, ByArea):
        raise DeclarationError("setting", "areas cannot be given within areas")
    return setting


class Policy:
    """Every lever's value for every system and quarter of one run.

    `systems` maps a system's code to its region's code, in the order of the model's systems; `elsewhen` holds codes of systems
    that stand at other times of the run (see `network.Redrawn`), for which settings may be given too. Raises
    `DeclarationError` for an unknown lever, area or date and for a value that the lever's declaration refuses.
    """

    def __init__(self, settings: Mapping[str, Any], systems: Mapping[str, str], first_year: str, elsewhen: Collection[str] = ()) -> None:
        self._first_year = first_year
        self._systems, self._elsewhen = systems, elsewhen
        self.settings: dict[str, Setting] = {}
        self._lines: dict[str, list[list[tuple[int, float]]]] = {}  # one for all systems, or one a system
        changes: set[int] = set()
        for name, raw in settings.items():
            LEVERS[name]
            setting = parse_setting(raw)
            self.settings[name] = setting
            self._check_areas(name, setting)
            self._lines[name] = [self._line(name, one) for one in self._by_system(name, setting)]
            changes.update(quarter for line in self._lines[name] for quarter, _ in line if quarter > 0)
        self._changes = sorted(changes)

    def _check_areas(self, name: str, setting: Setting) -> None:
        if not isinstance(setting, ByArea):
            return
        for given, valid, what in (
            (setting.regions, set(self._systems.values()), "region"),
            (setting.systems, {*self._systems, *self._elsewhen}, "system"),
        ):
            for code in given:
                if code not in valid:
                    raise DeclarationError(name, f"no {what} {code!r} in this world", str(code), sorted(valid))

    def _by_system(self, name: str, setting: Setting) -> list[Value | Schedule | Ramp]:
        """The setting of each system; the one setting where it is the same for all."""
        if not isinstance(setting, ByArea):
            return [setting]
        return [self._for_system(name, setting, code, region) for code, region in self._systems.items()]

    @staticmethod
    def _for_system(name: str, setting: ByArea, code: str, region: str) -> Value | Schedule | Ramp:
        if code in setting.systems:
            return setting.systems[code]
        if region in setting.regions:
            return setting.regions[region]
        return LEVERS[name].default if setting.national is None else setting.national

    def _line(self, name: str, setting: Value | Schedule | Ramp) -> list[tuple[int, float]]:
        """Breakpoints (quarter, value); a ramp gets one a quarter, an integer or categorical lever cannot ramp."""
        lever = LEVERS[name]
        if isinstance(setting, Schedule):
            steps = sorted((quarter_of(when, self._first_year), lever.code(value)) for when, value in setting.steps.items())
            return steps if steps[0][0] == 0 else [(0, lever.code(lever.default)), *steps]
        if isinstance(setting, Ramp):
            if lever.choices:
                raise DeclarationError(name, "a categorical lever cannot ramp")
            start, end = quarter_of(setting.start, self._first_year), quarter_of(setting.end, self._first_year)
            if end <= start:
                raise DeclarationError(name, f"a ramp must end after it starts, got {setting.start} to {setting.end}")
            first, last = lever.code(setting.start_value), lever.code(setting.end_value)
            points = [(0, first)] + [(q, first + (last - first) * (q - start) / (end - start)) for q in range(start + 1, end + 1)]
            return [(q, float(round(v))) for q, v in points] if lever.integer else points
        return [(0, lever.code(setting))]

    def next_change(self, quarter: int) -> int | None:
        """The first quarter after `quarter` at which some lever may change, or None."""
        return next((change for change in self._changes if change > quarter), None)

    def write(self, quarter: int, records: np.ndarray) -> None:
        """Write the values in force at `quarter` into `records` (one `LEVERS.dtype()` record a system)."""
        records[:] = _DEFAULTS
        for name, lines in self._lines.items():
            records[name] = [next(value for start, value in reversed(line) if start <= quarter) for line in lines]

    def in_force(self, quarter: int) -> np.ndarray:
        """The values in force at `quarter` (one `LEVERS.dtype()` record a system)."""
        records = np.zeros(len(self._systems), dtype=_DEFAULTS.dtype).view(np.recarray)
        self.write(quarter, records)
        return records
