"""From a resolved config to a results folder: plan, run, measure effects, write. The one entry point of this layer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from abm.config.resolved import Resolved
from abm.experiment.effects import effects
from abm.experiment.manifest import manifest, world_digest
from abm.experiment.plan import plan
from abm.experiment.run import Collected, ModelFactory, Report, run_all
from abm.experiment.store import checksums, new_folder, write_parquet, yaml_text
from abm.model.network import World

Draw = Callable[[pd.DataFrame, pd.DataFrame, dict[str, Any], Path], None]


@dataclass(frozen=True)
class Results:
    """A finished results folder and the frames that were written into it."""

    folder: Path
    outcomes: pd.DataFrame
    effects: pd.DataFrame
    runs: pd.DataFrame
    manifest: dict[str, Any]
    figure_error: str


def run_experiment(
    resolved: Resolved,
    world: World,
    dictionary: pd.DataFrame,
    make: ModelFactory,
    folder: Path,
    report: Report = lambda done: None,
    draw: Draw | None = None,
) -> Results:
    """Run `resolved` on `world` and write `folder`; `dictionary` is the outcomes' names, units and meanings.

    `make` builds a model (`abm.ICSModel`), `draw` draws the figure. Raises `ResultsError` when the folder exists or
    cannot be written; a failed run or figure does not raise but is told in `Results`.
    """
    with new_folder(folder) as draft:
        started = datetime.now(UTC)
        collected = run_all(plan(resolved, world_digest(world)), world, resolved.experiment, make, report)
        return _write(draft, folder, resolved, world, dictionary, collected, started, draw)


def _write(
    draft: Path,
    folder: Path,
    resolved: Resolved,
    world: World,
    dictionary: pd.DataFrame,
    collected: Collected,
    started: datetime,
    draw: Draw | None,
) -> Results:
    experiment = resolved.experiment
    (draft / "config.yaml").write_text(yaml_text(resolved.config()), "utf-8")
    if resolved.tables is not None:
        shutil.copytree(resolved.tables, draft / "tables")
    for name in ["outcomes", *(f"outcomes_by_{grouping}" for grouping in experiment.by), "survey", *experiment.keep]:
        write_parquet(collected.table(name), draft / f"{name}.parquet")
    outcomes, runs = collected.table("outcomes"), collected.runs()
    units = dictionary.set_index("name")["unit"]
    names = [scenario.name for scenario in resolved.scenarios]
    changes = effects(outcomes, resolved.baseline, names, units, experiment.paired)
    changes.to_csv(draft / "effects.csv", index=False)
    stored = [name for name in dictionary["name"] if name in outcomes.columns]
    dictionary[dictionary["name"].isin(stored)].to_csv(draft / "dictionary.csv", index=False)
    runs.to_csv(draft / "runs.csv", index=False)
    for run_id, text in collected.tracebacks.items():
        (draft / "errors").mkdir(exist_ok=True)
        (draft / "errors" / f"{run_id}.txt").write_text(text, "utf-8")
    facts = dict(manifest(resolved, world, runs, started, datetime.now(UTC)))
    facts["files"] = checksums(draft)  # before the figure, which carries the config's
    figure_error = _figure(draw, outcomes, changes, facts, draft / f"{experiment.figure}.png")
    facts["files"] = checksums(draft)
    (draft / "manifest.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return Results(folder, outcomes, changes, runs, facts, figure_error)


def _figure(draw: Draw | None, outcomes: pd.DataFrame, changes: pd.DataFrame, facts: dict[str, Any], path: Path) -> str:
    """Draw the figure; a failure is returned as text, since the numbers are worth keeping without it."""
    if draw is None or outcomes.empty:
        return ""
    try:
        draw(outcomes, changes, dict(facts), path)
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    return ""
