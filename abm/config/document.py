"""A YAML text as plain data, with the place of every key and value. Refuses duplicate keys, merges, tags and more than one document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from abm.config.errors import ConfigError, Place, Problem, nearest, shown

Key = str | int
Path_ = tuple[Key, ...]

_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_LISTS = ("scenarios", "outcomes", "by", "keep", "design.points", "design.columns", "design.quarters", "design.trajectories")
_MOST_NODES = 100_000  # a config is small; more means aliases that multiply
_DEEPEST = 40


@dataclass(frozen=True)
class Document:
    """Plain data, and where its keys and values stand; `places[path]` is the place of a value, `keys[path]` of its key."""

    source: Path | None
    name: str
    data: Any
    places: Mapping[Path_, Place] = field(default_factory=dict)
    keys: Mapping[Path_, Place] = field(default_factory=dict)

    def place(self, path: Path_, of_key: bool = False) -> Place:
        """Where `path` stands; the nearest enclosing place when the path itself is not in the text."""
        if path in self.places:
            return self.keys.get(path, self.places[path]) if of_key else self.places[path]
        while path:
            path = path[:-1]
            if path in self.places:
                return self.keys.get(path, self.places[path])
        return Place(self.name)

    def part(self, path: Path_) -> Document:
        """The document below `path`, as a document of its own (its places still point into the whole text)."""
        data: Any = self.data
        for step in path:
            data = data[step]
        cut = len(path)

        def below(table: Mapping[Path_, Place]) -> dict[Path_, Place]:
            return {key[cut:]: place for key, place in table.items() if key[:cut] == path}

        return Document(self.source, self.name, data, below(self.places), below(self.keys))

    def with_value(self, path: Path_, value: Document) -> Document:
        """This document with the value at `path` (through mappings only) replaced by another document's."""
        head = path[0]
        data = dict(self.data) if isinstance(self.data, Mapping) else {}
        inner: Document = value
        if len(path) > 1:
            child = (
                self.part((head,)) if isinstance(data.get(head), Mapping) else Document(self.source, self.name, {}, {(): value.place(())})
            )
            inner = child.with_value(path[1:], value)
        data[head] = inner.data
        places = {key: place for key, place in self.places.items() if key[:1] != (head,)}
        keys = {key: place for key, place in self.keys.items() if key[:1] != (head,) or len(path) > 1}
        places.update({(head, *key): place for key, place in inner.places.items()})
        keys.update({(head, *key): place for key, place in inner.keys.items()})
        return replace(self, data=data, places=places, keys=keys)


def read_document(path: Path) -> Document:
    """The document in a file. Raises `ConfigError` when it cannot be read or is not a YAML mapping."""
    name = shown(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(Place(name), "", f"cannot be read: {error.strerror or error}")]) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise ConfigError([Problem(Place(name, line, column), "", "is not UTF-8 text")]) from None
    document = replace(parse_document(text, name), source=path)
    if not isinstance(document.data, dict):
        what = "is empty" if document.data is None else "must hold keys and values ('name: ...')"
        raise ConfigError([Problem(document.place(()), "", what)])
    return document


def parse_document(text: str, name: str, before: str = "") -> Document:
    """The document in `text`. `before` is what stands before it on its line (used for `--set key=value`)."""
    lines = text.splitlines() or [""]

    def place(line: int, column: int) -> Place:
        line = min(line, len(lines) - 1)
        lead = before if line == 0 else ""
        return Place(name, line + 1, column + 1 + len(lead), lead + lines[line])

    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = place(mark.line, mark.column) if mark else Place(name)
        raise ConfigError([Problem(where, "", f"not valid YAML: {_sentence(error)}")]) from None
    except YAMLError as error:
        position = getattr(error, "position", 0)
        where = place(text.count("\n", 0, position), position - (text.rfind("\n", 0, position) + 1))
        raise ConfigError([Problem(where, "", "not valid YAML: a character that YAML does not allow")]) from None
    except RecursionError:
        raise ConfigError([Problem(place(0, 0), "", "not valid: nested too deeply")]) from None
    except (ValueError, TypeError, AttributeError, IndexError, AssertionError) as error:  # ruamel on hopeless input
        raise ConfigError([Problem(place(0, 0), "", f"not valid YAML: {str(error) or type(error).__name__}")]) from None
    if node is None:
        return Document(None, name, None, {(): place(0, 0)})
    return _Reader(yaml, name, place).document(node)


def _sentence(error: MarkedYAMLError) -> str:
    words = " ".join(str(part) for part in (error.problem, error.context) if part)
    return " ".join(words.split())[:200]


class _Reader:
    """Turns YAML nodes into plain data and collects the places."""

    def __init__(self, yaml: YAML, name: str, place: Callable[[int, int], Place]) -> None:
        self.yaml, self.name, self.place = yaml, name, place
        self.places: dict[Path_, Place] = {}
        self.keys: dict[Path_, Place] = {}
        self.problems: list[Problem] = []
        self.count = 0

    def document(self, node: Node) -> Document:
        data = self.value(node, ())
        if self.problems:
            raise ConfigError(self.problems)
        return Document(None, self.name, data, self.places, self.keys)

    def problem(self, node: Node, path: Path_, reason: str, close: str = "") -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.place(mark.line, mark.column), dotted(path), reason, close))

    def value(self, node: Node, path: Path_) -> Any:
        self.count += 1
        if self.count > _MOST_NODES or len(path) > _DEEPEST:
            if not self.problems or "too large" not in self.problems[-1].reason:
                self.problem(node, path[:3], "too large or too deep for a config")
            return None
        self.places[path] = self.place(node.start_mark.line, node.start_mark.column)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: Path_) -> dict[Key, Any]:
        data: dict[Key, Any] = {}
        for key_node, value_node in node.value:
            if self.count > _MOST_NODES:
                break
            key = self.key(key_node, path)
            if key is None:
                continue
            here = (*path, key)
            if key in data:
                first = self.keys[here]
                self.problem(key_node, here, f"is given twice (first on line {first.line})")
                continue
            self.keys[here] = self.place(key_node.start_mark.line, key_node.start_mark.column)
            data[key] = self.value(value_node, here)
            if data[key] is None and value_node.value == "":
                self.places[here] = self.keys[here]  # nothing stands there: what follows it is not to blame
        return data

    def key(self, node: Node, path: Path_) -> Key | None:
        if not isinstance(node, ScalarNode):
            self.problem(node, path, "a key must be a word or a number")
            return None
        if node.tag == "tag:yaml.org,2002:merge":
            self.problem(node, path, "'<<' merges are not part of YAML 1.2; name another config instead")
            return None
        key = self.scalar(node, path)
        return key if isinstance(key, int) and not isinstance(key, bool) else str(node.value)

    def scalar(self, node: Node, path: Path_) -> Any:
        tag = str(node.tag)
        if tag == "tag:yaml.org,2002:timestamp":
            return str(node.value)
        if tag not in _SCALARS or not isinstance(node, ScalarNode):
            close = nearest(tag.rsplit(":", 1)[-1].lstrip("!"), [name.rsplit(":", 1)[-1] for name in _SCALARS])
            self.problem(node, path, f"the tag {tag.replace('tag:yaml.org,2002:', '!!')} is not allowed", close)
            return None
        try:
            return self.yaml.constructor.construct_object(node)
        except (YAMLError, ValueError, TypeError, KeyError, OverflowError):
            self.problem(node, path, f"cannot read {str(node.value)[:40]!r}")
            return None


def dotted(path: Path_) -> str:
    """A path as one writes it: `levers.finance_share`, `scenarios[2].name`, `design.over.system[1]`."""
    text = ""
    for i, step in enumerate(path):
        if isinstance(step, int) and (text.endswith(_LISTS) or (i == 3 and path[:2] in (("design", "over"), ("design", "groups")))):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else str(step)
    return text
