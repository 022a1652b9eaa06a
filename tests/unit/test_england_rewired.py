"""Invariant: a rewired world keeps everybody's number of partners, and about the money; the same seed gives the same world."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import abm
from abm.england import check_world, england, synthetic, tiny
from abm.england.rewired import KEEPS, rewired
from abm.model.network import PARTNER_KINDS, World


def by_end(world: World, kind: str) -> pd.Series:
    """Flows of a kind by organisation, both ends."""
    pairs = world.partnerships[world.partnerships["kind"] == kind]
    ends = [pairs[[end, "flow_k"]].set_axis(["code", "flow_k"], axis=1) for end in ("a", "b")]
    return pd.concat(ends).groupby("code")["flow_k"]


def crossings(world: World) -> pd.DataFrame:
    """How many ties of each kind stay in a system, in a region, or cross regions."""
    home = world.organisations().set_index("code")
    pairs = world.partnerships[world.partnerships["kind"].isin(PARTNER_KINDS)]
    system, region = (pairs["a"].map(home[name]) == pairs["b"].map(home[name]) for name in ("system", "region"))
    return pd.DataFrame({"kind": pairs["kind"], "system": system, "region": region}).groupby("kind").sum()


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("world", [england(), synthetic(12, seed=3), tiny()], ids=lambda world: world.name.split(",")[0])
def test_degrees_and_money_are_kept(world, keep):
    other = rewired(world, seed=5, keep=keep)
    check_world(other)
    for kind in PARTNER_KINDS:
        old, new = by_end(world, kind), by_end(other, kind)
        pd.testing.assert_series_equal(old.size(), new.size())
        assert new.sum().sum() == pytest.approx(old.sum().sum(), rel=1e-6)
    for table in ("regions", "icbs", "councils"):
        pd.testing.assert_frame_equal(getattr(world, table), getattr(other, table))
    pd.testing.assert_frame_equal(world.providers.drop(columns="direct_k"), other.providers.drop(columns="direct_k"))


def test_margins_that_are_promised_are_met():
    world = england()
    for keep in KEEPS:
        other = rewired(world, seed=2, keep=keep)
        for kind, codes in (("commissioning", world.icbs), ("pooling", world.councils), ("discharge", world.providers)):
            gap = (by_end(other, kind).sum() - by_end(world, kind).sum()).reindex(codes["code"]).dropna()
            assert gap.abs().max() < 0.1, (keep, kind)  # GBP k, of rounding
        both = by_end(other, "collaborative").sum() / by_end(world, "collaborative").sum()
        assert both.between(0.99, 1.01).all()
        moved = (other.providers["direct_k"] - world.providers["direct_k"]).abs() / world.providers["income_k"]
        assert moved.mean() < 0.1


def test_what_is_kept_is_kept_and_the_rest_is_mixed():
    world = england()
    pairs = set(world.partnerships[["kind", "a", "b"]].itertuples(index=False, name=None))
    same = {}
    for keep in KEEPS:
        other = rewired(world, seed=1, keep=keep)
        same[keep] = len(pairs & set(other.partnerships[["kind", "a", "b"]].itertuples(index=False, name=None))) / len(pairs)
        if keep == "systems":
            pd.testing.assert_frame_equal(crossings(world), crossings(other))
        elif keep == "regions":
            pd.testing.assert_series_equal(crossings(world)["region"], crossings(other)["region"])
            assert (crossings(other)["system"] < crossings(world)["system"]).all()
        else:
            assert (crossings(other) < 0.4 * crossings(world)).all(axis=None)
    assert same["degrees"] < same["regions"] < same["systems"] < 0.9


def test_the_same_seed_gives_the_same_world_and_another_another():
    worlds = [rewired(england(), seed=seed).partnerships for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(worlds[0], worlds[1])
    assert not worlds[0].equals(worlds[2])
    with pytest.raises(ValueError, match="keep is one of degrees, regions, systems; got 'friends'"):
        rewired(tiny(), keep="friends")


def test_a_rewired_world_runs():
    outcomes = abm.ICSModel(rewired(england(), seed=1), seed=1).run(4).outcomes()
    assert np.isfinite(outcomes["trust"]).all()
