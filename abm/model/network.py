"""Who is tied to whom. A `World` is the structure that a model is built on; node id = organisation id, everywhere.

A world holds tables only: who exists, where they belong, the money of the starting year, and which pairs work
together. It knows nothing of levers, parameters or time. `abm.england` makes worlds: the real one, synthetic ones
and a tiny one. All money is in thousands of pounds a year, in the prices of the first year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

ORGANISATION_KINDS = ("region", "icb", "provider", "council")
PROVIDER_KINDS = ("acute", "mental_health", "community", "ambulance", "specialist", "mixed")
TIE_KINDS = ("commissioning", "pooling", "discharge", "collaborative", "oversight")
PARTNER_KINDS = TIE_KINDS[:4]  # the kinds on which organisations choose an act; oversight runs through reviews
COMMISSIONING, POOLING, DISCHARGE, COLLABORATIVE, OVERSIGHT = range(len(TIE_KINDS))
REGION, ICB, PROVIDER, COUNCIL = range(len(ORGANISATION_KINDS))
TIE_ENDS = {
    "commissioning": (("icb",), ("provider",)),
    "pooling": (("icb",), ("council",)),
    "discharge": (("provider",), ("council",)),
    "collaborative": (("provider",), ("provider",)),
    "oversight": (("region",), ("icb", "provider")),
}

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "regions": {
        "code": "organisation id",
        "name": "name",
        "longitude": "degrees east, WGS84 (may be missing)",
        "latitude": "degrees north, WGS84 (may be missing)",
    },
    "icbs": {
        "code": "organisation id; also the id of the system",
        "name": "name",
        "region": "code of the region",
        "population": "residents",
        "need_index": "need per head relative to England = 1",
        "deprivation": "Index of Multiple Deprivation, average score",
        "distance_from_target": "(allocation - target) / target, a fraction",
        "allocation_k": "GBP k a year: programme allocation (core and primary medical)",
        "running_cost_k": "GBP k a year: running-cost allocation before any cut",
        "community_k": "GBP k a year within the allocation: discretionary community and neighbourhood programmes",
        "prevention_k": "GBP k a year within the allocation: discretionary prevention programmes",
        "longitude": "degrees east, WGS84 (may be missing)",
        "latitude": "degrees north, WGS84 (may be missing)",
    },
    "providers": {
        "code": "organisation id",
        "name": "name",
        "sector": "one of PROVIDER_KINDS",
        "system": "code of the home ICB",
        "region": "code of the region",
        "income_k": "GBP k a year: all income in the first year (equals contracts plus direct income)",
        "direct_k": "GBP k a year of it that does not come from ICBs (specialised commissioning, education, other)",
        "beds": "beds available; 0 where the provider has none",
        "longitude": "degrees east, WGS84 (may be missing)",
        "latitude": "degrees north, WGS84 (may be missing)",
    },
    "councils": {
        "code": "organisation id",
        "name": "name",
        "system": "code of the ICB with most of its residents",
        "region": "code of the region",
        "population": "residents",
        "deprivation": "Index of Multiple Deprivation, average score",
        "social_care_k": "GBP k a year: net adult social care spend",
        "public_health_k": "GBP k a year: public health grant spend",
        "longitude": "degrees east, WGS84 (may be missing)",
        "latitude": "degrees north, WGS84 (may be missing)",
    },
    "partnerships": {
        "kind": "one of TIE_KINDS",
        "a": "organisation id of the first end (see TIE_ENDS)",
        "b": "organisation id of the second end",
        "flow_k": "GBP k a year of business between the two (0 for oversight)",
        "share_a": "this partnership's share of a's business of this kind, 0 to 1",
        "share_b": "this partnership's share of b's business of this kind, 0 to 1",
    },
}


@dataclass(frozen=True)
class World:
    """The structure a model is built on: five tables with the columns of `COLUMNS`, one row an organisation or pair.

    `draw_names` may give an organisation another name to draw its luck by (used to show that relabelling changes
    nothing); by default an organisation draws by its own code. Of a pooled flow the ICB pays `nhs_share_of_pool`, the
    council the rest out of its own budget. `redrawn`: the same world with other ICBs, from some quarter on.
    """

    name: str
    regions: pd.DataFrame
    icbs: pd.DataFrame
    providers: pd.DataFrame
    councils: pd.DataFrame
    partnerships: pd.DataFrame
    first_year: str = "2024/25"
    nhs_share_of_pool: float = 1.0
    draw_names: Mapping[str, str] = field(default_factory=dict)
    redrawn: Redrawn | None = None

    def later_systems(self) -> list[str]:
        """Codes of systems that stand at some later time of a run, and not from the start."""
        return [] if self.redrawn is None else [*self.redrawn.world.icbs["code"], *self.redrawn.world.later_systems()]

    def organisations(self) -> pd.DataFrame:
        """Columns `code`, `name`, `kind`, `region`, `system` ('' where none): regions, ICBs, providers, councils."""
        parts = [
            self.regions.assign(kind="region", region=self.regions["code"], system=""),
            self.icbs.assign(kind="icb", system=self.icbs["code"]),
            self.providers.assign(kind="provider"),
            self.councils.assign(kind="council"),
        ]
        columns = ["code", "name", "kind", "region", "system"]
        return pd.concat([part[columns] for part in parts], ignore_index=True)


@dataclass(frozen=True)
class Redrawn:
    """The world from `quarter` on, when other ICBs stand in place of those before; regions, providers and councils stay.

    `shares`: icb, successor, share (the part of an ICB that each successor gets, summing to 1 by ICB); `ties`: kind, a, b, new_a,
    new_b, share (the part of each tie of an ICB that goes into each new tie).
    """

    quarter: int
    world: World
    shares: pd.DataFrame
    ties: pd.DataFrame
