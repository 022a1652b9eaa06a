"""Who moved whom: two worlds that differ in levers, and how the difference spreads through acts."""

from abm.analysis.trace.tracing import Trace, trace, trace_folders, trace_models

__all__ = ["Trace", "trace", "trace_folders", "trace_models"]
