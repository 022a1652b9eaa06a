"""Commands that chart a results folder: abm draw curves | distribution | slope | response | phase | ramp."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from abm.cli.draw import FigureOption, draw, named, wrote
from abm.cli.options import Folder, refusals

OutcomesOption = Annotated[list[str] | None, typer.Option("--outcome", help="An outcome; repeat for more. [default: the chief ones]")]
OutcomeOption = Annotated[str, typer.Option("--outcome", help="An outcome (abm outcomes).")]
ScenariosOption = Annotated[list[str] | None, typer.Option("--scenario", help="Only this scenario; repeat for more.")]
ScenarioOption = Annotated[str | None, typer.Option("--scenario", help="Which scenario. [default: the baseline]")]
FixedOption = Annotated[
    list[str] | None, typer.Option("--fix", metavar="FACTOR=LEVEL", help="Only points with this level of another factor; repeat for more.")
]


@draw.command()
def curves(
    folder: Folder,
    outcomes: OutcomesOption = None,
    scenarios: ScenariosOption = None,
    by: Annotated[str | None, typer.Option(help="kind or region: a line each.")] = None,
    middle: Annotated[str, typer.Option(help="mean or median.")] = "mean",
    out: FigureOption = None,
) -> None:
    """Draw outcomes through the years, with bands over the runs.

    \b
    abm draw curves results/mine --outcome trust --outcome unmet_need --by region
    """
    _chart(folder, "curves", out, [by], outcomes=outcomes, scenarios=scenarios, by=by, middle=middle)


@draw.command()
def distribution(
    folder: Folder,
    outcome: OutcomeOption = "collaborative_share",
    scenarios: ScenariosOption = None,
    form: Annotated[str, typer.Option(help="ridge or heat.")] = "ridge",
    point: Annotated[int | None, typer.Option("--point", min=0, help="Only this design point. [default: all]")] = None,
    out: FigureOption = None,
) -> None:
    """Draw how an outcome is spread over the systems, year by year.

    \b
    abm draw distribution results/mine --outcome deficit_share --form heat
    """
    _chart(folder, "distribution", out, [outcome], outcome=outcome, scenarios=scenarios, form=form, point=point)


@draw.command()
def slope(folder: Folder, outcomes: OutcomesOption = None, scenarios: ScenariosOption = None, out: FigureOption = None) -> None:
    """Draw what each scenario changes in the last year, as slopes from the baseline.

    \b
    abm draw slope results/mine
    """
    _chart(folder, "slope", out, [], outcomes=outcomes, scenarios=scenarios)


@draw.command()
def response(
    folder: Folder,
    factors: Annotated[
        list[str] | None, typer.Option("--factor", help="A factor of the design; repeat for more. [default: the first]")
    ] = None,
    outcomes: OutcomesOption = None,
    scenarios: ScenariosOption = None,
    fixed: FixedOption = None,
    out: FigureOption = None,
) -> None:
    """Draw outcomes against the levels of a factor of the design.

    \b
    abm draw response results/mine --factor finance_share --fix bypass_rate=0
    """
    with refusals(""):
        chosen = _fixed(fixed)
    _chart(folder, "response", out, [*(factors or [])], factor=factors, outcomes=outcomes, scenarios=scenarios, fixed=chosen)


@draw.command()
def phase(
    folder: Folder,
    x_factor: Annotated[str | None, typer.Option("--x", help="The factor along the bottom. [default: the first]")] = None,
    y_factor: Annotated[str | None, typer.Option("--y", help="The factor up the side. [default: the second]")] = None,
    outcome: OutcomeOption = "collaborative_share",
    scenario: ScenarioOption = None,
    level: Annotated[float | None, typer.Option(help="Draw the line at this value. [default: half-way between the extremes]")] = None,
    fixed: FixedOption = None,
    out: FigureOption = None,
) -> None:
    """Draw an outcome over two factors of the design, with the line where it tips.

    \b
    abm draw phase results/mine --x finance_share --y bypass_rate --outcome trust
    """
    with refusals(""):
        chosen = _fixed(fixed)
    given = {"x_factor": x_factor, "y_factor": y_factor, "outcome": outcome, "scenario": scenario, "level": level, "fixed": chosen}
    _chart(folder, "phase", out, [outcome, x_factor, y_factor], **given)


@draw.command()
def ramp(
    folder: Folder,
    outcome: OutcomeOption = "collaborative_share",
    lever: Annotated[str | None, typer.Option(help="The lever that rises and falls. [default: the design's]")] = None,
    scenario: ScenarioOption = None,
    out: FigureOption = None,
) -> None:
    """Draw a design of ramps: the way there, the way back, and the gap between them.

    \b
    abm draw ramp results/mine --outcome trust
    """
    _chart(folder, "ramp", out, [outcome], outcome=outcome, lever=lever, scenario=scenario)


def _chart(folder: Path, kind: str, out: Path | None, parts: list[str | None], **options: Any) -> None:
    from abm.view.drawing import draw as chart

    with refusals(""):
        made = chart(folder, kind, out or folder / named(kind, *parts), **{name: value for name, value in options.items() if value != []})
    wrote(made)


def _fixed(texts: list[str] | None) -> dict[str, Any] | None:
    """'bypass_rate=0' as {'bypass_rate': 0}; raises `ResultsError` for a text without '='."""
    import json

    from abm.experiment.store import ResultsError

    found: dict[str, Any] = {}
    for text in texts or []:
        factor, equals, level = text.partition("=")
        if not equals or not level:
            raise ResultsError(f"--fix takes FACTOR=LEVEL, as bypass_rate=0.5; got {text!r}")
        try:
            found[factor.strip()] = json.loads(level)
        except ValueError:
            found[factor.strip()] = level.strip()
    return found or None
