"""The real England: counts, published sums, derived flows and their books. Truth: published totals and hand calculation."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.england import check_world, england, load_tables, read_world, structure_of, write_world
from abm.england.assumptions import ASSUMPTIONS, VALUES
from abm.england.build import with_assumptions
from abm.england.fitting import fit_margins
from abm.england.flows import contract_report, derive, kept_patients, with_shares
from abm.england.tables import PACKAGED
from abm.model.network import COLUMNS, PARTNER_KINDS, PROVIDER_KINDS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def world():
    return england()


@pytest.fixture(scope="module")
def facts():
    return load_tables()


@pytest.fixture(scope="module")
def structure(facts):
    return structure_of(facts)


def flows(world, kind):
    return world.partnerships[world.partnerships["kind"] == kind]


def test_counts(world):
    assert [len(getattr(world, table)) for table in ("regions", "icbs", "providers", "councils")] == [7, 42, 205, 153]
    assert world.partnerships["kind"].isin(PARTNER_KINDS).sum() == pytest.approx(2100, abs=60)
    counts = world.partnerships["kind"].value_counts()
    assert counts["commissioning"] == 360
    assert counts["pooling"] == 160
    assert counts["oversight"] == 42 + 205
    assert set(world.providers["sector"]) == set(PROVIDER_KINDS)
    assert (world.providers["sector"] == "mixed").sum() == 7
    assert (world.providers["sector"] == "specialist").sum() == 16


def test_published_sums(facts, world):
    assert facts.icbs["core_allocation_2024_25_k"].sum() == pytest.approx(103_817_000, abs=1000)
    assert facts.providers["opex_k"].sum() == 133_620_282
    assert facts.regions["population_mid_2023"].sum() == facts.icbs["population_mid_2023"].sum() == VALUES["england_people"]
    assert world.councils["population"].sum() == pytest.approx(VALUES["england_people"], abs=200)
    core_and_primary = facts.icbs["core_total_2024_25_k"].sum() + facts.icbs["primary_medical_allocation_2024_25_k"].sum()
    assert world.icbs["allocation_k"].sum() == core_and_primary
    assert world.icbs["running_cost_k"].sum() == facts.icbs["running_cost_2023_24_k"].sum()


def test_cross_border_facts(facts, world):
    assert (facts.icb_council.groupby("council_code").size() > 1).sum() == 10
    assert (flows(world, "pooling").groupby("b").size() > 1).sum() == 6
    several = flows(world, "commissioning").groupby("b").size() > 1
    assert several.sum() == 83
    assert several["RXK"] and several["RYA"]  # Sandwell and West Birmingham; West Midlands Ambulance
    assert set(flows(world, "commissioning").groupby("b").size().index) == set(world.providers["code"])


def test_world_is_sound(world):
    check_world(world)


def test_packaged_world_equals_a_fresh_derivation(world):
    fresh = england(PACKAGED)
    for table in COLUMNS:
        pd.testing.assert_frame_equal(getattr(world, table), getattr(fresh, table), rtol=1e-9, atol=2e-3, check_exact=False)


def test_each_call_gives_fresh_tables(world):
    mine = england()
    mine.icbs.loc[0, "allocation_k"] = -1.0
    assert england().icbs.equals(world.icbs)


def test_write_then_read_gives_the_same_world(world, tmp_path):
    write_world(world, tmp_path)
    again = read_world(tmp_path, "again")
    for table in COLUMNS:
        pd.testing.assert_frame_equal(getattr(again, table), getattr(world, table), check_exact=True)


def test_importing_computes_nothing():
    code = "from abm.england import _packaged, synthetic; import abm.england.synthetic as s, sys\n"
    code += "assert _packaged.cache_info().currsize == 0\nprint(sorted(m for m in sys.modules if m.startswith('abm.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    outside = [name for name in ast.literal_eval(done.stdout) if not name.startswith(("abm.england", "abm.model"))]
    assert outside == []


def test_only_the_network_is_imported_from_the_model():
    for path in (ROOT / "abm" / "england").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("abm."):
                assert node.module == "abm.model.network" or node.module.split(".")[1] == "england", path.name


def test_every_icb_spends_its_budget_with_providers(structure, world):
    budget = structure.icbs.set_index("code")["budget_k"]
    spent = flows(world, "commissioning").groupby("a")["flow_k"].sum()
    assert (spent - budget).abs().max() < 0.1  # GBP k
    assert spent.sum() == pytest.approx(0.72 * 106_861_000, rel=1e-4)


def test_direct_shares_end_near_the_sought_ones(structure, world):
    report = contract_report(structure, world)
    gap = (report["direct_share"] - report["direct_target"]).abs()
    assert gap.mean() < 0.05
    assert gap.max() < 0.13
    assert report.index[report["at_floor"]].size <= 1
    assert (report["direct_share"] >= VALUES["direct_floor"] - 1e-6).all()
    weighted = report.assign(direct=report["direct_share"] * report["income_k"]).groupby(["sector", "direct_target"])
    by_size = weighted["direct"].sum() / weighted["income_k"].sum()
    assert (by_size - by_size.index.get_level_values("direct_target")).abs().max() < 0.05


def test_allocation_left_for_all_else_is_plausible(world):
    icbs = world.icbs.set_index("code")
    contracts = flows(world, "commissioning").groupby("a")["flow_k"].sum()
    left = 1 - (contracts + icbs["community_k"] + icbs["prevention_k"]) / icbs["allocation_k"]
    assert left.min() > 0.2
    assert left.max() < 0.4  # primary care, prescribing, continuing care, independent providers, pooled funds


def test_programmes_sum_to_their_english_shares_and_follow_need(world):
    icbs = world.icbs
    for programme in ("community", "prevention"):
        assert icbs[f"{programme}_k"].sum() == pytest.approx(VALUES[f"{programme}_share"] * icbs["allocation_k"].sum())
    share = icbs["prevention_k"] / icbs["allocation_k"]
    assert share.idxmax() == icbs["deprivation"].idxmax()
    assert (icbs["community_k"] / icbs["allocation_k"]).idxmin() == icbs["need_index"].idxmin()


def test_small_shares_go_onto_the_remaining_links(structure):
    kept = kept_patients(structure.patients)
    assert len(kept) == (structure.patients["share"] >= 0.05).sum()
    assert kept.groupby("provider")["share"].sum().to_numpy() == pytest.approx(1.0)
    manchester = structure.patients.query("provider == 'R0A'").set_index("icb")["share"]
    assert kept.query("provider == 'R0A'").set_index("icb")["share"].to_dict() == {"QOP": 1.0}
    assert manchester["QE1"] == 0.0291


def test_discharge_pairs_of_hospitals_are_their_published_catchments(facts, world):
    published = facts.provider_council.query("share_of_provider_catchment >= 0.05")
    pairs = flows(world, "discharge")
    ours = pairs[pairs["a"].isin(published["provider_code"])]
    assert set(zip(ours["a"], ours["b"], strict=True)) == set(zip(published["provider_code"], published["council_code"], strict=True))


def test_pooled_money_is_the_better_care_fund(world):
    assert flows(world, "pooling")["flow_k"].sum() == pytest.approx(5_614_000 + 3_351_000, abs=1)
    assert set(flows(world, "pooling")["b"]) == set(world.councils["code"])


def test_discharge_of_one_hospital_by_hand(world):
    ours = flows(world, "discharge").query("a == 'R0A'")
    assert ours["flow_k"].sum() == pytest.approx(2275 * 0.12 * 0.395 * 365)
    manchester, trafford = 0.349634, ours.set_index("b")["share_a"]
    assert trafford["E08000003"] > manchester  # shares under 5 per cent went onto the others
    ambulance = world.providers.loc[world.providers["sector"] == "ambulance", "code"]
    assert not flows(world, "discharge")["a"].isin(ambulance).any()


def test_gaps_are_filled_and_plausible(facts, structure):
    councils = structure.councils.set_index("code")
    raw = facts.councils.set_index("council_code")
    assert raw["asc_net_2024_25_k"].isna().sum() == 3
    growth = councils["social_care_k"] / raw["asc_net_2023_24_k"]
    assert growth["E06000063"] == pytest.approx(growth["E06000039"], rel=1e-4)  # Cumberland and Slough by England's growth
    assert 371_448 < councils.loc["E08000025", "social_care_k"] < 371_448 * 1.4  # Birmingham, from 2022/23
    assert (councils["public_health_k"] > 0).all()
    beds = structure.providers.set_index("code")["beds"]
    assert (beds[["RGP", "RNA", "RQ3", "RTX", "RWH"]] > 100).all()
    mental = structure.providers["sector"] == "mental_health"
    assert beds[mental.to_numpy()].sum() == pytest.approx(18_100, rel=0.05)
    assert beds.notna().all()


def test_collaborative_pairs_share_patients(structure, world):
    kept = kept_patients(structure.patients).groupby("provider")["icb"].agg(set)
    pairs = flows(world, "collaborative")
    assert all(kept[a] & kept[b] for a, b in zip(pairs["a"], pairs["b"], strict=True))
    income = world.providers.set_index("code")["income_k"]
    smaller = np.minimum(pairs["a"].map(income), pairs["b"].map(income))
    assert (pairs["flow_k"] <= VALUES["collaborative_share"] * smaller + 0.001).all()


def test_derivation_needs_no_order_of_rows(structure):
    turned = {name: getattr(structure, name).iloc[::-1].reset_index(drop=True) for name in ("icbs", "providers", "patients", "residents")}
    other, one = derive(replace(structure, **turned)), derive(structure)
    for table in COLUMNS:
        pd.testing.assert_frame_equal(getattr(other, table), getattr(one, table), rtol=1e-6, atol=0.01, check_exact=False)


def test_shares_of_an_end_without_money_are_equal():
    pairs = pd.DataFrame({"kind": "oversight", "a": ["R", "R", "Q"], "b": ["x", "y", "z"], "flow_k": 0.0})
    shares = with_shares(pairs)
    assert shares["share_a"].tolist() == [1.0, 0.5, 0.5]
    assert shares["share_b"].tolist() == [1.0, 1.0, 1.0]


GRID = {"row": np.array([0, 0, 1, 1]), "column": np.array([0, 1, 0, 1]), "row_sum": np.array([10.0, 20.0])}
FREE = np.array([1e9, 1e9])


def test_fit_with_fixed_columns_is_plain_proportional_fitting():
    flow = fit_margins(seed=np.array([1.0, 3.0, 1.0, 1.0]), **GRID, column_sum=np.array([12.0, 18.0]), column_cap=FREE, hold=1.0)
    assert flow[:2].sum() == pytest.approx(10) and flow[2:].sum() == pytest.approx(20)
    assert flow[0] + flow[2] == pytest.approx(12)
    assert (flow[0] * flow[3]) / (flow[1] * flow[2]) == pytest.approx(1 / 3)  # odds of the seed are kept


def test_fit_without_hold_follows_the_rows():
    flow = fit_margins(seed=np.array([1.0, 3.0, 1.0, 1.0]), **GRID, column_sum=np.array([29.0, 1.0]), column_cap=FREE, hold=0.0)
    assert flow == pytest.approx([2.5, 7.5, 10.0, 10.0])


def test_fit_keeps_caps_and_leaves_the_rest_unspent():
    one_row = {"seed": np.ones(2), "row": np.array([0, 0]), "column": np.array([0, 1]), "row_sum": np.array([100.0])}
    sought = np.array([50.0, 50.0])
    flow = fit_margins(**one_row, column_sum=sought, column_cap=np.array([30.0, 1000.0]), hold=0.8)
    assert flow == pytest.approx([30.0, 70.0])
    flow = fit_margins(**one_row, column_sum=sought, column_cap=np.array([30.0, 40.0]), hold=0.8)
    assert flow == pytest.approx([30.0, 40.0])


def test_assumptions_are_declared_once_and_shown_in_the_docs():
    names = [row.name for row in ASSUMPTIONS]
    assert len(names) == len(set(names))
    assert all(row.unit and row.meaning and row.source for row in ASSUMPTIONS)
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert with_assumptions(page) == page, "run python -m abm.england.build"


def test_every_assumption_is_used():
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "abm" / "england").glob("*.py") if path.stem != "assumptions")
    built = ("direct_share_", "beds_per_million_", "community_share", "prevention_share")  # named by an f-string
    assert [row.name for row in ASSUMPTIONS if f'"{row.name}"' not in sources and not row.name.startswith(built)] == []


def test_a_copied_folder_loads_elsewhere(tmp_path, world):
    shutil.copytree(PACKAGED, tmp_path / "data")
    assert england(tmp_path / "data").icbs["allocation_k"].tolist() == world.icbs["allocation_k"].tolist()
