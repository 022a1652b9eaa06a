"""`abm claims`: what the sources say, and what the model says to that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.options import refusals

if TYPE_CHECKING:
    from abm.analysis.claims.evaluate import Evaluated


def claims(
    results: Annotated[
        str | None, typer.Argument(metavar="[RESULTS]", help="Folder of study E14. [default: the published one, if any]")
    ] = None,
    key: Annotated[str | None, typer.Argument(metavar="[ID]", help="One claim, with its contrasts and numbers: C063.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Make docs/claims.md and its figures anew.")] = False,
) -> None:
    """The register of claims, with the verdict on each.

    \b
    abm claims                       all of them
    abm claims C063                  one, with what was compared
    abm claims results/e14 C063      from results of your own
    """
    from abm.analysis.claims.register import claim_of
    from abm.view import claims_page

    if results is not None and key is None and "/" not in results and not Path(results).exists():
        results, key = None, results
    with refusals(""):
        if key is not None:
            claim_of(key)
        place, evaluated = _found(results)
        if key is not None:
            _one(key, evaluated)
        elif write:
            from abm.cli.draw import wrote
            from abm.config.find import repository

            wrote(*claims_page.write(repository(), evaluated, _facts(place)))
        else:
            _all(evaluated)


def _found(results: str | None) -> tuple[Path | None, Evaluated | None]:
    """The folder and its verdicts: the one that is named, else the published one, else none."""
    from abm.analysis.claims.evaluate import PARTS, stored
    from abm.config.find import repository

    if results is not None:
        return Path(results), stored(Path(results))
    published = repository() / "results" / "reference" / "e14"
    return (published, stored(published)) if (published / PARTS).is_file() else (None, None)


def _facts(place: Path | None) -> dict[str, object]:
    """The manifest of the main runs, for the figures' stamp."""
    from abm.analysis.claims.register import RUNS
    from abm.experiment.folder import read_manifest

    for folder in (place / RUNS["claims"], place / "runs" / RUNS["claims"]) if place is not None else ():
        if (folder / "manifest.json").is_file():
            return dict(read_manifest(folder))
    return {}


def _all(evaluated: Evaluated | None) -> None:
    from abm.analysis.claims.register import TOPICS, register
    from abm.analysis.claims.verdict import tally

    found = {row.claim: row for row in evaluated.claims.itertuples()} if evaluated is not None else {}
    for topic, words in TOPICS.items():
        typer.echo(f"\n{words}")
        for claim in register().values():
            if claim.topic == topic:
                row = found.get(claim.id)
                verdict = row.verdict if row is not None else "not in the model" if not claim.tests else "not run"
                typer.echo(f"  {claim.id}  {verdict:17} {claim.claim}")
    if evaluated is None:
        typer.echo("\nno verdicts yet: python3 start.py study e14 makes them")
        return
    counts = tally(evaluated.claims)
    typer.echo(f"\n{sum(counts.values())} core claims: " + ", ".join(f"{number} {verdict}" for verdict, number in counts.items()))


def _one(key: str, evaluated: Evaluated | None) -> None:
    from abm.analysis.claims.register import claim_of
    from abm.view.claims import told

    claim = claim_of(key)
    kind = f"{claim.scope} {claim.kind}".strip()
    typer.echo(f"{claim.id} ({kind}; {claim.source})\n{claim.claim}.")
    if claim.cause:
        typer.echo(f"{claim.cause} -> {claim.effect} ({claim.sign})")
    if claim.same_as:
        typer.echo(f"tested as {claim.same_as}")
    if evaluated is not None:
        row = evaluated.claims.set_index("claim").loc[claim.id]
        typer.echo(f"verdict: {row['verdict']}" + (f" ({row['on']})" if row["on"] not in ("-", "") else ""))
    elif not claim.tests:
        typer.echo(f"not in the model: {claim.why_not}")
    for i, test in enumerate(claim.tests):
        typer.echo(f"\n  {test.outcome} in {test.contrast}   expected: {'+' if test.sign > 0 else '-'}   [{test.runs}]")
        if test.part:
            typer.echo(f"  tests a part only: {test.part}")
        if evaluated is not None:
            rows = evaluated.parts[evaluated.parts["claim"] == (claim.same_as or claim.id)]
            part = next(rows.iloc[i : i + 1].itertuples())
            typer.echo(
                f"  {told(part)}: {part.verdict}" + (f" ({part.on})" if isinstance(part.on, str) and part.on not in ("", "-") else "")
            )


def add(app: typer.Typer) -> None:
    """Put the command into the app."""
    app.command()(claims)
