"""The first acts that differ, with the chance, the draw, what moved most and from whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from abm.analysis.trace import Trace
from abm.analysis.trace.why import phrase
from abm.view import lettering, style
from abm.view.cascade.page import PAGE, TINY, partial

TABLE_TOP, LINE = 2.86, 0.168  # inches: first base line of the table, height of a row
MOST_FIRST = 10  # rows
SHORT = {  # what moved most, in the few words that a column has room for
    "received": "partners' acts",
    "known_stress": "known shared stress",
    "felt_finance": "money in reviews",
    "motivation": "motivation",
    "stress": "own stress",
    "trust": "trust in it",
    "assurance": "convening",
    "unclear_role": "unclear role",
    "load": "management time",
    "horizon": "horizon",
    "own_shift": "what it could shift",
    "partner_shift": "what it could suffer",
    "gain": "share of gain",
    "worth": "worth of gain",
    "secured": "secured money",
    "learned": "learned pay-offs",
    "contentment": "contentment",
    "last_act": "last act",
    "stop": "section 114 notice",
}
SHORT_TERMS = {"belief": "belief", "motivation": "motivation", "stop": "section 114", "learned": "past pay-offs", "last_act": "last act"}
NOTE = "Chance of the joint act, which must exceed the draw; the term that moved the chance most, through which part of it, and from whom"


class Column(NamedTuple):
    """A column of the table: its heading, and its left and right edge in inches."""

    words: str
    left: float
    right: float


COLUMNS = (
    Column("quarter", 0.45, 1.14),
    Column("who", 1.14, 2.8),
    Column("towards whom", 2.8, 4.46),
    Column("act in A", 4.46, 5.61),
    Column("act in B", 5.61, 6.75),
    Column("chance A, B", 6.75, 7.6),
    Column("draw", 7.6, 8.03),
    Column("term", 8.03, 8.83),
    Column("through", 8.83, 10.55),
    Column("from", 10.55, 12.05),
    Column("steps", 12.08, 12.4),
)


def table_rows(found: Trace) -> list[tuple[str, pd.DataFrame]]:
    """The rows of the table in two groups, each with its heading.

    The first acts that differ, then the first where no lever differs; where a lever differs everywhere, then the first
    that somebody else's change moved. Where one group is short the other has its rows.
    """
    rows, half = found.cascade, MOST_FIRST // 2
    if partial(found):
        first, then = rows[rows["in_force"]], rows[~rows["in_force"]]
        words = ("The first acts that differ where the lever acts", "The first where no lever differs")
    else:
        first, then = rows[~(rows["step"] > 0).fillna(False)], rows[(rows["step"] > 0).fillna(False)]
        words = ("The first acts that differ", "The first that somebody else's change moved")
    taken = min(len(first), max(half, MOST_FIRST - len(then)))
    groups = zip(words, (first[:taken], then[: MOST_FIRST - taken]), strict=True)
    return [(said, group) for said, group in groups if len(group)]


def draw_table(figure: Figure, found: Trace) -> None:
    """Write the table at the foot of the page."""
    top = TABLE_TOP
    for place, (words, rows) in enumerate(table_rows(found)):
        _line(figure, PAGE.margin, top, words, style.NOTE + 0.5, f"group:{place}", "bold")
        if not place:
            after = PAGE.margin + lettering.width(words, style.NOTE + 0.5, "bold") + 0.12
            _line(figure, after, top, NOTE, style.NOTE - 0.5, "table:note", colour=style.MUTED)
            top -= LINE + 0.02
            for column in COLUMNS:
                _line(figure, column.left, top, column.words, TINY, f"column:{column.words}", colour=style.MUTED)
        for number, row in enumerate(rows.to_dict("records")):
            top -= LINE
            for column, text in zip(COLUMNS, _cells(row), strict=True):
                _line(figure, column.left, top, _cut(text, column.right - column.left - 0.07), TINY, f"row:{place}:{number}:{column.words}")
        top -= LINE + 0.09


def _line(figure: Figure, x: float, y: float, words: str, size: float, name: str, weight: str = "normal", colour: str = style.INK) -> None:
    """One line of text on a base line at `y` inches, so that the cells of a row stand level."""
    figure.text(x / PAGE.width, y / PAGE.height, words, size=size, weight=weight, color=colour, va="baseline", gid=name)


def _cut(text: str, room: float) -> str:
    """As much of the text as there is room for, and an ellipsis where that is not all."""
    if lettering.width(text, TINY) <= room:
        return text
    while len(text) > 1 and lettering.width(text + "…", TINY) > room:
        text = text[:-1].rstrip(" ,")
    return text + "…"


def _cells(row: dict) -> Sequence[str]:
    """The texts of a row of the table."""
    through = SHORT.get(row["input"], row["input"] or "nothing else")
    if not pd.isna(row["input_a"]):
        places = 2 if abs(row["input_b"] - row["input_a"]) >= 0.01 else 3
        through += f" {style.number(row['input_a'], places)} → {style.number(row['input_b'], places)}"
    places = 3 if abs(row["chance_b"] - row["chance_a"]) >= 0.01 else 4
    source = short_name(row["via_name"], row["via_kind"]) if row["via_name"] else f"the {row['via']}"
    return (
        f"{row['year']} Q{row['quarter'] % 4 + 1}",
        short_name(row["actor_name"], row["actor_kind"]),
        short_name(row["partner_name"], row["partner_kind"]),
        phrase(row["act_a"]),
        phrase(row["act_b"]),
        f"{row['chance_a']:.{places}f}, {row['chance_b']:.{places}f}",
        f"{row['draw']:.{places}f}",
        SHORT_TERMS.get(row["moved"], row["moved_words"]),
        through,
        source if row["via"] else "not known",
        "" if pd.isna(row["step"]) else str(row["step"]),
    )


def short_name(name: str, kind: str) -> str:
    """A name without the words that all of its kind bear, and with its kind where the name does not tell it."""
    for words in (" NHS Foundation Trust", " NHS Trust", " Integrated Care Board"):
        name = name.removesuffix(words)
    tail = {"icb": "ICB", "council": "council"}.get(kind, "")
    return name if not tail or tail.lower() in name.lower().split() else f"{name} {tail}"
