"""The end of a sweep: shards become one file a table, then what is reckoned from them, then the manifest; the state goes last.

Every step can be done again, so a kill in the middle costs only the repeat of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from abm.experiment.content import content_digest
from abm.experiment.crate import write_crate
from abm.experiment.dictionary import dictionary
from abm.experiment.effects import effects
from abm.experiment.folder import Sweep, csv_text, json_text
from abm.experiment.journal import FAILED
from abm.experiment.merge import merge
from abm.experiment.runs import KEY
from abm.experiment.store import STATE, checksums, publish, write_file
from abm.experiment.summary import last_year_means, summary
from abm.experiment.work import encoded

MERGED = "merged"  # journal note: rows of each table, once all are merged
Draw = Callable[[Path, dict[str, Any], Path], None]  # folder, manifest, figure file


@dataclass(frozen=True)
class Results:
    """A finished results folder: its manifest, effects, runs, and each run's last-year means (index scenario, point, replicate)."""

    folder: Path
    manifest: dict[str, Any]
    effects: pd.DataFrame
    runs: pd.DataFrame
    means: pd.DataFrame
    figure_error: str

    def __repr__(self) -> str:
        facts = self.manifest
        points = f", {facts['points']} points" if facts["points"] > 1 else ""
        failed = f", {facts['failed']} failed" if facts["failed"] else ""
        return f"Results({self.folder}: {facts['runs']} runs of {facts['quarters']} quarters{points}{failed})"


def finish(sweep: Sweep, units: pd.Series, draw: Draw | None, seconds: float, executor: dict[str, Any]) -> Results:
    """Turn a sweep whose runs are all settled into a finished folder. `units` is the unit by outcome name.

    `seconds` is the time that running took in this process, `executor` what ran it (both for the manifest).
    """
    folder, resolved = sweep.folder, sweep.resolved
    _merge(sweep)
    runs = runs_so_far(sweep)
    write_file(folder / "runs.csv", csv_text(runs))
    means = last_year_means(folder / "outcomes.parquet")
    write_file(folder / "summary.csv", csv_text(summary(means, sweep.plan.points.values, units)))
    names = [scenario.name for scenario in resolved.scenarios]
    changes = effects(means, resolved.baseline, names, units, resolved.experiment.paired)
    if len(names) > 1:
        write_file(folder / "effects.csv", csv_text(changes))
    facts = _facts(sweep, runs, seconds, executor)
    figure_error = _figure(draw, folder, facts, resolved.experiment.figure)
    write_file(folder / "dictionary.csv", csv_text(dictionary(folder)))
    facts["files"] = {name: digest for name, digest in checksums(folder).items() if name not in ("manifest.json", "ro-crate-metadata.json")}
    write_file(folder / "manifest.json", json_text(facts))
    write_crate(folder, facts)
    return Results(folder, facts, changes, runs, means, figure_error)


def close(sweep: Sweep) -> None:
    """Remove the state of a finished sweep: from here on the folder is what counts."""
    sweep.journal.close()
    shutil.rmtree(sweep.folder / STATE / "shards", ignore_errors=True)
    (sweep.folder / STATE / "journal.sqlite").unlink()  # `locked` removes the rest


def _merge(sweep: Sweep) -> None:
    folder, journal = sweep.folder, sweep.journal
    merged = folder / STATE / "merged"
    if not journal.note(MERGED):
        shutil.rmtree(merged, ignore_errors=True)
        merged.mkdir(parents=True)
        shards, held, rows = journal.shards(), journal.held(), {}
        for table in sweep.study.wanted.tables:
            target = merged / f"{table}.parquet"
            rows[table] = merge(folder, table, shards, held, target)
            if not rows[table]:
                target.write_bytes(encoded(_nothing()))
        journal.note(MERGED, json.dumps(rows))
    for path in sorted(merged.glob("*.parquet")):
        publish(path, folder / path.name)
        shutil.rmtree(folder / STATE / "shards" / path.stem, ignore_errors=True)  # so that nobody reads its rows twice


def _nothing() -> pa.Table:
    """A table without rows, for when no run gave any."""
    kinds = {"scenario": pa.string(), "point": pa.int32(), "replicate": pa.int32(), "quarter": pa.int64(), "year": pa.string()}
    return pa.table({name: pa.array([], kind) for name, kind in kinds.items()})


def runs_so_far(sweep: Sweep) -> pd.DataFrame:
    """runs.csv: the plan, and how each run went. Error texts of runs that have succeeded since are removed."""
    went = sweep.journal.frame()
    runs = sweep.plan.frame.assign(status=went["status"], seconds=went["seconds"].round(4), error=went["error"])
    errors = sweep.folder / "errors"
    if errors.is_dir():
        failed = {"-".join(map(str, key)) for key in runs.loc[runs["status"] == FAILED, list(KEY)].itertuples(index=False, name=None)}
        for path in errors.glob("*.txt"):
            if path.stem not in failed:
                path.unlink()
        if not any(errors.iterdir()):
            errors.rmdir()
    return runs


def _facts(sweep: Sweep, runs: pd.DataFrame, seconds: float, executor: dict[str, Any]) -> dict[str, Any]:
    facts = dict(sweep.facts)
    model = float(runs["seconds"].sum())
    tables = {}
    for table, rows in json.loads(sweep.journal.note(MERGED)).items():
        found = content_digest([sweep.folder / f"{table}.parquet"])
        tables[table] = {"rows": rows, "sha256": found}
    facts |= {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "failed": int((runs["status"] == FAILED).sum()),
        "seconds": round(seconds + float(sweep.journal.note("seconds") or 0), 3),
        "model_seconds": round(model, 3),
        "executor": executor,
        "tables": tables,
    }
    return facts


def _figure(draw: Draw | None, folder: Path, facts: dict[str, Any], name: str | None) -> str:
    """Draw the figure; a failure is returned as text, since the numbers are worth keeping without it."""
    if draw is None or name is None:
        return ""
    try:
        draw(folder, facts, folder / f"{name}.png")
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    return ""
