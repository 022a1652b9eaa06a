"""What a figure reads: a results folder, or its tables as data frames, a column at a time and never more than it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from abm.config.errors import nearest, shown
from abm.config.factors import ROWS, SYSTEM
from abm.experiment.dictionary import column_types, tables_in
from abm.experiment.effects import effects, is_factor, last_year, outcome_columns
from abm.experiment.folder import read_manifest
from abm.experiment.read import load
from abm.experiment.runs import KEY
from abm.experiment.store import ResultsError
from abm.experiment.summary import summary
from abm.model.outcomes import OUTCOMES
from abm.view import finding, frames, style
from abm.view.frames import Cast, Measure

MOST_TOLD = 10  # outcomes that a message lists
MOST_KEPT = 100_000  # runs of which an outcome is kept in memory from one figure to the next
CHIEF = ("collaborative_share", "trust", "deficit_share", "unmet_need", "lasting_share", "delayed_share")  # drawn when none are named


@dataclass(frozen=True)
class Factor:
    """A column of the design in words. `choice`: its levels are names, in no order."""

    key: str
    words: str
    meaning: str
    unit: str
    choice: bool


def factor(key: str, values: pd.Series | None = None) -> Factor:
    """The factor as it is declared; made from its name where it is not."""
    row = ROWS.get(key)
    words = key.rpartition(".")[2].replace("_", " ").capitalize()
    text = values is not None and not pd.api.types.is_numeric_dtype(values)
    if row is None:
        return Factor(key, words, "", "name" if key == SYSTEM else "", text)
    return Factor(key, words, row.meaning, row.unit, bool(row.choices) or text)


@dataclass(frozen=True)
class OnScale(Measure):
    """An outcome without a unit, on a scale of 0 to 1."""

    @property
    def step(self) -> str:
        """Unit of a difference."""
        return "on a scale of 0 to 1"


@dataclass(frozen=True)
class Source:
    """A results folder, or the manifest's facts with tables by name (`tables`), which are then all there is."""

    facts: Mapping[str, Any]
    folder: Path | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the source is called in a message."""
        return shown(self.folder) if self.folder is not None else "these results"

    def plainly(self, text: str) -> str:
        """A message without the path of the folder, for a page that others read."""
        return text if self.folder is None else text.replace(self.name, self.folder.name)

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        if self.folder is None:
            return {name: list(frame.columns) for name, frame in self.tables.items()}
        return {name: list(column_types(self.folder, name)) for name in tables_in(self.folder)}

    def columns(self, table: str) -> list[str]:
        """Columns of a table; [] when there is none such."""
        return self._columns.get(table, [])

    def read(self, table: str, columns: Sequence[str] | None = None, scenarios: Sequence[str] | None = None) -> pd.DataFrame:
        """Columns of a table, of some scenarios. Raises `ResultsError`."""
        if self.folder is not None:
            return load(self.folder, table, columns, scenarios)
        frame = self.tables[table]
        frame = frame if scenarios is None else frame[frame["scenario"].isin(list(scenarios))]
        return frame if columns is None else frame[list(columns)]

    def runs(self, outcomes: Sequence[str], scenarios: Sequence[str] | None = None) -> pd.DataFrame:
        """A row a run: scenario, point, replicate, and each outcome averaged over the last year."""
        if len(outcomes) == 1 and int(self.facts.get("runs") or 0) <= MOST_KEPT:
            if outcomes[0] not in self._kept:
                self._kept[outcomes[0]] = self._runs(outcomes, None)
            kept = self._kept[outcomes[0]]
            return kept if scenarios is None else kept[kept["scenario"].isin(list(scenarios))]
        return self._runs(outcomes, scenarios)

    @cached_property
    def _kept(self) -> dict[str, pd.DataFrame]:
        """Runs' last-year means by outcome, so that figures of one page read each once."""
        return {}

    def _runs(self, outcomes: Sequence[str], scenarios: Sequence[str] | None) -> pd.DataFrame:
        if self.folder is not None:
            return load(self.folder, "outcomes", [*KEY, *outcomes], scenarios, last_year=True)
        have = [name for name in (*KEY, "quarter") if name in self.columns("outcomes")]
        means = last_year(self.read("outcomes", [*have, *outcomes], scenarios))
        return means.reset_index() if len(means) else pd.DataFrame(columns=[*KEY, *outcomes])

    # ---- who and what ----------------------------------------------------------------------------------------------------

    @cached_property
    def outcomes(self) -> list[str]:
        """Names of the outcomes that are kept, the chief ones first."""
        have = outcome_columns(self.columns("outcomes"))
        return [*(name for name in frames.MEASURES if name in have), *(name for name in have if name not in frames.MEASURES)]

    def wanted(self, outcomes: Sequence[str] | None, most: int) -> list[str]:
        """The outcomes asked for; the chief ones when none are. Raises `ResultsError` for one that there is not."""
        if outcomes is None:
            chief = [name for name in CHIEF if name in self.outcomes] or self.outcomes
            if not chief:
                raise ResultsError(f"{self.name} has no outcomes yet: nothing to draw")
            return chief[:most]
        for name in outcomes:
            if name not in self.outcomes:
                close = nearest(name, self.outcomes)
                hint = f"; did you mean {close!r}?" if close else ""
                there = ", ".join(self.outcomes[:MOST_TOLD]) or "none yet"
                more = f" and {len(self.outcomes) - MOST_TOLD} more: abm outcomes" if len(self.outcomes) > MOST_TOLD else ""
                raise ResultsError(f"no outcome {name!r} in {self.name}{hint} (there are: {there}{more})")
        return list(dict.fromkeys(outcomes))

    def measure(self, outcome: str) -> Measure:
        """The outcome in words, with its unit."""
        found = frames.measure(outcome, OUTCOMES[outcome].unit if outcome in OUTCOMES else "")
        return OnScale(**vars(found)) if found.unit == "0 to 1" else found

    @cached_property
    def scenarios(self) -> list[str]:
        """Names of the scenarios, in the order of the plan."""
        named = [str(each["name"]) for each in self.facts.get("scenarios") or []]
        return named or list(dict.fromkeys(self.read("outcomes", ["scenario"])["scenario"]))

    def people(self, main: str, scenarios: Sequence[str] | None = None, most: int = style.MOST_LOOKS) -> Cast:
        """Titles of the scenarios (of those asked for), and looks of the baseline and the `most` that move `main` most.

        Raises `ResultsError` for a scenario that there is not.
        """
        for name in scenarios or ():
            if name not in self.scenarios:
                close = nearest(name, self.scenarios)
                hint = f"; did you mean {close!r}?" if close else ""
                raise ResultsError(f"no scenario {name!r} in {self.name}{hint} (there are: {', '.join(self.scenarios)})")
        names = [name for name in self.scenarios if scenarios is None or name in scenarios]
        changes = self.effects[self.effects["scenario"].isin(names)] if len(self.effects) else self.effects
        people = frames.cast(pd.DataFrame({"scenario": names}), changes, self.facts, main)
        if len(people.treatments) <= most:
            return people
        size = changes[changes["outcome"] == main].set_index("scenario")["difference"].abs().fillna(0.0).to_dict()
        kept = sorted(people.treatments, key=lambda name: -size.get(name, 0.0))[:most]
        looks = {name: style.look(place) for place, name in enumerate(name for name in people.treatments if name in kept)}
        return Cast(
            people.titles,
            {name: looks.get(name, style.BASELINE) for name in people.names if name in looks or name == people.baseline},
            people.baseline,
        )

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Differences from the baseline; reckoned from what is done so far where the folder has none."""
        if "effects" in self._columns:
            return self.read("effects")
        if len(self.scenarios) < 2:
            return effects(pd.DataFrame(), "", [], pd.Series(dtype=object), True)
        means = self.runs(self.outcomes).set_index([name for name in KEY if name in self.columns("outcomes")])
        units = pd.Series({name: OUTCOMES[name].unit for name in self.outcomes if name in OUTCOMES}, dtype=object)
        return effects(
            means, str(self.facts.get("baseline") or self.scenarios[0]), self.scenarios, units, bool(self.facts.get("paired", True))
        )

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Means of the last year by scenario, point and outcome; reckoned where the folder has none."""
        if "summary" in self._columns:
            return self.read("summary")
        units = pd.Series({name: OUTCOMES[name].unit for name in self.outcomes if name in OUTCOMES}, dtype=object)
        return summary(self.runs(self.outcomes).set_index(list(KEY)), self.points, units)

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The resolved experiment as plain data; {} where there is none to read."""
        path = None if self.folder is None else self.folder / "config.yaml"
        try:
            return {} if path is None else dict(YAML(typ="safe").load(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError, YAMLError):
            return {}

    @property
    def design(self) -> str:
        """The kind of design; '' where there is none, or none is known."""
        return str((self.config.get("design") or {}).get("kind") or "")

    # ---- the design ------------------------------------------------------------------------------------------------------

    @cached_property
    def points(self) -> pd.DataFrame:
        """The design: a row a point (index), a column a factor; no column where there is no design."""
        if "points" not in self._columns:
            return pd.DataFrame(index=pd.RangeIndex(int(self.facts.get("points") or 1), name="point"))
        return self.read("points").set_index("point")

    @cached_property
    def factors(self) -> dict[str, Factor]:
        """What the design varies, by key, in its order."""
        return {name: factor(name, self.points[name]) for name in self.points.columns if is_factor(name) or name == SYSTEM}

    def factor(self, key: str) -> Factor:
        """A factor of the design, by its key or the end of it. Raises `ResultsError` when the design does not vary it."""
        found = [name for name in self.factors if name == key or name.rpartition(".")[2] == key]
        if len(found) == 1:
            return self.factors[found[0]]
        close = nearest(key, self.factors)
        hint = f"; did you mean {close!r}?" if close and not found else ""
        there = f"it varies {', '.join(self.factors)}" if self.factors else "it has no design"
        raise ResultsError(f"the design of {self.name} does not vary {key!r}{hint} ({there})")

    def levels(self, key: str) -> pd.Series:
        """A factor's value at each point, those that a point leaves as they are filled in from the run itself."""
        values = self.points[key]
        blank = (values == "") if values.dtype.kind not in "iuf" else values.isna()
        if not blank.any() or self.folder is None:
            return values
        from abm.experiment.again import stored_run

        run, (section, _, name) = stored_run(self.folder, point=int(np.flatnonzero(blank)[0])), key.partition(".")
        settings: Mapping[str, Any] = run.levers if section == "levers" else run.parameters
        kept = run.system if key == SYSTEM else settings.get(name, ROWS[key].default if key in ROWS else None)
        return values.mask(blank, kept) if values.dtype.kind in "iuf" and isinstance(kept, (int, float)) else values.mask(blank, str(kept))


def opened(given: Source | Path | str) -> Source:
    """The source that is meant: a results folder by its path, or one that is open already. Raises `ResultsError`."""
    if isinstance(given, Source):
        return given
    return Source(read_manifest(Path(given)), Path(given))


# ---- what several figures ask for --------------------------------------------------------------------------------------------

RERUN = 3  # replicates that are run again where a folder has not kept what a figure needs


def grouped(source: Source, by: str, outcome: str, scenario: str, point: int | None = None) -> tuple[pd.DataFrame, str]:
    """An outcome of a scenario kept apart by kind, region or system: point, replicate, quarter, year, `by`, the outcome.

    Where the folder has not kept it, a few of its runs are run again, and the second value says so ('' otherwise). Raises
    `ResultsError` where that cannot be.
    """
    table, keys = f"outcomes_by_{by}", ["point", "replicate", "quarter", "year", by]
    have = source.columns(table)
    if outcome in have:
        found = source.read(table, [*keys, outcome], [scenario])
        return (found if point is None else found[found["point"] == point]), ""
    if have or outcome not in OUTCOMES or OUTCOMES[outcome].over_systems or (by == "kind" and not OUTCOMES[outcome].by_kind):
        raise ResultsError(f"{outcome} is not measured by {by} in {source.name}: docs/outcomes.md says what is")
    if source.folder is None:
        raise ResultsError(f"{source.name} have no table {table}")
    return _again(source.folder, source, by, outcome, scenario, point or 0)


def _again(folder: Path, source: Source, by: str, outcome: str, scenario: str, point: int) -> tuple[pd.DataFrame, str]:
    from abm.experiment.again import model_of

    runs = source.read("runs")
    mine = runs[(runs["scenario"] == scenario) & (runs["point"] == point)]
    todo = [int(replicate) for replicate in mine.loc[mine["status"] != "failed", "replicate"]][:RERUN]
    if not todo:
        raise ResultsError(f"no run of {scenario} in {source.name} that could be run again")
    found = [model_of(folder, scenario, point, r).outcomes(by=by).assign(point=point, replicate=r) for r in todo]
    frame = pd.concat(found, ignore_index=True)[["point", "replicate", "quarter", "year", by, outcome]]
    return frame, f"{len(todo)} of {len(mine)} runs, run again, for the folder keeps nothing by {by}"


def what_was_run(source: Source, scenarios: int) -> str:
    """The subtitle: world, size, time, scenarios, runs and design points, and whether all of it is done."""
    facts = dict(source.facts)
    worlds = facts.get("worlds") or {}
    if worlds:
        facts["world"] = {"name": ", ".join(str(world.get("name") or name) for name, world in worlds.items())}
    first = next(
        (str(world.get("first_year") or "") for world in [facts.get("world") or {}, *worlds.values()] if world.get("first_year")), ""
    )
    text = finding.what_was_run(facts, scenarios, int(facts.get("replicates") or 1), int(facts.get("quarters") or 1), first)
    points = int(facts.get("points") or 1)
    if points > 1:
        text += f" at each of {style.count(points, 'design point')}"
    return text + (" · not finished: this is what is done so far" if facts.get("finished", "") is None else "")


def spelled(key: str, value: Any) -> str:
    """A factor's value in words: '0.3', 'none', '(a schedule)'."""
    if isinstance(value, str):
        return "(a schedule)" if value.startswith(("{", "[")) else value
    return "as it is" if value is None or value != value else f"{value:.3g}"


def named(source: Source, point: int) -> str:
    """A design point in words: its factors and their values."""
    values = source.points.loc[point].to_dict()
    if "ramp.direction" in values:
        there, back = str(values["ramp.direction"]).split("_")
        return f"{there}, then {back}, {values['ramp.quarters']} quarters each way"
    told = {key: spelled(key, value) for key, value in values.items() if value == value and value not in (None, "")}
    return ", ".join(f"{factor(key).words.lower()} {value}" for key, value in told.items()) or "as it is"
