"""View: a map of signs says in each cell what the interval says, by shape and by colour, and can be read."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from abm.experiment.store import ResultsError
from abm.view.charts.signs import MINUS, PLUS, UNCLEAR, Axis, sign, signs
from tests.view.readable import assert_readable
from tests.view.test_curves import artists

FACTS = {"experiment": "try", "seed": 1}
AXES = Axis("Fenced share"), Axis("Real growth of allocations", "% a year")


def effects(of: dict[tuple[float, float], tuple[float, float, float]], row: str = "A fence", outcome: str = "trust") -> pd.DataFrame:
    rows = [
        {"row": row, "outcome": outcome, "x": x, "y": y} | dict(zip(("difference", "low", "high"), v, strict=True))
        for (x, y), v in of.items()
    ]
    return pd.DataFrame(rows)


GIVEN = effects(
    {
        (0.1, 1): (0.02, 0.01, 0.03),
        (0.1, 2): (-0.02, -0.03, -0.01),
        (0.2, 1): (0.0, -0.01, 0.01),
        (0.2, 2): (0.5, float("nan"), float("nan")),
    }
)


@pytest.mark.parametrize(
    ("low", "high", "told"), [(0.1, 0.2, 1), (-0.2, -0.1, -1), (-0.1, 0.1, 0), (0.0, 0.1, 0), (float("nan"), float("nan"), 0)]
)
def test_a_sign_is_clear_when_the_interval_leaves_out_zero(low: float, high: float, told: int) -> None:
    assert sign(low, high) == told


def test_each_cell_has_the_mark_of_its_interval() -> None:
    drawn = signs(GIVEN, FACTS, "A title", *AXES)
    marks = {name: found[0] for name, found in artists(drawn.figure, "sign:").items()}
    assert set(marks) == {"0:0:1", "0:1:-1", "1:0:0", "1:1:0"}
    for name, look in (("0:0:1", PLUS), ("0:1:-1", MINUS), ("1:0:0", UNCLEAR)):
        assert (marks[name].get_marker(), marks[name].get_markerfacecolor()) == (look.marker, look.colour)
    assert len({look.marker for look in (PLUS, MINUS, UNCLEAR)}) == len({look.colour for look in (PLUS, MINUS, UNCLEAR)}) == 3


def test_the_words_count_the_cells() -> None:
    assert "more in 1, less in 1, not clear in 2 of 4 cells" in signs(GIVEN, FACTS, "A title", *AXES).alt


@pytest.mark.parametrize(("across", "up"), [(6, 4), (2, 2), (3, 12), (12, 1)])
def test_every_text_of_a_map_can_be_read(across: int, up: int) -> None:
    cells = {(x / 100, y / 10): (0.01 * x - 0.02, 0.01 * x - 0.03, 0.01 * x - 0.01) for x, y in itertools.product(range(across), range(up))}
    every = [
        effects(cells, row, outcome)
        for row in ("As it is", "Protective", "Harmful")
        for outcome in ("trust", "unmet_need", "deficit_share")
    ]
    drawn = signs(
        pd.concat(every),
        FACTS,
        "What a fence does depends on the money there is and on what kind of fence it is",
        *AXES,
        "Of what",
        "How to read it",
    )
    assert_readable(drawn.figure)


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(ResultsError, match="no effects"):
        signs(GIVEN.iloc[:0], FACTS, "A title", *AXES)
    with pytest.raises(ResultsError, match="no column low"):
        signs(GIVEN.drop(columns="low"), FACTS, "A title", *AXES)
    with pytest.raises(ResultsError, match="can be read"):
        signs(pd.concat([GIVEN.assign(row=str(i)) for i in range(5)]), FACTS, "A title", *AXES)
