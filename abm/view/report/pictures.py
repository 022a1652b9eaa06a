"""The report's figures: which ones fit the experiment, each a card that stands alone, as SVG inside the page."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import matplotlib
from markupsafe import Markup

from abm.config.design.ramp import DIRECTION
from abm.experiment.store import ResultsError
from abm.view import finding, style
from abm.view.charts import dose, phase, ramp, response
from abm.view.charts.curves import curves
from abm.view.charts.slope import slope
from abm.view.report import ranking
from abm.view.sheet import CARD, WIDE, Drawn
from abm.view.source import Source

CURVES, LOOPS, FACTORS, SCENARIOS = 6, 4, 6, 4  # most cards of each, and lines of a card beside the baseline
Make = Callable[[], Drawn]


@dataclass
class Group:
    """Figures of one sort: a heading, a caption that says how to read them, and the cards; `missing` says why there are none."""

    title: str
    caption: str = ""
    cards: list[Markup] = field(default_factory=list)
    wide: bool = False
    missing: str = ""


def groups(origin: Source, outcomes: Sequence[str]) -> list[Group]:
    """The figures that fit the experiment, in the order of the page; `outcomes` are those of interest, the main one first."""
    made: list[Group] = []
    for title, wide, makes in _plan(origin, outcomes):
        group = Group(title, wide=wide)
        for make in makes:
            try:
                drawn = make()
            except ResultsError as error:
                group.missing = origin.plainly(str(error))
                continue
            group.caption = group.caption or drawn.note
            group.cards.append(inline(drawn, f"f{len(made)}-{len(group.cards)}-", origin))
        if group.cards or group.missing:
            made.append(group)
    return made


def _plan(origin: Source, outcomes: Sequence[str]) -> Iterator[tuple[str, bool, list[Make]]]:
    """Heading, whether the cards are wide, and what makes them."""
    main, points = outcomes[0], len(origin.points)
    people = origin.people(main, None, SCENARIOS)
    names = None if len(people.names) == len(people.titles) else people.names
    chief = list(outcomes[:CURVES])
    if DIRECTION in origin.points:
        shown = list(origin.points.index)[:LOOPS]
        yield "There and back", False, [lambda p=p: ramp.ramp(origin, main, page=CARD, points=[p]) for p in shown]  # type: ignore[misc]
    elif points > 1:
        yield from _of_design(origin, chief)
    elif origin.config.get("every") != "last_year" or len(people.titles) == 1:
        yield "Over time", False, [lambda o=o: curves(origin, [o], names, page=CARD) for o in chief]  # type: ignore[misc]
    if len(people.titles) > 1:
        yield "From the baseline to each scenario", False, [lambda o=o: slope(origin, [o], names, page=CARD) for o in chief]  # type: ignore[misc]


def _of_design(origin: Source, chief: Sequence[str]) -> Iterator[tuple[str, bool, list[Make]]]:
    main, baseline = chief[0], str(origin.facts.get("baseline") or origin.scenarios[0])
    factors = ranking.strongest(origin, main, baseline)[:FACTORS]
    if len(factors) == 1:
        yield "Dose and response", False, [lambda o=o: response.response(origin, factors, [o], page=CARD) for o in chief]  # type: ignore[misc]
        return
    people = origin.people(main, None, SCENARIOS)

    @cache
    def spans() -> response.Spans:
        return response.shared_spans([[dose.respond(origin, each, main, name) for name in people.names] for each in factors])

    def card(key: str) -> Drawn:
        return response.response(origin, [key], [main], people.names, page=CARD, spans=spans())

    yield "Dose and response, on one scale", False, [lambda k=k: card(k) for k in factors]  # type: ignore[misc]
    plain = [key for key in factors if not origin.factors[key].choice][:2]
    if len(plain) == 2 and origin.design != "one_at_a_time":
        yield "Two factors together", True, [lambda: phase.phase(origin, plain[0], plain[1], main, page=WIDE)]


# ---- SVG in a page -------------------------------------------------------------------------------------------------------------


def inline(drawn: Drawn, prefix: str, origin: Source) -> Markup:
    """A figure as an SVG element with its description and provenance; `prefix` keeps its names apart from other figures'."""
    text = io.StringIO()
    with style.applied(), matplotlib.rc_context({"svg.hashsalt": "abm", "svg.fonttype": "path"}):
        drawn.figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()[text.getvalue().index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.S)  # the page has it once
    svg = re.sub(r'\bid="([^"]*)"', lambda m: f'id="{prefix}{m[1]}"', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', lambda m: f"{m[1]}{prefix}", svg)
    svg = re.sub(r' d="[^"]*"', lambda m: re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), m[0]), svg)
    told = html.escape(json.dumps(finding.provenance(origin.facts), sort_keys=True, ensure_ascii=False))
    wide, high = drawn.figure.get_size_inches()
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'viewBox="0 0 {72 * wide:g} {72 * high:g}" aria-label="{html.escape(drawn.alt.replace(chr(0xA0), " "))}">'
        f"<metadata>{told}</metadata>"
    )
    return Markup(re.sub(r"<svg[^>]*>", lambda m: head, svg, count=1).strip())
