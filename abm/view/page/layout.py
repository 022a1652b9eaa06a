"""Where the page draws whom: on the map of England, at invented places, or in tiers. Units are kilometres on a map, y downwards.

A map is x = (longitude + 2) cos(latitude), y = latitude, times the kilometres of a degree (the sinusoidal projection).
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from abm.model.network import COUNCIL, ICB, PROVIDER, REGION

Points = NDArray[np.float64]  # shaped (n, 2)

MERIDIAN, DEGREE = -2.0, 111.2
SYMBOL = np.array([16.0, 11.0, 8.0, 8.0])  # kilometres that a symbol of each kind of organisation takes up
ROUNDS, GOLDEN = 200, 2.399963229728653
TIERS = ("Regions", "ICBs", "Providers", "Councils")
STEP, GAP = 9.0, 8.0  # between neighbours in a tier, between regions
WIDEST = 60  # organisations side by side in a tier of few systems
SHAPE = 0.62  # height of the tiers, of their width


def layouts(organisations: pd.DataFrame) -> list[dict[str, Any]]:
    """The layouts that these organisations have, the best first: `id`, `name`, `note`, `x`, `y`, `labels`."""
    found = []
    place = project(organisations["longitude"], organisations["latitude"])
    kinds = organisations["kind"].to_numpy()
    if np.isfinite(place).all() and len(place):
        moved = apart(place, SYMBOL[kinds] / 2, kinds == REGION)
        if outlined(organisations):
            far = float(np.hypot(*(moved - place).T).max())
            note = (
                f"Where symbols would cover each other they are moved apart, by up to {math.ceil(far)} km. Small islands have no outline."
            )
            found.append({"id": "map", "name": "Map", "note": note, **_points(moved), "labels": []})
        else:
            found.append({"id": "places", "name": "Places", "note": "The places are invented.", **_points(moved), "labels": []})
    tiers, labels = _tiers(organisations)
    note = "A column a system, by region; a row a kind of organisation."
    found.append({"id": "tiers", "name": "Tiers", "note": note, **_points(tiers), "labels": labels})
    return found if not found or found[0]["id"] != "places" else found[::-1]


def _points(points: Points) -> dict[str, list[float]]:
    return {"x": np.round(points[:, 0], 1).tolist(), "y": np.round(points[:, 1], 1).tolist()}


# --- the map --------------------------------------------------------------------------------------------------------------


def project(longitude: ArrayLike, latitude: ArrayLike) -> Points:
    """Degrees (n) to kilometres (n, 2), y downwards."""
    east, north = np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float)
    return np.column_stack([(east - MERIDIAN) * np.cos(np.radians(north)) * DEGREE, -north * DEGREE])


@cache
def _features(layer: str) -> dict[str, list[list[list[float]]]]:
    """Rings in degrees of every area, by its code; `layer` is "icb" or "region"."""
    text = (files("abm.england") / "data" / f"{layer}_outlines.geojson").read_text("utf-8")
    found = {}
    for feature in json.loads(text)["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        found[feature["properties"][f"{layer}_code"]] = [ring for polygon in polygons for ring in polygon]
    return found


def outlined(organisations: pd.DataFrame) -> bool:
    """Whether every ICB has an outline, so that this is England or a part of it."""
    icbs = set(organisations["code"][organisations["kind"] == ICB])
    return bool(icbs) and icbs <= set(_features("icb"))


def outlines(organisations: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """`icb` and `region`: areas as `code` and `rings`, each [x, y, dx, dy, ...] in tenths of a kilometre; {} away from England."""
    if not outlined(organisations):
        return {}
    found = {}
    for layer, kind in (("icb", ICB), ("region", REGION)):
        here = set(organisations["code"][organisations["kind"] == kind])
        found[layer] = [{"code": code, "rings": [_ring(r) for r in rings]} for code, rings in _features(layer).items() if code in here]
    return found


def _ring(ring: list[list[float]]) -> list[int]:
    """A ring as whole tenths of a kilometre: its first point, then steps."""
    degrees = np.asarray(ring, dtype=float)
    points = np.rint(project(degrees[:, 0], degrees[:, 1]) * 10).astype(int)
    return np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=int)).ravel().tolist()


def apart(home: Points, radii: NDArray[np.float64], fixed: NDArray[np.bool_]) -> Points:
    """Points with those moved apart that are nearer than the sum of their radii, but for `fixed` ones, which stay.

    The same input gives the same output.
    """
    turn = GOLDEN * np.arange(len(home))
    here = home + 1e-3 * np.column_stack([np.cos(turn), np.sin(turn)])  # points at one spot leave it in different directions
    reach = 2 * float(radii.max(initial=0.0))
    for number in range(ROUNDS):
        pairs = cKDTree(here).query_pairs(reach, output_type="ndarray")
        gap = here[pairs[:, 1]] - here[pairs[:, 0]]
        distance = np.maximum(np.hypot(*gap.T), 1e-9)
        short = radii[pairs].sum(axis=1) - distance
        close = short > 0.02
        if not close.any():
            break
        push = (0.5 * short / distance)[close, None] * gap[close]
        move = np.zeros_like(here)
        np.add.at(move, pairs[close, 1], push)
        np.add.at(move, pairs[close, 0], -push)
        pull = 0.02 * max(0.0, 1 - 2 * number / ROUNDS)  # home calls less and less
        here = np.where(fixed[:, None], home, here + 0.8 * move + pull * (home - here))
    return here


# --- tiers ----------------------------------------------------------------------------------------------------------------


def _tiers(organisations: pd.DataFrame) -> tuple[Points, list[dict[str, Any]]]:
    """A column a system, regions side by side; from the top: regions, ICBs, providers, councils. And a label a tier."""
    table = organisations.reset_index(drop=True)
    count = table[table["kind"].isin((PROVIDER, COUNCIL))].groupby(["kind", "system"]).size()
    deepest = {kind: int(count[kind].max()) if kind in count.index.get_level_values(0) else 0 for kind in (PROVIDER, COUNCIL)}
    systems = max(1, int((table["kind"] == ICB).sum()))
    wide = {kind: max(1, round(math.sqrt(deep / 3)), min(deep, WIDEST // systems)) for kind, deep in deepest.items()}  # side by side
    column = STEP * max(*wide.values(), 2)
    points, left = np.zeros((len(table), 2)), 0.0
    for _, region in table.groupby("region", sort=False):
        start = left
        for _, system in region[region["kind"] != REGION].groupby("system", sort=True):
            for kind, members in system.groupby("kind"):
                slots = np.arange(len(members))
                across = 1 if kind == ICB else min(wide[kind], len(members))
                points[members.index, 0] = left + column / 2 + STEP * (slots % across - (across - 1) / 2)
                points[members.index, 1] = STEP * (slots // across + _bow(slots % across, across))
            left += column
        left = max(left, start + column)
        points[region.index[region["kind"] == REGION], 0] = (start + left) / 2
        left += GAP
    deep = {kind: STEP * (math.ceil(deepest[kind] / wide[kind]) + 0.5 * max(wide[kind] - 2, 0)) for kind in deepest}
    between = max(4 * STEP, (SHAPE * left - sum(deep.values())) / 3)
    tops = np.array([0.0, 0.8, 1.6, 2.6]) * between + np.array([0.0, 0.0, 0.0, deep[PROVIDER]])
    points[:, 1] += tops[table["kind"]]
    return points, [{"text": name, "x": 0.0, "y": top - 2 * STEP} for name, top in zip(TIERS, tops.tolist(), strict=True)]


def _bow(slots: NDArray[np.int64], across: int) -> NDArray[np.float64]:
    """How many steps the middle of a row hangs below its ends, so that ties along a row do not cover each other."""
    place = slots / max(across - 1, 1)
    return 0.5 * max(across - 2, 0) * 4 * place * (1 - place)
