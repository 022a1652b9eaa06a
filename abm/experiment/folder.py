"""A results folder and what is needed to work on it: made with its plan before any run, opened again to resume, reopened to extend."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from abm.config.errors import ConfigError, shown
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.config.worlds import build_worlds
from abm.experiment.journal import DONE, FAILED, Journal, Shard, ShardFile
from abm.experiment.manifest import manifest, world_digest
from abm.experiment.plan import Plan, plan
from abm.experiment.runs import KEY
from abm.experiment.source import source_digest
from abm.experiment.store import DAMAGED, STATE, ResultsError, checksum, new_folder, write_file, yaml_text
from abm.experiment.work import ModelFactory, RunRow, Study, Wanted
from abm.model.network import World

JOURNAL = "journal.sqlite"
NEEDED = ("experiment", "scenarios", "runs", "failed", "quarters", "points", "tables", "files", "versions", "code")  # of a manifest
NEW_FILES = "new files"  # journal note: files to be written before anything else, as {name: text}


@dataclass(frozen=True)
class Sweep:
    """An experiment at work in `folder`. `facts` is its manifest so far."""

    folder: Path
    resolved: Resolved
    plan: Plan
    study: Study
    journal: Journal
    facts: dict[str, Any]


def study_of(resolved: Resolved, worlds: Mapping[str, World], the_plan: Plan, make: ModelFactory) -> Study:
    """What the workers need for the resolved experiment."""
    experiment = resolved.experiment
    wanted = Wanted(experiment.outcomes, experiment.by, experiment.keep, experiment.survey, experiment.every)
    return Study(dict(worlds), make, wanted, the_plan.points.values, source_digest())


def begin(folder: Path, resolved: Resolved, worlds: Mapping[str, World], command: str) -> None:
    """Make `folder` with the config, the points and the plan; nothing is run. Raises `ResultsError` when it exists."""
    the_plan = plan(resolved, {name: world_digest(world) for name, world in worlds.items()})
    with new_folder(folder) as draft:
        for name, text in texts(the_plan).items():
            (draft / name).write_text(text, "utf-8")
        for name, tables in resolved.table_folders().items():
            shutil.copytree(tables, draft / name, dirs_exist_ok=True)
        facts = dict(manifest(resolved, worlds, the_plan, command, datetime.now(UTC)))
        (draft / "manifest.json").write_text(json_text(facts), "utf-8")
        (draft / STATE).mkdir()
        Journal.create(draft / STATE / JOURNAL, len(the_plan)).close()


def json_text(facts: Mapping[str, Any]) -> str:
    """A manifest as text."""
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def texts(the_plan: Plan) -> dict[str, str]:
    """config.yaml, points.csv, runs.csv and, where the design has one, points_unit.csv."""
    files = {"config.yaml": yaml_text(the_plan.resolved.config()), "points.csv": csv_text(the_plan.points.values.reset_index())}
    if the_plan.points.unit is not None:
        files["points_unit.csv"] = csv_text(the_plan.points.unit.reset_index())
    blank = {"status": "planned", "seconds": 0.0, "error": ""}
    files["runs.csv"] = csv_text(the_plan.frame.assign(**blank))
    return files


def csv_text(frame: pd.DataFrame) -> str:
    """A frame as CSV text without its index; floats in full."""
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The folder's manifest. Raises `ResultsError` for a folder that is not one of ours."""
    path = folder / "manifest.json"
    if not folder.is_dir():
        raise ResultsError(f"no folder {shown(folder)}")
    try:
        facts = json.loads(path.read_text("utf-8"))
        missing = [name for name in NEEDED if name not in facts]
    except FileNotFoundError:
        raise ResultsError(f"{shown(folder)} is not a results folder: it has no manifest.json") from None
    except (OSError, ValueError, TypeError) as error:
        raise ResultsError(f"{shown(path)} cannot be read: {error}") from None
    if missing:
        raise ResultsError(f"{shown(path)} is not a manifest of this version: it has no {', '.join(missing)}")
    return facts


@contextmanager
def opened(folder: Path, make: ModelFactory, changed_code: bool = False) -> Iterator[Sweep]:
    """The sweep of a folder that has a journal, ready to go on. The caller holds the folder's lock.

    Raises `ResultsError` when what determines the runs is no longer what it was when they were planned: results of two
    models must not mix unnoticed (`changed_code` allows a changed source of the model).
    """
    journal = Journal(folder / STATE / JOURNAL)
    try:
        _write_new_files(folder, journal)
        facts = read_manifest(folder)
        if not changed_code and facts.get("model_sha256") not in (None, source_digest()):
            raise ResultsError(
                f"the model's source has changed since {shown(folder)} was begun (commit {facts['code']['commit']}): go back to it, "
                "or give --changed-code to mix the results of both"
            )
        resolved = load(str(folder / "config.yaml"))
        worlds = build_worlds(resolved)
        the_plan = plan(resolved, {name: world_digest(world) for name, world in worlds.items()})
        _check_plan(folder, the_plan)
        yield Sweep(folder, resolved, the_plan, study_of(resolved, worlds, the_plan, make), journal, facts)
    except ConfigError as error:
        raise ResultsError(f"the config in {shown(folder)} no longer fits this version:\n{error}") from None
    finally:
        journal.close()


def _write_new_files(folder: Path, journal: Journal) -> None:
    """Files that an extension has changed: written when its journal is in place, also after a kill in between."""
    note = journal.note(NEW_FILES)
    if note:
        for name, text in json.loads(note).items():
            write_file(folder / name, text)
        journal.note(NEW_FILES, "")


def planned_runs(folder: Path) -> pd.DataFrame:
    """runs.csv as written. Raises `ResultsError` when it cannot be read."""
    try:
        return pd.read_csv(folder / "runs.csv", keep_default_na=False, dtype={"id": str, "scenario": str, "system": str, "error": str})
    except (OSError, ValueError) as error:
        raise ResultsError(f"{shown(folder / 'runs.csv')} cannot be read: {error}") from None


def _check_plan(folder: Path, the_plan: Plan) -> None:
    before = planned_runs(folder)
    same = len(before) == len(the_plan) and (before["id"].to_numpy() == the_plan.frame["id"].to_numpy(dtype=object)).all()
    if not same:
        raise ResultsError(
            f"the plan of {shown(folder)} cannot be made again: its config gives other runs than runs.csv has. Its config.yaml was "
            "edited, or the tables of England or the packages that make designs have changed (manifest.json has their versions)"
        )


# ---- reopening a finished folder -----------------------------------------------------------------------------------------


def reopen(folder: Path, the_plan: Plan, facts: Mapping[str, Any], again: str | None = None) -> int:
    """Give a finished folder a journal again, for `the_plan`: its own or a larger one. The caller holds the lock.

    Runs that the folder has, by name and id, keep their rows; `again` is a status ('failed') whose runs are planned again.
    Files that are not what the manifest says are set aside as `*.damaged`, and their runs planned again. Gives the number
    of runs to do. `facts` is the manifest from now on.
    """
    before = read_manifest(folder)
    tables = [f"{name}.parquet" for name in before["tables"]]
    sound = [name for name in tables if (folder / name).is_file() and checksum(folder / name) == before["files"].get(name)]
    for name in set(tables) - set(sound):
        if (folder / name).exists():
            (folder / name).rename(folder / f"{name}{DAMAGED}")
    state = folder / STATE
    (state / "new.sqlite").unlink(missing_ok=True)
    with Journal.create(state / "new.sqlite", len(the_plan)) as journal:
        rows = _kept(folder, the_plan, again)
        if len(sound) < len(tables):
            rows = [(number, row) for number, row in rows if row.error]
        files = {name.removesuffix(".parquet"): _held(folder, name, the_plan) for name in sound} if len(sound) == len(tables) else {}
        order = [number for number, row in rows if not row.error]
        held = {
            table: ShardFile(file, [counts.get(run, 0) for run in order], size, digest)
            for table, (file, counts, size, digest) in files.items()
        }
        # rows of the file are in the order of the old plan, and so must be the shard's runs
        journal.record(Shard(0, order, held), [row for _, row in rows])
        journal.note("seconds", str(before.get("seconds", 0)))
        journal.note(NEW_FILES, json.dumps({**texts(the_plan), "manifest.json": json_text(facts)}))
        left = len(the_plan) - len(rows)
    (state / "new.sqlite").rename(state / JOURNAL)
    with Journal(state / JOURNAL) as journal:
        _write_new_files(folder, journal)
    return left


def _kept(folder: Path, the_plan: Plan, again: str | None) -> list[tuple[int, RunRow]]:
    """The rows of runs that are settled, in the order of the old plan, with their numbers in the new one."""
    before = planned_runs(folder)
    after = the_plan.frame.assign(number=np.arange(len(the_plan)))
    both = before.merge(after[[*KEY, "id", "number"]], on=[*KEY, "id"], how="inner", validate="1:1")
    missing = len(before) - len(both)
    if missing:
        raise ResultsError(f"{missing} runs of {shown(folder)} are not in the new plan; earlier results are never dropped")
    settled = both[both["status"].isin([DONE, FAILED]) & (both["status"] != again)]
    return [
        (number, RunRow(number, seconds, error))
        for number, seconds, error in zip(settled["number"].tolist(), settled["seconds"].tolist(), settled["error"].tolist(), strict=True)
    ]


def _held(folder: Path, name: str, the_plan: Plan) -> tuple[str, dict[int, int], int, str]:
    """A table file's name, rows by run number, size and checksum."""
    numbers = {key: number for number, key in enumerate(the_plan.frame[list(KEY)].itertuples(index=False, name=None))}
    counts: dict[int, int] = {}
    with pq.ParquetFile(folder / name) as file:
        for i in range(file.num_row_groups):
            labels = file.read_row_group(i, columns=list(KEY)).to_pandas()
            for key, rows in labels.groupby(list(KEY), sort=False).size().items():
                number = numbers[key]  # type: ignore[index]
                counts[number] = counts.get(number, 0) + int(rows)
    return name, counts, (folder / name).stat().st_size, checksum(folder / name)
