"""Saving a figure with where it comes from in its metadata, in PNG, SVG and PDF; the same figure gives the same bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from abm.experiment.store import ResultsError
from abm.view import finding, style

COMMON = 0.9  # share of a figure's dots that its 256 commonest colours must have, for the others to be put to the nearest of them
SUFFIXES = (".png", ".svg", ".pdf")


def save(figure: Figure, path: Path, facts: Mapping[str, Any], title: str, description: str = "") -> None:
    """Save `figure` at `path` (.png, .svg or .pdf). `facts` is a results folder's manifest, any part of which may be missing.

    Raises `ResultsError` for another ending or a folder that cannot be written to.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ResultsError(f"{path} ends in {suffix or 'nothing'}: figures are saved as {', '.join(SUFFIXES)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rendered(figure, suffix[1:], facts, title, description))
    except OSError as error:
        raise ResultsError(f"cannot write {path}: {error.strerror or error}") from None


def rendered(figure: Figure, kind: str, facts: Mapping[str, Any], title: str, description: str = "") -> bytes:
    """The bytes of the file that `save` makes; `kind` is "png", "svg" or "pdf"."""
    found = {str(key): str(value) for key, value in finding.provenance(facts).items()}
    told = {"png": _png, "svg": _svg, "pdf": _pdf}[kind](title, description, found)
    made = io.BytesIO()
    with style.applied(), matplotlib.rc_context({"svg.hashsalt": "abm", "svg.fonttype": "path"}):
        figure.savefig(made, format=kind, dpi=style.DPI, metadata=told)
    return made.getvalue()


def words_of(figure: Figure) -> tuple[str, str]:
    """Title and subtitle of a figure of ours, for its metadata."""
    texts = {str(text.get_gid()): text.get_text().replace("\n", " ") for text in figure.texts}
    return texts["title"], texts.get("subtitle", "")


def lighten(path: Path) -> None:
    """Rewrite a PNG with a palette of its 256 commonest colours: a third of the size, flat colours as they were. Its metadata stay.

    One with more colours than that (a smooth field) is left as it is.
    """
    with Image.open(path) as image:
        plain = image.convert("RGB")
        told = PngInfo()
        for key, value in image.info.items():
            if isinstance(value, str):
                told.add_itxt(str(key), value)
    dots = np.asarray(plain, dtype=np.int64) @ np.array([65536, 256, 1])
    colours, number, counts = np.unique(dots, return_inverse=True, return_counts=True)
    kept = colours[np.lexsort((colours, -counts))[:256]]
    if counts[np.isin(colours, kept)].sum() < COMMON * dots.size:
        return
    apart = ((_parts(colours)[:, None, :] - _parts(kept)[None, :, :]) ** 2).sum(axis=2)
    small = Image.fromarray(apart.argmin(axis=1).astype(np.uint8)[number].reshape(dots.shape), "P")
    small.putpalette(_parts(kept).astype(np.uint8).tobytes())
    small.save(path, "PNG", optimize=True, pnginfo=told, dpi=(style.DPI, style.DPI))


def _parts(colours: np.ndarray) -> np.ndarray:
    """Red, green and blue of packed colours."""
    return np.stack([colours >> 16, (colours >> 8) & 255, colours & 255], axis=1)


def _png(title: str, description: str, found: Mapping[str, str]) -> dict[str, Any]:
    return {"Title": title, "Description": description, "Disclaimer": finding.DISCLAIMER, "Copyright": finding.SOURCES, **found}


def _svg(title: str, description: str, found: Mapping[str, str]) -> dict[str, Any]:
    """Dublin Core has no room for our keys: they stand in the description as JSON."""
    words = f"{description}\n{finding.DISCLAIMER}\n{json.dumps(found, ensure_ascii=False, sort_keys=True)}".strip()
    return {"Title": title, "Description": words, "Rights": finding.SOURCES, "Date": None, "Creator": None}


def _pdf(title: str, description: str, found: Mapping[str, str]) -> dict[str, Any]:
    words = json.dumps(found, ensure_ascii=False, sort_keys=True)
    return {"Title": title, "Subject": f"{description} {finding.DISCLAIMER}".strip(), "Keywords": words, "CreationDate": None}
