"""Files of a results folder: each is written beside its final name, made durable, then renamed into place; nothing is overwritten."""

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

from ruamel.yaml import YAML

from abm.config.errors import shown
from abm.config.precedence import PRECEDENCE

DAMAGED = ".damaged"  # ending of files that are not what was written, and were made again
HEAD = (
    "# The experiment with everything it names written out: `abm run` this file to run it again.\n"
    f"# In a results folder, manifest.json says where each value came from. {PRECEDENCE}\n"
)
STATE = "state"  # subfolder of a sweep that is not finished


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


def write_file(path: Path, content: bytes | str) -> None:
    """Write a file so that a reader, or a kill, finds either nothing (or the file before it) or all of it."""
    draft = path.with_name(f".{path.name}.partial")
    with open(draft, "wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)
    _sync_one(path.parent)


def publish(draft: Path, final: Path) -> None:
    """Make a finished file durable and give it its final name."""
    _sync_one(draft)
    os.replace(draft, final)
    _sync_one(final.parent)


def table_files(folder: Path, table: str) -> list[Path]:
    """The Parquet files of a table: one when the sweep is finished, shards (in no order) before; [] when there are none yet."""
    whole = folder / f"{table}.parquet"
    shards = sorted((folder / STATE / "shards" / table).glob("*.parquet"))
    return [*([whole] if whole.is_file() else []), *shards]


def yaml_text(data: Mapping[str, Any], head: str = HEAD) -> str:
    """A resolved config as a text that `abm run` accepts, below comments."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    text.write(head)
    yaml.dump(dict(data), text)
    return text.getvalue()


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by relative name, but those of an unfinished sweep's state and those set aside as damaged."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and STATE not in path.relative_to(folder).parts)
    files = [path for path in files if path.suffix != DAMAGED]
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
