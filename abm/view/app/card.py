"""An organisation's card: who it is, its money, its ties and why it acted as it did, in two worlds in one quarter, and its path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from abm.analysis.trace.decisions import Seen, Ties, draws
from abm.analysis.trace.reasons import Reasons, reasons
from abm.analysis.trace.twins import Twins, watch, watch_one
from abm.analysis.trace.why import decide_again, phrase
from abm.config.errors import nearest
from abm.experiment.store import ResultsError
from abm.model.acts import ACTS, COLLABORATIVE
from abm.model.ics_model import ICSModel
from abm.model.network import ORGANISATION_KINDS, OVERSIGHT, TIE_KINDS
from abm.view.app.money import lines, money, take_down
from abm.view.app.path import path
from abm.view.app.plain import apart, plain, quarter_of
from abm.view.page.recording import Film

MOST_DIFFERENCES = 5


def card(models: tuple[ICSModel, ICSModel], films: tuple[Film, Film], org: str, quarter: int) -> dict[str, Any]:
    """What the page shows of organisation `org` in quarter `quarter` (from 0), in worlds A and B: plain data, None where nothing is known.

    `models`: two models (not the same object; they need keep nothing), each run `quarter` quarters or fewer; they are run on to the
    end of that quarter, and are of no use for another card. `films` are of the same worlds' whole runs (every quarter). Trust is
    that after the quarter; decisions weigh that before it. Raises `ResultsError` for an organisation or quarter that there is
    not, with the nearest valid name.
    """
    who = organisation(films[0], org)
    if quarter not in films[0].quarters:
        raise ResultsError(f"no quarter {quarter} in this run: they go from 0 to {films[0].quarters[-1]}")
    if any(model.quarter > quarter for model in models):
        raise ValueError(f"the models have run past quarter {quarter}: build new ones")
    for model in models:
        model.run(quarter - model.quarter)
        take_down(model)
    seen, twins = _watched(models)
    worlds = [_world(model, each, film, who, quarter) for model, each, film in zip(models, seen, films, strict=True)]
    about = _about(films[0], who) | {"income_k": float(films[0].states["income"][films[0].quarters.index(quarter), who])}
    return plain(
        {
            "organisation": about,
            "quarter": quarter_of(quarter, films[0].network.first_year),
            "worlds": dict(zip("ab", worlds, strict=True)),
            "differs": _differs(twins, films, org, quarter),
        }
    )


def organisation(film: Film, code: str) -> int:
    """The row of an organisation. Raises `ResultsError` with the nearest code or name."""
    people = film.network.organisations
    found = np.flatnonzero((people["code"] == code).to_numpy())
    if len(found):
        return int(found[0])
    by_name = {name.lower(): code for name, code in zip(people["name"], people["code"], strict=True)}
    near = nearest(code, list(people["code"])) or nearest(code.lower(), list(by_name))
    near = by_name.get(near or "", near)
    raise ResultsError(f"no organisation {code!r} in {film.network.world}" + (f"; did you mean {near!r}?" if near else ""))


# --- who ------------------------------------------------------------------------------------------------------------------


def _about(film: Film, who: int) -> dict[str, Any]:
    people = film.network.organisations
    names = dict(zip(people["code"], people["name"], strict=True))
    row = people.iloc[who]
    return {
        "code": row["code"],
        "name": row["name"],
        "kind": ORGANISATION_KINDS[row["kind"]],
        "region": {"code": row["region"], "name": names.get(row["region"], row["region"])},
        "system": {"code": row["system"], "name": names.get(row["system"], row["system"])} if row["system"] else None,
    }


# --- one world ------------------------------------------------------------------------------------------------------------


def _watched(models: tuple[ICSModel, ICSModel]) -> tuple[tuple[Seen, Seen], Twins | None]:
    """Run the next quarter of both; what their decisions saw, and the two as twins where they share their luck and see everything."""
    a, b = models
    if a.state.clock["key"][0] == b.state.clock["key"][0]:
        twins = watch(a, b, 1)
        return (twins.seen_a, twins.seen_b), twins if a.sight is None and b.sight is None else None
    return (watch_one(a, 1), watch_one(b, 1)), None


def _world(model: ICSModel, seen: Seen, film: Film, who: int, quarter: int) -> dict[str, Any]:
    return {"money": money(model, who), "ledger": lines(model, who), "ties": _ties(model, seen, who, quarter), "path": path(film, who)}


def _ties(model: ICSModel, seen: Seen, who: int, quarter: int) -> list[dict[str, Any]]:
    """The organisation's ties: those on which it acts by stake, then those of oversight."""
    state = model.state
    numbers = np.flatnonzero(state.ties["source"] == who)
    partner = numbers[state.ties["kind"][numbers] != OVERSIGHT]
    ties = Ties.of(model)
    found: Sequence[Reasons | None] = [None] * len(partner)
    if model.sight is None and len(partner):
        luck = draws(model, ties, quarter, 1)
        found = reasons(seen, ties, luck, 0, quarter, partner)
    why = dict(zip(partner.tolist(), found, strict=True))
    rows = [_tie(model, number) | {"why": _why(why.get(number))} for number in numbers.tolist()]
    return sorted(rows, key=lambda row: (row["act"] is None, -row["stake_k"], row["partner"]))


def _tie(model: ICSModel, number: int) -> dict[str, Any]:
    """One tie: with whom, what is at stake, trust and acts both ways."""
    ties, facts = model.state.ties, model.facts
    back, target = number ^ 1, int(ties["target"][number])
    acting = ties["kind"][number] != OVERSIGHT
    return {
        "partner": facts.codes[target],
        "name": facts.organisations["name"].iat[target],
        "kind": ORGANISATION_KINDS[model.state.orgs["kind"][target]],
        "tie": TIE_KINDS[ties["kind"][number]],
        "stake_k": float(model.state.pairs["stake"][ties["pair"][number]]) if acting else 0.0,
        "trust": float(ties["trust"][number]),
        "trusted": float(ties["trust"][back]),
        **_act("", int(ties["act"][number]), acting),
        **_act("their_", int(ties["act"][back]), acting),
    }


def _act(whose: str, act: int, acting: bool) -> dict[str, Any]:
    name = ACTS[act]
    values = (name, phrase(name), name in COLLABORATIVE) if acting else (None, None, None)
    return dict(zip((f"{whose}act", f"{whose}words", f"{whose}collaborative"), values, strict=True))


def _why(found: Reasons | None) -> dict[str, Any] | None:
    """Chance, draw, rule and the terms weighed, and the whole in words."""
    if found is None:
        return None
    terms = [{"name": term.name, "words": term.words, "value": term.value, "weighed": term.weighed} for term in found.terms]
    return {
        "chance": found.chance,
        "draw": found.draw,
        "rule": found.rule.replace("_", " "),
        "belief": found.belief,
        "total": found.total,
        "terms": terms,
        "says": str(found),
    }


# --- what moved it --------------------------------------------------------------------------------------------------------


def _differs(twins: Twins | None, films: tuple[Film, Film], org: str, quarter: int) -> list[dict[str, Any]]:
    """The organisation's ties on which its act differs between the worlds, by stake, with what moved it in words."""
    if twins is None:
        return []
    ties, codes = twins.ties, twins.model.facts.codes
    acts = twins.acts
    mine = np.flatnonzero((ties.source == twins.model.facts.row[org]) & (acts[0][0] != acts[1][0]))
    mine = mine[np.argsort(-ties.stake[mine], kind="stable")][:MOST_DIFFERENCES]
    titles = apart((films[0].title, films[1].title))
    partners = [codes[target] for target in ties.target[mine]]
    return [{"partner": code, "lines": str(decide_again(twins, titles, org, code, quarter)).splitlines()} for code in partners]


__all__ = ["card", "organisation"]
