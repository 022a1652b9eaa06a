"""How the organisations of a scene stand in one panel: sizes, and the map of England with crowds moved apart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from abm.model.network import ICB, REGION
from abm.view import places
from abm.view.network.scene import EVERYTHING, Flags, Numbers, Scene

LARGEST, SMALLEST = 9.5, 1.7  # points: radius of the largest organisation of England, and of the smallest that is seen
GROWN = 22.0  # points: radius of the largest where there are few


class Word(NamedTuple):
    """A text with a place of its own: where (units of the stand), what, its alignment, and inches that it may take."""

    x: float
    y: float
    text: str
    across: str = "center"
    up: str = "center"
    turned: float = 0.0
    room: float = 1.0
    bold: bool = False
    number: int = -1  # of the organisation whose name it is


@dataclass(frozen=True)
class Stand:
    """Where organisations (n) stand in a panel.

    `at` is in units of the layout (km on a map, inches elsewhere), NaN for those that have no end of a tie here; `shown`
    are those drawn as symbols; `radius` is in points. `extent` is left, bottom, right, top in units; `scale` units an inch.
    """

    layout: str
    at: places.Points
    radius: Numbers
    shown: Flags
    extent: tuple[float, float, float, float]
    scale: float
    areas: tuple[places.Outline, ...] = ()
    fronts: tuple[places.Outline, ...] = ()
    around: tuple[places.Outline, ...] = ()  # areas out of scope
    words: tuple[Word, ...] = ()
    bend: float = 0.0  # of a tie, as a share of its length
    focus: tuple[float, float] | None = None  # ties bend towards it
    worth: float = 0.0  # GBP k a year of a symbol with a radius of one point
    cap: float = 0.0  # points: no symbol is drawn larger
    moved: float = 0.0  # km, at most, from where they are
    bundled: dict[str, int] = field(default_factory=dict)  # label of an outside group: its organisations
    window: tuple[float, float, float, float] | None = None  # of the panel that enlarges a part of this one


def _largest(shown: Flags) -> float:
    """Radius of the largest symbol, in points: larger where fewer are shown."""
    return min(GROWN, LARGEST * max(1.0, 407 / max(1, int(shown.sum()))) ** 0.22)


def sizes(scene: Scene, shown: Flags) -> Numbers:
    """Radii in points: areas in proportion to income, none too small to be seen; regions, which have none, in the middle."""
    most = np.where(shown, scene.income, 0.0).max(initial=0.0)
    largest = _largest(shown)
    radii = largest * np.sqrt(np.maximum(scene.income, 0.0) / most) if most > 0 else np.full(len(scene.codes), 0.4 * largest)
    return np.where(scene.kind == REGION, 0.55 * largest, np.clip(radii, SMALLEST * largest / LARGEST, largest))


def worth(scene: Scene, shown: Flags, size: float = 1.0) -> float:
    """Income (GBP k) of a symbol with a radius of one point, for the key; 0 where there is no income."""
    return float(np.where(shown, scene.income, 0.0).max(initial=0.0)) / (size * _largest(shown)) ** 2


def windowed(main: Stand, part: Stand) -> Stand:
    """`main` with a box where `part`, another panel, enlarges it."""
    return replace(main, window=part.extent)


def crowded(scene: Scene) -> str:
    """The region of England that needs a panel of its own: London, when the scene has it on the outlines and more besides."""
    there = scene.on_outlines and {"Y56"} < set(scene.region) and bool((scene.region == "Y56").sum() > 20)
    return "Y56" if there else ""


def without_words(main: Stand) -> Stand:
    """`main` for a panel too small for names."""
    return replace(main, words=())


def on_map(
    scene: Scene, scope: str, room: tuple[float, float], size: float = 1.0, without: str = "", radius: Numbers | None = None
) -> Stand:
    """On the ground, as large as `room` (inches) allows; symbols may have a `radius` given (points).

    `without` is a region that another panel shows. Raises `ResultsError` where places are missing.
    """
    inside = scene.members(scope)
    places.require_places(scene.there[inside], scene.world if scope == EVERYTHING else scene.name_of(scope))
    shown = inside & (scene.region != without) if without else inside
    radius = size * sizes(scene, inside) if radius is None else radius
    areas, fronts, around = _ground(scene, scope)
    extent = _extent(scene.there[inside], areas)
    scale = max((extent[2] - extent[0]) / room[0], (extent[3] - extent[1]) / room[1])
    at = scene.there.copy()
    reach = radius * np.where(scene.kind == ICB, 1.12, 1.0)  # squares have corners
    at[shown] = places.apart(scene.there[shown], reach[shown] / 72 * scale)
    moved = float(np.hypot(*(at - scene.there)[shown].T).max(initial=0.0))
    return Stand(
        "map", at, radius, shown, _filled(extent, room, scale), scale, areas, fronts, around, moved=moved, worth=worth(scene, inside, size)
    )


def _ground(scene: Scene, scope: str) -> tuple[tuple[places.Outline, ...], ...]:
    """Outlines of the systems in scope, of their regions, and of all other systems; none where the world is not England."""
    if not scene.on_outlines:
        return (), (), ()
    every, regions = places.outlines("icb"), places.outlines("region")
    here = {scene.codes[i] for i in np.flatnonzero(scene.members(scope) & (scene.kind == ICB))}
    own = {scene.region[scene.codes.index(code)] for code in here}
    fronts = tuple(regions[code] for code in sorted(own) if code in regions) if scope not in here else (every[scope],)
    return tuple(every[code] for code in sorted(here)), fronts, tuple(every[code] for code in sorted(set(every) - here))


def _extent(points: places.Points, areas: tuple[places.Outline, ...]) -> tuple[float, float, float, float]:
    """All points and outlines with a margin; a degenerate spread (one organisation) gets some kilometres."""
    rings = [ring for area in areas for ring in area.rings]
    left, bottom, right, top = places.bounds([points, *rings], 0.015 if areas else 0.08)
    more = max(0.0, 4.0 - (right - left)) / 2, max(0.0, 4.0 - (top - bottom)) / 2
    return left - more[0], bottom - more[1], right + more[0], top + more[1]


def _filled(extent: tuple[float, float, float, float], room: tuple[float, float], scale: float) -> tuple[float, float, float, float]:
    """The extent widened to the shape of the room."""
    x, y = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    wide, high = room[0] * scale / 2, room[1] * scale / 2
    return x - wide, y - high, x + wide, y + high
