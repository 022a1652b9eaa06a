"""The short table at the end of `abm run`: the last year of the run, and how often each treatment moved it, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Column:
    """An outcome in the table: its name in the results, its words, and whether it is a share (shown as a percentage)."""

    outcome: str
    words: str
    percent: bool = True


COLUMNS = (
    Column("collaborative_share", "collaborative share"),
    Column("trust", "trust", percent=False),
    Column("deficit_share", "system deficit, % of allocation"),
    Column("prevention_share", "prevention share of spend"),
    Column("delayed_share", "delayed share of beds"),
    Column("unmet_need", "unmet need"),
)
MOSTLY = 0.8  # share of pairs that must agree before the table says 'rose' or 'fell'


def shown_columns(names: Iterable[str]) -> list[Column]:
    """The table's columns that the results have."""
    have = set(names)
    return [column for column in COLUMNS if column.outcome in have]


def cells(means: pd.DataFrame, scenarios: Sequence[str], baseline: str) -> list[list[str]]:
    """A row a scenario: its name, then 'value (change against the baseline)' for each column of the table.

    `means` has each run's means over its last year, with `scenario` in its index.
    """
    if means.empty:
        return []
    table = means.groupby(level="scenario", sort=False).mean()
    rows = []
    for scenario in scenarios:
        if scenario not in table.index:
            rows.append([scenario, *("no run" for _ in shown_columns(means.columns))])
            continue
        row = [scenario]
        for column in shown_columns(means.columns):
            value = table.loc[scenario, column.outcome]
            change = value - table.loc[baseline, column.outcome] if scenario != baseline and baseline in table.index else math.nan
            row.append(number(value, column) + ("" if math.isnan(change) else f" ({number(change, column, sign=True)})"))
        rows.append(row)
    return rows


def number(value: float, column: Column, sign: bool = False) -> str:
    """A value as the tables show it: a percentage or two decimals, '-' when it is not known."""
    if math.isnan(value):
        return "-"
    plus = "+" if sign else ""
    return f"{100 * value:{plus}.1f}{'' if sign else '%'}" if column.percent else f"{value:{plus}.2f}"


def readings(changes: pd.DataFrame, names: Iterable[str]) -> list[tuple[str, str]]:
    """(scenario, sentence) pairs: what moved against the baseline, and in how many of the paired runs."""
    sentences = []
    for column in shown_columns(names):
        for row in changes[changes["outcome"] == column.outcome].itertuples(index=False):
            sentences.append((str(row.scenario), f"{column.words} {_moved(row)}{_interval(row, column)}"))
    return sentences


def _moved(row: Any) -> str:
    if pd.isna(row.pairs):
        clear = not math.isnan(row.low) and row.low * row.high > 0
        return ("rose" if row.difference > 0 else "fell") if clear else "did not clearly change"
    pairs = int(row.pairs)
    for count, word in ((int(row.rose), "rose"), (int(row.fell), "fell")):
        if count and count >= MOSTLY * pairs:
            return f"{word} in {count} of {pairs} paired runs"
    if int(row.same) == pairs:
        return f"was the same in all {pairs} paired runs"
    return f"went either way (rose in {int(row.rose)}, fell in {int(row.fell)} of {pairs} paired runs)"


def _interval(row: Any, column: Column) -> str:
    if math.isnan(row.low) or row.low == row.high:
        return ""
    unit = " points" if column.percent else ""
    low, middle, high = (number(value, column, sign=True) for value in (row.low, row.difference, row.high))
    return f": {middle}{unit} (95% {low} to {high})"
