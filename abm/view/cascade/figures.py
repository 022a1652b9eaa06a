"""How a difference spreads: acts that differ by quarter, the cascade through regions and kinds, and the first acts with reasons."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from abm.analysis.trace import Trace
from abm.experiment.folder import csv_text
from abm.experiment.store import ResultsError, write_file
from abm.view import finding, lettering, sheet, style
from abm.view.cascade.counts import draw_counts
from abm.view.cascade.page import PAGE, SMALL, partial, share
from abm.view.cascade.strip import draw_strip
from abm.view.cascade.table import TABLE_TOP, draw_table
from abm.view.cascade.why import why_figure
from abm.view.saving import save
from abm.view.sheet import Box


def cascade_figure(found: Trace) -> Figure:
    """The cascade on one page; where no act differs, a page that says so."""
    with style.applied():
        if found.first is None:
            return _nothing(found)
        figure = sheet.blank(PAGE)
        top = sheet.heading(figure, PAGE, title_of(found), _subtitle(found), _reading(found))
        sheet.footer(figure, PAGE, found.facts)
        bottom = TABLE_TOP + 0.8
        draw_counts(figure, found, Box(PAGE.margin, bottom, 6.3, top))
        draw_strip(figure, found, Box(6.75, bottom, PAGE.width - PAGE.margin, top))
        draw_table(figure, found)
    return figure


# --- words ------------------------------------------------------------------------------------------------------------------


def title_of(found: Trace) -> str:
    """The finding, in one line."""
    a, b = found.names
    last = found.last
    if found.first is None:
        return f"No act differs between {finding.within(a)} and {finding.within(b)}"
    span = style.count(found.twins.quarters // 4, "year") if found.twins.quarters % 4 == 0 else style.count(found.twins.quarters, "quarter")
    if not partial(found):
        return f"{b}: {share(last['differ'].sum(), last['acts'].sum())} of acts differ from {finding.within(a)} after {span}"
    inside = share((last["differ"] - last["differ_beyond"]).sum(), (last["acts"] - last["acts_beyond"]).sum())
    beyond = share(last["differ_beyond"].sum(), last["acts_beyond"].sum())
    return f"{b}: after {span} {inside} of acts differ where the lever acts, {beyond} beyond"


def _subtitle(found: Trace) -> str:
    twins = found.twins
    world = twins.model.world
    last = twins.when(twins.quarters - 1)
    parts = [
        f"{world.name[:1].upper()}{world.name[1:]}",
        style.count(len(twins.model.state.orgs), "organisation"),
        f"{twins.when(0)} to {last}" if twins.quarters > 1 else last,
        f"A: {found.names[0]}; B: {found.names[1]}",
        f"replicate {twins.model.replicate}, the same random numbers in both",
    ]
    return " · ".join(parts)


def _reading(found: Trace) -> str:
    return (
        f"{found.sentences()[0]} An act differs where the same organisation, with the same draw, does something else to the same partner."
    )


def _nothing(found: Trace) -> Figure:
    """A small page that says that no act differs, and how near one came."""
    figure = sheet.blank(SMALL)
    top = sheet.heading(figure, SMALL, title_of(found), _subtitle(found), "")
    sheet.footer(figure, SMALL, found.facts)
    for sentence in found.sentences():
        lines = lettering.wrapped(sentence, SMALL.width - 2 * SMALL.margin, style.HEADER + 2, most=3)
        top = sheet.write(figure, SMALL.margin, top - 0.12, lines, style.HEADER + 2, name="sentence")
    return figure


# --- files ------------------------------------------------------------------------------------------------------------------


def write(found: Trace, out_folder: Path | str) -> list[Path]:
    """Write a trace's frames and figure into a folder, which is made where it is missing; files of these names are replaced."""
    folder = Path(out_folder)
    paths = [folder / name for name in ("cascade.csv", "by_quarter.csv", "cascade.png")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, frame in zip(paths, (found.cascade, found.by_quarter), strict=False):
            write_file(path, csv_text(frame))
    except OSError as error:
        raise ResultsError(f"cannot write into {folder}: {error.strerror or error}") from None
    save(cascade_figure(found), paths[2], found.facts, title_of(found), " ".join(found.sentences()))
    return paths


def write_why(found: Trace, actor: str, partner: str, quarter: int | str, out_folder: Path | str) -> Path:
    """Save the figure of one decision into a folder; gives its path. Raises `ResultsError` for what there is not."""
    words = found.why(actor, partner, quarter)
    path = Path(out_folder) / f"why_{actor}_{partner}_{str(quarter).replace('/', '-').replace(' ', '_')}.png"
    save(why_figure(found, actor, partner, quarter), path, found.facts, f"Why {actor} acted as it did towards {partner}", words)
    return path
