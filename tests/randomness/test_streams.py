"""Truth: statistics of a fair die. Draws are uniform over entities, quarters, streams and seeds, and none tells of its neighbour.

Every test looks at fixed keys, so it passes always or never; bounds are set at a chance of about one in a million each.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import abm
from abm.model.randomness import STREAMS, mix, normals, run_key, stable_id, stream, uniforms

MILLIONTH = 1e-6
N = 4000
IDS = [stable_id(f"S{number:04d}") for number in range(N)]
COUNTING = list(range(N))  # neighbouring ids, the hardest case


def draws(seed: int = 0, quarter: int = 0, name: str = "act", entities: list[int] = IDS, replicate: int = 0) -> np.ndarray:
    return uniforms(run_key(seed, replicate), quarter, name, entities)


def over(axis: str, steps: int = 2000) -> np.ndarray:
    """Draws along one axis, all else held."""
    if axis == "entity":
        return draws()
    if axis == "neighbouring entity":
        return draws(entities=COUNTING)
    if axis == "quarter":
        return np.array([draws(quarter=step, entities=IDS[:1])[0] for step in range(steps)])
    if axis == "seed":
        return np.array([draws(seed=step, entities=IDS[:1])[0] for step in range(steps)])
    if axis == "replicate":
        return np.array([draws(replicate=step, entities=IDS[:1])[0] for step in range(steps)])
    return np.concatenate([draws(name=name, entities=IDS[:300]) for name in STREAMS])


AXES = ("entity", "neighbouring entity", "quarter", "seed", "replicate", "stream")


@pytest.mark.parametrize("axis", AXES)
def test_uniform_along_every_axis(axis: str) -> None:
    sample = over(axis)
    assert ((sample >= 0) & (sample < 1)).all()
    assert stats.kstest(sample, "uniform").pvalue > MILLIONTH
    counts = np.histogram(sample, bins=50, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > MILLIONTH
    assert len(np.unique(sample)) == len(sample), "the same draw twice"


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("lag", [1, 2, 4])
def test_no_memory_along_any_axis(axis: str, lag: int) -> None:
    sample = over(axis)
    assert stats.pearsonr(sample[:-lag], sample[lag:]).pvalue > MILLIONTH


NEIGHBOURS = {
    "quarter": ({}, {"quarter": 1}),
    "year": ({}, {"quarter": 4}),
    "seed": ({}, {"seed": 1}),
    "replicate": ({}, {"replicate": 1}),
    **{f"stream {name}": ({"name": "act"}, {"name": name}) for name in STREAMS if name != "act"},
}


@pytest.mark.parametrize("what", NEIGHBOURS)
def test_neighbours_are_independent(what: str) -> None:
    """The whole pair is uniform on the unit square, not only uncorrelated."""
    one, other = (draws(**given) for given in NEIGHBOURS[what])
    assert stats.pearsonr(one, other).pvalue > MILLIONTH
    grid = np.histogram2d(one, other, bins=8, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(grid.ravel()).pvalue > MILLIONTH


def test_every_input_bit_reaches_every_output_bit() -> None:
    """Avalanche: flipping one bit of the input of `mix` flips each output bit half of the time."""
    rng = np.random.default_rng(1)
    inputs = rng.integers(0, 2**64, 500, dtype=np.uint64)
    flips = np.zeros((64, 64))
    with np.errstate(over="ignore"):
        for bit in range(64):
            for value in inputs:
                changed = int(np.uint64(mix(value)) ^ np.uint64(mix(np.uint64(value ^ np.uint64(1 << bit)))))
                flips[bit] += [(changed >> place) & 1 for place in range(64)]
    share = flips / len(inputs)
    assert np.abs(share.mean() - 0.5) < 0.005
    assert share.min() > 0.36 and share.max() < 0.64  # six standard errors of 500 flips


def test_mix_is_the_published_one() -> None:
    """SplitMix64 (Steele, Lea and Flood 2014) from seed 1234567: its first outputs, as published with its reference code."""
    golden, state, found = 0x9E3779B97F4A7C15, 1234567, []
    for _ in range(5):
        state = (state + golden) % 2**64
        with np.errstate(over="ignore"):
            found.append(int(np.uint64(mix(np.uint64(state)))))
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]


@pytest.mark.parametrize("axis", ["entity", "quarter", "seed"])
def test_normals_are_standard(axis: str) -> None:
    if axis == "entity":
        sample = normals(run_key(3, 0), 2, "initial", IDS)
    elif axis == "quarter":
        sample = np.array([normals(run_key(3, 0), quarter, "local_cost", IDS[:1])[0] for quarter in range(N)])
    else:
        sample = np.array([normals(run_key(seed, 0), 0, "national_cost", IDS[:1])[0] for seed in range(N)])
    assert np.isfinite(sample).all()
    assert abs(sample.mean()) < 5 / np.sqrt(N)
    assert abs(sample.var() - 1) < 5 * np.sqrt(2 / N)
    assert stats.kstest(sample, "norm").pvalue > MILLIONTH


def test_an_undeclared_stream_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'luck' is not declared; declared are initial"):
        stream("luck")
    with pytest.raises(ValueError, match="not declared"):
        uniforms(run_key(0, 0), 0, "luck", [1])
    assert len({stream(name) for name in STREAMS}) == len(STREAMS)


@pytest.mark.parametrize("bad", [-1, 1.5, True, float("nan"), "x", None])
@pytest.mark.parametrize("which", ["seed", "replicate"])
def test_a_seed_or_replicate_that_is_no_whole_number_is_refused(which: str, bad) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        run_key(**{"seed": 0, "replicate": 0} | {which: bad})
    if (which, bad) == ("seed", None):  # Mesa's batch runner passes seed=None for "not given": the default, seed 0
        assert abm.ICSModel(abm.tiny(), seed=None).run(2).outcomes().equals(abm.ICSModel(abm.tiny(), seed=0).run(2).outcomes())
        return
    with pytest.raises(ValueError, match="whole numbers"):
        abm.ICSModel(abm.tiny(), **{which: bad})


def test_seeds_and_replicates_do_not_meet() -> None:
    keys = {int(run_key(seed, replicate)) for seed in range(60) for replicate in range(60)}
    assert len(keys) == 3600, "seed 1, replicate 2 is another run than seed 2, replicate 1"


def test_entities_of_england_all_draw_apart() -> None:
    state = abm.ICSModel(abm.england()).state
    ids = np.concatenate([state.orgs["draw"], state.pairs["draw"], state.ties["draw"]])
    assert len(np.unique(ids)) == len(ids)
