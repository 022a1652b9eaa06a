"""Luck as a function of key, quarter, stream and entity (ODD, Randomness), in Python's own whole numbers."""

from __future__ import annotations

import math
from hashlib import blake2b

WRAP = 2**64 - 1
G = 0x9E3779B97F4A7C15
M1 = 0xBF58476D1CE4E5B9
M2 = 0x94D049BB133111EB

STREAMS = (
    "initial",
    "national_cost",
    "local_cost",
    "renewal",
    "review",
    "bypass",
    "notice",
    "act",
    "audit",
    "attribution",
    "turnover",
    "reorganisation",
    "section114",
    "section114_length",
    "survey",
)


def stable_id(text: str) -> int:
    """The number that a text draws by."""
    return int.from_bytes(blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


def mix(z: int) -> int:
    """Scramble 64 bits."""
    z = ((z ^ (z >> 30)) * M1) & WRAP
    z = ((z ^ (z >> 27)) * M2) & WRAP
    return z ^ (z >> 31)


def stream_key(run_key: int, quarter: int, stream: str) -> int:
    """The key of one stream in one quarter."""
    number = STREAMS.index(stream) + 1
    return mix((mix((run_key + G * (quarter + 1)) & WRAP) + G * number) & WRAP)


def uniform(key: int, entity: int) -> float:
    """A number in [0, 1)."""
    return (mix(mix((key + G * entity) & WRAP) ^ entity) >> 11) * 2.0**-53


def normal(key: int, entity: int) -> float:
    """A standard normal number."""
    u1 = uniform(key, entity)
    u2 = uniform(mix((key + M1) & WRAP), entity)
    return math.sqrt(-2 * math.log(1 - u1)) * math.cos(2 * math.pi * u2)
