"""The plan of an experiment: every run, written down before any is run, with an id that is a hash of what determines it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abm.config.resolved import Resolved


@dataclass(frozen=True)
class Run:
    """One run: a scenario with one seed and replicate number. `levers` and `parameters` are what differs from the defaults."""

    id: str
    scenario: str
    replicate: int
    seed: int
    quarters: int
    levers: Mapping[str, Any]
    parameters: Mapping[str, Any]


def plan(resolved: Resolved, world_digest: str) -> tuple[Run, ...]:
    """All runs, scenario by scenario. `world_digest` identifies the world's tables (see `digest`)."""
    experiment = resolved.experiment
    runs = []
    for scenario in resolved.scenarios:
        levers, parameters = scenario.settings("levers"), scenario.settings("parameters")
        seed = experiment.seed if experiment.paired else independent_seed(experiment.seed, scenario.name)
        for replicate in range(experiment.replicates):
            what = [world_digest, levers, parameters, seed, replicate, experiment.quarters]
            runs.append(Run(digest(what)[:16], scenario.name, replicate, seed, experiment.quarters, levers, parameters))
    return tuple(runs)


def independent_seed(seed: int, scenario: str) -> int:
    """A root seed of the scenario's own, for scenarios that are not to share their luck."""
    return int(digest([seed, scenario])[:15], 16)


def digest(what: Any) -> str:
    """SHA-256 of plain data, independent of the order of its keys."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()
