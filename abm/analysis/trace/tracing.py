"""Who moved whom: two worlds on the same random numbers that differ in levers, and how the difference spreads through acts.

>>> import abm
>>> from abm.analysis.trace import trace_models
>>> worlds = [abm.ICSModel(abm.tiny(), {"finance_share": share}, seed=7) for share in (0.2, 0.9)]
>>> found = trace_models(*worlds, quarters=20)
>>> found.cascade[["quarter", "actor", "partner", "act_a", "act_b"]].shape[1]
5

A row of the cascade says which term of a decision moved most, one at a time. That is an account of the model's own
arithmetic, not a proof of cause. docs/trace.md says how to read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.trace.cascade import by_quarter, cascade
from abm.analysis.trace.spread import NEVER
from abm.analysis.trace.twins import Twins, watch
from abm.analysis.trace.why import Decision, decide_again, phrase
from abm.config.errors import shown
from abm.experiment.again import model_of, stored_run
from abm.experiment.folder import read_manifest
from abm.experiment.store import ResultsError
from abm.model.ics_model import ICSModel


@dataclass(frozen=True, repr=False)
class Trace:
    """How the acts of world B part from those of world A.

    `cascade`: a row a directed tie whose act differs, in the first quarter in which it does; `by_quarter`: how many acts
    differ, by kind of organisation and region; `levers`: which levers differ, from when, in how many systems.
    `names`: what A and B are called; `facts`: the manifest of the results folder, {} for models.
    """

    cascade: pd.DataFrame
    by_quarter: pd.DataFrame
    levers: pd.DataFrame
    names: tuple[str, str]
    twins: Twins
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Trace({self.names[0]!r}, {self.names[1]!r}: {self.twins.quarters} quarters, {len(self.cascade)} ties whose act differs)"

    def __str__(self) -> str:
        """What was found, in a few sentences."""
        return "\n".join(self.sentences())

    @property
    def first(self) -> pd.Series | None:
        """The first act that differs (the first row of `cascade`), None if none does."""
        return self.cascade.iloc[0] if len(self.cascade) else None

    @property
    def last(self) -> pd.DataFrame:
        """The rows of `by_quarter` of the last quarter."""
        return self.by_quarter[self.by_quarter["quarter"] == self.by_quarter["quarter"].max()]

    def decision(self, actor: str, partner: str, quarter: int | str) -> Decision:
        """One decision in both worlds, with its terms. `quarter` is a number or '2026/27 Q3'.

        Raises `ResultsError` for an organisation, tie or quarter that there is not.
        """
        return decide_again(self.twins, self.names, actor, partner, quarter)

    def why(self, actor: str, partner: str, quarter: int | str) -> str:
        """The same in words."""
        return str(self.decision(actor, partner, quarter))

    def sentences(self) -> list[str]:
        """What was found, in a few sentences."""
        found = [_what_differs(self)]
        if self.first is None:
            return [*found, _nothing(self)]
        return [*found, _first(self), _spread(self), *_beyond(self), _through(self)]


def trace_models(
    a: ICSModel, b: ICSModel, quarters: int, names: tuple[str, str] = ("A", "B"), facts: Mapping[str, Any] | None = None
) -> Trace:
    """Trace two models on the same world, seed and replicate, `quarters` quarters from where they stand; both are run on.

    Raises `ResultsError` where they cannot be compared.
    """
    if a.sight is not None or b.sight is not None:
        raise ResultsError("decisions that are blind to something, or shown others' knowledge, cannot be traced: what they saw is not kept")
    twins = watch(a, b, quarters)
    return Trace(cascade(twins), by_quarter(twins), twins.levers(), names, twins, dict(facts or {}))


def trace(
    folder: Path | str,
    scenario_a: str | None = None,
    scenario_b: str | None = None,
    point: int = 0,
    replicate: int = 0,
    point_b: int | None = None,
    changed_code: bool = False,
) -> Trace:
    """Trace two scenarios of a results folder (or two design points, where `point_b` is given), run again.

    A is the baseline where it is not named, B the only other scenario. Raises `ResultsError` as `abm.experiment.again.model_of` does.
    """
    facts = read_manifest(Path(folder))
    scenario_a = facts["baseline"] if scenario_a is None else scenario_a
    if scenario_b is None:
        scenario_b = scenario_a if point_b is not None else _other(facts, scenario_a, Path(folder))
    second = point if point_b is None else point_b
    if (scenario_a, point) == (scenario_b, second):
        raise ResultsError(f"both worlds are scenario {scenario_a!r}: name two that differ")
    runs = [(scenario_a, point), (scenario_b, second)]
    models = [model_of(folder, scenario, at, replicate, 0, changed_code=changed_code) for scenario, at in runs]
    names = [_title(facts, scenario) + (f", point {at}" if point != second else "") for scenario, at in runs]
    quarters = stored_run(folder, scenario_a, point, replicate).quarters
    return trace_models(models[0], models[1], quarters, (names[0], names[1]), {**facts, "replicate": replicate})


def trace_folders(
    a: Path | str,
    b: Path | str,
    scenario_a: str | None = None,
    scenario_b: str | None = None,
    point: int = 0,
    replicate: int = 0,
    changed_code: bool = False,
) -> Trace:
    """Trace a run of one results folder against one of another, over the quarters that both have; the baselines where none are named."""
    runs = [(a, scenario_a), (b, scenario_b)]
    facts = [read_manifest(Path(folder)) for folder, _ in runs]
    models = [model_of(folder, scenario, point, replicate, 0, changed_code=changed_code) for folder, scenario in runs]
    quarters = min(stored_run(folder, scenario, point, replicate).quarters for folder, scenario in runs)
    titles = [_title(each, scenario or each["baseline"]) for each, (_, scenario) in zip(facts, runs, strict=True)]
    if titles[0] == titles[1]:
        titles = [f"{title} of {each['experiment']}" for title, each in zip(titles, facts, strict=True)]
    if titles[0] == titles[1]:
        titles = [f"{Path(folder).name}: {title}" for (folder, _), title in zip(runs, titles, strict=True)]
    return trace_models(models[0], models[1], quarters, (titles[0], titles[1]), {**facts[0], "replicate": replicate})


def _other(facts: Mapping[str, Any], first: str, folder: Path) -> str:
    others = [each["name"] for each in facts["scenarios"] if each["name"] != first]
    if len(others) == 1:
        return others[0]
    said = f"name one of {', '.join(others)}" if others else "there is no other to compare with"
    raise ResultsError(f"no second scenario given for {shown(folder)}: {said}")


def _title(facts: Mapping[str, Any], scenario: str) -> str:
    return next((each.get("title") or scenario for each in facts["scenarios"] if each["name"] == scenario), scenario)


# --- in words -------------------------------------------------------------------------------------------------------------


def _what_differs(found: Trace) -> str:
    a, b = found.names
    twins, levers = found.twins, found.levers
    if twins.origin == "parameters":
        return f"{a} and {b} differ in parameters, so everybody may decide otherwise from the start."
    if twins.origin == "start":
        return f"{a} and {b} do not start from the same state."
    if not len(levers):
        return f"{a} and {b} have the same levers in force, in every system and quarter."
    told = [f"{row.lever} ({row.a}\u00a0and\u00a0{row.b})" for row in levers.itertuples()]
    quarter, systems = int(levers["quarter"].min()) - twins.start, int(twins.treated_systems()[-1].sum())
    where = "all systems" if systems == twins.policy_a.shape[1] else f"{systems} of {twins.policy_a.shape[1]} systems"
    return f"{a} and {b} differ from {twins.when(quarter)} in {', '.join(told)}, in {where}."


def _nothing(found: Trace) -> str:
    twins = found.twins
    chances = [seen.columns["ties.chance"] for seen in (twins.seen_a, twins.seen_b)]
    moved = (chances[0] != chances[1]).any(axis=0)
    if twins.origin == "lever" and not len(found.levers):
        return f"No act differs in {twins.quarters} quarters."
    if not moved.any():
        return f"No act differs in {twins.quarters} quarters, and no chance of one: what differs does nothing here."
    most = np.abs(chances[1] - chances[0]).max()
    return (
        f"No act differs in {twins.quarters} quarters: the chance of a joint act moved on {int(moved.sum())} of {len(moved)} ties, "
        f"by {100 * most:.2g} points at most, and never crossed a draw."
    )


def _first(found: Trace) -> str:
    row = found.first
    assert row is not None
    count = int((found.cascade["quarter"] == row["quarter"]).sum())
    among = f"one of {count} that quarter; " if count > 1 else ""
    return (
        f"The first act that differs is in {row['year']} Q{row['quarter'] % 4 + 1}: {row['actor_name']} towards {row['partner_name']} "
        f"({among}{row['tie']}), {phrase(row['act_a'])} in {found.names[0]}, {phrase(row['act_b'])} in {found.names[1]}."
    )


def _spread(found: Trace) -> str:
    last, (a, b) = found.last, found.names
    acts, differ, lost, gained = (int(last[name].sum()) for name in ("acts", "differ", "lost", "gained"))
    return (
        f"In the last quarter {differ:,} of {acts:,} acts differ ({100 * differ / acts:.1f}%): {lost:,} joint only in {a}, "
        f"{gained:,} joint only in {b}. Over all quarters {len(found.cascade):,} of {len(found.twins.ties.source):,} ties differ."
    )


def _beyond(found: Trace) -> list[str]:
    """What crosses from where a lever differs to where none does, where there is such a place at the end."""
    last, twins = found.last, found.twins
    if not last["acts_beyond"].sum():
        return []
    rows = found.cascade[~found.cascade["in_force"]]
    outside = ~twins.treated()[-1] & np.isin(np.arange(len(twins.touched)), twins.ties.source)
    reached = f"anything at all differs at {int((outside & (twins.touched != NEVER)).sum())} of {int(outside.sum())} organisations there"
    if not len(rows):
        return [f"Where no lever differs, no act does; {reached}."]
    row, actors, differ, acts = rows.iloc[0], rows["actor"].nunique(), last["differ_beyond"].sum(), last["acts_beyond"].sum()
    return [
        f"Where no lever differs, the first act that does is in {row['year']} Q{row['quarter'] % 4 + 1} ({row['actor_name']} towards "
        f"{row['partner_name']}); in the last quarter {differ:,} of {acts:,} acts there.",
        f"It comes there through {_shares(rows['input_words'])}. An act of {actors} organisations there differs at some time; {reached}.",
    ]


def _shares(words: pd.Series) -> str:
    return ", ".join(f"{said} ({100 * share:.0f}%)" for said, share in words.value_counts(normalize=True).head(3).items())


def _through(found: Trace) -> str:
    rows, steps = found.cascade, found.cascade["step"].fillna(0)
    terms, parts = _shares(rows["moved_words"]), _shares(rows["input_words"])
    after = int((steps > 0).sum())
    straight = f"{int((rows['step'] == 0).sum()):,} come straight from what differs"
    on = f", {after:,} from somebody whom it had moved, at most {int(steps.max())} step{'s' if steps.max() > 1 else ''} on" if after else ""
    return (
        f"What moved most, over all first differences: {terms}; of what that is made of: {parts}. {straight}{on}. "
        "One thing at a time: an account of the model's arithmetic, not a proof of cause."
    )
