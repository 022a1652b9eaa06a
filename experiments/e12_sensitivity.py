"""E12: which parameters and mechanisms the conclusions hang on, and where in the space of parameters a conclusion's sign flips.

Sensitivity is of contrasts (a treatment minus the baseline at the same parameters and luck), not of levels. Screening by Morris's
walks, Sobol' indices by the declared groups of parameters, boxes by PRIM. Replicates: as many as keep luck below 5 % of the variance
of a contrast over the space; where the sweep has fewer, its row is marked as not clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from abm.analysis.flips import RARE, flips
from abm.analysis.members import HEADLINE, scenario_titles
from abm.analysis.sensitivity import NOISE, indices, luck, screened
from abm.config.load import load
from abm.experiment.folder import read_manifest
from abm.view import style
from abm.view.charts.heat import heat
from abm.view.frames import measure
from experiments.study import Found, Study

SCREEN, SOBOL, LUCK = "e12_screen", "e12_sobol", "e12_luck"
TOP = 24  # factors drawn
LIFT, COVER = 1.5, 0.1  # a box is told of as one where, on other points, flips are so many times as frequent, and it holds so many of them


def read(folders: Mapping[str, Path]) -> Found:
    """Indices, screening, luck and boxes."""
    titles = scenario_titles(folders[SOBOL])
    facts = read_manifest(folders[SOBOL])
    sobol, screen, noise = indices(folders[SOBOL]), screened(folders[SCREEN]), luck(folders[LUCK])
    done = int(facts["replicates"])
    noise = noise.assign(
        enough=noise["replicates_needed"] <= done, share_here=noise["within"] / (noise["within"] + done * noise["between"])
    )
    boxes = flips(folders[SOBOL], _block(folders[SOBOL]))
    boxes["held"] = (boxes["box"] != "") & (boxes["density"] >= LIFT * boxes["share"]) & (boxes["coverage"] >= COVER)
    ten = sobol.nlargest(10, "total").reset_index(drop=True)
    figures = {
        "groups": _groups(sobol, noise, titles, facts, ten),
        "screening": _screening(screen, titles, read_manifest(folders[SCREEN])),
    }
    tables = {"indices": sobol, "largest": ten, "screening": screen, "luck": noise, "boxes": boxes}
    return Found(_answer(ten, boxes, titles), _findings(sobol, ten, screen, noise, boxes, titles, done), tables, figures)


def _block(folder: Path) -> int:
    """Points that belong together in Saltelli's scheme."""
    design = load(str(folder / "config.yaml")).experiment.design
    return design.count() // design.base_points  # type: ignore[union-attr]


def _wide(table: pd.DataFrame, row: str, value: str) -> pd.DataFrame:
    wide = table.pivot_table(index=row, columns=["scenario", "outcome"], values=value, sort=False)
    return wide[[(scenario, outcome) for scenario in dict.fromkeys(table["scenario"]) for outcome in HEADLINE]]


def _words(titles: Mapping[str, str]) -> dict[str, str]:
    short = {"deficit_share": "System deficits", "lasting_share": "Community, prevention", "collaborative_share": "Collabo- ration"}
    return {**titles, **{name: short.get(name, measure(name).words) for name in HEADLINE}, "trust": "Trust", "unmet_need": "Unmet need"}


def _groups(sobol: pd.DataFrame, noise: pd.DataFrame, titles: Mapping[str, str], facts: Mapping[str, object], ten: pd.DataFrame):  # type: ignore[no-untyped-def]
    wide, low = _wide(sobol, "group", "total"), _wide(sobol, "group", "total_low")
    order = wide.mean(axis=1).sort_values(ascending=False).index
    names = {**_words(titles), **{group: group.replace("_", " ").capitalize() for group in order}}
    first = ten.iloc[0]
    title = f"{names[order[0]]} parameters matter most on average for what the treatments change"
    note = (
        "Total Sobol' index: share of the contrast's variance over the plausible ranges that the group makes, alone and together with "
        "others. In brackets: 95 % interval reaches zero."
    )
    size = f"{facts['points']:,} points, {facts['runs']:,} runs"
    subtitle = f"Last year, treatment minus baseline; {size}; largest {first.total:.2f} ({first.group})"
    return heat(wide.loc[order], facts, title, subtitle, note, clear=(low > 0).loc[order], span=(0.0, 1.0), names=names)


def _screening(screen: pd.DataFrame, titles: Mapping[str, str], facts: Mapping[str, object]):  # type: ignore[no-untyped-def]
    wide, low = _wide(screen, "factor", "share"), _wide(screen, "factor", "low")
    order = wide.mean(axis=1).sort_values(ascending=False).index[:TOP]
    names = {**_words(titles), **{key: key.split(".", 1)[1].replace("_", " ") for key in order}}
    leading = " and ".join(names[key] for key in order[:2])
    return heat(
        wide.loc[order] * 100,
        facts,
        f"Of {len(wide)} parameters, {leading} move the contrasts most",
        f"Morris's screening, {facts['runs']:,} runs; the first {len(order)} parameters",
        "Mean absolute effect of crossing a parameter's plausible range, % of the sum over parameters. In brackets: interval reaches zero.",
        clear=(low > 0).loc[order],
        span=(0.0, 12.0),
        written=lambda value: style.number(value, 0 if value >= 9.95 else 1),
        names=names,
    )


def _name(row: pd.Series, titles: Mapping[str, str]) -> str:
    return f"{measure(row['outcome']).noun} under {titles[row['scenario']].lower()}"


def _answer(ten: pd.DataFrame, boxes: pd.DataFrame, titles: Mapping[str, str]) -> str:
    first = ten.iloc[0]
    groups = ", ".join(dict.fromkeys(ten["group"].str.replace("_", " ")))
    firm, held = int((boxes["share"] < 0.05).sum()), int(boxes["held"].sum())
    return (
        f"The largest total Sobol' index is that of {first['group'].replace('_', ' ')} for {_name(first, titles)}: {first['total']:.2f} "
        f"({first['total_low']:.2f} to {first['total_high']:.2f}); the ten largest belong to {groups}. Over the plausible ranges "
        f"{firm} of {len(boxes)} contrasts keep their sign at 95 % of points or more; of the other {len(boxes) - firm}, {held} "
        f"flip{'s' if held == 1 else ''} in a box of parameters that held on other points."
    )


def _findings(
    sobol: pd.DataFrame,
    ten: pd.DataFrame,
    screen: pd.DataFrame,
    noise: pd.DataFrame,
    boxes: pd.DataFrame,
    titles: Mapping[str, str],
    done: int,
) -> list[str]:
    largest = "; ".join(f"{row['group']} for {row['scenario']} on {row['outcome']} {row['total']:.2f}" for _, row in ten.iterrows())
    texts = [f"The ten largest total indices: {largest}."]
    alone = sobol.groupby(["scenario", "outcome"], sort=False)["first"].sum().clip(0, 1)
    texts.append(f"Groups alone explain {alone.min():.0%} to {alone.max():.0%} of a contrast's variance (sum of first-order indices).")
    top = screen.groupby("factor")["share"].mean().nlargest(8)
    named = ", ".join(f"{key.split('.', 1)[1]} {share:.1%}" for key, share in top.items())
    small = screen.groupby("factor")["share"].max()
    texts.append(
        f"Screening: {named} of the summed effects on average; {int((small < 0.02).sum())} of {len(small)} stay below 2 % everywhere."
    )
    bad = noise[~noise["enough"]]
    texts.append(
        f"Luck: with {done} replicate{'s' if done > 1 else ''} a point, it makes {noise['share_here'].min():.1%} to "
        f"{noise['share_here'].max():.1%} of the variance; the rule (below {NOISE:.0%}) is met for {len(noise) - len(bad)} of "
        f"{len(noise)} contrasts"
        + (f", not for {', '.join(f'{row.scenario} on {row.outcome}' for row in bad.itertuples())}." if len(bad) else ".")
    )
    for _, row in boxes.iterrows():
        common = "rises" if row["rarer"] == "falls" else "falls"
        if not row["held"]:
            why = (
                "too firm to look for where it flips"
                if row["share"] < RARE
                else "where it flips has no shape that was found and held on other points"
            )
            texts.append(f"{_name(row, titles)} {common} at {1 - row['share']:.0%} of points: {why}.")
            continue
        texts.append(
            f"{_name(row, titles)} {common} at {1 - row['share']:.0%} of points and {row['rarer']} where {row['box']}: there at "
            f"{row['density']:.0%} of points, with {row['coverage']:.0%} of all such points (checked on other points)."
        )
    return texts


_SMALL = ("system=tiny", "quarters=8")
_FEW = ", ".join(f"parameters.{name}: plausible" for name in ("patience", "trust_memory", "money_attention", "budget_gap"))
_GROUPS = "{trust: [parameters.patience, parameters.trust_memory], attention: [parameters.money_attention], start: [parameters.budget_gap]}"
STUDY = Study(
    key="e12",
    title="What the conclusions hang on",
    question="Which parameters and mechanisms do the effects of the three treatments hang on, and where do their signs flip?",
    configs=(SCREEN, SOBOL, LUCK),
    read=read,
    quick=_SMALL,
    quick_of={
        SCREEN: (f"design={{kind: morris, trajectories: 4, levels: 4, over: {{{_FEW}}}}}",),
        SOBOL: (f"design={{kind: sobol, base_points: 8, over: {{{_FEW}}}, groups: {_GROUPS}}}",),
        LUCK: (f"design={{kind: latin_hypercube, points: 8, over: {{{_FEW}}}}}", "replicates=2"),
    },
)
