"""The plan of an experiment: every run, written down before any is run, with an id that is a hash of what determines it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.config.precedence import DECLARED
from abm.config.resolved import Resolved, ResolvedScenario
from abm.experiment.design import Points, design_points
from abm.experiment.runs import KEY, Run


@dataclass(frozen=True)
class Plan:
    """All runs of an experiment in their order: scenario by scenario, point by point, replicate by replicate.

    `frame` has a row a run: id, scenario, point, replicate, system, seed, quarters. Settings are worked out when asked
    for, so that a plan of a million runs stays small.
    """

    resolved: Resolved
    points: Points
    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def runs(self, numbers: Iterable[int]) -> list[Run]:
        """The runs with these numbers."""
        chosen = np.fromiter(numbers, dtype=np.int64)
        rows = self.frame.iloc[chosen].itertuples(index=False, name=None)
        runs = []
        settings: dict[tuple[str, int], tuple[dict[str, Any], dict[str, Any]]] = {}
        for number, (code, scenario, point, replicate, system, seed, quarters) in zip(chosen.tolist(), rows, strict=True):
            if (scenario, point) not in settings:
                settings[scenario, point] = _settings(self.resolved, self.points, scenario, point)
            given, sight = settings[scenario, point], self.resolved.sight(scenario)
            runs.append(Run(number, code, scenario, point, replicate, system, seed, quarters, *given, sight))
        return runs


def plan(resolved: Resolved, digests: Mapping[str, str], points: Points | None = None) -> Plan:
    """Every scenario at every design point, replicated. `digests` identifies each system's world (see `world_digest`).

    `points` are those of the experiment's design unless they are given.
    """
    points = design_points(resolved) if points is None else points
    experiment = resolved.experiment
    columns: dict[str, list[Any]] = {name: [] for name in ("id", *KEY, "system", "seed")}
    for scenario in resolved.scenarios:
        for point in range(len(points.values)):
            system = points.settings(point).system
            levers, parameters = _settings(resolved, points, scenario.name, point)
            seed = experiment.seed if experiment.paired else independent_seed(experiment.seed, scenario.name, point)
            sight = [scenario.sight] if scenario.sight else []  # a run whose decisions see everything keeps the id that it always had
            start = hashlib.sha256(_plain([digests[system], levers, parameters, *sight]).encode())
            for replicate in range(experiment.replicates):
                rest = start.copy()
                rest.update(_plain([seed, replicate, experiment.quarters]).encode())
                for column, value in zip(
                    columns.values(), (rest.hexdigest()[:16], scenario.name, point, replicate, system, seed), strict=True
                ):
                    column.append(value)
    return Plan(resolved, points, pd.DataFrame(columns).assign(quarters=experiment.quarters))


def _settings(resolved: Resolved, points: Points, scenario: str, point: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Levers and parameters of a scenario at a design point, where they differ from the declared defaults."""
    here = points.settings(point)
    stacked: ResolvedScenario = next(each for each in resolved.worlds[here.system].scenarios if each.name == scenario)
    found = []
    for section, own in (("levers", here.levers), ("parameters", here.parameters)):
        values = {**stacked.settings(section), **own}
        rows = DECLARED[section]
        found.append({name: values[name] for name in rows if name in values and values[name] != rows[name].default})
    return found[0], found[1]


def independent_seed(seed: int, scenario: str, point: int) -> int:
    """A root seed of their own, for scenarios and points that are not to share their luck."""
    return int(digest([seed, scenario, point])[:15], 16)


def digest(what: Any) -> str:
    """SHA-256 of plain data, independent of the order of its keys."""
    return hashlib.sha256(_plain(what).encode()).hexdigest()


def _plain(what: Any) -> str:
    try:
        return json.dumps(what, sort_keys=True, separators=(",", ":"), default=str)
    except TypeError:  # a schedule whose keys are quarter numbers and dates, which have no order of their own
        return json.dumps(_text_keys(what), sort_keys=True, separators=(",", ":"), default=str)


def _text_keys(what: Any) -> Any:
    if isinstance(what, Mapping):
        return {str(key): _text_keys(value) for key, value in what.items()}
    return [_text_keys(each) for each in what] if isinstance(what, (list, tuple)) else what
