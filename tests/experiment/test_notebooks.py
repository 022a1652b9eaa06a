"""Documents: every section of `docs/notebooks.md` runs by itself, and what it arrives at is what the model and the sweep say."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from SALib.analyze import sobol
from SALib.sample import sobol as sampled

import abm
from abm.config.find import repository
from abm.experiment.conduct import How, sweep
from tests.experiment.markdown import blocks
from tests.experiment.models import FailingModel

PAGE = (repository() / "docs" / "notebooks.md").read_text("utf-8")
SECTIONS = list(dict.fromkeys(block.heading for block in blocks(PAGE)))
EXTRAS = {"EMA workbench": "ema_workbench", "Solara": "solara"}
Names = dict[str, Any]


def run(heading: str) -> tuple[Names, Any]:
    """Run the cells of a section in the current folder: the names they leave, and what the last of them shows."""
    names: Names = {"__name__": "notebook"}
    shown = None
    for block in (block for block in blocks(PAGE) if block.heading == heading):
        tree = ast.parse("\n" * block.line + block.text)
        last = tree.body.pop().value if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "notebooks.md", "exec"), names)
        shown = None if last is None else eval(compile(ast.Expression(last), "notebooks.md", "eval"), names)
    return names, shown


def one_model(names: Names, shown: Any) -> None:
    expected = abm.ICSModel(abm.tiny(), levers={"finance_share": 0.9, "bypass_rate": 0.4}, seed=7).run(40)
    assert names["outcomes"].equals(expected.outcomes())
    assert set(names["acts"]["quarter"]) == set(range(40))
    assert len(names["differences"]) == 10 and max(names["differences"]) < 0


def mesa_section(names: Names, shown: Any) -> None:
    for share, row in shown.iterrows():
        runs = [abm.ICSModel(abm.tiny(), levers={"finance_share": share}, replicate=r).run(20).outcomes() for r in range(3)]
        late = [run.tail(4)[["collaborative_share", "trust"]].mean() for run in runs]
        np.testing.assert_allclose(row, sum(late) / 3)
    assert list(shown.index) == [0.2, 0.9]


def on_a_sweep(names: Names, shown: Any) -> None:
    assert names["first"]["S1"].idxmax() == names["total"]["ST"].idxmax() == shown["mu_star"].idxmax() == "levers.finance_share"
    assert shown["mu"]["levers.finance_share"] < 0 and shown["mu_star"].notna().all()
    values = names["one_number_a_point"]("results/indices", "trust")
    summary = abm.load("results/indices", "summary").query("outcome == 'trust'")
    np.testing.assert_allclose(values, summary["mean"], rtol=1e-12)


def by_hand(names: Names, shown: Any) -> None:
    assert len(names["values"]) == 16 * 5 and 0 <= names["values"].min() < names["values"].max() <= 1
    assert shown["ST"].idxmax() == "finance_share"


def with_ema(names: Names, shown: Any) -> None:
    experiments, outcomes = names["experiments"], names["outcomes"]
    assert outcomes["trust"].shape == (30, 20) and np.isfinite(outcomes["collaborative_share"]).all()
    row = experiments.iloc[7]
    levers = {name: row[name] for name in ("finance_share", "bypass_rate", "convenor")}
    assert names["icss"](**levers)["collaborative_share"] == outcomes["collaborative_share"][7]
    assert shown["finance_share"][0] > 0.5, "much talk about money is where collaboration is low"


def with_duckdb(names: Names, shown: Any) -> None:
    assert shown.to_numpy().tolist() == [["results/first/outcomes.parquet", 36 * 40]]


def with_solara(names: Names, shown: Any) -> None:
    import solara

    solara.render(shown, handle_error=False)


CHECKS: dict[str, Callable[[Names, Any], None]] = {
    "One model": one_model,
    "Mesa": mesa_section,
    "SALib on a sweep": on_a_sweep,
    "SALib by hand": by_hand,
    "EMA workbench": with_ema,
    "DuckDB and pandas": with_duckdb,
    "Solara": with_solara,
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_section_runs_by_itself(heading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if heading in EXTRAS and importlib.util.find_spec(EXTRAS[heading]) is None:
        pytest.skip(f"{EXTRAS[heading]} is not installed: the page says how")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    CHECKS[heading](*run(heading))


def test_every_section_is_checked_and_every_link_is_there() -> None:
    assert set(SECTIONS) == set(CHECKS)
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (repository() / "docs" / link).exists(), link


def test_the_guard_of_the_page_refuses_failed_runs(tmp_path: Path) -> None:
    guard = next(block.text for block in blocks(PAGE) if "def one_number_a_point" in block.text).partition("\n\n\n")[0]
    names: Names = {"abm": abm}
    exec(guard, names)
    design = ["design={kind: factorial, over: {levers.bypass_rate: [0.1, 0.4, 0.7]}}", "replicates=2", "quarters=4"]
    sweep("first_sweep", tmp_path / "out", design, how=How(make=FailingModel))
    with pytest.raises(ValueError, match=r"no trust at points \[0, 1, 2\].*--failed"):
        names["one_number_a_point"](tmp_path / "out", "trust")


def test_one_blank_makes_all_of_salibs_sobol_indices_zero() -> None:
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1]] * 2}
    points = sampled.sample(problem, 64, calc_second_order=False, seed=1)
    values = points[:, 0] + 0.3 * points[:, 1]
    assert sobol.analyze(problem, values, calc_second_order=False, seed=1)["S1"][0] > 0.8
    values[5] = np.nan
    assert not sobol.analyze(problem, values, calc_second_order=False, seed=1)["S1"].any(), "if this fails, the page may say so"
