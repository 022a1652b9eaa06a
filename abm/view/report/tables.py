"""Tables of the report, as texts: effects with intervals, responses, rank correlations, settings, statuses, provenance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abm.config.factors import ROWS
from abm.config.precedence import DECLARED
from abm.view import style
from abm.view.charts.dose import Interval, Response
from abm.view.charts.ramp import loops
from abm.view.finding import within
from abm.view.frames import Measure
from abm.view.report.sentences import effect, ends
from abm.view.sheet import levels
from abm.view.source import Source, spelled

MOST_SCENARIOS, MOST_LEVELS = 12, 40
STATUSES = {
    "evidence": "a source gives it (docs/evidence.md)",
    "calibrated": "fitted to published figures",
    "assumption": "judgement, so a finding should survive its range",
}


@dataclass
class Part:
    """Rows under one heading ('' for none); the first cell of a row names it."""

    heading: str
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Table:
    """A table: what it holds, names of its columns, its rows, and a remark below. `words`: cells are text, not numbers."""

    caption: str
    columns: list[str]
    parts: list[Part]
    note: str = ""
    words: bool = False
    intervals: int = 0


def effects_table(origin: Source, outcomes: Sequence[str]) -> Table | None:
    """Every scenario's difference from the baseline; None where there are none."""
    people = origin.people(outcomes[0], None, MOST_SCENARIOS)
    rows = origin.effects[origin.effects["scenario"].isin(people.treatments)] if len(origin.effects) else origin.effects
    parts, intervals = [], 0
    for name in outcomes:
        measure = origin.measure(name)
        mine = [row for row in rows[rows["outcome"] == name].itertuples(index=False) if math.isfinite(row.difference)]
        if not mine:
            continue
        start, *means = levels(measure, [float(mine[0].baseline_mean), *(float(row.scenario_mean) for row in mine)])
        part = Part(f"{measure.words}, {measure.unit} ({people.titles[people.baseline]}: {start})")
        for row, mean in zip(mine, means, strict=True):
            found = effect(row)
            known = math.isfinite(found.low)
            intervals += known
            interval = ends(measure, found.low, found.high) if known else "–"
            part.rows.append([people.titles[str(row.scenario)], mean, difference(measure, found.difference), interval, ways(found)])
        parts.append(part)
    if not parts:
        return None
    left_out = len(people.titles) - len(people.names)
    note = "Differences of shares are in percentage points. "
    note += "Up and down: pairs of runs with the same luck in which the outcome was higher or lower than in the baseline."
    note += f" {left_out} scenarios with smaller effects are left out here and stand in effects.csv." if left_out else ""
    columns = ["Scenario", "Mean", "Difference", "95% interval", "Pairs"]
    return Table(
        f"Last year of the runs: each scenario beside {within(people.titles[people.baseline])}", columns, parts, note, intervals=intervals
    )


def difference(measure: Measure, value: float) -> str:
    """A difference as a cell: sign and number."""
    shown = value * measure.scale
    return style.number(shown, min(2, style.decimals(shown)), sign=True)


def ways(found: Any) -> str:
    """In how many pairs it went up and down: '5 up, 0 down'."""
    return f"{int(found.rose)} up, {int(found.fell)} down" if math.isfinite(found.pairs) else "not paired"


def response_table(origin: Source, found: Sequence[Sequence[Response]], who: str) -> Table:
    """Means at the levels of each factor: `found` holds, for each factor, the responses of the outcomes shown, in one order."""
    measures = [origin.measure(each.outcome) for each in found[0]]
    parts = []
    for mine in found:
        factor = mine[0].factor
        part = Part(f"{factor.words}{f' ({factor.unit})' if factor.unit else ''}")
        for place, name in list(enumerate(mine[0].names))[:MOST_LEVELS]:
            part.rows.append([name.replace("_", " "), *(cell(measure, each, place) for measure, each in zip(measures, mine, strict=True))])
        parts.append(part)
    bases = list(dict.fromkeys(each.basis for mine in found for each in mine))
    note = (
        f"In brackets the 95% interval over {'; over '.join(bases[:3])}." if any(each.intervals for mine in found for each in mine) else ""
    )
    if any((each.high[np.isfinite(each.high)] > 1).any() and origin.measure(each.outcome).percent for mine in found for each in mine):
        note += " Worked out from few runs, an interval may reach beyond 100%."
    intervals = sum(int(np.isfinite(each.low).sum()) for mine in found for each in mine)
    columns = ["Level", *(f"{measure.words}, {measure.unit}" for measure in measures)]
    return Table(f"Last year of the runs: means at each level{who}", columns, parts, note, intervals=intervals)


def cell(measure: Measure, found: Response, place: int) -> str:
    """A mean with its interval: '78% (71 to 84)'."""
    middle, low, high = (float(each[place]) for each in (found.mean, found.low, found.high))
    if not math.isfinite(low):
        return measure.level(middle)
    places = 0 if abs(middle * measure.scale) >= 9.95 else 1
    return f"{measure.level(middle)} ({' to '.join(style.number(end * measure.scale, places) for end in (low, high))})"


def link_table(origin: Source, outcomes: Sequence[str], scenario: str, who: str) -> Table | None:
    """Rank correlations of outcomes with the factors that are numbers; None where there are too few points."""
    from abm.view.report.ranking import links

    found = {name: {each.factor: each for each in links(origin, name, scenario)} for name in outcomes}
    first = next(iter(found.values()))
    if not first:
        return None
    rows, intervals = [], 0
    for words in first:
        row = [words]
        for name in outcomes:
            each = found[name].get(words)
            known = each is not None and math.isfinite(each.low)
            intervals += known
            text = "–" if each is None else style.number(each.rho, 2, sign=True)
            row.append(
                f"{text} ({style.number(each.low, 2, sign=True)} to {style.number(each.high, 2, sign=True)})" if each and known else text
            )
        rows.append(row)
    count = max(each.points for each in first.values())
    note = f"From −1 (always lower where the factor is higher) through 0 to +1, over {count} design points; in brackets the 95% interval."
    note += "" if intervals else " No intervals: the points of this design are built from one another."
    columns = ["Factor", *(origin.measure(name).words for name in outcomes)]
    return Table(
        f"Rank correlation of each factor with the last year's outcomes{who}", columns, [Part("", rows)], note, intervals=intervals
    )


def ramp_table(origin: Source, outcomes: Sequence[str]) -> Table:
    """Gaps between the way there and the way back."""
    parts, intervals = [], 0
    for name in outcomes:
        measure = origin.measure(name)
        part = Part(f"{measure.words}, {measure.unit}")
        for loop in loops(origin, name)[1]:
            gaps = (loop.gap, loop.left, loop.later)
            intervals += sum(math.isfinite(each.low) for each in gaps)
            part.rows.append([loop.title[:1].upper() + loop.title[1:], *(_gap(measure, each) for each in gaps)])
        parts.append(part)
    columns = ["Ramp", "Way back less way there", "At the start again", "Last year less the year before"]
    note = "Differences in points with 95% intervals over runs. Time passes too, and may be part of each."
    return Table("There and back: what is left of the way there", columns, parts, note, intervals=intervals)


def _gap(measure: Measure, found: Interval) -> str:
    if not math.isfinite(found.mean):
        return "–"
    text = difference(measure, found.mean)
    return f"{text} ({ends(measure, found.low, found.high)})" if math.isfinite(found.low) else text


# ---- what was set --------------------------------------------------------------------------------------------------------------


def settings_table(origin: Source) -> Table:
    """What differs from the declared defaults in each scenario, and who set it."""
    titles = {str(each["name"]): str(each.get("title") or each["name"]) for each in origin.facts.get("scenarios") or []}
    parts = []
    for name, changed in (origin.facts.get("set_by") or {}).items():
        part = Part(titles.get(name, name))
        for key, place in changed.items():
            section, _, bare = key.partition(".")
            row = DECLARED[section].get(bare) if section in DECLARED else None
            value = spelled(key, _value(origin.config, name, section, bare))
            meaning = f"{bare.replace('_', ' ').capitalize()} ({row.unit})" if row else bare
            part.rows.append([meaning, value, spelled(key, row.default) if row else "–", str(place)])
        parts.append(part)
    shown = [part for part in parts if part.rows][:MOST_SCENARIOS]
    plain = [part.heading for part in parts if not part.rows]
    note = f"All at their defaults: {', '.join(plain[:MOST_SCENARIOS])}. " if plain else ""
    more = len([part for part in parts if part.rows]) - len(shown)
    note += f"{more} more scenarios are in manifest.json. " if more > 0 else ""
    note += "Later wins: declared default, system, experiment, scenario, design, command line."
    return Table("What differs from the defaults, and who set it", ["Setting", "Value", "Default", "Set by"], shown, note, words=True)


def _value(config: Mapping[str, Any], label: str, section: str, name: str) -> Any:
    """A setting as the folder's config has it: the scenario's own, else the experiment's, else the system's; None where unknown.

    `label` is 'scenario', or 'scenario on system' where the design varies the system.
    """
    scenario = label.partition(" on ")[0]
    mine = [each for each in config.get("scenarios") or [] if isinstance(each, Mapping) and each.get("name") == scenario]
    system = config.get("system")
    for layer in (*mine, config, *([system] if isinstance(system, Mapping) else [])):
        given = (layer.get(section) or {}).get(name)
        if given is not None:
            return given if isinstance(given, (int, float, str)) else "{schedule}"
    return None


def design_table(origin: Source) -> Table | None:
    """What the design varies; None where there is none."""
    if not origin.factors:
        return None
    rows = []
    for key, factor in origin.factors.items():
        row, levels = ROWS.get(key), origin.levels(key)
        shown = list(dict.fromkeys(levels)) if factor.choice else sorted(levels.unique())
        many = f"{spelled(key, shown[0])} to {spelled(key, shown[-1])}, {len(shown)} values"
        text = (
            ", ".join(dict.fromkeys(spelled(key, level).replace("_", " ") for level in shown)) if len(shown) <= 6 or factor.choice else many
        )
        rows.append([factor.words, text, f"{factor.meaning} ({factor.unit})" if row else "", row.status if row else ""])
    columns = ["Factor", "Values", "Meaning", "Status"]
    kind = f" ({origin.design.replace('_', ' ')})" if origin.design else ""
    return Table(f"What the design{kind} varies: {style.count(len(origin.points), 'point')}", columns, [Part("", rows)], words=True)


def status_table() -> Table:
    """How many levers and parameters rest on evidence, on calibration and on judgement."""
    rows = []
    for status, words in STATUSES.items():
        counts = [sum(row.status == status for row in DECLARED[section].values()) for section in ("levers", "parameters")]
        rows.append([f"{status.capitalize()}: {words}", *map(str, counts)])
    columns = ["What stands behind a default", "Levers", "Parameters"]
    return Table("What the numbers that go in rest on", columns, [Part("", rows)], "Each with its source: docs/parameters.md.")


def provenance_table(origin: Source) -> Table:
    """Where the results come from."""
    from abm.view import finding

    facts = origin.facts
    worlds = facts.get("worlds") or {"": facts.get("world") or {}}
    names = "; ".join(f"{w.get('name', '')}, {style.count(int(w.get('organisations') or 0), 'organisation')}" for w in worlds.values() if w)
    versions = facts.get("versions") or {}
    told = finding.provenance(facts)
    rows = {
        "Experiment": told.get("experiment", ""),
        "World": names,
        "Runs": f"{facts.get('runs', '?')}, of {style.count(int(facts.get('quarters') or 0), 'quarter')} each",
        "Seed": told.get("seed", ""),
        "Begun and finished": f"{facts.get('started') or '?'} and {facts.get('finished') or 'not finished'}",
        "Model": f"abm {told.get('abm_version', '')}, commit {told.get('commit', 'not known')}",
        "Source of the model (SHA-256)": str(facts.get("model_sha256") or "not known"),
        "config.yaml (SHA-256)": told.get("config_sha256", "not known until the sweep is finished"),
        "World (SHA-256)": "; ".join(str(w.get("sha256") or "") for w in worlds.values()),
        "Python and packages": ", ".join(f"{name} {version}" for name, version in versions.items() if version and name != "ics-abm"),
    }
    parts = [Part("", [[name, value] for name, value in rows.items() if value])]
    return Table("Where these results come from", ["What", "Value"], parts, words=True)
