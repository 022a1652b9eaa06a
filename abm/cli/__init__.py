"""The `abm` command. Heavy things are imported inside the commands, so that help is quick."""

from __future__ import annotations

import sys

import typer

HELP = """
An agent-based model of collaboration in England's integrated care systems.

Start here:

\b
  abm run tiny            a few seconds: everything, in small
  abm run headline        England, 15 years, baseline and three treatments
  abm view                see it move: two worlds side by side in the browser, with levers to pull
  abm check headline      what would run, what differs from the defaults, and who set it
  abm sweep first_sweep   many design points, on all cores; abm resume goes on if it is stopped
  abm draw network DIR    pictures of results: networks, maps, curves (abm draw has them all)
  abm trace DIR           who moved whom: how a difference spreads, act by act
  abm report DIR          one page for a policy reader
  abm claims              what the sources claim, and what the model says to that
  abm predict DIR         blind predictions from the calibrated ensemble
  abm levers bypass       the levers with that word, with their ranges

Change one number in one place, without editing a file:

  abm run headline --set levers.finance_share=0.8 --replicates 5

\b
Layers, later wins:
  declared default < system < experiment < scenario < design < command line
"""
app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

from abm.cli import calibrate, charts, claims, explain, foretell, measure, run, serve, show, stored  # noqa: E402  (they put themselves into `app`, in this order)

run.add(app)
serve.add(app)
show.add(app)
stored.add(app)
app.add_typer(charts.draw, name="draw")  # networks and maps of `draw`, and charts
explain.add(app)
calibrate.add(app)
claims.add(app)
foretell.add(app)
measure.add(app)


def main() -> None:
    """Entry point of the `abm` command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)
