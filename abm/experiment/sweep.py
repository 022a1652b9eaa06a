"""A sweep in its folder: plan first, then chunks of runs until none is left, then the tables. It survives being killed at any moment.

While it lasts, `state/` holds the journal and the shards; when the last run is in, the shards are merged into one file a
table in the order of the plan, and `state/` goes.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from abm.experiment.executors import Executor
from abm.experiment.journal import PLANNED, Journal, Shard, ShardFile
from abm.experiment.plan import Plan
from abm.experiment.runs import Run
from abm.experiment.store import STATE, ResultsError, checksum, write_file
from abm.experiment.work import Chunk, RunRow

CHUNK_SECONDS = 4.0  # how long a chunk should take: what a kill may cost, against the price of a shard
CHUNK_RUNS = 2000  # most runs of a chunk: what a worker holds in memory
FIRST_CHUNK = 4  # runs, before the pace is known
LIMIT = 600.0  # seconds for one run, unless told otherwise
ATTEMPTS = 2  # times that a run may take its worker along before it counts as failed

Report = Callable[[int, int], None]  # told how many runs are done and how many of them failed


class StoppedError(Exception):
    """A stop was asked for; everything that was done is kept."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that one process writes at a time. Raises `ResultsError` when another holds it."""
    state = folder / STATE
    state.mkdir(exist_ok=True)
    lock = FileLock(state / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ResultsError(f"{folder} is being written by {_owner(state)}: wait for it, or stop it first") from None
    try:
        write_file(state / "owner.json", json.dumps({"process": os.getpid(), "host": socket.gethostname()}))
        yield
    finally:
        lock.release()
        if not (state / "journal.sqlite").exists():
            shutil.rmtree(state, ignore_errors=True)


def is_locked(folder: Path) -> bool:
    """Whether a process is writing into the folder now."""
    if not (folder / STATE / "lock").exists():
        return False
    try:
        with FileLock(folder / STATE / "lock", timeout=0):
            return False
    except Timeout:
        return True


def _owner(state: Path) -> str:
    try:
        owner = json.loads((state / "owner.json").read_text("utf-8"))
        return f"process {owner['process']} on {owner['host']}"
    except (OSError, ValueError, KeyError):
        return "another process"


@dataclass
class Work:
    """The runs still to do, handed out in chunks whose size follows the pace."""

    plan: Plan
    waiting: deque[int]
    attempts: dict[int, int] = field(default_factory=dict)
    alone: deque[int] = field(default_factory=deque)  # runs of chunks that were lost: one at a time, to find the culprit
    seconds: float = CHUNK_SECONDS
    pace: float | None = None  # seconds a run

    def __bool__(self) -> bool:
        return bool(self.waiting or self.alone)

    def chunk(self, workers: int) -> list[Run]:
        """The next runs to work together."""
        if self.alone:
            return self.plan.runs([self.alone.popleft()])
        share = -(-len(self.waiting) // (2 * workers))  # so that all workers end at about the same time
        size = FIRST_CHUNK if self.pace is None else int(self.seconds / max(self.pace, 1e-6))
        size = max(1, min(size, share, CHUNK_RUNS, len(self.waiting)))
        return self.plan.runs([self.waiting.popleft() for _ in range(size)])

    def learn(self, chunk: Chunk) -> None:
        """Take the pace from a finished chunk."""
        if chunk.runs:
            pace = sum(run.seconds for run in chunk.runs) / len(chunk.runs)
            self.pace = pace if self.pace is None else 0.5 * (self.pace + pace)

    def lost(self, runs: Sequence[Run], why: str) -> list[RunRow]:
        """Runs whose chunk took its worker along: try each alone. Gives the rows of those that have been tried enough."""
        if len(runs) > 1:
            self.alone.extend(run.number for run in runs)
            return []
        (run,) = runs
        self.attempts[run.number] = self.attempts.get(run.number, 0) + 1
        if self.attempts[run.number] < ATTEMPTS:
            self.alone.append(run.number)
            return []
        return [RunRow(run.number, 0.0, why, why)]


def work_off(
    folder: Path,
    plan: Plan,
    journal: Journal,
    executor: Executor,
    report: Report,
    limit: float = LIMIT,
    chunk_seconds: float = CHUNK_SECONDS,
    stop: Callable[[], bool] = bool,
) -> None:
    """Run everything that the journal has as planned, `limit` seconds a run at most, in chunks of about `chunk_seconds`.

    `stop` is asked now and then; when it says so, chunks in flight are finished and `StoppedError` is raised.
    """
    work = Work(plan, deque(journal.numbers(PLANNED).tolist()), seconds=chunk_seconds)
    counts = journal.counts()
    done, failed = counts["done"] + counts["failed"], counts["failed"]
    report(done, failed)
    flying: dict[Future[Chunk], list[Run]] = {}
    stopping = False
    while flying or (work and not stopping):
        while work and not stopping and len(flying) < 2 * executor.workers - (executor.workers == 1):
            runs = work.chunk(executor.workers)
            flying[executor.submit(runs, limit * len(runs))] = runs
            stopping = stop()
        landed = wait(flying, timeout=0.5, return_when=FIRST_COMPLETED).done
        for future in landed:
            rows = _land(folder, journal, work, future, flying.pop(future), limit)
            done, failed = done + len(rows), failed + sum(1 for row in rows if row.error)
        if landed:
            report(done, failed)
        stopping = stopping or stop()
    if work:
        raise StoppedError


def _land(folder: Path, journal: Journal, work: Work, future: Future[Chunk], runs: list[Run], limit: float) -> list[RunRow]:
    """Put a finished chunk into the folder; the rows of the runs that are settled by it."""
    try:
        chunk = future.result()
    except TimeoutError:
        chunk = Chunk(runs=work.lost(runs, f"took longer than {limit:g} s"))
    except (CancelledError, Exception) as problem:  # the worker died, or could not be given or give the chunk
        chunk = Chunk(runs=work.lost(runs, f"{type(problem).__name__}: {problem}".splitlines()[0]))
    work.learn(chunk)
    names = {run.number: run.name for run in runs}
    for row in chunk.runs:
        if row.error:
            (folder / "errors").mkdir(exist_ok=True)
            write_file(folder / "errors" / f"{names[row.number]}.txt", row.traceback + "\n")
    if chunk.runs:
        journal.record(_stored(folder, journal.next_shard(), chunk), chunk.runs)
    return chunk.runs


def _stored(folder: Path, number: int, chunk: Chunk) -> Shard:
    """Write a chunk's tables as shard files."""
    files = {}
    for table, content in chunk.tables.items():
        name = f"{STATE}/shards/{table}/{number:06d}.parquet"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_file(folder / name, content)
        files[table] = ShardFile(name, chunk.rows[table], len(content), checksum(folder / name))
    return Shard(number, [run.number for run in chunk.runs], files)


def drop_damaged(folder: Path, journal: Journal) -> list[str]:
    """Check every shard file; runs of those that are missing or changed are planned again. Gives the names of the files."""
    bad = []
    for shard in journal.shards():
        wrong = [file.name for file in shard.files.values() if not _sound(folder / file.name, file)]
        if wrong:
            journal.drop(shard)
            bad += wrong
    return bad


def _sound(path: Path, file: ShardFile) -> bool:
    try:
        return path.stat().st_size == file.bytes and checksum(path) == file.sha256
    except OSError:
        return False
