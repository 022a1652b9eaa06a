"""What a results folder says about itself: versions, machine, commit, seed, times, and where each value came from."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from typing import Any

from abm.config.find import repository
from abm.config.precedence import DECLARED
from abm.config.resolved import Resolved, ResolvedScenario
from abm.experiment.plan import Plan, digest
from abm.experiment.source import source_digest
from abm.model.network import COLUMNS, World

PACKAGE, DISTRIBUTION = "abm", "ics-abm"
PACKAGES = (DISTRIBUTION, "mesa", "numpy", "numba", "llvmlite", "pandas", "pyarrow", "scipy", "SALib", "pydantic", "networkx")


def versions() -> dict[str, str]:
    """Version of Python and of each package that results depend on; '' when a package has none."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def software() -> dict[str, str]:
    """Name, version, licence (SPDX) and home page of this package; '' for what it does not say of itself."""
    try:
        told = metadata.metadata(DISTRIBUTION)
    except metadata.PackageNotFoundError:  # run from a source tree that is not installed
        return {"name": PACKAGE, "version": "", "license": "", "url": ""}
    pages = [page.partition(",")[2].strip() for page in told.get_all("Project-URL") or []]
    licence = "".join(told.get_all("License-Expression") or [])
    return {"name": PACKAGE, "version": told["Version"], "license": licence, "url": next(iter(pages), "")}


def commit() -> dict[str, Any]:
    """The git commit of the code and whether files differ from it; both None where that cannot be known."""
    root = repository()
    if not (root / ".git").exists():
        return {"commit": None, "dirty": None}
    head = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": head or None, "dirty": None if changes is None else bool(changes)}


def _git(*words: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(repository()), *words], capture_output=True, text=True, timeout=20, check=True, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def world_digest(world: World) -> str:
    """A hash of the world's tables, cell by cell."""
    tables = {name: getattr(world, name)[list(columns)] for name, columns in COLUMNS.items()}
    cells = {name: table.to_csv(index=False, float_format="%.17g") for name, table in tables.items()}
    told: list[Any] = [world.first_year, sorted(world.draw_names.items()), cells]
    if world.redrawn is not None:
        told += [world.redrawn.quarter, world_digest(world.redrawn.world)]
    return digest(told)


def set_by(resolved: Resolved) -> dict[str, dict[str, str]]:
    """For each scenario (on each system, where the design varies it), who set each value that differs from the declared defaults.

    A text such as 'scenario: configs/scenarios/ring_fencing.yaml:8'. What the design sets is in points.csv.
    """
    several = len(resolved.worlds) > 1
    return {
        f"{scenario.name} on {system}" if several else scenario.name: _set_by(scenario)
        for system, world in resolved.worlds.items()
        for scenario in world.scenarios
    }


def _set_by(scenario: ResolvedScenario) -> dict[str, str]:
    root = f"{repository()}{os.sep}"
    return {
        f"{section}.{name}": f"{given.layer}: {given.place.short().removeprefix(root)}"
        for section in DECLARED
        for name, given in scenario.changed(section).items()
    }


def manifest(resolved: Resolved, worlds: Mapping[str, World], plan: Plan, command: str, started: datetime) -> dict[str, Any]:
    """The manifest of a sweep that begins: what is known when it ends (finished, failed, tables, files ...) is still blank."""
    experiment = resolved.experiment
    told = {name: _world(world) for name, world in worlds.items()}
    return {
        "experiment": experiment.name,
        "title": experiment.title,
        "question": experiment.question,
        **({"worlds": told} if len(told) > 1 else {"world": next(iter(told.values()))}),
        "scenarios": [{"name": s.name, "title": s.title, "description": s.description, **s.sight} for s in resolved.scenarios],
        "baseline": resolved.baseline,
        "seed": experiment.seed,
        "paired": experiment.paired,
        "replicates": experiment.replicates,
        "points": len(plan.points.values),
        "quarters": experiment.quarters,
        "runs": len(plan),
        "failed": 0,
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "finished": None,
        "seconds": 0.0,
        "software": software(),
        "code": commit(),
        "model_sha256": source_digest(),
        "versions": versions(),
        "machine": {"platform": platform.platform(), "machine": platform.machine(), "cores": os.cpu_count()},
        "set_by": set_by(resolved),
        "tables": {},
        "files": {},
    }


def _world(world: World) -> dict[str, Any]:
    return {
        "name": world.name,
        "first_year": world.first_year,
        "sha256": world_digest(world),
        "organisations": len(world.organisations()),
    }
