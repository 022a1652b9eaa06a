"""Commands that only look: check, levers, parameters, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from abm.cli.options import Config, Quarters, Replicates, Sets, overrides, refusals

if TYPE_CHECKING:
    from abm.config.factors import Factor
    from abm.config.resolved import Resolved


def check(
    config: Config,
    sets: Sets = None,
    replicates: Replicates = None,
    quarters: Quarters = None,
    full: Annotated[bool, typer.Option("--full", help="Print the whole resolved config, defaults and all.")] = False,
) -> None:
    """Check an experiment without running it.

    Says what differs from the defaults and which file and line set it, the number of runs, and the time and disk they take.

    \b
    abm check headline
    abm check my_experiment.yaml --set levers.bypass_rate=0.5
    abm check headline --full > my_experiment.yaml
    """
    from abm.cli.run import _compile
    from abm.config.design import Table
    from abm.experiment.conduct import ready
    from abm.experiment.store import yaml_text

    with refusals():
        resolved, worlds = ready(config, overrides(sets, replicates, quarters))
    if full:
        full_config = resolved.config()
        if isinstance(resolved.experiment.design, Table):  # outside of a results folder there is no points.csv
            full_config["design"] = {"kind": "list", "points": resolved.experiment.design.listed()}
        typer.echo(yaml_text(full_config), nl=False)
        return
    _tell_config(resolved, worlds)
    _compile()
    _tell_cost(resolved, worlds)


def _tell_cost(resolved: Resolved, worlds: dict[str, Any]) -> None:
    import abm
    from abm.experiment.conduct import cores
    from abm.experiment.estimate import duration, estimate, size
    from abm.experiment.folder import study_of
    from abm.experiment.manifest import world_digest
    from abm.experiment.plan import plan

    runs = plan(resolved, {name: world_digest(world) for name, world in worlds.items()})
    points = len(runs.points.values)
    try:
        guess = estimate(runs, study_of(resolved, worlds, runs, abm.ICSModel))
    except Exception as error:
        typer.echo(f"\na first run fails: {error}", err=True)
        raise typer.Exit(1) from None
    parts = (
        (len(resolved.scenarios), "scenario"),
        *(((points, "point"),) if points > 1 else ()),
        (resolved.experiment.replicates, "replicate"),
    )
    each = " x ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in parts)
    typer.echo(f"\nruns: {len(runs)} ({each}), {resolved.experiment.quarters} quarters each")
    several = f", {duration(guess.seconds / cores())} on {cores()} cores" if cores() > 1 and guess.seconds > 20 else ""
    typer.echo(f"time: about {duration(guess.seconds)} here, one process{several} ({1000 * guess.seconds_a_run:.0f} ms a run, measured)")
    typer.echo(f"disk: about {size(guess.bytes)}")


def _tell_config(resolved: Resolved, worlds: dict[str, Any]) -> None:
    from abm.config.errors import shown
    from abm.config.precedence import PRECEDENCE

    experiment = resolved.experiment
    typer.echo(f"{experiment.name}: {experiment.title}\n{experiment.question}\n".rstrip())
    typer.echo(f"\nfile: {shown(resolved.source)}")
    for name, world in worlds.items():
        typer.echo(f"system: {name} ({world.name}: {len(world.icbs)} systems, {len(world.organisations())} organisations)")
    luck = "the same luck in every scenario" if experiment.paired else "each scenario has luck of its own"
    typer.echo(f"seed: {experiment.seed}, {luck}; baseline: {resolved.baseline}")
    stored = experiment.outcomes if isinstance(experiment.outcomes, str) else ", ".join(experiment.outcomes)
    finer = f", by {', '.join(experiment.by)}" if experiment.by else ""
    logs = f", with {', '.join(experiment.keep)}" if experiment.keep else ""
    finely = f"; a row a {experiment.every.replace('_', ' ')}" if experiment.every != "quarter" else ""
    survey = ", with the survey" if experiment.survey else ""
    typer.echo(f"stored: outcomes {stored}{finer}{logs}{survey}{finely}; figure: {experiment.figure or 'none'}")
    if experiment.design is not None:
        typer.echo(f"design: {experiment.design.kind}, {experiment.design.count()} points over")
        for factor in experiment.design.factors():
            typer.echo(f"  {factor.key}: {_span(factor)}")
    typer.echo(f"\nWhat differs from the defaults, and who set it ({PRECEDENCE}):")
    for scenario in resolved.scenarios:
        typer.echo(f"  {scenario.name}")
        rows = [(f"{s}.{n}", g) for s in ("levers", "parameters") for n, g in scenario.changed(s).items()]
        for key, given in rows:
            typer.echo(f"    {key} = {given.value}   (default {_default(key)}; {given.layer}: {given.place.short()})")
        for name, what in scenario.sight.items():
            typer.echo(f"    {name} = {', '.join(what)}   (decisions only; default: they see everything)")
        if not rows and not scenario.sight:
            typer.echo("    nothing: all defaults")


def _span(factor: Factor) -> str:
    """A factor's levels or range, in words."""
    if factor.levels:
        shown = [str(level) if not isinstance(level, dict) else "(a setting)" for level in factor.levels[:12]]
        return ", ".join(shown) + (f" and {len(factor.levels) - 12} more" if len(factor.levels) > 12 else "")
    kind = ", whole numbers" if factor.whole else ""
    return f"{factor.low:g} to {factor.high:g}{kind}{', on a log scale' if factor.log else ''}"


def _default(key: str) -> object:
    from abm.config.precedence import DECLARED

    section, name = key.split(".", 1)
    return DECLARED[section][name].default


def _list(what: str, search: str) -> None:
    """Print one of the public tables, filtered by a word."""
    import abm

    frame = getattr(abm, what)()
    rows = [row for row in frame.to_dict("records") if search.lower() in " ".join(map(str, row.values())).lower()]
    for row in rows:
        if "default" not in row:
            typer.echo(f"{row['name']}  [{row['unit']}]\n    {row['meaning']}")
            continue
        span = row["choices"] or f"{row['low']:g} to {row['high']:g}"
        typer.echo(f"{row['name']} = {row['default']}  ({span}; {row['unit']}; {row['status']})\n    {row['meaning']}")
    if not rows:
        from abm.config.errors import nearest

        close = nearest(search, [str(name) for name in frame["name"]])
        typer.echo(f"no {what[:-1]} with {search!r}" + (f"; did you mean {close!r}?" if close else ""), err=True)
        raise typer.Exit(2)


SearchArgument = Annotated[str, typer.Argument(metavar="[WORD]", help="Only those with this word.")]


def levers(search: SearchArgument = "") -> None:
    """List what a policy maker sets (name, default, range)."""
    _list("levers", search)


def parameters(search: SearchArgument = "") -> None:
    """List the facts about the world (name, default, range)."""
    _list("parameters", search)


def outcomes(search: SearchArgument = "") -> None:
    """List what is measured (name, unit, meaning)."""
    _list("outcomes", search)


def add(app: typer.Typer) -> None:
    """Put the commands into the app."""
    for command in (check, levers, parameters, outcomes):
        app.command()(command)
