"""Figures of the claims register: verdicts by topic at a glance, and a forest plot a group of claims.

In a forest every effect is turned so that to the right is what the claim expects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from abm.analysis.claims.register import TOPICS, register
from abm.analysis.claims.verdict import ABSENT, CONTRADICTED, DEPENDS, SUPPORTED, UNCLEAR, VERDICTS
from abm.experiment.store import ResultsError
from abm.model.outcomes import OUTCOMES
from abm.view import frames, lettering, sheet, style
from abm.view.charts import forest
from abm.view.sheet import Box, Drawn, Sheet

LOOKS = {SUPPORTED: style.NAVY, CONTRADICTED: style.PLUM, DEPENDS: style.AMBER, UNCLEAR: style.GREY, ABSENT: style.RULE}
DARK = (SUPPORTED, CONTRADICTED)  # white letters on these
AXIS = "Effect in the direction that the claim expects"
NOTE = (
    "Right of zero: as the claim expects. Dot, mean over the ensemble; line, 95 % interval over members and replicates; filled if clear. "
    "Points are hundredths: of a share, a score or a rank correlation."
)
NAMES, ROOM = 4.1, 0.42  # inches: names of topics; a bar and its gap


def glance(claims: pd.DataFrame, facts: Mapping[str, Any]) -> Drawn:
    """A bar a topic: how many of its core causal claims have each verdict."""
    core = claims[(claims["kind"] == "causal") & (claims["scope"] == "core")]
    counts = core.groupby(["topic", "verdict"]).size().unstack(fill_value=0).reindex(list(TOPICS), fill_value=0)
    counts = counts.reindex(columns=list(VERDICTS), fill_value=0)
    counts = counts[counts.sum(axis=1) > 0]
    total = counts.sum()
    title = (
        f"Of {len(core)} core claims {total[SUPPORTED]} hold in the model, {total[CONTRADICTED]} are contradicted, {total[DEPENDS]} depend"
    )
    note = "Verdicts by rule, from effects over an ensemble of parameter sets that fit the targets; numbers are claims."
    with style.applied():
        page = Sheet(style.WIDTH, 2.6 + ROOM * len(counts), 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, note, ""), sheet.footer(figure, page, facts)
        top = _key(figure, page, top, total)
        _bars(figure, Box(page.margin + NAMES, bottom + 0.15, page.width - page.margin, top), counts)
    told = [
        f"{TOPICS[str(topic)]}: " + ", ".join(f"{row[name]} {name}" for name in VERDICTS if row[name]) for topic, row in counts.iterrows()
    ]
    return Drawn(figure, title, note, ". ".join(told) + ".")


def _key(figure: Figure, page: Sheet, top: float, total: pd.Series) -> float:
    x, size = page.margin, style.LABEL
    for verdict in VERDICTS:
        words = f"{verdict} ({total[verdict]})"
        figure.add_artist(_patch(figure, x, top - 0.17, 0.15, 0.13, LOOKS[verdict]))
        sheet.write(figure, x + 0.21, top, [words], size, name=f"key:{verdict}")
        x += lettering.width(words, size) + 0.5
    return top - 0.34


def _patch(figure: Figure, x: float, y: float, wide: float, high: float, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    across, up = figure.get_size_inches()
    return Rectangle((x / across, y / up), wide / across, high / up, facecolor=colour, edgecolor=style.MUTED, linewidth=0.5)


def _bars(figure: Figure, box: Box, counts: pd.DataFrame) -> None:
    drawn = sheet.axes(figure, box, name="panel:claims")
    drawn.set_ylim(len(counts) - 0.5, -0.5)
    drawn.set_xlim(0, counts.sum(axis=1).max())
    drawn.set_yticks([])
    drawn.set_xticks([])
    drawn.spines["bottom"].set_visible(False)
    wide, high = figure.get_size_inches()
    for y, (topic, row) in enumerate(counts.iterrows()):
        left = 0
        for verdict in VERDICTS:
            number = int(row[verdict])
            if not number:
                continue
            drawn.barh(y, number, left=left, height=0.72, color=LOOKS[verdict], edgecolor=style.PAPER, linewidth=1.0)
            colour = style.PAPER if verdict in DARK else style.INK
            drawn.text(
                left + number / 2, y, str(number), ha="center", va="center", size=style.LABEL, color=colour, gid=f"count:{topic}:{verdict}"
            )
            left += number
        middle = box.top - (y + 0.5) / len(counts) * box.height
        words = lettering.wrapped(TOPICS[str(topic)], NAMES - 0.2, style.LABEL, most=1)[0]
        figure.text((box.left - 0.12) / wide, middle / high, words, size=style.LABEL, ha="right", va="center", gid=f"label:{topic}")


def of_topic(parts: pd.DataFrame, topic: str, facts: Mapping[str, Any]) -> Drawn:
    """The forest of one topic's core claims, verdict by verdict. Raises `ResultsError` for a topic without contrasts."""
    claims = register()
    rows = parts[[claims[key].topic == topic and claims[key].core for key in parts["claim"]]]
    if rows.empty:
        raise ResultsError(f"no contrasts on {topic}")
    counts = rows["verdict"].value_counts()
    told = ", ".join(f"{counts[name]} {'depend' if name == DEPENDS else name}" for name in VERDICTS if name in counts)
    return effects(rows, facts, f"{TOPICS[topic]}: of {len(rows)} contrasts {told}")


def effects(parts: pd.DataFrame, facts: Mapping[str, Any], title: str) -> Drawn:
    """A forest of some parts, as many as can be read, in groups by verdict, larger effects first."""
    rows = parts.copy()
    flip = rows["expected"].map({"+": 1.0, "-": -1.0})
    ends = rows[["low", "high"]].mul(flip, axis=0)
    rows["difference"], rows["low"], rows["high"] = 100 * rows["effect"] * flip, 100 * ends.min(axis=1), 100 * ends.max(axis=1)
    rows = rows.dropna(subset=["difference"])
    place = rows["verdict"].map({name: i for i, name in enumerate(VERDICTS)})
    rows = rows.assign(place=place, size=-rows["difference"].abs()).sort_values(["place", "size"], kind="stable").head(forest.MOST_ROWS)
    rows["row"] = labels(rows)
    rows["outcome"] = AXIS
    members = f"{int(rows['members'].max())} members of the ensemble x {int(rows['replicates'].max())} replicates, common random numbers"
    groups = {row: verdict.capitalize() for row, verdict in zip(rows["row"], rows["verdict"], strict=True)}
    return forest.forest(rows, facts, title, members, NOTE, groups=groups, units={AXIS: "points"})


def labels(rows: pd.DataFrame) -> list[str]:
    """A short name for each part, all different: 'C001 Collaborative share, ICBs'."""
    made: list[str] = []
    for row in rows.itertuples():
        unit = OUTCOMES[row.outcome].unit if row.outcome in OUTCOMES else ""
        words = frames.measure(row.outcome, unit).words
        name = f"{row.claim} {words}{_of(row.contrast)}"
        longer = f"{name}: {_plain(row.contrast)}"
        name = longer if _plain(row.contrast) and lettering.width(longer, style.NOTE) < forest.LABELS - 0.1 else name
        count = sum(each == name or each.startswith(f"{name} (") for each in made)
        made.append(name if not count else f"{name} ({count + 1})")
    return made


def _of(contrast: str) -> str:
    kinds = {kind for kind in re.findall(r"\[(icb|provider|council)", contrast)}
    said = {"icb": "ICBs", "provider": "providers", "council": "councils"}
    told = f", {said[next(iter(kinds))]}" if len(kinds) == 1 else ""
    if contrast.startswith(("lead", "trait")):
        return f"{told}, between systems"
    if contrast.startswith("spread"):
        return f"{told}, spread"
    if len(kinds) > 1:
        return f", {' − '.join(said[kind] for kind in re.findall(r'(icb|provider|council)', contrast))}"
    return f"{told}, interaction" if contrast.count("(") >= 2 else told


def _plain(contrast: str) -> str:
    """'squeeze − base', where the contrast is as plain as that; '' elsewhere."""
    text = re.sub(r"\[[^\]]*\]", "", contrast)
    sides = text.split(" - ")
    if re.search(r"[():*]", text) or len(set(sides)) != 2:
        return ""
    return " − ".join(sides).replace("_", " ")


def sentences(parts: pd.DataFrame, verdict: str, most: int = 8) -> Sequence[str]:
    """The parts with a verdict in words, largest effects first."""
    rows = parts[parts["verdict"] == verdict]
    rows = rows.iloc[(-rows["effect"].abs()).argsort(kind="stable")].head(most)
    return [f"{row.claim} ({register()[row.claim].claim}): {told(row)}." for row in rows.itertuples()]


def told(row: Any) -> str:
    """'collaborative_share, squeeze - base: -9.6 points (95 % interval -12.0 to -7.6), as claimed in 0 % of 5 members'."""
    span = f" (95 % interval {100 * row.low:+.2f} to {100 * row.high:+.2f})" if pd.notna(row.low) else ""
    return f"{row.outcome}, {row.contrast}: {100 * row.effect:+.2f} points{span}, as claimed in {row.share:.0%} of {row.members} members"
