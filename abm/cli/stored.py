"""Commands on results folders: table, query, export, compare, reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Folder, Workers, refusals

MOST_COLUMNS = 12  # that fit into a terminal


def table(
    folder: Folder,
    name: Annotated[
        str, typer.Argument(metavar="[TABLE]", help="outcomes, survey, runs, points, summary, effects, dictionary ...")
    ] = "outcomes",
    rows: Annotated[int, typer.Option("--rows", min=1, help="How many rows to show.")] = 10,
) -> None:
    """Show the first rows of a table of results. In Python: abm.load(DIR, TABLE).

    \b
    abm table results/mine summary --rows 50
    """
    from abm.experiment.read import head

    with refusals(""):
        frame = head(folder, name, rows)
    shown = frame.iloc[:, :MOST_COLUMNS]
    typer.echo(shown.to_string(index=False, max_colwidth=60))
    if len(frame.columns) > MOST_COLUMNS:
        left = ", ".join(frame.columns[MOST_COLUMNS : MOST_COLUMNS + 6])
        typer.echo(f"{len(frame.columns) - MOST_COLUMNS} more columns ({left} ...): abm query and abm export have them all")


def query(
    folder: Folder,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A DuckDB query; the tables are outcomes, survey, runs, points ...")],
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Ask a results folder in SQL, without loading it. In Python: abm.query(DIR, SQL).

    \b
    abm query results/mine 'select scenario, avg(trust) from outcomes where quarter > 55 group by scenario'
    """
    from abm.experiment.read import query as ask

    with refusals(""):
        frame = ask(folder, sql)
    typer.echo(frame.to_csv(index=False).rstrip() if csv else frame.to_string(index=False))


def export(
    folder: Folder,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="outcomes, survey, runs, points, summary ...")],
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, .csv or .csv.gz.")],
) -> None:
    """Write a table as CSV. In Python: abm.export(DIR, TABLE, FILE)."""
    from abm.experiment.read import export as write

    with refusals():
        count = write(folder, name, path)
    typer.echo(f"{count} rows written to {path}")


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A results folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
) -> None:
    """Say what differs between two results folders.

    Exit code 0: the same, to the bit; 1: they differ.
    """
    from abm.experiment.compare import compare as compared

    with refusals(""):
        found = compared(first, second)
    for line in found.lines():
        typer.echo(line)
    raise typer.Exit(0 if found.identical else 1)


def reproduce(folder: Folder, workers: Workers = None) -> None:
    """Run a results folder again and compare it to the bit.

    Says "identical, to the bit", or names the first thing that differs. The folder is not touched.
    Exit code 0: identical; 1: it differs or is damaged.
    """
    from abm.cli.run import _compile
    from abm.experiment.conduct import How, StoppedError, sweep
    from abm.experiment.progress import progress
    from abm.experiment.reproduce import reproduce as again

    def run_again(config: Path, out: Path) -> None:
        _compile()
        sweep(str(config), out, how=How(workers=workers, report=progress))

    with refusals(""):
        try:
            found = again(folder, run_again)
        except (StoppedError, KeyboardInterrupt):
            typer.echo("stopped", err=True)
            raise typer.Exit(130) from None
    for line in found.lines():
        typer.echo(line)
    raise typer.Exit(0 if found.identical else 1)


def add(app: typer.Typer) -> None:
    """Put the commands into the app."""
    for command in (table, query, export, compare, reproduce):
        app.command()(command)
