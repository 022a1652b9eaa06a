"""Where chunks of runs are worked: in this process, in worker processes here, or on Dask workers anywhere; the same results to the bit."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from abm.experiment.runs import Run
from abm.experiment.store import ResultsError
from abm.experiment.work import Chunk, Study, begin_work, run_chunk

DASK_PATIENCE = "20s"  # to reach a scheduler
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class WorkerDiedError(Exception):
    """A worker ended while it had a chunk."""


class Executor(Protocol):
    """Takes chunks of runs; `workers` may be at work at once."""

    @property
    def workers(self) -> int:
        """How many chunks are worked at a time."""
        ...

    def submit(self, runs: Sequence[Run], limit: float | None) -> Future[Chunk]:
        """Begin a chunk. Its future fails with `TimeoutError` after `limit` seconds, or `WorkerDiedError`, where that can be told."""
        ...


class Here:
    """In this process, one chunk after another. Nothing can be killed here, so there is no limit of time."""

    workers = 1

    def __init__(self, study: Study) -> None:
        self._packed = study.packed()

    def submit(self, runs: Sequence[Run], limit: float | None) -> Future[Chunk]:
        """Work the chunk at once."""
        future: Future[Chunk] = Future()
        future.set_result(run_chunk(self._packed, runs))
        return future


class Processes:
    """Worker processes on this machine (Pebble): one that dies or hangs takes only its chunk along, and is replaced."""

    def __init__(self, study: Study, workers: int) -> None:
        from pebble import ProcessPool

        self.workers = workers
        self._packed = study.packed()
        spawn = multiprocessing.get_context("spawn")  # the same on every system, and safe with threads
        self._pool = ProcessPool(max_workers=workers, initializer=begin_work, initargs=(self._packed,), context=spawn)

    def submit(self, runs: Sequence[Run], limit: float | None) -> Future[Chunk]:
        """Hand the chunk to the next free worker."""
        from pebble import ProcessExpired

        with _one_thread_each():
            inner = self._pool.schedule(run_chunk, args=(self._packed, runs), timeout=limit)
        outer: Future[Chunk] = Future()

        def done(future: Future[Chunk]) -> None:
            problem = None if future.cancelled() else future.exception()
            if future.cancelled():
                outer.cancel()
            elif isinstance(problem, ProcessExpired):
                outer.set_exception(WorkerDiedError(f"the worker process died (exit code {problem.exitcode})"))
            elif problem is not None:
                outer.set_exception(problem)
            else:
                outer.set_result(future.result())

        inner.add_done_callback(done)
        return outer

    def close(self, now: bool) -> None:
        """End the workers: when they are done, or now."""
        if now:
            self._pool.stop()
        else:
            self._pool.close()
        self._pool.join()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Workers started meanwhile use one thread each: the runs are what is parallel. They inherit an ignored Ctrl-C."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Dask:
    """Workers of a Dask scheduler: of its `address`, 'local' for a cluster on this machine, or 'slurm' (needs the extra `dask`).

    Dask gives a chunk whose worker died to another, and gives up after `allowed-failures`; it has no limit of time.
    """

    def __init__(self, study: Study, address: str, workers: int | None = None) -> None:
        try:
            from dask.distributed import Client
        except ImportError:
            raise ResultsError("Dask is not installed: pip install 'ics-abm[dask]'") from None
        self._packed, self._address = study.packed(), address
        self._cluster = _cluster(address, workers)
        try:
            self._client = Client(self._cluster or address, timeout=DASK_PATIENCE)
        except (OSError, ValueError, TypeError) as problem:
            raise ResultsError(f"no Dask scheduler answers at {address}: {str(problem).splitlines()[0]}") from None
        self._executor = self._client.get_executor(pure=False, retries=0)

    @property
    def workers(self) -> int:
        """Threads of all workers that are there now, at least one."""
        with self._gone():
            return max(1, sum(self._client.nthreads().values()))

    def submit(self, runs: Sequence[Run], limit: float | None) -> Future[Chunk]:
        """Hand the chunk to the scheduler."""
        from distributed.scheduler import KilledWorker

        with self._gone():
            inner = self._executor.submit(run_chunk, self._packed, list(runs))
        outer: Future[Chunk] = Future()

        def done(future: Future[Chunk]) -> None:
            problem = None if future.cancelled() else future.exception()
            if future.cancelled():
                outer.cancel()
            elif isinstance(problem, KilledWorker):
                outer.set_exception(WorkerDiedError("the Dask workers that had it died"))
            elif problem is not None:
                outer.set_exception(problem)
            else:
                outer.set_result(future.result())

        inner.add_done_callback(done)
        return outer

    @contextmanager
    def _gone(self) -> Iterator[None]:
        """Say in a line that the scheduler is no longer there."""
        try:
            yield
        except OSError as problem:
            raise ResultsError(f"the Dask scheduler at {self._address} is gone: {str(problem).splitlines()[0]}") from None

    def close(self, now: bool) -> None:
        """Leave the scheduler, which drops chunks that nobody waits for; end the cluster if it was made here."""
        with suppress(OSError):
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _cluster(address: str, workers: int | None) -> Any:
    """A cluster made here, or None for a scheduler that is there already."""
    if address == "local":
        from dask.distributed import LocalCluster

        count = workers or os.cpu_count() or 1
        return LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
    if address == "slurm":
        try:
            from dask_jobqueue import SLURMCluster
        except ImportError:
            raise ResultsError("dask-jobqueue is not installed: pip install 'ics-abm[dask]'") from None
        try:
            cluster = SLURMCluster()
        except (ValueError, TypeError) as problem:
            raise ResultsError(f"Slurm needs more in jobqueue.yaml (docs/cluster.md): {str(problem).splitlines()[0]}") from None
        cluster.scale(workers or 1)
        return cluster
    return None


Opener = Callable[[Study], Executor]


@contextmanager
def executor(study: Study, workers: int, dask: str | None = None) -> Iterator[Executor]:
    """This process for one worker, worker processes for more, or Dask."""
    if dask is None and workers <= 1:
        yield Here(study)
        return
    made: Processes | Dask = Processes(study, workers) if dask is None else Dask(study, dask, workers)
    try:
        yield made
    except BaseException:
        made.close(now=True)
        raise
    made.close(now=False)
