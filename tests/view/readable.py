"""Whether what a figure says can be read: no text over another, none beyond the page."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

ACROSS, UP = 2, 3  # pixels by which boxes may meet: letters do not fill theirs


def boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that is seen, with its box in pixels: of the page, of axes, names of axes, and ticks within their view."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    figure.draw_without_rendering()
    renderer = canvas.get_renderer()
    texts: list[Text] = list(figure.texts)
    for axes in figure.axes:
        frame = axes.get_window_extent(renderer)
        for text in axes.texts:
            box = text.get_window_extent(renderer)
            if not text.get_clip_on() or frame.contains(box.x0, box.y0):  # what the frame cuts off is not drawn
                texts.append(text)
        if not axes.axison:
            continue
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            texts += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
            texts.append(axis.label)
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_visible() and text.get_text().strip()]


def assert_readable(figure: Figure) -> None:
    """No text over another, none beyond the page."""
    found = boxes(figure)
    wide, high = figure.canvas.get_width_height()
    for i, (name, box) in enumerate(found):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= wide and box.y1 <= high, f"{name!r} leaves the page"
        for other, there in found[i + 1 :]:
            across = min(box.x1, there.x1) - max(box.x0, there.x0)
            up = min(box.y1, there.y1) - max(box.y0, there.y0)
            assert across <= ACROSS or up <= UP, f"{name!r} meets {other!r}"
