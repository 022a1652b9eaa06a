"""Charts of results: curves, distributions, slopes, dose and response, phase maps, ramps, forests; each gives a figure and its words."""
