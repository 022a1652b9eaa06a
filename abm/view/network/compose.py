"""Pages of networks: one large panel with its key, and panels beside each other with one key."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.model.network import PARTNER_KINDS, REGION, TIE_KINDS
from abm.view import lettering, style
from abm.view.network import ego, layouts, looks, paint, stand
from abm.view.network.legend import Key
from abm.view.network.looks import EDGES, SYMBOLS, Look
from abm.view.network.page import FLOWS, MARGIN, OUTLINES, Page
from abm.view.network.scene import EVERYTHING, Scene, choice, chosen_ties, scope_of
from abm.view.network.stand import Stand

LAYOUTS = ("map", "tiers", "hex")
HEIGHT, TALL = 9.2, 11.2  # inches: England is taller than wide; with a list of its systems
KEY, LIST_KEY, WIDE_KEY = 3.1, 3.6, 4.2  # inches of the column with the key; with a list of systems; with a panel above it
ENLARGED = 3.5  # inches: height of that panel
LETTERS = {"england": 7.5, "region": 8.0, "system": 9.0}  # points of names
GAP = 0.25  # inches between panels
STRIP = 1.35  # inches of the key below panels


@dataclass(frozen=True)
class Shot:
    """What is to be drawn: the scene with the ties wanted, where, how, and how many ties of the scope cannot be shown."""

    scene: Scene
    scope: str
    layout: str
    edges: str
    beyond: int = 0

    @property
    def close(self) -> str:
        """How close one looks: "england", "region" or "system"."""
        return looks.level(self.scope, self.scene)

    @property
    def place(self) -> str:
        """The scope's name."""
        name = self.scene.world if self.scope == EVERYTHING else self.scene.name_of(self.scope)
        return name[:1].upper() + name[1:]

    def of(self, other: Scene) -> Shot:
        """The same shot of another scene of the same world (all its ties)."""
        return shot(other, self.scope, self.layout, self.edges, [TIE_KINDS[kind] for kind in np.unique(self.scene.tie)])


def shot(every: Scene, scope: str, layout: str | None, edges: str, ties: Collection[str] | None) -> Shot:
    """What was asked for, checked. Raises `ResultsError` with the nearest and the list."""
    choice(edges, EDGES, "look of edges")
    if layout is not None and layout != "ego":
        choice(layout, LAYOUTS, "layout")
    scope = scope_of(every, scope)
    alone = scope != EVERYTHING and looks.level(scope, every) == "system"
    drawn = chosen_ties(every, ties, TIE_KINDS if alone else PARTNER_KINDS)
    layout = layout or ("ego" if alone else "map" if every.on_outlines else "tiers")
    inside = every.members(scope)
    touching = drawn.with_ties(inside[drawn.source] | inside[drawn.target])
    if layout not in ("tiers", "hex"):
        return Shot(touching, scope, layout, edges)
    within = touching.with_ties(inside[touching.source] & inside[touching.target])
    return Shot(within, scope, layout, edges, len(touching.tie) - len(within.tie))


def standing(one: Shot, room: tuple[float, float], size: float = 1.0, without: str = "") -> Stand:
    """Where everybody stands in a panel of `room` inches."""
    if one.layout == "map":
        return stand.on_map(one.scene, one.scope, room, size, without)
    if one.layout == "tiers":
        return layouts.in_tiers(one.scene, one.scope, room, size)
    if one.layout == "hex":
        return layouts.in_hexes(one.scene, one.scope, room, size)
    return ego.around_icb(one.scene, one.scope, room, size)


# --- one large panel ---------------------------------------------------------------------------------------------------------


def single(one: Shot, look: Look, title: str, subtitle: str, facts: Mapping[str, Any]) -> Figure:
    """The panel on the left; on the right its crowded part enlarged, if there is one, and the key."""
    page = Page(style.WIDTH, TALL if one.layout == "hex" and one.scope == EVERYTHING and len(one.scene.icbs) > 20 else HEIGHT)
    top = page.heading(title, subtitle)
    foot = page.footer(facts, notes(one))
    apart = stand.crowded(one.scene) if one.layout == "map" and one.scope == EVERYTHING else ""
    wide = WIDE_KEY if apart else LIST_KEY if one.layout == "hex" else KEY
    right = page.width - MARGIN - wide
    room = right - 0.2 - MARGIN, top - foot
    main = standing(one, room, without=apart)
    named, below = 0, top
    if apart:
        inset = stand.on_map(one.scene, apart, (wide, ENLARGED), radius=main.radius)
        main = stand.windowed(main, inset)
        below = top - ENLARGED - 0.2
        axes = page.panel(right, top - ENLARGED, right + wide, top, inset.extent, "inset")
        named += painted(axes, one, inset, look)
        paint.frame(axes)
    axes = page.panel(MARGIN, foot, MARGIN + room[0], top, main.extent, "main")
    named += painted(axes, one, main, look, f"{one.scene.name_of(apart)}\n(right)" if apart else "")
    axes = page.panel(right, foot, page.width - MARGIN, below, name="key")
    _key(Key(axes, below - foot), one, main, look, named)
    return page.figure


def painted(axes: Axes, one: Shot, main: Stand, look: Look, enlarged: str = "", named: bool = True) -> int:
    """Everything in one panel; gives how many organisations are named."""
    paint.ground(axes, main)
    paint.window(axes, main, enlarged)
    paint.ties(axes, one.scene, main, look)
    paint.symbols(axes, one.scene, main)
    if one.layout == "map" and one.scope != EVERYTHING:
        paint.frame(axes)
    if not named:
        return 0
    crowd = main.layout in ("tiers", "hex") and one.close == "england"  # names of regions and systems are enough there
    return paint.names(axes, one.scene, main, LETTERS[one.close], (REGION,) if crowd else tuple(SYMBOLS))


def _key(key: Key, one: Shot, main: Stand, look: Look, named: int) -> None:
    shown = one.scene.members(one.scope) | main.shown
    ties_key(key, look, len(one.scene.tie))
    key.gap()
    key.head("Organisations")
    key.symbols(one.scene, shown)
    key.income(main.worth, main.radius[main.shown & (one.scene.kind != REGION)].max(initial=0.0), main.cap)
    key.gap()
    key.note(_reading(one, main, int(shown.sum()), named))
    coded = [word.number for word in main.words if word.number >= 0 and word.text == one.scene.codes[word.number]]
    regions = np.flatnonzero(main.shown & (one.scene.kind == REGION)).tolist() if coded else []
    key.codes([(one.scene.codes[i], one.scene.names[i]) for i in [*coded, *regions]])


def ties_key(key: Key, look: Look, count: int) -> None:
    """What lines mean; that there are none, where `count` is 0."""
    if count:
        dashed = [] if look.whole else [kind for kind in np.unique(look.dashes).tolist() if kind >= 0]
        key.ties(look, dashed)
    else:
        key.head("No ties of these kinds here")


def _reading(one: Shot, main: Stand, shown: int, named: int) -> str:
    """What a reader must know besides: names left out, symbols moved, ties that lead out."""
    parts = [] if named >= shown else [f"{shown - named} of {shown} organisations are not named, for want of room."]
    if main.moved > 0.5:
        parts.append(f"Where they crowd, symbols stand up to {main.moved:.0f} km from their place.")
    out = int((main.shown[one.scene.source] ^ main.shown[one.scene.target]).sum())
    if main.bundled:
        numbers = ", their number in brackets" if main.words else ""
        bundle = f"Rings below: {style.count(sum(main.bundled.values()), 'partner')} in other systems, bundled by system{numbers}"
        parts.append(f"{bundle} ({style.count(out, 'tie')}, paler).")
    elif out and main.window is None:
        parts.append(f"{style.count(out, 'tie')} lead to partners outside (small rings, or beyond the edge).")
    if one.beyond:
        parts.append(f"{style.count(one.beyond, 'tie')} with partners outside are not drawn.")
    if one.layout == "hex":
        parts.append("A hexagon a system, about where it lies; its ICB in the middle." if one.scene.on_outlines else "A hexagon a system.")
    return " ".join(parts)


def notes(one: Shot) -> list[str]:
    """What the foot must say of outlines and money."""
    found = [OUTLINES] if one.layout == "map" and one.scene.on_outlines else []
    return found + ([FLOWS] if one.edges == "flow" and one.scene.on_outlines else [])


# --- panels beside each other --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One of several panels: a shot, its look, and words above it."""

    shot: Shot
    look: Look
    head: str
    note: str


def several(parts: Sequence[Part], title: str, subtitle: str, facts: Mapping[str, Any], columns: int | None = None) -> Figure:
    """Panels in rows, all standing alike; one key below them."""
    across = columns or _across(len(parts))
    rows = math.ceil(len(parts) / across)
    wide = (style.WIDTH - 2 * MARGIN - GAP * (across - 1)) / across
    first = parts[0].shot
    tall = min(4.6, wide * (1.25 if first.layout in ("map", "hex") and first.scope == EVERYTHING else 0.85))
    headed = 0.5
    page = Page(style.WIDTH, 1.2 + rows * (tall + headed) + STRIP + 0.75)
    top = page.heading(title, subtitle)
    foot = page.footer(facts, notes(first))
    main = standing(first, (wide, tall), {"england": 0.3, "region": 0.5, "system": 0.55}[first.close])
    main = stand.without_words(main)
    for place, part in enumerate(parts):
        left = MARGIN + (place % across) * (wide + GAP)
        ceiling = top - (place // across) * (tall + headed)
        below = page.write(left, ceiling, [part.head], style.HEADER, "bold", name=f"head:{place}")
        page.write(
            left, below, lettering.wrapped(part.note, wide, style.NOTE, most=1), style.NOTE, colour=style.MUTED, name=f"note:{place}"
        )
        axes = page.panel(left, ceiling - headed - tall + 0.05, left + wide, ceiling - headed + 0.05, main.extent, f"panel:{place}")
        painted(axes, part.shot, main, part.look, named=False)
    _strip(page, parts[-1], main, foot, foot + STRIP)
    return page.figure


def _across(count: int) -> int:
    """Panels in a row: all of up to four, else rows as even as can be."""
    return count if count <= 4 else math.ceil(count / math.ceil(count / 4))


def _strip(page: Page, part: Part, main: Stand, foot: float, top: float) -> None:
    """The key in three columns; counts are in the panels' own words."""
    third = (page.room - 2 * GAP) / 3
    keys = []
    for place in range(3):
        left = MARGIN + place * (third + GAP)
        keys.append(Key(page.panel(left, foot, left + third, top, name="key"), top - foot))
    ties_key(keys[0], looks.uncounted(part.look), len(part.shot.scene.tie))
    keys[1].head("Organisations")
    keys[1].symbols(part.shot.scene, main.shown)
    largest = main.radius[main.shown & (part.shot.scene.kind != REGION)].max(initial=0.0)
    keys[2].head("Reading the panels" if largest < 4 else "Size")
    if largest < 4:
        keys[2].note("The area of a symbol grows with income; all panels stand alike.")
    else:
        keys[2].income(main.worth, largest, main.cap)
    shown = int(main.shown.sum())
    keys[2].note(_reading(part.shot, main, shown, shown))
