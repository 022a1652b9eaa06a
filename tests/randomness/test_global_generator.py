"""Truth: absence. Nothing in a run touches the global generators of NumPy or of Python: poisoned, they are not missed."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

import abm
from tests.invariants.drawn import outcome_bits

NUMPY_CLASSES = {"Generator", "RandomState", "SeedSequence", "BitGenerator", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"}


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every function of the global generators raises; so does a fresh generator without a seed."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the global generator was used")

    fresh, seeded = np.random.default_rng, random.Random

    def only_seeded(seed: object = None) -> np.random.Generator:
        assert seed is not None, "a generator without a seed was made"
        return fresh(seed)

    class Seeded(seeded):  # Mesa keeps one in every model
        def __init__(self, seed: object = None) -> None:
            assert seed is not None, "a generator without a seed was made"
            super().__init__(seed)

    for name in dir(np.random):
        value = getattr(np.random, name)
        if callable(value) and not name.startswith("_") and name not in NUMPY_CLASSES and name != "default_rng":
            monkeypatch.setattr(np.random, name, refuse)
    for name in random.__all__:
        if callable(getattr(random, name)) and name not in ("Random", "SystemRandom"):
            monkeypatch.setattr(random, name, refuse)
    monkeypatch.setattr(np.random, "default_rng", only_seeded)
    monkeypatch.setattr(random, "Random", Seeded)
    yield


def all_of_it() -> tuple[bytes, str, int, int]:
    model = abm.ICSModel(abm.tiny(), seed=4, keep={"acts", "ledger"}).run(8)
    agents = len(model.agents)
    return (
        outcome_bits(model),
        model.survey().to_json(),
        model.network().number_of_edges(),
        agents + len(model.acts()) + len(model.ledger()),
    )


def test_a_poisoned_global_generator_is_not_missed(poisoned: None) -> None:
    with pytest.raises(AssertionError, match="global"):
        np.random.rand()  # noqa: NPY002
    with pytest.raises(AssertionError, match="global"):
        random.random()
    assert len(all_of_it()[0]) > 0


def test_poison_changes_nothing(request: pytest.FixtureRequest) -> None:
    before = all_of_it()
    request.getfixturevalue("poisoned")
    assert all_of_it() == before


def test_global_generators_are_neither_read_nor_moved() -> None:
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    numpy_before, python_before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    first = all_of_it()
    assert np.random.get_state()[1].tolist() == numpy_before and random.getstate() == python_before  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    random.seed(2)
    assert all_of_it() == first


def test_synthetic_worlds_use_their_own_seed_only(poisoned: None) -> None:
    one, other = abm.synthetic(systems=3, seed=9), abm.synthetic(systems=3, seed=9)
    assert one.providers.equals(other.providers) and one.partnerships.equals(other.partnerships)
