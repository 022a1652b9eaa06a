"""Running a plan in this process: a model per run, its outcomes as tidy frames, a failed run as a row with its error."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from abm.config.schema import Experiment
from abm.experiment.plan import Run
from abm.model.network import World

GROUPINGS = ("kind", "region", "system")
KEYS = ("scenario", "replicate", "quarter", "year", *GROUPINGS)
ModelFactory = Callable[..., Any]
Report = Callable[[int], None]  # told the number of runs done


@dataclass
class Collected:
    """What the runs of a plan gave: tidy frames by name, a row a run, and the tracebacks of failed runs by id."""

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    tracebacks: dict[str, str] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """All rows of one frame; empty, with only its key columns, when no run gave any."""
        parts = self.frames.get(name, [])
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(KEYS[:4]))

    def runs(self) -> pd.DataFrame:
        """A row a run: id, scenario, replicate, seed, quarters, status, seconds, error."""
        return pd.DataFrame(self.rows)

    @property
    def failed(self) -> int:
        """How many runs failed."""
        return len(self.tracebacks)


def run_all(plan: Sequence[Run], world: World, experiment: Experiment, make: ModelFactory, report: Report) -> Collected:
    """Run every run of the plan, in order. An exception in a run becomes its row's error and the rest go on."""
    collected = Collected()
    for done, run in enumerate(plan, start=1):
        start = time.perf_counter()
        error = ""
        try:
            frames = run_one(run, world, experiment, make)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}".splitlines()[0]
            collected.tracebacks[run.id] = traceback.format_exc()
        else:
            for name, frame in frames.items():
                collected.frames.setdefault(name, []).append(frame)
        collected.rows.append(_row(run, time.perf_counter() - start, error))
        report(done)
    return collected


def warm_up(world: World, make: ModelFactory) -> None:
    """Run one quarter, so that compiling the model is not taken for the pace of the runs."""
    make(world, levers={}, parameters={}, seed=0, replicate=0, keep=()).run(1)


def run_one(run: Run, world: World, experiment: Experiment, make: ModelFactory) -> dict[str, pd.DataFrame]:
    """The frames of one run: outcomes, outcomes_by_*, survey and the logs that are kept."""
    model = make(
        world, levers=dict(run.levers), parameters=dict(run.parameters), seed=run.seed, replicate=run.replicate, keep=experiment.keep
    )
    model.run(run.quarters)
    frames = {"outcomes": _wanted(model.outcomes(), experiment.outcomes)}
    for grouping in experiment.by:
        frames[f"outcomes_by_{grouping}"] = _wanted(model.outcomes(by=grouping), experiment.outcomes)
    frames["survey"] = model.survey()
    for log in experiment.keep:
        frames[log] = getattr(model, log)()
    return {name: labelled(frame, run) for name, frame in frames.items()}


def _wanted(frame: pd.DataFrame, outcomes: str | Iterable[str]) -> pd.DataFrame:
    if isinstance(outcomes, str):
        return frame
    wanted = set(outcomes) | set(KEYS)
    return frame[[column for column in frame.columns if column in wanted]]


def labelled(frame: pd.DataFrame, run: Run) -> pd.DataFrame:
    """The frame with its run's scenario and replicate in front."""
    labels = pd.DataFrame({"scenario": run.scenario, "replicate": run.replicate}, index=frame.index)
    return pd.concat([labels, frame], axis=1)


def _row(run: Run, seconds: float, error: str) -> dict[str, Any]:
    status = "failed" if error else "done"
    return {
        "id": run.id,
        "scenario": run.scenario,
        "replicate": run.replicate,
        "seed": run.seed,
        "quarters": run.quarters,
        "status": status,
        "seconds": round(seconds, 4),
        "error": error,
    }
