"""Unit: a rule of the house, read from the code's own text. A `@part` has no way in from Python: calling one from plain Python
crashes the interpreter, so no plain function of the package may call one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "abm").rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def decorators(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in function.decorator_list if isinstance(node, ast.Name)}


def parts_by_module() -> dict[str, set[str]]:
    """Names of `@part` functions of each module."""
    found = {}
    for path in SOURCES:
        functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
        found[module_name(path)] = {function.name for function in functions if "part" in decorators(function)}
    return found


PARTS = parts_by_module()


def names_of_parts(tree: ast.Module, module: str) -> dict[str, str]:
    """What the module calls each part that it knows: its own, imported ones, and `module.part` of imported modules."""
    known = {name: f"{module}.{name}" for name in PARTS.get(module, ())}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if alias.name in PARTS.get(node.module, ()):
                    known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                inner = f"{node.module}.{alias.name}"
                known |= {f"{alias.asname or alias.name}.{name}": f"{inner}.{name}" for name in PARTS.get(inner, ())}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                known |= {f"{alias.asname or alias.name}.{name}": f"{alias.name}.{name}" for name in PARTS.get(alias.name, ())}
    return known


def plain_uses(source: str, module: str) -> list[str]:
    """Where plain Python code calls a part, or hands one on: 'line: name'."""
    tree = ast.parse(source)
    known = names_of_parts(tree, module)
    found: list[str] = []

    def walk(node: ast.AST, compiled: bool) -> None:
        if isinstance(node, ast.FunctionDef):
            compiled = compiled or bool(decorators(node) & {"part", "compiled"})
            children = [*node.body]  # its decorators and defaults run as plain code, but call nothing of ours
        else:
            children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Attribute) and node.attr == "py_func":
            return  # the plain function behind a part is safe
        if not compiled and isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            if ast.unparse(node) in known:
                found.append(f"{node.lineno}: {known[ast.unparse(node)]}")
        for child in children:
            walk(child, compiled)

    walk(tree, False)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: module_name(path))
def test_no_plain_python_calls_a_part(path: Path) -> None:
    assert plain_uses(path.read_text(), module_name(path)) == []


def test_there_are_parts_and_the_walk_would_notice() -> None:
    assert sum(map(len, PARTS.values())) > 30
    assert plain_uses("from abm.model.ledger import pay\ndef f(b):\n    return pay(b, 0, 1, 2, 3.0)\n", "x") == ["3: abm.model.ledger.pay"]
    assert plain_uses("from abm.model import ledger as l\nl.pay(1)\n", "x") == ["2: abm.model.ledger.pay"]
    assert plain_uses("from abm.model.ledger import pay\nfor f in map(pay, []): pass\n", "x") == ["2: abm.model.ledger.pay"]
    assert plain_uses("from abm.model.ledger import pay\n@compiled\ndef f(b):\n    pay(b, 0, 1, 2, 3.0)\n", "x") == []
    assert plain_uses("from abm.model.ledger import pay\npay.py_func(1)\n", "x") == []
