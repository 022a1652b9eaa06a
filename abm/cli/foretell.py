"""The command for blind predictions: abm predict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Workers, refusals


def predict(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for the predictions; one that was stopped goes on.")],
    posterior: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The posterior ensemble. [default: results/reference/calibration/posterior.csv]")
    ] = None,
    members: Annotated[int | None, typer.Option(min=1, help="Take the first members only.")] = None,
    prior: Annotated[
        int | None, typer.Option(min=2, metavar="N", help="N members drawn from plausible ranges in place of the posterior: a trial.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Three years and one replicate, to see that it works.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the large tables of the runs.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Run nothing: say whether the files in DIR are those of its stamp.")] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Run nothing: draw the figures in DIR again.")] = False,
    workers: Workers = None,
) -> None:
    """Predict from the posterior ensemble what nobody has looked up yet, with intervals and a stamp.

    docs/predictions.md says what is predicted how, and how much to trust it.
    """
    with refusals(""):
        if check:
            _check(out)
            return
        from abm.view.foretold import draw

        if figures:
            draw(out)
            return
        from abm.analysis import predictions
        from abm.cli.options import words

        found = predictions.predict(out, posterior, prior, members, quick, keep, workers, lambda text: typer.echo(text, err=True), words())
        draw(out)
        for row in found.table.itertuples():
            if row.status == predictions.PREDICTED and "." not in row.id:
                typer.echo(
                    f"{row.id:4s} {row.median:10.3g}  ({row.low90:.3g} to {row.high90:.3g})  {row.unit:24s} {row.statement} [{row.group}]"
                )
        typer.echo(f"{len(found.table)} predictions from {found.stamp['members']} members, {found.stamp['from']}: {out}")


def _check(folder: Path) -> None:
    """Say whether the predictions are as they were stamped; leave with 1 where they are not."""
    from abm.analysis.predictions import changed

    names = changed(folder)
    typer.echo(f"changed since the stamp: {', '.join(names)}" if names else f"{folder}: all files are as they were stamped")
    if names:
        raise typer.Exit(1)


def add(app: typer.Typer) -> None:
    """Put the command into the app."""
    app.command()(predict)
