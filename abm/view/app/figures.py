"""Figures of two worlds to take away, drawn as those of results folders are, as PNG or SVG with where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abm.model.ics_model import ICSModel

FIGURES: Mapping[str, str] = {}  # name: what it shows
FORMATS = ("png", "svg")


@dataclass(frozen=True)
class Wanted:
    """Which figure: `figure` of FIGURES at the end of `quarter` (from 0), `format` of FORMATS; the rest as in the page's address.

    `show` (both, a, b, difference) is for "network" (both if not said), "ego" and "map"; `outcome` and `by` (all, kind, region)
    for "curves" and "map" ("curves" draws the chief outcomes where none is named); `org` says around whom "ego" is;
    `region` is a region's code, "" for all of England; `ties` acts or trust; `layout` map, hexes, tiers or places.
    """

    figure: str
    quarter: int
    format: str = "png"
    outcome: str = ""
    org: str = ""
    show: str = ""
    by: str = "all"
    ties: str = "acts"
    layout: str = ""
    region: str = ""


def whole(wanted: Wanted) -> bool:
    """Whether the figure needs models of the whole run ("curves"); others need them at the end of `wanted.quarter`.

    Raises `ResultsError` for a figure or format that there is not, so ask this before a model is run.
    """
    raise NotImplementedError


def figure(models: tuple[ICSModel, ICSModel], titles: tuple[str, str], wanted: Wanted, facts: Mapping[str, Any]) -> bytes:
    """The figure as a file's bytes, with provenance in its metadata.

    `models` of worlds A and B have run `wanted.quarter + 1` quarters, or all where `whole(wanted)`; `titles` is what they are
    called. `facts` is as a results folder's manifest (experiment, title, seed, replicate, versions, code, config_sha256 ...), any part of
    which may be missing. Raises `ResultsError` for what there is not, with the nearest valid name.
    """
    raise NotImplementedError
