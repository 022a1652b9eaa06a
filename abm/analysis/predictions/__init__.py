"""Blind predictions from the posterior ensemble, written and stamped before anybody looks at what happened."""

from abm.analysis.predictions.predicting import PREDICTED, Predictions, changed, predict, read

__all__ = ["PREDICTED", "Predictions", "changed", "predict", "read"]
