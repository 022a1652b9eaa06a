"""Networks: who works with whom, and how; at one moment, through time, in one scenario against another, and as a film."""

from abm.view.network.figures import Run, difference_figure, draw_network, network_figure, small_multiples

__all__ = ["Run", "difference_figure", "draw_network", "network_figure", "small_multiples"]
