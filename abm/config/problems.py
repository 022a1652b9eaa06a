"""From pydantic's errors to problems with a place, a key, a reason in plain words, the nearest valid key and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from abm.config.document import Document, Path_, dotted
from abm.config.errors import ConfigError, Problem, nearest, spoken
from abm.config.schema import KINDS, Config, Experiment, Scenario, System
from abm.config.settings import FORM_KEYS, RAMP_KEYS
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS

C = TypeVar("C", bound=Config)

_EXPECTED = {
    "string": "expected text",
    "int": "expected a whole number",
    "float": "expected a number",
    "bool": "expected true or false",
    "tuple": "expected a list",
    "list": "expected a list",
    "dict": "expected keys and values",
    "model": "expected keys and values",
}


def validated(document: Document, model: type[C]) -> C:
    """The document as `model`. Raises `ConfigError` with every problem in it."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise ConfigError(problems_of(error, document, model)) from None


def problems_of(error: ValidationError, document: Document, model: type[Config]) -> Iterable[Problem]:
    """One problem per pydantic error; a key that is missing because it was misspelt is reported once."""
    rows = error.errors(include_url=False)
    problems = {row["loc"]: _problem(row, document, model) for row in rows}
    misspelt = {(loc[:-1], problem.nearest) for loc, problem in problems.items() if problem.reason.startswith("no such")}
    unknown_forms = {loc[:-1] for loc, problem in problems.items() if problem.reason == "no such form of setting"}
    return [
        problem
        for loc, problem in problems.items()
        if problem.reason != "is missing" or ((loc[:-1], loc[-1]) not in misspelt and loc[:-1] not in unknown_forms)
    ]


def _problem(row: Mapping[str, Any], document: Document, model: type[Config]) -> Problem:
    kind, given, context = row["type"], row["input"], row.get("ctx", {})
    path, of_key = _path(row["loc"], document.data)
    if kind == "missing":
        key = (*path, row["loc"][-1])
        return Problem(document.place(path, of_key=bool(path)), dotted(key), "is missing")
    if kind == "extra_forbidden":
        return _unknown(path, document, model)
    place = document.place(path, of_key)
    if kind == "refused":
        return Problem(place, dotted(path), context["reason"], context["nearest"], context["allowed"])
    if kind in ("literal_error", "enum"):
        words = context["expected"].replace(" or ", ", ").replace("'", "")
        return Problem(place, dotted(path), f"{spoken(given)} is not a choice", nearest(given, words.split(", ")), words)
    if kind in ("string_pattern_mismatch", "string_too_long", "string_too_short"):
        words = "lower-case letters, digits, '-' and '_'" if "pattern" in context else ""
        return Problem(place, dotted(path), f"{spoken(given)} is not a valid name or text", allowed=words)
    if kind in ("too_short", "too_long"):
        return Problem(place, dotted(path), "has too few entries" if kind == "too_short" else "has too many entries")
    limits = _limits(path, model)
    if kind.split("_")[0] in ("greater", "less"):
        return Problem(place, dotted(path), f"{spoken(given)} is out of range", allowed=limits)
    expected = _EXPECTED.get(kind.split("_")[0])
    reason = f"{expected}, got {spoken(given)}" if expected else f"{row['msg'][:1].lower()}{row['msg'][1:]}"
    return Problem(place, dotted(path), reason, allowed=limits)


def _path(loc: tuple[Any, ...], data: Any) -> tuple[Path_, bool]:
    """The part of a pydantic location that is a path in the data, and whether it points at a key."""
    path: list[Any] = []
    for step in loc:
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and not isinstance(step, bool) and step < len(data):
            data = data[step]
        else:
            continue
        path.append(step)
    return tuple(path), bool(loc) and loc[-1] == "[key]"


def _limits(path: Path_, model: type[Config]) -> str:
    """The range of a number field, in words."""
    field = model.model_fields.get(str(path[-1])) if path else None
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None) if field else None
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None) if field else None
    return f"{low} to {high}" if low is not None and high is not None else ""


def _unknown(path: Path_, document: Document, model: type[Config]) -> Problem:
    """A key that nothing knows, with the nearest one that would do."""
    key = str(path[-1])
    what, valid = _valid_keys(path[:-1], model)
    close = nearest(key, valid)
    if what == "key":
        section = "levers" if key in LEVERS else "parameters" if key in PARAMETERS else ""
        close = f"{section}.{key}" if section else close
    elif what == "lever" and key in PARAMETERS:
        close = f"parameters.{key}"
    elif what == "parameter" and key in LEVERS:
        close = f"levers.{key}"
    short = ", ".join(valid) if len(valid) <= 8 else ""
    return Problem(document.place(path, of_key=True), dotted(path), f"no such {what}", close, short)


def _valid_keys(parent: Path_, model: type[Config]) -> tuple[str, tuple[str, ...]]:
    """What the keys below `parent` are called, and which there are."""
    if parent and parent[-1] == "ramp":
        return "key", RAMP_KEYS
    if parent and parent[-1] == "levers":
        return "lever", tuple(LEVERS)
    if parent and parent[-1] == "parameters":
        return "parameter", tuple(PARAMETERS)
    if "levers" in parent:
        return "form of setting", FORM_KEYS if len(parent) - parent.index("levers") == 2 else FORM_KEYS[:2]
    for name, kind in (("system", System), ("scenarios", Scenario)):
        if model is Experiment and parent and parent[0] == name:
            return "key", tuple(kind.model_fields)
    return "key", tuple(model.model_fields)


def kind_of(model: type[Config]) -> str:
    """The folder under `configs/` where configs of this kind live."""
    return next(name for name, kind in KINDS.items() if kind is model)
