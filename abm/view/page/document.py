"""The page's data: films, network, layouts and where it all comes from, as one JSON document (docs/interactive.md says what is in it)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abm.experiment.store import ResultsError
from abm.model.acts import ACTS, is_collaborative
from abm.model.network import TIE_ENDS, TIE_KINDS
from abm.model.record import year_names
from abm.view import finding
from abm.view.page.layout import layouts, outlines
from abm.view.page.packing import packed
from abm.view.page.recording import NO_ACT, STATES, Film, Network, same_network

FORMAT, VERSION = "abm-network", 1
KINDS = (("region", "Region", "Regions"), ("icb", "ICB", "ICBs"), ("provider", "Provider", "Providers"), ("council", "Council", "Councils"))
FLOWS = "Money flows between organisations are derived by this project; they are not published figures."
OUTLINES = "Outlines contain OS data © Crown copyright and database right."


def page_document(films: Sequence[Film], facts: Mapping[str, Any] | None = None, run: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One film, or two to compare: the first is what the second is compared with. `facts` is a manifest, any part of which may be missing.

    `run` says which run it is: `point`, `settings` (of the design point), `replicate`. Raises `ResultsError` for films that do
    not fit each other.
    """
    facts = facts or {}
    if not 1 <= len(films) <= 2:
        raise ResultsError(f"the page shows one film or compares two; got {len(films)}")
    first = films[0]
    if any(not same_network(first.network, film.network) or film.quarters != first.quarters for film in films):
        raise ResultsError("the two runs are not of the same world and quarters, and cannot be compared")
    network = first.network
    where = layouts(network.organisations)
    areas = outlines(network.organisations)
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": str(facts.get("title") or network.world),
        "question": str(facts.get("question") or ""),
        "world": network.world,
        "run": {"point": 0, "settings": {}, "replicate": 0, "paired": bool(facts.get("paired", True)), **(run or {})},
        "disclaimer": finding.DISCLAIMER,
        "sources": " ".join([finding.SOURCES, *([OUTLINES] if areas else []), FLOWS]),
        "stamp": finding.stamp(facts),
        "provenance": finding.provenance(facts),
        **_network(network),
        "layouts": where,
        "outlines": areas,
        "quarters": _quarters(first),
        "scenarios": [_scenario(film) for film in films],
    }


def _network(network: Network) -> dict[str, Any]:
    """Kinds, acts, organisations and pairs, as columns."""
    people, pairs = network.organisations, network.pairs
    row = {code: number for number, code in enumerate(people["code"])}
    words = [{"id": name, "name": name.capitalize(), "between": _ends(name)} for name in TIE_KINDS]
    return {
        "kinds": [{"id": code, "name": name, "plural": plural} for code, name, plural in KINDS],
        "tie_kinds": words,
        "acts": [{"id": act, "name": act.replace("_", " "), "collaborative": is_collaborative(act)} for act in ACTS],
        "no_act": NO_ACT,
        "organisations": {
            "code": people["code"].tolist(),
            "name": people["name"].tolist(),
            "kind": people["kind"].tolist(),
            "region": [row.get(code, -1) for code in people["region"]],
            "system": [row.get(code, -1) for code in people["system"]],
        },
        "pairs": {
            **{name: pairs[name].tolist() for name in ("a", "b", "kind")},
            **{name: np.rint(pairs[name]).astype(int).tolist() for name in ("flow_k", "stake_k")},
        },
    }


def _ends(kind: str) -> str:
    """'ICBs and providers'."""
    plural = {code: plural if code == "icb" else plural.lower() for code, _, plural in KINDS}
    first, second = (" and ".join(plural[code] for code in ends) for ends in TIE_ENDS[kind])
    return f"among {first}" if first == second else f"{first} and {second}"


def _quarters(film: Film) -> list[dict[str, Any]]:
    numbers = np.array(film.quarters)
    return [
        {"number": number, "year": year, "quarter": number % 4 + 1}
        for number, year in zip(numbers.tolist(), year_names(numbers, film.network.first_year), strict=True)
    ]


def _scenario(film: Film) -> dict[str, Any]:
    states = {name: packed(film.states[name], state.unit, state.scale) for name, state in STATES.items()}
    return {"name": film.scenario, "title": film.title, "description": film.description, "states": states}
