"""The emergence rule: no lever reaches an act but through a channel. Truth: the code's own text, and runs with channels closed.

`python tests/invariants/test_emergence.py` prints the table of which lever works through which channel, under the default rule.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import abm
from abm.model import phases
from abm.model.channels import CHANNELS, REMEMBERED, STRUCTURE, WORKINGS, blind, columns_of, first_sight
from abm.model.ics_model import ICSModel
from abm.model.levers import LEVERS
from abm.model.parameters import DECISION_RULES, PARAMETERS
from abm.model.phases.decide import decide
from abm.model.quarter import PHASES
from abm.model.state import FIELDS, State, record_type
from tests.invariants.by_hand import run_ablated

QUARTERS = 12
TABLES = tuple(FIELDS)
LISTED = {column for columns in CHANNELS.values() for column in columns}


# ---- the text: who reads and writes which column -----------------------------------------------------------------------


class Reader:
    """Follows a compiled function and all it calls in the model, and notes each column that it reads or writes.

    A value is known as "state", a table ("ties[]"), a record ("ties"), or "" (a number). An attribute of anything else
    than the state, a table, a record or a module is noted as `unclear`.
    """

    def __init__(self) -> None:
        self.reads: set[tuple[str, str]] = set()
        self.writes: set[tuple[str, str]] = set()
        self.unclear: set[str] = set()
        self._done: set[tuple] = set()

    def follow(self, function, arguments: tuple[str, ...]) -> Reader:
        plain = getattr(function, "py_func", function)
        if (plain, arguments) in self._done:
            return self
        self._done.add((plain, arguments))
        tree = ast.parse(inspect.getsource(plain)).body[0]
        names = dict(zip((argument.arg for argument in tree.args.args), arguments, strict=True))
        self._body(tree.body, names, plain)
        return self

    def _body(self, statements, names, plain) -> None:
        for statement in statements:
            if isinstance(statement, ast.Assign):
                self._assign(statement.targets[0], statement.value, names, plain)
            elif isinstance(statement, ast.AugAssign):
                self._kind(statement.value, names, plain)
                self._kind(statement.target, names, plain)
                if isinstance(statement.target, ast.Attribute):
                    self.reads.add((self._kind(statement.target.value, names, plain), statement.target.attr))
            else:
                for part in ast.iter_child_nodes(statement):
                    if isinstance(part, ast.expr):
                        self._kind(part, names, plain)
                for field in ("body", "orelse"):
                    self._body(getattr(statement, field, []), names, plain)

    def _assign(self, target, value, names, plain) -> None:
        if isinstance(target, ast.Tuple):
            values = value.elts if isinstance(value, ast.Tuple) else [None] * len(target.elts)
            if isinstance(value, ast.IfExp) and isinstance(value.body, ast.Tuple):
                self._kind(value, names, plain)
                values = value.body.elts
            elif not isinstance(value, ast.Tuple):
                self._kind(value, names, plain)
            for one, its in zip(target.elts, values, strict=True):
                if its is None:
                    self._kind(one, names, plain)
                    names |= {one.id: ""} if isinstance(one, ast.Name) else {}
                else:
                    self._assign(one, its, names, plain)
            return
        kind = self._kind(value, names, plain)
        if isinstance(target, ast.Name):
            names[target.id] = kind
        else:
            self._kind(target, names, plain)

    def _kind(self, node, names, plain) -> str:
        """What an expression is; notes the columns on the way."""
        if isinstance(node, ast.Name):
            return names.get(node.id, "")
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                self.unclear.add(ast.unparse(node))
            self._kind(node.slice, names, plain)
            return self._kind(node.value, names, plain).removesuffix("[]")
        if isinstance(node, ast.Attribute):
            return self._attribute(node, names, plain)
        if isinstance(node, ast.Call):
            return self._call(node, names, plain)
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self._kind(part, names, plain)
        return ""

    def _attribute(self, node, names, plain) -> str:
        base = self._kind(node.value, names, plain)
        if base == "state":
            return node.attr + "[]"
        if base.endswith("[]"):  # .size of a table; books.accounts
            return "accounts[]" if node.attr == "accounts" else ""
        if base:
            (self.writes if isinstance(node.ctx, ast.Store) else self.reads).add((base, node.attr))
        elif not (isinstance(node.value, ast.Name) and inspect.ismodule(plain.__globals__.get(node.value.id))):
            self.unclear.add(ast.unparse(node))
        return ""

    def _call(self, node, names, plain) -> str:
        arguments = tuple(self._kind(argument, names, plain) for argument in node.args)
        called = plain.__globals__.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if hasattr(called, "py_func"):
            self.follow(called, arguments)
        elif isinstance(node.func, ast.Attribute):
            self._kind(node.func, names, plain)
        return ""


@cache
def seen_by(phase) -> Reader:
    return Reader().follow(phase, ("state",))


def test_all_that_decide_reads_is_a_channel_a_parameter_or_structure():
    found = seen_by(decide)
    parameters = {("params", name) for name in PARAMETERS}
    assert not found.unclear, "cannot tell whose field this is"
    assert found.reads - parameters - STRUCTURE - WORKINGS - LISTED == set()
    assert LISTED - found.reads == set(), "a channel that decide does not read"
    assert STRUCTURE - found.reads == set()
    assert found.writes >= WORKINGS | REMEMBERED
    assert found.writes == WORKINGS | REMEMBERED | {("ties", "act")}


def test_the_channels_are_a_partition_of_declared_columns():
    columns = [column for group in CHANNELS.values() for column in group]
    assert len(columns) == len(set(columns))
    assert not LISTED & (STRUCTURE | WORKINGS)
    assert LISTED >= REMEMBERED
    for table, field in LISTED | STRUCTURE | WORKINGS:
        assert field in record_type(table).names


def test_decide_never_touches_the_policy():
    found = seen_by(decide)
    assert not {field for table, field in found.reads if table == "policy"}
    source = inspect.getsource(inspect.getmodule(decide.py_func))
    words = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    imported = {
        node.module + "." + name.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) for name in node.names
    }
    assert "policy" not in words
    assert not [name for name in imported if "levers" in name or "policy" in name.lower()]


def test_the_reader_would_notice_a_lever_in_decide():
    assert ("policy", "finance_share") in seen_by(PHASES[2]).reads  # review
    assert ("policy", "compact") in seen_by(PHASES[7]).reads  # learn, in a part of it


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.__name__)
def test_acts_are_chosen_in_decide_and_nowhere_else(phase):
    acts = {("ties", "act"), ("ties", "joint"), ("ties", "chance")}
    assert bool(acts & seen_by(phase).writes) == (phase is decide)
    assert not [text for text in seen_by(phase).unclear if text.endswith((".act", ".joint", ".chance")) and "tally" not in text]


def test_every_phase_is_in_its_own_file_and_read():
    files = {path.stem for path in Path(phases.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == {phase.__name__ for phase in PHASES}
    assert all(inspect.getmodule(phase.py_func) is importlib.import_module(f"abm.model.phases.{phase.__name__}") for phase in PHASES)


# ---- runs: what decide can see --------------------------------------------------------------------------------------------


def before_a_decision(rule: str, quarters: int = 5) -> State:
    """The state just before the decision after `quarters` quarters."""
    model = ICSModel(abm.tiny(), parameters={"decision_rule": rule}, seed=3).run(quarters)
    with np.errstate(over="ignore"):
        for phase in PHASES[: PHASES.index(decide)]:
            phase(model.state)
    return model.state


@pytest.mark.parametrize("rule", DECISION_RULES)
def test_decide_sees_nothing_else_even_if_all_else_is_poison(rule):
    clean, poisoned = before_a_decision(rule), before_a_decision(rule)
    for table in (*TABLES, "policy"):
        rows = getattr(poisoned, table)
        for field in rows.dtype.names:
            if (table, field) not in LISTED | STRUCTURE:
                rows[field] = np.nan if rows[field].dtype.kind == "f" else 77
    poisoned.books.accounts["balance"] = np.nan
    decide(clean)
    decide(poisoned)
    chosen = clean.ties["kind"] != 4
    for field in ("act", "joint", "chance", "belief", "cash_term", "value_term", "norm_term", "fate_term"):
        assert np.array_equal(clean.ties[field][chosen], poisoned.ties[field][chosen]), field


def test_nothing_closed_is_the_model_itself():
    plain, open_run = ICSModel(abm.tiny(), seed=3).run(QUARTERS), ICSModel(abm.tiny(), seed=3)
    decisions = run_ablated(open_run, QUARTERS, [])
    assert np.array_equal(plain.state.ties, open_run.state.ties)
    assert plain.outcomes().equals(open_run.outcomes())
    assert open_run.quarter == open_run.steps == QUARTERS == len(decisions.acts)


def test_only_the_decision_is_blind():
    model = ICSModel(abm.tiny(), {"finance_share": 0.95}, seed=3)
    run_ablated(model, QUARTERS, CHANNELS)
    usual = ICSModel(abm.tiny(), seed=3)
    run_ablated(usual, QUARTERS, CHANNELS)
    assert (model.state.orgs["felt_finance"] > usual.state.orgs["felt_finance"]).any()  # boards feel it all the same
    state = ICSModel(abm.tiny(), seed=3).run(2).state
    true = state.orgs["stress"].copy()
    with blind(state, {("orgs", "stress"): true + 0.5, ("ties", "joint"): np.ones(len(state.ties), dtype=np.int64)}):
        assert np.array_equal(state.orgs["stress"], true + 0.5)
    assert np.array_equal(state.orgs["stress"], true)
    assert (state.ties["joint"] == 1).all()  # what decide itself sets stands


def test_an_unknown_channel_is_refused():
    with pytest.raises(ValueError, match="'mony'"):
        run_ablated(ICSModel(abm.tiny()), 1, ["mony"])


def test_the_first_sight_knows_no_lever_of_the_run():
    one, other = ICSModel(abm.tiny(), {"finance_share": 0.95, "convenor": "none"}, seed=3), ICSModel(abm.tiny(), seed=3)
    ours, theirs = first_sight(one), first_sight(other)
    assert all(np.array_equal(ours[column], theirs[column]) for column in columns_of(CHANNELS))


def settings_of(lever: str) -> list:
    """Both ends of a lever's plausible range, or each of its choices, but for its default."""
    row = LEVERS[lever]
    return [value for value in (row.choices or row.plausible) if value != row.default]


@cache
def decisions(rule: str, opened: str, lever: str = "", value=None):
    """A run with every channel closed but `opened` ('' for none)."""
    model = ICSModel(abm.tiny(), {lever: value} if lever else {}, {"decision_rule": rule}, seed=3)
    return run_ablated(model, QUARTERS, [name for name in CHANNELS if name != opened])


def moves(rule: str, opened: str, lever: str) -> bool:
    """Whether the lever changes any chance or act when only `opened` is open."""
    usual = decisions(rule, opened)
    runs = [decisions(rule, opened, lever, value) for value in settings_of(lever)]
    return any(not np.array_equal(usual.acts, run.acts) or not np.array_equal(usual.chances, run.chances) for run in runs)


@pytest.mark.parametrize("rule", DECISION_RULES)
def test_with_every_channel_closed_no_lever_moves_any_act(rule):
    assert [lever for lever in LEVERS if moves(rule, "", lever)] == []


# One lever that should be felt through each channel, and a rule that reads it.
ALIVE = {
    "money": ("quantal_response", "allocation_growth"),
    "information": ("quantal_response", "compact"),
    "attention": ("quantal_response", "finance_share"),
    "payoffs": ("quantal_response", "gain_share"),
    "authority": ("quantal_response", "convenor"),
    "capacity": ("quantal_response", "priorities"),
    "continuation": ("quantal_response", "settlement_years"),
    "experience": ("reinforcement", "settlement_years"),
}


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_is_alive(channel):
    rule, lever = ALIVE[channel]
    assert moves(rule, channel, lever)


def test_some_channels_are_closed_to_some_levers():
    """The partition means something: a lever is not felt everywhere."""
    for lever in ("settlement_years", "mandate_stability"):
        assert not moves("quantal_response", "attention", lever)
    for lever in ("convenor", "mandate_clarity"):
        assert not moves("quantal_response", "money", lever)
    assert not moves("quantal_response", "experience", "settlement_years")  # this rule does not read it


def table(rule: str = "quantal_response") -> str:
    """A Markdown table of which lever moves the chance of some act through which channel alone."""
    names = [name for name in CHANNELS if name != "experience" or rule != "quantal_response"]
    lines = [f"| lever | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    for lever in LEVERS:
        cells = []
        for name in names:
            usual = decisions(rule, name).chances
            far = max(np.abs(decisions(rule, name, lever, value).chances - usual).max() for value in settings_of(lever))
            cells.append("–" if far == 0 else f"{100 * far:.1f}" if far >= 0.001 else "<0.1")
        lines.append(f"| {lever} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
