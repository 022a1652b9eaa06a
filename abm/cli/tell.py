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
