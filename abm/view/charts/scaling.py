"""How the cost of a run grows with the size of the world: a figure of `abm bench --figure`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from abm.view.style import GREY, NAVY


def figure(rows: pd.DataFrame) -> Figure:
    """Seconds a quarter by organisations, on logarithmic axes, beside the line of exact proportion through the first row."""
    picture = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.add_subplot()
    cost = rows["us_per_organisation_quarter"] * rows["organisations"] / 1000
    proportional = cost.iloc[0] * rows["organisations"] / rows["organisations"].iloc[0]
    axes.loglog(rows["organisations"], proportional, color=GREY, linestyle="--", label="in exact proportion")
    axes.loglog(rows["organisations"], cost, color=NAVY, marker="o", label="measured")
    for organisations, times, here in zip(rows["organisations"], rows["times_england"], cost, strict=True):
        axes.annotate(f"England x {times:g}", (organisations, here), textcoords="offset points", xytext=(-6, 9), ha="right", fontsize=9)
    axes.set_xlim(right=rows["organisations"].max() * 1.6, left=rows["organisations"].min() / 4)
    axes.set_ylim(cost.min() / 2, cost.max() * 2)
    axes.set_xlabel("organisations (synthetic Englands)")
    axes.set_ylabel("milliseconds a quarter")
    axes.set_title("Cost of a quarter by size of the world, one process", loc="left", fontsize=13)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="lower right")
    return picture


def draw(rows: pd.DataFrame, path: Path) -> None:
    """Write the figure to `path` (PNG)."""
    figure(rows).savefig(path, dpi=150)
