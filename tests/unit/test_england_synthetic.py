"""Synthetic and tiny worlds: sound at any size, the same for the same seed, shaped like England. Truth: the real one, and hand sums."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.england import check_world, england, synthetic, tiny
from abm.model.network import COLUMNS, PROVIDER_KINDS, TIE_KINDS

ROOT = Path(__file__).parents[2]


def flows(world, kind):
    return world.partnerships[world.partnerships["kind"] == kind]


def digest(world):
    text = "".join(getattr(world, table).to_csv(index=False) for table in COLUMNS)
    return hashlib.sha256(text.encode()).hexdigest()


@settings(max_examples=15, deadline=None)
@given(systems=st.integers(1, 60), seed=st.integers(0, 2**32 - 1))
def test_any_synthetic_world_is_sound(systems, seed):
    world = synthetic(systems, seed)
    check_world(world)
    assert len(world.icbs) == systems
    assert len(world.regions) == max(1, round(systems / 6))
    assert set(world.providers["system"]) == set(world.councils["system"]) == set(world.icbs["code"])
    region = world.organisations().set_index("code")["region"]
    pairs = world.partnerships
    assert (pairs["a"].map(region) == pairs["b"].map(region)).all()  # no link leaves its region


def test_the_same_seed_gives_the_same_world_and_another_seed_another():
    assert digest(synthetic(14, 5)) == digest(synthetic(14, 5))
    assert digest(synthetic(14, 5)) != digest(synthetic(14, 6))


def test_the_same_world_in_other_processes():
    code = "import sys; sys.path.insert(0, 'tests/unit'); from test_england_synthetic import *; print(digest(synthetic(9, 3)))"
    found = {digest(synthetic(9, 3))}
    for hash_seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=env)
        found.add(done.stdout.strip())
    assert len(found) == 1


@pytest.mark.parametrize("systems", [0, -1, 5001])
def test_other_sizes_are_refused(systems):
    with pytest.raises(ValueError, match="outside 1 to 5000"):
        synthetic(systems)


def test_codes_look_as_promised():
    world = synthetic(20, 1)
    assert world.icbs["code"].iloc[0] == "S0001"
    assert world.providers["code"].str.fullmatch(r"S\d{4}P\d\d").all()
    assert world.councils["code"].str.fullmatch(r"S\d{4}C\d\d").all()
    assert world.regions["code"].tolist() == ["RG01", "RG02", "RG03"]
    assert (world.providers["code"].str[:5] == world.providers["system"]).all()
    assert set(world.partnerships["kind"]) == set(TIE_KINDS)


@pytest.fixture(scope="module")
def large():
    return synthetic(600, 2)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("icbs", "population"),
        ("icbs", "need_index"),
        ("icbs", "deprivation"),
        ("icbs", "allocation_k"),
        ("icbs", "running_cost_k"),
        ("providers", "income_k"),
        ("providers", "beds"),
        ("providers", "direct_k"),
        ("councils", "population"),
        ("councils", "social_care_k"),
        ("councils", "public_health_k"),
    ],
)
def test_distributions_are_those_of_england(large, table, column):
    real, made = getattr(england(), table)[column], getattr(large, table)[column]
    for part, factor in ((0.1, 1.3), (0.5, 1.15), (0.9, 1.3)):
        assert 1 / factor < made.quantile(part) / real.quantile(part) < factor, part
    assert made.std() / real.std() == pytest.approx(1, abs=0.3)


def test_structure_is_that_of_england(large):
    real = england()
    systems = len(large.icbs) / len(real.icbs)
    for kind in TIE_KINDS:
        assert len(flows(large, kind)) / systems == pytest.approx(len(flows(real, kind)), rel=0.2), kind
        if kind != "oversight":
            assert flows(large, kind)["flow_k"].sum() / systems == pytest.approx(flows(real, kind)["flow_k"].sum(), rel=0.2), kind
    several = [(flows(world, "commissioning").groupby("b").size() > 1).mean() for world in (real, large)]
    assert several[1] == pytest.approx(several[0], abs=0.05)
    spanning = [(flows(world, "pooling").groupby("b").size() > 1).mean() for world in (real, large)]
    assert spanning[1] == pytest.approx(spanning[0], abs=0.03)
    counts = [world.providers["sector"].value_counts(normalize=True) for world in (real, large)]
    assert set(counts[1].index) == set(PROVIDER_KINDS)
    assert (counts[0] - counts[1]).abs().max() < 0.05
    distances = [world.icbs["distance_from_target"] for world in (real, large)]
    assert distances[1].mean() == pytest.approx(distances[0].mean(), abs=0.005)
    assert distances[1].std() == pytest.approx(distances[0].std(), rel=0.3)


def test_places_are_on_the_globe_at_the_largest_size_that_matters(large):
    for table in ("regions", "icbs", "providers", "councils"):
        frame = getattr(large, table)
        assert frame["longitude"].between(-8, 4).all() and frame["latitude"].between(48, 58).all()


def test_all_worlds_have_the_same_columns_and_types():
    real = england()
    for world in (tiny(), synthetic(3, 1)):
        for table, columns in COLUMNS.items():
            frame = getattr(world, table)
            assert list(frame.columns) == list(columns)
            pd.testing.assert_series_equal(frame.dtypes, getattr(real, table).dtypes)
            assert frame.index.equals(pd.RangeIndex(len(frame)))


def test_tiny_is_sound_and_has_every_kind():
    world = tiny()
    check_world(world)
    assert set(world.partnerships["kind"]) == set(TIE_KINDS)
    assert [len(getattr(world, table)) for table in COLUMNS] == [1, 2, 4, 3, 25]


def test_tiny_by_hand():
    world = tiny()
    assert (world.icbs["allocation_k"] / world.icbs["population"]).tolist() == [2.0, 2.0]  # GBP k a head
    assert flows(world, "commissioning").groupby("a")["flow_k"].sum().to_dict() == {"I1": 800_000.0, "I2": 400_000.0}
    assert world.providers["income_k"].sum() == 800_000 + 400_000 + world.providers["direct_k"].sum()
    assert flows(world, "pooling").query("b == 'C2'")["share_b"].tolist() == [0.5, 0.5]
    assert (world.icbs["community_k"] / world.icbs["allocation_k"]).tolist() == [0.04, 0.04]
    for kind in TIE_KINDS[:4]:
        pairs = flows(world, kind)
        ends = pd.concat(
            [pairs[["a", "flow_k"]].set_axis(["code", "flow_k"], axis=1), pairs[["b", "flow_k"]].set_axis(["code", "flow_k"], axis=1)]
        )
        total = ends.groupby("code")["flow_k"].sum()
        assert (pairs["flow_k"] / pairs["a"].map(total)).tolist() == pairs["share_a"].tolist(), kind
        assert (pairs["flow_k"] / pairs["b"].map(total)).tolist() == pairs["share_b"].tolist(), kind
