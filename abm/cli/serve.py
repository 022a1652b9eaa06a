"""The command that opens the dashboard: abm view."""

from __future__ import annotations

from typing import Annotated

import typer

from abm.cli.options import ChangedCode, refusals


def view(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[WHAT]", help="A results folder, or an experiment's name or path. [default: England]"),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to serve on; 0 takes any that is free. [default: 8765, or a free one]")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to serve on; others than this machine's own let other people in.")] = "127.0.0.1",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    changed_code: ChangedCode = False,
) -> None:
    """See it move: two worlds side by side in the browser, on the same random numbers. Ctrl+C ends it.

    \b
    abm view
    abm view results/mine
    abm view headline --port 9000 --no-browser
    """
    from abm.compiled import is_cold
    from abm.view.app.opening import base_of
    from abm.view.app.serve import is_loopback, serve

    with refusals(""):
        base = base_of(what, changed_code)
        for line in base.left_out:
            typer.echo(line, err=True)
        if not is_loopback(host):
            typer.echo(f"warning: whoever can reach this machine on {host} can use the dashboard; there is no password", err=True)
        if is_cold():
            typer.echo("compiling the model, once on this machine: the first picture takes about half a minute", err=True)
        try:
            serve(base, host, port, not no_browser, typer.echo)
        except KeyboardInterrupt:
            raise typer.Exit(0) from None


def add(app: typer.Typer) -> None:
    """Put the command into the app."""
    app.command()(view)
