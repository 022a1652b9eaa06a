"""The cascade through the network: which share of the acts of each region and kind differs, quarter by quarter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from abm.analysis.trace import Trace
from abm.view import lettering, sheet, style
from abm.view.cascade.page import KINDS, TINY, partial, quarter_axis
from abm.view.sheet import Box

HEAT, FAINT = "cividis_r", 0.5  # colours of a share, and the power that keeps small shares apart
MARK = style.PLUM  # where a lever differs
STRIP_LEFT = 8.35  # inches: left edge of the cells
MOST_ROWS, MOST_REGIONS = 27, 40  # rows before kinds are put together, and then
TALLEST = 0.36  # inches of a row


def strip_rows(found: Trace) -> pd.DataFrame:
    """The rows of the strip: region, kind ('' where kinds are put together), first (quarter, NaN: never); where the lever acts first."""
    table = found.by_quarter
    regions = found.twins.model.facts.tables["regions"].set_index("code")["name"]
    kinds = table["kind"].unique() if len(regions) * len(KINDS) <= MOST_ROWS else [""]
    systems = found.twins.treated_systems()[-1]
    home = list(found.twins.model.facts.areas.values())
    rows = []
    for code in table["region"].unique():
        of_region = table[table["region"] == code]
        treated = sum(flag for flag, region in zip(systems, home, strict=True) if region == code)
        arrived = of_region.loc[of_region["differ"] > 0, "quarter"].min()
        for kind in kinds:
            part = of_region if not kind else of_region[of_region["kind"] == kind]
            if len(part):
                first = part.loc[part["differ"] > 0, "quarter"].min()
                rows.append((code, regions[code], kind, first, treated, home.count(code), arrived, part["differ"].sum()))
    frame = pd.DataFrame(rows, columns=["region", "name", "kind", "first", "treated", "systems", "arrived", "differ"])
    frame["most"] = frame.groupby("region")["differ"].transform("sum")
    frame["place"] = frame["kind"].map({kind: place for place, kind in enumerate(("icb", "provider", "council"))})
    order = frame.assign(here=frame["treated"] == 0).sort_values(["here", "arrived", "most", "name", "place"], ascending=[1, 1, 0, 1, 1])
    return order.reset_index(drop=True)[:MOST_REGIONS]


def draw_strip(figure: Figure, found: Trace, box: Box) -> None:
    """Draw the strip, with its key; below a strip of few rows, the finding in words."""
    rows = strip_rows(found)
    unit = "Acts that differ, by region and kind of actor. White: none; triangle: first"
    unit += "; bar: lever differs" if partial(found) else ""
    left_out = found.by_quarter["region"].nunique() - rows["region"].nunique()
    unit += f"; {left_out} regions that differ last not shown" if left_out else ""
    top = sheet.panel_heading(figure, box, "Through the network", unit) - 0.04
    axes = sheet.axes(figure, Box(STRIP_LEFT, max(box.bottom, top - TALLEST * len(rows)), box.right, top), "strip")
    axes.spines["bottom"].set_visible(False)
    shares = np.array([_shares(found, row.region, row.kind) for row in rows.itertuples()])
    most = float(np.nanmax(shares))
    norm = PowerNorm(FAINT, vmin=0.0, vmax=max(most, 0.01))
    edges = (found.twins.start + np.arange(found.twins.quarters + 1)) / 4
    cells = np.ma.masked_where(~(shares > 0), shares)
    mesh = axes.pcolormesh(edges, np.arange(len(rows) + 1), cells, cmap=HEAT, norm=norm, gid="cells")
    axes.set_ylim(len(rows), 0)
    quarter_axis(axes, found)
    axes.set_yticks([])
    _strip_labels(axes, rows, partial(found))
    came = rows["first"].notna()
    axes.plot(
        (rows.loc[came, "first"] + 0.5) / 4,
        np.flatnonzero(came) + 0.5,
        linestyle="none",
        marker=">",
        markersize=4.5,
        markerfacecolor=style.PAPER,
        markeredgecolor=style.INK,
        markeredgewidth=0.8,
        gid="first",
        clip_on=False,
        zorder=4,
    )
    _scale(figure, axes, mesh, most)
    _words(figure, found, Box(box.left, box.bottom - 0.3, box.right, sheet.box_of(axes).bottom - 0.75))


def _shares(found: Trace, region: str, kind: str) -> np.ndarray:
    """Share of acts that differ, by quarter."""
    table = found.by_quarter[found.by_quarter["region"] == region]
    table = table[table["kind"] == kind] if kind else table
    sums = table.groupby("quarter")[["differ", "acts"]].sum()
    return (sums["differ"] / sums["acts"]).to_numpy()


def _strip_labels(axes: Axes, rows: pd.DataFrame, marked: bool) -> None:
    """Names of regions and kinds at the left, a rule between regions, and a bar where a lever differs."""
    box = sheet.box_of(axes)
    per_inch = (axes.get_xlim()[1] - axes.get_xlim()[0]) / box.width
    left = axes.get_xlim()[0]
    size = min(8.0, max(5.0, 72 * box.height / len(rows) * 0.72))
    for number, row in enumerate(rows.itertuples()):
        new = number == 0 or rows["region"][number - 1] != row.region
        if new:
            count = int((rows["region"] == row.region).sum())
            name = row.name + (f" ({row.treated} of {row.systems} systems)" if marked and 0 < row.treated < row.systems else "")
            most = 2 if count > 1 else 1
            lines = lettering.wrapped(name, 0.95 if row.kind else 1.5, size, "bold", most)
            axes.text(
                left - 1.58 * per_inch, number + 0.12, "\n".join(lines), size=size, weight="bold", va="top", gid=f"region:{row.region}"
            )
            axes.plot([left - 1.6 * per_inch, axes.get_xlim()[1]], [number, number], color=style.RULE, linewidth=0.8, clip_on=False)
            if marked and row.treated:
                bar = Rectangle((left - 1.68 * per_inch, number + 0.08), 0.055 * per_inch, count - 0.16, color=MARK, clip_on=False)
                bar.set_gid(f"lever:{row.region}")
                axes.add_patch(bar)
        if row.kind:
            axes.text(left - 0.06 * per_inch, number + 0.5, KINDS[row.kind], size=size - 0.5, va="center", ha="right", color=style.MUTED)


def _scale(figure: Figure, axes: Axes, mesh: object, most: float) -> None:
    """The key to the colours, below the names of the years."""
    box = sheet.box_of(axes)
    bar = sheet.axes(figure, Box(box.left, box.bottom - 0.37, box.left + 2.2, box.bottom - 0.27), "scale")
    figure.colorbar(mesh, cax=bar, orientation="horizontal")  # type: ignore[arg-type]
    ticks = [tick for tick in (0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.7) if tick <= most and (tick / max(most, 0.01)) ** FAINT > 0.08]
    bar.set_xticks(ticks, [f"{100 * tick:g}%" for tick in ticks])
    bar.set_xticks([], minor=True)
    bar.tick_params(axis="x", length=2, labelsize=TINY, pad=1.5)
    sheet.write(
        figure, box.left + 2.32, box.bottom - 0.245, ["share of the row's acts that quarter"], TINY, colour=style.MUTED, name="scale"
    )


def _words(figure: Figure, found: Trace, box: Box) -> None:
    """As many sentences of the finding as there is room for."""
    top = box.top
    for sentence in found.sentences()[1:] if box.height > 1.0 else []:
        lines = lettering.wrapped(sentence, box.width, style.NOTE, most=6)
        if top - lettering.height(len(lines), style.NOTE) < box.bottom:
            break
        top = sheet.write(figure, box.left, top, lines, style.NOTE, name="sentence") - 0.08
