"""Designs of levels: points written out, all combinations, one factor at a time, a fraction of the combinations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from abm.config.design.base import TRIED, DesignBase, Varied, listed
from abm.config.factors import Factor, Keyed, ListedPoint, tidy
from abm.config.layers import as_tuple
from abm.config.settings import Fault


class ListDesign(DesignBase):
    """Points written out one by one; a key that a point does not set keeps its value from below."""

    kind: Literal["list"]
    points: Annotated[tuple[ListedPoint, ...], BeforeValidator(as_tuple), Field(min_length=1)] = Field(  # type: ignore[valid-type]
        description="The points: {levers.NAME: value, parameters.NAME: value, system: name} each."
    )

    def listed(self) -> list[dict[str, Any]]:
        """The points as plain data."""
        points: tuple[Keyed, ...] = self.points
        return [{key: tidy(key, value) for key, value in point.plain().items()} for point in points]

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the points together show."""
        points = self.listed()
        keys = dict.fromkeys(key for point in points for key in point)
        if not keys:
            yield Fault("no point sets anything", "levers.NAME, parameters.NAME or system", at=("points",))
        seen: dict[str, int] = {}
        for i, point in enumerate(points):
            first = seen.setdefault(repr(sorted(point.items(), key=lambda item: item[0])), i)
            if first != i:
                yield Fault(f"is the same as points[{first}]", at=("points", i))
        for key in keys if len(points) > 1 and len(seen) > 1 else ():
            if all(key in point and point[key] == points[0][key] for point in points):
                yield Fault("is the same in every point, so it does not vary", at=("points", 0, key))

    def factors(self) -> tuple[Factor, ...]:
        """What varies, in the order of first mention; the levels are the different values."""
        levels: dict[str, dict[str, Any]] = {}
        for point in self.listed():
            for key, value in point.items():
                levels.setdefault(key, {}).setdefault(repr(value), value)
        return tuple(Factor(key, tuple(values.values())) for key, values in levels.items())

    def count(self) -> int:
        """How many points there are."""
        return len(self.points)

    def corners(self) -> list[dict[str, Any]]:
        """Some of the points, first and last among them."""
        points = self.listed()
        return [points[i] for i in sorted({round(j * (len(points) - 1) / (TRIED - 1)) for j in range(TRIED)})]

    def plain(self) -> dict[str, Any]:
        """Plain data of the section."""
        return {"kind": self.kind, "points": listed(self.listed())}


class Combined(Varied):
    """Base of the kinds that run every combination of levels; the first factor varies slowest."""

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the keys together show."""
        yield from super().faults()
        for each in self.factors():
            if not each.levels:
                yield Fault(f"a {self.kind} needs levels", "a list, or {from: .., to: .., steps: ..}", at=("over", each.key))

    def count(self) -> int:
        """How many points there are."""
        return math.prod(len(each.levels) for each in self.factors())


class Factorial(Combined):
    """Every combination of the factors' levels; the first factor varies slowest."""

    kind: Literal["factorial"]


class Grid(Combined):
    """Ranges cut into steps, and every combination of them; the first factor varies slowest."""

    kind: Literal["grid"]
    steps: int | None = Field(None, ge=2, le=10_000, description="Levels of each range that has no steps of its own.")

    def steps_for_all(self) -> int | None:
        """Into how many levels a range is cut that does not say."""
        return self.steps

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the keys together show."""
        yield from super().faults()
        for each in self.factors():
            if len(set(map(repr, each.levels))) < len(each.levels):
                yield Fault(f"{self.steps} steps give the same value twice", "steps of its own, fewer", at=("over", each.key))


class OneAtATime(Varied):
    """The values from below as a first point, then each factor moved alone: through its levels, or to both ends of its range."""

    kind: Literal["one_at_a_time"]

    def factors(self) -> tuple[Factor, ...]:
        """What varies, in the order of the file; a range without steps stands for its two ends."""
        return tuple(Factor(each.key, each.levels or each.ends) for each in super().factors())

    def count(self) -> int:
        """How many points there are."""
        return 1 + sum(len(each.levels) for each in self.factors())

    def corners(self) -> list[dict[str, Any]]:
        """The first point, and some of the others."""
        moves = [{each.key: end} for each in self.factors() for end in each.ends]
        return [{}, *moves[: TRIED - 1]]


class FractionalFactorial(Varied):
    """Two levels a factor in a fraction of the combinations, for main effects: Hadamard's matrix and its mirror image."""

    kind: Literal["fractional_factorial"]

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the keys together show."""
        yield from super().faults()
        if len(self.factors()) > 512:
            yield Fault(f"{len(self.factors())} factors are too many", "at most 512", at=("over",))
        for each in self.factors():
            if len(each.levels) != 2:
                yield Fault(f"has {len(each.levels)} levels", "two levels, or {from: .., to: ..}", at=("over", each.key))

    def factors(self) -> tuple[Factor, ...]:
        """What varies, in the order of the file; a range without steps stands for its two ends."""
        return tuple(Factor(each.key, each.levels or each.ends) for each in super().factors())

    def count(self) -> int:
        """How many points there are."""
        return 2 << (len(self.factors()) - 1).bit_length()
