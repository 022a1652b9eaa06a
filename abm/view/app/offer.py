"""The answer to `/api/start`: all that the page needs to know before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

import abm
from abm.config.settings import SECTIONS
from abm.model.declaration import Declaration
from abm.model.levers import LEVERS
from abm.model.outcomes import OUTCOMES
from abm.view import finding, frames
from abm.view.app.base import Base
from abm.view.app.world import as_text
from abm.view.page.document import FLOWS, OUTLINES

MOST_POINTS = 2000  # that the page is told of


def start_json(base: Base) -> dict[str, Any]:
    """Everything there is to choose from, with words and limits."""
    choices = base.choices
    a, b = choices.worlds
    return {
        "version": abm.__version__,
        "stamp": finding.stamp(base.facts),
        "disclaimer": finding.DISCLAIMER,
        "sources": f"{finding.SOURCES} {OUTLINES} {FLOWS}",
        "base": {"kind": base.kind, "name": base.name, "title": base.title, "question": base.question},
        "systems": [{"name": name, "title": base.experiments[name].system.title or name} for name in choices.systems],
        "scenarios": [_scenario(each) for each in base.scenarios.values()],
        "points": _points(base),
        "replicates": choices.limits["replicate"][1] + 1,
        "defaults": {**choices.defaults.model_dump(), "a": a, "b": b},
        "limits": {name: list(limits) for name, limits in choices.limits.items()},
        "levers": [_lever(row) for row in LEVERS.values()],
        "outcomes": [_outcome(name) for name in OUTCOMES],
        "left_out": list(base.left_out),
    }


def in_words(name: str) -> str:
    """'Finance share'."""
    return name.replace("_", " ").capitalize()


def _scenario(own: Mapping[str, Any]) -> dict[str, Any]:
    told = {section: {name: as_text(value) for name, value in own.get(section, {}).items()} for section in SECTIONS}
    return {"name": own["name"], "title": own["title"] or in_words(own["name"]), "description": own["description"], **told}


def _points(base: Base) -> list[dict[str, Any]]:
    """Design points with what they set; only the first many of a large design, which can all be asked for by number."""
    if base.points is None:
        return [{"point": 0, "settings": {}}]
    rows = base.points.values.head(MOST_POINTS)
    return [{"point": int(point), "settings": _settings(row)} for point, row in zip(rows.index, rows.to_dict("records"), strict=True)]


def _settings(row: Mapping[Any, Any]) -> dict[str, Any]:
    known = {str(name): value for name, value in row.items() if not pd.isna(value)}
    return {name: value.item() if hasattr(value, "item") else value for name, value in known.items()}


def _lever(row: Declaration) -> dict[str, Any]:
    return {
        "name": row.name,
        "words": in_words(row.name),
        "meaning": row.meaning,
        "unit": row.unit,
        "default": row.default,
        "low": row.bounds[0],
        "high": row.bounds[1],
        "plausible": list(row.plausible),
        "integer": row.integer,
        "choices": list(row.choices) or None,
        "group": row.group,
        "status": row.status,
        "source": row.source,
    }


def _outcome(name: str) -> dict[str, Any]:
    one = OUTCOMES[name]
    words = frames.measure(name, one.unit)
    return {
        "name": name,
        "words": words.words,
        "meaning": one.meaning,
        "unit": one.unit,
        "percent": words.percent,
        "by_kind": one.by_kind and not one.over_systems,
    }
