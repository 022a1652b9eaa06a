"""The points of a design: what is varied on top of every scenario, a row a point.

The same config gives the same points on any machine: the only luck is that of a NumPy generator whose seed is a hash of
the design's seed, values are worked out by plain arithmetic, and those on a log scale are rounded to 12 digits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.config.design import DesignBase, Factorial, FractionalFactorial, Grid, LatinHypercube, ListDesign, Morris, OneAtATime, Ramp, Sobol
from abm.config.design.base import batches
from abm.config.design.ramp import DIRECTION, QUARTERS
from abm.config.design.samples import Grouped, SobolSequence
from abm.config.design.table import Table
from abm.config.factors import DIGITS, SYSTEM, Factor
from abm.config.resolved import Resolved

BLANK = -1  # the code of a level where a point keeps the value from below
_HAIR = 1e-9  # of a level's slice: a sample that should lie on the border of two slices, but for rounding, is in the upper one


@dataclass(frozen=True)
class PointSettings:
    """What a point sets: the system's name in `Resolved.worlds`, and plain values as `ICSModel` takes them."""

    system: str
    levers: dict[str, Any]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A factor's value at every point: `numbers`, or `levels` with the place of each point's level in `codes` (BLANK: none)."""

    key: str
    numbers: np.ndarray | None = None
    levels: Sequence[Any] = ()
    codes: np.ndarray | None = None

    def value(self, point: int) -> Any:
        """The plain value at a point; None where it keeps the value from below."""
        if self.numbers is not None:
            return self.numbers.item(point)
        code = BLANK if self.codes is None else self.codes.item(point)
        return None if code == BLANK else self.levels[code]

    def shown(self, index: pd.Index) -> pd.Series:
        """The column as it is stored: numbers, whole numbers, or text (JSON where some level is no number or text)."""
        if self.numbers is not None or self.codes is None:
            return pd.Series(self.numbers, index=index)
        levels, blank = list(self.levels), bool((self.codes == BLANK).any())
        if all(isinstance(level, str) for level in levels):
            dtype = "string"
        elif any(isinstance(level, (str, Mapping)) for level in levels):
            levels, dtype = [json.dumps(level) for level in levels], "string"
        else:
            whole = all(isinstance(level, int) for level in levels)
            dtype = ("Int64" if blank else "int64") if whole else "float64"
        found = pd.Series([*levels, None], dtype="Int64" if dtype == "int64" else dtype)  # the code -1 takes the last: blank
        return found.take(self.codes).set_axis(index).astype(dtype)


@dataclass(frozen=True)
class Points:
    """The points of a design.

    `values` has a row a point, numbered from 0 (index `point`), and a column a factor with its dotted key; no column, and
    one row, when there is no design. Blank: the value from below. `unit` is the same in the unit cube, or None where the
    design is not one of samples. `settings` gives a point as the model takes it.
    """

    values: pd.DataFrame
    unit: pd.DataFrame | None
    columns: tuple[Column, ...]
    own_system: str

    def __len__(self) -> int:
        return len(self.values)

    def settings(self, point: int) -> PointSettings:
        """The system, levers and parameters of a point, without those that keep the value from below."""
        system = self.own_system
        found: dict[str, dict[str, Any]] = {"levers": {}, "parameters": {}, "ramp": {}}
        for column in self.columns:
            value = column.value(point)
            if value is None:
                continue
            section, _, name = column.key.partition(".")
            if name:
                found[section][name] = value
            else:
                system = value
        return PointSettings(system, found["levers"], found["parameters"])

    def listed(self, point: int) -> dict[str, Any]:
        """The point as a design of kind `list` has it: what it sets, by dotted key; a system by its name."""
        values = {column.key: column.value(point) for column in self.columns if column.key not in (QUARTERS, DIRECTION)}
        return {key: value for key, value in values.items() if value is not None}


def design_points(resolved: Resolved) -> Points:
    """The points of the experiment's design."""
    design = resolved.experiment.design
    if design is None:
        return Points(pd.DataFrame(index=_index(1)), None, (), resolved.system.name)
    unit: np.ndarray | None = None
    if isinstance(design, Ramp):
        columns = _ramp(design)
    elif isinstance(design, (ListDesign, Table)):
        columns = _listed(design, resolved.system_levels)
    else:
        factors = _with_names(design.factors(), resolved.system_levels)
        if isinstance(design, (Factorial, Grid)):
            codes = np.indices([len(each.levels) for each in factors], dtype=np.int32).reshape(len(factors), -1)
            columns = tuple(Column(each.key, levels=each.levels, codes=row) for each, row in zip(factors, codes, strict=True))
        elif isinstance(design, OneAtATime):
            columns = _one_at_a_time(factors)
        else:
            unit = _unit(design, resolved.experiment.seed)
            columns = tuple(_scaled(each, unit[:, i]) for i, each in enumerate(factors))
    index = _index(design.count())
    values = pd.DataFrame({column.key: column.shown(index) for column in columns}, index=index)
    names = [column.key for column in columns]
    return Points(values, None if unit is None else pd.DataFrame(unit, index=index, columns=names), columns, resolved.system.name)


def problem(resolved: Resolved) -> dict[str, Any]:
    """SALib's problem definition for `Points.unit`: num_vars, names, bounds, and the group of each factor where there are groups.

    Raises `ValueError` for a design without factors of its own (none, a list, a ramp).
    """
    design = resolved.experiment.design
    if design is None or isinstance(design, (ListDesign, Table, Ramp)):
        raise ValueError("this experiment's design has no sample to analyse")
    names = [each.key for each in design.factors()]
    found: dict[str, Any] = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0] for _ in names]}
    if isinstance(design, Grouped) and design.groups:
        found["groups"] = list(design.group_names())
    return found


def sub_seed(seed: int, batch: int) -> int:
    """The seed of one batch of a design: a hash, so that it is unlike the seeds of runs and of other batches."""
    return int(hashlib.sha256(f"{seed}/design/{batch}".encode()).hexdigest()[:15], 16)


def _index(count: int) -> pd.Index:
    return pd.RangeIndex(count, name="point")


def _with_names(factors: Sequence[Factor], systems: Sequence[str]) -> list[Factor]:
    """The factors, with the names of systems for whatever names them."""
    return [Factor(each.key, tuple(systems)) if each.key == SYSTEM else each for each in factors]


def _listed(design: ListDesign | Table, systems: Sequence[str]) -> tuple[Column, ...]:
    points, names = design.listed(), iter(systems)
    for point in points:
        if SYSTEM in point:
            point[SYSTEM] = next(names)
    columns = []
    for key in (each.key for each in design.factors()):
        levels = {repr(point[key]): point[key] for point in points if key in point}
        place = {text: i for i, text in enumerate(levels)}
        codes = [place[repr(point[key])] if key in point else BLANK for point in points]
        columns.append(Column(key, levels=list(levels.values()), codes=np.array(codes, dtype=np.int32)))
    return tuple(columns)


def _one_at_a_time(factors: Sequence[Factor]) -> tuple[Column, ...]:
    count, first, columns = 1 + sum(len(each.levels) for each in factors), 1, []
    for each in factors:
        codes = np.full(count, BLANK, dtype=np.int32)
        codes[first : first + len(each.levels)] = np.arange(len(each.levels))
        first += len(each.levels)
        columns.append(Column(each.key, levels=each.levels, codes=codes))
    return tuple(columns)


def _ramp(design: Ramp) -> tuple[Column, ...]:
    speeds, settings = design.speeds(), design.settings()
    own = np.arange(len(speeds), dtype=np.int32)
    quarters = Column(QUARTERS, numbers=np.array([each for each, _ in speeds], dtype=np.int64))
    direction = Column(DIRECTION, levels=[way for _, way in speeds], codes=own)
    levers = (Column(key, levels=[setting[key] for setting in settings], codes=own) for key in settings[0])
    return (quarters, direction, *levers)


def _unit(design: DesignBase, seed: int) -> np.ndarray:
    """The sample in the unit cube, a row a point, a column a factor; batches one below the other."""
    from scipy.stats import qmc

    width = len(design.factors())
    seed = seed if getattr(design, "seed", None) is None else design.seed  # type: ignore[attr-defined]
    if isinstance(design, LatinHypercube):
        made = [
            qmc.LatinHypercube(width, seed=np.random.default_rng(sub_seed(seed, i))).random(count)
            for i, count in enumerate(batches(design.points))
        ]
        return np.concatenate(made)
    if isinstance(design, SobolSequence):
        return qmc.Sobol(width, seed=np.random.default_rng(sub_seed(seed, 0))).random(design.points)
    return _salib(design, seed)


def _salib(design: DesignBase, seed: int) -> np.ndarray:
    """A sample of SALib's: Saltelli's scheme, Morris's walks, a fraction of a two-level factorial."""
    names = [each.key for each in design.factors()]
    plain: dict[str, Any] = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    if isinstance(design, FractionalFactorial):
        from SALib.sample import ff

        return ff.sample(plain)[:, : len(design.factors())]  # without the dummy factors that fill the matrix
    if not isinstance(design, (Sobol, Morris)):
        raise TypeError(f"no sampler for {type(design).__name__}")
    if design.groups:
        plain["groups"] = list(design.group_names())
    if isinstance(design, Sobol):
        from SALib.sample import sobol

        return sobol.sample(plain, design.base_points, calc_second_order=design.second_order, seed=sub_seed(seed, 0))
    from SALib.sample import morris

    made = [
        morris.sample(dict(plain), count, num_levels=design.levels, seed=sub_seed(seed, i))
        for i, count in enumerate(batches(design.trajectories))
    ]
    return np.rint(np.concatenate(made) * (design.levels - 1)) / (design.levels - 1)  # on the grid, without rounding errors


def _scaled(each: Factor, unit: np.ndarray) -> Column:
    """From the unit interval to a factor's values; every level, and every whole number, has an equal share of it."""
    if each.levels:
        return Column(each.key, levels=each.levels, codes=_slice(unit, len(each.levels)).astype(np.int32))
    low, high = each.low, each.high
    if each.whole and each.log:
        numbers = np.exp(np.log(low) + unit * (np.log(high + 1) - np.log(low)))
        return Column(each.key, numbers=np.clip(np.floor(_rounded(numbers) + _HAIR), low, high).astype(np.int64))
    if each.whole:
        return Column(each.key, numbers=int(low) + _slice(unit, int(high - low) + 1))
    numbers = np.exp(np.log(low) + unit * (np.log(high) - np.log(low))) if each.log else low + unit * (high - low)
    return Column(each.key, numbers=np.clip(_rounded(numbers), low, high))


def _slice(unit: np.ndarray, count: int) -> np.ndarray:
    """Which of `count` equal slices of the unit interval each number lies in; 1 is in the last."""
    return np.minimum(np.floor(unit * count + _HAIR), count - 1).astype(np.int64)


def _rounded(numbers: np.ndarray) -> np.ndarray:
    """Rounded to 12 significant digits, which hides in what the last bit of a logarithm differs between machines."""
    with np.errstate(divide="ignore"):
        power = np.where(numbers == 0, 0, np.floor(np.log10(np.abs(numbers))))
    scale = _TENS[np.clip(DIGITS - 1 - power, 0, len(_TENS) - 1).astype(np.int64)]
    return np.rint(numbers * scale) / scale


_TENS = np.array([float(f"1e{power}") for power in range(23)])  # exact as floating point numbers
