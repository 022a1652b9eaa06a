"""From pydantic's errors to problems with a place, a key, a reason in plain words, the nearest valid key and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from abm.config.design import DESIGNS
from abm.config.document import Document, Path_, dotted
from abm.config.errors import ConfigError, Problem, nearest, spoken
from abm.config.factors import ONE, ROWS, Range
from abm.config.layers import Rewire
from abm.config.schema import KINDS, Config, Experiment, Scenario, System
from abm.config.settings import FORM_KEYS, RAMP_KEYS, SECTIONS
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
    """One problem per mistake; a key that is missing because it was misspelt is reported once."""
    rows = [row for row in error.errors(include_url=False) if row["type"] != "refused"]
    problems = {row["loc"]: _problem(row, document, model) for row in rows}
    misspelt = {(loc[:-1], problem.nearest) for loc, problem in problems.items() if problem.reason.startswith("no such")}
    unknown_forms = {loc[:-1] for loc, problem in problems.items() if problem.reason == "no such form of setting"}
    yield from (
        problem
        for loc, problem in problems.items()
        if problem.reason != "is missing" or ((loc[:-1], loc[-1]) not in misspelt and loc[:-1] not in unknown_forms)
    )
    for row in error.errors(include_url=False):
        if row["type"] == "refused":
            yield from _refusals(row, document)


def _refusals(row: Mapping[str, Any], document: Document) -> Iterable[Problem]:
    """The problems of a value that our own validators refuse."""
    path, of_key = _path(row["loc"], document.data)
    for fault in row["ctx"]["faults"]:
        here = (*path, *fault.at)
        key_is_wrong = of_key or fault.reason.startswith("no such") or (bool(fault.at) and here not in document.places)
        place = document.place(here, key_is_wrong)
        yield Problem(place, dotted(here), fault.reason, fault.nearest, fault.allowed)


def _problem(row: Mapping[str, Any], document: Document, model: type[Config]) -> Problem:
    kind, given, context = row["type"], row["input"], row.get("ctx", {})
    path, of_key = _path(row["loc"], document.data)
    if kind == "missing":
        key = (*path, row["loc"][-1])
        return Problem(document.place(path, of_key=bool(path)), dotted(key), "is missing")
    if kind in ("extra_forbidden", "invalid_key") and path:
        return _unknown(path, document, model)
    place = document.place(path, of_key)
    if kind in ("literal_error", "enum"):
        words = context["expected"].replace(" or ", ", ").replace("'", "")
        return Problem(place, dotted(path), f"{spoken(given)} is not a choice", nearest(given, words.split(", ")), words)
    if kind in ("string_pattern_mismatch", "string_too_long", "string_too_short"):
        words = "lower-case letters, digits, '-' and '_'" if "pattern" in context else ""
        return Problem(place, dotted(path), f"{spoken(given)} is not a valid name or text", allowed=words)
    if kind in ("too_short", "too_long"):
        return Problem(place, dotted(path), "has too few entries" if kind == "too_short" else "has too many entries")
    limits = _limits(path, document, model) or _one_limit(context)
    if kind.split("_")[0] in ("greater", "less"):
        return Problem(place, dotted(path), f"{spoken(given)} is out of range", allowed=limits)
    expected = _EXPECTED.get(kind.split("_")[0])
    reason = f"{expected}, got {spoken(given)}" if expected else f"{row['msg'][:1].lower()}{row['msg'][1:]}"
    return Problem(place, dotted(path), reason, allowed=limits)


def _path(loc: tuple[Any, ...], data: Any) -> tuple[Path_, bool]:
    """The part of a pydantic location that is a path in the data, and whether it points at a key."""
    path: list[Any] = []
    for step in loc:
        if isinstance(data, Mapping):
            key = step if step in data else next((key for key in data if isinstance(key, int) and str(key) == step), None)
            if key is None:
                continue
            path.append(key)
            data = data[key]
        elif isinstance(data, list) and isinstance(step, int) and not isinstance(step, bool) and step < len(data):
            path.append(step)
            data = data[step]
    return tuple(path), bool(loc) and loc[-1] == "[key]"


def _limits(path: Path_, document: Document, model: type[Config]) -> str:
    """The range of a number field, in words."""
    owner = _owner(path[:-1], document, model)
    field = owner.model_fields.get(str(path[-1])) if path and owner is not None else None
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None) if field else None
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None) if field else None
    return f"{low} to {high}" if low is not None and high is not None else ""


def _one_limit(context: Mapping[str, Any]) -> str:
    """The limit that a number breaks, where the field does not tell the whole range."""
    return f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}" if "le" in context else ""


def _unknown(path: Path_, document: Document, model: type[Config]) -> Problem:
    """A key that nothing knows, with the nearest one that would do."""
    key = str(path[-1])
    what, valid = _valid_keys(path[:-1], document, model)
    close = nearest(key, valid)
    if what == "factor":
        close = _nearest_factor(key)
    elif what == "key":
        section = "levers" if key in LEVERS else "parameters" if key in PARAMETERS else ""
        close = f"{section}.{key}" if section else close
    elif what == "lever" and key in PARAMETERS:
        close = f"parameters.{key}"
    elif what == "parameter" and key in LEVERS:
        close = f"levers.{key}"
    short = ", ".join(valid) if len(valid) <= 8 else ""
    return Problem(document.place(path, of_key=True), dotted(path), f"no such {what}", close, short)


def _nearest_factor(key: str) -> str:
    """The factor closest to a key that is none: the right name in the wrong section, no section, or a slip in either."""
    section, dot, name = key.partition(".")
    for other in SECTIONS:
        if f"{other}.{name if dot else key}" in ROWS:
            return f"{other}.{name if dot else key}"
    if section not in SECTIONS:
        return nearest(key, ONE)
    names = [known.split(".", 1)[1] for known in ROWS if known.startswith(f"{section}.")]
    return f"{section}.{nearest(name, names) or names[0]}"


def _owner(parent: Path_, document: Document, model: type[Config]) -> type[BaseModel] | None:
    """The class whose fields are the keys at `parent`; None below levers, parameters and factors."""
    if not parent:
        return model
    if parent[-1] == "rewire":
        return Rewire
    if model is not Experiment:
        return None
    if parent[0] != "design":
        entries: dict[Path_, type[BaseModel]] = {("system",): System, ("scenarios",): Scenario}
        return entries.get(parent[:1]) if len(parent) == (2 if parent[0] == "scenarios" else 1) else None
    if len(parent) == 1:
        data = document.data["design"]
        return DESIGNS.get(str(data.get("kind"))) if isinstance(data, Mapping) else None
    if "system" in parent[-2:] and len(parent) == 4:
        return System
    return Range if parent[1] == "over" and len(parent) == 3 else None


def _valid_keys(parent: Path_, document: Document, model: type[Config]) -> tuple[str, tuple[str, ...]]:
    """What the keys below `parent` are called, and which there are."""
    if parent == ("design", "over") or (parent[:2] == ("design", "points") and len(parent) == 3):
        return "factor", tuple(ONE)
    owner = _owner(parent, document, model)
    if owner is not None:
        return "key", tuple(field.alias or name for name, field in owner.model_fields.items() if not field.exclude)
    steps = _in_sections(parent)
    if steps[-1] == "ramp":
        return "key", RAMP_KEYS
    if steps[-1] == "levers":
        return "lever", tuple(LEVERS)
    if steps[-1] == "parameters":
        return "parameter", tuple(PARAMETERS)
    if "levers" in steps:
        return "form of setting", FORM_KEYS if len(steps) - steps.index("levers") == 2 else FORM_KEYS[:2]
    return "key", tuple(model.model_fields)


def _in_sections(path: Path_) -> Path_:
    """A path through a design as it would be in a scenario: `levers.NAME` as two steps, without the number of the level."""
    for i, step in enumerate(path):
        if path[0] == "design" and isinstance(step, str) and step.startswith(("levers.", "parameters.")):
            rest = path[i + 2 :] if path[1] == "over" else path[i + 1 :]
            return (*path[:i], *step.split(".", 1), *rest)
    return path


def kind_of(model: type[Config]) -> str:
    """The folder under `configs/` where configs of this kind live."""
    return next(name for name, kind in KINDS.items() if kind is model)
