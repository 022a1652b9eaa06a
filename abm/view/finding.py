"""What a figure says in words: the finding, worked out from the effects, never written by hand; what was run; what it is not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from abm.view import style

DISCLAIMER = "Model result under stated assumptions, not a forecast."
SOURCES = (
    "Contains public sector information licensed under the Open Government Licence v3.0: "
    "NHS England, Office for National Statistics (ONS), MHCLG, OHID."
)
NAMES = frozenset("England London North South East West Midlands Greater Cornwall January April October Christmas".split())


class Change(NamedTuple):
    """One scenario's difference from the baseline with its 95% interval (NaN: not known)."""

    title: str
    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return math.isfinite(self.low) and self.low * self.high > 0

    def overlaps(self, other: Change) -> bool:
        """Whether the two intervals share a value; False where one is not known."""
        return self.low <= other.high and other.low <= self.high


def within(words: str) -> str:
    """A title in the middle of a sentence: a small first letter, unless it starts with a name or an abbreviation."""
    first = words.split(" ")[0]
    own = any(letter.isupper() or letter.isdigit() for letter in first[1:]) or first in NAMES
    return words if own else words[:1].lower() + words[1:]


def finding(noun: str, changes: Sequence[Change], amount: Callable[[float], str], baseline: str = "baseline") -> str:
    """The title: in which scenarios `noun` falls or rises, most first, and where no change is clear. '' when nothing is known.

    `amount` writes a difference with its unit. Where no interval is known (one run) the signs are taken as they are, and
    the title says so.
    """
    bare = not any(math.isfinite(change.low) for change in changes)
    known = [change for change in changes if math.isfinite(change.difference)]
    if not known:
        return ""
    if all(change.difference == 0 and (bare or change.low == change.high == 0) for change in known):
        return f"{noun} is the same in every scenario"
    groups, rest = _sorted(known, bare)
    if not groups:
        return _no_change(noun, known, amount)
    against = [f" against {within(baseline)}", ""]  # said once
    text = " and ".join(_moved(verb, group, amount, said) for (verb, group), said in zip(groups.items(), against, strict=False))
    if rest:
        clear = "" if bare else "clear "
        text += f"; no {clear}change under {within(rest[0].title) if len(rest) == 1 else f'{len(rest)} others'}"
    return f"In a single run, {within(noun)} {text}" if bare else f"{noun} {text}"


def brief(noun: str, changes: Sequence[Change], amount: Callable[[float], str], baseline: str = "baseline") -> str:
    """The finding in few words, for many scenarios: how many fall and rise, and how far."""
    known = [change for change in changes if math.isfinite(change.difference)]
    bare = not any(math.isfinite(change.low) for change in known)
    groups, _ = _sorted(known, bare)
    sides = [f"{verb} under {len(group)} (by up to {amount(group[0].difference)})" for verb, group in groups.items()]
    text = f"{' and '.join(sides)} of {len(known)} alternatives to {within(baseline)}"
    return f"In a single run, {within(noun)} {text}" if bare else f"{noun} {text}"


def _sorted(known: Sequence[Change], bare: bool) -> tuple[dict[str, list[Change]], list[Change]]:
    """Those that fall and those that rise, largest first, and the rest. `bare`: no intervals, so any sign counts."""
    told = [change for change in known if (change.difference != 0 if bare else change.clear)]
    groups: dict[str, list[Change]] = {}
    for change in sorted(told, key=lambda change: -abs(change.difference)):
        groups.setdefault("falls" if change.difference < 0 else "rises", []).append(change)
    return groups, [change for change in known if change not in told]


def _no_change(noun: str, known: Sequence[Change], amount: Callable[[float], str]) -> str:
    if len(known) > 1:
        return f"No clear change in {within(noun)} under any of the {len(known)} alternatives"
    only = known[0]
    interval = f" (95% interval {amount(only.low)} to {amount(only.high)})" if math.isfinite(only.low) else ""
    return f"No clear change in {within(noun)} under {within(only.title)}{interval}"


def _moved(verb: str, group: Sequence[Change], amount: Callable[[float], str], against: str) -> str:
    """'falls most under X (−29 points against baseline)', with rivals named where intervals overlap."""
    first, rivals = group[0], [change for change in group[1:] if group[0].overlaps(change)]
    most = " most" if len(group) > 1 + len(rivals) else ""
    if not rivals:
        return f"{verb}{most} under {within(first.title)} ({amount(first.difference)}{against})"
    if len(rivals) == 1:
        both = f"{amount(first.difference)} and {amount(rivals[0].difference)}"
        return f"{verb}{most} under {within(first.title)} and {within(rivals[0].title)} ({both}{against})"
    return f"{verb} under {len(group)} alternatives, by up to {amount(first.difference)}{against}"


def course(noun: str, first: float, last: float, span: str, level: Callable[[float], str]) -> str:
    """The title where there is nothing to compare: how the one scenario goes from its first value to its last."""
    if not math.isfinite(last):
        return "No finished run to show"
    start, end = level(first), level(last)
    if not math.isfinite(first) or not span:
        return f"{noun} stands at {end}"
    if start == end:
        return f"{noun} begins and ends at {end} over {span}"
    return f"{noun} {'falls' if last < first else 'rises'} from {start} to {end} over {span}"


def what_was_run(facts: Mapping[str, Any], scenarios: int, runs: int, quarters: int, first_year: str) -> str:
    """The subtitle: world, size, time, scenarios and runs, and whether they share their luck."""
    world = facts.get("world") or {}
    parts = [str(world.get("name") or ""), style.count(int(world["organisations"]), "organisation") if world.get("organisations") else ""]
    long = f" ({style.count(quarters // 4, 'year')})" if quarters >= 8 and quarters % 4 == 0 else ""
    parts.append(style.count(quarters, "quarter") + long + (f" from {first_year}" if first_year else ""))
    parts.append(f"{style.count(scenarios, 'scenario')} × {style.count(runs, 'run')}")
    if scenarios > 1 and "paired" in facts:
        parts.append("same random numbers in each scenario" if facts["paired"] else "separate random numbers in each scenario")
    if facts.get("failed"):
        parts.append(f"{facts['failed']} of {facts.get('runs', '?')} runs failed and are left out")
    return " · ".join(part for part in parts if part)


def provenance(facts: Mapping[str, Any]) -> dict[str, str]:
    """Experiment, seed, version, commit and config hash, as far as the manifest has them."""
    import abm

    code, versions, files = facts.get("code") or {}, facts.get("versions") or {}, facts.get("files") or {}
    commit = f"{code['commit']}{' with changes' if code.get('dirty') else ''}" if code.get("commit") else ""
    found = {
        "experiment": facts.get("experiment"),
        "seed": facts.get("seed"),
        "abm_version": versions.get("ics-abm") or getattr(abm, "__version__", ""),
        "commit": commit,
        "config_sha256": facts.get("config_sha256") or files.get("config.yaml"),
        "world_sha256": (facts.get("world") or {}).get("sha256"),
    }
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def stamp(facts: Mapping[str, Any]) -> str:
    """Provenance in one short line for the figure's foot."""
    found = provenance(facts)
    commit = found.get("commit", "")
    parts = {
        "experiment": found.get("experiment", ""),
        "seed": found.get("seed", ""),
        "abm": found.get("abm_version", ""),
        "commit": commit[:7] + commit[40:],
        "config": found.get("config_sha256", "")[:8],
    }
    return " · ".join(f"{name} {value}" for name, value in parts.items() if value)
