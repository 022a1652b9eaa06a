"""Runs that a calibration asks for: each a config of its own with its points as a table, kept, and not run twice.

What has been run is found again by its config, so that a calibration that was stopped goes on when it is started again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm.analysis.calibration.prior import Prior
from abm.config.errors import shown
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.experiment.conduct import How, resume, sweep
from abm.experiment.folder import csv_text, read_manifest
from abm.experiment.store import ResultsError, write_file, yaml_text

ASKED = "asked"  # folder of the generated configs


@dataclass
class Sweeps:
    """Runs points of the unit cube into folders below `folder`. `runs` counts them."""

    resolved: Resolved
    prior: Prior
    folder: Path
    how: How
    runs: int = 0

    def run(self, name: str, unit: np.ndarray, replicates: int, scenarios: int = 1, independent: bool = False) -> Path:
        """The results folder of the points, each run `replicates` times in the first `scenarios` scenarios.

        `independent`: every point has luck of its own; else replicate r is the same everywhere.
        """
        config, asked, folder = self._config(name, replicates, scenarios, independent), self.folder / ASKED, self.folder / name
        asked.mkdir(parents=True, exist_ok=True)
        table = self.prior.values(unit)
        table.insert(0, "member", range(len(table)))
        write_file(asked / f"{name}.csv", csv_text(table))
        write_file(asked / f"{name}.yaml", yaml_text(config))
        resolved = load(str(asked / f"{name}.yaml"))
        if not folder.exists():
            sweep(resolved, folder, how=self.how)
        elif (folder / "config.yaml").read_text("utf-8") != yaml_text(resolved.config()):
            raise ResultsError(f"{shown(folder)} holds another calibration's runs: give another folder, or move it away first")
        elif not read_manifest(folder).get("finished"):
            resume(folder, how=self.how)
        facts = read_manifest(folder)
        if facts["failed"]:
            raise ResultsError(f"{facts['failed']} runs of {shown(folder)} failed: abm status {shown(folder)}")
        self.runs += facts["runs"]
        return folder

    def _config(self, name: str, replicates: int, scenarios: int, independent: bool) -> dict[str, Any]:
        config = self.resolved.config()
        own = config["scenarios"][:scenarios]
        head = {
            "name": f"{config['name']}_{name}"[:80],
            "title": f"{config['title']}: {name}",
            "scenarios": own,
            "baseline": own[0]["name"],
        }
        seed = config["seed"] + sum((i + 1) * ord(letter) for i, letter in enumerate(name))  # another luck in every step
        design = {"kind": "table", "file": f"{name}.csv"}
        return {**config, **head, "design": design, "replicates": replicates, "paired": not independent, "seed": seed, "figure": None}


def names(prefix: str, count: int) -> Sequence[str]:
    """Names of steps: 'generation-01' and so on."""
    return [f"{prefix}-{i:02d}" for i in range(1, count + 1)]
