"""Documents: every example of `docs/designs.md` and every shipped sweep resolves and makes its points."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abm.config.checks import check_against_world
from abm.config.design import DESIGNS
from abm.config.find import repository
from abm.config.load import load
from abm.config.precedence import PRECEDENCE
from abm.config.worlds import build_worlds
from abm.experiment.design import design_points

HEAD = "name: mine\nsystem: tiny\nscenarios: [baseline]\nquarters: 60\nreplicates: 1\n"
PAGE = (repository() / "docs" / "designs.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_of_the_page_makes_its_points(number: int, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(HEAD + EXAMPLES[number], "utf-8")
    (tmp_path / "posterior.csv").write_text("member,parameters.trust_memory\n0,0.9\n1,0.95\n", "utf-8")
    resolved = load(str(tmp_path / "mine.yaml"))
    worlds = build_worlds(resolved)
    check_against_world(resolved, worlds, [])
    assert len(design_points(resolved)) == resolved.experiment.design.count()


def test_the_page_has_every_kind_once() -> None:
    kinds = [re.search(r"kind: (\w+)", example)[1] for example in EXAMPLES]
    assert sorted(kinds) == sorted(DESIGNS)
    assert all(f"| `{kind}` |" in PAGE for kind in DESIGNS)
    assert PRECEDENCE in PAGE


@pytest.mark.parametrize(("name", "points"), [("first_sweep", 9), ("latin_hypercube", 48), ("morris_screen", 110), ("there_and_back", 4)])
def test_the_shipped_sweeps_have_the_points_they_say(name: str, points: int) -> None:
    assert len(design_points(load(name))) == points
