"""An outcome over two factors of a design in numbers: means at the levels of a grid, or a smoothed field through scattered points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.experiment.effects import t_quantile
from abm.experiment.store import ResultsError
from abm.view import source
from abm.view.charts import dose
from abm.view.charts.dose import Fixed
from abm.view.source import Factor, Source

MOST_LEVELS = 60  # of a factor, drawn as cells
FIELD = 60  # cells a side of a smoothed field
WIDTHS = (0.06, 0.09, 0.13, 0.2, 0.3, 0.45)  # widths of the smoothing that are tried, in parts of the ranges
MOST_TRIED = 600
LEAST_POINTS = 8
TELLING = 0.1  # least share of the differences between points that two factors must account for, to draw a line


@dataclass(frozen=True)
class Surface:
    """An outcome over two factors, as stored: `values[i, j]` at y level i and x level j.

    Of a grid these are the means at its levels, and `dots` is empty. Of a scattered design they are a smoothed field, blank
    where there is no point near; `dots` are the points (x, y, outcome), and `told` the share of the differences between
    points that the field foretells (each point from the others).
    """

    x: np.ndarray
    y: np.ndarray
    names: tuple[tuple[str, ...], tuple[str, ...]]
    values: np.ndarray
    dots: np.ndarray
    told: float
    apart: bool | None

    @property
    def half(self) -> float:
        """Half-way between the extremes."""
        return float((np.nanmin(self.values) + np.nanmax(self.values)) / 2)


def surface(origin: Source, across: Factor, up: Factor, outcome: str, scenario: str, fixed: Fixed | None = None) -> Surface:
    """The outcome over two factors in one scenario. Raises `ResultsError`."""
    design = dose.settings(origin, across, fixed) if fixed else pd.DataFrame({key: origin.levels(key) for key in origin.factors})
    runs = origin.runs([outcome], [scenario])
    runs = runs[runs["point"].isin(design.index) & np.isfinite(runs[outcome])]
    if runs.empty:
        raise ResultsError(f"{origin.name} has no finished run of {scenario} to draw {outcome} from")
    design = design.loc[runs["point"].unique()]
    x, y = (_levels(design[each.key], each) for each in (across, up))
    cells = design.groupby([across.key, up.key]).size()
    if len(cells) == len(x) * len(y) and max(len(x), len(y)) <= MOST_LEVELS:
        return _grid(runs, design, across, up, outcome, x, y)
    if across.choice or up.choice:
        named = across if across.choice else up
        raise ResultsError(
            f"{named.key} is a choice and the points are scattered: draw it as a response, or cross it with the other (kind: grid)"
        )
    means = runs.groupby("point")[outcome].mean()
    return _scattered(
        np.column_stack([design.loc[means.index, across.key], design.loc[means.index, up.key], means]).astype(float), origin.name
    )


def _levels(values: pd.Series, factor: Factor) -> list[Any]:
    return list(dict.fromkeys(values)) if factor.choice else sorted(values.unique())


def _grid(runs: pd.DataFrame, design: pd.DataFrame, across: Factor, up: Factor, outcome: str, x: list[Any], y: list[Any]) -> Surface:
    """Means at the levels, over replicates and other factors."""
    keys = [runs["point"].map(design[each.key]).rename(each.key) for each in (up, across)]
    cells = runs.groupby([*keys, "replicate"])[outcome].mean().unstack()  # rows (y, x), a column a replicate
    values = cells.mean(axis=1).unstack().reindex(index=y, columns=x).to_numpy()
    names = tuple(tuple(source.spelled(each.key, level) for level in levels) for each, levels in ((across, x), (up, y)))
    places = [
        np.arange(len(levels), dtype=float) if each.choice else np.array(levels, dtype=float) for each, levels in ((across, x), (up, y))
    ]
    middle = cells.mean(axis=1).to_numpy()
    change = (cells.iloc[int(np.nanargmax(middle))] - cells.iloc[int(np.nanargmin(middle))]).dropna().to_numpy()
    level = 1 - 0.025 / max(1, len(middle) * (len(middle) - 1) / 2)  # the two were picked among all pairs
    apart = None
    if len(change) > 1:
        spread = change.std(ddof=1) / math.sqrt(len(change))
        apart = bool(change.mean() > t_quantile(len(change) - 1, level) * spread) or _corners_apart(cells, values.shape)
    return Surface(places[0], places[1], names, values, np.empty((0, 3)), 1.0, apart)  # type: ignore[arg-type]


def _corners_apart(cells: pd.DataFrame, shape: tuple[int, ...]) -> bool:
    """Whether some two of the four corners, which nobody picked, are clearly apart."""
    table = cells.to_numpy().reshape(*shape, -1)
    corners = [table[i, j] for i in (0, -1) for j in (0, -1)]
    for i, one in enumerate(corners):
        for two in corners[i + 1 :]:
            change = (one - two)[np.isfinite(one - two)]
            if len(change) > 1 and abs(change.mean()) > t_quantile(len(change) - 1, 1 - 0.025 / 6) * change.std(ddof=1) / math.sqrt(
                len(change)
            ):
                return True
    return False


def _scattered(dots: np.ndarray, name: str) -> Surface:
    """A field through scattered points: around each place a plane is fitted to the points near it."""
    from scipy.spatial import Delaunay, QhullError

    if len(dots) < LEAST_POINTS:
        raise ResultsError(f"{name} has {len(dots)} points, too few for a map of two factors (at least {LEAST_POINTS})")
    low, span = dots[:, :2].min(axis=0), np.ptp(dots[:, :2], axis=0)
    unit = (dots[:, :2] - low) / span
    tried = np.linspace(0, len(dots) - 1, min(len(dots), MOST_TRIED)).round().astype(int)
    scores = {width: _foretold(unit[tried], dots[tried, 2], width) for width in WIDTHS}
    width = max(scores, key=lambda each: scores[each])
    side = (np.arange(FIELD) + 0.5) / FIELD
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    values = np.concatenate([smooth(unit, dots[:, 2], part, width) for part in np.array_split(places, 12)])
    try:
        values[Delaunay(unit).find_simplex(places) < 0] = math.nan
    except QhullError:
        raise ResultsError(f"the points of {name} lie on one line in these two factors: there is no map to draw") from None
    values = np.clip(values, dots[:, 2].min(), dots[:, 2].max())
    x, y = (low[i] + span[i] * side for i in (0, 1))
    return Surface(x, y, ((), ()), values.reshape(FIELD, FIELD), dots, scores[width], None)


def smooth(points: np.ndarray, values: np.ndarray, places: np.ndarray, width: float, leave_out: bool = False) -> np.ndarray:
    """A plane fitted around each place to the points near it (Gaussian weights of that width); `leave_out`: but not to itself."""
    apart = places[:, None, :] - points[None, :, :]
    weight = np.exp(-0.5 * (apart**2).sum(axis=2) / width**2) + 1e-12
    if leave_out:
        np.fill_diagonal(weight, 0.0)
    terms = np.concatenate([np.ones((*apart.shape[:2], 1)), -apart], axis=2)
    left = (
        np.einsum("pn,pni,pnj->pij", weight, terms, terms) + 1e-6 * weight.sum(axis=1)[:, None, None] * np.diag([0.0, 1.0, 1.0]) * width**2
    )
    right = np.einsum("pn,pni,n->pi", weight, terms, values)
    return np.linalg.solve(left, right[..., None])[:, 0, 0]


def _foretold(points: np.ndarray, values: np.ndarray, width: float) -> float:
    """Share of the differences between points that the field foretells, each point from the others; below 0 for none."""
    total = float(((values - values.mean()) ** 2).sum())
    if total <= 0:
        return 0.0
    errors = values - smooth(points, values, points, width, leave_out=True)
    return 1 - float((errors**2).sum()) / total


def tells(found: Surface) -> bool:
    """Whether a line half-way between the extremes means something: these are apart by more than luck, as far as can be told."""
    if np.nanmax(found.values) - np.nanmin(found.values) <= 0:
        return False
    return found.told >= TELLING if len(found.dots) else found.apart is not False
