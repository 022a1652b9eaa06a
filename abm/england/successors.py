"""England with the ICBs that took over in April 2026 in place of those of 2024/25: 36 for 42. Nothing is lost on the way.

`icbs.csv` names the successor of each ICB (`successor_icb_apr2026`; two codes with a ';' between them where it was
divided). Money and people are summed, indices weighted by people, providers and councils get a new home, ties to the same
partner become one with their flows added. A divided ICB goes council by council, each

    to the successor that most of the council's other people have; where it has no others there, to that of the nearest council
    of an ICB that was not divided.

Its money goes by people; a contract by the people of the provider's catchment, where that is known. The tables name no
successor for parts of an ICB that went elsewhere, so boundary changes beside the mergers are not in it. The successors may
stand from the start, or take over in mid-run (`abm.model.redraw`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from abm.england.assumptions import VALUES
from abm.england.flows import with_direct_income, with_shares
from abm.england.reading import TableError
from abm.england.tables import Tables
from abm.model.network import COLUMNS, Redrawn, World

COLUMN = "successor_icb_apr2026"
NAMES = {  # of new codes; in the tables there are only codes. Names recalled from NHS England's list of April 2026
    "D7T5G": "Essex",
    "S0E4D": "Thames Valley",
    "S1Y5D": "Central East",
    "S9B9J": "Surrey and Sussex",
    "T6Y0W": "Norfolk and Suffolk",
    "Z9B2Z": "West and North London",
}
SUMMED = ("population", "allocation_k", "running_cost_k", "community_k", "prevention_k")
WEIGHTED = ("need_index", "deprivation", "longitude", "latitude")


@dataclass(frozen=True)
class Succession:
    """Who takes over whom: `parts` has a row an ICB, council and successor, with the people who live there (icb, council,
    successor, people); `shares` a row an ICB and successor, with the part of the ICB's people that it gets (icb, successor, share)."""

    parts: pd.DataFrame
    shares: pd.DataFrame

    def home(self, icb: str) -> str:
        """The successor that gets most of an ICB."""
        rows = self.shares[self.shares["icb"] == icb]
        return str(rows["successor"].iloc[int(rows["share"].to_numpy().argmax())])


def succession(tables: Tables) -> Succession:
    """Who takes over whom, by the tables. Raises `TableError` where a successor is not named or lies in two regions."""
    named = _named(tables)
    parts = tables.icb_council.rename(columns={"icb_code": "icb", "council_code": "council", "population_mid_2023": "people"})
    parts = parts[["icb", "council", "people"]].sort_values(["icb", "council"], ignore_index=True)
    whole = {icb: codes[0] for icb, codes in named.items() if len(codes) == 1}
    parts["successor"] = parts["icb"].map(whole)
    for row in parts.index[parts["successor"].isna()]:
        icb, council = parts.loc[row, "icb"], parts.loc[row, "council"]
        parts.loc[row, "successor"] = _by_people(parts, council, named[icb]) or _by_place(tables, parts, council, named[icb])
    sums = parts.groupby(["icb", "successor"], as_index=False)["people"].sum()
    shares = sums.assign(share=sums["people"] / sums.groupby("icb")["people"].transform("sum"))
    return Succession(parts, shares[["icb", "successor", "share"]])


def _named(tables: Tables) -> dict[str, list[str]]:
    """The successors that the table names, by ICB."""
    named, region_of = {}, dict[str, str]()
    for row, (icb, text, region) in enumerate(zip(*(tables.icbs[name] for name in ("icb_code", COLUMN, "region_code")), strict=True)):
        codes = [code.strip() for code in text.split(";")]
        if "" in codes:
            raise TableError("icbs.csv", row + 2, COLUMN, f"{text!r} names no successor; expected a code, or codes with ';' between them")
        for code in codes:
            if region_of.setdefault(code, region) != region:
                raise TableError("icbs.csv", row + 2, COLUMN, f"{code!r} would lie in two regions, {region_of[code]!r} and {region!r}")
        named[icb] = codes
    return named


def _by_people(parts: pd.DataFrame, council: str, allowed: list[str]) -> str | None:
    """The allowed successor that has most of a council's people so far."""
    rows = parts[(parts["council"] == council) & parts["successor"].isin(allowed)]
    return str(rows.groupby("successor")["people"].sum().idxmax()) if len(rows) else None


def _by_place(tables: Tables, parts: pd.DataFrame, council: str, allowed: list[str]) -> str:
    """The successor of the nearest council that an ICB which was not divided has most of, among the allowed; the first if none is."""
    places = tables.places[tables.places["kind"] == "council"].set_index("code")[["longitude", "latitude"]]
    home = tables.councils.set_index("council_code")["main_icb_code"]
    codes = tables.icbs.set_index("icb_code")[COLUMN]
    others = [code for code in places.index if codes[home[code]] in allowed]
    if council not in places.index or not others:
        return allowed[0]
    apart = places.loc[others] - places.loc[council]
    squared = (apart["longitude"] * np.cos(np.radians(places.loc[council, "latitude"]))) ** 2 + apart["latitude"] ** 2
    return str(codes[home[squared.idxmin()]])


# ---- the world ---------------------------------------------------------------------------------------------------------------


def with_successors(world: World, tables: Tables) -> World:
    """`world` (made from `tables`) with the successors in place of its ICBs.

    A successor draws its luck by the largest of those it takes over, so that runs on both worlds can be compared pair by pair.
    """
    return _redrawn(world, tables)[0]


def with_successors_from(world: World, tables: Tables, quarter: int) -> World:
    """`world`, in which the successors take over at the start of `quarter` (0: from the start, as `with_successors`)."""
    later, found, ties = _redrawn(world, tables)
    if quarter == 0:
        return later
    shares = found.shares.reset_index(drop=True)
    return replace(world, name=f"{world.name}, successor ICBs from quarter {quarter}", redrawn=Redrawn(quarter, later, shares, ties))


def _redrawn(world: World, tables: Tables) -> tuple[World, Succession, pd.DataFrame]:
    """The world with successors, who takes over whom, and what becomes of the ties of ICBs (see `Redrawn`)."""
    found = succession(tables)
    links = _contract_parts(found, tables, world)
    ties = _ties(world, found, links)
    partnerships = with_shares(_together(ties))
    provider_home = _provider_homes(world, found, links)
    council_home = {
        council: _main(found, council, icb) for council, icb in zip(world.councils["code"], world.councils["system"], strict=True)
    }
    contracts = partnerships[partnerships["kind"] == "commissioning"]
    providers = world.providers.assign(system=world.providers["code"].map(provider_home))
    later = replace(
        world,
        name=f"{world.name}, successor ICBs",
        icbs=_icbs(world, found),
        providers=with_direct_income(providers, contracts),
        councils=world.councils.assign(system=world.councils["code"].map(council_home)),
        partnerships=partnerships,
        draw_names={**world.draw_names, **_draw_names(world, found)},
    )
    codes = set(world.icbs["code"])
    moved = ties[ties["a"].isin(codes) | ties["b"].isin(codes)]
    return later, found, moved[["kind", "a", "b", "new_a", "new_b", "share"]].reset_index(drop=True)


def _icbs(world: World, found: Succession) -> pd.DataFrame:
    """The successors' rows: sums, means by people, and the distance from the sum of targets."""
    old = world.icbs.set_index("code")
    shares = found.shares
    part = old.loc[shares["icb"]].reset_index(drop=True)
    target = part["allocation_k"] / (1 + part["distance_from_target"])
    people = part["population"] * shares["share"]
    groups = shares["successor"]
    summed = part[list(SUMMED)].mul(shares["share"], axis=0).groupby(groups).sum()
    means = part[list(WEIGHTED)].mul(people, axis=0).groupby(groups).sum().div(people.groupby(groups).sum(), axis=0)
    frame = summed.join(means.round(6))
    frame["population"] = _whole(summed["population"])
    for name in ("allocation_k", "running_cost_k", "community_k", "prevention_k"):
        frame[name] = frame[name].round(3)
    frame["distance_from_target"] = (frame["allocation_k"] / (target * shares["share"]).groupby(groups).sum() - 1).round(6)
    frame["region"] = part["region"].groupby(groups).first()
    frame["name"] = [NAMES.get(code) or _name(old, found, code) for code in frame.index]
    frame = frame.rename_axis("code").reset_index()
    return frame[list(COLUMNS["icbs"])].sort_values("code", ignore_index=True)


def _whole(people: pd.Series) -> pd.Series:
    """People as whole numbers whose sum is that of `people` (largest remainders go up)."""
    low = np.floor(people + 1e-6)
    missing = round(people.sum() - low.sum())
    up = (people - low).sort_values(ascending=False, kind="stable").index[:missing]
    low.loc[up] += 1
    return low.astype(np.int64)


def _name(old: pd.DataFrame, found: Succession, code: str) -> str:
    """The names of those taken over, the largest part first."""
    rows = found.shares[found.shares["successor"] == code].copy()
    rows["people"] = rows["icb"].map(old["population"]) * rows["share"]
    return " and ".join(old.loc[rows.sort_values("people", ascending=False)["icb"], "name"])


def _draw_names(world: World, found: Succession) -> dict[str, str]:
    """Each new code draws by the name of the ICB that gives it most people, if no other code draws by that."""
    people = world.icbs.set_index("code")["population"]
    rows = found.shares.assign(people=found.shares["icb"].map(people) * found.shares["share"])
    names: dict[str, str] = {}
    for code, group in rows.groupby("successor", sort=True):
        largest = str(group.loc[group["people"].idxmax(), "icb"])
        if largest != code and largest not in names.values():
            names[str(code)] = world.draw_names.get(largest, largest)
    return names


def _contract_parts(found: Succession, tables: Tables, world: World) -> pd.DataFrame:
    """How a provider's business with an ICB is divided: icb, provider, successor, share (sums to 1 by icb and provider).

    By the people of the provider's catchment who live in each part, else by people. A part below `smallest_share` goes to the
    larger one.
    """
    divided = found.parts[found.parts["icb"].isin(found.shares["icb"][found.shares["icb"].duplicated()])]
    pairs = world.partnerships[(world.partnerships["kind"] == "commissioning") & world.partnerships["a"].isin(divided["icb"])]
    rows = pairs[["a", "b"]].set_axis(["icb", "provider"], axis=1).merge(divided, on="icb")
    all_people = tables.icb_council.groupby("council_code")["population_mid_2023"].sum()
    seen = tables.provider_council.set_index(["provider_code", "council_code"])["share_of_provider_catchment"]
    keys = pd.MultiIndex.from_frame(rows[["provider", "council"]])
    rows["weight"] = seen.reindex(keys).fillna(0.0).to_numpy() * rows["people"] / rows["council"].map(all_people).astype(float)
    known = rows.groupby(["icb", "provider"])["weight"].transform("sum") > 0
    rows["weight"] = rows["weight"].where(known, rows["people"])
    sums = rows.groupby(["icb", "provider", "successor"], as_index=False)["weight"].sum()
    sums["share"] = sums["weight"] / sums.groupby(["icb", "provider"])["weight"].transform("sum")
    sums = sums[sums["share"] >= VALUES["smallest_share"]]
    sums["share"] /= sums.groupby(["icb", "provider"])["share"].transform("sum")
    return sums[["icb", "provider", "successor", "share"]].reset_index(drop=True)


def _ties(world: World, found: Succession, links: pd.DataFrame) -> pd.DataFrame:
    """What becomes of each partnership: kind, a, b, flow_k as they were, new_a, new_b, share of it; ICB ends may be divided."""
    pairs = world.partnerships[["kind", "a", "b", "flow_k"]]
    divided = found.shares["icb"][found.shares["icb"].duplicated()]
    whole = dict(found.shares[~found.shares["icb"].isin(divided)][["icb", "successor"]].itertuples(index=False, name=None))
    cut = pairs["a"].isin(divided) | pairs["b"].isin(divided)
    moved = pairs[~cut].assign(share=1.0)
    parts = [moved.assign(**{f"new_{end}": moved[end].map(lambda code: whole.get(code, code)) for end in ("a", "b")})]
    pieces = {  # by kind: who gets what of a divided ICB's ties, and what is known of the ICB and its partner there
        "commissioning": (links, {"a": "icb", "b": "provider"}),
        "pooling": (found.parts.assign(share=1.0), {"a": "icb", "b": "council"}),
        "oversight": (found.shares, {"b": "icb"}),
    }
    for kind, (piece, ends) in pieces.items():
        rows = pairs[cut & (pairs["kind"] == kind)].merge(piece, left_on=list(ends), right_on=list(ends.values()))
        icb = next(end for end, what in ends.items() if what == "icb")
        other = "b" if icb == "a" else "a"
        parts.append(rows.assign(**{f"new_{icb}": rows["successor"], f"new_{other}": rows[other]}))
    return pd.concat(parts, ignore_index=True)[["kind", "a", "b", "flow_k", "new_a", "new_b", "share"]]


def _together(ties: pd.DataFrame) -> pd.DataFrame:
    """Ties to the same partner as one, flows added: kind, a, b, flow_k."""
    rows = ties.assign(flow_k=ties["flow_k"] * ties["share"], a=ties["new_a"], b=ties["new_b"])
    summed = rows.groupby(["kind", "a", "b"], as_index=False)["flow_k"].sum()
    return summed.assign(flow_k=summed["flow_k"].round(3))


def _provider_homes(world: World, found: Succession, links: pd.DataFrame) -> dict[str, str]:
    """The new home of each provider: its ICB's successor; of a divided ICB's, the one that most of its contract went to."""
    shares = links.set_index(["icb", "provider"])
    homes = {}
    for provider, icb in zip(world.providers["code"], world.providers["system"], strict=True):
        if (icb, provider) in shares.index:
            rows = shares.loc[[(icb, provider)]]
            homes[provider] = str(rows["successor"].iloc[int(rows["share"].to_numpy().argmax())])
        else:
            homes[provider] = found.home(icb)
    return homes


def _main(found: Succession, council: str, icb: str) -> str:
    """The successor of the part of an ICB that a council's people live in."""
    rows = found.parts[(found.parts["council"] == council) & (found.parts["icb"] == icb)]
    return str(rows["successor"].iloc[0]) if len(rows) else found.home(icb)
