"""Commands that make pictures and pages: draw network | page | film | map | curves ..., trace, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from abm.cli.options import Folder, refusals

ScenarioOption = Annotated[str | None, typer.Option("--scenario", help="Which scenario. [default: the baseline]")]
PointOption = Annotated[int, typer.Option("--point", min=0, help="Which design point.")]
ReplicateOption = Annotated[int, typer.Option("--replicate", min=0, help="Which replicate.")]
AgainstOption = Annotated[
    str | None, typer.Option("--against", help="Another scenario: draw the difference from it, on the same random numbers.")
]
ScopeOption = Annotated[str, typer.Option("--scope", help="england, or the code of a region or system (abm table DIR ... has them).")]
FigureOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to save it: .png, .svg or .pdf. [default: in DIR]")]

draw = typer.Typer(help="Draw a results folder: networks, maps, curves.", no_args_is_help=True, rich_markup_mode=None)


@draw.command()
def network(
    folder: Folder,
    scenario: ScenarioOption = None,
    point: PointOption = 0,
    replicate: ReplicateOption = 0,
    quarter: Annotated[
        list[int] | None, typer.Option("--quarter", help="Quarters run by then; repeat for small multiples. [default: all]")
    ] = None,
    scope: ScopeOption = "england",
    layout: Annotated[str | None, typer.Option(help="map, tiers or hex. [default: map where places are known]")] = None,
    edges: Annotated[str, typer.Option(help="What ties show: state, trust, kind, act or flow.")] = "state",
    ties: Annotated[list[str] | None, typer.Option("--tie", help="Only this kind of tie; repeat for more.")] = None,
    against: AgainstOption = None,
    out: FigureOption = None,
) -> None:
    """Draw the organisations and their ties, on the map or in tiers.

    \b
    abm draw network results/mine
    abm draw network results/mine --scope Y56 --edges trust --scenario ring_fencing
    abm draw network results/mine --quarter 4 --quarter 20 --quarter 40 --quarter 60
    abm draw network results/mine --scenario finance_oversight --against baseline
    """
    from abm.view.network import draw_network

    with refusals(""):
        path = out or folder / f"network{_suffix(scenario, scope, edges if edges != 'state' else '', against)}.png"
        made = draw_network(folder, path, scenario, point, replicate, quarter, scope, layout, edges, ties, against, _say)
    _made([made])


@draw.command()
def page(
    folder: Folder,
    scenario: ScenarioOption = None,
    point: PointOption = 0,
    replicate: ReplicateOption = 0,
    against: AgainstOption = None,
    every: Annotated[int, typer.Option(min=1, help="Keep every so many quarters.")] = 4,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="An .html file. [default: network.html in DIR]")] = None,
) -> None:
    """Write the network as one interactive HTML page that needs no network: hover, search, filter, play.

    \b
    abm draw page results/mine --against ring_fencing
    """
    from abm.view.page import write_page

    with refusals(""):
        made = write_page(folder, out or folder / "network.html", scenario, point, replicate, against, every, _say)
    _made([made])


@draw.command()
def film(
    folder: Folder,
    scenario: ScenarioOption = None,
    point: PointOption = 0,
    replicate: ReplicateOption = 0,
    scope: ScopeOption = "england",
    every: Annotated[int, typer.Option(min=1, help="A picture every so many quarters.")] = 2,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A .gif or .mp4 file. [default: network.gif in DIR]")] = None,
) -> None:
    """Write the network through the quarters as an animation."""
    from abm.view.animation import animate

    with refusals(""):
        made = animate(folder, out or folder / "network.gif", scenario, point, replicate, scope, every, report=_say)
    _made([made])


@draw.command("map")
def map_(
    folder: Folder,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="An outcome, for example collaborative_share (abm outcomes).")],
    scenario: ScenarioOption = None,
    against: AgainstOption = None,
    year: Annotated[str | None, typer.Option(help="A financial year, as 2030/31. [default: the last]")] = None,
    out: FigureOption = None,
) -> None:
    """Draw an outcome of each system on the outlines of England's ICBs.

    \b
    abm draw map results/mine trust --scenario finance_oversight --against baseline
    """
    from abm.view.maps import draw_map

    with refusals(""):
        made = draw_map(folder, out or folder / f"map_{outcome}{_suffix(scenario, against)}.png", outcome, scenario, against, year)
    _made([made])


def _chart(kind: str, words: str) -> Any:
    """A command that draws one kind of chart."""

    def command(
        folder: Folder,
        outcomes: Annotated[list[str] | None, typer.Option("--outcome", help="An outcome; repeat for more.")] = None,
        scenarios: Annotated[list[str] | None, typer.Option("--scenario", help="Only this scenario; repeat for more.")] = None,
        by: Annotated[str | None, typer.Option(help="kind or region: a line each (curves).")] = None,
        x: Annotated[str | None, typer.Option(help="The factor along the bottom, as levers.finance_share (phase, response).")] = None,
        y: Annotated[str | None, typer.Option(help="The factor up the side (phase).")] = None,
        out: FigureOption = None,
    ) -> None:
        from abm.view.charts import draw as chart

        given = {"outcomes": outcomes, "scenarios": scenarios, "by": by, "x": x, "y": y}
        with refusals(""):
            made = chart(folder, kind, out or folder / f"{kind}.png", **{name: value for name, value in given.items() if value})
        _made([made])

    command.__doc__ = words
    return command


CHARTS = {
    "curves": "Draw outcomes through the years, with bands over replicates.",
    "distribution": "Draw how an outcome is spread over systems, through the years.",
    "slope": "Draw what each scenario changes, as slopes from the baseline.",
    "response": "Draw outcomes against one factor of the design.",
    "phase": "Draw an outcome over two factors of the design, with the line where it tips.",
    "ramp": "Draw a design of ramps: the way there, the way back, and the area between.",
}
for _kind, _words in CHARTS.items():
    draw.command(_kind)(_chart(_kind, _words))


def trace(
    first: Annotated[Path, typer.Argument(metavar="DIR", help="A results folder.")],
    second: Annotated[
        str | None, typer.Argument(metavar="[OTHER]", help="A scenario of it to compare with the baseline, or another folder.")
    ] = None,
    scenario: ScenarioOption = None,
    point: PointOption = 0,
    replicate: ReplicateOption = 0,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="A folder for the tables and the figure. [default: trace in DIR]")] = None,
) -> None:
    """Who moved whom: the first act that differs between two worlds, and how the difference spreads.

    \b
    abm trace results/mine ring_fencing
    abm trace results/mine finance_oversight --scenario ring_fencing --replicate 3
    abm trace results/mine results/yours
    """
    from abm.view.cascade import write_trace, write_trace_folders

    with refusals(""):
        if second is not None and Path(second).is_dir():
            made = write_trace_folders(first, second, out or first / "trace", scenario, scenario, point, replicate)
        else:
            made = write_trace(first, out or first / "trace", scenario, second, point, replicate)
    _made(made)


def report(
    folder: Folder,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="An .html file. [default: report.html in DIR]")] = None,
) -> None:
    """Write one self-contained HTML page for a policy reader: question, answer, figures, how sure, what is not modelled.

    \b
    abm report results/mine
    """
    from abm.view.report import write_report

    with refusals(""):
        made = write_report(folder, out)
    _made([made])


def add(app: typer.Typer) -> None:
    """Put the commands into the app."""
    app.add_typer(draw, name="draw")
    app.command()(trace)
    app.command()(report)


def _say(text: object) -> None:
    typer.echo(str(text), err=True)


def _made(paths: list[Path]) -> None:
    for path in paths:
        typer.echo(f"wrote {path}")


def _suffix(*parts: str | None) -> str:
    """'_a_b' of the parts that say something."""
    return "".join(f"_{part}" for part in parts if part and part != "england")
