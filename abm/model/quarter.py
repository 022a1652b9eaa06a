"""THE QUARTER: the ordered tuple of phases. The order is set here and nowhere else.

`run_quarters` runs whole quarters in one compiled call by walking this tuple; the docs and the tests read it too.
"""

from __future__ import annotations

import warnings

import numba
from numba import literal_unroll

from abm.compiled import compiled
from abm.model.phases.close import close
from abm.model.phases.convene import convene
from abm.model.phases.decide import decide
from abm.model.phases.deliver import deliver
from abm.model.phases.exchange import exchange
from abm.model.phases.invest import invest
from abm.model.phases.learn import learn
from abm.model.phases.observe import observe
from abm.model.phases.review import review
from abm.model.phases.settle import settle
from abm.model.phases.turn_over import turn_over

PHASES = (
    settle,  # money, mandates and terms arrive
    deliver,  # need arrives, care is given, costs fall
    review,  # regions review; some deal with providers over the ICB's head
    convene,  # somebody brings partners together
    decide,  # each organisation chooses an act on each tie
    exchange,  # the acts take effect in money and care
    invest,  # community and prevention money is spent, deferred or raided
    learn,  # trust, beliefs, authority and motivation update
    turn_over,  # leaders leave; reorganisation may strike
    close,  # forecasts; at year end support, councils, plans
    observe,  # tallies for outcomes; once a year the survey
)
PHASE_NAMES = tuple(phase.__name__ for phase in PHASES)

# Numba calls a tuple of functions "experimental"; a test holds it equal, to the bit, to calling the phases one by one.
warnings.filterwarnings("ignore", category=numba.core.errors.NumbaExperimentalFeatureWarning)


@compiled
def run_quarters(state, quarters):
    """Run `quarters` quarters on `state`, phase after phase in the order of PHASES."""
    for _ in range(quarters):
        for phase in literal_unroll(PHASES):
            phase(state)
