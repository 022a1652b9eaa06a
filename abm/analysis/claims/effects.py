"""From results to effects: what each contrast comes to, for every member of the ensemble and every replicate.

All scenarios share their luck (common random numbers), so that within a member and replicate a contrast is what the scenarios
do. Nothing here knows which sign a claim expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from scipy.stats import rankdata

from abm.analysis.claims.register import KINDS, Part, Term
from abm.experiment.read import load
from abm.experiment.store import ResultsError


@dataclass
class Runs:
    """The results of one config, read as far as contrasts need them; `traits` says what systems are like (by code)."""

    folder: Path
    traits: pd.DataFrame | None = None
    _tables: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)

    @cached_property
    def members(self) -> pd.DataFrame:
        """The ensemble: a row a member, a column a factor, indexed by design point."""
        return load(self.folder, "points").set_index("point")

    def check(self) -> None:
        """Raises `ResultsError` if a scenario sets what the ensemble sets too: the design wins, and the contrast would be void."""
        factors = set(self.members.columns)
        with (self.folder / "config.yaml").open(encoding="utf-8") as file:
            scenarios = YAML(typ="safe").load(file)["scenarios"]
        for scenario in scenarios:
            own = {f"{section}.{name}" for section in ("levers", "parameters") for name in scenario.get(section, {})}
            if both := sorted(own & factors):
                what = f"scenario {scenario['name']} sets {both[0]}, and so does the ensemble"
                raise ResultsError(f"{self.folder.name}: {what}: leave it out there (design.without)")

    def effect(self, test: Part) -> np.ndarray:
        """The contrast as an array (members, replicates); NaN where a run failed. Raises `ResultsError`."""
        how, of = test.measure
        if how in ("lead", "trait"):
            return self._ranks(test.terms[0].scenario, how, of, test.outcome)
        parts = [(term.weight, self.values(term, test.outcome)) for term in test.terms]
        if how == "spread":
            if parts[0][1].shape[1] < 2:
                return np.full((len(parts[0][1]), 1), np.nan)  # one replicate has no spread
            return sum(weight * np.nanstd(values, axis=1, ddof=1, keepdims=True) for weight, values in parts)  # type: ignore[return-value]
        return sum(weight * values for weight, values in parts)  # type: ignore[return-value]

    def values(self, term: Term, outcome: str) -> np.ndarray:
        """An outcome in a scenario: (members, replicates)."""
        if not term.where:
            rows = self._year("outcomes", term)
        elif term.where in KINDS:
            rows = self._year("outcomes_by_kind", term)
            rows = rows[rows["kind"] == term.where]
        else:
            rows = self._year("outcomes_by_region", term)
            here = rows["region"] == term.where.removeprefix("not ")
            if not here.any():
                raise ResultsError(f"{self.folder.name}: no region {term.where.removeprefix('not ')}")
            rows = rows[here != term.where.startswith("not ")]
        if outcome not in rows:
            raise ResultsError(f"{self.folder.name} has no {outcome} of {term.where or 'England'}")
        return rows.groupby(["point", "replicate"])[outcome].mean().unstack().to_numpy(dtype=float)

    def _year(self, table: str, term: Term) -> pd.DataFrame:
        """A scenario's rows of a table in its first or last year."""
        key = f"{table} {term.when}"
        if key not in self._tables:
            rows = load(self.folder, table)
            years = rows["year"].unique()
            late = rows[rows["year"] == years[0 if term.when == "first" else -1]]
            self._tables[key] = {str(name): group for name, group in late.groupby("scenario", sort=False)}
        if term.scenario not in self._tables[key]:
            raise ResultsError(f"{self.folder.name} has no scenario {term.scenario}")
        return self._tables[key][term.scenario]

    def _ranks(self, scenario: str, how: str, of: str, outcome: str) -> np.ndarray:
        """Rank correlation over systems with the outcome of the last year, run by run."""
        late = self._by_system(scenario, "last", outcome)
        if how == "lead":
            early = self._by_system(scenario, "first", of)
        elif self.traits is None or of not in self.traits:
            raise ResultsError(f"nothing is known of systems called {of}")
        else:
            early = np.broadcast_to(self.traits[of].loc[late.columns].to_numpy(dtype=float), late.shape)
        found = np.array([_rank_correlation(a, b) for a, b in zip(np.asarray(early), late.to_numpy(dtype=float), strict=True)])
        return pd.Series(found, index=late.index).unstack().to_numpy(dtype=float)

    def _by_system(self, scenario: str, when: str, outcome: str) -> pd.DataFrame:
        rows = self._year("outcomes_by_system", Term(1.0, scenario, "", when))
        return rows.set_index(["point", "replicate", "system"])[outcome].unstack()


def _rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    x, y = rankdata(a[known]), rankdata(b[known])
    if len(x) < 3 or x.std() == 0 or y.std() == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def opened(folders: Mapping[str, Path], traits: pd.DataFrame | None = None) -> dict[str, Runs]:
    """The results of each config, checked. Raises `ResultsError`."""
    found = {name: Runs(folder, traits) for name, folder in folders.items()}
    for runs in found.values():
        runs.check()
    return found
