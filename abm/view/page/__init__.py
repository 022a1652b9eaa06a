"""The interactive network page: one HTML file that needs no network, made of a stored run (docs/interactive.md).

`write_page` makes the file of a results folder; `page_html` gives the text for films that you made yourself:

    models = (model.run(1) for _ in range(12))
    text = page_html([record(models, "mine")])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from abm.config.errors import shown
from abm.experiment.again import quarters_of, stored_run
from abm.experiment.folder import planned_runs, read_manifest
from abm.experiment.journal import FAILED
from abm.experiment.store import ResultsError, write_file
from abm.view.page.document import page_document
from abm.view.page.onefile import page_of
from abm.view.page.recording import Film, record


def _silent(line: str) -> None:
    """Say nothing."""


def write_page(
    folder: Path | str,
    out: Path | str,
    scenario: str | None = None,
    point: int = 0,
    replicate: int = 0,
    against: str | None = None,
    every: int = 4,
    report: Callable[[str], Any] = _silent,
    changed_code: bool = False,
) -> Path:
    """Write the page of one run, or of two scenarios with the same replicate, to the file `out` (.html), and give its path.

    The run is made again with all its states; kept are the first quarter, the last one of each `every` quarters, and the last. With
    `against` the page also shows that scenario and the difference; the baseline is always what is compared with. `report` is told
    a line a step. An existing file is replaced. Raises `ResultsError` for a run that is not there or failed, or a file that
    cannot be written.
    """
    folder, out = Path(folder), Path(out)
    if out.suffix.lower() not in (".html", ".htm"):
        raise ResultsError(f"{shown(out)} ends in {out.suffix or 'nothing'}: the page is saved as .html")
    facts = read_manifest(folder)
    names = _compared(str(facts.get("baseline") or ""), scenario, against)
    films = []
    for name in names:
        films.append(_film(folder, facts, name, point, replicate, every, changed_code))
        report(f"{films[-1].title}: {len(films[-1].quarters)} quarters of {films[-1].network.world}")
    run = {"point": point, "settings": _settings(folder, point), "replicate": replicate}
    text = page_of(page_document(films, facts, run))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_file(out, text)
    except OSError as error:
        raise ResultsError(f"cannot write {shown(out)}: {error.strerror or error}") from None
    report(f"{shown(out)}: {len(text.encode()) / 1e6:.2f} MB")
    return out


def page_html(films: Sequence[Film], facts: Mapping[str, Any] | None = None, run: Mapping[str, Any] | None = None) -> str:
    """The page of one film, or of two to compare (the second against the first). `facts` is a manifest or any part of one."""
    return page_of(page_document(films, facts, run))


def _compared(baseline: str, scenario: str | None, against: str | None) -> list[str]:
    """Scenarios in the page's order: what is compared with comes first, and that is the baseline where it is one of the two."""
    own = scenario or baseline
    if against is None:
        return [own]
    if against == own:
        raise ResultsError(f"scenario {own!r} cannot be compared with itself: give another with `against`")
    return [own, against] if own == baseline else [against, own]


def _film(folder: Path, facts: Mapping[str, Any], name: str, point: int, replicate: int, every: int, changed_code: bool) -> Film:
    run = stored_run(folder, name, point, replicate)
    _refuse_failed(folder, run.id, run.name)
    told: dict[str, Any] = next((each for each in facts["scenarios"] if each["name"] == name), {})
    quarters = quarters_of(folder, name, point, replicate, changed_code)
    return record(quarters, name, str(told.get("title") or ""), str(told.get("description") or ""), every)


def _refuse_failed(folder: Path, run_id: str, name: str) -> None:
    """Raise `ResultsError` when the run failed: it has no states to show."""
    rows = planned_runs(folder)
    row = rows[rows["id"] == run_id]
    if len(row) and row["status"].iloc[0] == FAILED:
        why, left = row["error"].iloc[0], int((rows["status"] != FAILED).sum())
        raise ResultsError(f"run {name} of {shown(folder)} failed ({why}): choose another; {left} of {len(rows)} did not fail")


def _settings(folder: Path, point: int) -> dict[str, Any]:
    """What the design point sets, by factor; {} where the experiment has no design."""
    try:
        rows = pd.read_csv(folder / "points.csv").set_index("point")
    except (OSError, ValueError, KeyError):
        return {}
    if point not in rows.index:
        return {}
    row = rows.loc[point].dropna()
    return {str(name): value.item() if hasattr(value, "item") else value for name, value in row.items()}


__all__ = ["Film", "page_document", "page_html", "page_of", "record", "write_page"]
