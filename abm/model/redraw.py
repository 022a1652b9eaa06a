"""Redrawing the map in mid-run: one state becomes the state of a world with other ICBs, and everybody carries on from there.

What is counted in pounds or people is summed (a divided ICB gives each successor its share); what is a share, an index or a
remembered feeling is the mean, weighted by the business behind it; what is a flag or an act is that of the largest. Evidence
of a tie is carried over, so trust is neither made nor lost by the redrawing itself: what a reorganisation costs in authority,
clarity and memory is for the levers `reorganisation` and `mandate_stability` to say. Providers and councils keep all they
have, and belong to another system where the new map says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.model.initial import Facts
from abm.model.ledger import MONEY
from abm.model.network import ICB, Redrawn
from abm.model.outcomes import TALLY
from abm.model.state import FIELDS, State

PLACE = {  # what the new map decides, by table
    "orgs": ("kind", "row", "region", "system", "draw"),
    "icbs": ("org", "first", "last_one", "oversight", "contracts"),
    "providers": ("org", "oversight"),
    "councils": ("org",),
    "systems": ("provider_cost",),
    "pairs": ("kind", "a", "b", "system", "draw", "share_a", "share_b"),
    "ties": ("source", "target", "pair", "kind", "draw"),
}
SUMMED = ("GBP k", "people", "ties")  # units of what adds up
Rows = np.ndarray


class Onto:
    """Which old rows make up each new row of a table: new row, old row, share of the old one, and the weight in means."""

    def __init__(self, new: Rows, old: Rows, share: np.ndarray, weight: np.ndarray, size: int) -> None:
        self.new, self.old, self.share, self.size = new, old, share, size
        self.weight = share * np.maximum(weight[old], 1e-9)
        order = np.lexsort((-self.weight, new))
        first = order[np.unique(new[order], return_index=True)[1]]
        self.largest = np.empty(size, dtype=np.int64)
        self.largest[new[first]] = old[first]
        self.alone = (np.bincount(new, minlength=size) == 1) & np.isin(np.arange(size), new[share == 1.0])

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums of shares of `values`, by new row; to the bit where one old row goes over whole."""
        added = np.bincount(self.new, values[self.old] * self.share, minlength=self.size)
        return np.where(self.alone, values[self.largest], added)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Weighted means of `values`, by new row; as exact."""
        weight = np.bincount(self.new, self.weight, minlength=self.size)
        mean = np.bincount(self.new, values[self.old] * self.weight, minlength=self.size) / weight
        return np.where(self.alone, values[self.largest], mean)

    def fill(self, table: str, new: np.ndarray, old: np.ndarray, kept: tuple[str, ...] = ()) -> None:
        """Write each field of the old records into the new ones, as its unit asks; `kept` fields stay as they are."""
        for line in FIELDS[table].strip().splitlines():
            name, kind, rest = line.split(maxsplit=2)
            if name in kept:
                continue
            if kind != "f":
                new[name] = old[name][self.largest]
            else:
                new[name] = self.sums(old[name]) if rest.startswith(SUMMED) else self.means(old[name])


def redrawn_state(old: State, was: Facts, fresh: State, now: Facts, how: Redrawn) -> State:
    """`fresh` (a first state of the new world) with all that has happened in `old`. `was`, `now`: facts of the two worlds."""
    onto = _icbs_onto(old, was, now, how.shares)
    fresh.clock[:] = old.clock
    kept = _same_organisations(was, now)
    fields = [name for name in old.orgs.dtype.names or () if name not in PLACE["orgs"]]
    for name in fields:
        fresh.orgs[name][kept[0]] = old.orgs[name][kept[1]]
    boards, old_boards = fresh.orgs[fresh.icbs["org"]], old.orgs[old.icbs["org"]]
    onto.fill("orgs", boards, old_boards, PLACE["orgs"])
    fresh.orgs[fresh.icbs["org"]] = boards
    onto.fill("icbs", fresh.icbs, old.icbs, PLACE["icbs"])
    for table in ("providers", "councils"):
        one, other = getattr(fresh, table), getattr(old, table)
        for name in one.dtype.names or ():
            if name not in PLACE[table]:
                one[name] = other[name]
    onto.fill("systems", fresh.systems, old.systems, PLACE["systems"])
    _carry_ties(old, was, fresh, now, how.ties)
    _carry_books(old, fresh, kept, onto)
    home = fresh.orgs["system"][fresh.providers["org"]]
    fresh.systems["provider_cost"] = np.bincount(home, fresh.providers["base_cost"], minlength=len(fresh.systems))
    return fresh


def redrawn_tallies(tallies: np.ndarray, was: Facts, now: Facts, how: Redrawn) -> np.ndarray:
    """Tallies of the quarters before, by the systems of the new map: a divided system's are divided as its people are."""
    before, after = len(was.tables["icbs"]), len(now.tables["icbs"])
    old, new = was.rows_of(how.shares["icb"], "icbs"), now.rows_of(how.shares["successor"], "icbs")
    found = np.zeros((len(tallies), tallies.shape[1] - before + after), dtype=TALLY).view(np.recarray)
    for name in TALLY.names or ():
        values = found[name]
        for one, other, share in zip(old, new, how.shares["share"], strict=True):
            values[:, other] += tallies[name][:, one] * share
        values[:, after:] = tallies[name][:, before:]
    return found


def _icbs_onto(old: State, was: Facts, now: Facts, shares: pd.DataFrame) -> Onto:
    rows = (now.rows_of(shares["successor"], "icbs"), was.rows_of(shares["icb"], "icbs"))
    return Onto(*rows, shares["share"].to_numpy(dtype=float), old.icbs["allocation"].copy(), len(now.tables["icbs"]))


def _same_organisations(was: Facts, now: Facts) -> tuple[Rows, Rows]:
    """New and old rows of all organisations but ICBs."""
    codes = [code for code, kind in zip(now.organisations["code"], now.organisations["kind"], strict=True) if kind != ICB]
    return np.array([now.row[code] for code in codes]), np.array([was.row[code] for code in codes])


def _carry_ties(old: State, was: Facts, fresh: State, now: Facts, moved: pd.DataFrame) -> None:
    """Pairs and their two ties: as they were, or put together where two pairs have become one."""
    position = {key: row for row, key in enumerate(zip(*(was.pairs[name] for name in ("kind", "a", "b")), strict=True))}
    place = {key: row for row, key in enumerate(zip(*(now.pairs[name] for name in ("kind", "a", "b")), strict=True))}
    rows = [(place[k, x, y], position[k, a, b], share) for k, a, b, x, y, share in moved.itertuples(index=False, name=None)]
    done = {(k, a, b) for k, a, b in moved[["kind", "a", "b"]].itertuples(index=False, name=None)}
    rows += [(place[key], row, 1.0) for key, row in position.items() if key not in done]
    new, before, share = (np.array(column) for column in zip(*rows, strict=True))
    onto = Onto(new, before, share.astype(float), old.pairs["stake"].copy(), len(place))
    onto.fill("pairs", fresh.pairs, old.pairs, PLACE["pairs"])
    for end in (0, 1):
        ties, past = fresh.ties[end::2], old.ties[end::2]
        onto.fill("ties", ties, past, PLACE["ties"])
        together = ~onto.alone & (ties["good"] + ties["bad"] > 0)
        ties["trust"][together] = (ties["good"] / (ties["good"] + ties["bad"]))[together]


def _carry_books(old: State, fresh: State, kept: tuple[Rows, Rows], onto: Onto) -> None:
    """Accounts: every balance goes over, those of ICBs summed; the totals of the latest quarter stay."""
    accounts, past = fresh.books.accounts, old.books.accounts
    outside = (np.arange(-2, 0) + len(accounts), np.arange(-2, 0) + len(past))
    for name in MONEY:
        accounts[name][kept[0]] = past[name][kept[1]]
        accounts[name][outside[0]] = past[name][outside[1]]
        accounts[name][fresh.icbs["org"]] = onto.sums(past[name][old.icbs["org"]])
    fresh.books.flows[:] = old.books.flows
    fresh.books.log[:] = 0
