"""What crosses a border: how much joint work is lost inside the area where levers differ, on ties across its border, and beyond.

Inside: the actor is at home where a lever differs, and the tie's terms are set there. Border: one of the two, so that an
organisation that is treated meets one that is not. Beyond: neither; whatever differs there was passed on by somebody else.

>>> import abm
>>> from abm.analysis.trace import trace_models
>>> levers = {"finance_share": {"systems": {"I1": 0.95}}, "oversight_intensity": {"systems": {"I1": 0.9}}}
>>> found = trace_models(abm.ICSModel(abm.tiny(), seed=7), abm.ICSModel(abm.tiny(), levers, seed=7), quarters=8)
>>> crossing(found)["where"].unique().tolist()
['inside', 'border', 'beyond']
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from abm.analysis.trace import Trace
from abm.model.network import World

WHERE = ("inside", "border", "beyond")


def crossing(found: Trace) -> pd.DataFrame:
    """A row a quarter and place: quarter, where, acts, differ, stake_k (of all acts there), lost_k (net, of joint acts, A less B).

    Over the three places `lost_k` adds up to what the stakes of joint acts in A exceed those in B by.
    """
    twins = found.twins
    actor, terms = twins.treated()[:, twins.ties.source], twins.treated_systems()[:, twins.ties.system]
    flags = {"inside": actor & terms, "border": actor ^ terms, "beyond": ~(actor | terms)}
    differs = twins.acts[0] != twins.acts[1]
    lost = (twins.joint[0].astype(float) - twins.joint[1]) * twins.ties.stake
    rows = []
    for row in range(twins.quarters):
        for where, flag in flags.items():
            here = flag[row]
            sums = (int(here.sum()), int(differs[row, here].sum()), float(twins.ties.stake[here].sum()), float(lost[row, here].sum()))
            rows.append((twins.start + row, where, *sums))
    return pd.DataFrame(rows, columns=["quarter", "where", "acts", "differ", "stake_k", "lost_k"])


def exposure(world: World, regions: Sequence[str] | None = None) -> pd.DataFrame:
    """How much of each system's business touches another region: system, region, share (of the flows of its partnerships).

    A partnership belongs to the home system of its first end, and touches a region where one of its ends is at home there.
    """
    home = world.organisations().set_index("code")
    pairs = world.partnerships[world.partnerships["kind"] != "oversight"]
    ends = [pairs[end].map(home["region"]) for end in ("a", "b")]
    system = pairs["a"].map(home["system"])
    whole = pairs["flow_k"].groupby(system).sum()
    rows = []
    for region in regions or world.regions["code"]:
        touched = pairs["flow_k"].where((ends[0] == region) | (ends[1] == region), 0.0).groupby(system).sum()
        rows.append(pd.DataFrame({"system": whole.index, "region": region, "share": np.asarray(touched / whole)}))
    return pd.concat(rows, ignore_index=True)
