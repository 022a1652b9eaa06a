"""The command of the studies: python -m experiments list | run | read | publish | table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import refusals
from abm.config.find import repository
from experiments import catalogue, running, writing
from experiments.study import Study

app = typer.Typer(help=__doc__, no_args_is_help=False, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
Keys = Annotated[list[str], typer.Argument(metavar="STUDY...", help="Keys of studies, as e02, or all.")]
Quick = Annotated[bool, typer.Option("--quick", help="A small size, to see that it works; not to be believed.")]
Root = Annotated[Path, typer.Option("--results", metavar="DIR", help="Where results stand.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Worker processes. [default: all cores]")]
RESULTS = repository() / "results"


@app.callback(invoke_without_command=True)
def _nothing(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
def list_() -> None:
    """What studies there are."""
    for study in catalogue.studies().values():
        typer.echo(f"{study.key}  {study.title}\n     {study.question}\n     configs: {', '.join(study.configs)}")
    typer.echo("\npython -m experiments run KEY [--quick]")


@app.command()
def run(keys: Keys, quick: Quick = False, root: Root = RESULTS, workers: Workers = None) -> None:
    """Run studies' configs where that is not done yet, then read them."""
    with refusals(""):
        for study in catalogue.chosen(keys):
            command = f"python -m experiments run {study.key}{' --quick' if quick else ''}"
            _read(study, running.run(study, root, quick, workers, _say, command), root, quick)


@app.command()
def read(keys: Keys, quick: Quick = False, root: Root = RESULTS) -> None:
    """Read results that are there, and make tables, figures and answer again."""
    with refusals(""):
        for study in catalogue.chosen(keys):
            _read(study, running.folders_of(study, root, quick), root, quick)


@app.command()
def publish(keys: Keys, root: Root = RESULTS) -> None:
    """Copy what studies found to results/reference, and bring the table in the pages up to date."""
    with refusals(""):
        for study in catalogue.chosen(keys):
            folders = running.folders_of(study, root, quick=False)
            made = writing.publish(study, folders, running.place_of(study, root, quick=False), RESULTS / "reference")
            typer.echo(f"published {made}")
        table()


@app.command()
def table() -> None:
    """Bring the table of studies in README.md and experiments/README.md up to date."""
    rows = writing.table(RESULTS / "reference")
    for page, up in ((repository() / "README.md", ""), (repository() / "experiments" / "README.md", "../")):
        page.write_text(writing.with_table(page.read_text("utf-8"), rows, up), "utf-8")


def _read(study: Study, folders: dict[str, Path], root: Path, quick: bool) -> None:
    place = running.place_of(study, root, quick)
    found = study.read(folders)
    writing.write(study, found, folders, place)
    typer.echo(f"\n{study.key}: {study.title}\n  {found.answer}")
    for text in found.findings:
        typer.echo(f"  - {text}")
    typer.echo(f"  {place}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    app()
