"""Dose and response in numbers: an outcome at the levels of one factor of a design, with intervals, and where it crosses half-way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.abruptness import ABRUPT, half_width
from abm.experiment.effects import t_quantile
from abm.experiment.store import ResultsError
from abm.view import source
from abm.view.source import Factor, Source

MOST_LEVELS, BINS, LEAST_IN_BIN = 40, 8, 5  # more levels than that become bins of neighbours
FEW_LEVELS = 12  # of designs that are not crossed
DEPENDENT = ("morris", "sobol")  # designs whose points are built from one another: no intervals over them
BUILT = "points that are built from one another"
Fixed = Mapping[str, Any]


@dataclass(frozen=True)
class Response:
    """An outcome at levels (or in bins) of a factor, in one scenario: means with 95 % intervals, as stored (NaN: not known).

    `x` are the levels; places from 0 where the factor is a choice, with `names`. `rows` is what each mean is of, `basis` says
    in words over what. `paths`: a row a level, a column a replicate that has the same luck at every level; without columns
    where there are none such. `dots` are single design points (x, y) behind bins, empty elsewhere.
    """

    factor: Factor
    outcome: str
    scenario: str
    x: np.ndarray
    names: tuple[str, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: tuple[np.ndarray, ...]
    basis: str
    paths: np.ndarray
    dots: np.ndarray

    @property
    def intervals(self) -> bool:
        """Whether any interval is known."""
        return bool(np.isfinite(self.low).any())


@dataclass(frozen=True)
class Tip:
    """Where a response crosses half-way between its extremes: `level` (as stored), `at`, between which two levels, and how often.

    `share` is the least part of the factor's range in which half of the whole change happens (NaN: too few levels to say).
    """

    level: float
    at: float
    between: tuple[float, float]
    times: int
    share: float

    @property
    def abrupt(self) -> bool:
        """Whether the change is concentrated."""
        return self.times == 1 and self.share <= ABRUPT


@dataclass(frozen=True)
class Interval:
    """A mean over runs and its 95 % t interval (NaN where there is one run)."""

    mean: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return bool(math.isfinite(self.low) and self.low * self.high > 0)


@dataclass(frozen=True)
class Together:
    """What one factor does, end to end, at the ends of another: both differences and the second less the first, as stored."""

    across: Factor
    up: Factor
    ends: tuple[str, str]
    levels: tuple[str, str]
    at_low: float
    at_high: float
    change: Interval


def respond(origin: Source, key: str, outcome: str, scenario: str, fixed: Fixed | None = None) -> Response:
    """The response of an outcome to a factor in one scenario. Raises `ResultsError`."""
    factor = origin.factor(key)
    design = settings(origin, factor, fixed)
    runs = origin.runs([outcome], [scenario])
    runs = runs[runs["point"].isin(design.index) & np.isfinite(runs[outcome])]
    if runs.empty:
        raise ResultsError(f"{origin.name} has no finished run of {scenario} to draw {outcome} from")
    values = design[factor.key]
    others = [name for name in design.columns if name != factor.key and design[name].astype(str).nunique() > 1]
    levels = list(dict.fromkeys(values)) if factor.choice else sorted(values.unique())
    if crossed(design, factor.key) and len(levels) <= MOST_LEVELS:
        means = runs.groupby([runs["point"].map(values).rename("level"), "replicate"])[outcome].mean().unstack().reindex(levels)
        basis = "replicates" + (f", averaged over {_listed(origin, others)}" if others else "")
        paired = origin.facts.get("paired", True) and means.shape[1] > 1
        rows = [row[np.isfinite(row)] for row in means.to_numpy()]
        return _at_levels(factor, outcome, scenario, levels, rows, basis, means.to_numpy() if paired else means.to_numpy()[:, :0])
    points = runs.groupby("point")[outcome].mean()
    here = values.loc[points.index]
    built = origin.design in DEPENDENT
    basis = BUILT if built else "design points"
    basis += f", in which {_listed(origin, others)} differ{'s' if len(others) == 1 else ''} too" if others and not built else ""
    if factor.choice or len(levels) <= FEW_LEVELS:
        return _at_levels(
            factor, outcome, scenario, levels, [points[here == level].to_numpy() for level in levels], basis, np.empty((len(levels), 0))
        )
    return _in_bins(factor, outcome, scenario, here.to_numpy(dtype=float), points.to_numpy(), basis)


def settings(origin: Source, factor: Factor, fixed: Fixed | None = None) -> pd.DataFrame:
    """The points that tell of a factor, with all factors' values: those where the `fixed` ones are as said, and where a design
    moves one factor at a time, those that move this one and the first."""
    design = pd.DataFrame({key: origin.levels(key) for key in origin.factors})
    for key, value in (fixed or {}).items():
        name = origin.factor(key).key
        same = (
            np.isclose(design[name].astype(float), float(value))
            if not origin.factors[name].choice
            else design[name].astype(str) == str(value)
        )
        if not same.any():
            there = ", ".join(source.spelled(name, level) for level in dict.fromkeys(design[name]))
            raise ResultsError(f"{name} is never {value} in the design of {origin.name} (it is {there[:200]})")
        design = design[same]
    blank = origin.points[factor.key].isna() | (origin.points[factor.key].astype(str) == "")
    if origin.design == "one_at_a_time" and fixed is None:
        others = [name for name in design.columns if name != factor.key]
        first = design.loc[blank.idxmax() if blank.iloc[0] else design.index[0]]
        design = design[(design[others] == first[others]).all(axis=1)] if others else design
    return design


def crossed(design: pd.DataFrame, key: str) -> bool:
    """Whether every level of the factor goes with the same combinations of the others, so that they average out."""
    others = [name for name in design.columns if name != key]
    if not others:
        return True
    if design[key].nunique() > MOST_LEVELS:
        return False
    levels, combinations = (design.groupby(keys, sort=False, dropna=False).ngroup() for keys in ([key], others))
    pairs = pd.DataFrame({"level": levels, "combination": combinations}).drop_duplicates()
    return len(pairs) == (levels.max() + 1) * (combinations.max() + 1)


def _listed(origin: Source, keys: Sequence[str]) -> str:
    words = [origin.factors[key].words.lower() for key in keys]
    if len(words) > 3:
        return f"{len(words)} other factors"
    return " and ".join(words) if len(words) < 3 else f"{words[0]}, {words[1]} and {words[2]}"


def _at_levels(
    factor: Factor, outcome: str, scenario: str, levels: Sequence[Any], rows: Sequence[np.ndarray], basis: str, paths: np.ndarray
) -> Response:
    x = np.arange(len(levels), dtype=float) if factor.choice else np.array(levels, dtype=float)
    names = tuple(source.spelled(factor.key, level) for level in levels)
    return _response(factor, outcome, scenario, x, names, rows, basis, paths, np.empty((0, 2)))


def _in_bins(factor: Factor, outcome: str, scenario: str, x: np.ndarray, y: np.ndarray, basis: str) -> Response:
    """Neighbours together, as many points a bin."""
    order = np.argsort(x, kind="stable")
    parts = np.array_split(order, max(2, min(BINS, len(x) // LEAST_IN_BIN)))
    centres = np.array([x[part].mean() for part in parts])
    names = tuple(source.spelled(factor.key, float(f"{centre:.2g}")) for centre in centres)
    nothing = np.empty((len(parts), 0))
    return _response(factor, outcome, scenario, centres, names, [y[part] for part in parts], basis, nothing, np.column_stack([x, y]))


def _response(
    factor: Factor,
    outcome: str,
    scenario: str,
    x: np.ndarray,
    names: tuple[str, ...],
    rows: Sequence[np.ndarray],
    basis: str,
    paths: np.ndarray,
    dots: np.ndarray,
) -> Response:
    mean = np.array([row.mean() if len(row) else math.nan for row in rows])
    half = np.full(len(rows), math.nan)
    if basis != BUILT:
        half = np.array([t_quantile(len(row) - 1) * row.std(ddof=1) / math.sqrt(len(row)) if len(row) > 1 else math.nan for row in rows])
    names = tuple(name if names.count(name) == 1 else f"{name} {names[: i + 1].count(name)}" for i, name in enumerate(names))
    return Response(factor, outcome, scenario, x, names, mean, mean - half, mean + half, tuple(rows), basis, paths, dots)


def step(found: Response, start: int, end: int, level: float = 0.975) -> tuple[float, float, float]:
    """The difference between two levels (places) with its t interval: replicate by replicate where they share their luck."""
    if found.paths.shape[1]:
        change = found.paths[end] - found.paths[start]
        change = change[np.isfinite(change)]
        spread, freedom = (change.std(ddof=1) / math.sqrt(len(change)), len(change) - 1) if len(change) > 1 else (math.nan, 1)
        middle = float(change.mean()) if len(change) else math.nan
    else:
        one, two = found.rows[start], found.rows[end]
        middle = float(found.mean[end] - found.mean[start])
        parts = [row.var(ddof=1) / len(row) if len(row) > 1 and found.basis != BUILT else math.nan for row in (one, two)]
        spread, freedom = math.sqrt(sum(parts)), min(len(one), len(two)) - 1 or 1
    half = t_quantile(freedom, level) * spread
    return middle, middle - half, middle + half


def interval(values: np.ndarray) -> Interval:
    """Mean over runs with its 95 % t interval."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Interval(math.nan, math.nan, math.nan)
    middle = float(known.mean())
    half = t_quantile(len(known) - 1) * float(known.std(ddof=1)) / math.sqrt(len(known)) if len(known) > 1 else math.nan
    return Interval(middle, middle - half, middle + half)


def together(origin: Source, across: Factor, up: Factor, outcome: str, scenario: str) -> Together | None:
    """Whether two crossed factors that are numbers act on each other, from their four corners; None where they are not such."""
    if across.choice or up.choice:
        return None
    runs = origin.runs([outcome], [scenario])
    x, y = (runs["point"].map(origin.levels(each.key)) for each in (across, up))
    corners = runs[x.isin([x.min(), x.max()]) & y.isin([y.min(), y.max()])]
    table = corners.groupby([y, x, corners["replicate"]])[outcome].mean().unstack()
    if len(table) != 4:
        return None
    low, high = (table.iloc[2 * row + 1] - table.iloc[2 * row] for row in (0, 1))
    ends, levels = (
        (source.spelled(each.key, values.min()), source.spelled(each.key, values.max())) for each, values in ((across, x), (up, y))
    )
    return Together(across, up, ends, levels, float(low.mean()), float(high.mean()), interval((high - low).to_numpy()))


def ends_apart(found: Response) -> bool | None:
    """Whether the interval of the difference between the ends of the range leaves out zero; None where there is none."""
    known = np.flatnonzero(np.isfinite(found.mean))
    return _apart(found, int(known[0]), int(known[-1]), 0.975) if len(known) > 1 else False


def distinct(found: Response) -> bool | None:
    """Whether some levels are clearly apart: the two ends, or the two extremes by an interval widened for having been picked.

    None where there are no intervals and the means differ.
    """
    known = np.isfinite(found.mean).sum()
    if known < 2:
        return False
    ends = None if found.factor.choice else ends_apart(found)  # the order of choices means nothing
    if ends:
        return True
    bottom, top = int(np.nanargmin(found.mean)), int(np.nanargmax(found.mean))
    extremes = _apart(found, bottom, top, 1 - 0.025 / (known * (known - 1) / 2))
    return extremes if extremes is not None else ends


def _apart(found: Response, start: int, end: int, level: float) -> bool | None:
    middle, low, high = step(found, start, end, level)
    if math.isfinite(low):
        return bool(low * high > 0)
    return None if middle != 0 else False


def tip(found: Response) -> Tip | None:
    """Where the response crosses half-way between its extremes; None for a choice, and where the extremes are not clearly apart."""
    known = np.isfinite(found.mean)
    x, y = found.x[known], found.mean[known]
    if found.factor.choice or len(x) < 2 or not distinct(found):
        return None
    level = (y.min() + y.max()) / 2
    above = y > level
    cuts = np.flatnonzero(above[1:] != above[:-1])
    if not len(cuts):
        return None
    ats = [x[i] + (level - y[i]) / (y[i + 1] - y[i]) * (x[i + 1] - x[i]) for i in cuts]
    first = int(cuts[0])
    return Tip(float(level), float(ats[0]), (float(x[first]), float(x[first + 1])), len(cuts), half_width(x, y))
