"""How far a sweep is, read beside the process that runs it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from abm.config.errors import shown
from abm.experiment.estimate import duration, size
from abm.experiment.folder import JOURNAL, planned_runs, read_manifest
from abm.experiment.journal import FAILED, Journal
from abm.experiment.store import STATE, ResultsError
from abm.experiment.sweep import is_locked

SHOWN = 5  # failed runs that are named


@dataclass(frozen=True)
class Status:
    """Counts of runs, the first failures (run, error), whether a process is at work on the folder, and its size in bytes."""

    folder: Path
    title: str
    planned: int
    done: int
    failed: int
    failures: tuple[tuple[str, str], ...]
    at_work: bool
    finished: bool
    pace: float  # seconds a run, of those that are done
    bytes: int

    def lines(self) -> list[str]:
        """In words."""
        total = self.planned + self.done + self.failed
        state = "finished" if self.finished else "running" if self.at_work else f"stopped: abm resume {shown(self.folder)} goes on"
        lines = [
            f"{shown(self.folder)}: {self.title}",
            f"{self.done} of {total} runs done, {self.failed} failed, {self.planned} to do; {state}",
        ]
        if self.planned and self.pace:
            lines.append(f"{1000 * self.pace:.0f} ms a run so far: {duration(self.planned * self.pace)} of work left for one process")
        lines.append(f"{size(self.bytes)} on disk")
        lines += [f"failed: {run}: {error}" for run, error in self.failures]
        if self.failed > len(self.failures):
            lines.append(f"and {self.failed - len(self.failures)} more: runs.csv and errors/ have them all")
        if self.failed:
            lines.append(f"abm resume {shown(self.folder)} --failed runs them again")
        return lines


def status_of(folder: Path) -> Status:
    """The status of a results folder. Raises `ResultsError` for one that cannot be read."""
    facts = read_manifest(folder)
    runs = planned_runs(folder)
    open_still = (folder / STATE / JOURNAL).exists()
    if open_still:
        try:
            with Journal(folder / STATE / JOURNAL) as journal:
                went = journal.frame()
                if len(went) != len(runs):
                    raise ResultsError(f"{shown(folder)} was stopped while it was being extended: abm resume {shown(folder)} goes on")
        except (sqlite3.DatabaseError, pd.errors.DatabaseError) as error:
            raise ResultsError(f"the journal of {shown(folder)} cannot be read: {error}") from None
        runs = runs.assign(status=went["status"].to_numpy(), seconds=went["seconds"].to_numpy(), error=went["error"].to_numpy())
    failed = runs[runs["status"] == FAILED]
    names = (failed["scenario"] + "-" + failed["point"].astype(str) + "-" + failed["replicate"].astype(str)).head(SHOWN)
    done = runs[runs["status"] == "done"]
    return Status(
        folder=folder,
        title=facts.get("title") or facts["experiment"],
        planned=int((runs["status"] == "planned").sum()),
        done=len(done),
        failed=len(failed),
        failures=tuple(zip(names.tolist(), failed["error"].head(SHOWN).tolist(), strict=True)),
        at_work=open_still and is_locked(folder),
        finished=not open_still,
        pace=float(done["seconds"].mean()) if len(done) else 0.0,
        bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
    )
