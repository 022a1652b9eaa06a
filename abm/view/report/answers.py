"""The answer of the report: in one sentence, then by scenario or factor, and the tables that stand beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from abm.config.design.ramp import DIRECTION
from abm.experiment.store import ResultsError
from abm.view import finding, source
from abm.view.charts.curves import comparison, curves
from abm.view.charts.dose import Response, crossed, distinct, ends_apart, respond, settings, tip, together
from abm.view.charts.ramp import loops, ramp
from abm.view.charts.response import course, response
from abm.view.report import ranking, sentences, tables
from abm.view.report.tables import Table
from abm.view.sheet import CARD
from abm.view.source import Source

OUTCOMES, SHOWN, ANSWERS = 7, 4, 6  # outcomes in the answer, outcomes side by side in a table, scenarios or factors in the answer
DELAY = "A gap that narrows where the ramp is slower is delay; one that does not is a way back that is another than the way there."


@dataclass
class Answer:
    """A part of the answer: a heading, what that is, and sentences."""

    title: str
    about: str = ""
    points: list[str] = field(default_factory=list)


@dataclass
class Findings:
    """The answer in one sentence, then by scenario or factor; the tables beside it."""

    lead: str
    answers: list[Answer] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def findings(origin: Source, outcomes: Sequence[str]) -> Findings:
    """The answer that the experiment gives."""
    try:
        return _findings(origin, outcomes)
    except ResultsError as error:
        return Findings(f"There is no answer to tell: {origin.plainly(str(error))}.")


def _findings(origin: Source, outcomes: Sequence[str]) -> Findings:
    baseline = str(origin.facts.get("baseline") or origin.scenarios[0])
    if origin.design == "list":
        found = _of_scenarios(cases(origin, outcomes), outcomes)
    elif DIRECTION in origin.points:
        found = _of_ramp(origin, outcomes)
    elif len(origin.points) > 1:
        found = _of_design(origin, outcomes, baseline)
    elif len(origin.scenarios) > 1:
        found = Findings("")
    else:
        found = _of_one(origin, outcomes)
    if len(origin.scenarios) > 1:
        among = _of_scenarios(origin, outcomes)
        where = finding.within(origin.people(outcomes[0]).titles[baseline])
        lead = f"{among.lead} In {where}: {finding.within(found.lead)}" if found.lead else among.lead
        found = Findings(lead, among.answers + found.answers, among.tables + found.tables)
    return found


def cases(origin: Source, outcomes: Sequence[str]) -> Source:
    """The points of a list as scenarios, in the baseline: the first is what the others are set beside."""
    baseline = str(origin.facts.get("baseline") or origin.scenarios[0])
    titles = [source.named(origin, point) for point in origin.points.index]
    titles = [f"{title[:1].upper()}{title[1:]}" for title in titles]
    columns = ["point", "replicate", "quarter", "year", *outcomes]
    rows = origin.read("outcomes", columns, [baseline])
    rows = rows.assign(scenario="case " + rows["point"].astype(str), point=0)
    facts = dict(origin.facts) | {
        "scenarios": [{"name": f"case {point}", "title": title} for point, title in zip(origin.points.index, titles, strict=True)],
        "baseline": f"case {origin.points.index[0]}",
        "points": 1,
    }
    return Source(facts, None, {"outcomes": rows})


def _of_scenarios(origin: Source, outcomes: Sequence[str]) -> Findings:
    people = origin.people(outcomes[0], None, ANSWERS)
    lead = comparison(origin, people, origin.measure(outcomes[0]), math.inf)
    told = {str(each["name"]): str(each.get("description") or "") for each in origin.facts.get("scenarios") or []}
    answers = []
    for name in people.treatments:
        rows = origin.effects[(origin.effects["scenario"] == name) & origin.effects["outcome"].isin(outcomes)]
        found = {str(row.outcome): sentences.effect(row) for row in rows.itertuples(index=False) if math.isfinite(row.difference)}
        answer = Answer(people.titles[name], told.get(name, ""))
        main = next((each for each in outcomes if each in found), None)
        if main is None:
            answer.points.append("No run of it can be set beside the baseline.")
        else:
            answer.points.append(sentences.moved(found[main], origin.measure(main)))
            answer.points += _also(origin, {each: found[each] for each in outcomes if each in found and each != main})
        answers.append(answer)
    left_out = len(people.titles) - len(people.names)
    if left_out:
        noun = finding.within(origin.measure(outcomes[0]).noun)
        answers.append(Answer("The others", "", [f"{left_out} more scenarios, with smaller effects on {noun}, are in effects.csv."]))
    table = tables.effects_table(origin, outcomes)
    return Findings(f"{lead}." if lead else "", answers, [table] if table else [])


def _also(origin: Source, found: dict[str, sentences.Effect]) -> list[str]:
    """What else moved, and what did not."""
    moved = [words for name, each in found.items() if (words := sentences.briefly(each, origin.measure(name)))]
    still = [finding.within(origin.measure(name).noun) for name, each in found.items() if math.isfinite(each.low) and not each.clear]
    said = [f"Also: {sentences.listed(moved)}."] if moved else []
    return said + ([f"No clear change in {sentences.listed(still)}."] if still else [])


def _of_design(origin: Source, outcomes: Sequence[str], baseline: str) -> Findings:
    """What each factor does to the main outcome, the strongest first."""
    main = outcomes[0]
    factors = ranking.strongest(origin, main, baseline)
    who = f" in {finding.within(origin.people(main).titles[baseline])}" if len(origin.scenarios) > 1 else ""
    ordered = {key: origin.factors[key].choice or crossed(settings(origin, origin.factors[key]), key) for key in factors}
    links = {each.factor: each for each in ranking.links(origin, main, baseline)}
    responses = {key: [respond(origin, key, name, baseline) for name in outcomes[:SHOWN]] for key in factors[:ANSWERS]}
    answers = [_of_factor(origin, mine, ordered[key], links) for key, mine in responses.items()]
    answers += _of_two(origin, main, baseline, factors, all(ordered.values()))
    if len(factors) > ANSWERS:
        rest = sentences.listed([origin.factors[key].words.lower() for key in factors[ANSWERS:]])
        noun = finding.within(origin.measure(main).noun)
        answers.append(Answer("The others", "", [f"The design also varies {rest}, which go less with {noun}."]))
    ranked = None if all(ordered.values()) else tables.link_table(origin, outcomes[:SHOWN], baseline, who)
    by_level = [mine for key, mine in responses.items() if ordered[key]]
    shown = [*([ranked] if ranked else []), *([tables.response_table(origin, by_level, who)] if by_level else [])]
    return Findings(_design_lead(origin, main, baseline, factors, ordered, links), answers, shown)


def _of_factor(origin: Source, mine: Sequence[Response], ordered: bool, links: dict[str, sentences.Link]) -> Answer:
    """What one factor does: to the main outcome (the first of its responses), and to the others in few words."""
    factor, measure = mine[0].factor, origin.measure(mine[0].outcome)
    answer = Answer(factor.words, f"{factor.meaning} ({factor.unit})." if factor.meaning else "")
    if ordered:
        answer.points.append(sentences.responded(mine[0], measure))
    elif factor.words in links:
        answer.points.append(sentences.linked(links[factor.words], measure))
    turn = "" if sentences.hardly(mine[0], measure) else sentences.turned(tip(mine[0]), measure, factor.words)
    answer.points += [turn] if turn else []
    answer.points += _also_responds(origin, mine[1:])
    return answer


def _of_two(origin: Source, main: str, baseline: str, factors: Sequence[str], ordered: bool) -> list[Answer]:
    """What two crossed factors do together."""
    if len(factors) != 2 or not ordered or origin.design == "one_at_a_time":
        return []
    found = together(origin, origin.factors[factors[0]], origin.factors[factors[1]], main, baseline)
    return [Answer("Together", "", [sentences.together(found, origin.measure(main))])] if found else []


def _also_responds(origin: Source, found: Sequence[Response]) -> list[str]:
    """Other outcomes that clearly change from one end of the factor's range to the other."""
    clear = [(origin.measure(each.outcome), each) for each in found if not each.factor.choice and ends_apart(each)]
    moved = [f"{finding.within(measure.noun)} {course(measure, each)}" for measure, each in clear]
    return [f"Also, from one end of its range to the other: {sentences.listed(moved)}."] if moved else []


def _design_lead(
    origin: Source, main: str, baseline: str, factors: Sequence[str], ordered: dict[str, bool], links: dict[str, sentences.Link]
) -> str:
    """The design's answer in one sentence: which factors have a clear link with the main outcome."""
    measure = origin.measure(main)
    noun = finding.within(measure.noun)
    if len(factors) == 1:
        return f"{response(origin, factors[:1], [main], [baseline], page=CARD).title}."
    clear, known = [], False
    for key in factors:
        words = origin.factors[key].words
        if ordered[key]:
            found = respond(origin, key, main, baseline)
            known, sure = known or found.intervals, distinct(found) and not sentences.hardly(found, measure)
        else:
            known, sure = known or (words in links and math.isfinite(links[words].low)), words in links and links[words].clear
        clear += [words.lower()] if sure else []
    if not known:
        order = sentences.listed([origin.factors[key].words.lower() for key in factors[:3]])
        return f"No intervals are known, so that luck cannot be told from effect; {noun} goes most with {order}."
    if not clear:
        return f"None of the {len(factors)} factors clearly moves {noun}."
    if len(clear) == len(factors):
        return f"{'Both' if len(clear) == 2 else f'All {len(clear)}'} factors move {noun}: {sentences.listed(clear)}."
    return f"{len(clear)} of the {len(factors)} factors clearly move{'s' if len(clear) == 1 else ''} {noun}: {sentences.listed(clear)}."


def _of_ramp(origin: Source, outcomes: Sequence[str]) -> Findings:
    measure = origin.measure(outcomes[0])
    factor, found = loops(origin, outcomes[0])
    levers = [each.words.lower() for key, each in origin.factors.items() if not key.startswith("ramp.")]
    low, high = (pick(float(pick(loop.lever)) for loop in found) for pick in (min, max))
    with_it = f", and {sentences.listed(levers[1:])} with it" if len(levers) > 1 else ""
    about = f"What moves: {factor.words.lower()} from {low:g} to {high:g}{with_it}."
    answer = Answer("There and back", about, [*(sentences.came_back(loop, measure) for loop in found[:ANSWERS]), DELAY])
    lead = ramp(origin, outcomes[0], page=CARD, points=[found[0].point]).title
    return Findings(f"{lead}.", [answer], [tables.ramp_table(origin, outcomes[:SHOWN])])


def _of_one(origin: Source, outcomes: Sequence[str]) -> Findings:
    """One scenario by itself: how each outcome goes."""
    courses = [curves(origin, [name], page=CARD).title for name in outcomes]
    rest = Answer("Over the run", "There is nothing to compare it with: one scenario, no design.", [f"{words}." for words in courses[1:]])
    return Findings(f"{courses[0]}.", [rest] if rest.points else [])
