"""Designs that sample the space of the factors: Latin hypercube, Sobol' sequence, Saltelli's scheme, Morris's walks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from abm.config.design.base import Batches, Varied, batches
from abm.config.errors import nearest, spoken
from abm.config.factors import SYSTEM
from abm.config.layers import NAME, as_tuple
from abm.config.settings import Fault, refused


def _power_of_two(value: int) -> int:
    if value & (value - 1):
        raise refused(f"{value} is not a power of two", "2, 4, 8, 16, ...", str(1 << value.bit_length()))
    return value


def _even(value: int) -> int:
    if value % 2:
        raise refused(f"{value} is not even", "2, 4, 6, 8, ...", str(value + 1))
    return value


PowerOfTwo = Annotated[int, Field(ge=2, le=2**20), AfterValidator(_power_of_two)]
Seed = Annotated[int | None, Field(ge=0, le=2**63 - 1, description="Seed of the design alone; the experiment's seed when left out.")]


class LatinHypercube(Varied):
    """Points that fill the space evenly: in each batch, each of n equal slices of each factor holds one point."""

    kind: Literal["latin_hypercube"]
    points: Batches = Field(description="How many points; a list such as [64, 32] makes batches; adding one keeps those before it.")
    seed: Seed = None

    def count(self) -> int:
        """How many points there are."""
        return sum(batches(self.points))


class SobolSequence(Varied):
    """A scrambled Sobol' sequence: points that fill the space evenly, and go on filling it when doubled."""

    kind: Literal["sobol_sequence"]
    points: PowerOfTwo = Field(description="How many points, a power of two; doubling it keeps the earlier points.")
    seed: Seed = None

    def count(self) -> int:
        """How many points there are."""
        return self.points


GroupName = Annotated[str, Field(pattern=NAME, min_length=1, max_length=80)]


class Grouped(Varied):
    """Base of the kinds whose factors may move in groups."""

    groups: dict[GroupName, Annotated[tuple[str, ...], BeforeValidator(as_tuple)]] | None = Field(
        None, description="Factors that move together, by group name; a factor in no group is a group of its own."
    )

    def group_names(self) -> tuple[str, ...]:
        """The group of each factor; a factor in no group has its own key for a group."""
        member = {key: name for name, keys in (self.groups or {}).items() for key in keys}
        return tuple(member.get(each.key, each.key) for each in self.factors())

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the keys together show."""
        yield from super().faults()
        valid = list(self.keyed().plain())
        seen: dict[str, str] = {}
        for name, keys in (self.groups or {}).items():
            if not keys:
                yield Fault("has no factors", at=("groups", name))
            if name == SYSTEM:
                yield Fault("a group cannot have the name of a factor", at=("groups", name))
            for i, key in enumerate(keys):
                if key not in valid:
                    close = nearest(key, valid)
                    yield Fault(f"{spoken(key)} is not a factor of this design", "", close, ("groups", name, i))
                elif seen.setdefault(key, name) != name or key in keys[:i]:
                    yield Fault(f"{spoken(key)} is in a group already", at=("groups", name, i))
        if self.groups is not None and len(set(self.group_names())) < 2:
            yield Fault("all factors are in one group, so there is nothing to compare", "two or more groups", at=("groups",))


class Sobol(Grouped):
    """Saltelli's scheme, for Sobol' indices: how much of an outcome's variance each factor, or group, answers for."""

    kind: Literal["sobol"]
    base_points: PowerOfTwo = Field(description="Rows of the base sample, a power of two; doubling it keeps the earlier points.")
    second_order: bool = Field(False, description="Also make the points for indices of pairs of factors (about twice as many).")
    seed: Seed = None

    def count(self) -> int:
        """How many points there are: N (D + 2), or N (2 D + 2) for second order, with D factors or groups."""
        width = len(set(self.group_names()))
        return self.base_points * ((2 if self.second_order else 1) * width + 2)


class Morris(Grouped):
    """Morris's screening: walks on a coarse grid that move one factor, or group, a step."""

    kind: Literal["morris"]
    trajectories: Batches = Field(description="How many walks; a list such as [10, 10] makes batches; adding one keeps those before it.")
    levels: Annotated[int, Field(ge=2, le=100), AfterValidator(_even)] = Field(
        4, description="Levels of the grid on which a range is walked, an even number."
    )
    seed: Seed = None

    def count(self) -> int:
        """How many points there are: a walk of D factors or groups has D + 1."""
        return sum(batches(self.trajectories)) * (len(set(self.group_names())) + 1)
