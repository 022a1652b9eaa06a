"""What is declared, and which layer of an experiment has the last word on it."""

from __future__ import annotations

from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS

PRECEDENCE = "declared default < system < experiment < scenario < design < command line"  # later wins; a setting is replaced whole
DECLARED = {"levers": LEVERS, "parameters": PARAMETERS}
