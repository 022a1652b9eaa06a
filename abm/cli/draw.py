"""Commands that draw the network and the map of a results folder: abm draw network | page | film | map."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Folder, refusals

ScenarioOption = Annotated[str | None, typer.Option("--scenario", help="Which scenario. [default: the baseline]")]
PointOption = Annotated[int, typer.Option("--point", min=0, help="Which design point.")]
ReplicateOption = Annotated[int, typer.Option("--replicate", min=0, help="Which replicate.")]
AgainstOption = Annotated[
    str | None, typer.Option("--against", help="Another scenario: draw the difference from it, on the same random numbers.")
]
ScopeOption = Annotated[str, typer.Option("--scope", help="england, or the code or name of a region or system.")]
LayoutOption = Annotated[str | None, typer.Option("--layout", help="map, tiers or hex. [default: map where places are known]")]
EdgesOption = Annotated[str, typer.Option("--edges", help="What ties show: state, act, trust, kind or flow.")]
TieOption = Annotated[list[str] | None, typer.Option("--tie", help="Only this kind of tie; repeat for more.")]
FigureOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A .png, .svg or .pdf file. [default: in DIR]")]

draw = typer.Typer(help="Draw a results folder: networks, maps, curves.", no_args_is_help=True, rich_markup_mode=None)


@draw.command()
def network(
    folder: Folder,
    scenario: ScenarioOption = None,
    point: PointOption = 0,
    replicate: ReplicateOption = 0,
    quarters: Annotated[
        list[int] | None, typer.Option("--quarter", min=0, help="After this many quarters; repeat for small multiples. [default: all]")
    ] = None,
    scope: ScopeOption = "england",
    layout: LayoutOption = None,
    edges: EdgesOption = "state",
    ties: TieOption = None,
    against: AgainstOption = None,
    out: FigureOption = None,
) -> None:
    """Draw the organisations and their ties: England, a region, or one system and its partners.

    \b
    abm draw network results/mine
    abm draw network results/mine --scope London --edges trust --scenario ring_fencing
    abm draw network results/mine --quarter 4 --quarter 20 --quarter 40 --quarter 60
    abm draw network results/mine --scenario finance_oversight --against baseline
    """
    from abm.view.network import draw_network

    with refusals(""):
        path = out or folder / named("network", scenario, scope, layout, edges, against)
        made = draw_network(folder, path, scenario, point, replicate, quarters, scope, layout, edges, ties, against, say)
    wrote(made)


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
    """Write the network as one interactive HTML page that needs no internet: hover, search, filter, play.

    \b
    abm draw page results/mine --against ring_fencing
    """
    from abm.view.page import write_page

    with refusals(""):
        made = write_page(folder, out or folder / "network.html", scenario, point, replicate, against, every, say)
    wrote(made)


@draw.command()
def film(
    folder: Folder,
    scenario: ScenarioOption = None,
    point: PointOption = 0,
    replicate: ReplicateOption = 0,
    scope: ScopeOption = "england",
    layout: LayoutOption = None,
    edges: EdgesOption = "state",
    ties: TieOption = None,
    every: Annotated[int, typer.Option(min=1, help="A picture every so many quarters.")] = 2,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A .gif or .mp4 file. [default: a .gif in DIR]")] = None,
) -> None:
    """Write the network through the quarters as an animation (.mp4 needs ffmpeg).

    \b
    abm draw film results/mine --scenario finance_oversight --scope London --every 1
    """
    from rich.console import Console
    from rich.progress import Progress

    from abm.view.network.animation import animate

    with refusals(""), Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        path = out or folder / named("network", scenario, scope, layout, edges, suffix=".gif")
        task = bar.add_task("running", total=None)
        asked = {"progress": lambda done, of: bar.update(task, description="drawing", completed=done, total=of)}
        made = animate(folder, path, scenario, point, replicate, scope, every, layout, edges, ties, bar.console.print, **asked)
    wrote(made)


@draw.command("map")
def map_(
    folder: Folder,
    outcome: Annotated[str, typer.Argument(metavar="[OUTCOME]", help="An outcome (abm outcomes).")] = "collaborative_share",
    scenario: ScenarioOption = None,
    against: AgainstOption = None,
    year: Annotated[str | None, typer.Option(help="A financial year, as 2030/31. [default: the last]")] = None,
    point: PointOption = 0,
    layout: Annotated[str | None, typer.Option("--layout", help="map or hex. [default: map where outlines are known]")] = None,
    out: FigureOption = None,
) -> None:
    """Draw an outcome of each system on the outlines of England's ICBs, a mean over the runs.

    \b
    abm draw map results/mine trust --scenario finance_oversight --against baseline
    """
    from abm.view.maps import draw_map

    with refusals(""):
        path = out or folder / named(f"map_{outcome}", scenario, against, year and year.replace("/", "-"))
        made = draw_map(folder, path, outcome, scenario, against, year, point, layout, say)
    wrote(made)


def say(text: object) -> None:
    """Tell what goes on, beside the output."""
    typer.echo(str(text), err=True)


def wrote(*paths: Path) -> None:
    """Say what was written."""
    for path in paths:
        typer.echo(f"wrote {path}")


def named(stem: str, *parts: str | None, suffix: str = ".png") -> str:
    """A file's name from the choices that differ from the usual: 'network_ring_fencing_London.png'."""
    chosen = (part.replace(" ", "_") for part in parts if part and part not in ("england", "state"))
    return "_".join([stem, *chosen]) + suffix
