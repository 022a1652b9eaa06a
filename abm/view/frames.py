"""The numbers behind a figure: who is in it, in which order and look, and what each line, band and dot is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.experiment.effects import WINDOW, outcome_columns
from abm.view import style
from abm.view.finding import Change

BAND = (0.1, 0.9)  # quantiles over runs


@dataclass(frozen=True)
class Measure:
    """An outcome in words: as the subject of a sentence, and its unit after a number."""

    outcome: str
    words: str
    noun: str
    unit: str
    percent: bool = True

    @property
    def scale(self) -> float:
        """What the stored value is multiplied by."""
        return 100.0 if self.percent else 1.0

    @property
    def step(self) -> str:
        """Unit of a difference."""
        return "points" if self.percent else self.unit

    def level(self, value: float) -> str:
        """A value as a line's label says it."""
        size = value * self.scale
        if self.percent:
            return f"{style.number(size, 0 if abs(size) >= 9.95 else 1)}%" if math.isfinite(size) else "–"
        return style.number(size, style.decimals(size))

    def change(self, value: float) -> str:
        """A difference with sign and unit."""
        size = value * self.scale
        return f"{style.number(size, style.decimals(size), sign=True)}\u00a0{self.step}"  # number and unit on one line


MEASURES = {
    measure.outcome: measure
    for measure in (
        Measure("collaborative_share", "Collaborative acts", "Collaboration", "% of what is at stake"),
        Measure("trust", "Trust between partners", "Trust", "probability, %"),
        Measure("deficit_share", "System deficits", "The system deficit", "% of allocation"),
        Measure("lasting_share", "Community and prevention", "Community and prevention spend", "% of NHS spend"),
        Measure("prevention_share", "Prevention", "Prevention spend", "% of NHS spend"),
        Measure("hospital_share", "Hospitals", "The hospital share", "% of NHS spend"),
        Measure("unmet_need", "Unmet need", "Unmet need", "% of demand"),
        Measure("delayed_share", "Delayed discharges", "Delayed discharge", "% of beds"),
    )
}
INSTEAD = {"prevention_share": "lasting_share"}  # shown only where the other is missing


def measure(outcome: str, unit: str = "") -> Measure:
    """The words for an outcome; made from its name and unit where none are written down."""
    if outcome in MEASURES:
        return MEASURES[outcome]
    words = outcome.replace("_", " ").capitalize()
    percent = unit.startswith("share") or unit == "probability"
    if percent:
        unit = f"%{unit.removeprefix('share')}" if unit.startswith("share") else "probability, %"
    return Measure(outcome, words, words, unit or "own unit", percent)


@dataclass(frozen=True)
class Cast:
    """The scenarios in the order of the experiment: titles of all, looks of those that are drawn. `baseline` may be ''."""

    titles: Mapping[str, str]
    looks: Mapping[str, style.Look]
    baseline: str

    @property
    def names(self) -> list[str]:
        """Scenarios that are drawn."""
        return list(self.looks)

    @property
    def treatments(self) -> list[str]:
        """Scenarios that are drawn beside the baseline."""
        return [name for name in self.looks if name != self.baseline]


def cast(outcomes: pd.DataFrame, effects: pd.DataFrame, facts: Mapping[str, Any], main: str) -> Cast:
    """Who is in the figure. Of more than can be told apart, the baseline and those that move the main outcome most."""
    present = list(dict.fromkeys(outcomes["scenario"])) if "scenario" in outcomes else []
    declared = {str(s["name"]): str(s.get("title") or "") for s in facts.get("scenarios") or []}
    names = [*(name for name in declared if name in present), *(name for name in present if name not in declared)]
    told = str(effects["baseline"].iloc[0]) if len(effects) else str(facts.get("baseline") or "")
    baseline = told or ("baseline" if "baseline" in names else names[0] if names else "")
    treatments = [name for name in names if name != baseline]
    if len(treatments) > style.MOST_LOOKS:
        size = effects[effects["outcome"] == main].set_index("scenario")["difference"].abs().to_dict() if len(effects) else {}
        largest = sorted(treatments, key=lambda name: -np.nan_to_num(size.get(name, 0.0)))[: style.MOST_LOOKS]
        treatments = [name for name in treatments if name in largest]
    titles = {name: declared.get(name) or name.replace("_", " ").capitalize() for name in names}
    looks = {name: style.look(place) for place, name in enumerate(treatments)}
    return Cast(titles, {name: looks.get(name, style.BASELINE) for name in names if name in looks or name == baseline}, baseline)


def measured(outcomes: pd.DataFrame) -> list[str]:
    """Names of the outcomes that have a number, the figure's own first."""
    have = [name for name in outcome_columns(outcomes.columns) if pd.to_numeric(outcomes[name], errors="coerce").notna().any()]
    return [*(name for name in MEASURES if name in have), *(name for name in have if name not in MEASURES)]


def window(quarters: int) -> int:
    """Quarters that a point of a line averages: a year, which takes the season out; one where there are less than two years."""
    return WINDOW if quarters >= 2 * WINDOW else 1


def paths(outcomes: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Each run's smoothed path: quarters by (scenario, replicate). A point is the mean of the quarters up to it."""
    known = outcomes.assign(**{outcome: pd.to_numeric(outcomes[outcome], errors="coerce").replace([np.inf, -np.inf], np.nan)})
    wide = known.pivot_table(index="quarter", columns=["scenario", "replicate"], values=outcome, aggfunc="mean", sort=False)
    wide = wide.reindex(range(int(outcomes["quarter"].min()), int(outcomes["quarter"].max()) + 1))
    span = window(len(wide))
    return wide.rolling(span, min_periods=1).mean().iloc[span - 1 :]


def middle(runs: pd.DataFrame, scenario: str) -> pd.Series:
    """Mean over the runs of a scenario, quarter by quarter; empty where it has none."""
    if scenario not in runs.columns.get_level_values("scenario"):
        return pd.Series(dtype=float)
    return runs[scenario].mean(axis=1)


def band(runs: pd.DataFrame, scenario: str) -> tuple[pd.Series, pd.Series] | None:
    """Lower and upper quantile over the runs of a scenario; None where it has only one."""
    if scenario not in runs.columns.get_level_values("scenario") or runs[scenario].shape[1] < 2:
        return None
    return runs[scenario].quantile(BAND[0], axis=1), runs[scenario].quantile(BAND[1], axis=1)


def end(path: pd.Series) -> float:
    """The last known value of a path; NaN where there is none."""
    known = path.dropna()
    return float(known.iloc[-1]) if len(known) else math.nan


def changes(effects: pd.DataFrame, outcome: str, people: Cast) -> dict[str, Change]:
    """The effects on one outcome, by scenario, unscaled."""
    rows = effects[(effects["outcome"] == outcome) & effects["scenario"].isin(people.titles)] if len(effects) else effects
    return {
        str(row.scenario): Change(people.titles[str(row.scenario)], float(row.difference), float(row.low), float(row.high))
        for row in rows.itertuples(index=False)
    }


def compared(effects: pd.DataFrame, people: Cast, main: str, most: int) -> list[Measure]:
    """The outcomes of the right-hand panel: the main one, those written down above, then others, at most `most`."""
    if not len(effects):
        return []
    finite = effects[np.isfinite(pd.to_numeric(effects["difference"], errors="coerce")) & effects["scenario"].isin(people.titles)]
    units = dict(zip(finite["outcome"], finite["unit"], strict=True))
    wished: Sequence[str] = [main, *(name for name in MEASURES if name != main and INSTEAD.get(name) not in units)]
    others = [name for name in units if name not in wished and name not in MEASURES]
    return [measure(name, str(units[name])) for name in [*wished, *others] if name in units][:most]


def years(outcomes: pd.DataFrame) -> dict[int, str]:
    """Name of each financial year by its number from quarter 0 (four quarters a year)."""
    numbers = outcomes["quarter"].astype(int) // WINDOW
    names = outcomes["year"].astype(str) if "year" in outcomes else "year " + (numbers + 1).astype(str)
    return dict(zip(numbers, names, strict=True))
