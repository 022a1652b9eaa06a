"""Synthetic Englands of any size: real systems resampled with jitter, placed on rings of about six to a region.

Each synthetic system takes one real system as its template (drawn with replacement) and inherits, jittered, its need,
deprivation, distance from target, money a head, and its providers and councils with the shape of their shares: how
many other ICBs they reach and how much. "Other ICBs" become neighbours on the ring of the region, so every link stays
inside a region. Ambulance providers are drawn apart, one to a region, serving all of it. Flows are then derived as for
the real England. Everything grows linearly with the number of systems.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.england.assumptions import VALUES
from abm.england.flows import derive, kept_patients
from abm.england.structure import Structure, structure_of
from abm.england.tables import load_tables
from abm.model.network import World

Ints = NDArray[np.intp]
Generator = np.random.Generator

LARGEST = 5000
SYSTEMS_PER_REGION = 6
SIZE_JITTER = 0.10  # standard deviations of log-normal factors (sizes, money) or of sums (need, distance); all assumed
OWN_JITTER = 0.08
MONEY_JITTER = 0.02
NEED_JITTER = 0.02
DISTANCE_JITTER = 0.005
GRID_DEGREES, SCATTER_DEGREES = 0.1, 0.04


@dataclass(frozen=True)
class Templates:
    """What real systems are like. Row t of `icbs` is template t; `owner` columns of members say whose they are.

    `reach` of a member: its shares by ICB, its home first, then the others from the largest down (member, step, share).
    """

    icbs: pd.DataFrame
    providers: pd.DataFrame
    provider_reach: pd.DataFrame
    councils: pd.DataFrame
    council_reach: pd.DataFrame
    ambulances: pd.DataFrame


@dataclass(frozen=True)
class Plan:
    """Where systems lie: for each system its template, size factor, region, position on the ring and ring length."""

    template: Ints
    size: NDArray[np.float64]
    region: Ints
    position: Ints
    ring: Ints
    first: Ints

    def codes(self) -> NDArray[np.str_]:
        """S0001, S0002, ..."""
        return np.array([f"S{number:04d}" for number in range(1, len(self.template) + 1)])

    def region_codes(self) -> NDArray[np.str_]:
        """Of each system: RG01, ... (wider from a hundred regions, so that order by code is order by number)."""
        width = max(2, len(str(self.region.max() + 1)))
        return np.array([f"RG{number + 1:0{width}d}" for number in self.region])

    def neighbour(self, system: Ints, step: Ints) -> Ints:
        """The system `step` places away on the ring: 0 itself, 1 the next, 2 the one before, 3 the next but one, ..."""
        offset = np.where(step % 2 == 1, (step + 1) // 2, -(step // 2))
        return self.first[system] + (self.position[system] + offset) % self.ring[system]


def synthetic(systems: int = 20, seed: int = 1) -> World:
    """A synthetic England of `systems` systems (1 to 5000). The same two numbers give the same world.

    Codes: RG01 (region), S0001 (ICB), S0001P02 (provider), S0001C01 (council). Raises ValueError for other sizes.
    """
    if not 1 <= systems <= LARGEST:
        raise ValueError(f"systems = {systems} is outside 1 to {LARGEST}")
    rng = np.random.default_rng(seed)
    templates = real_templates()
    plan = _plan(systems, len(templates.icbs), rng)
    councils, residents = _councils(templates, plan, rng)
    icbs = _icbs(templates, plan, residents, rng)
    providers, patients = _providers(templates, plan, icbs, rng)
    regions = icbs.groupby("region", as_index=False)[["longitude", "latitude"]].mean().rename(columns={"region": "code"})
    structure = Structure(
        name=f"synthetic, {systems} systems, seed {seed}",
        regions=regions.assign(name="Region " + regions["code"].str[2:]),
        icbs=icbs,
        providers=providers,
        councils=councils,
        patients=patients,
        residents=residents,
        catchments=pd.DataFrame({"provider": pd.Series(dtype=str), "council": pd.Series(dtype=str), "share": pd.Series(dtype=float)}),
    )
    return derive(structure)


@cache
def real_templates() -> Templates:
    """Features of the 42 real systems, from the published tables."""
    real = structure_of(load_tables())
    number = {code: row for row, code in enumerate(real.icbs["code"])}
    providers = real.providers.assign(owner=real.providers["system"].map(number))
    ambulance = providers["sector"] == "ambulance"
    ordinary = providers[~ambulance].reset_index(drop=True)
    councils = real.councils.assign(owner=real.councils["system"].map(number))
    residents = real.residents.rename(columns={"share_of_council": "share"})
    return Templates(
        icbs=real.icbs,
        providers=ordinary,
        provider_reach=_reach(kept_patients(real.patients), "provider", ordinary),
        councils=councils,
        council_reach=_reach(residents, "council", councils),
        ambulances=providers[ambulance].reset_index(drop=True),
    )


def _reach(links: pd.DataFrame, key: str, members: pd.DataFrame) -> pd.DataFrame:
    """member (row of `members`), step (0 = home, then by falling share), share."""
    rows = links.assign(member=pd.Index(members["code"]).get_indexer(links[key]))
    rows = rows[rows["member"] >= 0]
    home = members["system"].to_numpy()[rows["member"]] == rows["icb"].to_numpy()
    rows = rows.assign(away=~home).sort_values(["member", "away", "share"], ascending=[True, True, False], ignore_index=True)
    return rows.assign(step=rows.groupby("member").cumcount())[["member", "step", "share"]]


def _plan(systems: int, templates: int, rng: Generator) -> Plan:
    """Regions of nearly equal numbers of neighbouring systems; templates and size factors drawn."""
    parts = np.array_split(np.arange(systems), max(1, round(systems / SYSTEMS_PER_REGION)))
    lengths = np.array([len(part) for part in parts])
    region = np.repeat(np.arange(len(parts)), lengths)
    first = np.repeat(np.array([part[0] for part in parts]), lengths)
    return Plan(
        template=rng.integers(templates, size=systems),
        size=np.exp(rng.normal(0.0, SIZE_JITTER, systems)),
        region=region,
        position=np.arange(systems) - first,
        ring=np.repeat(lengths, lengths),
        first=first,
    )


def _members(owner: pd.Series, plan: Plan, letter: str) -> tuple[Ints, Ints, NDArray[np.str_]]:
    """Of each member to be made: its template row, its system, its code (numbered within the system)."""
    rows_of = [np.flatnonzero(owner == template) for template in range(int(plan.template.max()) + 1)]
    drawn = [rows_of[template] for template in plan.template]
    counts = np.array([len(rows) for rows in drawn])
    system = np.repeat(np.arange(len(drawn)), counts)
    number = np.arange(len(system)) - np.repeat(counts.cumsum() - counts, counts)
    codes = np.array([f"{home}{letter}{place + 1:02d}" for home, place in zip(plan.codes()[system], number, strict=True)])
    return np.concatenate(drawn), system, codes


def _spread(reach: pd.DataFrame, rows: Ints, system: Ints, plan: Plan) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Links of members to systems: member, system, share; steps beyond the ring are left out, shares sum to 1 by member."""
    links = pd.DataFrame({"member": rows, "new": np.arange(len(rows))}).merge(reach, on="member").sort_values(["new", "step"])
    new = links["new"].to_numpy()
    step, home = links["step"].to_numpy(), system[new]
    fits = step < plan.ring[home]
    new, share = new[fits], links["share"].to_numpy()[fits]
    share = share / np.bincount(new, share, minlength=len(rows))[new]
    return new, plan.neighbour(home[fits], step[fits]), share


def _councils(templates: Templates, plan: Plan, rng: Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Councils with jittered size, deprivation and spend a head; and who lives where (the `residents` of a Structure)."""
    rows, system, codes = _members(templates.councils["owner"], plan, "C")
    old = templates.councils.iloc[rows].reset_index(drop=True)
    factor = plan.size[system] * np.exp(rng.normal(0.0, OWN_JITTER, len(rows)))
    people = np.maximum((old["population"] * factor).round().astype(np.int64), 1000)
    heads = people / old["population"]
    member, icb, share = _spread(templates.council_reach, rows, system, plan)
    residents = pd.DataFrame({"icb": plan.codes()[icb], "council": codes[member]})
    residents["population"] = (people.to_numpy()[member] * share).round().astype(np.int64)
    for name, key in (("share_of_council", "council"), ("share_of_icb", "icb")):
        residents[name] = residents["population"] / residents.groupby(key)["population"].transform("sum")
    councils = pd.DataFrame({"code": codes, "name": [f"Council {code[1:]}" for code in codes], "system": plan.codes()[system]})
    councils["region"] = plan.region_codes()[system]
    councils["population"] = residents.groupby("council")["population"].sum().reindex(codes).to_numpy()
    councils["deprivation"] = (old["deprivation"] * np.exp(rng.normal(0.0, OWN_JITTER, len(rows)))).round(3)
    for name in ("social_care_k", "public_health_k"):
        councils[name] = (old[name] * heads * np.exp(rng.normal(0.0, MONEY_JITTER, len(rows)))).round(0)
    return _scattered(councils, system, len(plan.template), rng), residents


def _icbs(templates: Templates, plan: Plan, residents: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """ICBs whose people are those of their councils, with jittered features and the template's money a head."""
    old = templates.icbs.iloc[plan.template].reset_index(drop=True)
    n = len(plan.template)
    icbs = pd.DataFrame({"code": plan.codes(), "region": plan.region_codes()})
    icbs["name"] = "System " + icbs["code"].str[1:]
    icbs["population"] = residents.groupby("icb")["population"].sum().reindex(plan.codes()).to_numpy()
    need = np.exp(rng.normal(0.0, NEED_JITTER, n))
    icbs["need_index"] = (old["need_index"] * need).round(5)
    icbs["deprivation"] = (old["deprivation"] * np.exp(rng.normal(0.0, OWN_JITTER, n))).round(3)
    icbs["distance_from_target"] = (old["distance_from_target"] + rng.normal(0.0, DISTANCE_JITTER, n)).round(6)
    heads = icbs["population"] / old["population"]
    money = heads * need * np.exp(rng.normal(0.0, MONEY_JITTER, n))
    icbs["allocation_k"] = (old["allocation_k"] * money).round(0)
    icbs["budget_k"] = (old["budget_k"] * money).round(0)
    icbs["running_cost_k"] = (old["running_cost_k"] * heads).round(0)
    return _scattered(icbs, np.arange(n), n, rng)


def _providers(templates: Templates, plan: Plan, icbs: pd.DataFrame, rng: Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Providers with jittered income and beds, and whose patients they see (the `patients` of a Structure)."""
    rows, system, codes = _members(templates.providers["owner"], plan, "P")
    old = templates.providers.iloc[rows].reset_index(drop=True)
    factor = plan.size[system] * np.exp(rng.normal(0.0, OWN_JITTER, len(rows)))
    providers = pd.DataFrame({"code": codes, "sector": old["sector"], "system": plan.codes()[system]})
    providers["region"] = plan.region_codes()[system]
    providers["income_k"] = (old["income_k"] * factor).round(0)
    providers["direct_target"] = old["direct_target"]
    providers["beds"] = (old["beds"] * factor).round(0)
    member, icb, share = _spread(templates.provider_reach, rows, system, plan)
    patients = pd.DataFrame({"provider": codes[member], "icb": plan.codes()[icb], "share": share})
    ambulances, their_patients = _ambulances(templates, plan, icbs, np.bincount(system, minlength=len(icbs)), rng)
    providers = pd.concat([providers, ambulances], ignore_index=True)
    providers["name"] = "Provider " + providers["code"].str[1:]
    home = pd.Index(icbs["code"]).get_indexer(providers["system"])
    return _scattered(providers, home, len(icbs), rng), pd.concat([patients, their_patients], ignore_index=True)


def _ambulances(templates: Templates, plan: Plan, icbs: pd.DataFrame, taken: Ints, rng: Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One ambulance provider to a region, at its first system, with England's ambulance income a head; patients by population."""
    people = icbs.groupby("region")["population"].sum()
    home = np.unique(plan.first)
    a_head = templates.ambulances["income_k"].sum() / VALUES["england_people"]
    codes = np.array([f"{code}P{number + 1:02d}" for code, number in zip(plan.codes()[home], taken[home], strict=True)])
    providers = pd.DataFrame({"code": codes, "sector": "ambulance", "system": plan.codes()[home], "region": people.index})
    providers["income_k"] = (people.to_numpy() * a_head * np.exp(rng.normal(0.0, OWN_JITTER, len(home)))).round(0)
    providers["direct_target"] = VALUES["direct_share_ambulance"]
    providers["beds"] = 0.0
    share = icbs["population"] / icbs["region"].map(people)
    return providers, pd.DataFrame({"provider": codes[plan.region], "icb": icbs["code"], "share": share})


def _scattered(frame: pd.DataFrame, system: Ints, systems: int, rng: Generator) -> pd.DataFrame:
    """`frame` with invented places: systems on a square grid over England's latitudes, members scattered around theirs."""
    side = int(np.ceil(np.sqrt(systems)))
    row, column = np.divmod(system, side)
    scatter = rng.uniform(-SCATTER_DEGREES, SCATTER_DEGREES, (len(frame), 2))
    longitude = -2.0 + GRID_DEGREES * (column - side / 2) + scatter[:, 0]
    latitude = 53.0 + GRID_DEGREES * (row - side / 2) + scatter[:, 1]
    return frame.assign(longitude=longitude.round(4), latitude=latitude.round(4))
