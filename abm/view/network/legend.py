"""The key beside a network: what symbols, sizes, colours and lines mean, with how many there are of each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from abm.view import lettering, style
from abm.view.network.looks import HALVES, KIND_LOOKS, NO_ACT, SYMBOLS, Look, round_down
from abm.view.network.scene import Flags, Scene

ROW = 0.235  # inches
TEXT = 0.42  # where words begin


def pounds(thousands: float) -> str:
    """'£2bn', '£500m', '£20k'."""
    for size, letter in ((1e6, "bn"), (1e3, "m"), (1.0, "k")):
        if thousands >= size:
            return f"£{thousands / size:,.3g}{letter}"
    return f"£{1000 * thousands:,.3g}"


def _counted(words: str, count: int, acts: int, pairs: bool) -> str:
    """How many there are: of acts also the share."""
    if pairs:
        return style.count(count, "pair")
    return f"{count:,}" if words == NO_ACT or not acts else f"{count:,} ({count / acts:.0%})"


class Key:
    """Writes downwards in a panel whose units are inches."""

    def __init__(self, axes: Axes, top: float) -> None:
        self.axes, self.y, self.wide = axes, top, axes.get_xlim()[1]

    def head(self, words: str, note: str = "") -> None:
        """A heading, and a note below it."""
        self._text(0.0, words, style.LABEL, "bold", gap=0.03)
        if note:
            self.note(note)
        self.y -= 0.06

    def note(self, words: str) -> None:
        """Small words over the whole width."""
        self._text(0.0, words, style.NOTE, colour=style.MUTED, most=6)

    def gap(self, inches: float = 0.13) -> None:
        """Some room."""
        self.y -= inches

    def _text(
        self, x: float, words: str, size: float, weight: str = "normal", colour: str = style.INK, most: int = 3, gap: float = 0.0
    ) -> None:
        lines = lettering.wrapped(words, self.wide - x, size, weight, most)
        text = self.axes.text(x, self.y, "\n".join(lines), size=size, weight=weight, color=colour, va="top", ha="left", gid="key")
        text.set_linespacing(style.LINE_HEIGHT)
        self.y -= lettering.height(len(lines), size) + gap

    def line(self, words: str, colour: str, dash: object, width: float) -> None:
        """A tie: a short line and what it means."""
        middle = self.y - ROW / 2
        line = Line2D([0.0, TEXT - 0.1], [middle, middle], color=colour, linestyle=dash, linewidth=width)  # type: ignore[arg-type]
        line.set_gid("key:line")
        self.axes.add_line(line)
        if colour in style.LIGHT and width >= 2:
            line.set_path_effects([Stroke(linewidth=width + 0.8, foreground=style.INK), Normal()])
        self.axes.text(TEXT, middle, words, size=style.NOTE + 0.5, va="center", gid="key")
        self.y -= ROW

    def symbols(self, scene: Scene, shown: Flags, radius: float = 5.0) -> None:
        """The four kinds, with how many are shown, two beside each other."""
        here = [(kind, int((shown & (scene.kind == kind)).sum())) for kind in SYMBOLS]
        here = [(kind, count) for kind, count in here if count]
        for place, (kind, count) in enumerate(here):
            x = 0.12 + (place % 2) * self.wide / 2
            symbol, middle = SYMBOLS[kind], self.y - ROW / 2
            self.axes.scatter(
                [x],
                [middle],
                s=(2 * radius * symbol.grown) ** 2,
                marker=symbol.marker,
                facecolor=symbol.fill,
                edgecolor=symbol.edge,
                linewidth=0.6,
            )
            word = symbol.words if count != 1 else symbol.word if symbol.word.isupper() else symbol.word.capitalize()
            self.axes.text(x + 0.18, middle, f"{word} ({count})", size=style.NOTE + 0.5, va="center", gid="key")
            if place % 2 or place == len(here) - 1:
                self.y -= ROW

    def income(self, worth: float, largest: float, cap: float = 0.0) -> None:
        """Circles of the sizes of round incomes; `worth` is GBP k of a radius of one point, `largest` the largest radius.

        Where sizes are capped, the largest circle stands for its income and more.
        """
        if not worth > 0 or not largest > 0:
            return
        values = list(dict.fromkeys(round_down(worth * (largest * part) ** 2) for part in (0.35, 0.62, 1.0)))
        if cap and largest >= cap:
            values[-1] = float(f"{worth * largest**2:.2g}")
        radii = [math.sqrt(value / worth) for value in values]
        self.y -= 0.05
        x, middle = 0.02, self.y - radii[-1] / 72
        for value, radius in zip(values, radii, strict=True):
            x += radius / 72
            self.axes.scatter([x], [middle], s=(2 * radius) ** 2, marker="o", facecolor=style.PAPER, edgecolor=style.INK, linewidth=0.7)
            label = f"≥ {pounds(value)}" if cap and value == values[-1] and largest >= cap else pounds(value)
            self.axes.text(x + radius / 72 + 0.06, middle, label, size=style.NOTE, va="center", gid="key")
            x += radius / 72 + 0.06 + lettering.width(label, style.NOTE) + 0.18
        self.y = middle - radii[-1] / 72 - 0.06
        self._text(0.0, "income a year (area of the symbol; a region has none)", style.NOTE, colour=style.MUTED)

    def bar(self, look: Look, tall: float = 0.16) -> None:
        """A colour bar with its unit."""
        if look.scale is None:
            return
        colours, norm, unit = look.scale
        low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
        left, right = 0.12, self.wide - 0.25
        self.axes.imshow(colours(np.linspace(0, 1, 256))[None], extent=(left, right, self.y - tall, self.y), aspect="auto", zorder=1)
        self.y -= tall
        around = low < 0 < high  # zero in the middle
        for part in np.linspace(0, 1, 5 if around else 6):
            x = left + part * (right - left)
            value = low + part * (high - low)
            sign = "≤ " if part == 0 else "≥ " if part == 1 else ""
            self.axes.add_line(Line2D([x, x], [self.y, self.y - 0.04], color=style.MUTED, linewidth=0.8))
            figure = style.number(value, 2, sign=True) if around and value else style.number(value, 0 if around else 1)
            self.axes.text(x, self.y - 0.06, f"{sign}{figure}", size=style.NOTE, ha="center", va="top", gid="key")
        self.y -= 0.06 + lettering.height(1, style.NOTE) + 0.02
        self._text(0.0, unit, style.NOTE, colour=style.MUTED)

    def codes(self, pairs: Sequence[tuple[str, str]]) -> None:
        """What codes stand for, as many as there is room for."""
        if not pairs:
            return
        self.gap()
        self.head("Codes")
        step = min(lettering.height(1, style.SMALLEST), self.y / len(pairs))
        size = min(style.SMALLEST, step * 72 / style.LINE_HEIGHT)
        for code, name in sorted(pairs):
            self.axes.text(0.0, self.y, code, size=size, weight="bold", va="top", gid="key")
            self.axes.text(TEXT, self.y, lettering.wrapped(name, self.wide - TEXT, size, most=1)[0], size=size, va="top", gid="key")
            self.y -= step

    def ties(self, look: Look, kinds: Sequence[int] = ()) -> None:
        """What the lines mean: colours with counts, or a colour bar; then dashes where kinds have them."""
        self.head(look.heading)
        self.bar(look)
        acts = sum(count for words, *_, count in look.rows if words != NO_ACT)
        for words, colour, dash, width, count in look.rows:
            share = "" if count < 0 else ": " + _counted(words, count, 0 if look.scale else acts, look.whole)
            self.line(f"{words}{share}", colour, dash, max(1.6, width))
        if look.whole:
            self.note("one line for both directions")
            for value, width in look.thick:
                self.line(f"{pounds(value)} of business a year", style.MUTED, "-", width)
        else:
            self.note(HALVES if look.scale is None else HALVES.replace("its own act", "its own trust"))
        if len(kinds):
            self.gap(0.08)
            for kind in kinds:
                word, _, dash = KIND_LOOKS[kind]
                self.line(word, style.MUTED, dash, 1.5)
