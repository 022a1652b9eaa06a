"""Experiment: effects of contrasts are what one reckons by hand from the results of a small sweep."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import abm
from abm.analysis.claims.effects import Runs, opened
from abm.analysis.claims.register import Part
from abm.config.errors import ConfigError
from abm.config.load import load
from abm.experiment.conduct import How, sweep
from abm.experiment.store import ResultsError

CONFIG = """
name: mine
system: {name: few, world: synthetic, systems: 14, seed: 3}
scenarios:
  - {name: base}
  - {name: high, levers: {finance_share: 0.9}}
design: {kind: table, file: members.csv, without: [levers.deficit_support]}
replicates: 2
quarters: 12
seed: 4
by: [kind, region, system]
every: year
"""
MEMBERS = "member,parameters.trust_memory,levers.deficit_support\n0,0.9,0.2\n1,0.94,0.4\n2,0.96,0.6\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("claims")
    (place / "members.csv").write_text(MEMBERS)
    (place / "mine.yaml").write_text(CONFIG)
    sweep(load(str(place / "mine.yaml")), place / "runs", how=How(workers=1))
    return place / "runs"


def effect(folder: Path, contrast: str, outcome: str = "trust") -> np.ndarray:
    return Runs(folder).effect(Part("C001", "mine", contrast, outcome, 1, ""))


def test_a_contrast_is_the_difference_of_last_years(folder: Path) -> None:
    rows = abm.load(folder, "outcomes")
    last = rows[rows["year"] == rows["year"].max()].set_index(["scenario", "point", "replicate"])["trust"]
    by_hand = (last["high"] - last["base"]).unstack().to_numpy()
    np.testing.assert_allclose(effect(folder, "high - base"), by_hand, rtol=1e-12)
    assert by_hand.shape == (3, 2)
    first = rows[rows["year"] == rows["year"].min()].set_index(["scenario", "point", "replicate"])["trust"]
    np.testing.assert_allclose(effect(folder, "base[last] - 2*base[first]"), (last["base"] - 2 * first["base"]).unstack(), rtol=1e-12)


def test_of_a_kind_and_of_a_region(folder: Path) -> None:
    rows = abm.load(folder, "outcomes_by_kind")
    last = rows[(rows["year"] == rows["year"].max()) & (rows["scenario"] == "base")].set_index(["kind", "point", "replicate"])["trust"]
    np.testing.assert_allclose(effect(folder, "base[council] - base[provider]"), (last["council"] - last["provider"]).unstack(), rtol=1e-12)
    rows = abm.load(folder, "outcomes_by_region")
    regions = sorted(rows["region"].unique())
    last = rows[(rows["year"] == rows["year"].max()) & (rows["scenario"] == "base")].set_index(["region", "point", "replicate"])["trust"]
    others = sum(last[region] for region in regions[1:]) / (len(regions) - 1)
    contrast = f"base[{regions[0]}] - base[not {regions[0]}]"
    if len(regions) > 1:
        np.testing.assert_allclose(effect(folder, contrast), (last[regions[0]] - others).unstack(), rtol=1e-9)


def test_spread_and_ranks(folder: Path) -> None:
    rows = abm.load(folder, "outcomes")
    last = rows[rows["year"] == rows["year"].max()].set_index(["scenario", "point", "replicate"])["trust"]
    spread = last.groupby(level=["scenario", "point"]).std()
    np.testing.assert_allclose(effect(folder, "spread: high - base")[:, 0], spread["high"] - spread["base"], rtol=1e-9)
    systems = abm.load(folder, "outcomes_by_system")
    systems = systems[(systems["scenario"] == "base") & (systems["point"] == 1) & (systems["replicate"] == 0)]
    wide = systems.pivot(index="system", columns="year", values="trust")
    by_hand = wide.iloc[:, 0].corr(wide.iloc[:, -1], method="spearman")
    assert effect(folder, "lead(trust): base")[1, 0] == pytest.approx(by_hand)


def test_columns_left_out_are_not_varied(folder: Path) -> None:
    assert list(Runs(folder).members.columns) == ["parameters.trust_memory"]


def test_what_is_not_there_is_refused(folder: Path) -> None:
    for contrast, words in (("nobody - base", "no scenario nobody"), ("base[Y99] - base", "no region Y99")):
        with pytest.raises(ResultsError, match=words):
            effect(folder, contrast)
    with pytest.raises(ResultsError, match="has no hospital_share of icb"):
        effect(folder, "high[icb] - base[icb]", "hospital_share")
    with pytest.raises(ResultsError, match="nothing is known of systems called councils"):
        effect(folder, "trait(councils): base")


def test_a_scenario_that_sets_what_the_ensemble_sets_is_refused(tmp_path: Path) -> None:
    (tmp_path / "members.csv").write_text(MEMBERS)
    text = CONFIG.replace("finance_share: 0.9", "deficit_support: 0.0").replace(", without: [levers.deficit_support]", "")
    (tmp_path / "mine.yaml").write_text(text.replace("quarters: 12", "quarters: 4").replace("replicates: 2", "replicates: 1"))
    sweep(load(str(tmp_path / "mine.yaml")), tmp_path / "runs", how=How(workers=1))
    with pytest.raises(ResultsError, match=r"high sets levers\.deficit_support, and so does the ensemble"):
        opened({"mine": tmp_path / "runs"})


def test_what_is_left_out_must_be_a_factor(tmp_path: Path) -> None:
    (tmp_path / "members.csv").write_text(MEMBERS)
    (tmp_path / "mine.yaml").write_text(CONFIG.replace("levers.deficit_support]", "levers.deficit_suport]"))
    with pytest.raises(ConfigError, match=r"no factor(.|\n)*levers\.deficit_support"):
        load(str(tmp_path / "mine.yaml"))
