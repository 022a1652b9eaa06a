"""What must hold between the tables of England: keys, classes, references, regions and shares.

Each rule raises `TableError` for the first row that breaks it, with the line of that row in its file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from abm.england.reading import TableError, nearest

TOLERANCE = 0.005  # on sums of shares: the published shares are rounded to four places

KEYS: Mapping[str, tuple[str, ...]] = {
    "regions": ("region_code",),
    "icbs": ("icb_code",),
    "councils": ("council_code",),
    "providers": ("provider_code",),
    "icb_council": ("icb_code", "council_code"),
    "icb_provider": ("icb_code", "provider_code"),
    "provider_council": ("provider_code", "council_code"),
    "places": ("kind", "code"),
}

REFERENCES: tuple[tuple[str, str, str], ...] = (  # table, column, table whose key it must be in
    ("icbs", "region_code", "regions"),
    ("councils", "nhs_region_code", "regions"),
    ("councils", "main_icb_code", "icbs"),
    ("providers", "home_icb_code", "icbs"),
    ("providers", "region_code", "regions"),
    ("icb_council", "icb_code", "icbs"),
    ("icb_council", "council_code", "councils"),
    ("icb_provider", "icb_code", "icbs"),
    ("icb_provider", "provider_code", "providers"),
    ("provider_council", "provider_code", "providers"),
    ("provider_council", "council_code", "councils"),
)

CLASSES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("councils", "council_class"): ("Unitary Authority", "Met District", "London", "Shire County"),
    ("providers", "sector"): ("Acute", "Ambulance", "Community", "Mental Health", "Specialist"),
    ("providers", "subtype"): (
        "", "Acute - Large", "Acute - Medium", "Acute - Multi-Service", "Acute - Small", "Acute - Specialist",
        "Acute - Teaching", "Ambulance", "Community", "Mental Health and Learning Disability",
    ),
    ("providers", "opex_year"): ("2022-23", "2023-24", "2024-25"),
    ("icb_provider", "basis"): (
        "home_icb_only", "ohid_catchment_2022", "ambulance_area_recalled_by_population", "rtt_waiting_apr2026",
    ),
    ("places", "kind"): ("region", "icb", "council", "provider"),
}  # fmt: skip

SUMS: tuple[tuple[str, str, str, str], ...] = (  # shares in a table, summed by this key of that table, are 1
    ("icb_provider", "share_of_provider", "provider_code", "providers"),
    ("icb_council", "share_of_council", "council_code", "councils"),
    ("icb_council", "share_of_icb", "icb_code", "icbs"),
)


Frames = Mapping[str, pd.DataFrame]  # by table name, rows in file order


def check_tables(tables: Frames) -> None:
    """Raise `TableError` at the first rule that `tables` break."""
    for table, frame in tables.items():
        _check_key(table, frame)
    for (table, column), valid in CLASSES.items():
        _check_known(table, column, tables[table][column], valid, "is not one of " + ", ".join(filter(None, valid)))
    for table, column, target in REFERENCES:
        codes = tuple(tables[target][KEYS[target][0]])
        _check_known(table, column, tables[table][column], codes, f"is not a code in {target}.csv")
    _check_places(tables)
    _check_regions(tables, "providers", "region_code", "home_icb_code")
    _check_regions(tables, "councils", "nhs_region_code", "main_icb_code")
    for table, column, key, target in SUMS:
        _check_sum(tables[table], table, column, key, tables[target][key], target)
    _check_catchments(tables["provider_council"])


def _check_key(table: str, frame: pd.DataFrame) -> None:
    """No two rows of a table may have the same key."""
    key = list(KEYS[table])
    twice = frame.duplicated(key).to_numpy()
    if twice.any():
        row = int(twice.argmax())
        value = " ".join(frame.loc[row, key])
        raise TableError(f"{table}.csv", row + 2, key[-1], f"{value!r} occurs twice")


def _check_known(table: str, column: str, values: pd.Series, valid: Sequence[str], reason: str) -> None:
    """Every value is a valid one."""
    unknown = ~values.isin(list(valid)).to_numpy()
    if unknown.any():
        row = int(unknown.argmax())
        raise TableError(f"{table}.csv", row + 2, column, f"{values[row]!r} {reason}{nearest(values[row], tuple(valid))}")


def _check_places(tables: Frames) -> None:
    """A place's code belongs to an organisation of its kind."""
    for kind, table in (("region", "regions"), ("icb", "icbs"), ("council", "councils"), ("provider", "providers")):
        codes = list(tables[table][KEYS[table][0]])
        wrong = ((tables["places"]["kind"] == kind) & ~tables["places"]["code"].isin(codes)).to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            code = tables["places"]["code"][row]
            raise TableError("places.csv", row + 2, "code", f"{code!r} is not a code in {table}.csv{nearest(code, codes)}")


def _check_regions(tables: Frames, table: str, region: str, icb: str) -> None:
    """An organisation lies in the region of its ICB."""
    frame = tables[table]
    expected = frame[icb].map(tables["icbs"].set_index("icb_code")["region_code"])
    wrong = (frame[region] != expected).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        reason = f"{frame[region][row]!r} is not the region of its ICB {frame[icb][row]}, which is {expected[row]!r}"
        raise TableError(f"{table}.csv", row + 2, region, reason)


def _check_sum(frame: pd.DataFrame, table: str, column: str, key: str, codes: pd.Series, target: str) -> None:
    """The shares of every organisation in `codes` sum to 1; one without any is a fault of its own table's line."""
    sums = frame.groupby(key)[column].sum()
    absent = ~codes.isin(sums.index).to_numpy()
    if absent.any():
        row = int(absent.argmax())
        raise TableError(f"{target}.csv", row + 2, key, f"{codes[row]!r} has no row in {table}.csv")
    off = sums[(sums - 1).abs() > TOLERANCE]
    if len(off):
        row = int((frame[key] == off.index[0]).to_numpy().argmax())
        reason = f"shares of {off.index[0]} sum to {off.iloc[0]:.4f}, expected 1 (tolerance {TOLERANCE})"
        raise TableError(f"{table}.csv", row + 2, column, reason)


def _check_catchments(frame: pd.DataFrame) -> None:
    """Catchment shares may sum to less than 1 (small ones are left out), never to more."""
    sums = frame.groupby("provider_code")["share_of_provider_catchment"].sum()
    off = sums[sums > 1 + TOLERANCE]
    if len(off):
        row = int((frame["provider_code"] == off.index[0]).to_numpy().argmax())
        reason = f"shares of {off.index[0]} sum to {off.iloc[0]:.4f}, expected at most 1"
        raise TableError("provider_council.csv", row + 2, "share_of_provider_catchment", reason)
