"""Cascades: how a difference between two worlds spreads through acts, and why one act differs; as figures."""

from abm.view.cascade.figures import cascade_figure, write, write_why
from abm.view.cascade.why import why_figure

__all__ = ["cascade_figure", "why_figure", "write", "write_why"]
