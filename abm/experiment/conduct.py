"""Sweeps from begin to end: start one, go on with one, enlarge one. The commands and notebooks call these.

>>> import abm
>>> results = abm.sweep("tiny", "results/mine", workers=2)  # doctest: +SKIP
>>> results.effects  # doctest: +SKIP
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from abm.config.checks import check_against_world, check_models
from abm.config.errors import shown
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.config.worlds import build_worlds
from abm.experiment.enlarge import enlarged
from abm.experiment.executors import executor
from abm.experiment.finish import MERGED, Draw, Results, close, finish, runs_so_far
from abm.experiment.folder import JOURNAL, Sweep, begin, csv_text, opened, read_manifest, reopen
from abm.experiment.journal import FAILED, PLANNED, Journal
from abm.experiment.manifest import manifest, world_digest
from abm.experiment.plan import Plan, plan
from abm.experiment.progress import progress
from abm.experiment.store import STATE, ResultsError, checksum, default_folder, refuse_existing, write_file
from abm.experiment.sweep import CHUNK_SECONDS, LIMIT, Report, StoppedError, drop_damaged, locked, work_off
from abm.experiment.work import ModelFactory
from abm.model.ics_model import ICSModel
from abm.model.network import World
from abm.model.outcomes import frame as outcome_table


def _silent(done: int, failed: int) -> None:
    """No report."""


def _no_words(text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class How:
    """How a sweep is run, which does not change its results.

    `workers` None means all cores for long sweeps and this process for short ones; `dask` is a scheduler's address,
    'local' or 'slurm'; `limit` is in seconds a run, `chunk` the seconds of
    work that a worker takes at a time, and that a kill may cost. `report` is told of progress, `say` of anything worth a line.
    """

    workers: int | None = None
    dask: str | None = None
    limit: float = LIMIT
    chunk: float = CHUNK_SECONDS
    report: Callable[[int], Any] | None = None  # given the number of runs, a context manager that gives a `Report`
    say: Callable[[str], None] = _no_words
    draw: Draw | None = None
    make: ModelFactory = ICSModel
    changed_code: bool = False
    command: str = ""


def ready(config: str, overrides: Sequence[str] = ()) -> tuple[Resolved, dict[str, Any]]:
    """A config that is known to run: resolved, its worlds built, its models accepted. Raises `ConfigError`."""
    resolved = load(config, overrides)
    return resolved, checked_worlds(resolved)


def checked_worlds(resolved: Resolved) -> dict[str, Any]:
    """The worlds of a resolved experiment, after everything that can be checked without running it. Raises `ConfigError`."""
    worlds = build_worlds(resolved)
    check_against_world(resolved, worlds, list(outcome_table()["name"]))
    check_models(resolved, worlds, ICSModel)
    return worlds


def sweep(
    config: str | Resolved, out: Path | str | None = None, overrides: Sequence[str] = (), workers: int | None = None, how: How | None = None
) -> Results:
    """Run an experiment into the new folder `out` (`results/NAME-TIMESTAMP` when not given).

    `config` is a name in `configs/experiments`, a path or a resolved experiment; `overrides` are `KEY=VALUE` texts.
    Tells of its progress unless `how` says otherwise. Raises `ConfigError`, `ResultsError` or `StoppedError`; failed runs are
    told in the results.
    """
    how = how or How(workers=workers, report=progress)
    resolved = config if isinstance(config, Resolved) else load(config, overrides)
    folder = Path(out) if out is not None else default_folder(resolved.experiment.name, datetime.now())
    refuse_existing(folder)
    start(resolved, checked_worlds(resolved), folder, how)
    return go_on(folder, how)


def start(resolved: Resolved, worlds: Mapping[str, World], folder: Path, how: How) -> None:
    """Make the folder with its plan; nothing is run. Raises `ResultsError` when it exists."""
    begin(folder, resolved, worlds, how.command)


def resume(folder: Path | str, failed: bool = False, how: How | None = None) -> Results | None:
    """Go on with a sweep that was stopped; mend damaged files; with `failed`, try failed runs again.

    None when the folder is finished and whole. Raises `ResultsError` or `StoppedError`.
    """
    folder, how = Path(folder), how or How()
    return None if mend(folder, failed, how) is None else go_on(folder, how)


def mend(folder: Path, failed: bool, how: How) -> int | None:
    """Plan again what is damaged and, with `failed`, what failed. The number of runs to do; None when there is nothing to do."""
    facts = read_manifest(folder)
    with locked(folder):
        if (folder / STATE / JOURNAL).exists():
            return _planned_again(folder, failed)
        bad = changed_tables(folder, facts)
        if not bad and not (failed and facts["failed"]):
            return None
        if bad:
            how.say(f"damaged, so that its runs are run again: {', '.join(bad)}")
        resolved = load(str(folder / "config.yaml"))
        return reopen(folder, _plan(resolved, build_worlds(resolved)), {**facts, "finished": None}, FAILED if failed else None)


def extend(
    folder: Path | str, replicates: int | None = None, points: int | None = None, config: str | None = None, how: How | None = None
) -> Results:
    """Add replicates or design points to a finished sweep, or those of another `config`; earlier runs are kept.

    Raises `ResultsError` when the change would alter earlier runs, `ConfigError` for a config that is wrong.
    """
    folder, how = Path(folder), how or How()
    enlarge(folder, replicates, points, config, how)
    return go_on(folder, how)


def enlarge(folder: Path, replicates: int | None, points: int | None, config: str | None, how: How) -> int:
    """Give a finished folder a larger plan. The number of runs to do."""
    facts = read_manifest(folder)
    with locked(folder):
        if (folder / STATE / JOURNAL).exists():
            raise ResultsError(f"{shown(folder)} is not finished: abm resume {shown(folder)} first")
        resolved = enlarged(folder, replicates, points, config)
        worlds = checked_worlds(resolved)
        the_plan = _plan(resolved, worlds)
        told = {name: facts[name] for name in ("command", "started", "finished", "replicates", "points", "runs") if name in facts}
        after = manifest(resolved, worlds, the_plan, how.command, datetime.now(UTC))
        left = reopen(folder, the_plan, {**after, "before": [*facts.get("before", []), told]})
    how.say(f"{left} runs to do, {len(the_plan) - left} are there")
    return left


def go_on(folder: Path, how: How) -> Results:
    """Run what is planned in the folder, and finish it."""
    with locked(folder):
        return _go_on(folder, how)


def _plan(resolved: Resolved, worlds: Mapping[str, World]) -> Plan:
    return plan(resolved, {name: world_digest(world) for name, world in worlds.items()})


def changed_tables(folder: Path, facts: Mapping[str, Any]) -> list[str]:
    """Tables of a finished folder that are not what its manifest says."""
    names = [f"{name}.parquet" for name in facts["tables"]]
    return [name for name in names if not (folder / name).is_file() or checksum(folder / name) != facts["files"].get(name)]


def _planned_again(folder: Path, failed: bool) -> int:
    with Journal(folder / STATE / JOURNAL) as journal:
        if failed:
            journal.plan_again(journal.numbers(FAILED).tolist())
            journal.note(MERGED, "")
        return len(journal.numbers(PLANNED))


def _go_on(folder: Path, how: How) -> Results:
    """Work off what is planned and finish the folder. The caller holds the lock."""
    units = outcome_table().set_index("name")["unit"]
    with opened(folder, how.make, how.changed_code) as work:
        if not work.journal.note(MERGED):
            bad = drop_damaged(folder, work.journal)
            if bad:
                how.say(f"damaged, and run again: {', '.join(bad[:3])}{f' and {len(bad) - 3} more' if len(bad) > 3 else ''}")
        start = time.monotonic()
        used = _run(work, how, start)
        results = finish(work, units, how.draw, time.monotonic() - start, used)
        close(work)
    return results


def _run(work: Sweep, how: How, start: float) -> dict[str, Any]:
    total, left = len(work.plan), len(work.journal.numbers(PLANNED))
    if not left:
        return dict(work.facts.get("executor") or {})
    workers = how.workers or default_workers(work, left)
    reporting = how.report(total) if how.report is not None else _quiet()
    try:
        with stoppable(how.say) as stop, executor(work.study, workers, how.dask) as running, reporting as report:
            work_off(work.folder, work.plan, work.journal, running, report, how.limit, how.chunk, stop)
            return {"kind": "dask" if how.dask else "processes" if workers > 1 else "one process", "workers": running.workers}
    except BaseException:
        before = float(work.journal.note("seconds") or 0)
        with suppress(Exception):
            work.journal.note("seconds", str(before + time.monotonic() - start))
            write_file(work.folder / "runs.csv", csv_text(runs_so_far(work)))
        raise


@contextmanager
def _quiet() -> Iterator[Report]:
    yield _silent


def default_workers(work: Sweep, left: int) -> int:
    """All cores, or this process alone where starting workers would take longer than the runs."""
    largest = max(len(world.organisations()) for world in work.study.worlds.values())
    cells = left * work.resolved.experiment.quarters * largest
    return 1 if cells < 4_000_000 else cores()


def cores() -> int:
    """Cores that this process may use."""
    with suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def stoppable(say: Callable[[str], None]) -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM ask for a stop: what this yields says whether they have. The second time they interrupt at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(number: int, frame: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        say("stopping: runs at work are finished first (again to stop at once)")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


__all__ = ["How", "Results", "ResultsError", "StoppedError", "enlarge", "extend", "go_on", "mend", "ready", "resume", "start", "sweep"]
