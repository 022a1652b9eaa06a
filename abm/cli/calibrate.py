"""The command that calibrates: abm calibrate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Sets, Workers, overrides, refusals, words

Quick = Annotated[bool, typer.Option("--quick", help="A small size on the tiny system, to see that it works; not to be believed.")]
ConfigName = Annotated[str, typer.Argument(metavar="[CONFIG]", help="An experiment whose design is the prior and the first wave.")]
Place = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for waves, members, tables and figures; goes on where it stopped.")
]


def calibrate(
    config: ConfigName = "e11_calibration",
    out: Place = Path("results/calibration"),
    quick: Quick = False,
    sets: Sets = None,
    workers: Workers = None,
) -> None:
    """Find parameter sets that meet what was observed: history matching, then approximate Bayesian computation.

    Writes posterior.csv (the members, for designs of kind table), the fit by target, which parameters are constrained, a recovery
    test, figures and answer.md. Started again in the same folder it goes on where it was stopped.

    \b
    abm calibrate --quick --out results/quick/calibration
    abm calibrate --out results/calibration
    """
    from abm.analysis.calibration.course import QUICK, Size
    from abm.analysis.calibration.course import calibrate as run
    from abm.cli.run import _compile
    from abm.experiment.conduct import How
    from abm.experiment.progress import progress
    from abm.view import calibrated

    small = ["system=tiny", "design.points=64"] if quick else []
    with refusals(f"what was run is kept in {out}"):
        _compile()
        how = How(workers=workers, report=progress, say=lambda text: typer.echo(text, err=True), command=words())
        found = run(config, out, QUICK if quick else Size(), [*small, *overrides(sets, None, None)], how)
        calibrated.write(found, out)
    typer.echo(f"\n{calibrated.answer(found.tables)}")
    for text in calibrated.findings(found):
        typer.echo(f"  - {text}")
    typer.echo(f"  {out}")


def add(app: typer.Typer) -> None:
    """Put the command into the app."""
    app.command()(calibrate)
