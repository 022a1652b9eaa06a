"""What all kinds of design have in common: faults, factors, the number of points, and a few corners to try the model on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from abm.config.factors import Factor, Keyed, Over, factor, spelled_out
from abm.config.layers import Config, as_tuple
from abm.config.settings import Fault, one_of, refused_all

MOST_POINTS = 1_000_000
TRIED = 4  # corners on which a model is built before anything is run


def _count_or_batches(value: Any) -> str:
    return "(batches)" if isinstance(value, (list, tuple)) else "(count)"


Count = Annotated[int, Field(ge=1, le=MOST_POINTS)]
if TYPE_CHECKING:
    Batches = int | tuple[int, ...]
else:
    _SEVERAL = Annotated[tuple[Count, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=1000)]
    Batches = one_of({"count": Count, "batches": _SEVERAL}, _count_or_batches)


class DesignBase(Config):
    """Base of all kinds of design."""

    kind: str

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the keys together show."""
        yield from ()

    def factors(self) -> tuple[Factor, ...]:
        """What varies, in the order of the file."""
        raise NotImplementedError

    def count(self) -> int:
        """How many points there are."""
        raise NotImplementedError

    def corners(self) -> list[dict[str, Any]]:
        """A few points at the edge, as {dotted key: value}; a key that is not there keeps its value from below."""
        sides: tuple[Callable[[int], int], ...] = (lambda i: 0, lambda i: 1, lambda i: i % 2, lambda i: 1 - i % 2)
        return [{each.key: each.ends[side(i)] for i, each in enumerate(self.factors())} for side in sides]

    def plain(self) -> dict[str, Any]:
        """Plain data of the section, as a config file that depends on no declared range would write it."""
        data = self.model_dump(by_alias=True, exclude_none=True, exclude={"over"})
        return {"kind": data.pop("kind"), **listed(data)}

    @model_validator(mode="after")
    def _fits_together(self) -> DesignBase:
        faults = tuple(self.faults())
        if faults:
            raise refused_all(faults)
        return self


def listed(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    if isinstance(value, Mapping):
        return {key: listed(item) for key, item in value.items()}
    return [listed(item) for item in value] if isinstance(value, (list, tuple)) else value


class Varied(DesignBase):
    """Base of the kinds that vary factors `over` levels or ranges."""

    over: Over = Field(description="The factors, by dotted key: levers.NAME, parameters.NAME or system.")  # type: ignore[valid-type]

    def keyed(self) -> Keyed:
        """The factors as they were written."""
        return self.over  # type: ignore[return-value]

    def steps_for_all(self) -> int | None:
        """Into how many levels a range is cut that does not say."""
        return None

    def factors(self) -> tuple[Factor, ...]:
        """What varies, in the order of the file."""
        return tuple(factor(key, spec, self.steps_for_all()) for key, spec in self.keyed().plain().items())

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the keys together show."""
        if not self.keyed().model_fields_set:
            yield Fault("names no factor", "at least one, for example levers.finance_share: [0.3, 0.6, 0.9]", at=("over",))

    def plain(self) -> dict[str, Any]:
        """Plain data of the section."""
        over = {key: listed(spelled_out(key, spec)) for key, spec in self.keyed().plain().items()}
        return {**super().plain(), "over": over}


def batches(value: int | tuple[int, ...]) -> tuple[int, ...]:
    """The sizes of the batches, one or several."""
    return (value,) if isinstance(value, int) else value
