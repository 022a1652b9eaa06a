"""From a world to the first state of a run: who starts where, by the facts, and by luck only where facts are missing.

Nothing here knows the levers of the run: boards start with the memory of the policies in force before it (`before`, by
default every lever's default), so that two scenarios start from the same England.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from abm.compiled import compiled
from abm.model.ledger import ACCOUNT, ACCOUNT_KINDS, ENTRY, OUTSIDE_ACCOUNTS, PURPOSES, Books
from abm.model.network import (
    COLUMNS,
    COMMISSIONING,
    COUNCIL,
    DISCHARGE,
    ICB,
    ORGANISATION_KINDS,
    OVERSIGHT,
    POOLING,
    PROVIDER,
    PROVIDER_KINDS,
    REGION,
    TIE_KINDS,
    World,
)
from abm.model.outcomes import TALLY
from abm.model.phases.deliver import public_health_kept
from abm.model.phases.review import LAYER_ASKS, STATUTORY_PURPOSES, set_efforts
from abm.model.randomness import normals, stable_id
from abm.model.state import QUARTERS, State, records

HOSPITALS = ("acute", "specialist", "mixed")


class Facts:
    """A world's tables in the model's order (by kind, then code), so that the order of the rows it was given in is no matter."""

    def __init__(self, world: World) -> None:
        self._told = {name: getattr(world, name).copy() for name in COLUMNS}
        self.tables = {
            name: getattr(world, name).sort_values("code").reset_index(drop=True) for name in ("regions", "icbs", "providers", "councils")
        }
        self.codes = [code for table in self.tables.values() for code in table["code"]]
        self.row = {code: row for row, code in enumerate(self.codes)}
        self.names = {code: world.draw_names.get(code, code) for code in self.codes}
        order = {kind: number for number, kind in enumerate(TIE_KINDS)}
        pairs = self._oriented(world.partnerships.assign(_kind=world.partnerships["kind"].map(order)))
        self.pairs = pairs.sort_values(["_kind", "a", "b"]).reset_index(drop=True)
        self.nhs_share_of_pool, self._draw_names = world.nhs_share_of_pool, dict(world.draw_names)
        names = [(self.names[a], self.names[b]) for a, b in zip(self.pairs["a"], self.pairs["b"], strict=True)]
        kinds = list(self.pairs["kind"])
        self.org_draws = _ids(self.names[code] for code in self.codes)
        self.pair_draws = _ids(f"{a}>{b}:{kind}" for (a, b), kind in zip(names, kinds, strict=True))
        self.tie_draws = _ids(f"{x}>{y}:{kind}:act" for (a, b), kind in zip(names, kinds, strict=True) for x, y in ((a, b), (b, a)))
        self.code_array = np.array(self.codes, dtype=object)
        self.organisations = self._organisations(world)
        self.places = self._places()
        self.areas = dict(zip(self.tables["icbs"]["code"], self.tables["icbs"]["region"], strict=True))  # system: its region
        need, target = self.column("icbs", "need_index"), self.column("icbs", "distance_from_target")
        self.known_trouble = _standard(_standard(need) - _standard(target))
        self.ground = _ground(self)

    def are_of(self, world: World) -> bool:
        """Whether these are the facts of `world` as its tables stand (they may have been written to)."""
        if (self.nhs_share_of_pool, self._draw_names) != (world.nhs_share_of_pool, dict(world.draw_names)):
            return False
        return all(table.equals(getattr(world, name)) for name, table in self._told.items())

    def _oriented(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Pairs of two providers put the one first whose draw name is first, so that what they are called here is no matter.

        The first one's home system sets the terms of the pair.
        """
        turned = [
            kind == "collaborative" and self.names[a] > self.names[b]
            for kind, a, b in zip(pairs["kind"], pairs["a"], pairs["b"], strict=True)
        ]
        if any(turned):
            ends = ["a", "b", "share_a", "share_b"]
            pairs.loc[turned, ends] = pairs.loc[turned, ["b", "a", "share_b", "share_a"]].to_numpy()
        return pairs

    def _organisations(self, world: World) -> pd.DataFrame:
        """Columns code, name, kind (index), region, system ('' for a region), in the model's order."""
        frame = world.organisations().set_index("code").loc[self.codes].reset_index()
        frame["kind"] = [ORGANISATION_KINDS.index(kind) for kind in frame["kind"]]
        return frame[["code", "name", "kind", "region", "system"]]

    def _places(self) -> dict[str, dict[str, float]]:
        """Longitude and latitude of each organisation (NaN where unknown)."""
        columns = ["code", "longitude", "latitude"]
        rows = pd.concat([table[columns] for table in self.tables.values()]).itertuples(index=False, name=None)
        return {code: {"longitude": float(x), "latitude": float(y)} for code, x, y in rows}

    def rows_of(self, codes: Iterable[str], table: str) -> np.ndarray:
        """Row numbers in `table` of organisation codes; -1 for ''."""
        row = {code: number for number, code in enumerate(self.tables[table]["code"])}
        return np.array([row.get(code, -1) for code in codes], dtype=np.int64)

    def column(self, table: str, name: str) -> np.ndarray:
        """A column as floats."""
        return self.tables[table][name].to_numpy(dtype=float)


def _ids(names: Iterable[str]) -> np.ndarray:
    return np.array([stable_id(name) for name in names], dtype=np.uint64)


_PREPARED: list[Facts] = []
PREPARED_KEPT = 8


def prepared(world: World) -> Facts:
    """The facts of a world, kept for the next run on the same one (told by its contents, not by its name)."""
    for facts in _PREPARED:
        if facts.are_of(world):
            return facts
    _PREPARED.append(Facts(world))
    del _PREPARED[:-PREPARED_KEPT]
    return _PREPARED[-1]


def first_state(facts: Facts, params: np.ndarray, before: np.ndarray, key: np.uint64, *, entries: int) -> State:
    """The state at the start of quarter 0.

    `params`: one record of PARAMETERS; `before`: one record of LEVERS a system, the policy that boards remember;
    `entries`: how many payments a quarter to keep room for (0: none are kept).
    """
    books = Books(*map(_own, facts.ground.books))._replace(entries=np.zeros(entries, dtype=ENTRY).view(np.recarray))
    tables = {name: _own(table) for name, table in facts.ground._asdict().items() if name not in ("params", "policy", "books")}
    state = State(params=params, policy=before.copy(), books=books, **tables)
    state.clock["key"] = key
    _remember_policy(state, before)
    _fund(state, facts)
    _start_programmes(state, facts)
    _start_trust(state)
    return state


def _own(table: np.ndarray) -> np.ndarray:
    """A copy that a run may write into; by bytes, since NumPy copies records field by field, ten times as slowly."""
    return table.view(np.uint8, np.ndarray).copy().view(table.dtype, type(table))


def _ground(facts: Facts) -> State:
    """What the first state takes from the world alone, whatever the seed, levers and parameters: every run starts from a copy.

    Made once a world; nobody may write into it.
    """
    counts = [len(table) for table in facts.tables.values()]
    total = sum(counts)
    ground = State(
        clock=records("clock", 1),
        params=np.zeros(0),
        policy=np.zeros(0),
        orgs=records("orgs", total),
        regions=records("regions", counts[REGION]),
        icbs=records("icbs", counts[ICB]),
        providers=records("providers", counts[PROVIDER]),
        councils=records("councils", counts[COUNCIL]),
        systems=records("systems", counts[ICB]),
        pairs=records("pairs", len(facts.pairs)),
        ties=records("ties", 2 * len(facts.pairs)),
        members=np.zeros(counts[PROVIDER], dtype=np.int64),
        books=Books(
            accounts=np.zeros(total + len(OUTSIDE_ACCOUNTS), dtype=ACCOUNT).view(np.recarray),
            flows=np.zeros((len(ACCOUNT_KINDS), len(ACCOUNT_KINDS), len(PURPOSES))),
            entries=np.zeros(0, dtype=ENTRY).view(np.recarray),
            log=np.zeros(2, dtype=np.int64),
        ),
        tallies=np.zeros((0, counts[ICB] + len(ORGANISATION_KINDS)), dtype=TALLY).view(np.recarray),
    )
    _place_organisations(ground, facts, counts)
    _place_pairs(ground, facts)
    _place_money(ground, facts)
    _place_councils(ground, facts)
    for table in (*ground, *ground.books):
        if isinstance(table, np.ndarray):
            table.flags.writeable = False
    return ground


def _place_organisations(state: State, facts: Facts, counts: list[int]) -> None:
    """Kinds, rows, regions, systems and ids; the links from each kind's table back to `orgs`."""
    orgs = state.orgs
    orgs["kind"] = np.repeat(np.arange(len(counts)), counts)
    orgs["row"] = np.concatenate([np.arange(count) for count in counts])
    orgs["draw"] = facts.org_draws
    tables = facts.tables
    orgs["region"] = np.concatenate(
        [np.arange(counts[REGION])] + [facts.rows_of(tables[name]["region"], "regions") for name in ("icbs", "providers", "councils")]
    )
    homes = [facts.rows_of(tables[name]["system"], "icbs") for name in ("providers", "councils")]
    orgs["system"] = np.concatenate([np.full(counts[REGION], -1), np.arange(counts[ICB]), *homes])
    starts = np.concatenate([[0], np.cumsum(counts)])
    for table, kind in ((state.regions, REGION), (state.icbs, ICB), (state.providers, PROVIDER), (state.councils, COUNCIL)):
        table["org"] = np.arange(starts[kind], starts[kind + 1])
    orgs["tenure"] = 1
    state.books.accounts["kind"] = [*orgs["kind"].tolist(), *(ACCOUNT_KINDS.index(name) for name in OUTSIDE_ACCOUNTS)]
    by_home = np.argsort(homes[0], kind="stable")
    state.members[:] = state.providers["org"][by_home]
    state.icbs["first"] = np.searchsorted(homes[0][by_home], np.arange(counts[ICB]), side="left")
    state.icbs["last_one"] = np.searchsorted(homes[0][by_home], np.arange(counts[ICB]), side="right")


def _remember_policy(state: State, before: np.ndarray) -> None:
    """What boards carry from earlier years: the long-run mean of what reviews asked under `before`, and the effort it left."""
    par, orgs = state.params[0], state.orgs
    home = np.maximum(orgs["system"], 0)
    policy = {name: before[name][home] for name in ("finance_share", "oversight_intensity", "priorities", "local_accountability")}
    nhs = np.isin(orgs["kind"], (ICB, PROVIDER)).astype(float)
    within = (orgs["system"] >= 0).astype(float)
    lasting = np.minimum(1.0, STATUTORY_PURPOSES / np.maximum(1.0, policy["priorities"]))
    asked = nhs * policy["oversight_intensity"]
    orgs["felt_finance"] = asked * policy["finance_share"]
    orgs["felt_access"] = asked * (1.0 - policy["finance_share"]) * (1.0 - lasting)
    purposes = asked * (1.0 - policy["finance_share"]) * lasting
    orgs["felt_purpose"] = within * (1.0 - (1.0 - purposes) * (1.0 - policy["local_accountability"]))
    orgs["motivation"] = within * par.intrinsic_motivation
    orgs["bailout"] = np.where(nhs > 0, par.bailout_belief, 0.0)
    orgs["load"] = par.layer_burden * asked * (1.0 + policy["priorities"] / LAYER_ASKS)
    set_efforts(state)
    icbs = state.icbs
    icbs["authority"] = par.prior_trust_nhs
    direct = before["bypass_regime"] != 0
    icbs["expected"] = np.where(direct, before["bypass_rate"], 0.0)
    unnoticed = icbs["expected"] * (1.0 - before["bypass_notice"]) * (before["bypass_regime"] == 1)
    icbs["clarity"] = before["mandate_clarity"] * (1.0 - unnoticed)
    icbs["respect"] = par.prior_trust_nhs


def _place_pairs(state: State, facts: Facts) -> None:
    """Pairs and their two ties, and the way from an NHS body to its region."""
    pairs, ties, table = state.pairs, state.ties, facts.pairs
    pairs["kind"] = table["_kind"]
    for end in ("a", "b"):
        pairs[end] = [facts.row[code] for code in table[end].tolist()]
        pairs[f"share_{end}"] = table[f"share_{end}"]
    pairs["flow"] = table["flow_k"]
    home = state.orgs["system"]
    pairs["system"] = np.where(home[pairs["a"]] >= 0, home[pairs["a"]], home[pairs["b"]])
    pairs["draw"] = facts.pair_draws
    ties["source"] = np.column_stack([pairs["a"], pairs["b"]]).ravel()
    ties["target"] = np.column_stack([pairs["b"], pairs["a"]]).ravel()
    ties["pair"] = np.repeat(np.arange(len(pairs)), 2)
    ties["kind"] = np.repeat(pairs["kind"], 2)
    ties["draw"] = facts.tie_draws
    state.icbs["oversight"] = state.providers["oversight"] = -1
    for number in np.flatnonzero(pairs["kind"] == OVERSIGHT):
        org = state.orgs[pairs["b"][number]]
        kind_table = state.icbs if org.kind == ICB else state.providers
        kind_table["oversight"][org.row] = 2 * number + 1


def _place_money(state: State, facts: Facts) -> None:
    """Money of the starting year, as the tables give it."""
    icbs, providers, row = state.icbs, state.providers, state.orgs["row"]
    icbs["allocation"] = icbs["start"] = icbs["last"] = facts.column("icbs", "allocation_k")
    icbs["running_base"] = icbs["running"] = facts.column("icbs", "running_cost_k")
    icbs["community"], icbs["prevention"] = facts.column("icbs", "community_k"), facts.column("icbs", "prevention_k")
    pairs = state.pairs
    pairs["due"] = np.where(pairs["kind"] == COMMISSIONING, pairs["flow"], 0.0)
    pairs["due"] += np.where(pairs["kind"] == POOLING, pairs["flow"] * facts.nhs_share_of_pool, 0.0)
    contracts, pooling = pairs[pairs["kind"] == COMMISSIONING], pairs[pairs["kind"] == POOLING]
    icbs["pool"] = np.bincount(row[pooling["a"]], pooling["due"], minlength=len(icbs))
    contracted = np.bincount(row[contracts["a"]], contracts["flow"], minlength=len(icbs))
    icbs["other_care"] = icbs["allocation"] - (contracted + icbs["pool"] + icbs["community"] + icbs["prevention"])
    providers["contract"] = np.bincount(row[contracts["b"]], contracts["flow"], minlength=len(providers))
    providers["direct"] = facts.column("providers", "direct_k")
    icbs["contracts"] = np.bincount(state.orgs["system"][providers["org"]], providers["contract"], minlength=len(icbs))
    state.orgs["income"][icbs["org"]] = icbs["allocation"] + icbs["running"]
    state.orgs["income"][providers["org"]] = providers["contract"] + providers["direct"]
    sector = facts.tables["providers"]["sector"]
    providers["sector"] = [PROVIDER_KINDS.index(kind) for kind in sector]
    providers["hospital"] = sector.isin(HOSPITALS)
    providers["beds"] = facts.column("providers", "beds")
    discharge = pairs[pairs["kind"] == DISCHARGE]
    providers["bed_value"] = np.bincount(row[discharge["a"]], discharge["flow"], minlength=len(providers))
    for name in ("unit_cost", "need", "demand", "planned", "served", "scale", "capacity"):
        providers[name] = 1.0


def _place_councils(state: State, facts: Facts) -> None:
    """Councils start in balance."""
    councils, pairs = state.councils, state.pairs
    pooling = pairs[pairs["kind"] == POOLING]
    pooled = np.bincount(state.orgs["row"][pooling["b"]], pooling["due"], minlength=len(councils))
    social, councils["health"] = facts.column("councils", "social_care_k"), facts.column("councils", "public_health_k")
    councils["funding"] = social + councils["health"]
    councils["care_cost"] = social + pooled
    state.orgs["income"][councils["org"]] = councils["funding"] + pooled
    for name in ("unit_cost", "need", "supply", "plan"):
        councils[name] = 1.0


def _fund(state: State, facts: Facts) -> None:
    """The gap between cost and income, uneven as need, target and luck make it; what joint work and reserves start from."""
    par, icbs, providers, councils = state.params[0], state.icbs, state.providers, state.councils
    state.pairs["stake"] = par.stake_share * state.pairs["flow"]
    icbs["other_care"] -= par.pot_admin * state.policy["fence_share"] * state.policy["fence_recurrence"] * icbs["allocation"]
    income = state.orgs["income"][providers["org"]]
    trouble = _trouble(state, facts)[state.orgs["system"][providers["org"]]]
    uneven = trouble - _mean(trouble, income)
    providers["pressure"] = par.cost_pressure * (1.0 + par.pressure_spread * uneven)
    providers["base_cost"] = income * (1.0 + par.budget_gap + par.gap_spread * uneven)
    providers["delayed"] = np.where(providers["bed_value"] > 0, par.delayed_start, 0.0)
    providers["joint"] = providers["joint_0"] = par.prior_trust_council**2
    councils["reserve_start"] = par.council_reserves * facts.column("councils", "social_care_k")
    state.books.accounts["balance"][councils["org"]] = councils["reserve_start"]


def _trouble(state: State, facts: Facts) -> np.ndarray:
    """How troubled each system's money is: mean 0, standard deviation 1, and skewed, so that a few hold most of the deficit.

    exp(score), standardised; the score is half facts (need, and distance below target), half luck (stream "initial").
    It sets both the gap at the start (times `gap_spread`) and how fast costs press (times `pressure_spread` of `cost_pressure`).
    """
    luck = normals(state.clock["key"][0], 0, "initial", state.orgs["draw"][state.icbs["org"]])
    return _standard(np.exp((facts.known_trouble + luck) / np.sqrt(2.0)))


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Weighted mean; 0 without weight."""
    return float(np.sum(values * weights) / np.sum(weights)) if weights.sum() > 0 else 0.0


def _standard(values: np.ndarray) -> np.ndarray:
    """Values less their mean, per standard deviation; zeros where all are alike."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def _start_programmes(state: State, facts: Facts) -> None:
    """Programmes as they were carried out before the start, so that nothing matures or decays out of the past."""
    icbs, systems, councils, orgs, par = state.icbs, state.systems, state.councils, state.orgs, state.params[0]
    systems["population"] = facts.column("icbs", "population")
    systems["need"] = 1.0
    home = orgs["system"][councils["org"]]
    kept = np.empty(len(councils))
    keep_public_health(orgs, councils, kept)
    health = np.bincount(home, councils["health"], minlength=len(systems))
    health_kept = np.bincount(home, councils["health"] * kept, minlength=len(systems))
    policy = state.policy
    programme = icbs["community"] + icbs["prevention"]
    fenced = policy["fence_share"] * icbs["allocation"]
    safe = np.maximum(programme, 1e-9)
    coverage = np.where(programme > 0, np.minimum(1.0, par.fence_joint * fenced / safe), 0.0) * policy["fence_recurrence"]
    icbs["displaced"] = icbs["displaced_0"] = par.crowd_out * coverage
    protected = coverage * (1.0 - (1.0 - policy["fence_floor"]) * (1.0 - policy["fence_restriction"]))
    effort = orgs["effort_lasting"][icbs["org"]]
    load = orgs["load"][icbs["org"]]
    lost = load * (1.0 + load + load**2 + load**3) / QUARTERS  # still carried when the year ends
    icbs["usual"] = (1.0 - lost) * (protected + (1.0 - protected) * (1.0 - par.diversion * icbs["expected"]) * effort)
    effect = 1.0 - par.fence_mismatch * policy["fence_restriction"] * coverage
    systems["community_k"] = icbs["community"]
    systems["prevention_k"] = icbs["prevention"] + health
    systems["community_0"] = icbs["usual"] * effect
    systems["prevention_0"] = (icbs["prevention"] * icbs["usual"] * effect + health_kept) / np.maximum(systems["prevention_k"], 1e-9)
    for name in ("community", "community_1", "community_2"):
        systems[name] = systems["community_0"]
    for name in ("prevention", "prevention_1", "prevention_2"):
        systems[name] = systems["prevention_0"]
    systems["spent_comm"] = systems["community_0"] * systems["community_k"] / QUARTERS
    systems["spent_prev"] = systems["prevention_0"] * systems["prevention_k"] / QUARTERS
    systems["provider_cost"] = np.bincount(orgs["system"][state.providers["org"]], state.providers["base_cost"], minlength=len(systems))


@compiled
def keep_public_health(orgs, councils, kept):
    """Write into `kept` the share of each council's public health plan that is carried out."""
    for c in range(councils.size):
        kept[c] = public_health_kept(orgs[councils[c].org])


def _start_trust(state: State) -> None:
    """Trust at its prior, with the weight of a memory in balance; joint work as mature as that trust makes likely."""
    par, ties, orgs, pairs = state.params[0], state.ties, state.orgs, state.pairs
    with_council = (orgs["kind"][ties["source"]] == COUNCIL) | (orgs["kind"][ties["target"]] == COUNCIL)
    prior = np.where(with_council, par.prior_trust_council, par.prior_trust_nhs)
    weight = 1.0 / (1.0 - par.trust_memory)
    ties["good"], ties["bad"], ties["trust"] = weight * prior, weight * (1.0 - prior), prior
    ties["belief"] = prior
    pairs["programme"] = pairs["start"] = prior[::2] * prior[1::2]
    orgs["received"] = par.prior_trust_nhs
