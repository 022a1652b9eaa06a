"""What `abm run` says at the end: the table and the sentences that a policy reader wants, and where the rest is."""

from __future__ import annotations

import sys
from textwrap import fill
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from abm.experiment.finish import Results


def tell(results: Results) -> None:
    """Print it."""
    from rich.console import Console

    from abm.experiment.estimate import duration

    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 120)
    facts = results.manifest
    if facts["points"] == 1:
        _table(console, results)
    elif len(results.means):
        _points_table(console, results)
    done = facts["runs"] - facts["failed"]
    points = f"{facts['points']} design points, " if facts["points"] > 1 else ""
    console.print(
        f"\n{points}{done} of {facts['runs']} runs of {facts['quarters']} quarters in {duration(facts['seconds'])}. "
        f"Results: {results.folder}",
        soft_wrap=True,
    )
    if facts["failed"]:
        first = results.runs.loc[results.runs["status"] == "failed", "error"].iloc[0]
        again = f"abm resume {results.folder} --failed runs them again"
        typer.echo(f"{facts['failed']} runs failed, the first with {first}: see {results.folder}/runs.csv and /errors; {again}", err=True)
    if results.figure_error:
        typer.echo(f"the figure could not be drawn: {results.figure_error}", err=True)


MOST_POINTS = 16  # design points that are shown one by one


def _points_table(console: Console, results: Results) -> None:
    """Means of the last year at each design point; for many points, the range over the points."""
    import pandas as pd
    from rich.box import SIMPLE
    from rich.table import Table

    from abm.experiment.effects import outcome_columns
    from abm.experiment.table import number, shown_columns

    columns = shown_columns(outcome_columns(results.means.columns))
    means = results.means[[column.outcome for column in columns]].groupby(level=["scenario", "point"], sort=False).mean()
    points = pd.read_csv(results.folder / "points.csv", index_col="point", keep_default_na=False)
    facts = results.manifest
    few = len(means) <= MOST_POINTS
    what = "last year of the run, mean over replicates" if few else f"last year of the run, lowest and highest of {len(means)} points"
    table = Table(title=f"{facts['title'] or facts['experiment']}: {what}", title_justify="left", box=SIMPLE, padding=(0, 1))
    several = len(facts["scenarios"]) > 1
    for name in [*(["scenario"] if several else []), *points.columns] if few else [""]:
        table.add_column(name.split(".", 1)[-1], overflow="fold")
    for column in columns:
        table.add_column(column.words, justify="right", overflow="fold")
    if few:
        for (scenario, point), row in means.iterrows():
            labels = [*([str(scenario)] if several else []), *(str(value)[:30] for value in points.loc[point])]
            table.add_row(*labels, *(number(row[column.outcome], column) for column in columns))
    else:
        for word, row in (("lowest", means.min()), ("highest", means.max())):
            table.add_row(word, *(number(row[column.outcome], column) for column in columns))
    console.print(table)
    console.print(f"All points with intervals: abm table {results.folder} summary", soft_wrap=True)


def _table(console: Console, results: Results) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from abm.experiment.table import cells, readings, shown_columns

    facts = results.manifest
    titles = {scenario["name"]: scenario["title"] for scenario in facts["scenarios"]}
    title = f"{facts['title'] or facts['experiment']}: last year of the run (change)"
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for column in shown_columns(results.means.columns):
        table.add_column(column.words, justify="right", overflow="fold")
    for name, *values in cells(results.means, list(titles), facts["baseline"]):
        table.add_row(fill(titles[name], 22), *values)
    if len(results.means):
        console.print(table)
    sentences = readings(results.effects, results.means.columns)
    for name in dict.fromkeys(scenario for scenario, _ in sentences):
        console.print(f"\n{titles[name]}, against {titles[facts['baseline']]}:", style="bold")
        for sentence in (text for scenario, text in sentences if scenario == name):
            console.print(f"  - {sentence}", soft_wrap=True)
