"""The page's document (docs/interactive.md) of a network alone: who there is, who is tied to whom, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from abm.model.ics_model import ICSModel
from abm.model.network import REGION
from abm.view import places
from abm.view.network import layouts
from abm.view.network.scene import EVERYTHING, scene
from abm.view.page.document import page_document
from abm.view.page.recording import STATES, Film, network_of

KILOMETRES = np.array([45.0, -45.0])  # of a hexagon's side, y downwards: the page draws in the units of its map


def network_json(model: ICSModel, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a model's network without quarters and scenarios; with incomes, regions, and hexagons where this is England."""
    network = network_of(model)
    nothing = {name: np.zeros((1, 1)) for name in STATES}
    document = page_document([Film("", "", "", network, (0,), nothing)], facts)
    del document["quarters"], document["scenarios"]
    people = network.organisations
    document["organisations"]["income_k"] = np.rint(model.state.orgs["income"]).astype(int).tolist()
    document["layouts"] += [hexes(model)] if document["outlines"] else []
    regions = people[people["kind"] == REGION]
    document["regions"] = [{"code": code, "name": name} for code, name in zip(regions["code"], regions["name"], strict=True)]
    return document


def hexes(model: ICSModel) -> dict[str, Any]:
    """A layout: a hexagon of one size for each system, about where it lies; its ICB in the middle, providers and councils around it.

    Beside what every layout has, `areas` has the hexagons: `code` and `ring` ([x, y] of six corners).
    """
    now = scene(model)
    systems = layouts.systems_of(now, EVERYTHING)
    centres = layouts.centres_of(now, systems)
    at = KILOMETRES * layouts.seats(now, systems, centres, now.members(EVERYTHING))
    rings = KILOMETRES * (centres[:, None] + places.hexagon_corners()[None])
    areas = [{"code": now.codes[icb], "ring": np.round(ring, 1).tolist()} for icb, ring in zip(systems, rings, strict=True)]
    x, y = (np.round(at[:, i], 1).tolist() for i in (0, 1))
    return {
        "id": "hexes",
        "name": "Hexagons",
        "note": "A hexagon a system, about where it lies.",
        "x": x,
        "y": y,
        "labels": [],
        "areas": areas,
    }
