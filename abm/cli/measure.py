"""Commands for those who work on the model: bench, and the hidden one that rewrites generated files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BENCH_WORDS = {
    "england_ms": "England, 15 years of quarters, built, run and read: milliseconds",
    "run_ms": "of which the compiled quarters: milliseconds",
    "plain_twin_ratio": "the same rules in plain Mesa objects take this many times as long",
    "fused_loop_ratio": "run and outcomes, beside the bare compiled loop",
    "objects_ratio": "Mesa's agents and the outcome frame, beside the quarters",
    "peak_mb": "peak memory: MB",
}


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
        from abm.view.charts.scaling import draw

        rows = scaling_frame()
        draw(rows, figure)
        if not as_json:
            typer.echo(rows.to_string(index=False, float_format=lambda value: f"{value:.3g}"))


def defaults(only_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")] = False) -> None:
    """Rewrite the files that are generated from the code: configs/defaults.yaml, configs/schema, docs tables."""
    from abm.config import defaults as generator
    from abm.config.find import repository

    names = generator.stale(repository()) if only_check else generator.write(repository())
    for name in names:
        typer.echo(f"{'stale' if only_check else 'wrote'}: {name}")
    raise typer.Exit(1 if only_check and names else 0)


def add(app: typer.Typer) -> None:
    """Put the commands into the app."""
    app.command()(bench)
    app.command(hidden=True)(defaults)
