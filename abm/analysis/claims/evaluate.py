"""All verdicts at once: from the results of the configs that the contrasts name, or from the tables that a study published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import abm
from abm.analysis.claims.effects import Runs, opened
from abm.analysis.claims.register import RUNS, every_part
from abm.analysis.claims.verdict import Verdict, judge, verdicts
from abm.config.errors import shown
from abm.experiment.store import ResultsError

PARTS, CLAIMS = "parts.csv", "claims.csv"


@dataclass(frozen=True)
class Evaluated:
    """`claims`: a row a claim with its verdict; `parts`: a row a contrast and outcome with its numbers."""

    claims: pd.DataFrame
    parts: pd.DataFrame


def evaluate(folders: Mapping[str, Path]) -> Evaluated:
    """Verdicts from the results folder of each config in RUNS. Raises `ResultsError`."""
    missing = [name for name in RUNS.values() if name not in folders]
    if missing:
        raise ResultsError(f"no results of {missing[0]}")
    runs = opened({name: folders[name] for name in RUNS.values()}, traits())
    parts = judged(runs)
    return Evaluated(verdicts(parts), pd.DataFrame([part.row() for part in parts]))


def judged(runs: Mapping[str, Runs]) -> list[Verdict]:
    """The verdict on every part; contrasts that several claims share are worked out once."""
    effects = {}
    found = []
    for test in every_part():
        key = (test.runs, test.contrast, test.outcome)
        if key not in effects:
            effects[key] = runs[test.runs].effect(test)
        found.append(judge(test, effects[key], runs[test.runs].members))
    return found


def traits() -> pd.DataFrame:
    """What contrasts between systems may ask of a system: how many councils and providers it has, people, need, deprivation."""
    world = abm.england()
    icbs = world.icbs.set_index("code")
    return pd.DataFrame(
        {
            "councils": world.councils["system"].value_counts().reindex(icbs.index).fillna(0),
            "providers": world.providers["system"].value_counts().reindex(icbs.index).fillna(0),
            "population": icbs["population"],
            "need_index": icbs["need_index"],
            "deprivation": icbs["deprivation"],
        }
    )


def stored(place: Path) -> Evaluated:
    """What a study wrote into `place` (or the runs that stand there). Raises `ResultsError`."""
    if (place / PARTS).is_file() and (place / CLAIMS).is_file():
        try:
            return Evaluated(*(pd.read_csv(place / name, keep_default_na=False, na_values=[""]) for name in (CLAIMS, PARTS)))
        except (OSError, ValueError) as error:
            raise ResultsError(f"{shown(place)} cannot be read: {error}") from None
    folders = {name: place / name for name in RUNS.values()}
    if all((folder / "manifest.json").is_file() for folder in folders.values()):
        return evaluate(folders)
    raise ResultsError(f"{shown(place)} holds no verdicts: python3 start.py study e14 makes them")
