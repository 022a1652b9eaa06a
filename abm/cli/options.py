"""Arguments and options that several commands share, and how a command says that something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[str, typer.Argument(metavar="CONFIG", help="A name in configs/experiments (headline, tiny) or a path to a YAML file.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A results folder.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one value; repeat for more. For example levers.finance_share=0.9 or seed=3."),
]
Replicates = Annotated[int | None, typer.Option(help="Runs per scenario and design point; short for --set replicates=N.")]
Quarters = Annotated[int | None, typer.Option(help="Quarters per run; short for --set quarters=N.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="A new folder for the results. [default: results/NAME-TIMESTAMP]")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Worker processes; 1 is this process. [default: all cores if long, else 1]"),
]
OnDask = Annotated[
    str | None,
    typer.Option("--dask", metavar="WHERE", help="Run on Dask: a scheduler's address (tcp://...), 'local' or 'slurm'."),
]
Limit = Annotated[float, typer.Option(min=0.1, help="Seconds after which a run counts as hanging (worker processes only).")]
ChunkSeconds = Annotated[float, typer.Option("--chunk", min=0.0, help="Seconds of work handed out at a time; a kill may cost as much.")]
ChangedCode = Annotated[bool, typer.Option("--changed-code", help="Go on although the model's source has changed since.")]


def overrides(sets: list[str] | None, replicates: int | None, quarters: int | None) -> list[str]:
    """--set and its short forms as `KEY=VALUE` texts."""
    short = {"replicates": replicates, "quarters": quarters}
    return [*(sets or []), *(f"{key}={value}" for key, value in short.items() if value is not None)]


@contextmanager
def refusals(wrote: str = "nothing was written") -> Iterator[None]:
    """Say in plain words what is wrong with a config or folder, and leave with exit code 2."""
    from abm.config.errors import ConfigError
    from abm.experiment.store import ResultsError

    try:
        yield
    except (ConfigError, ResultsError) as error:
        count = len(getattr(error, "problems", ()))
        typer.echo(str(error), err=True)
        last = f"{count} problems; {wrote}" if count > 1 else wrote
        if last:
            typer.echo(last, err=True)
        raise typer.Exit(2) from None


def words() -> str:
    """The command as it was typed, for the manifest; the program without its folder."""
    import shlex
    import sys

    name = Path(sys.argv[0]).name
    return shlex.join(["abm" if name in ("__main__.py", "abm", "abm.exe") else name, *sys.argv[1:]])
