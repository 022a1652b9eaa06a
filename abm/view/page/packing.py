"""Numbers of many quarters in little room: scaled to whole numbers, differences in time, deflated, base64 (docs/interactive.md)."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

TYPES = {name: np.dtype(name) for name in ("uint8", "int8", "int16", "int32")}


def packed(values: ArrayLike, unit: str, scale: float, effort: int = 9) -> dict[str, Any]:
    """`values` (frames, columns) as a JSON object; they come back rounded to whole `scale`s. Missing ones (not finite) stay missing.

    `effort` is that of zlib: 9 makes it smallest, 1 is quickest.

    Raises `ValueError` for values too large for 32 bits.
    """
    table = np.asarray(values, dtype=float)
    known = np.isfinite(table)
    codes = np.where(known, np.rint(np.where(known, table, 0.0) / scale), 0.0)
    missing = None if known.all() else float(codes.max(initial=0) + 1)
    if missing is not None:
        codes[~known] = missing
    kind = _smallest(float(codes.min(initial=0)), float(codes.max(initial=0)))
    whole = codes.astype(TYPES[kind])
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, whole.shape[1]), dtype=whole.dtype))  # goes round at the ends of the type
    data = base64.b64encode(zlib.compress(steps.astype(steps.dtype.newbyteorder("<")).tobytes(), effort)).decode("ascii")
    about = {"unit": unit, "type": kind, "frames": len(table), "columns": table.shape[1], "scale": scale}
    return {**about, "missing": None if missing is None else int(missing), "coding": "delta deflate base64", "data": data}


def unpacked(block: dict[str, Any]) -> NDArray[np.float64]:
    """What `packed` took, rounded; NaN where it was missing."""
    steps = np.frombuffer(zlib.decompress(base64.b64decode(block["data"])), dtype=TYPES[block["type"]].newbyteorder("<"))
    table = steps.reshape(block["frames"], block["columns"]).astype(TYPES[block["type"]])
    codes = np.cumsum(table, axis=0, dtype=TYPES[block["type"]])
    values = codes * float(block["scale"])
    if block["missing"] is not None:
        values[codes == block["missing"]] = np.nan
    return values


def _smallest(low: float, high: float) -> str:
    """The first of `TYPES` that holds both."""
    for name, kind in TYPES.items():
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return name
    raise ValueError(f"values from {low:g} to {high:g} (in scales) are too large to be packed")
