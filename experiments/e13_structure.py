"""E13: do the headline conclusions hold whatever the structure? The calibrated ensemble under every decision and attention rule, on
the real England and on two synthetic ones.

A conclusion is the sign of a contrast (a treatment minus the baseline) in the ensemble under the declared defaults of structure. It
is called robust where at least nine in ten members keep that sign under every structure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from abm.analysis.members import HEADLINE, by_point, member_contrasts, scenario_titles
from abm.experiment.folder import read_manifest
from abm.view.charts.heat import heat
from abm.view.frames import measure
from experiments.study import Found, Study

STRUCTURES = {  # config: (group, column)
    "e13_quantal": ("England, threat rigidity", "quantal response"),
    "e13_reinforcement": ("England, threat rigidity", "reinforcement"),
    "e13_conditional": ("England, threat rigidity", "conditional"),
    "e13_quantal_search": ("England, problemistic search", "quantal response"),
    "e13_reinforcement_search": ("England, problemistic search", "reinforcement"),
    "e13_conditional_search": ("England, problemistic search", "conditional"),
    "e13_synthetic_one": ("Synthetic Englands", "first"),
    "e13_synthetic_two": ("Synthetic Englands", "second"),
}
FIRST = next(iter(STRUCTURES))
ROBUST, SPLIT = 0.9, 0.5


def read(folders: Mapping[str, Path]) -> Found:
    """Shares of the ensemble that keep each sign, by structure."""
    titles, facts = scenario_titles(folders[FIRST]), read_manifest(folders[FIRST])
    contrasts = {config: by_point(member_contrasts(folders[config])) for config in STRUCTURES}
    shares = _shares(contrasts)
    verdicts = _verdicts(shares)
    runs = sum(read_manifest(folder)["runs"] for folder in folders.values())
    figures = {"structures": _draw(shares, verdicts, titles, facts, runs)}
    return Found(_answer(verdicts, titles), _findings(shares, verdicts, titles, facts), {"shares": shares, "verdicts": verdicts}, figures)


def _shares(contrasts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a structure and contrast: the headline sign, the share of members that keep it (with its binomial error), percentiles."""
    rows = []
    for config, found in contrasts.items():
        for scenario, outcome in found.columns:
            head = contrasts[FIRST][(scenario, outcome)].median()
            sign = "rises" if head > 0 else "falls"
            values = found[(scenario, outcome)].dropna().to_numpy()
            share = float(np.mean(values > 0 if head > 0 else values < 0))
            low, median, high = np.quantile(values, [0.05, 0.5, 0.95])
            error = float(np.sqrt(max(share * (1 - share), 0.25 / len(values)) / len(values)))
            rows.append([*STRUCTURES[config], config, scenario, outcome, sign, share, error, low, median, high, len(values)])
    columns = ["world", "rule", "config", "scenario", "outcome", "sign", "share", "error", "low", "median", "high", "members"]
    return pd.DataFrame(rows, columns=columns)


def _verdicts(shares: pd.DataFrame) -> pd.DataFrame:
    """A row a conclusion: its sign, share in the first structure, the least share over structures and where, verdict."""
    rows = []
    for (scenario, outcome), group in shares.groupby(["scenario", "outcome"], sort=False):
        worst = group.loc[group["share"].idxmin()]
        first = float(group.iloc[0]["share"])
        least = float(worst["share"])
        verdict = "robust" if least >= ROBUST else "depends on structure" if first >= ROBUST else "depends on parameters"
        verdict = "flips with structure" if least < SPLIT and first >= ROBUST else verdict
        rows.append([scenario, outcome, group.iloc[0]["sign"], first, least, f"{worst['world']}, {worst['rule']}", verdict])
    return pd.DataFrame(rows, columns=["scenario", "outcome", "sign", "share", "least_share", "least_in", "verdict"])


def _name(row: pd.Series, titles: Mapping[str, str]) -> str:
    return f"{measure(row['outcome']).noun} {row['sign']} under {titles[row['scenario']].lower()}"


def _draw(shares: pd.DataFrame, verdicts: pd.DataFrame, titles: Mapping[str, str], facts: Mapping[str, object], runs: int):  # type: ignore[no-untyped-def]
    wide = shares.assign(row=shares["scenario"] + " " + shares["outcome"]).pivot_table(
        index="row", columns=["world", "rule"], values="share", sort=False
    )
    wide = wide[list(STRUCTURES.values())]
    names = {f"{row['scenario']} {row['outcome']}": _name(row, titles) for _, row in verdicts.iterrows()}
    robust = int((verdicts["verdict"] == "robust").sum())
    return heat(
        wide * 100,
        facts,
        f"{robust} of {len(verdicts)} conclusions hold in nine of ten members under every structure",
        f"Share of {facts['points']} calibrated members in which the sign holds, %; last year; {runs:,} runs",
        "Signs are those of the ensemble's median under quantal response and threat rigidity on the real England. In brackets: below 90 %.",
        clear=wide >= ROBUST,
        span=(0.0, 100.0),
        middle=50.0,
        written=lambda value: f"{value:.0f}",
        names=names,
    )


def _answer(verdicts: pd.DataFrame, titles: Mapping[str, str]) -> str:
    robust = verdicts[verdicts["verdict"] == "robust"]
    named = ", ".join(_name(row, titles) for _, row in robust.iterrows())
    kept = f"keep their sign in at least {ROBUST:.0%} of the calibrated members under every structure"
    text = f"{len(robust)} of {len(verdicts)} headline conclusions {kept}"
    if not len(robust):
        return f"{text}; none is robust in that sense."
    if len(robust) <= 5:
        return f"{text}: {named}."
    counts = robust["scenario"].map(titles).value_counts()
    return f"{text}: {', '.join(f'{count} on {title.lower()}' for title, count in counts.items())}."


def _findings(shares: pd.DataFrame, verdicts: pd.DataFrame, titles: Mapping[str, str], facts: Mapping[str, object]) -> list[str]:
    texts = []
    for verdict, group in verdicts.groupby("verdict", sort=False):
        parts = [
            f"{_name(row, titles)} ({row['share']:.0%}"
            + (")" if row["least_share"] >= row["share"] else f", least {row['least_share']:.0%} in {row['least_in']})")
            for _, row in group.iterrows()
        ]
        texts.append(f"{str(verdict).capitalize()}: {'; '.join(parts)}.")
    collaboration = shares[(shares["outcome"] == HEADLINE[0]) & (shares["config"] == FIRST)]
    for _, row in collaboration.iterrows():
        named = measure(row["outcome"])
        texts.append(
            f"{titles[row['scenario']]} changes collaboration by {named.change(row['median'])} ({named.change(row['low'])} to "
            f"{named.change(row['high'])}, median and middle 90 % of {row['members']} members, {facts['replicates']} replicates each)."
        )
    worst = float(shares["error"].max())
    texts.append(
        f"Sampling error of a share is at most {worst:.0%}, for {shares['members'].min()} members (some are copies: see the calibration)."
    )
    return texts


STUDY = Study(
    key="e13",
    title="Do conclusions survive other structures",
    question="In what share of the calibrated ensemble do the headline conclusions hold under each decision rule, stress rule and England?",
    configs=tuple(STRUCTURES),
    read=read,
    quick=("system=tiny", "quarters=8", "replicates=1", "design.rows=4"),
)
