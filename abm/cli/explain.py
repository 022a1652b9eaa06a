"""Commands that explain results: trace (who moved whom) and report (one page for a policy reader)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.draw import PointOption, ReplicateOption, wrote
from abm.cli.options import Folder, refusals

if TYPE_CHECKING:
    import pandas as pd


ROWS = 8  # of the cascade that are printed; all are in cascade.csv


def trace(
    first: Folder,
    second: Annotated[
        str | None,
        typer.Argument(metavar="[OTHER]", help="A scenario of DIR, or another results folder. [default: the only other scenario]"),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="The world to compare with: a scenario of DIR. [default: its baseline]")
    ] = None,
    other: Annotated[str | None, typer.Option("--other", help="With another folder: the scenario of it. [default: its baseline]")] = None,
    point: PointOption = 0,
    replicate: ReplicateOption = 0,
    why: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--why", metavar="ACTOR PARTNER QUARTER", help="Explain one decision too: codes, and a quarter as '2026/27 Q3'."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="OUT", help="A folder for the tables and figures. [default: in DIR]")] = None,
) -> None:
    """Who moved whom: the first act that differs between two worlds, how the difference spreads, and why.

    \b
    abm trace results/mine ring_fencing
    abm trace results/mine ring_fencing --why QMF R1H '2024/25 Q1'
    abm trace results/mine finance_oversight --scenario ring_fencing --replicate 3
    abm trace results/mine results/yours
    """
    from abm.analysis.trace import trace as one_folder
    from abm.analysis.trace import trace_folders
    from abm.experiment.store import ResultsError
    from abm.view import cascade

    with refusals(""):
        if second is not None and Path(second).is_dir():
            found = trace_folders(first, second, scenario, other, point, replicate)
            place = out or first / "trace"
        elif other is not None:
            raise ResultsError("--other goes with another results folder: abm trace DIR OTHER --other SCENARIO")
        else:
            found = one_folder(first, scenario, second, point, replicate)
            place = out or first / (f"trace_{second}" if second else "trace")
        typer.echo("\n\n".join(found.sentences()))
        _rows(found.cascade)
        made = cascade.write(found, place)
        if why is not None:
            actor, partner, quarter = why
            when = int(quarter) if quarter.isdigit() else quarter
            typer.echo(f"\n{found.why(actor, partner, when)}\n")
            made.append(cascade.write_why(found, actor, partner, when, place))
    wrote(*made)


def _rows(frame: pd.DataFrame) -> None:
    """The first rows of a cascade, the columns that tell most."""
    if not len(frame):
        return
    shown = ["year", "quarter", "actor_name", "partner_name", "act_a", "act_b", "moved_words", "input_words", "step"]
    typer.echo(f"\nfirst {min(ROWS, len(frame))} of {len(frame)} ties whose act differs:")
    typer.echo(frame[[name for name in shown if name in frame]].head(ROWS).to_string(index=False, max_colwidth=34) + "\n")


def report(
    folder: Folder,
    main: Annotated[str | None, typer.Option("--outcome", help="The outcome that leads. [default: collaborative share]")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="An .html file. [default: report.html in DIR]")] = None,
) -> None:
    """Write one self-contained HTML page for a policy reader: question, answer, figures, how sure, what is not modelled.

    \b
    abm report results/mine
    """
    from abm.view.report import write_report

    with refusals(""):
        made = write_report(folder, out, main)
    wrote(made)


def add(app: typer.Typer) -> None:
    """Put the commands into the app."""
    app.command()(trace)
    app.command()(report)
