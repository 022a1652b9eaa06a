"""What a design varies: factors named `levers.NAME`, `parameters.NAME` and `system`, as levels or as a range.

A factor under `over:` is a list of levels (anything that the key takes), `plausible` (the declared plausible range; all
choices of a choice) or `{from, to}` with optional `steps:` and `scale: log`. The declarations have the last word on every value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    PrivateAttr,
    WithJsonSchema,
    create_model,
    model_validator,
)

from abm.config.errors import nearest, spoken
from abm.config.layers import SystemEntry, as_tuple
from abm.config.settings import FORM_KEYS, SETTINGS, STRICT, VALUES, Fault, allowed, one_of, refused, refused_all, value_of, value_schema
from abm.model.declaration import Declaration
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS

SYSTEM = "system"
BY_ALIAS = ConfigDict(**{**STRICT, "validate_by_name": False})  # type: ignore[typeddict-item]
ROWS: dict[str, Declaration] = {  # the declaration of every factor but `system`, by its dotted key
    **{f"levers.{name}": row for name, row in LEVERS.items()},
    **{f"parameters.{name}": row for name, row in PARAMETERS.items()},
}
DIGITS = 12  # significant digits of a value that is worked out, so that it reads well and is the same on every machine


@dataclass(frozen=True)
class Factor:
    """One thing that varies: `levels` (plain data), or where there are none the numbers from `low` to `high`.

    `whole`: whole numbers only, each equally likely. `log`: equal steps in the logarithm.
    """

    key: str
    levels: tuple[Any, ...] = ()
    low: float = math.nan
    high: float = math.nan
    log: bool = False
    whole: bool = False

    @property
    def ends(self) -> tuple[Any, Any]:
        """The first and last level, or the ends of the range."""
        return (self.levels[0], self.levels[-1]) if self.levels else (self.low, self.high)


def factor(key: str, spec: Any, steps: int | None = None) -> Factor:
    """The factor that plain data under `over:` means. A range without `steps` of its own is cut into `steps`, if given."""
    spec = spelled_out(key, spec)
    if not isinstance(spec, Mapping):
        return Factor(key, tuple(tidy(key, level) for level in spec))
    low, high = tidy(key, spec["from"]), tidy(key, spec["to"])
    whole, log, count = isinstance(low, int), spec.get("scale") == "log", spec.get("steps") or steps
    if count is None:
        return Factor(key, low=low, high=high, log=log, whole=whole)
    return Factor(key, stepped(low, high, count, log, whole))


def tidy(key: str, value: Any) -> Any:
    """A number as its declaration has it, whole or not; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return int(value) if ROWS[key].integer else float(value)


def spelled_out(key: str, spec: Any) -> Any:
    """The same factor with `plausible` replaced by what is declared now: a list of choices or {from, to}."""
    if spec != "plausible":
        return spec
    row = ROWS[key]
    if row.choices:
        return list(row.choices)
    low, high = (int(end) if row.integer else float(end) for end in row.plausible)
    return {"from": low, "to": high}


def stepped(low: float, high: float, steps: int, log: bool, whole: bool) -> tuple[float, ...]:
    """`steps` levels from `low` to `high`, both included; whole numbers are rounded (half to even), others to 12 digits."""
    ends = (math.log(low), math.log(high)) if log else (low, high)
    inner = [ends[0] + (ends[1] - ends[0]) * i / (steps - 1) for i in range(1, steps - 1)]
    numbers = [math.exp(x) if log else x for x in inner]
    return (low, *(round(x) if whole else float(f"{x:.{DIGITS}g}") for x in numbers), high)


class Range(BaseModel):
    """Numbers from one value to another."""

    model_config = BY_ALIAS
    row: ClassVar[Declaration]
    low: Any = Field(alias="from", description="Lowest value, in the factor's unit.")
    high: Any = Field(alias="to", description="Highest value, in the factor's unit.")
    steps: int | None = Field(None, ge=2, le=10_000, description="Cut the range into this many levels, both ends among them.")
    scale: Literal["linear", "log"] = Field("linear", description="log: equal steps in the logarithm; 'from' must be above 0.")

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the values together."""
        if self.low >= self.high:
            yield Fault(f"'from' must be below 'to', got {spoken(self.low)} and {spoken(self.high)}", at=("from",))
        elif self.scale == "log" and self.low <= 0:
            yield Fault(f"a log scale needs 'from' above 0, got {spoken(self.low)}", at=("from",))
        elif self.steps is not None:
            found = len(set(stepped(self.low, self.high, self.steps, self.scale == "log", self.row.integer)))
            if found < self.steps:
                what = "whole numbers" if self.row.integer else "values"
                yield Fault(f"{self.steps} steps give only {found} different {what}", f"2 to {found}", at=("steps",))

    @model_validator(mode="after")
    def _fits_together(self) -> Range:
        faults = tuple(self.faults())
        if faults:
            raise refused_all(faults)
        return self


class Keyed(BaseModel):
    """Base of what holds factors by their dotted keys; remembers the order in which they were written."""

    model_config = BY_ALIAS
    _order: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _in_order(cls, data: Any, handler: ModelWrapValidatorHandler[Keyed]) -> Keyed:
        made = handler(data)
        if isinstance(data, Mapping):
            made._order = tuple(data)
        return made

    def plain(self) -> dict[str, Any]:
        """Plain data by key, in the order of the file."""
        data = self.model_dump(by_alias=True, exclude_unset=True)
        return {key: data[key] for key in self._order or data}


def _range_of(row: Declaration) -> type[Range]:
    value = Annotated[Any, PlainValidator(value_of(row)), WithJsonSchema(value_schema(row))]
    unit = f"in its unit ({row.unit})"
    made = create_model(
        f"{row.name}_range",
        __base__=Range,
        low=(value, Field(alias="from", description=f"Lowest value, {unit}.")),
        high=(value, Field(alias="to", description=f"Highest value, {unit}.")),
    )
    made.row = row
    return made


def _no_repeated_level(levels: Any) -> Any:
    faults = [Fault(f"{spoken(level)} is listed twice", at=(i,)) for i, level in enumerate(levels) if level in levels[:i]]
    if faults:
        raise refused_all(faults)
    return levels


def _known_form(key: str, row: Declaration | None) -> Callable[[Any], Any]:
    """A check that what stands under a factor's key is one of the forms, told in words if not."""
    ways = "a list of systems" if row is None else "a list of levels, 'plausible'" + ("" if row.choices else ", {from: .., to: ..}")

    def check(value: Any) -> Any:
        if isinstance(value, (BaseModel, tuple)):
            return value
        if isinstance(value, list):
            if len(value) < 2:
                raise refused(f"needs at least two levels, got {len(value)}", ways)
        elif isinstance(value, Mapping):
            if set(value) & set(FORM_KEYS):
                raise refused("one setting does not vary: give a list of settings", ways)
            if row is None or row.choices:
                raise refused("has no range", ways)
        elif value != "plausible" or row is None:
            one = value is not None and not (isinstance(value, str) and nearest(value, ["plausible"]))
            reason = f"{spoken(value)} alone does not vary" if one else f"expected something that varies, got {spoken(value)}"
            raise refused(reason, ways, "" if one or row is None else nearest(value, ["plausible"]))
        return value

    return check


def _form(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "(levels)"
    return "(range)" if isinstance(value, (Mapping, BaseModel)) else "(plausible)"


def _spec(key: str, one: Any, row: Declaration | None) -> Any:
    """The type of what may stand under a factor's key in `over:`; `one` is the type of one level."""
    levels = Annotated[
        tuple[one, ...],
        BeforeValidator(as_tuple),
        AfterValidator(_no_repeated_level),
    ]
    forms: dict[str, Any] = {"levels": levels}
    if row is not None:
        forms["plausible"] = Literal["plausible"]
        if not row.choices:
            forms["range"] = _range_of(row)
    inner = one_of(forms, _form) if len(forms) > 1 else levels
    return Annotated[inner, BeforeValidator(_known_form(key, row))]


def _keyed(name: str, doc: str, types: Mapping[str, Any]) -> type[Keyed]:
    """A model with an optional field a key; one that is not given is None, one that is given may not be."""
    fields: dict[str, Any] = {}
    for key, kind in types.items():
        words = f"{ROWS[key].meaning}. Allowed: {allowed(ROWS[key])}." if key in ROWS else "Names in configs/systems, paths, or systems."
        fields[key.replace(".", "__")] = (kind, Field(default_factory=type(None), alias=key, title=key, description=words))
    return create_model(name, __base__=Keyed, __doc__=doc, **fields)


ONE = {
    **{f"levers.{name}": kind for name, kind in SETTINGS.items()},
    **{f"parameters.{name}": kind for name, kind in VALUES.items()},
    SYSTEM: SystemEntry,
}  # the type of one level, by key
Over = _keyed(
    "Over", "The factors: a list of levels, 'plausible', or {from, to} each.", {k: _spec(k, t, ROWS.get(k)) for k, t in ONE.items()}
)
ListedPoint = _keyed("ListedPoint", "One design point; a key that it does not set keeps its value from below.", ONE)
