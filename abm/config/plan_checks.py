"""What a whole plan must fit into, before any world is built: the number of runs, the length of a run, the command line."""

from __future__ import annotations

from collections.abc import Iterator

from abm.config.design import Ramp
from abm.config.design.base import batches
from abm.config.document import Document, Path_, dotted
from abm.config.errors import Problem
from abm.config.factors import SYSTEM
from abm.config.layers import Layer
from abm.config.schema import Experiment
from abm.config.settings import SECTIONS
from abm.model.state import QUARTERS

MOST_RUNS = 1_000_000


def plan_problems(experiment: Experiment, document: Document, top: Layer, command: Document) -> Iterator[Problem]:
    """What is wrong with the experiment as a whole. `top` and `command` are the command line's layer."""
    yield from _size_problems(experiment, document)
    yield from _ramp_problems(experiment, document)
    if experiment.every != "quarter" and experiment.quarters % QUARTERS:
        reason = f"{experiment.quarters} quarters are not whole years, and every: {experiment.every} stores means of years"
        yield Problem(document.place(("quarters",)), "quarters", reason, allowed="multiples of 4")
    if experiment.design is None:
        return
    keys = {each.key for each in experiment.design.factors()}
    if SYSTEM in keys and "system" in experiment.by:
        reason = "by system and a design over systems would need the same column: what differs is the systems themselves"
        yield Problem(document.place(("by",)), "by", reason, allowed="kind, region")
    varied = keys - {SYSTEM}
    for section in SECTIONS:
        for name in top.section(section).given():
            key = f"{section}.{name}"
            if key in varied:
                there = {"list": "design.points", "table": "design.file"}.get(experiment.design.kind, f"design.over.{key}")
                yield Problem(command.place((section, name), of_key=True), key, f"is varied by the design: set {there} instead")


def _size_problems(experiment: Experiment, document: Document) -> Iterator[Problem]:
    points = experiment.design.count() if experiment.design is not None else 1
    runs = len(experiment.scenarios) * points * experiment.replicates
    if runs <= MOST_RUNS:
        return
    parts = ((len(experiment.scenarios), "scenario"), (points, "point"), (experiment.replicates, "replicate"))
    each = " x ".join(f"{_count(number)} {what}{'' if number == 1 else 's'}" for number, what in parts)
    path: Path_ = ("design",) if experiment.design is not None else ("replicates",)
    place = document.place(path, of_key=experiment.design is not None)
    yield Problem(place, dotted(path), f"{_count(runs)} runs ({each}) are too many for one plan", allowed=f"at most {MOST_RUNS:,} runs")


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**15 else "over 10^15"


def _ramp_problems(experiment: Experiment, document: Document) -> Iterator[Problem]:
    design = experiment.design
    if not isinstance(design, Ramp):
        return
    for i, quarters in enumerate(batches(design.quarters)):
        needed = design.needs(quarters)
        if needed > experiment.quarters:
            path: Path_ = ("design", "quarters", *(() if isinstance(design.quarters, int) else (i,)))
            reason = f"there and back at {quarters} quarters each way needs runs of {needed} quarters, and they have {experiment.quarters}"
            longest = (experiment.quarters - 1 - design.start - design.hold) // 2
            words = f"at most {longest} here" if longest > 0 else f"quarters: {needed} or more"
            yield Problem(document.place(path), dotted(path), reason, allowed=words)
