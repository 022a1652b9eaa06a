"""What differs between two scenes of one world: which ties changed their act or trust, and which way."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from matplotlib.colors import Normalize, to_rgba

from abm.experiment.store import ResultsError
from abm.model.network import OVERSIGHT
from abm.view import finding, style
from abm.view.network import looks
from abm.view.network.looks import DIVERGING, Look
from abm.view.network.scene import ADVANTAGE, GUARD, JOINT, STOPPED, Scene, choice

COMPARED = ("state", "act", "trust")
SEEN = 0.02  # of trust: a smaller difference is drawn as none
SPANS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)  # of the colours of differences in trust
TURNS = {
    JOINT: ("collaborative instead", style.NAVY),
    ADVANTAGE: ("takes advantage instead", style.PLUM),
    GUARD: ("guards itself instead", style.AMBER),
    STOPPED: ("stopped instead (section 114)", style.INK),
}
SAME = "the same"


class Difference(NamedTuple):
    """How the ties look, and what is said of them: in the title, and above a small panel."""

    look: Look
    words: str
    brief: str


def check(a: Scene, b: Scene, edges: str) -> None:
    """Raise `ResultsError` when the two cannot be compared tie by tie, or not in this way."""
    choice(edges, looks.EDGES, "look of edges")
    if edges not in COMPARED:
        raise ResultsError(f"edges {edges!r} show no difference between runs: ties differ by {', '.join(COMPARED)}")
    alike = (
        a.codes == b.codes and np.array_equal(a.source, b.source) and np.array_equal(a.target, b.target) and np.array_equal(a.tie, b.tie)
    )
    if not alike:
        raise ResultsError(f"{a.world} and {b.world} have other organisations or ties, so that no tie can be compared with its own")


def difference(a: Scene, b: Scene, edges: str, close: str, names: tuple[str, str]) -> Difference:
    """What differs in `b` from `a`, for scenes with the same ties; `names` of the two."""
    return _trust(a, b, close, names) if edges == "trust" else _acts(a, b, edges, close, names)


def _acts(a: Scene, b: Scene, edges: str, close: str, names: tuple[str, str]) -> Difference:
    base = looks.look(b, "state", close)
    known = a.acts & b.acts
    to, off = known & (a.act != JOINT) & (b.act == JOINT), known & (a.act == JOINT) & (b.act != JOINT)
    changed = to | off if edges == "state" else known & (a.act != b.act)
    colours, rows = _pale(b, close), []
    if edges == "state":
        turns = [(to, *TURNS[JOINT]), (off, "transactional instead", style.AMBER)]
    else:
        turns = [(changed & (b.act == act), *TURNS[act]) for act in TURNS]
    for here, words, colour in turns:
        colours[here] = to_rgba(colour, 0.9)
        if here.any() or edges == "state":
            rows.append((words, colour, "-", looks.WIDTHS[close], int(here.sum())))
    same = int((~changed).sum())
    rows.append((looks.NO_ACT if not known.any() else SAME, style.GREY, "-", looks.WIDTHS[close], same))
    look = replace(
        base, colours=colours, widths=base.widths * np.where(changed, 1.5, 0.7), rows=rows, heading="Last act on each tie", over=changed
    )
    total = int(known.sum())
    brief = f"{off.sum():,} transactional instead, {to.sum():,} collaborative"
    if not total:
        return Difference(look, f"no act to compare in {finding.within(names[0])}", "no act to compare")
    if not changed.any():
        return Difference(look, f"not one of {total:,} acts differs", "no act differs")
    return Difference(look, f"{off.sum():,} of {total:,} acts are transactional instead, {to.sum():,} collaborative instead", brief)


def _trust(a: Scene, b: Scene, close: str, names: tuple[str, str]) -> Difference:
    base = looks.look(b, "state", close)
    partner = b.tie != OVERSIGHT
    gap = np.where(partner, b.trust - a.trust, 0.0)
    most = float(np.quantile(np.abs(gap[partner]), 0.98)) if partner.any() else 0.0
    span = next((value for value in SPANS if value >= most), SPANS[-1])
    seen = np.abs(gap) >= SEEN
    norm = Normalize(-span, span, clip=True)
    colours = np.where(seen[:, None], DIVERGING(norm(gap)), _pale(b, close))
    colours[seen, 3] = 0.9
    rows = [(f"differs by less than {SEEN:g}", style.GREY, "-", looks.WIDTHS[close], int((~seen).sum()))]
    unit = f"difference in trust (probability), {finding.within(names[1])} less {finding.within(names[0])}"
    widths = base.widths * np.where(seen, 1.3, 0.7)
    look = replace(
        base, colours=colours, widths=widths, rows=rows, heading="Trust in the partner", scale=(DIVERGING, norm, unit), over=seen
    )
    if not partner.any():
        return Difference(look, "no trust to compare", "no trust to compare")
    mean, lower = gap[partner].mean(), float((gap[partner] < -SEEN).mean())
    higher = float((gap[partner] > SEEN).mean())
    side = f"lower on {lower:.0%} of ties" if mean < 0 else f"higher on {higher:.0%} of ties"
    change = style.number(mean, 2, sign=True)
    return Difference(look, f"trust {change} on average, {side}", f"mean {change}, {side}")


def _pale(scene: Scene, close: str) -> np.ndarray:
    """Colours (m, 4) of ties on which nothing differs."""
    return np.tile(to_rgba(style.GREY, {"england": 0.16, "region": 0.25, "system": 0.35}[close]), (len(scene.tie), 1))
