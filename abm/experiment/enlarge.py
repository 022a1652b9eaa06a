"""A larger version of an experiment that has been run: more replicates, more design points, or another config that contains it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from abm.config.design.base import batches
from abm.config.errors import shown
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.config.standalone import inline_systems
from abm.experiment.design import Points, design_points
from abm.experiment.store import ResultsError

COUNTS = {"latin_hypercube": "points", "sobol_sequence": "points", "sobol": "base_points", "morris": "trajectories"}
NESTED = ("sobol_sequence", "sobol")  # twice as many points begin with the same ones; the others grow by a batch
GROWS = ("replicates", "design", "scenarios")  # what another config may have more of


def enlarged(folder: Path, replicates: int | None, points: int | None, config: str | None) -> Resolved:
    """The experiment of a results folder, enlarged. Raises `ResultsError` where earlier runs would be left out or change."""
    path = str(folder / "config.yaml")
    old = load(path)
    if config is None and replicates is None and points is None:
        raise ResultsError("nothing to extend by: give --replicates, --points or --config")
    overrides = []
    if replicates is not None:
        if replicates <= old.experiment.replicates and config is None:
            raise ResultsError(f"there are {old.experiment.replicates} replicates already: --replicates must be more")
        overrides.append(f"replicates={replicates}")
    if points is not None:
        overrides.append(_more_points(old, points))
    new = load(config or path, overrides)
    _check_same(old, new, folder)
    return _old_points_first(old, new, config or path, overrides)


def _more_points(old: Resolved, points: int) -> str:
    """`design.points=...`, by the way in which the design grows."""
    design = old.experiment.design
    if design is None or design.kind not in COUNTS:
        words = "has no design" if design is None else f"has a design of kind {design.kind}, whose points are counted by its levels"
        raise ResultsError(f"--points: the experiment {words}; give --config with the larger one")
    name = COUNTS[design.kind]
    before = getattr(design, name)
    total = sum(batches(before))
    if points <= total:
        raise ResultsError(f"there are {total} {name.replace('_', ' ')} already: --points must be more")
    grown: Any = points if design.kind in NESTED else [*batches(before), points - total]
    return f"design.{name}={json.dumps(grown)}"


def _check_same(old: Resolved, new: Resolved, folder: Path) -> None:
    """Refuse a config that asks another question: everything but what `GROWS` must be the same."""
    before, after = flat(old.config()), flat(new.config())
    for key in dict.fromkeys([*before, *after]):
        if key.split(".")[0].split("[")[0] in GROWS or key in ("name", "title", "question"):
            continue
        if before.get(key) != after.get(key):
            raise ResultsError(f"{key} is {after.get(key)!r}, and was {before.get(key)!r} in {shown(folder)}: that would be another sweep")


def flat(data: Any, at: str = "") -> dict[str, Any]:
    """Nested plain data as {dotted key: value}."""
    if isinstance(data, Mapping):
        return {key: value for name, inner in data.items() for key, value in flat(inner, f"{at}.{name}" if at else str(name)).items()}
    if isinstance(data, list) and data and isinstance(data[0], (Mapping, list)):
        return {key: value for i, inner in enumerate(data) for key, value in flat(inner, f"{at}[{i}]").items()}
    return {at: data}


def _old_points_first(old: Resolved, new: Resolved, config: str, overrides: list[str]) -> Resolved:
    """The new experiment with the old design points in front: as they are, or as a list where the levels have changed."""
    before, after = design_points(old), design_points(new)
    if _rows(before.values) == _rows(after.values)[: len(before)] and list(before.values) == list(after.values):
        return new
    kinds = {design.kind for design in (old.experiment.design, new.experiment.design) if design is not None}
    if not kinds or kinds - {"list", "factorial", "grid", "one_at_a_time"}:
        raise ResultsError("the earlier design points are not the first of the new ones")
    points = _all_points(before, after, {**inline_systems(old), **inline_systems(new)})
    return load(config, [*overrides, f"design={json.dumps({'kind': 'list', 'points': points})}"])


def _rows(values: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in values.astype(object).where(values.notna(), None).itertuples(index=False, name=None)]


def _all_points(before: Points, after: Points, systems: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The old points, then those that are new, as a design of kind `list` has them; systems are written out where first named."""
    old, new = ([points.listed(i) for i in range(len(points))] for points in (before, after))
    have = {json.dumps(point, sort_keys=True) for point in old}
    every = [*old, *(point for point in new if json.dumps(point, sort_keys=True) not in have)]
    named: set[str] = set()
    for point in every:
        name = point.get("system")
        if name is not None and name not in named:
            named.add(name)
            point["system"] = systems[name]
    return every
