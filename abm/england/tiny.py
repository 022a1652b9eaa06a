"""A hand-made England of one region, with round numbers that a reader can check by hand. Every kind of tie occurs.

System I1 has 800,000 people, I2 has 400,000; each gets GBP 2,000 a head. Hospital P4 belongs to I1 and serves both
alike; council C2 lies half in each. Money in GBP k a year.
"""

from __future__ import annotations

import pandas as pd

from abm.model.network import COLUMNS, World

REGIONS = [("R1", "Shire", -1.0, 52.0)]

ICBS = [
    # code, name, region, population, need, deprivation, distance, allocation, running cost, community, prevention, place
    ("I1", "Northshire", "R1", 800_000, 1.1, 25.0, 0.02, 1_600_000.0, 16_000.0, 64_000.0, 24_000.0, -1.0, 52.5),
    ("I2", "Southshire", "R1", 400_000, 0.9, 15.0, -0.02, 800_000.0, 8_000.0, 32_000.0, 12_000.0, -1.0, 51.5),
]

PROVIDERS = [
    # code, name, sector, system, region, income, direct, beds, place; income = contracts below + direct
    ("P1", "North General", "acute", "I1", "R1", 700_000.0, 200_000.0, 800.0, -1.1, 52.5),
    ("P2", "Shire Minds", "mental_health", "I1", "R1", 250_000.0, 50_000.0, 200.0, -0.9, 52.5),
    ("P3", "South Community", "community", "I2", "R1", 120_000.0, 20_000.0, 100.0, -1.1, 51.5),
    ("P4", "Mid General", "acute", "I1", "R1", 500_000.0, 100_000.0, 500.0, -1.0, 52.0),
]

COUNCILS = [
    # code, name, system, region, population, deprivation, social care (GBP 400 a head), public health (GBP 60), place
    ("C1", "North Council", "I1", "R1", 600_000, 25.0, 240_000.0, 36_000.0, -1.0, 52.6),
    ("C2", "Mid Council", "I1", "R1", 400_000, 20.0, 160_000.0, 24_000.0, -1.0, 52.0),
    ("C3", "South Council", "I2", "R1", 200_000, 15.0, 80_000.0, 12_000.0, -1.0, 51.4),
]

PARTNERSHIPS = [
    # kind, a, b, flow, share of a's business of the kind, share of b's
    ("commissioning", "I1", "P1", 500_000.0, 0.625, 1.0),
    ("commissioning", "I1", "P2", 100_000.0, 0.125, 0.5),
    ("commissioning", "I1", "P4", 200_000.0, 0.25, 0.5),
    ("commissioning", "I2", "P2", 100_000.0, 0.25, 0.5),
    ("commissioning", "I2", "P3", 100_000.0, 0.25, 1.0),
    ("commissioning", "I2", "P4", 200_000.0, 0.5, 0.5),
    ("pooling", "I1", "C1", 60_000.0, 0.75, 1.0),
    ("pooling", "I1", "C2", 20_000.0, 0.25, 0.5),
    ("pooling", "I2", "C2", 20_000.0, 0.5, 0.5),
    ("pooling", "I2", "C3", 20_000.0, 0.5, 1.0),
    ("discharge", "P1", "C1", 15_000.0, 0.75, 0.75),
    ("discharge", "P1", "C2", 5_000.0, 0.25, 0.5),
    ("discharge", "P2", "C1", 5_000.0, 1.0, 0.25),
    ("discharge", "P3", "C3", 5_000.0, 1.0, 0.5),
    ("discharge", "P4", "C2", 5_000.0, 0.5, 0.5),
    ("discharge", "P4", "C3", 5_000.0, 0.5, 0.5),
    ("collaborative", "P1", "P2", 4_000.0, 0.5, 1.0),
    ("collaborative", "P1", "P4", 4_000.0, 0.5, 0.5),
    ("collaborative", "P3", "P4", 4_000.0, 1.0, 0.5),
    ("oversight", "R1", "I1", 0.0, 1 / 6, 1.0),
    ("oversight", "R1", "I2", 0.0, 1 / 6, 1.0),
    ("oversight", "R1", "P1", 0.0, 1 / 6, 1.0),
    ("oversight", "R1", "P2", 0.0, 1 / 6, 1.0),
    ("oversight", "R1", "P3", 0.0, 1 / 6, 1.0),
    ("oversight", "R1", "P4", 0.0, 1 / 6, 1.0),
]


def tiny() -> World:
    """1 region, 2 ICBs, 4 providers, 3 councils and 25 partnerships, fresh tables at each call."""
    rows = {"regions": REGIONS, "icbs": ICBS, "providers": PROVIDERS, "councils": COUNCILS, "partnerships": PARTNERSHIPS}
    return World(
        name="tiny", nhs_share_of_pool=0.6, **{table: pd.DataFrame(rows[table], columns=list(COLUMNS[table])) for table in COLUMNS}
    )
