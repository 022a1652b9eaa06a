"""What a model may rely on in any `World`: known ends, whole shares, books that balance, no ICB over its allocation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.england.reading import nearest
from abm.model.network import COLUMNS, PROVIDER_KINDS, TIE_ENDS, TIE_KINDS, World

POUND_K = 0.001  # GBP k
SHARE_TOLERANCE = 1e-6
MAY_BE_MISSING = ("longitude", "latitude")
MAY_BE_NEGATIVE = ("longitude", "latitude", "distance_from_target")
TABLE_OF_KIND = {"region": "regions", "icb": "icbs", "provider": "providers", "council": "councils"}


class WorldError(ValueError):
    """A world that no model should run on. The message is one line; `table`, `row` (codes), `column`, `reason`."""

    def __init__(self, table: str, row: str, column: str, reason: str) -> None:
        """All four go into the message; an empty `row` or `column` is left out of it."""
        where = table + (f", row {row}" if row else "") + (f", column {column}" if column else "")
        super().__init__(f"{where}: {reason}")
        self.table, self.row, self.column, self.reason = table, row, column, reason


def check_world(world: World) -> None:
    """Raise `WorldError` at the first fault of `world`; return None if it is sound."""
    for table in COLUMNS:
        _check_columns(table, getattr(world, table))
    _check_codes(world)
    _check_belonging(world)
    _check_ends(world)
    _check_shares(world.partnerships)
    _check_incomes(world)
    _check_allocations(world)


def _row(table: str, frame: pd.DataFrame, position: int) -> str:
    """The codes that name a row."""
    keys = ["kind", "a", "b"] if table == "partnerships" else ["code"]
    return " ".join(str(value) for value in frame.iloc[position][keys])


def _refuse_first(bad: pd.Series | np.ndarray, table: str, frame: pd.DataFrame, column: str, reason: str) -> None:
    """Raise for the first row where `bad` holds; '{}' in `reason` becomes the value in `column`."""
    flags = np.asarray(bad, dtype=bool)
    if flags.any():
        position = int(flags.argmax())
        value = frame[column].iloc[position]
        raise WorldError(table, _row(table, frame, position), column, reason.format(repr(value) if isinstance(value, str) else value))


def _check_columns(table: str, frame: pd.DataFrame) -> None:
    """The declared columns in order; numbers finite (places may be missing) and not negative (but for a few)."""
    expected = list(COLUMNS[table])
    for name in expected:
        if name not in frame.columns:
            raise WorldError(table, "", name, "column is missing")
    for name in frame.columns:
        if name not in expected:
            raise WorldError(table, "", str(name), "unknown column" + nearest(str(name), expected))
    for name in expected:
        column = frame[name]
        if not pd.api.types.is_numeric_dtype(column):
            _refuse_first(column.isna(), table, frame, name, "is missing")
            continue
        if name not in MAY_BE_MISSING:
            _refuse_first(~np.isfinite(column.to_numpy(dtype=float)), table, frame, name, "{} is not a finite number")
        if name not in MAY_BE_NEGATIVE:
            _refuse_first(column < 0, table, frame, name, "{} is negative")


def _check_codes(world: World) -> None:
    """Codes unique among all organisations, tables in order."""
    seen: set[str] = set()
    for table in TABLE_OF_KIND.values():
        frame = getattr(world, table)
        _refuse_first(frame["code"].duplicated() | frame["code"].isin(seen), table, frame, "code", "{} occurs twice")
        seen |= set(frame["code"])
        if not frame["code"].is_monotonic_increasing:
            raise WorldError(table, "", "code", "rows are not sorted by code")
    pairs = world.partnerships
    _refuse_first(pairs.duplicated(["kind", "a", "b"]), "partnerships", pairs, "b", "the partnership occurs twice")
    _check_one_of("partnerships", pairs, "kind", TIE_KINDS)
    order = pairs["kind"].map({kind: rank for rank, kind in enumerate(TIE_KINDS)})
    if not pairs.assign(order=order).sort_values(["order", "a", "b"]).index.equals(pairs.index):
        raise WorldError("partnerships", "", "", "rows are not sorted by kind, a, b")


def _check_one_of(table: str, frame: pd.DataFrame, column: str, valid: pd.Series | tuple[str, ...]) -> None:
    """Every value of a column is a valid one."""
    unknown = ~frame[column].isin(list(valid)).to_numpy()
    if unknown.any():
        position = int(unknown.argmax())
        value = str(frame[column].iloc[position])
        reason = f"{value!r} is not known{nearest(value, list(valid))}"
        raise WorldError(table, _row(table, frame, position), column, reason)


def _check_belonging(world: World) -> None:
    """Sectors, regions and systems are known, and a member lies in the region of its system."""
    _check_one_of("providers", world.providers, "sector", PROVIDER_KINDS)
    _check_one_of("icbs", world.icbs, "region", world.regions["code"])
    region = world.icbs.set_index("code")["region"]
    for table in ("providers", "councils"):
        frame = getattr(world, table)
        _check_one_of(table, frame, "system", world.icbs["code"])
        wrong = frame["region"] != frame["system"].map(region)
        _refuse_first(wrong, table, frame, "region", "{} is not the region of its system")


def _check_ends(world: World) -> None:
    """Both ends exist and are of the kinds that the tie allows; a collaborative pair is written once, a < b."""
    pairs = world.partnerships
    for kind in TIE_KINDS:
        rows = pairs[pairs["kind"] == kind]
        for end, kinds in zip(("a", "b"), TIE_ENDS[kind], strict=True):
            codes = pd.concat([getattr(world, TABLE_OF_KIND[name])["code"] for name in kinds])
            _check_one_of("partnerships", rows, end, codes)
        if TIE_ENDS[kind][0] == TIE_ENDS[kind][1]:
            _refuse_first(rows["a"] >= rows["b"], "partnerships", rows, "b", "{} does not come after the first end")


def _check_shares(pairs: pd.DataFrame) -> None:
    """The shares of every organisation's partnerships of a kind sum to 1, whichever end it is."""
    ends = [pairs[["kind", end, f"share_{end}"]].set_axis(["kind", "code", "share"], axis=1) for end in ("a", "b")]
    sums = pd.concat(ends).groupby(["kind", "code"])["share"].sum()
    off = sums[(sums - 1).abs() > SHARE_TOLERANCE]
    if len(off):
        kind, code = off.index[0]
        raise WorldError("partnerships", f"{kind} {code}", "", f"shares of {code} sum to {off.iloc[0]:.6f}, expected 1")


def _check_incomes(world: World) -> None:
    """income_k = contracts + direct_k, to a pound."""
    providers = world.providers
    contracts = _sum_by_end(world, "commissioning", "b", providers["code"])
    gap = providers["income_k"] - contracts - providers["direct_k"]
    _refuse_first(gap.abs() > POUND_K + 1e-6, "providers", providers, "income_k", "{} GBP k is not contracts plus direct income")


def _check_allocations(world: World) -> None:
    """Contracts, the NHS part of pooled funds and the programmes of an ICB fit into its allocation."""
    icbs = world.icbs
    spent = _sum_by_end(world, "commissioning", "a", icbs["code"]) + icbs["community_k"] + icbs["prevention_k"]
    spent += world.nhs_share_of_pool * _sum_by_end(world, "pooling", "a", icbs["code"])
    _refuse_first(
        spent > icbs["allocation_k"] + POUND_K, "icbs", icbs, "allocation_k", "{} GBP k is less than contracts, pooled funds and programmes"
    )


def _sum_by_end(world: World, kind: str, end: str, codes: pd.Series) -> pd.Series:
    """Sum of flow_k of a kind for each code, 0 where none."""
    pairs = world.partnerships
    flows = pairs[pairs["kind"] == kind].groupby(end)["flow_k"].sum()
    return codes.map(flows).fillna(0.0)
