"""Figures of a calibration: how near the members come to what was observed, and what they say of the parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from abm.view import style
from abm.view.charts.spans import Span, spans
from abm.view.sheet import Drawn

NAN3 = (math.nan, math.nan, math.nan)


def fit(table: pd.DataFrame, facts: Mapping[str, Any], title: str, subtitle: str = "") -> Drawn:
    """The fit by target. `table` is as `abm.analysis.calibration.tables.fit_table` makes it."""
    rows = []
    for row in table.itertuples():
        if row.kind == "order":
            text = f"holds in {row.prior_inside:.0%} → {row.posterior_inside:.0%} of runs"
            rows.append(Span(row.name, NAN3, NAN3, math.nan, text, bold=True))
            continue
        before, after = (
            tuple((getattr(row, f"{name}{end}") - row.observed) / row.tolerance for end in ("_low", "", "_high"))
            for name in ("prior", "posterior")
        )
        mark = (row.default - row.observed) / row.tolerance
        text = f"{_short(row.observed)}\t{_short(row.posterior)}\t{row.posterior_inside:.0%}"
        rows.append(Span(f"{row.target}  {row.name}", before, after, mark, text))
    note = "Distance from what was observed, in units of each target's tolerance; the shaded band is within it. Rank orders come first."
    return spans(
        rows,
        facts,
        title,
        subtitle,
        note,
        "(simulated − observed) / tolerance",
        (-4.0, 4.0),
        keys=("prior, middle 90 % of runs", "posterior, middle 90 % of runs and median", "defaults"),
        band=(-1.0, 1.0),
        text_head="observed\tposterior\twithin",
    )


def marginals(table: pd.DataFrame, facts: Mapping[str, Any], title: str, subtitle: str = "") -> Drawn:
    """Members by factor, as parts of the prior's range. `table` is as `constrained_table` makes it: most constrained first."""
    rows = []
    for row in table.to_dict("records"):
        low, high = row["from"], row["to"]
        after = tuple((row[name] - low) / (high - low) for name in ("low", "median", "high"))
        mark = (row["default"] - low) / (high - low)
        rows.append(Span(_name(row["factor"]), (0.05, 0.5, 0.95), after, mark, f"{row['spread_ratio']:.2f}", bold=bool(row["constrained"])))
    note = (
        "Most constrained first; bold: the members' standard deviation (at the right, as a share of the prior's) is below 0.8. "
        "Where the dark bar fills the pale one, the targets say nothing about the parameter by itself."
    )
    columns = 2 if len(rows) > 20 else 1
    return spans(rows, facts, title, subtitle, note, "part of the plausible range, 0 to 1", (0.0, 1.0), text_head="spread", columns=columns)


def _name(key: str) -> str:
    section, name = key.split(".", 1)
    words = name.replace("_", " ")
    return f"{words} (lever)" if section == "levers" else words


def _short(value: float) -> str:
    return style.number(value, 1 if abs(value) >= 2 else 3 if abs(value) < 0.1 else 2)
