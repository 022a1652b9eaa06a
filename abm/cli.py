"""The `abm` command. Heavy things are imported inside the commands, so that help is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from abm.config.resolved import Resolved
    from abm.experiment.results import Results
    from abm.model.network import World

HELP = """
An agent-based model of collaboration in England's integrated care systems.

Start here:

\b
  abm run tiny          a few seconds: everything, in small
  abm run headline      England, 15 years, baseline and three treatments
  abm check headline    what would run, what differs from the defaults, and who set it
  abm levers bypass     the levers with that word, with their ranges

Change one number in one place, without editing a file:

  abm run headline --set levers.finance_share=0.8 --replicates 5

\b
Layers, later wins:
  declared default < system < experiment < scenario < command line
"""
app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

ConfigArgument = Annotated[
    str, typer.Argument(metavar="CONFIG", help="A name in configs/experiments (headline, tiny) or a path to a YAML file.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one value; repeat for more. For example levers.finance_share=0.9 or seed=3."),
]
ReplicatesOption = Annotated[int | None, typer.Option(help="Runs per scenario; short for --set replicates=N.")]
QuartersOption = Annotated[int | None, typer.Option(help="Quarters per run; short for --set quarters=N.")]
OutOption = Annotated[Path | None, typer.Option(metavar="DIR", help="A new folder for the results. [default: results/NAME-TIMESTAMP]")]


def _overrides(sets: list[str] | None, replicates: int | None, quarters: int | None) -> list[str]:
    short = {"replicates": replicates, "quarters": quarters}
    return [*(sets or []), *(f"{key}={value}" for key, value in short.items() if value is not None)]


def _refused(error: Exception) -> typer.Exit:
    """Say what is wrong, and leave with exit code 2."""
    count = len(getattr(error, "problems", ()))
    typer.echo(str(error), err=True)
    typer.echo(f"{count} problems; nothing was written" if count > 1 else "nothing was written", err=True)
    return typer.Exit(2)


def _ready(config: str, overrides: list[str]) -> tuple[Resolved, World]:
    """A config that is known to run: resolved, its world built, every scenario's model accepted. Exits with 2 if not."""
    import abm
    from abm.config.checks import check_against_world, check_models
    from abm.config.errors import ConfigError
    from abm.config.load import load
    from abm.config.worlds import build_world

    try:
        resolved = load(config, overrides)
        world = build_world(resolved)
        check_against_world(resolved, world, list(abm.outcomes()["name"]))
        check_models(resolved, world, abm.ICSModel)
    except ConfigError as error:
        raise _refused(error) from None
    return resolved, world


@app.command()
def run(
    config: ConfigArgument,
    out: OutOption = None,
    sets: SetOption = None,
    replicates: ReplicatesOption = None,
    quarters: QuartersOption = None,
) -> None:
    """Run an experiment and write its results folder.

    The folder holds the data, the effects, the figure, and what is needed to run it again.

    \b
    abm run headline
    abm run headline --replicates 5 --quarters 40 --out results/try
    abm run headline --set 'levers.finance_share={ramp: {from: 0.4, to: 0.9, start: 8, end: 24}}'
    abm run results/try/config.yaml        run the same again

    A results folder is never overwritten. Exit code 0: all done; 1: some run or the figure failed; 2: the config is
    wrong, and nothing was written.
    """
    from datetime import datetime

    import abm
    from abm.experiment.progress import progress
    from abm.experiment.results import run_experiment
    from abm.experiment.store import ResultsError, default_folder, refuse_existing

    try:
        if out is not None:
            refuse_existing(out)
        resolved, world = _ready(config, _overrides(sets, replicates, quarters))
        folder = out or default_folder(resolved.experiment.name, datetime.now())
        total = len(resolved.scenarios) * resolved.experiment.replicates
        _compile(world)
        with progress(total) as report:
            results = run_experiment(resolved, world, abm.outcomes(), abm.ICSModel, folder, report, _figure(resolved))
    except ResultsError as error:
        raise _refused(error) from None
    except KeyboardInterrupt:
        typer.echo("stopped; nothing was written", err=True)
        raise typer.Exit(130) from None
    _tell(resolved, results)
    raise typer.Exit(1 if results.manifest["failed"] or results.figure_error else 0)


def _compile(world: World) -> None:
    """Compile the model before the clock of the runs starts, and say so when it takes a while."""
    import abm
    from abm.compiled import is_cold
    from abm.experiment.run import warm_up

    if is_cold():
        typer.echo("compiling the model: about half a minute, once after each change of its source", err=True)
    warm_up(world, abm.ICSModel)


def _figure(resolved: Resolved) -> Callable[..., None] | None:
    """The function that draws the experiment's figure."""
    if resolved.experiment.figure is None:
        return None

    def draw(*arguments: Any) -> None:
        from abm.view.headline import draw as headline

        headline(*arguments)

    return draw


def _tell(resolved: Resolved, results: Results) -> None:
    """Print what a policy reader wants to know, and where the rest is."""
    from textwrap import fill

    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from abm.experiment.estimate import duration
    from abm.experiment.table import cells, readings, shown_columns

    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 120)
    names = [scenario.name for scenario in resolved.scenarios]
    titles = {scenario.name: scenario.title for scenario in resolved.scenarios}
    facts = results.manifest
    title = f"{resolved.experiment.title or resolved.experiment.name}: last year of the run (change)"
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for column in shown_columns(results.outcomes.columns):
        table.add_column(column.words, justify="right", overflow="fold")
    for name, *values in cells(results.outcomes, names, resolved.baseline):
        table.add_row(fill(titles[name], 22), *values)
    if len(results.outcomes):
        console.print(table)
    sentences = readings(results.effects, results.outcomes.columns)
    for name in dict.fromkeys(scenario for scenario, _ in sentences):
        console.print(f"\n{titles[name]}, against {titles[resolved.baseline]}:", style="bold")
        for sentence in (text for scenario, text in sentences if scenario == name):
            console.print(f"  - {sentence}", soft_wrap=True)
    done, seconds = facts["runs"] - facts["failed"], facts["seconds"]
    console.print(f"\n{done} of {facts['runs']} runs of {facts['quarters']} quarters in {duration(seconds)}. Results: {results.folder}")
    if facts["failed"]:
        first = results.runs.loc[results.runs["status"] == "failed", "error"].iloc[0]
        typer.echo(f"{facts['failed']} runs failed, the first with {first}: see {results.folder}/runs.csv and /errors", err=True)
    if results.figure_error:
        typer.echo(f"the figure could not be drawn: {results.figure_error}", err=True)


@app.command()
def check(
    config: ConfigArgument,
    sets: SetOption = None,
    replicates: ReplicatesOption = None,
    quarters: QuartersOption = None,
    full: Annotated[bool, typer.Option("--full", help="Print the whole resolved config, defaults and all.")] = False,
) -> None:
    """Check an experiment without running it.

    Says what differs from the defaults and which file and line set it, the number of runs, and the time and disk they take.

    \b
    abm check headline
    abm check my_experiment.yaml --set levers.bypass_rate=0.5
    abm check headline --full > my_experiment.yaml
    """
    import abm
    from abm.experiment.estimate import duration, estimate, size
    from abm.experiment.manifest import world_digest
    from abm.experiment.plan import plan
    from abm.experiment.store import yaml_text

    resolved, world = _ready(config, _overrides(sets, replicates, quarters))
    if full:
        typer.echo(yaml_text(resolved.config()), nl=False)
        return
    _tell_config(resolved, world)
    runs = plan(resolved, world_digest(world))
    try:
        _compile(world)
        guess = estimate(runs, world, resolved.experiment, abm.ICSModel)
    except Exception as error:
        typer.echo(f"\nthe first run fails: {type(error).__name__}: {error}", err=True)
        raise typer.Exit(1) from None
    each = f"{len(resolved.scenarios)} scenarios x {resolved.experiment.replicates} replicates"
    typer.echo(f"\nruns: {len(runs)} ({each}), {resolved.experiment.quarters} quarters each")
    typer.echo(f"time: about {duration(guess.seconds)} here, one process ({1000 * guess.seconds_a_run:.0f} ms a run, measured)")
    typer.echo(f"disk: about {size(guess.bytes)}")


def _tell_config(resolved: Resolved, world: World) -> None:
    from abm.config.errors import shown
    from abm.config.resolved import PRECEDENCE

    experiment = resolved.experiment
    typer.echo(f"{experiment.name}: {experiment.title}\n{experiment.question}\n".rstrip())
    typer.echo(f"\nfile: {shown(resolved.source)}")
    typer.echo(f"system: {resolved.system.name} ({world.name}: {len(world.icbs)} systems, {len(world.organisations())} organisations)")
    luck = "the same luck in every scenario" if experiment.paired else "each scenario has luck of its own"
    typer.echo(f"seed: {experiment.seed}, {luck}; baseline: {resolved.baseline}")
    stored = experiment.outcomes if isinstance(experiment.outcomes, str) else ", ".join(experiment.outcomes)
    finer = f", by {', '.join(experiment.by)}" if experiment.by else ""
    logs = f", with {', '.join(experiment.keep)}" if experiment.keep else ""
    typer.echo(f"outcomes: {stored}{finer}{logs}; figure: {experiment.figure or 'none'}")
    typer.echo(f"\nWhat differs from the defaults, and who set it ({PRECEDENCE}):")
    for scenario in resolved.scenarios:
        typer.echo(f"  {scenario.name}")
        rows = [(f"{s}.{n}", g) for s in ("levers", "parameters") for n, g in scenario.changed(s).items()]
        for key, given in rows:
            typer.echo(f"    {key} = {given.value}   (default {_default(key)}; {given.layer}: {given.place.short()})")
        if not rows:
            typer.echo("    nothing: all defaults")


def _default(key: str) -> object:
    from abm.config.resolved import DECLARED

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


@app.command()
def levers(search: SearchArgument = "") -> None:
    """List what a policy maker sets (name, default, range)."""
    _list("levers", search)


@app.command()
def parameters(search: SearchArgument = "") -> None:
    """List the facts about the world (name, default, range)."""
    _list("parameters", search)


@app.command()
def outcomes(search: SearchArgument = "") -> None:
    """List what is measured (name, unit, meaning)."""
    _list("outcomes", search)


BENCH_WORDS = {
    "england_ms": "England, 15 years of quarters, built, run and read: milliseconds",
    "run_ms": "of which the compiled quarters: milliseconds",
    "plain_twin_ratio": "the same rules in plain Mesa objects take this many times as long",
    "fused_loop_ratio": "run and outcomes, beside the bare compiled loop",
    "objects_ratio": "Mesa's agents and the outcome frame, beside the quarters",
    "peak_mb": "peak memory: MB",
}


@app.command()
def bench(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    figure: Annotated[Path | None, typer.Option(help="Also run Englands up to 100 times as large, and draw the cost to this PNG.")] = None,
) -> None:
    """Measure the model's speed beside its peers, in this process.

    Only ratios carry over to another machine. The plain twin is with the tests, so it needs the repository.
    """
    import json

    from abm.analysis.bench import measure, scaling_frame

    result = measure()
    if as_json:
        typer.echo(json.dumps({name: round(value, 3) for name, value in result.items()}))
    else:
        for name in (name for name in BENCH_WORDS if name in result):
            typer.echo(f"{result[name]:10.1f}  {name:18s} {BENCH_WORDS[name]}")
    if figure is not None:
        from abm.view.scaling import draw

        rows = scaling_frame()
        draw(rows, figure)
        if not as_json:
            typer.echo(rows.to_string(index=False, float_format=lambda value: f"{value:.3g}"))


@app.command(hidden=True)
def defaults(only_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")] = False) -> None:
    """Rewrite the files that are generated from the code: configs/defaults.yaml, configs/schema, docs tables."""
    from abm.config import defaults as generator
    from abm.config.find import repository

    names = generator.stale(repository()) if only_check else generator.write(repository())
    for name in names:
        typer.echo(f"{'stale' if only_check else 'wrote'}: {name}")
    raise typer.Exit(1 if only_check and names else 0)


def main() -> None:
    """Entry point of the `abm` command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.stderr.write("stopped; nothing was written\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
