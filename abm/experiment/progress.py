"""Progress that suits where it is read: a bar in a terminal, a line now and then in a log; nothing when it is over in a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from abm.experiment.run import Report

FIRST = 1.0  # seconds before anything is shown
EVERY = 10.0  # seconds between lines in a log


@contextmanager
def progress(total: int, stream: TextIO | None = None) -> Iterator[Report]:
    """A reporter to be told how many of `total` runs are done; writes to standard error unless told otherwise."""
    stream = stream or sys.stderr
    if stream.isatty():
        with _bar(total, stream) as report:
            yield report
    else:
        yield _lines(total, stream)


@contextmanager
def _bar(total: int, stream: TextIO) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("running"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(file=stream), transient=True)
    task = bar.add_task("running", total=total, rate="")
    start = time.monotonic()

    def report(done: int) -> None:
        elapsed = time.monotonic() - start
        if elapsed > FIRST and not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, rate=f"{done / max(elapsed, 1e-9):.1f} runs/s")

    try:
        yield report
    finally:
        bar.stop()


def _lines(total: int, stream: TextIO) -> Report:
    start = time.monotonic()
    due = start + FIRST

    def report(done: int) -> None:
        nonlocal due
        now = time.monotonic()
        if now < due or done == total:
            return
        due = now + EVERY
        rate = done / (now - start)
        stream.write(f"{done} of {total} runs, {rate:.1f} runs/s, about {(total - done) / rate:.0f} s left\n")
        stream.flush()

    return report
