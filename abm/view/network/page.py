"""A page of any size: heading, footer with disclaimer and provenance, and panels in inches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from abm.view import finding, lettering, style

MARGIN = 0.45
OUTLINES = "Outlines: ONS; contains OS data © Crown copyright."
FLOWS = "Money flows are derived by this project, not published figures."


class Page:
    """A figure measured in inches from its bottom left corner."""

    def __init__(self, width: float = style.WIDTH, height: float = style.HEIGHT) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width, height), dpi=style.DPI)
        FigureCanvasAgg(self.figure)

    @property
    def room(self) -> float:
        """Inches between the margins."""
        return self.width - 2 * MARGIN

    def write(
        self,
        x: float,
        top: float,
        lines: Sequence[str],
        size: float,
        weight: str = "normal",
        colour: str = style.INK,
        name: str = "",
        across: str = "left",
    ) -> float:
        """Write lines below `top` at `x`; gives the height of what is below them."""
        text = self.figure.text(
            x / self.width, top / self.height, "\n".join(lines), size=size, weight=weight, color=colour, va="top", ha=across, gid=name
        )
        text.set_linespacing(style.LINE_HEIGHT)
        return top - lettering.height(len(lines), size)

    def panel(self, left: float, bottom: float, right: float, top: float, extent: Sequence[float] | None = None, name: str = "") -> Axes:
        """Bare axes in a box of inches; `extent` is left, bottom, right, top in their own units (inches of the box if left out)."""
        box = (left / self.width, bottom / self.height, (right - left) / self.width, (top - bottom) / self.height)
        axes = self.figure.add_axes(box)
        axes.set_gid(name)
        axes.set_axis_off()
        x0, y0, x1, y1 = extent or (0.0, 0.0, right - left, top - bottom)
        axes.set_xlim(x0, x1)
        axes.set_ylim(y0, y1)
        return axes

    def heading(self, title: str, subtitle: str) -> float:
        """Title and subtitle; gives where the rest begins."""
        sizes = (style.TITLE, style.TITLE - 1, style.TITLE - 2, style.TITLE - 4)
        lines, size = lettering.fitted(title, self.room, sizes, "bold")
        below = self.write(MARGIN, self.height - 0.36, lines, size, "bold", name="title")
        if subtitle:
            lines, size = lettering.fitted(subtitle, self.room, [style.SUBTITLE, style.LABEL], most=2)
            below = self.write(MARGIN, below - 0.06, lines, size, colour=style.MUTED, name="subtitle")
        return below - 0.16

    def footer(self, facts: Mapping[str, Any], notes: Sequence[str] = ()) -> float:
        """Notes on the figure, what it is not, sources and provenance, at the foot; gives where the panels may begin."""
        sources = lettering.wrapped(" ".join([finding.SOURCES, *notes]), self.room, style.SMALLEST, most=4)
        top = 0.12 + lettering.height(len(sources), style.SMALLEST) + lettering.height(1, style.NOTE)
        below = self.write(MARGIN, top, [finding.DISCLAIMER], style.NOTE, "bold", name="disclaimer")
        self.write(MARGIN, below, sources, style.SMALLEST, colour=style.MUTED, name="sources")
        free = self.room - lettering.width(finding.DISCLAIMER, style.NOTE, "bold") - 0.3
        parts = finding.stamp(facts).split(" · ")
        while parts and lettering.width(" · ".join(parts), style.SMALLEST) > free:
            parts.pop()  # all of it is in the file's metadata
        if any(parts):
            self.write(
                self.width - MARGIN, top - 0.01, [" · ".join(parts)], style.SMALLEST, colour=style.MUTED, name="stamp", across="right"
            )
        return top + 0.12
