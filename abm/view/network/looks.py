"""What organisations and ties look like, and what the look means: the colours of acts, trust, kinds and flows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap, Normalize, to_rgba, to_rgba_array
from numpy.typing import NDArray

from abm.model.network import COUNCIL, ICB, OVERSIGHT, PROVIDER, REGION, TIE_KINDS
from abm.view import style
from abm.view.network.scene import ADVANTAGE, EVERYTHING, GUARD, JOINT, NONE, STOPPED, Numbers, Scene

EDGES = ("state", "trust", "kind", "act", "flow")
LAND, ABROAD, COAST, FRONT = (
    "#EEF2F3",
    "#FAFBFB",
    "#D8DDE0",
    "#A3AFB7",
)  # areas, their outlines, the outlines of regions: greys of the palette


def round_down(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above `value`; 0 for nothing."""
    if value <= 0 or not math.isfinite(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(digit * power for digit in (5.0, 2.0, 1.0) if digit * power <= value * (1 + 1e-12))


class Symbol(NamedTuple):
    """What a kind of organisation looks like. `grown` evens out the areas of shapes."""

    word: str
    words: str
    marker: str
    fill: str
    edge: str
    grown: float


SYMBOLS = {
    REGION: Symbol("region", "Regions", "D", style.GREY, style.PAPER, 0.80),
    ICB: Symbol("ICB", "ICBs", "s", style.NAVY, style.PAPER, 0.90),
    PROVIDER: Symbol("provider", "Providers", "o", style.SKY, style.INK, 1.0),
    COUNCIL: Symbol("council", "Councils", "^", style.AMBER, style.INK, 1.15),
}

NO_ACT = "no act"  # on ties of oversight, and before the first quarter
ACT_WORDS = {
    JOINT: ("acts jointly", style.NAVY),
    ADVANTAGE: ("takes advantage", style.PLUM),
    GUARD: ("guards itself", style.AMBER),
    STOPPED: ("stopped (section 114)", style.INK),
    NONE: (NO_ACT, style.GREY),
}
STATE_WORDS = {0: ("collaborative", style.NAVY), 1: ("transactional", style.AMBER), 2: (NO_ACT, style.GREY)}
KIND_LOOKS: dict[int, tuple[str, str, Any]] = {
    0: ("commissioning", style.NAVY, "-"),
    1: ("pooled budget", style.AMBER, (0, (6, 1.5))),
    2: ("discharge", style.SKY, (0, (1.6, 1.2))),
    3: ("collaborative of providers", style.PLUM, (0, (5, 1.2, 1.2, 1.2))),
    4: ("oversight", style.GREY, (0, (1, 2.5))),
}
assert len(KIND_LOOKS) == len(TIE_KINDS)

TRUST_SPAN = (0.3, 0.8)  # of the colours of trust; the same in every figure, so that figures can be compared
_CIVIDIS = colormaps["cividis"]
TRUST_COLOURS = ListedColormap(_CIVIDIS(np.linspace(0.95, 0.0, 256)), "trust")  # dark is high: pale ties fade into the page
DIVERGING = LinearSegmentedColormap.from_list("apart", [style.PLUM, style.AMBER, "#F4F4F2", style.SKY, style.NAVY])
THINNEST = 0.15  # points
WIDTHS = {"england": 0.55, "region": 0.8, "system": 1.2}  # points
ALPHAS = {"england": 0.55, "region": 0.7, "system": 0.85}


def level(scope: str, scene: Scene) -> str:
    """How close one looks: "england", "region" or "system". A world of few ties is looked at closely."""
    if scope == EVERYTHING:
        return "england" if len(scene.tie) > 900 else "region" if len(scene.tie) > 120 else "system"
    return "region" if scope in scene.codes and scene.kind[scene.codes.index(scope)] == REGION else "system"


@dataclass(frozen=True)
class Look:
    """How ties (m) are drawn: each end's half in its owner's colour, or (`whole`) one line a pair, both ways.

    `rows` of the legend are words, colour, dash, width and how many ties or pairs; `scale` is a colour bar instead.
    """

    colours: NDArray[np.float64]
    widths: Numbers
    dashes: NDArray[np.int64]  # a kind of tie each; -1: a plain line
    whole: bool
    heading: str
    rows: list[tuple[str, str, Any, float, int]] = field(default_factory=list)
    scale: tuple[Colormap, Normalize, str] | None = None
    thick: list[tuple[float, float]] = field(default_factory=list)  # GBP k a year and the width that stands for it
    over: NDArray[np.bool_] | None = None  # ties drawn on top of the others


def uncounted(given: Look) -> Look:
    """The same without the numbers of ties, for a key that stands for several panels."""
    return replace(given, rows=[(*row[:4], -1) for row in given.rows])


def look(scene: Scene, edges: str, close: str) -> Look:
    """The look of a scene's ties for one of `EDGES`, seen from as close as `close` says."""
    return {"state": _state, "act": _act, "trust": _trust, "kind": _kind, "flow": _flow}[edges](scene, close)


def _plain(scene: Scene, close: str) -> tuple[Numbers, NDArray[np.int64]]:
    """Widths, and dashes by kind where one looks closely enough to see them."""
    widths = np.where(scene.tie == OVERSIGHT, 0.6, 1.0) * WIDTHS[close]
    return widths, np.where(close == "system", scene.tie, -1)


def _classes(scene: Scene, close: str, classes: NDArray[np.int64], words: dict[int, tuple[str, str]], heading: str) -> Look:
    widths, dashes = _plain(scene, close)
    palette = to_rgba_array([colour for _, colour in words.values()])
    place = {number: row for row, number in enumerate(words)}
    colours = palette[[place[number] for number in classes]] if len(classes) else np.empty((0, 4))
    counts = {number: int((classes == number).sum()) for number in words}
    rows = [
        (word, colour, "-", WIDTHS[close], counts[n])
        for n, (word, colour) in words.items()
        if counts[n] or (n in (0, 1) and not counts.get(2))
    ]
    pale = [number for number, (_, colour) in words.items() if colour in style.LIGHT]
    colours[:, 3] = np.where(
        np.isin(classes, pale), 0.5 + ALPHAS[close] / 2, np.where(classes == list(words)[-1], 0.6, 1.0) * ALPHAS[close]
    )
    return Look(colours, widths, dashes, False, heading, rows)


HALVES = "the half of a tie next to an organisation is its own act"


def _state(scene: Scene, close: str) -> Look:
    states = np.where(scene.act == NONE, 2, np.where(scene.act == JOINT, 0, 1))
    return _classes(scene, close, states, STATE_WORDS, "Last act on each tie")


def _act(scene: Scene, close: str) -> Look:
    return _classes(scene, close, scene.act, ACT_WORDS, "Last act on each tie")


def _trust(scene: Scene, close: str) -> Look:
    widths, dashes = _plain(scene, close)
    norm = Normalize(*TRUST_SPAN, clip=True)
    colours = TRUST_COLOURS(norm(scene.trust)).reshape(-1, 4)
    colours[:, 3] = min(1.0, ALPHAS[close] + 0.15)
    colours[scene.tie == OVERSIGHT] = to_rgba(style.GREY, 0.4)
    return Look(
        colours, widths, dashes, False, "Trust in the partner", scale=(TRUST_COLOURS, norm, "probability that the partner acts jointly")
    )


def _kind(scene: Scene, close: str) -> Look:
    _, dashes = _plain(scene, close)
    palette = to_rgba_array([colour for _, colour, _ in KIND_LOOKS.values()])
    colours = palette[scene.tie].reshape(-1, 4)
    colours[:, 3] = ALPHAS[close]
    rows = [
        (word, colour, dash if close == "system" else "-", WIDTHS[close], int((scene.tie == kind).sum()) // 2)
        for kind, (word, colour, dash) in KIND_LOOKS.items()
        if (scene.tie == kind).any()
    ]
    return Look(colours, np.full(len(scene.tie), WIDTHS[close]), dashes, True, "Kind of tie", rows)


def _flow(scene: Scene, close: str) -> Look:
    base = _kind(scene, close)
    most = float(scene.flow.max(initial=0.0))
    if not most > 0:
        return replace(base, heading="No money flows on these ties")
    widest = min(8.0, 9 * WIDTHS[close])
    widths = np.maximum(THINNEST, widest * np.sqrt(scene.flow / most))
    values = dict.fromkeys(round_down(most * part) for part in (0.02, 0.2, 1.0))
    thick = [(value, widest * (value / most) ** 0.5) for value in values]
    return replace(base, widths=widths, dashes=np.full(len(widths), -1), heading="Kind of tie", thick=thick)
