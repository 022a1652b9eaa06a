"""View: a matrix says in each cell what its table says, and what cannot be read is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.experiment.store import ResultsError
from abm.view.charts.matrix import matrix, shade, told

NAN = float("nan")


def cells(rows: int = 3, columns: int = 2) -> pd.DataFrame:
    found = [
        [f"row {r}", panel, f"column {c}", value, r != 1]
        for r in range(rows)
        for panel in ("One", "Two")
        for c, value in zip(range(columns), (0.125 + r, NAN), strict=False)
    ]
    return pd.DataFrame(found, columns=["row", "panel", "column", "value", "clear"])


def texts(drawn) -> list[str]:
    return [text.get_text() for text in drawn.figure.texts]


def test_every_cell_tells_its_number() -> None:
    drawn = matrix(cells(), {}, "Title", groups={"row 2": "The last"}, whole={("One", "column 0"): "−27.9"})
    said = texts(drawn)
    assert said.count("12") == said.count("(112)") == said.count("212") == 2  # one a panel; brackets where it is not clear
    assert said.count("·") == 6
    assert {"One", "Two", "The last", "row 0", "−27.9", "turned round"} <= set(said)
    assert "row 0 12, row 1 112" in drawn.alt
    boxes = [(axes, patch) for axes in drawn.figure.axes for patch in axes.patches if patch.get_gid() == "cell"]
    assert len(boxes) == 12
    assert all(0 <= box.get_x() <= axes.get_xlim()[1] - 1 and 0 <= box.get_y() <= axes.get_ylim()[0] - 1 for axes, box in boxes)


def test_what_is_drawn_stays_apart() -> None:
    drawn = matrix(cells(20), {}, "A title", "a subtitle", "a note")
    renderer = drawn.figure.canvas.get_renderer()
    shown = [(text.get_text(), text.get_window_extent(renderer)) for text in drawn.figure.texts if text.get_text()]
    above = [(said, place) for said, place in shown if place.y0 > 0.7 * drawn.figure.dpi]  # of the foot, whose lines are set close
    for i, (said, one) in enumerate(above):
        assert one.x0 >= 0 and one.x1 <= drawn.figure.bbox.width
        assert not [other for other, place in above[i + 1 :] if one.overlaps(place)], said


def test_colours_and_numbers_of_shares() -> None:
    assert shade(NAN) == shade(0.0) == (1, 1, 1, 1)
    assert shade(5.0) == shade(2.0)
    brightness = [np.mean(shade(value)[:3]) for value in (0.0, 0.5, 1.0, 2.0)]
    assert brightness == sorted(brightness, reverse=True)
    assert shade(-1.0)[2] < shade(-0.3)[2] < 1  # turned round: towards amber
    assert [told(value) for value in (0.0, 0.624, -0.08, 1.5, 12.0, -12.0, NAN)] == ["0", "62", "−8", "150", ">999", "<−999", "·"]


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(ResultsError, match="no cells"):
        matrix(cells(0), {}, "t")
    with pytest.raises(ResultsError, match="no column value"):
        matrix(cells().drop(columns="value"), {}, "t")
    with pytest.raises(ResultsError, match="at most 30 and 18"):
        matrix(cells(31), {}, "t")
