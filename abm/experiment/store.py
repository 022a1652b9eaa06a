"""The results folder: written beside its final name, made durable, then renamed into place; never over anything that exists."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from abm.config.errors import shown
from abm.config.resolved import PRECEDENCE


class ResultsError(Exception):
    """A results folder that cannot be made; the message is one line."""


def default_folder(name: str, now: datetime) -> Path:
    """`results/<experiment>-<timestamp>`, with a number behind it should that exist."""
    base = Path("results") / f"{name}-{now:%Y%m%d-%H%M%S}"
    path, number = base, 2
    while path.exists():
        path, number = base.with_name(f"{base.name}-{number}"), number + 1
    return path


def refuse_existing(final: Path) -> None:
    """Raise `ResultsError` when `final` exists: results are never overwritten."""
    if os.path.lexists(final):
        raise ResultsError(f"{shown(final)} exists already, and results are never overwritten: give --out a new name, or leave it out")


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """A temporary sibling of `final` to write into; on success it is synced and renamed to `final`, else removed.

    A kill leaves at most the hidden sibling, never a half-written folder under the final name. Raises `ResultsError`.
    """
    refuse_existing(final)
    draft = final.with_name(f".{final.name}.partial-{os.getpid()}")
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    except OSError as error:
        raise ResultsError(f"cannot write below {shown(final.parent)}: {error.strerror or error}") from None
    try:
        yield draft
        _sync(draft)
        refuse_existing(final)
        os.rename(draft, final)
        _sync_one(final.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _sync(folder: Path) -> None:
    for path in [*sorted(folder.rglob("*")), folder]:
        _sync_one(path)


def _sync_one(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot sync a folder
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Tidy Parquet: zstd, text as dictionaries, numbers split by byte; the same frame gives the same bytes."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    floats = [name for name, kind in zip(table.schema.names, table.schema.types, strict=True) if pa.types.is_floating(kind)]
    others = [name for name in table.schema.names if name not in floats]
    pq.write_table(table, path, compression="zstd", use_dictionary=others or False, use_byte_stream_split=floats or False)


def yaml_text(data: Mapping[str, Any]) -> str:
    """A resolved config as a text that `abm run` accepts."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    text.write("# The experiment with everything it names written out: `abm run` this file to run it again.\n")
    text.write(f"# In a results folder, manifest.json says where each value came from. {PRECEDENCE}\n")
    yaml.dump(dict(data), text)
    return text.getvalue()


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by relative name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
