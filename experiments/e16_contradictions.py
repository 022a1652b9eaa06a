"""E16: where the sources contradict each other.

Crisis divides or unites; a fence protects or harms; clarity or a convenor; few targets or one.

Each has a config and a figure of its own, over the ensemble. Beside every mean effect stands the share of members in which it rises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from abm.analysis.claims.effects import Runs, opened
from abm.analysis.claims.register import Part
from abm.analysis.claims.verdict import judge
from abm.experiment.folder import read_manifest
from abm.view import style
from abm.view.charts.forest import forest
from abm.view.sheet import Drawn
from experiments.study import Found, Study

CRISIS, FENCE, CONVENOR, TARGETS = CONFIGS = ("e16_crisis", "e16_fence", "e16_convenor", "e16_targets")
AGAINST = {
    CRISIS: "Against allocations that grow by 2.8 % a year as they do, in real terms.",
    FENCE: "Against no earmarks.",
    CONVENOR: "Against an unclear role and no convenor.",
    TARGETS: "Above, reviews in 90 against 20 % of quarters; below, against reviews that ask about everything, in 50 %.",
}
NOTE = "Dot, mean over the ensemble; line, 95 % interval over members and replicates; filled where clear. Last year of the runs."


class Row(NamedTuple):
    """A row of a figure: its heading, its name, and the contrast."""

    group: str
    name: str
    contrast: str


def _crisis() -> list[Row]:
    """Allocations that grow more or less than as they do, by how open books are and what stress does to attention."""
    books = {"closed": "closed books", "open": "open books"}
    rules = {"rigid": "stress narrows", "search": "stress makes search"}
    growth = {"45": "4.5 %", "20": "2.0 %", "15": "1.5 %", "10": "1.0 %"}
    return [
        Row(f"{books[b]}, {rules[r]}".capitalize(), f"{words} a year, {b}, {rules[r]}", f"{b}_{r}_{g} - {b}_{r}_28")
        for b in books
        for r in rules
        for g, words in growth.items()
    ]


def _fence() -> list[Row]:
    """Earmarked shares against none, soft and hard, in plain and in thin years."""
    years, forms = {"plain": "plain years", "squeeze": "thin years"}, {"soft": "soft fence", "hard": "hard fence"}
    return [
        Row(f"{forms[f]}, {years[y]}".capitalize(), f"{share} % earmarked, {f}, {years[y]}", f"{y}_{f}_{share} - {y}_none")
        for y in years
        for f in forms
        for share in (10, 20, 30)
    ]


def _convenor() -> list[Row]:
    """A clearer role, a convenor, and both, against neither; with whole and halved running costs."""
    costs = {"whole": "whole running costs", "halved": "running costs halved"}
    steps = {
        "none_high": "clear role, no convenor",
        "icb_low": "ICB convenes, unclear role",
        "icb_high": "ICB convenes, clear role",
        "partnership_low": "partnership convenes, unclear role",
        "partnership_high": "partnership convenes, clear role",
    }
    rows = [Row(costs[c].capitalize(), f"{words} ({c})", f"{step}_{c} - none_low_{c}") for c in costs for step, words in steps.items()]
    both = "(icb_high_{c} - icb_low_{c}) - (none_high_{c} - none_low_{c})"
    return rows + [Row("What each adds to the other", f"clarity x ICB as convenor ({c})", both.format(c=c)) for c in costs]


def _targets() -> list[Row]:
    """Hard against light reviews, by what they ask about; and each focus against asking about everything."""
    focus = {"purposes": "few lasting purposes", "waits": "waits and activity", "money": "money", "everything": "everything"}
    harder = [Row("Pressed harder, about", words, f"{key}_hard - {key}_light") for key, words in focus.items()]
    narrow = [Row("At the same pressure", f"only {focus[key]}", f"{key}_mid - everything_mid") for key in ("purposes", "waits", "money")]
    return harder + narrow


ROWS = {CRISIS: _crisis, FENCE: _fence, CONVENOR: _convenor, TARGETS: _targets}
OUTCOMES = {
    CRISIS: ("collaborative_share", "trust", "deficit_share"),
    FENCE: ("lasting_share", "collaborative_share", "deficit_share"),
    CONVENOR: ("collaborative_share", "joint_spend", "trust"),
    TARGETS: ("unmet_need", "deficit_share", "lasting_share", "collaborative_share"),
}


def read(folders: Mapping[str, Path]) -> Found:
    """A table and a figure a contradiction."""
    runs = opened(folders)
    tables = {name: _table(runs[name], ROWS[name](), OUTCOMES[name]) for name in CONFIGS}
    told = {name: _TELL[name](table) for name, table in tables.items()}
    figures = {name.split("_")[1]: _figure(name, table, told[name][0], folders[name]) for name, table in tables.items()}
    return Found(
        " ".join(each[0] + "." for each in told.values()),
        [text for each in told.values() for text in each[1:]],
        {name.split("_")[1]: table for name, table in tables.items()},
        figures,
    )


def _table(runs: Runs, rows: Sequence[Row], outcomes: Sequence[str]) -> pd.DataFrame:
    """Each row's effect on each outcome: mean, interval, share of members in which it rises."""
    made = []
    for row in rows:
        for outcome in outcomes:
            test = Part("", runs.folder.name, row.contrast, outcome, 1, "")
            found = judge(test, runs.effect(test), runs.members)
            facts = [found.effect, found.low, found.high, found.share, found.members, found.replicates]
            made.append([row.group, row.name, row.contrast, outcome, *facts])
    columns = ["group", "row", "contrast", "outcome", "difference", "low", "high", "rises", "members", "replicates"]
    return pd.DataFrame(made, columns=columns)


def _figure(name: str, table: pd.DataFrame, title: str, folder: Path) -> Drawn:
    size = f"{AGAINST[name]} {table['members'].max()} members of the ensemble x {table['replicates'].max()} replicates."
    rows = table[table["outcome"] != "lasting_share"] if name == TARGETS else table
    return forest(rows, read_manifest(folder), title, size, NOTE, groups=dict(zip(rows["row"], rows["group"], strict=True)))


# ---- in words --------------------------------------------------------------------------------------------------------------


def _at(table: pd.DataFrame, row: str, outcome: str) -> pd.Series:
    return table[(table["row"] == row) & (table["outcome"] == outcome)].iloc[0]


def _points(row: pd.Series) -> str:
    return f"{style.number(100 * row['difference'], 1, sign=True)} points"


def _whole(row: pd.Series) -> str:
    """'−9.6 points (95 % interval −12.0 to −7.6; rises in 0 % of 12 members)'."""
    span = f"95 % interval {style.number(100 * row['low'], 1)} to {style.number(100 * row['high'], 1)}; " if pd.notna(row["low"]) else ""
    return f"{_points(row)} ({span}rises in {row['rises']:.0%} of {row['members']} members)"


def _listed(table: pd.DataFrame, outcome: str, word: str = "") -> list[str]:
    """The rows that have a word in their name, each in words."""
    rows = table[(table["outcome"] == outcome) & table["row"].str.contains(word, regex=False)]
    return [f"{row['row']}: {outcome} {_whole(row)}." for _, row in rows.iterrows()]


def _tell_crisis(table: pd.DataFrame) -> list[str]:
    worst = [
        _at(table, f"1.0 % a year, {b}, {r}", "collaborative_share")
        for b in ("closed", "open")
        for r in ("stress narrows", "stress makes search")
    ]
    united = sum(row["rises"] >= 0.9 for row in worst)
    divided = sum(row["rises"] <= 0.1 for row in worst)
    spread = f"collaboration {_points(worst[0])} with closed books, {_points(worst[2])} with open ones"
    return [
        f"A crisis divides in {divided} of 4 settings and unites in {united}: {spread}",
        *_listed(table, "collaborative_share", "1.0 %"),
    ]


def _tell_fence(table: pd.DataFrame) -> list[str]:
    soft, hard = (_at(table, f"30 % earmarked, {form}, thin years", "lasting_share") for form in ("soft", "hard"))
    share = _at(table, "30 % earmarked, hard, thin years", "collaborative_share")
    head = f"In thin years a hard fence changes lasting programmes by {_points(hard)}, a soft one by {_points(soft)}; "
    head += f"collaboration with a hard one {_points(share)}"
    return [head, *_listed(table, "lasting_share", "30 %"), *_listed(table, "collaborative_share", "30 %")]


def _tell_convenor(table: pd.DataFrame) -> list[str]:
    clear = _at(table, "clear role, no convenor (whole)", "collaborative_share")
    icb, body = (_at(table, f"{who} convenes, unclear role (whole)", "collaborative_share") for who in ("ICB", "partnership"))
    head = f"A clear role brings collaboration {_points(clear)}, the ICB as convenor {_points(icb)}, a partnership {_points(body)}"
    return [head, *_listed(table, "collaborative_share", "(whole)")]


def _tell_targets(table: pd.DataFrame) -> list[str]:
    money, cost = (_at(table, "money", outcome) for outcome in ("deficit_share", "collaborative_share"))
    waits, few = _at(table, "waits and activity", "unmet_need"), _at(table, "few lasting purposes", "collaborative_share")
    head = (
        f"Pressing money: deficits {_points(money)}, collaboration {_points(cost)}; "
        f"pressing waits: unmet need {_points(waits)}; few purposes: collaboration {_points(few)}"
    )
    return [head, *(text for outcome in OUTCOMES[TARGETS] for text in _listed(table, outcome)[:4])]


_TELL = {CRISIS: _tell_crisis, FENCE: _tell_fence, CONVENOR: _tell_convenor, TARGETS: _tell_targets}

STUDY = Study(
    key="e16",
    title="Where the sources contradict each other",
    question="Does a crisis divide or unite, does a fence protect or harm, is it clarity or a convenor, and few targets or one?",
    configs=CONFIGS,
    read=read,
    quick=("replicates=1", "quarters=8", "design.rows=2", "system=tiny"),
)
