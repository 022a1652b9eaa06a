"""England with the ICBs of April 2026. Truth: sums of the tables before, and the list of mergers in them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from abm.config.errors import ConfigError
from abm.config.load import load
from abm.config.worlds import build_worlds
from abm.england import TableError, check_world, england, load_tables
from abm.england.successors import COLUMN, SUMMED, succession, with_successors
from abm.england.tables import PACKAGED
from abm.model.network import PARTNER_KINDS


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def worlds(tables):
    old = england()
    return old, with_successors(old, tables)


def test_there_are_36_and_six_are_new(worlds):
    old, new = worlds
    check_world(new)
    assert len(new.icbs) == 36
    added = set(new.icbs["code"]) - set(old.icbs["code"])
    assert added == {"D7T5G", "S0E4D", "S1Y5D", "S9B9J", "T6Y0W", "Z9B2Z"}
    gone = set(old.icbs["code"]) - set(new.icbs["code"])
    assert gone == {"QH8", "QJG", "QU9", "QNQ", "QHG", "QM7", "QUE", "QNX", "QXU", "QMM", "QMJ", "QRV"}
    kept = [code for code in new.icbs["code"] if code not in added]
    assert old.icbs.set_index("code").loc[kept].equals(new.icbs.set_index("code").loc[kept])


def test_nothing_is_lost(worlds):
    old, new = worlds
    for column in SUMMED:
        assert new.icbs[column].sum() == pytest.approx(old.icbs[column].sum(), abs=0.01), column
    for kind in PARTNER_KINDS:
        flows = [world.partnerships[world.partnerships["kind"] == kind] for world in worlds]
        assert flows[1]["flow_k"].sum() == pytest.approx(flows[0]["flow_k"].sum(), abs=0.05), kind
        for end in ("a", "b"):
            partners = [set(frame[end]) - set(old.icbs["code"]) - set(new.icbs["code"]) for frame in flows]
            assert partners[0] == partners[1]
    for table in ("providers", "councils"):
        before, after = (
            getattr(world, table).drop(columns=["system", *(["direct_k"] if table == "providers" else [])]) for world in worlds
        )
        assert before.equals(after)
    np.testing.assert_allclose(new.providers["direct_k"], old.providers["direct_k"], atol=0.01)
    need = [np.average(world.icbs["need_index"], weights=world.icbs["population"]) for world in worlds]
    assert need[1] == pytest.approx(need[0], abs=1e-6)


def test_a_merged_icb_by_hand(worlds):
    old, new = (world.icbs.set_index("code") for world in worlds)
    two, one = old.loc[["QMJ", "QRV"]], new.loc["Z9B2Z"]
    assert one["population"] == two["population"].sum()
    assert one["allocation_k"] == two["allocation_k"].sum()
    assert one["need_index"] == pytest.approx((two["need_index"] * two["population"]).sum() / two["population"].sum(), abs=1e-6)
    target = (two["allocation_k"] / (1 + two["distance_from_target"])).sum()
    assert one["distance_from_target"] == pytest.approx(one["allocation_k"] / target - 1, abs=1e-6)
    assert one["name"] == "West and North London"
    pairs = [world.partnerships[world.partnerships["kind"] == "commissioning"].set_index(["a", "b"])["flow_k"] for world in worlds]
    assert pairs[1]["Z9B2Z", "RYJ"] == pytest.approx(pairs[0].get(("QMJ", "RYJ"), 0.0) + pairs[0]["QRV", "RYJ"], abs=0.01)


def test_divided_icbs_go_council_by_council(tables, worlds):
    parts = succession(tables).parts.set_index(["icb", "council"])["successor"]
    assert parts["QJG", "E10000012"] == "D7T5G" and parts["QJG", "E10000029"] == "T6Y0W"  # Essex, Suffolk
    assert parts["QNQ", "E06000039"] == "S0E4D" and parts["QNQ", "E10000030"] == "S9B9J"  # Slough, Surrey
    home = worlds[1].providers.set_index("code")["system"]
    assert home["RGR"] == "T6Y0W" and home["RDU"] == "S0E4D"  # West Suffolk, Frimley Health
    shares = succession(tables).shares.groupby("icb")["share"].sum()
    assert np.allclose(shares, 1.0) and len(shares) == 42


def test_faults_name_file_line_and_column(tables):
    def changed(code: str, text: str):
        column = tables.icbs[COLUMN].where(tables.icbs["icb_code"] != code, text)
        return replace(tables, icbs=tables.icbs.assign(**{COLUMN: column}))

    with pytest.raises(TableError, match=r"icbs.csv, line \d+, column successor_icb_apr2026: 'QE1;' names no successor"):
        succession(changed("QE1", "QE1;"))
    with pytest.raises(TableError, match=r"icbs.csv, line \d+, column successor_icb_apr2026: 'QE1' would lie in two regions"):
        succession(changed("QF7", "QE1"))


def test_a_config_with_own_tables_is_told_the_place(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    for path in PACKAGED.glob("*.csv"):
        shutil.copy(path, folder / path.name)
    lines = (folder / "icbs.csv").read_text("utf-8").splitlines()
    row = next(i for i, line in enumerate(lines) if line.startswith("QF7,"))
    lines[row] = lines[row].rsplit(",", 1)[0] + ",QE1"
    (folder / "icbs.csv").write_text("\n".join(lines) + "\n", "utf-8")
    config = "name: mine\nsystem: {name: own, world: england, tables: tables, successors: 0}\nscenarios: [baseline]\n"
    (tmp_path / "mine.yaml").write_text(config, "utf-8")
    with pytest.raises(ConfigError, match=rf"icbs.csv:{row + 1}:\d+: successor_icb_apr2026: 'QE1' would lie in two regions"):
        build_worlds(load(str(tmp_path / "mine.yaml")))


def test_a_config_says_when(tmp_path):
    found = {}
    for text in ("0", "8", "2026/27 Q3"):
        config = f"name: mine\nsystem: {{name: own, world: england, successors: {text}}}\nscenarios: [baseline]\n"
        (tmp_path / "mine.yaml").write_text(config, "utf-8")
        (found[text],) = build_worlds(load(str(tmp_path / "mine.yaml"))).values()
    assert len(found["0"].icbs) == 36 and found["0"].redrawn is None
    assert [len(found[text].icbs) for text in ("8", "2026/27 Q3")] == [42] * 2
    assert [found[text].redrawn.quarter for text in ("8", "2026/27 Q3")] == [8, 10]
