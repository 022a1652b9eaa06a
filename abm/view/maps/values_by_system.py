"""An outcome by system in one year: from the stored table, or from runs done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t as student

from abm.config.errors import shown
from abm.experiment.again import model_of
from abm.experiment.dictionary import column_types, tables_in
from abm.experiment.read import load
from abm.experiment.store import ResultsError
from abm.model.outcomes import OUTCOMES
from abm.view import style
from abm.view.network.scene import choice

TABLE = "outcomes_by_system"


class Found(NamedTuple):
    """Values by system (mean over `runs` replicates) with 95% intervals (columns low, high; NaN where there is one run)."""

    values: pd.Series
    intervals: pd.DataFrame
    unit: str
    names: dict[str, str]
    world: str
    title: str
    against: str
    year: str
    span: str
    runs: int
    failed: int


def found(
    folder: Path,
    facts: Mapping[str, Any],
    outcome: str,
    scenario: str | None,
    year: str | None,
    against: str | None,
    point: int,
    report: Callable[[str], None],
) -> Found:
    """The values of a scenario, or what it differs from `against` by, run by run. Raises `ResultsError` for what there is not."""
    check(outcome)
    titles = {each["name"]: each.get("title") or each["name"] for each in facts["scenarios"]}
    name = facts["baseline"] if scenario is None else choice(scenario, titles, "scenario")
    other = None if against is None else choice(against, titles, "scenario")
    first = model_of(folder, name, point, quarters=0)  # refuses a point that there is not
    frame, failed = _rows(folder, outcome, [name] if other is None else [name, other], point, report)
    year = _year(frame, year)
    here = frame[frame["year"] == year]
    quarters = sorted(set(here.loc[here[outcome].notna(), "quarter"]))
    wide = here.groupby(["scenario", "replicate", "system"], sort=False)[outcome].mean().unstack("system")
    missing = [titles[each] for each in (name, other) if each is not None and each not in wide.index]
    if missing:
        raise ResultsError(f"no run of {' or '.join(missing)} in {shown(folder)} has finished")
    sample = wide.loc[name] if other is None else (wide.loc[name] - wide.loc[other]).dropna(how="all")
    codes = list(first.world.icbs["code"])
    names = dict(zip(codes, first.world.icbs["name"], strict=True))
    return Found(
        sample.mean().reindex(codes),
        intervals(sample).reindex(codes),
        OUTCOMES[outcome].unit,
        names,
        first.world.name,
        titles[name],
        titles[other] if other is not None else "",
        year,
        span(quarters),
        len(sample),
        failed,
    )


def span(quarters: list[int]) -> str:
    """Which quarters of the year the values are of."""
    if len(quarters) == 4:
        return "mean of its four quarters"
    return f"Q{', Q'.join(str(quarter % 4 + 1) for quarter in quarters)} only" if quarters else "no quarter with a value"


def check(outcome: str) -> None:
    """Raise `ResultsError` for an outcome that there is not, or not for single systems."""
    single = [each.name for each in OUTCOMES.values() if not each.over_systems]
    if outcome in OUTCOMES and outcome not in single:
        raise ResultsError(
            f"outcome {outcome!r} is about all systems together and cannot be mapped; of single systems there are: {', '.join(single)}"
        )
    choice(outcome, single, "outcome")


def _rows(folder: Path, outcome: str, scenarios: list[str], point: int, report: Callable[[str], None]) -> tuple[pd.DataFrame, int]:
    """Rows scenario, replicate, quarter, year, system and the outcome, of runs that did not fail; and how many failed."""
    runs = load(folder, "runs")
    runs = runs[runs["scenario"].isin(scenarios) & (runs["point"] == point)]
    failed = int((runs["status"] == "failed").sum())
    columns = ["scenario", "point", "replicate", "quarter", "year", "system", outcome]
    if TABLE in tables_in(folder) and outcome in column_types(folder, TABLE):
        stored = load(folder, TABLE, columns, scenarios)
        stored = stored[stored["point"] == point]
        if len(stored):
            return stored.drop(columns="point"), failed
    report(f"the folder has no outcomes by system: running {style.count(int((runs['status'] != 'failed').sum()), 'run')} again")
    parts = [
        model_of(folder, name, point, replicate)
        .outcomes(by="system")[["quarter", "year", "system", outcome]]
        .assign(scenario=name, replicate=replicate)
        for name, replicate in runs.loc[runs["status"] != "failed", ["scenario", "replicate"]].itertuples(index=False, name=None)
    ]
    if not parts:
        raise ResultsError(f"no run of {' or '.join(scenarios)} in {shown(folder)} has finished")
    return pd.concat(parts, ignore_index=True), failed


def _year(frame: pd.DataFrame, year: str | None) -> str:
    years = list(dict.fromkeys(frame.sort_values("quarter", kind="stable")["year"]))
    return years[-1] if year is None else choice(str(year), years, "year")


def intervals(sample: pd.DataFrame) -> pd.DataFrame:
    """95% t intervals of the mean over the rows of `sample`, by column; NaN with fewer than two rows."""
    count = sample.notna().sum()
    half = np.where(count > 1, student.ppf(0.975, np.maximum(count - 1, 1)) * sample.std(ddof=1) / np.sqrt(np.maximum(count, 1)), np.nan)
    mean = sample.mean()
    return pd.DataFrame({"low": mean - half, "high": mean + half})
