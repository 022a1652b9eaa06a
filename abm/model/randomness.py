"""Chance, without state: a draw is a pure function of (seed, replicate; quarter, stream, entity).

    stream key = mix(mix(key + G (quarter + 1)) + G stream),   u = (mix(mix(stream key + G entity) ^ entity) >> 11) / 2^53

There is one named stream per decision and draws are indexed by a stable id of the organisation or tie, so nothing that
happens elsewhere (another phase, another agent, one organisation more) can shift anybody's luck, and two runs with the
same seed differ only where their levers act (common random numbers). `mix` is the 64-bit finaliser MurmurHash3 /
variant 13 of Stafford (2011) as used in SplitMix64 (Steele, Lea and Flood 2014); its quality in this use is tested.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from abm.compiled import compiled

STREAMS = (
    "initial",  # starting differences between systems and organisations that the facts do not give
    "national_cost",  # the year's national cost surprise
    "local_cost",  # each provider's and council's cost surprise of the quarter
    "renewal",  # whether an ICB's earmarked money comes again this year
    "review",  # whether an organisation is reviewed this quarter
    "bypass",  # whether a region deals with a provider directly
    "notice",  # whether the ICB is told of it
    "act",  # the act chosen on a tie
    "audit",  # whether a shifted cost is found and put right
    "attribution",  # whether a partner sees the true cause of a bad act
    "turnover",  # whether a leader leaves
    "reorganisation",  # whether the structure is reorganised
    "section114",  # whether a council issues a section 114 notice
    "section114_length",  # for how many quarters it lasts
    "survey",  # what a respondent answers
    "shuffle",  # whose value a decision is shown, in a run that shuffles what decisions know
)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0  # 2 ** -53


def stream(name: str) -> int:
    """The number of a declared stream. Raises `ValueError` for a stream that nobody declared."""
    if name not in STREAMS:
        raise ValueError(f"random stream {name!r} is not declared; declared are {', '.join(STREAMS)}")
    return STREAMS.index(name) + 1


def stable_id(name: str) -> int:
    """A 64-bit id of a name (an organisation's code, or 'a>b' for a tie), the same on every machine and in every run."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def run_key(seed: Any, replicate: Any) -> np.uint64:
    """The 64-bit key of a run. Seed and replicate are whole numbers, zero or more; raises `ValueError` otherwise."""
    for number in (seed, replicate):
        is_number = isinstance(number, int | float | np.integer) and not isinstance(number, bool)
        if not is_number or number != number // 1 or number < 0:
            raise ValueError(f"seed and replicate are whole numbers from 0, got {seed!r} and {replicate!r}")
    return np.uint64(stable_id(f"{int(seed)}/{int(replicate)}"))


@compiled
def mix(z):
    """Scramble 64 bits: every input bit reaches every output bit."""
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@compiled
def stream_key(key, quarter, stream_number):
    """The key of one stream in one quarter (hash it once, then draw for each entity)."""
    return mix(mix(key + _GOLDEN * np.uint64(quarter + 1)) + _GOLDEN * np.uint64(stream_number))


@compiled
def uniform(key, entity):
    """A number in [0, 1) for `entity` (a 64-bit id) from a stream's key."""
    return float(mix(mix(key + _GOLDEN * entity) ^ entity) >> _S11) * _UNIT


@compiled
def normal(key, entity):
    """A standard normal for `entity` (Box-Muller on two draws)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(key, entity)))
    return radius * math.cos(2.0 * math.pi * uniform(mix(key + _M1), entity))


@compiled
def draw_each(key, entities, draws):
    """Write into `draws` the number in [0, 1) of each of `entities` from a stream's key."""
    for number in range(entities.size):
        draws[number] = uniform(key, entities[number])


def uniforms(key: np.uint64, quarter: int, name: str, entities: Sequence[int] | np.ndarray) -> np.ndarray:
    """Draws in [0, 1) of a named stream for many entities, from Python (types are forced: a signed key would draw otherwise)."""
    ids = np.asarray(entities, dtype=np.uint64)
    draws = np.empty(len(ids))
    with np.errstate(over="ignore"):
        draw_each(np.uint64(stream_key(np.uint64(key), quarter, stream(name))), ids, draws)
    return draws


def normals(key: np.uint64, quarter: int, name: str, entities: Iterable[int]) -> np.ndarray:
    """Standard normals of a named stream for many entities, from Python.

    One by one: in a compiled loop the logarithm and cosine may be vectorised, and then differ in the last bit.
    """
    with np.errstate(over="ignore"):
        of_stream = np.uint64(stream_key(np.uint64(key), quarter, stream(name)))
        return np.array([normal(of_stream, np.uint64(entity)) for entity in entities], dtype=float)
