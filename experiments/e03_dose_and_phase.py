"""E03: dose and response of each lever over its whole plausible range, phase maps of each pair, and how systems are spread.

Abrupt or gradual is judged by the part of the lever's range in which half of the change happens (a straight line takes half of it,
a step none). Whether systems split into two groups is judged by Hartigan's dip test over the 42 systems, in each run and over
systems' means, beside the share of tests that would be significant by luck.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import abm
from abm.analysis.abruptness import ABRUPT, abruptness
from abm.analysis.contrasts import Interval, interval, told
from abm.analysis.unimodality import dip_test
from abm.view import source, style
from abm.view.charts import dose
from abm.view.charts.phases import phases
from abm.view.charts.response import response
from abm.view.charts.series import series
from abm.view.sheet import Drawn
from abm.view.source import Source
from experiments import telling
from experiments.study import Found, Study

DOSES = "e03_doses"
GRIDS = ("e03_finance_bypass", "e03_finance_fence", "e03_bypass_fence")
LEVERS = {"levers.finance_share": "Finance share", "levers.bypass_rate": "Bypass rate", "levers.fence_share": "Fence share"}
OUTCOMES = ("collaborative_share", "trust", "deficit_share", "lasting_share", "unmet_need")
MAIN = "collaborative_share"
SMALL = 0.01  # a change below a point is too small to call abrupt or gradual
LUCK = 0.05  # tests that are significant where there is one group


def read(folders: Mapping[str, Path]) -> Found:
    """Responses with their shape, tipping lines, and the spread over systems."""
    origin, grids = source.opened(folders[DOSES]), [source.opened(folders[name]) for name in GRIDS]
    responses, shapes = _responses(origin)
    spread = pd.concat([_spread(folders[name], source.opened(folders[name])) for name in (DOSES, *GRIDS)], ignore_index=True)
    tipping = _tipping(grids)
    figures = {
        "dose_and_response": _drawn_doses(origin, shapes),
        "phase_maps": _drawn_maps(grids, tipping),
        "systems": _drawn_systems(folders[DOSES], origin, spread),
    }
    tables = {"responses": responses, "shapes": shapes, "tipping": tipping, "systems": spread}
    return Found(_answer(shapes, spread), _findings(shapes, tipping, spread), tables, figures)


# ---- dose and response -----------------------------------------------------------------------------------------------------


def _responses(origin: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row a lever, outcome and level; and a row a lever and outcome: ends, extremes, and the part of the range for half the change."""
    levels, shapes = [], []
    for key, words in LEVERS.items():
        for name in OUTCOMES:
            found = dose.respond(origin, key, name, origin.scenarios[0])
            for x, runs in zip(found.x, found.paths, strict=True):
                each = interval(runs)
                levels.append([words, name, x, each.mean, each.low, each.high, each.runs])
            shapes.append([words, name, *_shape(found.x, found.paths)])
    columns = ["lever", "outcome", "level", "mean", "low", "high", "runs"]
    named = ["lever", "outcome", "from", "to", "at_lowest", "at_highest", "effect", "low", "high", "clear", "replicates", "peak_at"]
    return pd.DataFrame(levels, columns=columns), pd.DataFrame(
        shapes, columns=[*named, "peak_gain", "peak_low", "peak_high", "half_width", "half_low", "half_high"]
    )


def _shape(x: np.ndarray, runs: np.ndarray) -> list[object]:
    """End to end, the level at which the mean is highest and what it is above the better end, and the width of half the change."""
    middle = runs.mean(axis=1)
    change, top = interval(runs[-1] - runs[0]), int(middle.argmax())
    above = interval(runs[top] - runs[0 if middle[0] > middle[-1] else -1])
    half = abruptness(x, runs)
    ends = [x[0], x[-1], middle[0], middle[-1]]
    return [*ends, *change[:3], change.clear, change.runs, x[top], *above[:3], *half[:3]]


def _judged(row: pd.Series) -> str:
    """'abrupt', 'gradual', or why neither can be said."""
    if not row["clear"] or abs(row["effect"]) < SMALL:
        return "hardly any change"
    if row["half_high"] <= ABRUPT:
        return "abrupt"
    return "gradual" if row["half_low"] > ABRUPT else "neither clearly abrupt nor clearly gradual"


def _drawn_doses(origin: Source, shapes: pd.DataFrame) -> Drawn:
    mine = shapes[shapes["outcome"] == MAIN]
    kinds = {_judged(row) for _, row in mine.iterrows()}
    said = ", ".join(f"{row['lever'].lower()} {_points(row)}" for _, row in mine.iterrows())
    lead = "No lever has a cliff" if "abrupt" not in kinds else "Collaboration changes abruptly"
    return response(origin, list(LEVERS), [MAIN, "unmet_need"], title=f"{lead}: {said} points of collaboration over the range")


# ---- phase maps ------------------------------------------------------------------------------------------------------------


def _tipping(grids: list[Source]) -> pd.DataFrame:
    """Where collaboration crosses half-way between its extremes over all maps: a row a grid and level of its first lever."""
    cells = []
    for origin in grids:
        across, up = origin.factors
        runs = origin.runs([MAIN]).merge(origin.points, left_on="point", right_index=True)
        means = runs.groupby([across, up])[MAIN].mean().unstack()
        cells.append((across, up, means))
    values = np.concatenate([means.to_numpy().ravel() for _, _, means in cells])
    level = float((values.min() + values.max()) / 2)
    rows = []
    for across, up, means in cells:
        x = means.columns.to_numpy(dtype=float)
        for at, row in means.iterrows():
            rows.append([LEVERS[across], LEVERS[up], at, _crossing(x, row.to_numpy(), level), row.min(), row.max(), level])
    return pd.DataFrame(rows, columns=["lever", "other", "at", "other_at_tipping", "lowest", "highest", "level"])


def _crossing(x: np.ndarray, y: np.ndarray, level: float) -> float:
    """Where the line through the means first crosses the level; NaN where it does not."""
    cuts = np.flatnonzero((y[1:] > level) != (y[:-1] > level))
    if not len(cuts):
        return float("nan")
    i = int(cuts[0])
    return float(x[i] + (level - y[i]) / (y[i + 1] - y[i]) * (x[i + 1] - x[i]))


def _drawn_maps(grids: list[Source], tipping: pd.DataFrame) -> Drawn:
    level = tipping["level"].iloc[0]
    lowest = tipping.loc[tipping["lowest"].idxmin()]
    title = f"Collaboration is lowest where {lowest['lever'].lower()} and {lowest['other'].lower()} are both high ({lowest['lowest']:.0%})"
    note = (
        f"Mean of the last year at each pair of levels. Line: collaboration {level:.0%}, half-way between the lowest and the highest of "
        "all three maps; none on the maps of unmet need. A level, not a proof of a threshold."
    )
    return phases(grids, [MAIN, "unmet_need"], title, [level, None], note)


# ---- systems ---------------------------------------------------------------------------------------------------------------


def _systems(folder: Path) -> pd.DataFrame:
    return abm.load(folder, "outcomes_by_system", ["point", "replicate", "system", MAIN])


def _spread(folder: Path, origin: Source) -> pd.DataFrame:
    """A row a design point: standard deviation over systems, share of runs whose systems are clearly not of one group, dip of means."""
    rows, means = [], _systems(folder)
    levels = {key: origin.levels(key) for key in LEVERS if key in origin.factors}
    for point, group in means.groupby("point", sort=False):
        wide = group.pivot(index="system", columns="replicate", values=MAIN)
        tests = [dip_test(wide[replicate].to_numpy()) for replicate in wide]
        size, p = dip_test(wide.mean(axis=1).to_numpy())
        share = float(np.mean([one[1] < LUCK for one in tests]))
        settings = [float(levels[key].loc[point]) if key in levels else np.nan for key in LEVERS]
        values = wide.mean(axis=1)
        spans = [values.quantile(0.1), values.median(), values.quantile(0.9)]
        rows.append([origin.facts["experiment"], *settings, wide.std().mean(), *spans, share, size, p, wide.shape[1]])
    columns = ["config", *LEVERS, "spread", "p10", "median", "p90", "runs_not_of_one_group", "dip_of_means", "p_of_means", "runs"]
    return pd.DataFrame(rows, columns=columns)


def _drawn_systems(folder: Path, origin: Source, spread: pd.DataFrame) -> Drawn:
    means = _systems(folder).groupby(["point", "system"], sort=False)[MAIN].mean().reset_index()
    rows, labels = [], {}
    for key, words in LEVERS.items():
        design = dose.settings(origin, origin.factor(key))[key].sort_values()
        labels[words] = f"{words} ({origin.factor(key).unit})"
        wide = means[means["point"].isin(design.index)].pivot(index="point", columns="system", values=MAIN).loc[design.index]
        for system in wide:
            rows += [[words, "", x, value, np.nan, np.nan] for x, value in zip(design, wide[system], strict=True)]
        middle = wide.quantile([0.1, 0.5, 0.9], axis=1)
        rows += [[words, "Median", x, *middle[point].loc[[0.5, 0.1, 0.9]]] for point, x in design.items()]
    table = pd.DataFrame(rows, columns=["panel", "line", "x", "mean", "low", "high"])
    share = _share_split(spread)
    return series(
        table,
        origin.facts,
        "Systems stay one group at every dose" if share.low <= LUCK else "At some doses systems fall into more than one group",
        origin.measure(MAIN),
        labels,
        source.what_was_run(origin, 1),
        "Dash: one system, mean over runs of the last year. Line and band: median, 10th and 90th percentile over systems. Two clouds of "
        "dashes would be two groups.",
    )


def _share_split(spread: pd.DataFrame) -> Interval:
    """Share of runs whose systems are not of one group by the dip test, over design points."""
    return interval(spread["runs_not_of_one_group"].to_numpy())


# ---- words -------------------------------------------------------------------------------------------------------------------


def _answer(shapes: pd.DataFrame, spread: pd.DataFrame) -> str:
    mine = shapes[shapes["outcome"] == MAIN]
    said = [f"{row['lever'].lower()} {_judged(row)} ({_points(row)} points)" for _, row in mine.iterrows()]
    steep = [f"{row['outcome'].replace('_', ' ')} to {row['lever'].lower()}" for _, row in shapes.iterrows() if _judged(row) == "abrupt"]
    sharp = f"; abrupt is only the response of {', and of '.join(steep)}" if steep else ""
    share = _share_split(spread)
    split = "and systems do not split into two groups" if share.low <= LUCK else "and at some doses systems split into groups"
    return (
        f"Change in collaboration over each lever's whole range: {', '.join(said)}{sharp}; {split} "
        f"(dip test below {LUCK:.0%} in {share.mean:.1%} of runs; by luck at most {LUCK:.0%})."
    )


def _points(row: pd.Series) -> str:
    return style.number(100 * row["effect"], 0, sign=True)


def _findings(shapes: pd.DataFrame, tipping: pd.DataFrame, spread: pd.DataFrame) -> list[str]:
    lines = []
    for _, row in shapes.iterrows():
        part = f"{row['half_width']:.0%} of the range ({row['half_low']:.0%} to {row['half_high']:.0%}; a straight line takes 50%)"
        half = f"half of the change takes {part}"
        peak = row["peak_low"] > 0 and row["from"] < row["peak_at"] < row["to"]
        turn = f"; highest at {row['peak_at']:.3g}, {100 * row['peak_gain']:+.1f} points above the better end" if peak else ""
        turn += f" ({100 * row['peak_low']:+.1f} to {100 * row['peak_high']:+.1f}, the level picked after the fact)" if peak else ""
        judged = f"; {_judged(row)}"
        lines.append(
            f"{row['lever']} {row['from']:g} to {row['to']:g}, {telling.words(row['outcome'])}: {told(row, 100.0, digits=2)}; "
            f"{half}{judged}{turn}."
        )
    for (lever, other), part in tipping.groupby(["lever", "other"], sort=False):
        low, high, level = part["lowest"].min(), part["highest"].max(), part["level"].iloc[0]
        known = part.dropna(subset="other_at_tipping")
        where = (
            f"crosses {level:.0%} where {lever.lower()} is {known['at'].min():.2f} or more" if len(known) else f"never crosses {level:.0%}"
        )
        more = (
            [f"{other.lower()} {row.other_at_tipping:.2f} at {row.at:.2f}" for row in known.iloc[[0, -1]].itertuples()]
            if len(known)
            else []
        )
        said = f", from {' to '.join(more)}" if more else ""
        lines.append(f"{lever} and {other.lower()}: collaboration {low:.0%} to {high:.0%}; it {where}{said}.")
    for config, part in spread.groupby("config", sort=False):
        share, means = _share_split(part), (part["p_of_means"] < LUCK).sum()
        lines.append(
            f"{config}: standard deviation over systems {part['spread'].min():.1%} to {part['spread'].max():.1%}; dip test below "
            f"{LUCK:.0%} in {share.mean:.1%} of runs ({share.low:.1%} to {share.high:.1%} over {share.runs} design points); of systems' "
            f"means over {part['runs'].max()} runs at {means} of {len(part)} points."
        )
    return lines


STUDY = Study(
    key="e03",
    title="Dose and phase",
    question="Is the response of collaboration to each lever abrupt or gradual, where does it tip when two meet, and do systems split?",
    configs=(DOSES, *GRIDS),
    read=read,
    quick=("replicates=2", "quarters=12"),
    quick_of={
        DOSES: (
            "design.over.levers.finance_share={from: 0.2, to: 0.95, steps: 5}",
            "design.over.levers.bypass_rate={from: 0.0, to: 0.8, steps: 5}",
            "design.over.levers.fence_share={from: 0.0, to: 0.3, steps: 5}",
        ),
        **{name: ("design.steps=3",) for name in GRIDS},
    },
)
