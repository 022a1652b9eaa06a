"""Painting a scene into a panel: ground, ties, symbols, names. Each artist's gid says what it is, for tests and for SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Shape
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from abm.model.network import COUNCIL, ICB, PROVIDER, REGION
from abm.view import lettering, style
from abm.view.network import labels, looks
from abm.view.network.looks import ABROAD, COAST, FRONT, LAND, SYMBOLS, Look
from abm.view.network.scene import Scene, short
from abm.view.network.stand import Stand

HALO = [withStroke(linewidth=2.2, foreground=style.PAPER)]
STEPS, FINE = 9, 17  # points of a bent tie; where there are few


def ground(axes: Axes, stand: Stand) -> None:
    """The land: areas with pale outlines, regions with darker ones."""
    for area in stand.around:
        axes.add_artist(PathPatch(area.shape(), facecolor=ABROAD, edgecolor=COAST, linewidth=0.5, zorder=-1, gid=f"around:{area.code}"))
    for area in stand.areas:
        axes.add_artist(PathPatch(area.shape(), facecolor=LAND, edgecolor=COAST, linewidth=0.6, zorder=0, gid=f"area:{area.code}"))
    for front in stand.fronts:
        axes.add_artist(
            PathPatch(_open(front.rings), facecolor="none", edgecolor=FRONT, linewidth=0.9, zorder=0.5, gid=f"front:{front.code}")
        )


def _open(rings: Sequence[NDArray[np.float64]]) -> Shape:
    return Shape.make_compound_path(*(Shape(ring) for ring in rings))


def window(axes: Axes, stand: Stand, words: str) -> None:
    """A box around the part of the panel that another one enlarges."""
    if stand.window is None:
        return
    left, bottom, right, top = stand.window
    box = Rectangle(
        (left, bottom), right - left, top - bottom, facecolor=style.PAPER, edgecolor=style.MUTED, linewidth=0.8, zorder=0.6, gid="window"
    )
    axes.add_artist(box)
    middle = (left + right) / 2, (bottom + top) / 2
    axes.text(*middle, words, size=style.SMALLEST, weight="bold", ha="center", va="center", gid="window", path_effects=HALO, zorder=6)


def frame(axes: Axes) -> None:
    """A thin frame around a panel."""
    box = Rectangle((0, 0), 1, 1, transform=axes.transAxes, facecolor="none", edgecolor=style.MUTED, linewidth=0.8, zorder=7, clip_on=False)
    box.set_gid("frame")
    axes.add_artist(box)


# --- ties -------------------------------------------------------------------------------------------------------------------


def segments(scene: Scene, stand: Stand, whole: bool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Lines (k, points, 2) and which ties they are: a tie's half next to its source, or (`whole`) one line a pair."""
    placed = _placed(stand)
    inside = stand.shown[scene.source] | stand.shown[scene.target]
    chosen = np.flatnonzero(placed[scene.source] & placed[scene.target] & inside)
    if whole:
        ends_of = np.sort(np.column_stack([scene.source[chosen], scene.target[chosen]]), axis=1)
        _, first = np.unique(np.column_stack([ends_of, scene.tie[chosen]]), axis=0, return_index=True)
        chosen = chosen[np.sort(first)]
    a, b = stand.at[scene.source[chosen]], stand.at[scene.target[chosen]]
    if stand.bend == 0:
        return np.stack([a, b if whole else (a + b) / 2], axis=1), chosen
    across = np.column_stack([-(b - a)[:, 1], (b - a)[:, 0]]) * _bend(scene, stand, a, b, chosen)[:, None]
    along = np.linspace(0, 1 if whole else 0.5, STEPS if len(chosen) > 1500 else FINE)[None, :, None]
    return a[:, None] + (b - a)[:, None] * along + across[:, None] * (4 * along * (1 - along) * 0.5), chosen


def _placed(stand: Stand) -> NDArray[np.bool_]:
    """Which organisations have a place in the panel."""
    return np.asarray(~np.isnan(stand.at[:, 0]), dtype=bool)


def _bend(scene: Scene, stand: Stand, a: NDArray[np.float64], b: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far each tie bends to its left, as a share of its length: towards the focus, most where it stands upright, if there is one."""
    way = np.where(scene.source[chosen] < scene.target[chosen], 1.0, -1.0)  # both halves of a tie bend to the same side
    if stand.focus is None:
        return stand.bend * way
    run, inward = b - a, np.asarray(stand.focus) - (a + b) / 2
    turn = run[:, 0] * inward[:, 1] - run[:, 1] * inward[:, 0]
    side = np.where(np.abs(turn) < 1e-6, way, np.sign(turn))
    long = np.maximum(np.hypot(*run.T), 1e-9)
    upright = 1 - np.abs(run[:, 0]) / long
    passing = np.hypot(*inward.T) < 0.2 * long  # would run behind the middle: around it
    return np.where(passing, 2.2 * stand.bend * way, side * (0.3 * stand.bend + 4.0 * stand.bend * upright**2))


def ties(axes: Axes, scene: Scene, stand: Stand, look: Look) -> list[LineCollection]:
    """The ties, one collection a dash; `collection.ties` are their numbers in the scene."""
    lines, chosen = segments(scene, stand, look.whole)
    if look.over is not None:
        order = np.argsort(look.over[chosen], kind="stable")
        lines, chosen = lines[order], chosen[order]
    made = []
    for dash in np.unique(look.dashes[chosen]).tolist():
        here = look.dashes[chosen] == dash
        pattern: Any = "-" if dash < 0 else looks.KIND_LOOKS[dash][2]
        numbers = chosen[here]
        colours, widths = look.colours[numbers].copy(), look.widths[numbers]
        if stand.bundled:  # partners of other systems stay behind
            out = stand.shown[scene.source[numbers]] ^ stand.shown[scene.target[numbers]]
            colours[:, 3] *= np.where(out, 0.45, 1.0)
            widths = widths * np.where(out, 0.6, 1.0)
        collection = LineCollection(list(lines[here]), colors=colours, linewidths=widths, linestyles=pattern, zorder=2, capstyle="butt")
        collection.set_gid(f"ties:{dash}")
        collection.ties = numbers  # type: ignore[attr-defined]
        axes.add_collection(collection, autolim=False)
        made.append(collection)
    return made


# --- symbols ----------------------------------------------------------------------------------------------------------------


def symbols(axes: Axes, scene: Scene, stand: Stand) -> list[PathCollection]:
    """The organisations, one collection a kind; and the ends of ties outside, as small rings."""
    made = []
    for kind, symbol in SYMBOLS.items():
        here = stand.shown & (scene.kind == kind)
        areas = (2 * stand.radius[here]) ** 2 * symbol.grown**2
        marks = axes.scatter(
            stand.at[here, 0],
            stand.at[here, 1],
            s=areas,
            marker=symbol.marker,
            facecolor=symbol.fill,
            edgecolor=symbol.edge,
            linewidth=min(0.6, 0.12 * float(stand.radius[stand.shown].max(initial=1.0))),
            zorder=4 if kind == REGION else 3.5 if kind == ICB else 3,
            clip_on=False,
        )
        marks.set_gid(f"nodes:{symbol.word}")
        made.append(marks)
    outside = ~stand.shown & _placed(stand)
    touched = np.zeros(len(outside), dtype=bool)
    crossing = stand.shown[scene.source] ^ stand.shown[scene.target]
    touched[scene.source[crossing]] = touched[scene.target[crossing]] = True
    spots = np.unique(stand.at[outside & touched], axis=0)
    if len(spots) and stand.window is None:
        size = min(26 if stand.bundled else 9, 2.5 * float(stand.radius[stand.shown].max(initial=1.0)))
        rings = axes.scatter(spots[:, 0], spots[:, 1], s=size, marker="o", facecolor=style.PAPER, edgecolor=style.MUTED, linewidth=0.8)
        rings.set(zorder=2.5, gid="outside")
    return made


# --- names ------------------------------------------------------------------------------------------------------------------


def names(axes: Axes, scene: Scene, stand: Stand, size: float, kinds: Sequence[int] = (REGION, ICB, PROVIDER, COUNCIL)) -> int:
    """Write the words of the layout, then names of organisations where they can be read; gives how many are named."""
    named = {word.number for word in stand.words if word.number >= 0}
    for word in stand.words:
        _word(axes, word, size)
    if stand.layout == "ego":
        return len(named)
    left, bottom, right, top = stand.extent
    room = (right - left) / stand.scale, (top - bottom) / stand.scale
    here = np.flatnonzero(stand.shown)
    inches = (stand.at - np.array([left, bottom])) / stand.scale
    discs = np.column_stack([inches[here], stand.radius[here] / 72])
    coded = stand.layout == "hex" and any(word.text == scene.codes[word.number] for word in stand.words)
    wanted = [
        _label(scene, i, inches[i], stand.radius[i] / 72, size, stand.layout == "map", coded)
        for i in _order(scene, stand, kinds)
        if i not in named
    ]
    placed = labels.place(wanted, discs, room, _taken(stand))
    for one in placed:
        x, y = left + one.x * stand.scale, bottom + one.y * stand.scale
        text = axes.text(
            x,
            y,
            "\n".join(one.label.lines),
            size=one.label.size,
            weight=one.label.weight,
            color=one.label.colour,
            ha=one.across,
            va="center",
        )
        text.set(gid=f"name:{scene.codes[one.label.number]}", path_effects=HALO, linespacing=1.1, zorder=6, multialignment=one.across)
    return len(placed) + len(named)


def _word(axes: Axes, word: Any, size: float) -> None:
    weight, most = "bold" if word.bold else "normal", 1 if word.turned else 4
    size = next((s for s in (size, size - 0.75, size - 1.5) if lettering.fits(word.text, word.room, s, weight, most)), size)
    lines = lettering.wrapped(word.text, word.room, size, weight, most)
    text = axes.text(
        word.x,
        word.y,
        "\n".join(lines),
        size=size,
        weight=weight,
        ha=word.across,
        va=word.up,
        rotation=word.turned,
    )
    text.set(gid=f"word:{word.number}", path_effects=HALO, linespacing=1.1, zorder=6, clip_on=False)


def _taken(stand: Stand) -> list[tuple[float, float, float, float]]:
    """Boxes (inches) where no name may stand: tier names on the left, turned names below, the enlarged part."""
    found = []
    if stand.layout == "tiers":
        found.append((0.0, 0.0, 0.75, 99.0))
        turned = [word for word in stand.words if word.turned]
        if turned:
            found.append((0.0, 0.0, 99.0, max(word.y for word in turned)))
    if stand.layout == "hex":
        x, y = stand.extent[:2]
        for word in stand.words:  # at the top of each hexagon
            middle, top = (word.x - x) / stand.scale, (word.y - y) / stand.scale
            found.append((middle - word.room / 4, top - 0.15, middle + word.room / 4, top))
    if stand.window is not None:
        x, y = stand.extent[:2]
        box = [(value - origin) / stand.scale for value, origin in zip(stand.window, (x, y, x, y), strict=True)]
        found.append((box[0], box[1], box[2], box[3]))
    return found


def _order(scene: Scene, stand: Stand, kinds: Sequence[int]) -> list[int]:
    """Regions first, then ICBs, then the rest from the largest down."""
    rank = {REGION: 0, ICB: 1, PROVIDER: 2, COUNCIL: 2}
    here = [i for i in np.flatnonzero(stand.shown).tolist() if scene.kind[i] in kinds]
    return sorted(here, key=lambda i: (rank[int(scene.kind[i])], -stand.radius[i], scene.codes[i]))


def _label(scene: Scene, i: int, at: NDArray[np.float64], radius: float, size: float, spacious: bool, coded: bool) -> labels.Label:
    kind = int(scene.kind[i])
    weight = "bold" if kind in (REGION, ICB) else "normal"
    large = size + (1.0 if kind == REGION and spacious else 0.0)
    name = scene.codes[i] if coded else short(scene.names[i], kind)
    lines = tuple(lettering.wrapped(name, 1.35 * size / 8, large, weight, 3))
    return labels.Label(int(i), lines, float(at[0]), float(at[1]), radius * SYMBOLS[kind].grown, large, weight, style.INK)
