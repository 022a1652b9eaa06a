"""Where organisations are: the outlines of England, a flat map of them, and symbols moved apart where they crowd.

Maps are in kilometres, for longitude l (from the British grid's own meridian, 2 degrees west) and latitude f in radians:
x = R l cos f, y = R (f + l² sin f cos f / 2). That is the grid's own projection to second order: over England, the Isles of Scilly
among it, nothing lies a kilometre from where the grid has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from matplotlib.path import Path as Shape
from numpy.typing import ArrayLike, NDArray

from abm.experiment.store import ResultsError

Points = NDArray[np.float64]  # shaped (n, 2)

MERIDIAN = -2.0  # degrees east: the central meridian of the British grid
RADIUS = 6378.0  # kilometres
GOLDEN = 2.399963229728653  # radians: points at one spot leave it in these steps
LAYERS = {"icb": "icb_code", "region": "region_code"}


def project(longitude: ArrayLike, latitude: ArrayLike) -> Points:
    """Degrees (any shape) to kilometres on the map, with x and y in the last axis."""
    east, north = np.radians(np.asarray(longitude, dtype=float) - MERIDIAN), np.radians(np.asarray(latitude, dtype=float))
    return RADIUS * np.stack([east * np.cos(north), north + east**2 * np.sin(north) * np.cos(north) / 2], axis=-1)


class Outline(NamedTuple):
    """An area: its rings (the sea side of each coast and any hole), in kilometres."""

    code: str
    rings: tuple[Points, ...]

    def shape(self) -> Shape:
        """The area as one matplotlib path; a ring that runs the other way is a hole."""
        return Shape.make_compound_path(*(Shape(ring, closed=True) for ring in self.rings))


@cache
def outlines(layer: str) -> dict[str, Outline]:
    """The outlines of all ICBs ("icb") or regions ("region") of England of 2024, by code."""
    text = (files("abm.england") / "data" / f"{layer}_outlines.geojson").read_text("utf-8")
    found = {}
    for feature in json.loads(text)["features"]:
        code, geometry = feature["properties"][LAYERS[layer]], feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        rings = [np.asarray(ring, dtype=float) for polygon in polygons for ring in polygon]
        found[code] = Outline(code, tuple(project(ring[:, 0], ring[:, 1]) for ring in rings))
    return found


def outlined(icbs: Sequence[str]) -> bool:
    """Whether all these ICBs have an outline, so that the world is England or part of it."""
    return len(icbs) > 0 and set(icbs) <= set(outlines("icb"))


def located(places: Sequence[Mapping[str, Any]]) -> Points:
    """Kilometres of organisations with `longitude` and `latitude`; NaN where these are missing."""
    degrees = np.array([[place.get(name, np.nan) for name in ("longitude", "latitude")] for place in places], dtype=float)
    return project(*degrees.reshape(-1, 2).T)


def require_places(points: Points, what: str) -> None:
    """Raise `ResultsError` when any organisation has no place."""
    missing = int(np.isnan(points).any(axis=1).sum())
    if missing:
        raise ResultsError(
            f"{what} cannot be drawn as a map: {missing} of its {len(points)} organisations have no longitude and latitude; "
            "layout 'tiers' needs none"
        )


def bounds(points: Sequence[Points], margin: float = 0.0) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of all the points, with a margin as a share of the longer side."""
    both = np.concatenate(list(points))
    (left, bottom), (right, top) = both.min(axis=0), both.max(axis=0)
    more = margin * max(right - left, top - bottom)
    return float(left - more), float(bottom - more), float(right + more), float(top + more)


# --- symbols that crowd ---------------------------------------------------------------------------------------------------

ROUNDS = 400  # at most
PULL = 0.02  # share of the way back home in each round
SLACK = 1.06  # centres stand this many radii apart


def apart(points: Points, radii: NDArray[np.float64], fixed: NDArray[np.bool_] | None = None) -> Points:
    """`points` (n, 2) with those moved apart whose discs of these radii (same unit) overlap, as little as does it.

    The same input always gives the same output: points at one spot leave it at angles given by their order. `fixed` ones stay.
    """
    home = np.asarray(points, dtype=float)
    count = len(home)
    turn = GOLDEN * np.arange(count)
    here = home + 1e-3 * radii[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    held = np.zeros(count, dtype=bool) if fixed is None else fixed
    here[held] = home[held]
    first, second = _near(home, radii)
    need = SLACK * (radii[first] + radii[second])
    for number in range(ROUNDS):
        gap = here[second] - here[first]
        distance = np.maximum(np.hypot(*gap.T), 1e-9)
        short = need - distance
        close = short > 0
        if number > ROUNDS // 2 and (short <= 0.02 * need).all():
            break
        push = np.where(close, 0.5 * short / distance, 0.0)[:, None] * gap
        ends = np.concatenate([first, second])
        move = np.column_stack([np.bincount(ends, np.concatenate([-side, side]), count) for side in push.T])
        pull = PULL * max(0.0, 1 - 2 * number / ROUNDS)  # home calls less and less
        here = np.where(held[:, None], home, here + 0.8 * move + pull * (home - here))
    return here


def _near(home: Points, radii: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs that could ever meet: nearer than their discs and some room to move."""
    first, second = np.triu_indices(len(home), 1)
    room = 30 * float(np.median(radii)) if len(radii) else 0.0
    near = np.hypot(*(home[first] - home[second]).T) < radii[first] + radii[second] + room
    return first[near], second[near]


def hexagon_corners() -> Points:
    """The six corners of a hexagon of side 1 with a flat top, around (0, 0)."""
    turns = np.pi / 3 * np.arange(6)
    return np.column_stack([np.cos(turns), np.sin(turns)])
