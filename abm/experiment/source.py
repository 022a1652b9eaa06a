"""What the model's source is, as a checksum: light to import, so that a worker can compare its own with the sweep's."""

from __future__ import annotations

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def source_digest() -> str:
    """A hash of the model's source: what the same settings and seed are run by."""
    found = hashlib.sha256()
    for path in [PACKAGE / "compiled.py", *sorted((PACKAGE / "model").rglob("*.py"))]:
        found.update(path.relative_to(PACKAGE).as_posix().encode() + b"\n")
        found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()
