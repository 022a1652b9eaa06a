"""Parts of the blind predictions (abm.analysis.predictions)."""
