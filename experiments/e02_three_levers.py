"""E02: finance-dominated oversight, regional bypass and ring-fencing, crossed: what each does, what they do together, who shifts first.

Levels are the gentle end of the declared plausible range, the default and the harsh end (`abm levers`); all else is at its default.
Who shifts first is read from steps of a lever two years after the start; by kind of tie from some of the same runs, run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import abm
from abm.analysis.by_tie import by_tie
from abm.analysis.contrasts import differences, factorial, last_year, simple_effects, told
from abm.analysis.timing import arrival
from abm.view import source, style
from abm.view.charts.curves import group_names
from abm.view.charts.forest import forest
from abm.view.sheet import Drawn
from abm.view.source import Source
from experiments import telling
from experiments.study import Found, Study

CROSSED, STEPS = "e02_three_levers", "e02_who_shifts"
LEVERS = {"levers.finance_share": "Finance share", "levers.bypass_rate": "Bypass", "levers.fence_share": "Ring-fence"}
PLACES = {words: place for place, words in enumerate(LEVERS.values())}
DEFAULTS = {"levers.finance_share": 0.6, "levers.bypass_rate": 0.15, "levers.fence_share": 0.1}
OUTCOMES = ("collaborative_share", "trust", "deficit_share", "prevention_share", "lasting_share", "unmet_need")
STEPPED = {1: "Finance share to 0.95", 2: "Bypass to 0.8", 3: "Ring-fence to 0.3", 4: "All three"}  # design points of the steps
START = 8  # quarter in which they step
AGAIN = 10  # replicates run again for the kinds of tie
TIES = {
    "commissioning": "ICB and provider",
    "pooling": "ICB and council",
    "discharge": "Provider and council",
    "collaborative": "Providers",
}
ACTORS = {"icb": "ICBs", "provider": "Providers' boards", "council": "Councils"}
GROUPS = ("Between whom (kind of tie)", "By whom (kind of organisation)", "Where (region)")


def read(folders: Mapping[str, Path]) -> Found:
    """Effects and interactions, changes from the default, and when each group shifts."""
    origin, runs = source.opened(folders[CROSSED]), last_year(folders[CROSSED], OUTCOMES)
    effects = _effects(runs)
    given = _given(runs)
    changes = differences(runs, OUTCOMES, list(LEVERS), DEFAULTS)
    corner = _corner(changes)
    shifts = _shifts(folders[STEPS])
    figures = {"effects": _drawn_effects(origin, effects, given), "who_shifts_first": _drawn_shifts(source.opened(folders[STEPS]), shifts)}
    tables = {"effects": effects, "where_others_are": given, "from_default": changes, "who_shifts": shifts}
    return Found(
        _answer(given, effects, corner, shifts), [*_findings(effects, given, changes, corner), *_who_first(shifts)], tables, figures
    )


# ---- effects ---------------------------------------------------------------------------------------------------------------


def _effects(runs: pd.DataFrame) -> pd.DataFrame:
    """Main effects and all interactions on each outcome, gentle end to harsh end."""
    parts = [factorial(runs, list(LEVERS), name).assign(outcome=name) for name in OUTCOMES]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "row", [" × ".join(LEVERS[key] for key in term.split(" x ")) for term in table["term"]])
    return table


def _corner(changes: pd.DataFrame) -> pd.DataFrame:
    """What all three levers at their harsh ends change against the default, by outcome."""
    harsh = np.logical_and.reduce([changes[key] == changes[key].max() for key in LEVERS])
    return changes[harsh].set_index("outcome")


def _one(effects: pd.DataFrame, row: str, outcome: str = "collaborative_share") -> pd.Series:
    return effects[(effects["row"] == row) & (effects["outcome"] == outcome)].iloc[0]


def _given(runs: pd.DataFrame) -> pd.DataFrame:
    """What each lever does where another is at its gentle and at its harsh end."""
    table = pd.concat([simple_effects(runs, list(LEVERS), name).assign(outcome=name) for name in OUTCOMES], ignore_index=True)
    end = np.where(table["level"] == table.groupby("other")["level"].transform("min"), "gentle", "harsh")
    words = [f"{LEVERS[row.factor]}, {LEVERS[row.other].lower()} {at}" for row, at in zip(table.itertuples(), end, strict=True)]
    return table.assign(end=end, row=words)


def _drawn_effects(origin: Source, effects: pd.DataFrame, given: pd.DataFrame) -> Drawn:
    headings = {1: "Each lever, gentle to harsh end", 2: "Interactions", 3: "Interactions"}
    groups = {row: headings[order] for row, order in zip(effects["row"], effects["order"], strict=True)}
    chosen = given[
        given["other"].eq("levers.finance_share") | given["other"].eq("levers.bypass_rate") & given["factor"].eq("levers.finance_share")
    ]
    groups |= dict.fromkeys(chosen["row"], "Each lever where another is gentle or harsh")
    first, rest = effects[effects["order"] == 1].sort_values("row", key=lambda rows: rows.map(PLACES)), effects[effects["order"] > 1]
    rows = pd.concat([first, chosen.sort_values(["other", "factor"], kind="stable"), rest], ignore_index=True)
    return forest(
        rows.rename(columns={"effect": "difference"}),
        origin.facts,
        _title_of_effects(given),
        source.what_was_run(origin, 1),
        "Change from a lever's gentle to its harsh end, averaged over both ends of the others; interaction: half of what one lever adds to "
        "another's effect. Line: 95 % interval over pairs of runs; hollow: not clear. Scales differ.",
        outcomes=[name for name in OUTCOMES if name != "lasting_share"],
        groups=groups,
    )


def _where(given: pd.DataFrame, factor: str, other: str, end: str, outcome: str = "collaborative_share") -> pd.Series:
    keys = {"factor": f"levers.{factor}", "other": f"levers.{other}", "end": end, "outcome": outcome}
    return given[np.logical_and.reduce([given[key] == value for key, value in keys.items()])].iloc[0]


def _title_of_effects(given: pd.DataFrame) -> str:
    gentle, harsh = (_where(given, "bypass_rate", "finance_share", end) for end in ("gentle", "harsh"))
    if not (gentle["clear"] and harsh["clear"]):
        return "What bypass does to collaboration, and how finance-dominated oversight changes it, is not clear"
    one, two = (style.number(100 * row["effect"], 0, sign=True) for row in (gentle, harsh))
    words = "turns sign" if gentle["effect"] * harsh["effect"] < 0 else "keeps its sign"
    return f"What bypass does to collaboration {words} with finance: {one} points where oversight is gentle, {two} where it is about money"


# ---- who shifts first ------------------------------------------------------------------------------------------------------


def _shifts(folder: Path) -> pd.DataFrame:
    """A row a step and group: the final change in collaboration, and when it is clear and half made (quarters from 1)."""
    rows = []
    for heading, names, paths in ((GROUPS[0], TIES, _tie_paths(folder)), *_kept_paths(folder)):
        for point, step in STEPPED.items():
            for group, wide in paths.items():
                found = arrival((wide[point] - wide[0]).to_numpy()[:, START:])
                final = dict(zip(("change", "low", "high"), found.final[:3], strict=True))
                half = dict(zip(("half", "half_low", "half_high"), found.half[:3], strict=True))
                rows.append(
                    {
                        "step": step,
                        "grouping": heading,
                        "group": names.get(group, group),
                        **final,
                        "clear": found.clear,
                        **half,
                        "runs": found.final.runs,
                    }
                )
    return pd.DataFrame(rows)


def _kept_paths(folder: Path) -> list[tuple[str, Mapping[str, str], dict[str, dict[int, pd.DataFrame]]]]:
    """Of kinds and regions: heading, names, and for each group and point a row a replicate, a column a quarter."""
    found = []
    for heading, by, names in ((GROUPS[1], "kind", ACTORS), (GROUPS[2], "region", group_names(source.opened(folder), "region"))):
        table = abm.load(folder, f"outcomes_by_{by}", ["point", "replicate", "quarter", by, "collaborative_share"])
        wide = table.pivot(index=[by, "point", "replicate"], columns="quarter", values="collaborative_share")
        groups = [group for group in (names if by == "kind" else dict.fromkeys(table[by])) if group in wide.index.get_level_values(0)]
        found.append((heading, names, {group: {point: wide.loc[(group, point)] for point in (0, *STEPPED)} for group in groups}))
    return found


def _tie_paths(folder: Path) -> dict[str, dict[int, pd.DataFrame]]:
    """The same by kind of tie, from the first replicates, run again."""
    replicates = range(min(AGAIN, abm.load(folder, "runs", ["replicate"])["replicate"].max() + 1))
    shares = {(point, r): by_tie(folder, point=point, replicate=r) for point in (0, *STEPPED) for r in replicates}
    return {kind: {point: pd.DataFrame([shares[point, r][kind] for r in replicates]) for point in (0, *STEPPED)} for kind in TIES}


def _drawn_shifts(origin: Source, shifts: pd.DataFrame) -> Drawn:
    rows = shifts.rename(columns={"group": "row", "half": "difference", "step": "outcome"}).drop(columns=["low", "high"])
    rows = rows.rename(columns={"half_low": "low", "half_high": "high"})
    rows = rows[rows.groupby("outcome")["difference"].transform("count") > 0] if rows["difference"].notna().any() else rows
    ties = shifts.loc[shifts["grouping"] == GROUPS[0], "runs"].max()
    return forest(
        rows,
        origin.facts,
        _title_of_shifts(shifts),
        source.what_was_run(origin, 1),
        f"Quarters from the step (1: the quarter of it) until half of the group's final change is made; line: 95 % interval over pairs of "
        f"runs ({ties} pairs by tie). Blank: no clear change in that group.",
        groups=dict(zip(shifts["group"], shifts["grouping"], strict=True)),
        units={step: "quarters to half of the change" for step in STEPPED.values()},
        signed=False,
    )


def _title_of_shifts(shifts: pd.DataFrame) -> str:
    mine = shifts[(shifts["step"] == STEPPED[4]) & (shifts["grouping"] == GROUPS[1])].dropna(subset="half").sort_values("half")
    if len(mine) < 2:
        return "Who shifts first: the groups' changes are not clear"
    soonest, latest = (" and ".join(mine.loc[mine["half"] == end, "group"]) for end in (mine["half"].min(), mine["half"].max()))
    if soonest == latest:
        return f"All kinds of organisation shift alike: half of their change by quarter {mine['half'].iloc[0]:.0f}"
    when = f"half of their change by quarter {mine['half'].min():.0f} and {mine['half'].max():.0f}"
    return f"{_lowered(soonest)} shift first, {latest.lower()} last: {when}"


def _lowered(words: str) -> str:
    """'ICBs and providers' boards': later names without capital."""
    first, *rest = words.split(" and ")
    return " and ".join([first, *(name if name.startswith("ICB") else name.lower() for name in rest)])


# ---- words -------------------------------------------------------------------------------------------------------------------


def _answer(given: pd.DataFrame, effects: pd.DataFrame, corner: pd.DataFrame, shifts: pd.DataFrame) -> str:
    finance, fence = _one(effects, "Finance share"), _one(effects, "Ring-fence")
    gentle, harsh = (_where(given, "bypass_rate", "finance_share", end) for end in ("gentle", "harsh"))
    share, deficit, unmet = (corner.loc[name] for name in ("collaborative_share", "deficit_share", "unmet_need"))
    return (
        f"From gentle to harsh end a finance-dominated oversight moves collaboration by {_points(finance)} points, ring-fencing by "
        f"{_points(fence)}, bypass by {_points(gentle)} where oversight is little about money and {_points(harsh)} where it is mostly so. "
        f"All three harsh, against the defaults: collaboration {_points(share)}, system deficits {_points(deficit)}, "
        f"unmet need {_points(unmet)}. {_title_of_shifts(shifts)}."
    )


def _points(row: pd.Series) -> str:
    """An effect in points, with a word where it is not clear."""
    value = row["effect"] if "effect" in row else row["difference"]
    return style.number(100 * value, 1, sign=True) + ("" if row["clear"] else " (not clear)")


def _findings(effects: pd.DataFrame, given: pd.DataFrame, changes: pd.DataFrame, corner: pd.DataFrame) -> list[str]:
    lines = []
    for row in LEVERS.values():
        parts = [f"{telling.words(name)} {told(_one(effects, row, name), 100.0, digits=2)}" for name in OUTCOMES]
        lines.append(f"{row}, gentle to harsh end: {'; '.join(parts)}.")
    for outcome in ("collaborative_share", "deficit_share", "unmet_need"):
        said = [f"{each['row'].lower()} {told(each, 100.0)}" for _, each in given[given["outcome"] == outcome].iterrows()]
        lines.append(f"{telling.measure(outcome).words}, each lever where another is at its gentle or harsh end: {'; '.join(said)}.")
    together = effects[(effects["order"] > 1) & effects["clear"]]
    for row, part in together.groupby("row", sort=False):
        said = [f"{telling.words(each['outcome'])} {told(each, 100.0, digits=2)}" for _, each in part.iterrows()]
        lines.append(f"{row}, clear interactions: {'; '.join(said)}.")
    all_three = [f"{telling.words(name)} {told(corner.loc[name], 100.0, digits=2)}" for name in OUTCOMES]
    lines.append(f"All three at their harsh ends against the defaults: {'; '.join(all_three)}.")
    gentle = changes[np.logical_and.reduce([changes[key] == changes[key].min() for key in LEVERS])].set_index("outcome")
    relieved = [f"{telling.words(name)} {told(gentle.loc[name], 100.0, digits=2)}" for name in OUTCOMES]
    lines += _against(effects, given)
    return [*lines, f"All three at their gentle ends against the defaults: {'; '.join(relieved)}."]


def _against(effects: pd.DataFrame, given: pd.DataFrame) -> list[str]:
    """What goes against the source texts (claims by their number in docs/evidence.md), where it is clear."""
    lines = []
    gentle = _where(given, "bypass_rate", "finance_share", "gentle")
    if gentle["clear"] and gentle["effect"] > 0:
        lines.append(
            f"Against the sources (C078): where oversight is little about money, bypass raises collaboration, {told(gentle, 100.0)}."
        )
    money, unmet = _one(effects, "Finance share", "deficit_share"), _one(effects, "Finance share", "unmet_need")
    if money["clear"] and money["effect"] < 0:
        lines.append(
            f"Finance-dominated oversight does what it is for: system deficits {told(money, 100.0)}; with unmet need {told(unmet, 100.0)}."
        )
    fence = _one(effects, "Ring-fence", "prevention_share")
    if fence["clear"] and fence["effect"] > 0:
        cost = _one(effects, "Ring-fence")
        lines.append(f"Ring-fencing raises prevention, {told(fence, 100.0, digits=2)}, and moves collaboration by {told(cost, 100.0)}.")
    return lines


def _who_first(shifts: pd.DataFrame) -> list[str]:
    lines = []
    for step in STEPPED.values():
        for grouping in GROUPS:
            mine = shifts[(shifts["step"] == step) & (shifts["grouping"] == grouping)]
            known = mine.dropna(subset="half").sort_values("half", kind="stable")
            unclear = [name for name in mine["group"] if name not in set(known["group"])]
            said = [f"{row['group']} {_quarters(row)}" for _, row in known.iterrows()]
            blank = f"; no clear change: {', '.join(unclear)}" if unclear else ""
            if grouping == GROUPS[2] and len(known):
                first, last = (f"{row['group']} ({row['half']:.0f})" for _, row in known.iloc[[0, -1]].iterrows())
                spread = f"first {first}, last {last}"
                apart = known["half_low"].max() > known["half_high"].min()
                said = [f"{spread}; intervals {'leave some apart' if apart else 'overlap, so that the order may be luck'}"]
            lines.append(
                f"{step}, {grouping.lower()}: quarters to half of the change: {', '.join(said) or 'none clear'}{blank} "
                f"({int(mine['runs'].max())} pairs)."
            )
    return lines


def _quarters(row: pd.Series) -> str:
    return f"{row['half']:.0f} ({row['half_low']:.0f} to {row['half_high']:.0f}; final change {100 * row['change']:+.1f} points)"


STUDY = Study(
    key="e02",
    title="Three levers",
    question="What do finance-dominated oversight, regional bypass and ring-fencing do, each alone and together, and who shifts first?",
    configs=(CROSSED, STEPS),
    read=read,
    quick=("replicates=2", "quarters=16"),
)
