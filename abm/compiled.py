"""The one place that knows about Numba: how a function is compiled, and where compiled code is kept.

`@compiled` turns a plain function into machine code, cached between processes. Numba's own cache does not notice when
a function in another file changes, so the cache folder is named by a hash of every source file of the model: an edit
anywhere gives a fresh folder. With NUMBA_DISABLE_JIT=1 the same source runs as plain Python, for debugging.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

PLAIN_PYTHON = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]


def _cache_home() -> Path:
    """A folder of this user's for caches that can be written to; the system's temporary folder if there is none."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"])
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()))
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        home.mkdir(parents=True, exist_ok=True)
        if os.access(home, os.W_OK):
            return home
    except OSError:
        pass
    return Path(tempfile.gettempdir())


def _source_hash() -> str:
    """Twelve hex digits that change when any source of the model, or the compiler, changes."""
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__} {sys.version_info[:2]}".encode())
    root = Path(__file__).parent
    for path in [Path(__file__), *sorted((root / "model").rglob("*.py"))]:
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


CACHE_FOLDER = _cache_home() / "ics-abm" / _source_hash()


def is_cold() -> bool:
    """Whether the model still has to be compiled on this machine, as far as can be told (half a minute, once per version)."""
    return not PLAIN_PYTHON and not any(CACHE_FOLDER.rglob("*run_quarters*.nbc"))


_njit: Any = numba.njit  # its stubs do not know all of its options

# No fast-math: sums keep their order and every machine gives the same bits. No reference counting (`_nrt`): phases own no
# arrays, and counting every use of the state's arrays costs a run dearly (docs/decisions.md).
_OPTIONS: dict[str, Any] = {"fastmath": False, "error_model": "numpy", "_nrt": False}


def compiled(function: Function) -> Function:
    """Compile a function that Python calls: a phase, or a rule that tests and notebooks use by itself."""
    kept = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]
    try:
        return cast(Function, _njit(cache=True, **_OPTIONS)(function))
    finally:
        numba.config.CACHE_DIR = kept  # type: ignore[attr-defined]


def part(function: Function) -> Function:
    """Compile a part of a phase, called only from compiled code (which is quicker to make)."""
    return cast(Function, _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function))
