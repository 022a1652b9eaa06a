"""Sentences of the report, each made from numbers and never claiming more than these: one function a sentence.

Whether something moved is said by its 95 % interval: it rose or fell where that leaves out zero, else there is no clear change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from abm.view import style
from abm.view.charts.dose import Interval, Response, Tip, Together, ends_apart, step
from abm.view.charts.ramp import Loop
from abm.view.finding import within
from abm.view.frames import Measure

HARDLY = 0.1  # rank correlations below this are next to nothing
INTERVAL = (
    "An interval of 95% says how far luck may have moved a number: of many such intervals, 19 in 20 hold the model's own long-run mean."
)


class Effect(NamedTuple):
    """A row of effects: a scenario's difference from the baseline, as stored, with its interval and the pairs (NaN: not known)."""

    baseline_mean: float
    scenario_mean: float
    difference: float
    low: float
    high: float
    pairs: float
    rose: float
    fell: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return bool(math.isfinite(self.low) and self.low * self.high > 0)


def effect(row: Any) -> Effect:
    """The effect that a row of effects.csv holds."""
    return Effect(*(float(getattr(row, name)) for name in Effect._fields))


def size(measure: Measure, value: float) -> str:
    """A difference without its sign: '28 points', 'less than 0.01 points'."""
    shown = abs(value) * measure.scale
    if 0 < shown < 0.01:
        return f"less than 0.01 {measure.step}"
    return f"{style.number(shown, min(2, style.decimals(shown)))} {measure.step}"


def ends(measure: Measure, low: float, high: float) -> str:
    """The ends of an interval of differences: '−30 to −26'. An end that is not nought does not look like it, down to 0.001."""
    sizes = sorted(abs(end) * measure.scale for end in (low, high))
    places = min(2, style.decimals(sizes[1]))
    while places < 3 and 0 < sizes[0] < 0.5 / 10**places:
        places += 1
    return " to ".join(style.number(end * measure.scale, places, sign=True) for end in (low, high))


def moved(found: Effect, measure: Measure) -> str:
    """Whether an outcome rose, fell or did not clearly change against the baseline, by how much and in how many pairs."""
    noun, pairs = measure.noun, _pairs(found)
    if not math.isfinite(found.difference):
        return f"{noun}: not known, for no run of the two can be compared."
    if found.difference == found.low == found.high == 0:
        return f"{noun} was the same in both{pairs}."
    levels = f"from {measure.level(found.baseline_mean)} to {measure.level(found.scenario_mean)}"
    if not math.isfinite(found.low):
        if found.difference == 0:
            return f"{noun} was the same in the one run of each."
        word = "higher" if found.difference > 0 else "lower"
        return f"In the one run of each, {within(noun)} was {size(measure, found.difference)} {word} ({levels}); that may be luck."
    interval = f"95% interval {ends(measure, found.low, found.high)}"
    if not found.clear:
        return f"No clear change in {within(noun)}: {measure.change(found.difference)} ({interval}){pairs}.".replace("\u00a0", " ")
    verb = "rose" if found.difference > 0 else "fell"
    return f"{noun} {verb} by {size(measure, found.difference)}, {levels} ({interval}){pairs}."


def _pairs(found: Effect) -> str:
    """', in all 5 pairs of runs'; '' where runs are not paired."""
    if not math.isfinite(found.pairs) or found.pairs < 2:
        return ""
    pairs, count = int(found.pairs), int(max(found.rose, found.fell))
    if count == 0:
        return f", in all {pairs} pairs of runs"
    word = "up" if found.rose >= found.fell else "down"
    every = "both" if pairs == 2 else f"all {pairs}"
    return f", {word} in {every if count == pairs else f'{count} of {pairs}'} pairs of runs"


def briefly(found: Effect, measure: Measure) -> str:
    """The same in few words, for a list: 'trust fell by 13 points'. '' where there is no clear change."""
    if not found.clear:
        return ""
    return f"{within(measure.noun)} {'rose' if found.difference > 0 else 'fell'} by {size(measure, found.difference)}"


def listed(words: Sequence[str]) -> str:
    """'a, b and c'."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def responded(found: Response, measure: Measure) -> str:
    """How an outcome goes from one end of a factor's range to the other, with the interval of the difference."""
    factor = found.factor.words.lower()
    known = np.flatnonzero(np.isfinite(found.mean))
    if len(known) < 2:
        return f"{measure.noun} is known at one level of {factor} only."
    if found.factor.choice:
        return _by_choice(found, measure)
    start, end = int(known[0]), int(known[-1])
    middle, low, high = step(found, start, end)
    span = f"between {factor} {found.names[start]} and {found.names[end]}"
    interval = f"{measure.change(middle)}, 95% interval {ends(measure, low, high)} over {found.basis}".replace("\u00a0", " ")
    apart = ends_apart(found)
    if apart is None:
        word = "higher" if middle > 0 else "lower"
        where = f"at {factor} {found.names[end]} than at {found.names[start]}"
        return f"In single runs, {within(measure.noun)} is {size(measure, middle)} {word} {where}; that may be luck."
    if not apart:
        return (
            f"No clear change in {within(measure.noun)} {span} ({interval})."
            if math.isfinite(low)
            else f"{measure.noun} is the same {span}."
        )
    levels = f"from {measure.level(float(found.mean[start]))} to {measure.level(float(found.mean[end]))}"
    if hardly(found, measure):
        return f"{measure.noun} hardly changes {span} ({interval})."
    return f"{measure.noun} {'rises' if middle > 0 else 'falls'} {levels} {span} ({interval})."


def hardly(found: Response, measure: Measure) -> bool:
    """Whether all levels of a factor look the same once rounded: what is clear may still be next to nothing."""
    known = found.mean[np.isfinite(found.mean)]
    return len(known) < 2 or measure.level(float(known.min())) == measure.level(float(known.max()))


def _by_choice(found: Response, measure: Measure) -> str:
    bottom, top = int(np.nanargmin(found.mean)), int(np.nanargmax(found.mean))
    words = [f"{name.replace('_', ' ')} {measure.level(float(value))}" for name, value in zip(found.names, found.mean, strict=True)]
    _, low, high = step(found, bottom, top, 1 - 0.025 / max(1, len(words) * (len(words) - 1) / 2))
    factor = found.factor.words.lower()
    if not math.isfinite(low):
        return f"{measure.noun} by {factor}: {listed(words)}; single runs, so that may be luck."
    if low <= 0 <= high or hardly(found, measure):
        return f"No clear difference in {within(measure.noun)} by {factor}: {listed(words)}."
    return f"{measure.noun} differs by {factor}: {listed(words)}."


def turned(found: Tip | None, measure: Measure, factor: str) -> str:
    """Where an outcome crosses half-way, and whether its change is abrupt, gradual or cannot be told. '' where there is nothing to say."""
    if found is None:
        return ""
    low, high = (f"{end:.3g}" for end in found.between)
    text = f"It crosses half-way between its extremes ({measure.level(found.level)}) between {factor.lower()} {low} and {high}"
    if found.times > 1:
        return f"{text}, and {found.times - 1} more time{'s' if found.times > 2 else ''} after that: no one turning point can be told."
    if not math.isfinite(found.share):
        return f"{text}. There are too few levels to say whether the change is abrupt."
    part = f"half of the whole change takes {found.share:.0%} of the range (a straight line takes 50%)"
    return f"{text}. The change is {'abrupt' if found.abrupt else 'gradual'}: {part}."


class Link(NamedTuple):
    """Rank correlation of an outcome with a factor over the points of a design, with its 95 % interval (NaN: not known)."""

    factor: str
    rho: float
    low: float
    high: float
    points: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return bool(math.isfinite(self.low) and self.low * self.high > 0)


def linked(found: Link, measure: Measure) -> str:
    """Whether an outcome is higher or lower where a factor is higher, and how closely."""
    factor = found.factor.lower()
    if not math.isfinite(found.rho):
        return f"Nothing can be said of {within(measure.noun)} and {factor}: one of them does not vary."
    number = style.number(found.rho, 2, sign=True)
    if not math.isfinite(found.low):
        where = f"rank correlation {number} over {found.points} points, without an interval"
        if abs(found.rho) < HARDLY:
            return f"Among these points {within(measure.noun)} hardly goes with {factor} ({where})."
        word = "higher" if found.rho > 0 else "lower"
        return f"Among these points {within(measure.noun)} is mostly {word} where {factor} is higher ({where})."
    interval = (
        f"rank correlation {number}, 95% interval {style.number(found.low, 2, sign=True)} to {style.number(found.high, 2, sign=True)}"
    )
    if not found.clear:
        return f"No clear link between {within(measure.noun)} and {factor} ({interval}, over {found.points} points)."
    return f"{measure.noun} is {'higher' if found.rho > 0 else 'lower'} where {factor} is higher ({interval}, over {found.points} points)."


def came_back(loop: Loop, measure: Measure) -> str:
    """How far the way back of a ramp is from the way there, on the whole, at its end, and when the run ends."""
    noun = within(measure.noun)
    parts = [
        f"On the way back {noun} {_beside(loop.gap, measure, ('than on the', 'from the'), 'way there')}, averaged over the lever's range"
    ]
    parts.append(f"back at the start it {_beside(loop.left, measure, ('than', 'from'), 'when it set out')}")
    if math.isfinite(loop.later.mean):
        parts.append(f"in the run's last year it {_beside(loop.later, measure, ('than in the', 'from the'), 'year before the ramp')}")
    return f"{loop.title[:1].upper()}{loop.title[1:]}. {'; '.join(parts)}."


def _beside(found: Interval, measure: Measure, join: tuple[str, str], what: str) -> str:
    word = "higher" if found.mean > 0 else "lower"
    if not math.isfinite(found.low):
        return f"is {size(measure, found.mean)} {word} {join[0]} {what} (one run, so that may be luck)"
    interval = f"95% interval {ends(measure, found.low, found.high)}"
    if not found.clear:
        return f"does not clearly differ {join[1]} {what} ({measure.change(found.mean)}, {interval})".replace("\u00a0", " ")
    return f"is {size(measure, found.mean)} {word} {join[0]} {what} ({interval})"


def together(found: Together, measure: Measure) -> str:
    """Whether a factor does more, less or the other way where another is high: the difference of two differences."""
    one, two = found.across.words.lower(), found.up.words.lower()
    way = f"from {one} {found.ends[0]} to {found.ends[1]}"
    both = f"{measure.change(found.at_low)} where {two} is {found.levels[0]}, {measure.change(found.at_high)} where it is {found.levels[1]}"
    both = both.replace("\u00a0", " ")
    if not math.isfinite(found.change.low):
        return f"{measure.noun} changes {way} by {both}; single runs, so the difference may be luck."
    interval = f"difference {measure.change(found.change.mean)}, 95% interval {ends(measure, found.change.low, found.change.high)}".replace(
        "\u00a0", " "
    )
    if not found.change.clear:
        return f"No clear sign that {two} alters what {one} does to {within(measure.noun)}: {both} ({interval})."
    if found.at_low * found.at_high < 0:
        return f"{two.capitalize()} turns what {one} does to {within(measure.noun)}: {way} it changes by {both} ({interval})."
    more = "more" if abs(found.at_high) > abs(found.at_low) else "less"
    return f"{found.across.words} does {more} to {within(measure.noun)} where {two} is high: {way} it changes by {both} ({interval})."


def repeated(replicates: int, scenarios: int, points: int, paired: bool) -> str:
    """How often everything was run, and whether luck is shared."""
    what = "scenario" if points == 1 else "scenario at each design point" if scenarios > 1 else "design point"
    what = "Everything" if scenarios == points == 1 else f"Each {what}"
    if replicates == 1:
        if points > 1:
            return f"{what} was run once: luck is part of what differs between points."
        return f"{what} was run once. One run cannot tell an effect from luck: there are no intervals."
    text = f"{what} was run {replicates} times"
    if scenarios == points == 1:
        return f"{text}, each time with other luck."
    if not paired:
        return f"{text}, each time with luck of its own, so that luck blurs the differences."
    among = "scenario" if points == 1 else "design point" if scenarios == 1 else "scenario and design point"
    return f"{text}, each time with other luck, and the same luck for every {among}: differences are taken pair by pair."


def by_chance(intervals: int) -> str:
    """How many intervals would miss the truth by luck alone."""
    if not intervals:
        return ""
    expected = intervals / 20
    some = f"about {expected:.0f}" if expected >= 1.5 else "about one" if expected >= 0.75 else "perhaps one"
    return f"The answer and the tables look at {intervals} intervals of 95%; {some} of them may miss by luck alone."


def many_points(points: int, replicates: int) -> str:
    """What pairs over a design's points are, and what their intervals hold. '' where there is one point."""
    if points == 1:
        return ""
    text = f"Differences between scenarios are averaged over {points} design points"
    return text + (
        f" and {replicates} replicates, which have the same luck at every point: their intervals say more on the points than on luck."
        if replicates > 1
        else "."
    )


def failed(count: int, runs: int) -> str:
    """What became of the runs."""
    if not count:
        return f"All {style.count(runs, 'run')} finished." if runs != 1 else "The one run finished."
    if count == runs:
        return f"None of the {style.count(runs, 'run')} finished." if runs != 1 else "The one run failed."
    verb = "is" if count == 1 else "are"
    return f"{count} of {style.count(runs, 'run')} failed and {verb} left out of everything here: what failed may not be like the rest."
