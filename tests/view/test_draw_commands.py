"""View: the commands that draw, trace and report, as a user meets them: files that are written, and words for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from abm.cli import app
from abm.experiment.conduct import How, sweep


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenarios of the tiny world, with a design of four points."""
    out = tmp_path_factory.mktemp("drawn") / "tiny"
    design = "design={kind: factorial, over: {levers.audit: [0, 0.5], levers.compact: [0, 1]}}"
    sweep("tiny", out, ["quarters=8", "replicates=2", "scenarios=[baseline, finance_oversight]", design], how=How(workers=1))
    return out


def abm_command(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["network"], "network.png"),
        (["network", "--layout", "tiers", "--edges", "trust"], "network_tiers_trust.png"),
        (["network", "--quarter", "2", "--quarter", "8", "--tie", "commissioning"], "network.png"),
        (["network", "--scenario", "finance_oversight", "--against", "baseline"], "network_finance_oversight_baseline.png"),
        (["curves", "--outcome", "trust", "--by", "kind"], "curves_kind.png"),
        (["distribution", "--outcome", "trust", "--form", "heat"], "distribution_trust.png"),
        (["slope"], "slope.png"),
        (["response", "--factor", "audit", "--fix", "compact=1"], "response_audit.png"),
        (["phase", "--x", "audit", "--y", "compact", "--outcome", "trust"], "phase_trust_audit_compact.png"),
    ],
)
def test_a_figure_is_written_beside_the_results_with_its_provenance(folder: Path, words: list[str], name: str) -> None:
    assert f"wrote {folder / name}" in abm_command("draw", words[0], folder, *words[1:])
    told = Image.open(folder / name).text  # type: ignore[attr-defined]
    assert told["Title"] and "not a forecast" in told["Disclaimer"] and "tiny" in " ".join(told.values())


def test_svg_pdf_gif_and_html_go_where_they_are_asked_to(folder: Path, tmp_path: Path) -> None:
    abm_command("draw", "network", folder, "--out", tmp_path / "a.svg")
    abm_command("draw", "curves", folder, "--out", tmp_path / "b.pdf")
    abm_command("draw", "film", folder, "--every", "4", "--out", tmp_path / "c.gif")
    abm_command("draw", "page", folder, "--out", tmp_path / "d.html")
    abm_command("report", folder, "--out", tmp_path / "e.html")
    starts = {path.name: path.read_bytes()[:5] for path in tmp_path.iterdir()}
    assert starts["a.svg"] == b"<?xml" and starts["b.pdf"] == b"%PDF-" and starts["c.gif"] == b"GIF89"
    assert b"<!doc" in starts["d.html"].lower() and b"<!doc" in starts["e.html"].lower()


def test_a_trace_tells_shows_and_writes(folder: Path, tmp_path: Path) -> None:
    text = abm_command("trace", folder, "finance_oversight", "--out", tmp_path / "t")
    assert "The first act that differs is in" in text and "ties whose act differs:" in text
    assert {path.name for path in (tmp_path / "t").iterdir()} == {"cascade.csv", "by_quarter.csv", "cascade.png"}
    first = pd.read_csv(tmp_path / "t" / "cascade.csv").iloc[0]
    text = abm_command("trace", folder, "--why", first["actor"], first["partner"], first["quarter"], "--out", tmp_path / "w")
    assert f"{first['chance_a']:.3f}"[:4] in text and "chance" in text
    assert any(path.name.startswith("why_") for path in (tmp_path / "w").iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["draw", "network", "FOLDER", "--scope", "Lundon"], "Lundon"),
        (["draw", "network", "FOLDER", "--scenario", "finance"], "no scenario 'finance'"),
        (["draw", "network", "FOLDER", "--quarter", "99"], "99"),
        (["draw", "network", "FOLDER", "--out", "x.docx"], "docx"),
        (["draw", "network", "nowhere"], "no folder nowhere"),
        (["draw", "film", "FOLDER", "--out", "x.avi"], "avi"),
        (["draw", "map", "FOLDER", "trusd"], "did you mean 'trust'"),
        (["draw", "curves", "FOLDER", "--outcome", "trusd"], "did you mean 'trust'"),
        (["draw", "curves", "FOLDER", "--by", "sort"], "sort"),
        (["draw", "curves", "FOLDER", "--middle", "mode"], "mode"),
        (["draw", "ramp", "FOLDER"], "ramp"),
        (["draw", "response", "FOLDER", "--factor", "audits"], "audits"),
        (["draw", "response", "FOLDER", "--fix", "audit"], "--fix takes FACTOR=LEVEL"),
        (["draw", "phase", "FOLDER", "--x", "audit", "--y", "trust"], "trust"),
        (["trace", "FOLDER", "ring_fencing"], "ring_fencing"),
        (["trace", "FOLDER", "--other", "baseline"], "--other goes with another results folder"),
        (["trace", "FOLDER", "--why", "nobody", "noone", "0"], "nobody"),
        (["report", "FOLDER", "--outcome", "trusd"], "trusd"),
        (["report", "FOLDER", "--out", "x.doc"], "does not end in .html"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text = abm_command(*[str(folder) if word == "FOLDER" else word for word in words], code=2)
    assert said in text and max(map(len, text.splitlines())) < 900
    assert not list(tmp_path.iterdir())
