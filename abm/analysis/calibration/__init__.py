"""Calibration: from declared ranges to an ensemble of parameter sets that meet what was observed.

`prior` the ranges, `sweeps` runs of generated configs, `history` ruling out by waves of emulators, `abc` approximate Bayesian
computation on what is left, `recovery` the same on synthetic truths, `course` the order of it all, `tables` what is reported.
"""
