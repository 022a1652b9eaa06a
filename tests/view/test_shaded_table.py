"""View: a matrix writes every number it is given, and refuses what cannot be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.experiment.store import ResultsError
from abm.view.charts.shaded_table import shaded_table


def test_every_number_and_name_is_there():
    values = pd.DataFrame([[-30.04, 0.26], [0.0, 4.5]], index=["North", "South"], columns=["in the North", "in the South"])
    drawn = shaded_table(values, {}, "What stays", rows="Treated", columns="Seen, in points", unclear=values.abs() < 1)
    texts = [text.get_text() for text in drawn.figure.axes[0].texts]
    assert texts == ["−30.0", "+0.3", "0.0", "+4.5"]
    assert {text.get_text() for text in drawn.figure.texts} >= {"North", "South", "in the North", "in the South"}
    assert "North: in the North −30.0, in the South +0.3" in drawn.alt
    shades = [sum(patch.get_facecolor()[:3]) for patch in drawn.figure.axes[0].patches]
    assert shades[0] < shades[3] < shades[1] <= shades[2] == 3.0  # darker is larger


def test_what_cannot_be_read_is_refused():
    with pytest.raises(ResultsError, match="a matrix of 17 by 17"):
        shaded_table(pd.DataFrame(np.zeros((17, 17))), {}, "Too many")
    with pytest.raises(ResultsError, match="a matrix of 0 by 0"):
        shaded_table(pd.DataFrame(), {}, "Nothing")
