"""View: a PNG made lighter looks the same and still says where it comes from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from abm.view import saving
from abm.view.charts.matrix import matrix
from tests.view.test_matrix import cells


def test_a_lighter_figure_is_the_same_figure(tmp_path: Path) -> None:
    drawn = matrix(cells(12), {"experiment": "it"}, "A finding")
    path = tmp_path / "figure.png"
    saving.save(drawn.figure, path, {"experiment": "it", "seed": 7}, drawn.title, drawn.alt)
    with Image.open(path) as image:
        told, before = image.info, np.asarray(image.convert("RGB"), dtype=int)
    size = path.stat().st_size
    saving.lighten(path)
    with Image.open(path) as image:
        assert {key: value for key, value in image.info.items() if key != "dpi"} == {k: v for k, v in told.items() if k != "dpi"}
        after = np.asarray(image.convert("RGB"), dtype=int)
    assert path.stat().st_size < 0.5 * size
    assert before.shape == after.shape
    assert np.abs(before - after).mean() < 0.5 and np.quantile(np.abs(before - after), 0.999) < 24  # of 255
    content = path.read_bytes()
    saving.save(drawn.figure, path, {"experiment": "it", "seed": 7}, drawn.title, drawn.alt)
    saving.lighten(path)
    assert path.read_bytes() == content
