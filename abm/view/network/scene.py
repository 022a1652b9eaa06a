"""A scene: what one picture of a network is drawn from. Organisations and ties of a model at one moment, as arrays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from abm.config.errors import nearest
from abm.experiment.store import ResultsError
from abm.model.acts import ACTS, ACTS_BY_TIE
from abm.model.network import ICB, OVERSIGHT, PARTNER_KINDS, PROVIDER, REGION, TIE_KINDS
from abm.model.record import year_names
from abm.view import places

if TYPE_CHECKING:
    from abm.model.ics_model import ICSModel

Numbers = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

JOINT, ADVANTAGE, GUARD, STOPPED, NONE = range(5)  # classes of acts; NONE: no act on this tie (yet)
_CLASS = {act: place for acts in ACTS_BY_TIE.values() for place, act in enumerate(acts)}
CLASS_OF_ACT = np.array([_CLASS.get(act, STOPPED) for act in ACTS])
EVERYTHING = "england"  # the scope that is everything


@dataclass(frozen=True)
class Scene:
    """Organisations (n) and directed ties (m) after `quarter` quarters. Ties hold numbers of organisations.

    `act` is a class of acts; `trust` is the source's in the target (probability); `flow` is GBP k a year of the pair's
    business. `there` is where organisations lie, km (NaN: unknown).
    """

    world: str
    quarter: int
    year: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    kind: Ints
    region: NDArray[np.object_]
    system: NDArray[np.object_]
    income: Numbers
    there: places.Points
    source: Ints
    target: Ints
    tie: Ints
    trust: Numbers
    flow: Numbers
    act: Ints

    @property
    def acts(self) -> Flags:
        """Which ties have an act."""
        return self.act != NONE

    @property
    def joint(self) -> float:
        """Share of acts that are joint; NaN where there are none."""
        return float((self.act[self.acts] == JOINT).mean()) if self.acts.any() else float("nan")

    @property
    def icbs(self) -> list[str]:
        """Codes of the systems."""
        return [self.codes[i] for i in np.flatnonzero(self.kind == ICB)]

    @property
    def on_outlines(self) -> bool:
        """Whether the systems are those of the outlines, so that the scene can stand on the map of England."""
        return places.outlined(self.icbs)

    def name_of(self, code: str) -> str:
        """An organisation's name."""
        return self.names[self.codes.index(code)]

    def with_ties(self, kept: Flags) -> Scene:
        """The same with these ties only."""
        return replace(self, **{name: getattr(self, name)[kept] for name in ("source", "target", "tie", "trust", "flow", "act")})

    def members(self, scope: str) -> Flags:
        """The organisations of a region or system, all for "england". A system's own: its ICB, providers and councils."""
        if scope == EVERYTHING:
            return np.ones(len(self.codes), dtype=bool)
        return (self.region == scope) | (self.system == scope)


def scene(model: ICSModel) -> Scene:
    """What a model looks like now."""
    state, facts, table = model.state, model.facts, model.facts.organisations
    ties, pairs = state.ties, state.pairs
    partner = (ties["kind"] != OVERSIGHT) & (model.quarter > 0)
    return Scene(
        world=model.world.name,
        quarter=model.quarter,
        year=year_names(np.array([max(0, model.quarter - 1)]), model.world.first_year)[0],
        codes=tuple(facts.codes),
        names=tuple(table["name"]),
        kind=table["kind"].to_numpy(dtype=np.int64),
        region=table["region"].to_numpy(dtype=object),
        system=table["system"].to_numpy(dtype=object),
        income=state.orgs["income"].copy(),
        there=places.located([facts.places[code] for code in facts.codes]),
        source=ties["source"].copy(),
        target=ties["target"].copy(),
        tie=ties["kind"].copy(),
        trust=ties["trust"].copy(),
        flow=pairs["flow"][ties["pair"]],
        act=np.where(partner, CLASS_OF_ACT[ties["act"]], NONE),
    )


def moment(quarter: int, year: str) -> str:
    """'Q4 2038/39' after 60 quarters; 'at the start' after none."""
    return f"Q{(quarter - 1) % 4 + 1} {year}" if quarter else "at the start"


# --- what is asked for -----------------------------------------------------------------------------------------------------


def choice(given: str, valid: Collection[str], what: str) -> str:
    """`given`, when it is valid. Raises `ResultsError` with the nearest and the list."""
    if given in valid:
        return given
    close = nearest(given, valid)
    hint = f"; did you mean {close!r}?" if close else ""
    raise ResultsError(f"no {what} {given!r}{hint} (there are: {', '.join(valid)})")


def scope_of(drawn: Scene, given: str) -> str:
    """ "england", or the code of a region or system, given as that or by its name. Raises `ResultsError` for another."""
    wholes = [i for i in range(len(drawn.codes)) if drawn.kind[i] in (REGION, ICB)]
    by_name = {drawn.names[i].lower(): drawn.codes[i] for i in wholes}
    by_code = {drawn.codes[i].lower(): drawn.codes[i] for i in wholes}
    asked = str(given).strip().lower()
    if asked in (EVERYTHING, drawn.world.lower(), "all"):
        return EVERYTHING
    if asked in by_code or asked in by_name:
        return by_code.get(asked) or by_name[asked]
    close = nearest(asked, [EVERYTHING, *by_name, *by_code])
    found = next(
        (f"{drawn.codes[i]} ({drawn.names[i]})" for i in wholes if close in (drawn.names[i].lower(), drawn.codes[i].lower())), close
    )
    hint = f"; did you mean {found}?" if found else ""
    listed = ", ".join([EVERYTHING, *(drawn.codes[i] for i in wholes)])
    raise ResultsError(f"no scope {given!r} in {drawn.world}{hint} (there are: {listed}, or their names)")


def chosen_ties(drawn: Scene, ties: Collection[str] | None, default: Collection[str] = PARTNER_KINDS) -> Scene:
    """The scene with ties of the kinds asked for. Raises `ResultsError` for a kind that there is not."""
    wanted = list(default) if ties is None else [choice(kind, TIE_KINDS, "kind of tie") for kind in ties]
    return drawn.with_ties(np.isin(drawn.tie, [TIE_KINDS.index(kind) for kind in wanted]))


def short(name: str, kind: int) -> str:
    """A name without what every organisation of its kind has in it."""
    if kind != PROVIDER:
        return name
    for end in (" NHS Foundation Trust", " NHS Trust"):
        name = name.removesuffix(end)
    return name


__all__ = [
    "ADVANTAGE",
    "EVERYTHING",
    "GUARD",
    "JOINT",
    "NONE",
    "STOPPED",
    "Scene",
    "choice",
    "chosen_ties",
    "moment",
    "scene",
    "scope_of",
    "short",
]
