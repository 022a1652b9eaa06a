"""From stored results to findings: effects, thresholds, sensitivity, calibration; it never steps a model."""
