"""Contrasts of an ensemble: what each scenario changes against the baseline, at every point of a design, on common random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from abm.analysis.contrasts import last_year
from abm.experiment.folder import read_manifest

HEADLINE = ("collaborative_share", "trust", "deficit_share", "lasting_share", "unmet_need")


def scenario_titles(folder: Path | str) -> dict[str, str]:
    """Titles of a results folder's scenarios by their names, the baseline first."""
    facts = read_manifest(Path(folder))
    titles = {each["name"]: each["title"] for each in facts["scenarios"]}
    first = facts.get("baseline") or next(iter(titles))
    return {first: titles[first], **titles}


def member_contrasts(folder: Path | str, outcomes: Sequence[str] = HEADLINE) -> pd.DataFrame:
    """A row a point, replicate, scenario (all but the baseline) and outcome of the last year, with its `difference`."""
    baseline = next(iter(scenario_titles(folder)))
    runs = last_year(folder, outcomes)[["scenario", "point", "replicate", *outcomes]]
    wide = runs.set_index(["scenario", "point", "replicate"])[list(outcomes)]
    base = wide.loc[baseline]
    parts = []
    for scenario in dict.fromkeys(runs["scenario"]):
        if scenario != baseline:
            change = (wide.loc[scenario] - base).stack().rename("difference").rename_axis(["point", "replicate", "outcome"])
            parts.append(change.reset_index().assign(scenario=scenario))
    return pd.concat(parts, ignore_index=True)[["scenario", "outcome", "point", "replicate", "difference"]]


def by_point(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Means over replicates: a row a point, a column a (scenario, outcome)."""
    return contrasts.pivot_table(index="point", columns=["scenario", "outcome"], values="difference", sort=False)
