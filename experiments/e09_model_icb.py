"""E09: the 'model ICB' of 2025 to 2028. Half the running costs, convening moved or lost, a formal regional line, deficit support
withdrawn, longer settlements, as dated schedules, singly and together; and the 42 ICBs merging into 36 in April 2026.

A merger carries everything over (`abm.model.redraw`), so it costs nothing by itself; what the reorganisation that comes with it
costs in authority, clarity and memory is a lever, and is shown apart. That larger footprints loosen the link to places (claim
C043) is not in the model, nor are redundancies.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import abm
from abm.analysis.contrasts import differences, factorial, told
from abm.experiment.effects import WINDOW
from abm.view import source, style
from abm.view.charts.curves import curves
from abm.view.charts.forest import forest
from abm.view.sheet import Drawn
from abm.view.source import Source
from experiments import telling
from experiments.study import Found, Study

MEASURES, MERGERS = "e09_model_icb", "e09_mergers"
MAIN = "collaborative_share"
OUTCOMES = (MAIN, "trust", "convening", "deficit_share", "unmet_need")
KEEP = (*OUTCOMES, "joint_spend", "authority", "clarity", "lasting_share")
FACTORS = {  # factor: what its levels are called in results, the reference first; how each other level is told
    "running_cost_cut": {"cut 30": "", "no cut": "No running-cost cut at all", "cut 50": "Running costs cut by half"},
    "convenor": {"icb": "", "partnership": "Convening moves to a partnership", "none": "Nobody convenes"},
    "bypass_regime": {"informal": "", "formal": "Formal regional line"},
    "deficit_support": {"support": "", "withdrawn": "Deficit support withdrawn"},
    "settlement_years": {"one": "", "three": "Three-year settlements"},
}
REFERENCE = {name: next(iter(levels)) for name, levels in FACTORS.items()}
ALL = {
    "running_cost_cut": "cut 50",
    "convenor": "partnership",
    "bypass_regime": "formal",
    "deficit_support": "withdrawn",
    "settlement_years": "three",
}
TOGETHER = {"All five with a partnership": ALL, "All five with no convenor": {**ALL, "convenor": "none"}}
WORLDS = {  # points of the mergers, in their order
    0: "42 ICBs",
    1: "36 from April 2026",
    2: "36 from April 2026, six struck",
    3: "42, all struck",
    4: "36 from April 2026, all struck",
    5: "36 from the start",
}
DRAWN = ("reference", "Running costs cut by half", "Nobody convenes", "Three-year settlements", "All five with a partnership")
MIDDLE = "2028/29"
SMALL = 0.01  # a change of collaboration of less than a point is called small


def read(folders: Mapping[str, Path]) -> Found:
    """Each measure alone, on top of the others and together; mergers with and without reorganisation."""
    years = _years(folders[MEASURES])
    last, then = (_effects(_year(years, year)) for year in (years["year"].max(), MIDDLE))
    averaged = _averaged(_year(years, years["year"].max()))
    mergers = _mergers(folders[MERGERS])
    figures = {
        "measures": _measures_figure(last, folders[MEASURES]),
        "years": _years_figure(years, folders[MEASURES]),
        "mergers": _mergers_figure(mergers, folders[MERGERS]),
    }
    tables = {"measures": last, "averaged": averaged, "mergers": mergers}
    if len(then):
        tables[f"measures_{MIDDLE[:4]}"] = then
    return Found(_answer(last, mergers), _findings(last, then, averaged, mergers, years), tables, figures)


# ---- measures ----------------------------------------------------------------------------------------------------------------


def _years(folder: Path) -> pd.DataFrame:
    """A row a run and year, with the level of each factor by name."""
    points = abm.load(folder, "points")
    for factor in FACTORS:
        points[factor] = [_level(factor, value) for value in points[f"levers.{factor}"]]
    rows = abm.load(folder, "outcomes", ["point", "replicate", "quarter", "year", *KEEP])
    return rows.merge(points[["point", *FACTORS]], on="point")


def _level(factor: str, value: object) -> str:
    """What a level of a factor is called: by the last value of its schedule, or its one value."""
    text = str(value).strip('"')
    final = text.rstrip("}").rsplit(":", 1)[-1].strip(' "') if "schedule" in text else text
    names = {
        "running_cost_cut": {0.0: "no cut", 0.3: "cut 30", 0.5: "cut 50"},
        "deficit_support": {0.6: "support", 0.0: "withdrawn"},
        "settlement_years": {1.0: "one", 3.0: "three"},
    }
    return names[factor][float(final)] if factor in names else final


def _year(years: pd.DataFrame, year: str) -> pd.DataFrame:
    """A row a run: means of a year."""
    keys = ["replicate", *FACTORS]
    return years[years["year"] == year].groupby(keys, as_index=False, sort=False)[list(KEEP)].mean()


def _effects(runs: pd.DataFrame) -> pd.DataFrame:
    """Each measure alone, all together, and each measure taken last (against all the others without it): row, kind, outcome, ..."""
    if runs.empty:
        return pd.DataFrame()
    parts = []
    for factor, levels in FACTORS.items():
        for level, words in list(levels.items())[1:]:
            parts.append(_contrast(runs, {**REFERENCE, factor: level}, REFERENCE).assign(row=words, kind="alone"))
            if level == ALL[factor] or factor == "convenor":
                full = {**ALL, factor: level}
                found = _contrast(runs, full, {**full, factor: REFERENCE[factor]})
                parts.append(found.assign(row=words, kind="on top of the others"))
    parts += [_contrast(runs, levels, REFERENCE).assign(row=words, kind="together") for words, levels in TOGETHER.items()]
    return pd.concat(parts, ignore_index=True)[["kind", "row", "outcome", "difference", "low", "high", "clear", "pairs"]]


def _contrast(runs: pd.DataFrame, levels: Mapping[str, str], against: Mapping[str, str]) -> pd.DataFrame:
    """What one combination of levels changes against another, by pairs."""
    return differences(pd.concat([_at(runs, levels), _at(runs, against)]), KEEP, list(FACTORS), against)


def _at(effects: pd.DataFrame, levels: Mapping[str, str]) -> pd.DataFrame:
    """The rows of one combination."""
    return effects[np.logical_and.reduce([effects[name] == level for name, level in levels.items()])]


def _averaged(runs: pd.DataFrame) -> pd.DataFrame:
    """Main effects and interactions of the five, over all combinations (the cut from none to half; convening by the ICB or nobody)."""
    codes = {name: {level: i for i, level in enumerate(levels)} for name, levels in FACTORS.items()}
    codes["running_cost_cut"], codes["convenor"] = {"no cut": 0, "cut 30": 1, "cut 50": 2}, {"icb": 0, "partnership": 1, "none": 2}
    coded = runs.assign(**{name: runs[name].map(codes[name]) for name in FACTORS})
    return pd.concat([factorial(coded, list(FACTORS), outcome).assign(outcome=outcome) for outcome in OUTCOMES], ignore_index=True)


# ---- mergers -----------------------------------------------------------------------------------------------------------------


def _mergers(folder: Path) -> pd.DataFrame:
    """Each world against the 42 ICBs under the same scenario, in 2028/29 and the last year: scenario, year, row, outcome, ..."""
    columns = ["scenario", "point", "replicate", "year", *OUTCOMES, "joint_spend", "authority", "clarity", "collaboration_spread"]
    rows = abm.load(folder, "outcomes", columns)
    rows = rows[rows["year"].isin([MIDDLE, rows["year"].max()])].assign(world=rows["point"].map(WORLDS))
    outcomes = [*OUTCOMES, "authority", "collaboration_spread"]
    rows = rows[["scenario", "replicate", "year", "world", *outcomes]]
    parts = []
    for keys, group in rows.groupby(["scenario", "year"], sort=False):
        found = differences(group, outcomes, ["world"], {"world": WORLDS[0]}).rename(columns={"world": "row"})
        parts.append(found.assign(scenario=keys[0], year=keys[1]))
    return pd.concat(parts, ignore_index=True)[["scenario", "year", "row", "outcome", "difference", "low", "high", "clear", "pairs"]]


# ---- figures -----------------------------------------------------------------------------------------------------------------


def _measures_figure(effects: pd.DataFrame, folder: Path) -> Drawn:
    origin = source.opened(folder)
    outcomes = (MAIN, "trust", "deficit_share")
    rows = effects[(effects["kind"] != "on top of the others") & effects["outcome"].isin(outcomes)]
    groups = {words: "Alone" if kind == "alone" else "Together" for words, kind in zip(rows["row"], rows["kind"], strict=True)}
    both = [_row(effects, words, "together") for words in TOGETHER]
    alone = effects[(effects["kind"] == "alone") & (effects["outcome"] == MAIN)]
    most = alone.loc[alone["difference"].abs().idxmax()]
    title = f"All of the model ICB: collaboration {_signed(both[0])} points; {most['row'].lower()} alone, {_signed(most)}"
    note = (
        "Change in the last year, against England with 30 % running-cost cut, informal bypass, deficit support, one-year settlements. "
        "Dot: mean of paired runs; line: 95 % interval; hollow: takes in zero."
    )
    said = f"England · {_span(origin)} · {int(rows['pairs'].max())} pairs of runs"
    return forest(rows, origin.facts, title, said, note, outcomes=outcomes, groups=groups)


def _years_figure(years: pd.DataFrame, folder: Path) -> Drawn:
    """The course of the reference, of single measures and of all together."""
    origin = source.opened(folder)
    chosen = {"reference": REFERENCE, **TOGETHER}
    for factor, levels in FACTORS.items():
        chosen |= {words: {**REFERENCE, factor: level} for level, words in levels.items() if words in DRAWN}
    parts = [_at(years, chosen[words]).drop(columns=list(FACTORS)).assign(scenario=words, point=0) for words in DRAWN]
    titles = [{"name": words, "title": "As in 2024/25" if words == "reference" else words} for words in DRAWN]
    facts = {**origin.facts, "scenarios": titles, "baseline": "reference", "points": 1}
    return curves(Source(facts, None, {"outcomes": pd.concat(parts, ignore_index=True)}), (MAIN, "deficit_share"))


def _mergers_figure(mergers: pd.DataFrame, folder: Path) -> Drawn:
    origin = source.opened(folder)
    year = MIDDLE if MIDDLE in set(mergers["year"]) else mergers["year"].max()
    outcomes = (MAIN, "trust", "authority")
    rows = mergers[(mergers["year"] == year) & mergers["outcome"].isin(outcomes)].copy()
    headings = {"baseline": "England as it is", "model_icb": "With the model ICB (a partnership convenes)"}
    marks = {"baseline": "", "model_icb": "\u200b"}  # the same words twice: rows are told apart by a space that is not seen
    rows["row"] += rows["scenario"].map(marks)
    groups = {row: headings[scenario] for row, scenario in zip(rows["row"], rows["scenario"], strict=True)}
    merged, struck = (_merger(mergers, "baseline", row, year) for row in (WORLDS[1], WORLDS[4]))
    title = f"By {year} merging moves collaboration by {_signed(merged)} points; a reorganisation of all ICBs with it, by {_signed(struck)}"
    note = (
        f"Change in {year} against 42 ICBs under the same measures. Struck: a reorganisation costs authority, clarity and memory. "
        "Dot: mean of paired runs; line: 95 % interval; hollow: takes in zero."
    )
    said = f"England · {_span(origin)} · {int(rows['pairs'].max())} pairs of runs"
    return forest(rows, origin.facts, title, said, note, outcomes=outcomes, groups=groups)


def _span(origin: Source) -> str:
    quarters = int(origin.facts["quarters"])
    return f"{quarters // WINDOW} years from 2024/25"


# ---- words -------------------------------------------------------------------------------------------------------------------


def _row(effects: pd.DataFrame, row: str, kind: str, outcome: str = MAIN) -> pd.Series:
    return effects[(effects["row"] == row) & (effects["kind"] == kind) & (effects["outcome"] == outcome)].iloc[0]


def _merger(mergers: pd.DataFrame, scenario: str, row: str, year: str, outcome: str = MAIN) -> pd.Series:
    flags = (mergers["scenario"] == scenario) & (mergers["row"] == row) & (mergers["year"] == year) & (mergers["outcome"] == outcome)
    return mergers[flags].iloc[0]


def _signed(row: pd.Series) -> str:
    return style.number(100 * row["difference"], 1, sign=True)


def _answer(last: pd.DataFrame, mergers: pd.DataFrame) -> str:
    alone = last[(last["kind"] == "alone") & (last["outcome"] == MAIN)]
    most = alone.loc[alone["difference"].abs().idxmax()]
    cut = _row(last, FACTORS["running_cost_cut"]["cut 50"], "alone")
    both = [_row(last, words, "together") for words in TOGETHER]
    merged = _merger(mergers, "baseline", WORLDS[1], mergers["year"].max())
    return (
        f"All together {_signed(both[0])} points of collaboration if a partnership convenes, {_signed(both[1])} if nobody does; of single "
        f"measures \u201c{most['row'].lower()}\u201d does most ({_signed(most)}), halved running costs do {_signed(cut)}, "
        f"merging 42 ICBs into 36 {_signed(merged)}."
    )


def _findings(last: pd.DataFrame, then: pd.DataFrame, averaged: pd.DataFrame, mergers: pd.DataFrame, years: pd.DataFrame) -> list[str]:
    final = years["year"].max()
    said = []
    for kind, words in (("alone", "alone"), ("on top of the others", "on top of all the others"), ("together", "together")):
        rows = last[(last["kind"] == kind) & (last["outcome"] == MAIN)]
        said += [f"Collaboration in {final}, {words}: {row.row}: {told(row._asdict(), 100)}." for row in rows.itertuples()]
    for outcome in ("trust", "deficit_share", "unmet_need"):
        rows = [_row(last, words, "together", outcome) for words in TOGETHER]
        said.append(
            f"{telling.measure(outcome).words} in {final}: " + "; ".join(f"{row['row'].lower()} {told(row, 100)}" for row in rows) + "."
        )
    if len(then):
        rows = [_row(then, words, "together") for words in TOGETHER]
        said.append(f"Collaboration already in {MIDDLE}: " + "; ".join(f"{row['row'].lower()} {told(row, 100)}" for row in rows) + ".")
    said.append(_interactions(averaged))
    for scenario, words in (("baseline", "England as it is"), ("model_icb", "with the model ICB")):
        for year in dict.fromkeys([MIDDLE if MIDDLE in set(mergers["year"]) else final, mergers["year"].max()]):
            parts = [f"{row} {told(_merger(mergers, scenario, row, year), 100)}" for row in list(WORLDS.values())[1:]]
            said.append(f"Against 42 ICBs, collaboration in {year}, {words}: " + "; ".join(parts) + ".")
    said += _beside_sources(last)
    said.append(
        "A merger carries trust, money and evidence over, so what it changes by itself is larger systems, not lost memory. That wider "
        "footprints loosen the link to places (C043) is not in the model, so the sign of that is open."
    )
    return said


def _beside_sources(last: pd.DataFrame) -> list[str]:
    """What came out beside what the sources expect, claim by claim (CLAIMS.csv)."""
    cut, nobody, partnership = FACTORS["running_cost_cut"]["cut 50"], FACTORS["convenor"]["none"], FACTORS["convenor"]["partnership"]
    rows = (
        ("C036", "deep running-cost cuts weaken convening", cut, "convening", -1),
        ("C028", "they lower collaboration", cut, MAIN, -1),
        ("C041", "systems come apart if nobody convenes", nobody, MAIN, -1),
        ("R020", "a partnership as convenor helps", partnership, MAIN, 1),
        ("R015", "longer settlements help", FACTORS["settlement_years"]["three"], MAIN, 1),
    )
    said = []
    for claim, words, row, outcome, sign in rows:
        found = _row(last, row, "alone", outcome)
        agrees = "no clear change" if not found["clear"] else "the same sign" if found["difference"] * sign > 0 else "the opposite sign"
        small = f", and it is small: {told(found, 100)}" if found["clear"] and abs(found["difference"]) < SMALL else f": {told(found, 100)}"
        said.append(f"{claim} ({words}): {agrees}{small} ({outcome}, alone).")
    found = _row(last, FACTORS["deficit_support"]["withdrawn"], "alone")
    said.append(f"Deficit support withdrawn (no claim gives a sign): collaboration {told(found, 100)}.")
    return said


def _interactions(averaged: pd.DataFrame) -> str:
    rows = averaged[(averaged["outcome"] == MAIN) & (averaged["order"] > 1)]
    largest = rows.loc[rows["effect"].abs().sort_values(ascending=False).index].head(2)
    parts = [f"{row.term.replace('_', ' ')} {told(row._asdict(), 100)}" for row in largest.itertuples()]
    clear = int(rows["clear"].sum())
    return f"Of {len(rows)} interactions of the five on collaboration {clear} are clear; the largest: {'; '.join(parts)}."


STUDY = Study(
    key="e09",
    title="The model ICB, 2025 to 2028",
    question="What do the measures of the model ICB do from 2026/27, singly and together, and what the merging of 42 ICBs into 36?",
    configs=(MEASURES, MERGERS),
    read=read,
    quick=("replicates=2", "quarters=12"),
    quick_of={MEASURES: ("design.over.levers.running_cost_cut=[0.3, {schedule: {2024/25: 0.3, 2026/27: 0.5}}]",)},
)
