"""Progress that suits where it is read: a bar in a terminal, a line now and then in a log; nothing when it is over in a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from abm.experiment.estimate import duration
from abm.experiment.sweep import Report

FIRST = 1.0  # seconds before anything is shown
EVERY = 10.0  # seconds between lines in a log


class Pace:
    """How quickly runs get done, since the first report; earlier runs of a resumed sweep do not count."""

    def __init__(self, total: int) -> None:
        self.total, self.start, self.before = total, time.monotonic(), 0
        self._first = True

    def words(self, done: int, failed: int) -> tuple[str, str]:
        """Rate and time left, in words ('' while unknown)."""
        if self._first:
            self._first, self.before, self.start = False, done, time.monotonic()
        elapsed, new = time.monotonic() - self.start, done - self.before
        if not new or not elapsed:
            return "", ""
        rate = new / elapsed
        trouble = f", {failed} failed" if failed else ""
        return f"{rate:.3g} runs/s{trouble}", f"about {duration((self.total - done) / rate)} left"


@contextmanager
def progress(total: int, stream: TextIO | None = None) -> Iterator[Report]:
    """A reporter to be told how many of `total` runs are done, and how many of those failed; writes to standard error."""
    stream = stream or sys.stderr
    if stream.isatty():
        with _bar(total, stream) as report:
            yield report
    else:
        yield _lines(total, stream)


@contextmanager
def _bar(total: int, stream: TextIO) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("running"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
    )
    bar = Progress(*columns, console=Console(file=stream), transient=True)
    task = bar.add_task("running", total=total, rate="", left="")
    pace, begun = Pace(total), time.monotonic()

    def report(done: int, failed: int) -> None:
        rate, left = pace.words(done, failed)
        if time.monotonic() - begun > FIRST and not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, rate=rate, left=left)

    try:
        yield report
    finally:
        bar.stop()


def _lines(total: int, stream: TextIO) -> Report:
    pace, due = Pace(total), time.monotonic() + FIRST

    def report(done: int, failed: int) -> None:
        nonlocal due
        now = time.monotonic()
        rate, left = pace.words(done, failed)
        if now < due or done == total or not rate:
            return
        due = now + EVERY
        stream.write(f"{done} of {total} runs, {rate}, {left}\n")
        stream.flush()

    return report
