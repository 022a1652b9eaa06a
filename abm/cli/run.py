"""Commands that run models: run, sweep, resume, extend, status."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from abm.cli.options import (
    ChangedCode,
    ChunkSeconds,
    Config,
    Folder,
    Limit,
    OnDask,
    Out,
    Quarters,
    Replicates,
    Sets,
    Workers,
    overrides,
    refusals,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from abm.experiment.conduct import How, Results

LIMIT, CHUNK = 600.0, 4.0  # seconds; as in abm.experiment.sweep, which is too heavy to load for --help


def run(
    config: Config,
    out: Out = None,
    sets: Sets = None,
    replicates: Replicates = None,
    quarters: Quarters = None,
    workers: Workers = None,
    dask: OnDask = None,
    limit: Limit = LIMIT,
    chunk: ChunkSeconds = CHUNK,
) -> None:
    """Run an experiment and write its results folder.

    The folder holds the data, the effects, the figure, and what is needed to run it again.

    \b
    abm run headline
    abm run headline --replicates 5 --quarters 40 --out results/try
    abm run headline --set 'levers.finance_share={ramp: {from: 0.4, to: 0.9, start: 8, end: 24}}'
    abm run results/try/config.yaml        run the same again

    A results folder is never overwritten. What was done when it is stopped is kept: `abm resume DIR` goes on.

    \b
    Exit codes:
      0    all done
      1    some run or the figure failed
      2    the config is wrong, and nothing was written
      130  stopped
    """
    from datetime import datetime

    from abm.experiment.conduct import ready, start
    from abm.experiment.store import default_folder, refuse_existing

    with refusals():
        if out is not None:
            refuse_existing(out)
        resolved, worlds = ready(config, overrides(sets, replicates, quarters))
        folder = out or default_folder(resolved.experiment.name, datetime.now())
        how = _how(workers, dask, limit, chunk)
        _compile()
        start(resolved, worlds, folder, how)
    _go_on(folder, how)


def sweep(
    config: Config,
    out: Out = None,
    sets: Sets = None,
    replicates: Replicates = None,
    quarters: Quarters = None,
    workers: Workers = None,
    dask: OnDask = None,
    limit: Limit = LIMIT,
    chunk: ChunkSeconds = CHUNK,
) -> None:
    """Run an experiment with a design, on all cores or a cluster.

    The same as `abm run`, under the name that people look for.

    \b
    abm check my_sweep                       how many runs, how long, how much disk
    abm sweep my_sweep --out results/mine    Ctrl-C, or even kill -9, and then
    abm status results/mine
    abm resume results/mine
    abm extend results/mine --replicates 20  more of the same; what is there is kept
    abm sweep my_sweep --dask tcp://host:8786 --out results/mine
    """
    run(config, out, sets, replicates, quarters, workers, dask, limit, chunk)


def resume(
    folder: Folder,
    failed: Annotated[bool, typer.Option("--failed", help="Also run again what failed.")] = False,
    workers: Workers = None,
    dask: OnDask = None,
    limit: Limit = LIMIT,
    chunk: ChunkSeconds = CHUNK,
    changed_code: ChangedCode = False,
) -> None:
    """Go on with a sweep that was stopped, and mend what is damaged.

    Checks every file against its checksum; runs whose rows are missing or damaged are run again.

    \b
    abm resume results/mine
    abm resume results/mine --failed
    """
    from abm.experiment.conduct import mend

    how = _how(workers, dask, limit, chunk, changed_code)
    with refusals("nothing was changed"):
        left = mend(folder, failed, how)
        if left is None:
            typer.echo(f"{folder} is finished and whole: nothing to do")
            raise typer.Exit(0)
        _compile()
    _go_on(folder, how)


def extend(
    folder: Folder,
    replicates: Annotated[int | None, typer.Option(min=1, help="Replicates in all, more than there are.")] = None,
    points: Annotated[
        int | None, typer.Option(min=1, help="Design points (base points, trajectories) in all, more than there are.")
    ] = None,
    config: Annotated[str | None, typer.Option("--config", help="An experiment whose runs include those that are there.")] = None,
    workers: Workers = None,
    dask: OnDask = None,
    limit: Limit = LIMIT,
    chunk: ChunkSeconds = CHUNK,
    changed_code: ChangedCode = False,
) -> None:
    """Add replicates or design points to a finished sweep. Earlier runs are kept.

    \b
    abm extend results/mine --replicates 20
    abm extend results/mine --points 512
    """
    from abm.experiment.conduct import enlarge

    how = _how(workers, dask, limit, chunk, changed_code)
    with refusals("nothing was changed"):
        enlarge(folder, replicates, points, config, how)
        _compile()
    _go_on(folder, how)


def status(folder: Folder) -> None:
    """Say how far a sweep is and what failed.

    Exit code 0: finished; 1: finished with failed runs; 3: not finished.
    """
    from abm.experiment.status import status_of

    with refusals(""):
        found = status_of(folder)
    for line in found.lines():
        typer.echo(line)
    raise typer.Exit(3 if found.planned else 1 if found.failed else 0)


def add(app: typer.Typer) -> None:
    """Put the commands into the app."""
    for command in (run, sweep, resume, extend, status):
        app.command()(command)


# ---- parts ---------------------------------------------------------------------------------------------------------------


def _how(workers: int | None, dask: str | None, limit: float, chunk: float, changed_code: bool = False) -> How:
    from abm.experiment.conduct import How
    from abm.experiment.progress import progress

    def say(text: str) -> None:
        typer.echo(text, err=True)

    return How(workers, dask, limit, chunk, progress, say, _draw, changed_code=changed_code, command=words())


def _compile() -> None:
    """Compile or load the model before any worker or clock starts, and say so when it takes a while."""
    import abm
    from abm.compiled import is_cold

    if is_cold():
        typer.echo("compiling the model: about half a minute, once after each change of its source", err=True)
    abm.ICSModel(abm.tiny()).run(1)


def _draw(folder: Path, facts: dict[str, Any], path: Path) -> None:
    """Draw the experiment's figure from its folder."""
    import pandas as pd

    from abm.view.charts.headline import draw

    draw(pd.read_parquet(folder / "outcomes.parquet"), pd.read_csv(folder / "effects.csv"), facts, path)


def _go_on(folder: Path, how: How) -> None:
    """Run what is planned, then tell; the exit code says how it went."""
    from abm.cli.tell import tell
    from abm.experiment.conduct import StoppedError, go_on

    done: Callable[[Path, How], Results] = go_on
    with refusals(f"what was done is kept in {folder}"):
        try:
            results = done(folder, how)
        except (StoppedError, KeyboardInterrupt):
            typer.echo(f"stopped; what was done is kept: abm resume {folder} goes on", err=True)
            raise typer.Exit(130) from None
    tell(results)
    raise typer.Exit(1 if results.manifest["failed"] or results.figure_error else 0)
