"""Unit: each mistake in a `design:` section is answered once, at its place, with the nearest valid key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

import abm
from abm.config.checks import check_against_world, check_models
from abm.config.errors import ConfigError
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.config.worlds import build_worlds
from abm.experiment.design import design_points

HEAD = "name: mine\nsystem: tiny\nscenarios: [baseline]\nquarters: 40\nreplicates: 2\ndesign:\n"
KINDS = "(allowed: list, table, factorial, grid, fractional_factorial, one_at_a_time, latin_hypercube, sobol_sequence, sobol, morris, ramp)"
SHARE = "levers.finance_share"
FORMS = "(allowed: a list of levels, 'plausible', {from: .., to: ..})"

# what stands below `design:` (on line 7 and after), and the problems it is answered with, each in full
MISTAKES = {
    "no kind": ("over: {}", ["6:1: design.kind: is missing " + KINDS]),
    "a slip in kind": ("knd: list", ["7:3: design.knd: no such key; did you mean 'kind'?"]),
    "unknown kind": (
        "kind: latin_hypercub",
        ["7:9: design.kind: 'latin_hypercub' is not a kind of design; did you mean 'latin_hypercube'? " + KINDS],
    ),
    "not a mapping": ("- list", ["7:3: design: expected keys and values, got a list"]),
    "nothing varies": (
        "kind: factorial\nover: {}",
        ["8:9: design.over: names no factor (allowed: at least one, for example levers.finance_share: [0.3, 0.6, 0.9])"],
    ),
    "no factors": ("kind: factorial", ["6:1: design.over: is missing"]),
    "a slip in a factor": (
        "kind: factorial\nover: {levers.finance_shar: [0.3, 0.6]}",
        ["8:10: design.over.levers.finance_shar: no such factor; did you mean 'levers.finance_share'?"],
    ),
    "a factor without its section": (
        "kind: factorial\nover: {trust_memory: [0.3, 0.6]}",
        ["8:10: design.over.trust_memory: no such factor; did you mean 'parameters.trust_memory'?"],
    ),
    "a factor in the wrong section": (
        "kind: factorial\nover: {parameters.audit: [0.3, 0.6]}",
        ["8:10: design.over.parameters.audit: no such factor; did you mean 'levers.audit'?"],
    ),
    "sections as in a scenario": (
        "kind: factorial\nover: {levers: {audit: [0.3, 0.6]}}",
        ["8:10: design.over.levers: no such factor; did you mean 'levers.finance_share'?"],
    ),
    "one value": (f"kind: factorial\nover: {{{SHARE}: 0.3}}", [f"8:32: design.over.{SHARE}: 0.3 alone does not vary {FORMS}"]),
    "one level": (f"kind: factorial\nover: {{{SHARE}: [0.3]}}", [f"8:32: design.over.{SHARE}: needs at least two levels, got 1 {FORMS}"]),
    "no value": (
        f"kind: factorial\nover:\n  {SHARE}:",
        [f"9:5: design.over.{SHARE}: expected something that varies, got nothing {FORMS}"],
    ),
    "a slip in plausible": (
        f"kind: factorial\nover: {{{SHARE}: plausble}}",
        [f"8:32: design.over.{SHARE}: expected something that varies, got 'plausble'; did you mean 'plausible'? {FORMS}"],
    ),
    "levels that the declaration refuses": (
        f"kind: factorial\nover: {{{SHARE}: [0.3, 1.3, high]}}",
        [
            f"8:38: design.over.{SHARE}[1]: 1.3 is out of range (allowed: 0 to 1, share of review questions)",
            f"8:43: design.over.{SHARE}[2]: expected a number, got 'high' (allowed: 0 to 1, share of review questions)",
        ],
    ),
    "a level twice": (f"kind: factorial\nover: {{{SHARE}: [0.3, 1, 1.0]}}", [f"8:41: design.over.{SHARE}[2]: 1.0 is listed twice"]),
    "a number beyond all measure": (
        f"kind: factorial\nover: {{{SHARE}: [0.3, {'9' * 400}]}}",
        [f"8:38: design.over.{SHARE}[1]: a very large number is out of range (allowed: 0 to 1, share of review questions)"],
    ),
    "a number for a key": (
        "kind: factorial\nover: {3: [0.3, 0.6]}",
        ["8:10: design.over.3: no such factor"],
    ),
    "a choice that is none": (
        "kind: factorial\nover: {levers.convenor: [icb, ibc]}",
        ["8:33: design.over.levers.convenor[1]: 'ibc' is not a choice; did you mean 'icb'? (allowed: icb, partnership, none)"],
    ),
    "a range of choices": (
        "kind: factorial\nover: {levers.convenor: {from: icb, to: none}}",
        ["8:27: design.over.levers.convenor: has no range (allowed: a list of levels, 'plausible')"],
    ),
    "half a measure": (
        "kind: factorial\nover: {levers.priorities: [3, 4.5]}",
        ["8:33: design.over.levers.priorities[1]: expected a whole number, got 4.5 (allowed: 0 to 200, whole numbers, headline measures)"],
    ),
    "a range that is upside down": (
        f"kind: latin_hypercube\npoints: 4\nover: {{{SHARE}: {{from: 0.9, to: 0.2}}}}",
        [f"9:39: design.over.{SHARE}.from: 'from' must be below 'to', got 0.9 and 0.2"],
    ),
    "a range that is a point": (
        f"kind: latin_hypercube\npoints: 4\nover: {{{SHARE}: {{from: 0.2, to: 0.2}}}}",
        [f"9:39: design.over.{SHARE}.from: 'from' must be below 'to', got 0.2 and 0.2"],
    ),
    "a range that the declaration refuses": (
        f"kind: latin_hypercube\npoints: 4\nover: {{{SHARE}: {{from: -0.2, to: 0.2}}}}",
        [f"9:39: design.over.{SHARE}.from: -0.2 is out of range (allowed: 0 to 1, share of review questions)"],
    ),
    "a slip in a range": (
        f"kind: latin_hypercube\npoints: 4\nover: {{{SHARE}: {{from: 0.2, too: 0.9}}}}",
        [f"9:44: design.over.{SHARE}.too: no such key; did you mean 'to'? (allowed: from, to, steps, scale)"],
    ),
    "a log scale from nothing": (
        f"kind: latin_hypercube\npoints: 4\nover: {{{SHARE}: {{from: 0, to: 0.9, scale: log}}}}",
        [f"9:39: design.over.{SHARE}.from: a log scale needs 'from' above 0, got 0"],
    ),
    "no such scale": (
        f"kind: latin_hypercube\npoints: 4\nover: {{{SHARE}: {{from: 0.1, to: 0.9, scale: lg}}}}",
        [f"9:60: design.over.{SHARE}.scale: 'lg' is not a choice; did you mean 'log'? (allowed: linear, log)"],
    ),
    "one step": (
        f"kind: grid\nover: {{{SHARE}: {{from: 0.1, to: 0.9, steps: 1}}}}",
        [f"8:60: design.over.{SHARE}.steps: 1 is out of range (allowed: 2 to 10000)"],
    ),
    "more steps than numbers": (
        "kind: grid\nover: {levers.priorities: {from: 1, to: 3, steps: 7}}",
        ["8:53: design.over.levers.priorities.steps: 7 steps give only 3 different whole numbers (allowed: 2 to 3)"],
    ),
    "more steps for all than numbers of one": (
        "kind: grid\nsteps: 9\nover: {levers.settlement_years: plausible}",
        ["9:35: design.over.levers.settlement_years: 9 steps give the same value twice (allowed: steps of its own, fewer)"],
    ),
    "a range without levels": (
        f"kind: factorial\nover: {{{SHARE}: plausible, levers.audit: {{from: 0.1, to: 0.2}}}}",
        [
            f"8:32: design.over.{SHARE}: a factorial needs levels (allowed: a list, or {{from: .., to: .., steps: ..}})",
            "8:57: design.over.levers.audit: a factorial needs levels (allowed: a list, or {from: .., to: .., steps: ..})",
        ],
    ),
    "a third level": (
        "kind: fractional_factorial\nover: {levers.convenor: plausible}",
        ["8:27: design.over.levers.convenor: has 3 levels (allowed: two levels, or {from: .., to: ..})"],
    ),
    "a schedule that is no list": (
        f"kind: factorial\nover: {{{SHARE}: {{schedule: {{0: 0.1, 4: 0.5}}}}}}",
        [f"8:32: design.over.{SHARE}: one setting does not vary: give a list of settings {FORMS}"],
    ),
    "a slip in a schedule": (
        f"kind: factorial\nover: {{{SHARE}: [0.2, {{schedul: {{0: 0.1}}}}]}}",
        [
            f"8:39: design.over.{SHARE}[1].schedul: no such form of setting; did you mean 'schedule'? "
            "(allowed: schedule, ramp, national, regions, systems)"
        ],
    ),
    "a slip in a level's ramp": (
        f"kind: factorial\nover: {{{SHARE}: [0.2, {{ramp: {{from: 0.1, to: 0.5, strt: 3, end: 4}}}}]}}",
        [f"8:66: design.over.{SHARE}[1].ramp.strt: no such key; did you mean 'start'? (allowed: from, to, start, end)"],
    ),
    "no number of points": (f"kind: latin_hypercube\nover: {{{SHARE}: plausible}}", ["6:1: design.points: is missing"]),
    "a slip in points": (
        f"kind: latin_hypercube\npoint: 8\nover: {{{SHARE}: plausible}}",
        ["8:3: design.point: no such key; did you mean 'points'? (allowed: kind, over, points, seed)"],
    ),
    "an empty batch": (
        f"kind: latin_hypercube\npoints: [4, 0]\nover: {{{SHARE}: plausible}}",
        ["8:15: design.points[1]: 0 is out of range (allowed: at least 1)"],
    ),
    "points that are no number": (
        f"kind: latin_hypercube\npoints: many\nover: {{{SHARE}: plausible}}",
        ["8:11: design.points: expected a whole number, got 'many'"],
    ),
    "no power of two": (
        f"kind: sobol_sequence\npoints: 100\nover: {{{SHARE}: plausible}}",
        ["8:11: design.points: 100 is not a power of two; did you mean '128'? (allowed: 2, 4, 8, 16, ...)"],
    ),
    "points of the wrong kind": (
        f"kind: sobol\npoints: 64\nover: {{{SHARE}: plausible}}",
        ["8:3: design.points: no such key; did you mean 'base_points'? (allowed: kind, over, groups, base_points, second_order, seed)"],
    ),
    "odd levels": (
        f"kind: morris\ntrajectories: 4\nlevels: 5\nover: {{{SHARE}: plausible}}",
        ["9:11: design.levels: 5 is not even; did you mean '6'? (allowed: 2, 4, 6, 8, ...)"],
    ),
    "a seed below 0": (
        f"kind: morris\ntrajectories: 4\nseed: -1\nover: {{{SHARE}: plausible}}",
        ["9:9: design.seed: -1 is out of range (allowed: 0 to 9223372036854775807)"],
    ),
    "a group of what does not vary": (
        f"kind: morris\ntrajectories: 4\ngroups: {{a: [levers.audt]}}\nover: {{{SHARE}: plausible, levers.audit: plausible}}",
        ["9:16: design.groups.a[0]: 'levers.audt' is not a factor of this design; did you mean 'levers.audit'?"],
    ),
    "in two groups": (
        f"kind: morris\ntrajectories: 4\ngroups: {{a: [{SHARE}], b: [{SHARE}]}}\nover: {{{SHARE}: plausible, levers.audit: plausible}}",
        [f"9:43: design.groups.b[0]: '{SHARE}' is in a group already"],
    ),
    "all in one group": (
        f"kind: sobol\nbase_points: 4\ngroups: {{a: [{SHARE}, levers.audit]}}\nover: {{{SHARE}: plausible, levers.audit: plausible}}",
        ["9:11: design.groups: all factors are in one group, so there is nothing to compare (allowed: two or more groups)"],
    ),
    "a group of nothing": (
        f"kind: sobol\nbase_points: 4\ngroups: {{a: []}}\nover: {{{SHARE}: plausible, levers.audit: plausible}}",
        ["9:15: design.groups.a: has no factors"],
    ),
    "an unknown system": (
        "kind: factorial\nover:\n  system: [tiny, tinny]",
        ["9:20: design.over.system[1]: no system 'tinny' in", "did you mean 'tiny'? (allowed: england, synthetic20, tiny)"],
    ),
    "a system twice": ("kind: factorial\nover:\n  system: [tiny, tiny]", ["9:20: design.over.system[1]: 'tiny' is listed twice"]),
    "two systems of one name": (
        "kind: factorial\nover:\n  system: [synthetic20, {name: tiny, world: synthetic, systems: 3}]",
        ["9:27: design.over.system[1]: another system is named 'tiny'; names of systems must differ"],
    ),
    "a slip in a system": (
        "kind: factorial\nover:\n  system: [tiny, {name: other, wrld: synthetic}]",
        ["9:34: design.over.system[1].wrld: no such key; did you mean 'world'?"],
    ),
    "a slip in a system's levers": (
        "kind: factorial\nover:\n  system: [tiny, {name: other, world: tiny, levers: {audt: 0.1}}]",
        ["9:56: design.over.system[1].levers.audt: no such lever; did you mean 'audit'?"],
    ),
    "a range of systems": (
        "kind: factorial\nover: {system: plausible}",
        ["8:18: design.over.system: expected something that varies, got 'plausible' (allowed: a list of systems)"],
    ),
    "no points": ("kind: list\npoints: []", ["8:11: design.points: has too few entries"]),
    "points that set nothing": (
        "kind: list\npoints: [{}]",
        ["8:11: design.points: no point sets anything (allowed: levers.NAME, parameters.NAME or system)"],
    ),
    "a slip in a point": (
        "kind: list\npoints:\n- levers.audit: 0.1\n- levers.audt: 0.2",
        ["10:5: design.points[1].levers.audt: no such factor; did you mean 'levers.audit'?"],
    ),
    "a point twice": (
        "kind: list\npoints:\n- levers.audit: 0.1\n- levers.audit: 0.1",
        ["10:5: design.points[1]: is the same as points[0]"],
    ),
    "a constant column": (
        "kind: list\npoints:\n- {levers.audit: 0.1, levers.compact: 0}\n- {levers.audit: 0.1, levers.compact: 1}",
        ["9:20: design.points[0].levers.audit: is the same in every point, so it does not vary"],
    ),
    "a ramp that is too long": (
        f"kind: ramp\nquarters: [4, 20]\nover: {{{SHARE}: plausible}}",
        [
            "8:17: design.quarters[1]: there and back at 20 quarters each way needs runs of 45 quarters, and they have 40 "
            "(allowed: at most 17 here)"
        ],
    ),
    "a speed twice": (f"kind: ramp\nquarters: [4, 4]\nover: {{{SHARE}: plausible}}", ["8:17: design.quarters[1]: 4 is listed twice"]),
    "what cannot ramp": (
        "kind: ramp\nquarters: 4\nover:\n  parameters.trust_memory: plausible\n  levers.convenor: plausible\n"
        "  levers.audit: {from: 0, to: 1, steps: 3}\n  levers.compact: {from: 0.1, to: 1, scale: log}\n  levers.delegation: [0, 1]",
        [
            "10:30: design.over.parameters.trust_memory: a ramp moves levers; this does not change over time (allowed: levers.NAME)",
            "11:22: design.over.levers.convenor: a choice cannot ramp",
            "12:43: design.over.levers.audit.steps: a ramp has a value a quarter, so it takes no steps",
            "13:47: design.over.levers.compact.scale: a ramp is a straight line",
            "14:24: design.over.levers.delegation: a ramp goes from one value to another, got a list",
        ],
    ),
    "a seed that nothing draws from": (
        f"kind: one_at_a_time\nseed: 3\nover: {{{SHARE}: plausible}}",
        ["8:3: design.seed: no such key (allowed: kind, over)"],
    ),
    "a plan beyond all measure": (
        f"kind: grid\nsteps: 1000\nover: {{{SHARE}: plausible, levers.audit: plausible}}",
        [
            "6:1: design: 2,000,000 runs (1 scenario x 1,000,000 points x 2 replicates) are too many for one plan "
            "(allowed: at most 1,000,000 runs)"
        ],
    ),
    "a date before the start": (
        f"kind: factorial\nover:\n  {SHARE}:\n  - 0.2\n  - schedule: {{1999/00: 0.1}}",
        [f"11:18: design.over.{SHARE}[1].schedule.1999/00: is before the first year 2024/25"],
    ),
    "an area that is not in the world": (
        f"kind: list\npoints:\n- {SHARE}: {{regions: {{Y99: 0.3}}}}\n- {{}}",
        [f"9:38: design.points[0].{SHARE}.regions.Y99: no region 'Y99' in this world (allowed: R1)"],
    ),
    "a level's ramp that ends before it starts": (
        f"kind: factorial\nover:\n  {SHARE}:\n  - 0.2\n  - ramp: {{from: 0.1, to: 0.5, start: 8, end: 4}}",
        [f"11:7: design.over.{SHARE}[1]: a ramp must end after it starts"],
    ),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(design: str) -> str:
    return HEAD + "".join(f"  {line}\n" for line in design.splitlines())


def checked(reference: str, overrides: list[str] | None = None) -> Resolved:
    """An experiment that has passed all checks that `abm run` makes before the first run."""
    resolved = load(reference, overrides or [])
    worlds = build_worlds(resolved)
    check_against_world(resolved, worlds, list(abm.outcomes()["name"]))
    check_models(resolved, worlds, abm.ICSModel)
    return resolved


def lines(here: Path, config: str, *overrides: str) -> list[str]:
    """The messages with which a config is refused, one a problem."""
    (here / "mine.yaml").write_text(config, "utf-8")
    with pytest.raises(ConfigError) as caught:
        checked("mine.yaml", list(overrides))
    return [problem.line().replace(str(here), "") for problem in caught.value.problems]


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.replace(" ", "-"))
def test_each_mistake_is_told_once_at_its_place(case: str, here: Path) -> None:
    design, expected = MISTAKES[case]
    found = lines(here, text(design))
    if case == "an unknown system":
        assert len(found) == 1 and all(part in found[0] for part in expected)
        return
    assert len(found) == len(expected), found
    for line, start in zip(found, expected, strict=True):
        assert line.startswith(f"mine.yaml:{start}"), line


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "levers.finance_share=0.3",
            "--set:1:1: levers.finance_share: is varied by the design: set design.over.levers.finance_share instead",
        ),
        ("design.over.levers.finance_share=0.2", "--set:1:34: design.over.levers.finance_share: 0.2 alone does not vary"),
        ("design.over.levers.finance_shar=[0, 1]", "--set:1:1: design.over.levers.finance_shar: no such factor; did you mean"),
        ("design.kind=gri", "--set:1:13: design.kind: 'gri' is not a kind of design; did you mean 'grid'?"),
        ("design.stps=3", "--set:1:1: design.stps: no such key; did you mean 'steps'? (allowed: kind, over, steps)"),
        ("replicates=200000", "mine.yaml:6:1: design: 1,800,000 runs (1 scenario x 9 points x 200,000 replicates) are too many"),
    ],
)
def test_the_command_line_is_told_its_mistakes(override: str, message: str, here: Path) -> None:
    config = text(f"kind: grid\nsteps: 3\nover:\n  {SHARE}: plausible\n  levers.audit: plausible")
    assert [line[: len(message)] for line in lines(here, config, override)] == [message]


def test_the_command_line_changes_a_design(here: Path) -> None:
    (here / "mine.yaml").write_text(text(f"kind: grid\nsteps: 3\nover:\n  {SHARE}: plausible\n  levers.audit: plausible"), "utf-8")
    resolved = checked(
        "mine.yaml", ["design.steps=2", f"design.over.{SHARE}.to=0.5", f"design.over.{SHARE}.from=0.1", "levers.compact=0.5"]
    )
    assert design_points(resolved).values[SHARE].tolist() == [0.1, 0.1, 0.5, 0.5]
    assert resolved.scenarios[0].settings("levers") == {"compact": 0.5}
    assert load("mine.yaml", ["design=null"]).experiment.design is None


def test_the_command_line_cannot_set_what_listed_points_set(here: Path) -> None:
    config = text("kind: list\npoints:\n- levers.audit: 0.1\n- {}")
    assert lines(here, config, "levers.audit=0.3") == ["--set:1:1: levers.audit: is varied by the design: set design.points instead"]
