"""Writing the report: contents into the page's template, to one file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from abm.config.errors import shown
from abm.experiment.store import ResultsError, write_file
from abm.view.report.contents import contents
from abm.view.source import Source, opened

NAME = "report.html"


def write_report(folder: Path | str, out: Path | str | None = None, main: str | None = None) -> Path:
    """Write the report of a results folder to `out` (`report.html` in the folder when None); gives its path.

    `main` is the outcome that leads it (collaboration when None). The page is one HTML file that loads nothing: figures and
    style are in it. The same results give the same bytes. Raises `ResultsError` for what is no results folder, an ending
    other than .html, and where nothing can be written.
    """
    path = Path(folder) / NAME if out is None else Path(out)
    if path.suffix.lower() not in (".html", ".htm"):
        raise ResultsError(f"{shown(path)} does not end in .html: the report is one HTML file")
    text = page(opened(folder), main)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text)
    except OSError as error:
        raise ResultsError(f"cannot write {shown(path)}: {error.strerror or error}") from None
    return path


def page(origin: Source, main: str | None = None) -> str:
    """The page's text. Every text of a config is escaped."""
    loader = PackageLoader("abm.view.report", "")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    css = Markup(loader.get_source(environment, "page.css")[0])  # ours, without user text
    return environment.get_template("page.html.j2").render(css=css, **contents(origin, main))
