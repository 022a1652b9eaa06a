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
    """How quickly runs get done, from the first that are reported on: neither the start of the workers nor earlier runs of a
    resumed sweep count."""

    def __init__(self, total: int) -> None:
        self.total, self.before, self.first = total, -1, (0, 0.0)  # runs done at the start; runs and time of the first report after it

    def words(self, done: int, failed: int) -> tuple[str, str]:
        """Rate and time left, in words ('' while unknown)."""
        now = time.monotonic()
        if self.before < 0:
            self.before = done
        if done == self.before:
            return "", ""
        if not self.first[0]:
            self.first = (done, now)
        new, elapsed = done - self.first[0], now - self.first[1]
        trouble = f", {failed} failed" if failed else ""
        if not new or not elapsed:
            return f"under way{trouble}", ""
        rate = new / elapsed
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
        stream.write(", ".join(part for part in (f"{done} of {total} runs", rate, left) if part) + "\n")
        stream.flush()

    return report
