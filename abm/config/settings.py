"""The `levers:` and `parameters:` sections of a config, made from the declarations: one field a lever or parameter.

A lever is a plain value, `{schedule: {when: value}}`, `{ramp: {from, to, start, end}}` or areas
`{national: ..., regions: {code: ...}, systems: {code: ...}}`; a parameter is a plain value. The declaration's own
`code` has the last word on every value, so that a config refuses exactly what the model refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from abm.config.errors import nearest, spoken
from abm.model.declaration import Declaration, DeclarationError, Declarations
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS
from abm.model.policy import quarter_of

STRICT = ConfigDict(defer_build=True, frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True)
SECTIONS = ("levers", "parameters")
AREA_KEYS = ("national", "regions", "systems")
RAMP_KEYS = ("from", "to", "start", "end")
FORM_KEYS = ("schedule", "ramp", *AREA_KEYS)
WHEN_ALLOWED = "a quarter number from 0, or a financial year as '2026/27' or '2026/27 Q3'"
_LATEST = 10_000  # quarters; anything later is a slip


class Section(BaseModel):
    """Base of both sections: frozen, unknown names refused."""

    model_config = STRICT

    def given(self) -> dict[str, Any]:
        """Plain data of what was given, as `ICSModel` takes it."""
        return self.model_dump(by_alias=True, exclude_unset=True)


def allowed(row: Declaration) -> str:
    """What a declaration allows, in words: '0 to 1, share of review questions'."""
    if row.choices:
        return ", ".join(row.choices)
    span = f"{row.bounds[0]:g} to {row.bounds[1]:g}"
    whole = "whole numbers, " if row.integer else ""
    return f"{whole}{row.unit}" if span in row.unit else f"{span}, {whole}{row.unit}"


class Fault(NamedTuple):
    """One mistake in a value: `at` is the path from the value to the spot (below it) that is to blame."""

    reason: str
    allowed: str = ""
    nearest: str = ""
    at: tuple[str | int, ...] = ()


def refused(reason: str, allowed_text: str = "", close: str = "", at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """A refusal that carries what `abm.config.problems` needs for its message."""
    return refused_all([Fault(reason, allowed_text, close, at)])


def refused_all(faults: Sequence[Fault]) -> PydanticCustomError:
    """A refusal of one value for several mistakes, each of which is told at its own place."""
    safe = faults[0].reason.replace("{", "(").replace("}", ")")
    return PydanticCustomError("refused", safe, {"faults": tuple(faults)})  # type: ignore[arg-type]


def value_of(row: Declaration) -> Callable[[Any], Any]:
    """A validator of a plain value of `row`: gives the value back, or refuses it in words."""

    def check(value: Any) -> Any:
        words = allowed(row)
        if row.choices:
            if not isinstance(value, str) or value not in row.choices:
                raise refused(f"{spoken(value)} is not a choice", words, nearest(value, row.choices))
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise refused(f"expected a number, got {spoken(value)}", words)
        if not row.bounds[0] <= value <= row.bounds[1]:  # nor is nan, which is below and above nothing
            raise refused(f"{spoken(value)} is out of range", words)
        try:
            row.code(value)
        except DeclarationError as error:
            raise refused(error.message, words, error.nearest) from None
        return value

    return check


def _when(value: Any) -> Any:
    """A quarter number or date; a number may be text, since that is how JSON has to write a key."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise refused(f"{spoken(value)} is not a time", WHEN_ALLOWED)
    try:
        quarter_of(value, "0000/01")
    except DeclarationError:
        raise refused(f"{spoken(value)} is not a time", WHEN_ALLOWED) from None
    if isinstance(value, int) and value > _LATEST:
        raise refused(f"{spoken(value)} is not a time", WHEN_ALLOWED)
    return value


def _not_empty(value: Any) -> Any:
    if isinstance(value, Mapping) and not value:
        raise refused("is empty", "at least one time and value")
    return value


def value_schema(row: Declaration) -> dict[str, Any]:
    """The JSON Schema of a plain value of `row`."""
    if row.choices:
        return {"enum": list(row.choices)}
    return {"type": "integer" if row.integer else "number", "minimum": row.bounds[0], "maximum": row.bounds[1]}


When = Annotated[
    Any,
    PlainValidator(_when),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d{4}/\d{2}( Q[1-4])?$"}]}),
]


def _form(value: Any) -> str:
    """Which form a lever's setting has; the tags are in brackets so that they are never mistaken for keys."""
    if isinstance(value, BaseModel):
        return next((f"({form})" for form in ("schedule", "ramp") if form in type(value).model_fields), "(areas)")
    if not isinstance(value, Mapping):
        return "(value)"
    keys = [str(key) for key in value]
    for form in ("schedule", "ramp"):
        if form in keys:
            return f"({form})"
    close = {nearest(key, FORM_KEYS) for key in keys} if not set(keys) & set(AREA_KEYS) else set()
    return next((f"({form})" for form in ("schedule", "ramp") if form in close), "(areas)")


def _plain_form(value: Any) -> str:
    """As `_form`, inside areas, where areas themselves are not allowed again."""
    form = _form(value)
    return "(schedule)" if form == "(areas)" else form


def one_of(forms: dict[str, Any], discriminate: Callable[[Any], str]) -> Any:
    """A union whose form is told by `discriminate`, so that a mistake is reported once, for the form that was meant."""
    return Annotated[Union[tuple(Annotated[kind, Tag(f"({name})")] for name, kind in forms.items())], Discriminator(discriminate)]  # noqa: UP007


def _setting_of(row: Declaration) -> Any:
    """The type of one lever's setting: value, schedule, ramp, or areas of those."""
    value = Annotated[Any, PlainValidator(value_of(row)), WithJsonSchema(value_schema(row))]
    points = create_model(
        f"{row.name}_points",
        __config__=STRICT,
        start_value=(value, Field(alias="from")),
        end_value=(value, Field(alias="to")),
        start=(When, ...),
        end=(When, ...),
    )
    steps = Annotated[dict[When, value], BeforeValidator(_not_empty)]
    schedule = create_model(f"{row.name}_schedule", __config__=STRICT, schedule=(steps, ...))
    ramp = create_model(f"{row.name}_ramp", __config__=STRICT, ramp=(points, ...))
    inner = one_of({"value": value, "schedule": schedule, "ramp": ramp}, _plain_form)
    areas = create_model(
        f"{row.name}_areas",
        __config__=STRICT,
        national=(inner, None),
        regions=(dict[str, inner], {}),  # type: ignore[valid-type]
        systems=(dict[str, inner], {}),  # type: ignore[valid-type]
    )
    return one_of({"value": value, "schedule": schedule, "ramp": ramp, "areas": areas}, _form)


def _section(name: str, rows: Declarations, types: Mapping[str, Any], doc: str) -> type[Section]:
    fields: dict[str, Any] = {
        key: (types[key], Field(row.default, description=f"{row.meaning}. Allowed: {allowed(row)}.")) for key, row in rows.items()
    }
    return create_model(name, __base__=Section, __doc__=doc, **fields)


def _parameter_type(row: Declaration) -> Any:
    return Annotated[Any, PlainValidator(value_of(row)), WithJsonSchema(value_schema(row))]


# the type of each lever's setting and of each parameter's value; named, so that a JSON Schema holds each of them once
SETTINGS = {name: TypeAliasType(name, _setting_of(row)) for name, row in LEVERS.items()}  # type: ignore[misc]
VALUES = {name: TypeAliasType(name, _parameter_type(row)) for name, row in PARAMETERS.items()}  # type: ignore[misc]
LeverSettings = _section("LeverSettings", LEVERS, SETTINGS, "What a policy maker sets; a lever left out keeps its value from below.")
ParameterValues = _section("ParameterValues", PARAMETERS, VALUES, "Facts about the world; one left out keeps its value from below.")
