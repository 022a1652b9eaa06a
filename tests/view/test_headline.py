"""View: the headline figure says what its input says, whatever the number of scenarios, runs and quarters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from abm.experiment.effects import effects
from abm.view import style
from abm.view.charts.headline import draw, figure
from tests.view.readable import assert_readable

UNITS = pd.Series({"collaborative_share": "share of stakes", "trust": "probability", "unmet_need": "share of demand", "queue": "days"})
TITLES = ["Baseline", "Finance-dominated oversight", "Regional bypass", "Ring-fencing", "A title that is a good deal longer than the room"]


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    with style.applied():
        yield


def frame(shifts: Sequence[float], replicates: int = 4, quarters: int = 20, noise: float = 0.01) -> pd.DataFrame:
    """Outcomes of a scenario a shift: 0.6, less or more in proportion to time, with luck shared between scenarios."""
    rng = np.random.default_rng(11)
    luck = rng.normal(0, noise, (replicates, quarters, len(UNITS)))
    own = rng.normal(0, noise / 10, (len(shifts), replicates, quarters, len(UNITS)))
    rows = [
        {"scenario": f"s{i}", "replicate": r, "quarter": q, "year": f"{2024 + q // 4}/{25 + q // 4}"}
        | {name: 0.6 + shift * (q + 1) / quarters + luck[r, q, k] + own[i, r, q, k] for k, name in enumerate(UNITS.index)}
        for i, shift in enumerate(shifts)
        for r in range(replicates)
        for q in range(quarters)
    ]
    return pd.DataFrame(rows)


def changed(outcomes: pd.DataFrame, paired: bool = True) -> pd.DataFrame:
    return effects(outcomes, "s0", list(dict.fromkeys(outcomes["scenario"])), UNITS, paired)


def facts(scenarios: int, **more: Any) -> dict[str, Any]:
    named = [{"name": f"s{i}", "title": TITLES[i] if i < len(TITLES) else f"Alternative number {i}"} for i in range(scenarios)]
    return {"scenarios": named, "baseline": "s0", "seed": 7, "paired": True, "world": {"name": "England", "organisations": 407}} | more


def drawn(outcomes: pd.DataFrame, manifest: dict[str, Any] | None = None) -> Figure:
    scenarios = outcomes["scenario"].nunique()
    return figure(outcomes, changed(outcomes), facts(scenarios) if manifest is None else manifest)


def text(slide: Figure, name: str) -> str:
    return next(t.get_text() for t in slide.texts if t.get_gid() == name).replace("\n", " ").replace("\u00a0", " ")


def lines(slide: Figure, prefix: str) -> dict[str, Line2D]:
    found = [line for axes in slide.axes for line in axes.lines if str(line.get_gid()).startswith(prefix)]
    return {str(line.get_gid()).removeprefix(prefix): line for line in found}


CASES = {
    "one scenario": frame([0.0]),
    "two scenarios": frame([0.0, 0.1]),
    "four scenarios": frame([0.0, -0.3, -0.1, -0.05]),
    "twelve scenarios": frame([0.0, *np.linspace(-0.2, 0.2, 11)]),
    "twelve that end together": frame([0.0] * 12),
    "sixteen scenarios": frame([0.0, *np.linspace(-0.2, 0.2, 15)]),
    "one run": frame([0.0, -0.2, 0.1], replicates=1),
    "two runs": frame([0.0, -0.2, 0.1], replicates=2),
    "one quarter": frame([0.0, -0.2, 0.1], quarters=1),
    "four quarters": frame([0.0, -0.2, 0.1], quarters=4),
    "eight quarters": frame([0.0, -0.2, 0.1], quarters=8),
    "forty years": frame([0.0, -0.2, 0.1], quarters=160),
    "no luck": frame([0.0, 0.0, 0.1], noise=0.0),
    "all the same": frame([0.0, 0.0, 0.0], noise=0.0),
    "a blank column": frame([0.0, -0.2, 0.1]).assign(trust=math.nan),
    "the main column blank": frame([0.0, -0.2, 0.1]).assign(collaborative_share=math.nan),
    "few columns": frame([0.0, -0.2, 0.1])[["scenario", "replicate", "quarter", "queue"]],
    "infinite values": frame([0.0, -0.2, 0.1]).replace({"unmet_need": {0.6: math.inf}}),
}


@pytest.mark.parametrize("case", CASES)
def test_every_text_can_be_read(case: str) -> None:
    assert_readable(drawn(CASES[case]))


@pytest.mark.parametrize("case", CASES)
def test_a_bare_manifest_will_do(case: str, tmp_path: Path) -> None:
    draw(CASES[case], changed(CASES[case]), {}, tmp_path / "bare.png")
    with Image.open(tmp_path / "bare.png") as image:
        assert image.size == (1920, 1080)


def test_blanks_here_and_there_leave_the_rest() -> None:
    outcomes = frame([0.0, -0.2, 0.1, -0.1])
    outcomes.loc[outcomes["scenario"] == "s1", "collaborative_share"] = math.nan
    outcomes.loc[(outcomes["scenario"] == "s2") & (outcomes["quarter"] == 9), "collaborative_share"] = math.nan
    slide = drawn(outcomes)
    assert_readable(slide)
    assert set(lines(slide, "line:")) == {"s0", "s2", "s3"}
    assert np.isfinite(np.asarray(lines(slide, "line:")["s2"].get_ydata(), dtype=float)).all()
    assert np.isnan(np.asarray(lines(slide, "dot:collaborative_share:")["s1"].get_xdata(), dtype=float)).all()
    assert "ring-fencing" in text(slide, "title") and "finance" not in text(slide, "title")


def test_nothing_to_show_says_so(tmp_path: Path) -> None:
    empty = frame([0.0]).iloc[:0]
    draw(empty, changed(empty), facts(1), tmp_path / "none.png")
    assert text(figure(empty, changed(empty), {}), "title") == "No finished run to show"


def test_lines_are_the_yearly_means_over_runs() -> None:
    outcomes = frame([0.0, -0.3, -0.1])
    found = lines(drawn(outcomes), "line:")
    for scenario, here in outcomes.groupby("scenario"):
        values = here.pivot(index="quarter", columns="replicate", values="collaborative_share").to_numpy()
        expected = [100 * values[q - 3 : q + 1].mean() for q in range(3, 20)]
        np.testing.assert_allclose(np.asarray(found[str(scenario)].get_ydata(), dtype=float), expected)
        np.testing.assert_allclose(np.asarray(found[str(scenario)].get_xdata(), dtype=float), [(q + 1) / 4 for q in range(3, 20)])


def test_short_runs_are_shown_quarter_by_quarter() -> None:
    outcomes = frame([0.0, -0.3], quarters=3)
    expected = 100 * outcomes[outcomes["scenario"] == "s1"].groupby("quarter")["collaborative_share"].mean()
    np.testing.assert_allclose(np.asarray(lines(drawn(outcomes), "line:")["s1"].get_ydata(), dtype=float), expected)


def test_bands_are_quantiles_over_runs_and_need_two_runs() -> None:
    outcomes = frame([0.0, -0.3])
    band = drawn(outcomes).axes[0].collections[0].get_paths()[0].vertices
    values = outcomes[(outcomes["scenario"] == "s1") & (outcomes["quarter"] >= 16)].groupby("replicate")["collaborative_share"].mean()
    last = np.asarray(band)[np.asarray(band)[:, 0] == 5.0, 1]
    assert (last.min(), last.max()) == pytest.approx((100 * values.quantile(0.1), 100 * values.quantile(0.9)))
    assert not drawn(frame([0.0, -0.3], replicates=1)).axes[0].collections


def test_dots_and_bars_are_the_effects_in_points() -> None:
    outcomes = frame([0.0, -0.3, 0.1])
    table = changed(outcomes)
    slide = drawn(outcomes)
    for row in table[table["outcome"] == "trust"].itertuples():
        assert np.asarray(lines(slide, "dot:trust:")[row.scenario].get_xdata()) == pytest.approx(100 * row.difference)
        bar = next(line for line in slide.axes[2].lines if line.get_gid() == f"interval:{row.scenario}")
        assert np.asarray(bar.get_xdata()) == pytest.approx([100 * row.low, 100 * row.high])
    own = lines(slide, "dot:queue:")["s1"]
    assert np.asarray(own.get_xdata()) == pytest.approx(table[(table["outcome"] == "queue") & (table["scenario"] == "s1")]["difference"])


def test_without_intervals_there_are_no_bars() -> None:
    assert not lines(drawn(CASES["one run"]), "interval:")


def test_every_row_holds_zero_and_its_dots() -> None:
    for axes in drawn(CASES["twelve scenarios"]).axes[1:]:
        low, high = axes.get_xlim()
        dots = [float(np.asarray(line.get_xdata())[0]) for line in axes.lines if str(line.get_gid()).startswith("dot:")]
        assert low < min(0, *dots) and max(0, *dots) < high


def test_the_title_changes_sign_with_the_data() -> None:
    assert text(drawn(frame([0.0, -0.3])), "title") == (
        "Collaboration falls under finance-dominated oversight (−28 points against baseline)"
    )
    assert text(drawn(frame([0.0, 0.3])), "title") == "Collaboration rises under finance-dominated oversight (+28 points against baseline)"


def test_dots_stand_in_the_order_of_the_labels() -> None:
    slide = drawn(frame([0.0, -0.1, -0.3, 0.2]))
    height = {str(t.get_gid())[6:]: t.get_position()[1] for t in slide.texts if str(t.get_gid()).startswith("label:s")}
    dots = lines(slide, "dot:trust:")
    labelled = sorted((name for name in height if name != "s0"), key=lambda name: -height[name])
    assert labelled == ["s3", "s1", "s2"]
    assert labelled == sorted(dots, key=lambda name: float(np.asarray(dots[name].get_ydata())[0]))


def test_no_two_scenarios_look_alike() -> None:
    slide = drawn(CASES["twelve scenarios"])
    found = list(lines(slide, "line:").values())
    assert len(found) == 12
    assert len({(line.get_color(), str(line._dash_pattern)) for line in found}) == 12  # type: ignore[attr-defined]
    assert len({line.get_marker() for line in lines(slide, "dot:trust:").values()}) == 11


def test_of_too_many_the_strongest_are_drawn_and_the_rest_counted() -> None:
    slide = drawn(CASES["sixteen scenarios"])
    assert len(lines(slide, "line:")) == 13
    assert {"s1", "s15"} <= set(lines(slide, "line:")) and "s8" not in lines(slide, "line:")
    assert "16 scenarios" in text(slide, "subtitle") and "3 with the smallest effects not drawn" in text(slide, "subtitle")


def test_metadata_say_what_it_is_and_where_it_comes_from(tmp_path: Path) -> None:
    outcomes = frame([0.0, -0.3])
    code = {"commit": "b32a045a7b55e559aa394488069006a02e14278c", "dirty": False}
    manifest = facts(2, code=code, versions={"ics-abm": "0.1.0"}, files={"config.yaml": "ab" * 32}, experiment="headline")
    draw(outcomes, changed(outcomes), manifest, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        said = image.text  # type: ignore[attr-defined]
        assert image.size == (1920, 1080) and image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    assert said["Title"] == "Collaboration falls under finance-dominated oversight (−28 points against baseline)"
    assert (said["seed"], said["abm_version"], said["commit"], said["config_sha256"]) == ("7", "0.1.0", code["commit"], "ab" * 32)
    assert "England · 407 organisations · 20 quarters (5 years) from 2024/25 · 2 scenarios × 4 runs" in said["Description"]
    assert "not a forecast" in said["Disclaimer"] and "Open Government Licence v3.0" in said["Copyright"]


def test_the_same_input_gives_the_same_bytes_and_leaves_matplotlib_as_it_was(tmp_path: Path) -> None:
    import matplotlib

    outcomes = frame([0.0, -0.3])
    before = dict(matplotlib.rcParams)
    draw(outcomes, changed(outcomes), facts(2), tmp_path / "a.png")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9}):
        draw(outcomes, changed(outcomes), facts(2), tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert dict(matplotlib.rcParams) == before


def test_input_is_left_as_it_was() -> None:
    outcomes = frame([0.0, -0.3])
    table = changed(outcomes)
    kept, kept_table = outcomes.copy(), table.copy()
    figure(outcomes, table, facts(2))
    pd.testing.assert_frame_equal(outcomes, kept)
    pd.testing.assert_frame_equal(table, kept_table)


def test_a_title_with_signs_of_mathematics_is_taken_as_it_is() -> None:
    manifest = facts(2)
    manifest["scenarios"][1]["title"] = "Pots of $1_000 and $2^5"
    slide = drawn(frame([0.0, -0.3]), manifest)
    assert_readable(slide)
    assert "pots of $1_000 and $2^5" in text(slide, "title")
