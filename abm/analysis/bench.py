"""How fast, beside what: England against a plain per-agent twin and against the bare compiled loop, in one process.

Only ratios mean anything on another machine. The plain twin (the same rules as objects, dicts and loops) lives with the
tests, since it is their oracle; where the tests are not installed its ratio is left out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.england import england, synthetic
from abm.model.ics_model import ICSModel
from abm.model.network import World
from abm.model.outcomes import TALLY
from abm.model.quarter import run_quarters

QUARTERS = 60
REPEATS = 9
TWIN_QUARTERS = 12  # the twin takes seconds; its time is linear in quarters
ENGLAND = 42  # systems


def clock(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Least seconds of `work` over `repeats` runs, after one to warm up (what disturbs a run only ever adds to it)."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def plain_twin() -> Any:
    """The plain twin's model class, or None where the tests are not at hand."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "tests" / "oracles" / "plain_twin").is_dir():
        return None
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return import_module("tests.oracles.plain_twin.model").PlainModel


def bare_loop(world: World, quarters: int) -> float:
    """Seconds of the compiled quarters alone, without the Mesa model around them."""
    seconds = []
    for _ in range(REPEATS):
        model = ICSModel(world, seed=1)
        tallies = np.zeros((quarters, model.state.tallies.shape[1]), dtype=TALLY).view(np.recarray)
        state = model.state._replace(tallies=tallies)
        start = time.perf_counter()
        run_quarters(state, quarters)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def peak_mb() -> float:
    """Most memory this process has held, MB; not a number where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def run_and_observe(world: World) -> None:
    """What a user does: build, run 15 years, read England's outcomes."""
    ICSModel(world, seed=1).run(QUARTERS).outcomes()


def agents_and_frames(world: World) -> float:
    """Seconds that Mesa's objects and England's outcome frame cost, beside the model's own quarters."""
    model = ICSModel(world, seed=1).run(QUARTERS)
    start = time.perf_counter()
    len(model.agents)
    model.outcomes()
    return time.perf_counter() - start


def measure() -> dict[str, float]:
    """The benchmark: milliseconds, ratios and peak memory (MB).

    `england_ms`: an England run of 60 quarters with quarterly outcomes, built and read; `run_ms`: its quarters alone;
    `plain_twin_ratio`: how many times longer the twin's quarters take; `fused_loop_ratio`: `run` and outcomes beside the bare
    compiled loop; `objects_ratio`: Mesa's agents and the outcome frame beside the quarters; `peak_mb` before the twin runs.
    """
    world = england()
    whole = clock(lambda: run_and_observe(world))
    loop = bare_loop(world, QUARTERS)
    runs = []
    for _ in range(REPEATS):
        model = ICSModel(world, seed=1)
        start = time.perf_counter()
        model.run(QUARTERS).outcomes()
        runs.append(time.perf_counter() - start)
    run = min(runs)
    objects = min(agents_and_frames(world) for _ in range(REPEATS))
    result = {
        "england_ms": 1000 * whole,
        "run_ms": 1000 * loop,
        "fused_loop_ratio": run / loop,
        "objects_ratio": objects / loop,
        "peak_mb": peak_mb(),
    }
    twin = plain_twin()
    if twin is not None:
        result["plain_twin_ratio"] = twin_seconds(twin, world) * QUARTERS / TWIN_QUARTERS / loop
    return result


def twin_seconds(twin: Any, world: World) -> float:
    """Seconds of the twin's first `TWIN_QUARTERS` quarters."""
    model = twin(world, seed=1)
    start = time.perf_counter()
    for _ in range(TWIN_QUARTERS):
        model.step()
    return time.perf_counter() - start


def scaling(factors: tuple[int, ...] = (1, 3, 10, 30, 100), quarters: int = 8, rounds: int = 3) -> Iterator[dict[str, float]]:
    """A row a size: England times `factor` (synthetic), its organisations, seconds and microseconds an organisation and quarter.

    The least time of `rounds`, in each of which every size has its turn, so that a busy moment of the machine is not one size's.
    """
    models = [ICSModel(synthetic(ENGLAND * factor, seed=1), seed=1).run(1) for factor in factors]
    least = [float("inf")] * len(models)
    for _ in range(rounds):
        for i, model in enumerate(models):
            start = time.perf_counter()
            model.run(quarters)
            least[i] = min(least[i], time.perf_counter() - start)
    for factor, model, seconds in zip(factors, models, least, strict=True):
        organisations = len(model.state.orgs)
        cost = 1e6 * seconds / organisations / quarters
        yield {"times_england": factor, "organisations": organisations, "seconds": seconds, "us_per_organisation_quarter": cost}


def scaling_frame() -> pd.DataFrame:
    """All rows of `scaling`."""
    return pd.DataFrame(scaling())
