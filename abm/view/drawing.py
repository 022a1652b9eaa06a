"""Figures of a results folder by name, saved with their provenance: what `abm draw` calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from abm.config.errors import nearest
from abm.experiment.store import ResultsError
from abm.view import saving, source
from abm.view.charts.curves import curves
from abm.view.charts.distribution import distribution
from abm.view.charts.phase import phase
from abm.view.charts.ramp import ramp
from abm.view.charts.response import response
from abm.view.charts.slope import slope
from abm.view.sheet import Drawn
from abm.view.source import Source


def _response(
    origin: Source,
    factor: str | Sequence[str] | None = None,
    outcomes: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Drawn:
    """One factor or several; the first of the design when none is named."""
    named = [factor] if isinstance(factor, str) else list(factor or list(origin.factors)[:1])
    if not named:
        raise ResultsError(f"{origin.name} has no design, so there is no factor to respond to")
    return response(origin, named, outcomes, scenarios, fixed)


KINDS: Mapping[str, Callable[..., Drawn]] = {
    "curves": curves,
    "distribution": distribution,
    "phase": phase,
    "response": _response,
    "ramp": ramp,
    "slope": slope,
}


def options_of(kind: str) -> list[str]:
    """Names of the options that a kind of figure takes. Raises `ResultsError` for a kind that there is not."""
    if kind not in KINDS:
        close = nearest(kind, KINDS)
        hint = f"; did you mean {close!r}?" if close else ""
        raise ResultsError(f"no figure {kind!r}{hint} (there are: {', '.join(KINDS)})")
    return [name for name in inspect.signature(KINDS[kind]).parameters if name not in ("origin", "page")]


def draw(folder: Path | str, kind: str, out: Path | str, **options: Any) -> Path:
    """Draw a figure of a results folder and save it at `out` (.png, .svg or .pdf); options that are None are left out.

    Gives the path. Raises `ResultsError`, in one line, for what cannot be drawn.
    """
    valid = options_of(kind)
    wanted = {name: value for name, value in options.items() if value is not None}
    for name in wanted:
        if name not in valid:
            raise ResultsError(f"figure {kind} takes no option {name!r} (it takes: {', '.join(valid)})")
    origin = source.opened(folder)
    drawn = KINDS[kind](origin, **wanted)
    saving.save(drawn.figure, Path(out), origin.facts, drawn.title, f"{drawn.alt} {drawn.note}")
    return Path(out)
