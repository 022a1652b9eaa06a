"""Ramps: levers go one way and come back in time, to see whether the outcome comes back too (hysteresis)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from abm.config.design.base import Varied, batches
from abm.config.errors import spoken
from abm.config.factors import DIGITS, ROWS, Factor
from abm.config.layers import as_tuple
from abm.config.settings import Fault, one_of, refused_all

QUARTERS, DIRECTION = "ramp.quarters", "ramp.direction"  # factor columns of a ramp's points, beside the levers'
_LONGEST = 2000  # quarters


def _different(speeds: tuple[int, ...]) -> tuple[int, ...]:
    faults = [Fault(f"{speed} is listed twice", at=(i,)) for i, speed in enumerate(speeds) if speed in speeds[:i]]
    if faults:
        raise refused_all(faults)
    return speeds


Speed = Annotated[int, Field(ge=1, le=_LONGEST)]
if TYPE_CHECKING:
    Speeds = int | tuple[int, ...]
else:
    _SEVERAL = Annotated[tuple[Speed, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=1000), AfterValidator(_different)]
    Speeds = one_of({"one": Speed, "several": _SEVERAL}, lambda value: "(several)" if isinstance(value, (list, tuple)) else "(one)")


class Ramp(Varied):
    """All levers move together from one end of their ranges to the other, stay a while, and come back the way they went."""

    kind: Literal["ramp"]
    start: int = Field(4, ge=0, le=_LONGEST, description="Last quarter before anything moves; quarters are counted from 0.")
    quarters: Speeds = Field(description="Quarters that each way takes; a list such as [8, 20, 40] makes a point a speed.")
    hold: int = Field(0, ge=0, le=_LONGEST, description="Quarters that the far end is held before the way back.")
    direction: Literal["up_down", "down_up", "both"] = Field(
        "up_down", description="Which way first: up from 'from' to 'to', down from 'to' to 'from', or one point of each."
    )

    def speeds(self) -> list[tuple[int, str]]:
        """(quarters each way, direction) of each point."""
        ways = ("up_down", "down_up") if self.direction == "both" else (self.direction,)
        return [(quarters, way) for quarters in batches(self.quarters) for way in ways]

    def count(self) -> int:
        """How many points there are."""
        return len(self.speeds())

    def needs(self, quarters: int) -> int:
        """How many quarters a run must have for its ramp of `quarters` each way to be back where it began."""
        return self.start + 2 * quarters + self.hold + 1

    def faults(self) -> Iterator[Fault]:
        """Mistakes that only the keys together show."""
        yield from super().faults()
        for key, spec in self.keyed().plain().items():
            words, at = "{from: .., to: ..} or plausible", ("over", key)
            if not key.startswith("levers."):
                yield Fault("a ramp moves levers; this does not change over time", "levers.NAME", at=at)
            elif ROWS[key].choices:
                yield Fault("a choice cannot ramp", at=at)
            elif not isinstance(spec, (dict, str)):
                yield Fault(f"a ramp goes from one value to another, got {spoken(spec)}", words, at=at)
            elif isinstance(spec, dict) and spec.get("steps") is not None:
                yield Fault("a ramp has a value a quarter, so it takes no steps", words, at=(*at, "steps"))
            elif isinstance(spec, dict) and spec.get("scale") == "log":
                yield Fault("a ramp is a straight line", words, at=(*at, "scale"))

    def setting(self, each: Factor, quarters: int, direction: str) -> dict[str, Any]:
        """The lever's setting: a schedule with the first value, and one for every quarter in which it moves."""
        span = each.high - each.low
        path = [each.low + span * i / quarters for i in range(1, quarters)]
        up = [each.low, *(round(x) if each.whole else float(f"{x:.{DIGITS}g}") for x in path), each.high]
        there = up if direction == "up_down" else up[::-1]
        back = self.start + quarters + self.hold
        steps = {0: there[0]}
        steps.update({self.start + i: there[i] for i in range(1, quarters + 1)})
        steps.update({back + i: there[quarters - i] for i in range(1, quarters + 1)})
        return {"schedule": steps}

    def settings(self) -> list[dict[str, Any]]:
        """Each point's settings by dotted key."""
        return [{each.key: self.setting(each, *speed) for each in self.factors()} for speed in self.speeds()]

    def corners(self) -> list[dict[str, Any]]:
        """The first and the last point."""
        points = self.settings()
        return [points[0], points[-1]]
