"""Cascades: how a difference between two worlds spreads through acts, and why one act differs; as figures."""

from abm.view.cascade.figures import (
    cascade_figure,
    short_name,
    strip_rows,
    table_rows,
    title_of,
    why_figure,
    write,
    write_trace,
    write_trace_folders,
    write_why,
)

__all__ = [
    "cascade_figure",
    "short_name",
    "strip_rows",
    "table_rows",
    "title_of",
    "why_figure",
    "write",
    "write_trace",
    "write_trace_folders",
    "write_why",
]
