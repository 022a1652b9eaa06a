"""Layouts that need no map: tiers, hexagons, and one system with its partners around it."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from abm.model.network import COUNCIL, ICB, PROVIDER, REGION
from abm.view import lettering, places, style
from abm.view.network.scene import Flags, Ints, Scene
from abm.view.network.stand import Stand, Word, sizes, worth

Room = tuple[float, float]
MOST_ACROSS = 1.05  # inches: a symbol with its name below it
TIERS = {REGION: "Regions", ICB: "ICBs", PROVIDER: "Providers", COUNCIL: "Councils"}
MOST_GROUPS = 12  # outside groups around one system
BEND = 0.14  # of a tie's length, where ties would lie on one another


def systems_of(scene: Scene, scope: str) -> Ints:
    """Numbers of the ICBs in scope: region by region, then by code."""
    here = np.flatnonzero(scene.members(scope) & (scene.kind == ICB))
    order = sorted(here, key=lambda i: (scene.region[i], scene.codes[i]))
    return np.array(order, dtype=np.int64)


# --- tiers ----------------------------------------------------------------------------------------------------------------


def in_tiers(scene: Scene, scope: str, room: Room, size: float = 1.0) -> Stand:
    """Regions over ICBs over providers over councils; a column a system, systems of a region side by side."""
    shown = scene.members(scope)
    systems = systems_of(scene, scope)
    worded = room[0] > 4  # room for words
    left = 0.75 if worded else 0.05  # for the names of the tiers
    column = (room[0] - left - 0.15) / max(1, len(systems))
    per_row = {kind: _per_row(scene, systems, kind, column) for kind in (PROVIDER, COUNCIL)}
    rows = {kind: math.ceil(_most(scene, systems, kind) / per_row[kind]) for kind in (PROVIDER, COUNCIL)}
    turned = worded and column < MOST_ACROSS  # names of systems stand upright below everything
    named = min(1.55, 0.1 + max(lettering.width(scene.names[icb], style.NOTE) for icb in systems)) if turned else 0.0
    heights = _heights(room[1] - named - 0.15, rows, named + 0.15)
    at = np.full((len(scene.codes), 2), np.nan)
    words = [Word(0.0, sum(ends) / 2, TIERS[kind], "left", bold=True, room=left) for kind, ends in heights.items()] if worded else []
    for place, icb in enumerate(systems):
        middle = left + (place + 0.5) * column
        at[icb] = middle, heights[ICB][0]
        for kind in (PROVIDER, COUNCIL):
            own = np.flatnonzero((scene.system == scene.codes[icb]) & (scene.kind == kind))
            at[own] = _block(len(own), per_row[kind], middle, column, heights[kind])
        if named:
            words.append(Word(middle, named, scene.names[icb], "center", "top", 90.0, named, number=int(icb)))
        elif worded:
            words.append(
                Word(middle, heights[ICB][0] + 0.24, scene.names[icb], up="bottom", room=0.95 * column, bold=True, number=int(icb))
            )
    words += _regions(scene, shown, systems, at, (left, column, heights[REGION][0]), worded)
    steps = [(ends[0] - ends[1]) / (rows[kind] - 1) for kind, ends in heights.items() if rows.get(kind, 1) > 1]
    cap = min(14.0, 0.45 * 72 * min([column / max(per_row.values()), *steps]))  # below the names
    radius = np.minimum(size * sizes(scene, shown), cap)
    return Stand(
        "tiers", at, radius, shown, (0.0, 0.0, *room), 1.0, words=tuple(words), bend=BEND, worth=worth(scene, shown, size), cap=cap
    )


def _regions(scene: Scene, shown: Flags, systems: Ints, at: places.Points, grid: tuple[float, float, float], worded: bool) -> list[Word]:
    """Put regions over the middle of their systems; gives their names. `grid` is the left edge, a column's width, and the height."""
    left, column, y = grid
    words = []
    for place, region in enumerate(np.flatnonzero(shown & (scene.kind == REGION))):
        own = systems[scene.region[systems] == scene.codes[region]]
        at[region] = (at[own, 0].mean() if len(own) else left + (place + 0.5) * column), y
        free = max(0.62, 0.9 * len(own) * column)
        lifted = 0.16 + (0.14 if place % 2 and free < 0.9 else 0.0)  # neighbours of narrow regions on two lines
        words.append(Word(at[region, 0], y + lifted, scene.names[region], up="bottom", room=free, bold=True, number=int(region)))
    return words if worded else []


def _most(scene: Scene, systems: Ints, kind: int) -> int:
    counts = [int(((scene.system == scene.codes[icb]) & (scene.kind == kind)).sum()) for icb in systems]
    return max([1, *counts])


def _per_row(scene: Scene, systems: Ints, kind: int, column: float) -> int:
    """All side by side where each has room for its name; one, with its name beside it; else as many as keep symbols apart."""
    most = _most(scene, systems, kind)
    if column / most >= MOST_ACROSS:
        return most
    return 1 if column > 0.8 else max(1, min(most, int(column / 0.28)))


def _heights(room: float, rows: dict[int, int], foot: float) -> dict[int, tuple[float, float]]:
    """Heights of the top and bottom row of each tier; tiers of many rows get more of the room between `foot` and its top."""
    head = min(0.6, 0.1 * room)
    lines = {REGION: 1, ICB: 1, PROVIDER: rows[PROVIDER], COUNCIL: rows[COUNCIL]}
    extra = sum(lines.values()) - len(lines)
    step = min(0.36, 0.62 * (room - head) / max(1, extra))  # from row to row
    gap = (room - head - step * extra) / (len(lines) - 1)
    found, top = {}, foot + room - head
    for kind, count in lines.items():
        found[kind] = top, top - (count - 1) * step
        top = found[kind][1] - gap
    return found


def _block(count: int, per_row: int, middle: float, column: float, ends: tuple[float, float]) -> places.Points:
    """`count` places in rows from the top end down; a single file goes in zigzag, so that ties are not on one line."""
    step = min(0.36, (ends[0] - ends[1]) / max(1, math.ceil(count / per_row) - 1))
    spots = []
    for i in range(count):
        row, place = divmod(i, per_row)
        in_row = min(per_row, count - row * per_row)
        x = (place + 0.5) / in_row - 0.5 if per_row > 1 else (0.2 if row % 2 else -0.2) if count > 1 else 0.0
        spots.append((middle + 0.94 * column * x, ends[0] - row * step))
    return np.array(spots).reshape(-1, 2)


# --- hexagons --------------------------------------------------------------------------------------------------------------

RING = (0.36, 0.60)  # of a hexagon's inner radius: where its organisations stand
FIRST_RING = 11
LOWER = np.array([0.0, -0.17])  # room for the name at the top
FILL = 0.7  # of the ground: hexagons
NAMED = 1.7  # inches: a hexagon that holds the name of its system, not only the code


def in_hexes(scene: Scene, scope: str, room: Room, size: float = 1.0) -> Stand:
    """A hexagon of one size for each system, about where it lies; its ICB in the middle, providers and councils around it."""
    shown = scene.members(scope)
    systems = systems_of(scene, scope)
    centres = centres_of(scene, systems)
    corners = places.hexagon_corners()
    left, bottom, right, top = places.bounds([centres + corner for corner in corners], 0.01)
    scale = max((right - left) / room[0], (top - bottom) / room[1])
    inner = math.sqrt(3) / 2 / scale * 72  # points
    plain = size * sizes(scene, shown)
    cap = 0.13 * inner
    radius = np.minimum(plain, cap)
    at = seats(scene, systems, centres, shown)
    words = []
    for centre, icb in zip(centres, systems, strict=True):
        name = scene.names[icb] if 2 / scale > NAMED else scene.codes[icb]
        if 2 / scale > 0.5:
            words.append(Word(centre[0], centre[1] + 0.8, name, up="top", room=1.25 / scale, bold=True, number=int(icb)))
    areas = tuple(
        places.Outline(scene.codes[icb], (centre + corners[[0, 1, 2, 3, 4, 5, 0]],)) for centre, icb in zip(centres, systems, strict=True)
    )
    fronts = tuple(_front(centres, corners, scene.region[systems], code) for code in dict.fromkeys(scene.region[systems]))
    x, y = (left + right) / 2, (bottom + top) / 2
    extent = x - room[0] * scale / 2, y - room[1] * scale / 2, x + room[0] * scale / 2, y + room[1] * scale / 2
    return Stand(
        "hex", at, radius, shown, extent, scale, areas, fronts, words=tuple(words), bend=BEND / 2, worth=worth(scene, shown, size), cap=cap
    )


def seats(scene: Scene, systems: Ints, centres: places.Points, shown: Flags) -> places.Points:
    """Where organisations stand in the hexagons (side 1) of `systems`, NaN for those of others; regions shown take free corners."""
    at = np.full((len(scene.codes), 2), np.nan)
    for centre, icb in zip(centres, systems, strict=True):
        at[icb] = centre + LOWER
        own = [i for kind in (PROVIDER, COUNCIL) for i in np.flatnonzero((scene.system == scene.codes[icb]) & (scene.kind == kind))]
        at[own] = centre + LOWER + _rings(len(own)) * math.sqrt(3) / 2
    corners, taken = places.hexagon_corners(), set[tuple[float, float]]()
    for region in np.flatnonzero(shown & (scene.kind == REGION)):
        here = scene.region[systems] == scene.codes[region]
        at[region] = _corner(centres[here] if here.any() else centres, corners, taken)
    return at


def centres_of(scene: Scene, systems: Ints) -> places.Points:
    """Centres of the systems' hexagons: about where they lie, or in rows where that is not known."""
    known = scene.on_outlines and not np.isnan(scene.there[systems]).any()
    return hexagons(tuple(map(tuple, np.round(scene.there[systems], 1).tolist()))) if known else rows_of_hexagons(len(systems))


def rows_of_hexagons(count: int) -> places.Points:
    """Centres of hexagons in rows, in order, where nothing is known of places."""
    across = math.ceil(math.sqrt(1.3 * max(1, count)))
    number = np.arange(count)
    column, row = number % across, number // across
    return np.column_stack([1.5 * column, -math.sqrt(3) * (row + (column % 2) / 2)])


@lru_cache(maxsize=16)
def hexagons(middles: tuple[tuple[float, float], ...]) -> places.Points:
    """Centres of one hexagon (side 1, flat on top) a system, nearest to `middles` (km) taken together."""
    points = np.array(middles, dtype=float).reshape(-1, 2)
    count = len(points)
    left, bottom, right, top = places.bounds([points])
    pitch = _pitch(right - left, top - bottom, count)
    points = places.apart(points, np.full(count, pitch / 2)) / pitch * math.sqrt(3)
    left, bottom, right, top = places.bounds([points])
    columns = np.arange(math.floor(left / 1.5) - 2, math.ceil(right / 1.5) + 3)
    rows = np.arange(math.floor(bottom / math.sqrt(3)) - 2, math.ceil(top / math.sqrt(3)) + 3)
    grid = np.array([(1.5 * c, math.sqrt(3) * (r + (c % 2) / 2)) for c in columns for r in rows])
    cost = ((points[:, None] - grid[None]) ** 2).sum(axis=2)
    _, chosen = linear_sum_assignment(cost)
    return grid[chosen]


def _pitch(wide: float, high: float, count: int) -> float:
    """Kilometres from hexagon to hexagon, so that they fill FILL of the ground and its margin: (w + p)(h + p) FILL = n p² √3/2."""
    a, b, c = FILL - math.sqrt(3) / 2 * count, FILL * (wide + high), FILL * wide * high
    return max(1.0, (-b - math.sqrt(b * b - 4 * a * c)) / (2 * a))


def _rings(count: int) -> places.Points:
    """Places around the middle of a hexagon of inner radius 1, clockwise from the top left."""
    spots: list[tuple[float, float]] = []
    inner = count if count <= FIRST_RING else round(count * RING[0] / sum(RING))
    for number, radius in ((inner, RING[1] if count <= FIRST_RING else RING[0]), (count - inner, RING[1] + 0.06)):
        turns = 2 * np.pi * (np.arange(number) + 0.5) / max(1, number)
        spots += [(-radius * np.sin(-turn), radius * np.cos(turn)) for turn in turns]
    return np.array(spots).reshape(-1, 2)


def _corner(centres: places.Points, corners: places.Points, taken: set[tuple[float, float]]) -> NDArray[np.float64]:
    """The free corner of its hexagons nearest to a region's middle, where no organisation stands."""
    spots = (centres[:, None] + corners[None]).reshape(-1, 2)
    order = np.argsort(np.round(((spots - centres.mean(axis=0)) ** 2).sum(axis=1), 6), kind="stable")
    for spot in spots[order]:
        key = (round(float(spot[0]), 3), round(float(spot[1]), 3))
        if key not in taken:
            taken.add(key)
            return spot
    return spots[order[0]]


def _front(centres: places.Points, corners: places.Points, region: NDArray[np.object_], code: str) -> places.Outline:
    """The sides of a region's hexagons that border another region or nothing, as short open rings."""
    own = {tuple(np.round(centre, 2)) for centre in centres[region == code]}
    sides = []
    for centre in centres[region == code]:
        for k in range(6):
            a, b = corners[k], corners[(k + 1) % 6]
            if tuple(np.round(centre + a + b, 2)) not in own:
                sides.append(np.array([centre + a, centre + b]))
    return places.Outline(code, tuple(sides))
