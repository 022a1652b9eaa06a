"""What a results folder says about itself: versions, machine, commit, seed, times, and where each value came from."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from typing import Any

import pandas as pd

from abm.config.find import repository
from abm.config.resolved import DECLARED, Resolved
from abm.experiment.plan import digest
from abm.model.network import COLUMNS, World

PACKAGES = ("ics-abm", "mesa", "numpy", "numba", "llvmlite", "pandas", "pyarrow", "pydantic", "networkx")


def versions() -> dict[str, str]:
    """Version of Python and of each package that results depend on; '' when a package has none."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


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
    return digest([world.first_year, sorted(world.draw_names.items()), cells])


def set_by(resolved: Resolved) -> dict[str, dict[str, str]]:
    """For each scenario, the file and line that set each value that differs from the declared defaults."""
    root = f"{repository()}{os.sep}"
    return {
        scenario.name: {
            f"{section}.{name}": f"{given.layer}: {given.place.short().removeprefix(root)}"
            for section in DECLARED
            for name, given in scenario.changed(section).items()
        }
        for scenario in resolved.scenarios
    }


def manifest(resolved: Resolved, world: World, runs: pd.DataFrame, started: datetime, finished: datetime) -> Mapping[str, Any]:
    """The manifest without the files' checksums, which are added when all files are written."""
    experiment = resolved.experiment
    return {
        "experiment": experiment.name,
        "title": experiment.title,
        "question": experiment.question,
        "world": {
            "name": world.name,
            "first_year": world.first_year,
            "sha256": world_digest(world),
            "organisations": len(world.organisations()),
        },
        "scenarios": [{"name": s.name, "title": s.title, "description": s.description} for s in resolved.scenarios],
        "baseline": resolved.baseline,
        "seed": experiment.seed,
        "paired": experiment.paired,
        "replicates": experiment.replicates,
        "quarters": experiment.quarters,
        "runs": len(runs),
        "failed": int((runs["status"] == "failed").sum()) if len(runs) else 0,
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": round((finished - started).total_seconds(), 3),
        "code": commit(),
        "versions": versions(),
        "machine": {"platform": platform.platform(), "machine": platform.machine(), "cores": os.cpu_count()},
        "set_by": set_by(resolved),
    }
