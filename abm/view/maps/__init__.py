"""Maps: a value of each system on the outlines of England's ICBs, or as hexagons."""

from abm.view.maps.figures import draw_map, map_figure, outcome_map

__all__ = ["draw_map", "map_figure", "outcome_map"]
