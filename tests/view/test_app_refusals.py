"""View: what the dashboard's server and command refuse, in words and with nothing read or kept; who may ask it; how they begin and end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import abm
from abm.cli import app
from abm.experiment.conduct import How, sweep
from abm.experiment.store import ResultsError
from abm.view.app import serve
from abm.view.app.base import built_in
from abm.view.app.kept import Kept
from abm.view.app.opening import base_of
from abm.view.app.setting import RefusedError
from tests.view.served import SHORT, Served, serving


@pytest.fixture(scope="module")
def here() -> Iterator[Served]:
    with serving(built_in()) as served:
        yield served


# --- what is refused ----------------------------------------------------------------------------------------------------------

BAD = {
    "an unknown key": ("quarter_s=3", "no such key; did you mean 'quarters'"),
    "a misspelt lever": ("levers.finance_shar=0.7", "levers.finance_shar: no such lever; did you mean 'finance_share'?"),
    "a parameter among levers": ("levers.patience=0.5", "parameters.patience"),
    "no lever": ("levers.=1", "expected key=value"),
    "below a lever": ("levers.finance_share.national=1", "nothing below it"),
    "a key twice": ("seed=1&seed=2", "seed: is given twice"),
    "a lever twice": ("levers.audit=0&levers.audit=1", "levers.audit: is given twice"),
    "not a number": ("levers.finance_share=.nan", "out of range"),
    "infinity": ("levers.finance_share=.inf", "out of range"),
    "a huge lever": ("levers.finance_share=1e308", "out of range"),
    "a text": ("levers.finance_share=most", "expected a number"),
    "true": ("levers.finance_share=true", "expected a number"),
    "nothing": ("levers.finance_share=", "nothing"),
    "no such choice": ("levers.bypass_regime=informl", "did you mean 'informal'"),
    "half a pot": ("levers.fence_pots=1.5", "whole number"),
    "an area of another world": ("system=tiny&levers.audit={regions: {Y56: 0.2}}", "no region 'Y56'"),
    "a ramp backwards": ("levers.audit={ramp: {from: 0, to: 1, start: 4, end: 2}}", "must end after it starts"),
    "no quarters": ("quarters=0", "from 1 to 120"),
    "negative quarters": ("quarters=-4", "from 1 to 120"),
    "too many quarters": ("quarters=121", "from 1 to 120"),
    "endless quarters": (f"quarters={'9' * 400}", "from 1 to 120"),
    "half quarters": ("quarters=4.5", "from 1 to 120"),
    "other digits": ("quarters=\u0664", "from 1 to 120"),
    "a seed too large": ("seed=2147483648", "from 0 to 2147483647"),
    "a replicate too large": ("replicate=1000", "from 0 to 999"),
    "another point": ("point=1", "from 0 to 0"),
    "no such scenario": ("scenario=finance_oversigt", "did you mean 'finance_oversight'?"),
    "a path": ("scenario=../../etc/passwd", "no scenario"),
    "a path of ours": ("scenario=configs/scenarios/baseline.yaml", "no scenario"),
    "a system's path": ("system=./configs/systems/tiny.yaml", "no system"),
    "a nul": ("scenario=baseline%00", "no scenario"),
    "no unicode": ("scenario=%ff%fe", "cannot be read"),
    "no pairs": ("quarters", "cannot be read"),
    "many keys": ("&".join(f"levers.x{i}=1" for i in range(500)), "cannot be read"),
    "a long value": (f"levers.audit={'1' * 3000}", "characters"),
    "deep": (f"levers.audit={'[' * 1900}", "nested"),
    "a bomb": ("levers.audit=[&a [x,x,x,x,x,x,x,x,x], &b [*a,*a,*a,*a,*a,*a,*a,*a,*a], &c [*b,*b,*b,*b,*b,*b,*b,*b,*b], "
               "&d [*c,*c,*c,*c,*c,*c,*c,*c,*c], &e [*d,*d,*d,*d,*d,*d,*d,*d,*d], [*e,*e,*e,*e,*e,*e,*e,*e,*e]]", "too large"),
    "a tag": ("levers.audit=!!python/name:os.system x", "tag"),
    "a merge": ("levers.audit={<<: {national: 0.1}}", "merges"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_query_is_refused_in_words(here: Served, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    for module in ("abm.config.load", "abm.config.systems"):
        monkeypatch.setattr(f"{module}.read_document", lambda path: read.append(path))
    query, words = BAD[what]
    text = quote(query.replace("&", "%26") if what == "a bomb" else query, safe="=&%")
    status, told = here.refused(f"/api/world?{text}")
    assert status == 422 and words in told
    if not query.startswith(("system", "quarter", "seed", "replicate", "point")) and "&" not in query:
        status, told = here.refused(f"/api/config?b.{text}")
        assert status == 422 and (words in told or "b." in told)
    assert not read  # nothing that a query says is looked for on the disk


KEYS = st.text(max_size=12) | st.sampled_from(["scenario", "levers.audit", "quarters", "b.levers.compact"])


@given(st.dictionaries(KEYS, st.text(max_size=40), max_size=4))
def test_no_query_breaks_the_server(here: Served, query: dict[str, str]) -> None:
    safe = {key.encode("utf-8", "replace"): value.encode("utf-8", "replace") for key, value in query.items()}
    for path in ("/api/world", "/api/config"):
        answer = here.get(path, {"system": "tiny", **{quote(key): value for key, value in safe.items()}})
        assert answer.status in (200, 422) and b"Traceback" not in answer.body


def test_what_is_not_there_is_told_in_json(here: Served) -> None:
    assert here.refused("/api/nothing")[0] == here.refused("/nothing")[0] == here.refused("/static/nothing.js")[0] == 404
    for path in ("/static/../base.py", "/static/%2e%2e/base.py", "/static/page/..%2f..%2f__init__.py", "/docs", "/openapi.json"):
        assert here.refused(path)[0] == 404


def test_a_mistake_of_ours_is_told_without_its_detail(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("abm.view.app.world.record", broken)
    status, words = here.refused("/api/world", {**SHORT, "seed": 77})
    assert status == 500 and "secret" not in words
    monkeypatch.undo()
    assert here.get("/api/world", {**SHORT, "seed": 77}).status == 200  # what failed was not kept


# --- who may ask ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "192.168.1.4", "[", "localhost:x"])
def test_another_name_is_refused(here: Served, host: str) -> None:
    status, words = here.refused("/api/start", Host=host)
    assert status == 400 and "localhost" in words


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8765", "LocalHost:9"])
def test_our_own_names_are_answered(here: Served, host: str) -> None:
    assert here.get("/api/start", Host=host).status == 200


def test_other_sites_may_not_ask(here: Served) -> None:
    assert here.refused("/api/start", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert here.get("/api/start", **{"Sec-Fetch-Site": "same-origin"}).status == 200


def test_every_answer_keeps_the_browser_to_our_own_files(here: Served) -> None:
    for path in ("/api/start", "/nothing", "/static/page/data.js"):
        headers = here.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"] and "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"


def test_it_serves_this_machine_alone_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve.HOST == "127.0.0.1" and serve.is_loopback(serve.HOST) and serve.is_loopback("localhost") and serve.is_loopback("::1")
    assert not serve.is_loopback("0.0.0.0") and not serve.is_loopback("::") and not serve.is_loopback("example.org")
    with serve.bound(serve.HOST, 0) as made:
        assert made.getsockname()[0] == "127.0.0.1"
        port = made.getsockname()[1]
        with pytest.raises(ResultsError, match=rf"port {port}: .*in use; give another with --port"):
            serve.bound(serve.HOST, port)


def test_a_free_port_is_found_where_the_usual_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(serve, "PORT", taken.getsockname()[1])
        with serve.bound(serve.HOST, None) as made:
            assert made.getsockname()[1] != serve.PORT


# --- the command ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("headlin", "did you mean 'headline'?"),
        ("e15_regions", "paired: false"),
        ("e09_mergers --point", "No such option"),
        ("nosuch.yaml", "no such file"),
        ("tests", "is not a results folder: it has no manifest.json"),
    ],
)
def test_the_command_refuses_in_one_line(what: str, words: str) -> None:
    result = CliRunner().invoke(app, ["view", *what.split(), "--no-browser"])
    assert result.exit_code == 2 and words in result.output and "Traceback" not in result.output


def test_a_folder_of_another_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    sweep("tiny", folder, ["quarters=2", "replicates=1", "scenarios=[baseline]"], how=How(workers=1))
    monkeypatch.setattr("abm.view.app.opening.source_digest", lambda: "another")
    with pytest.raises(ResultsError, match=r"source has changed since .*--changed-code"):
        base_of(str(folder))
    assert base_of(str(folder), changed_code=True).kind == "results"
    monkeypatch.undo()
    config = folder / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("seed: 7", "seed: 8"), "utf-8")
    with pytest.raises(ResultsError, match="gives other runs"):
        base_of(str(folder))


def test_mergers_in_mid_run_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "merging.yaml"
    path.write_text("name: merging\nsystem: {name: merging, world: england, successors: 8}\nscenarios: [baseline]\n")
    with pytest.raises(ResultsError, match="ICBs merge within a run"):
        base_of(str(path))
    path.write_text(path.read_text("utf-8").replace("successors: 8", "successors: 2024/25 Q1"), "utf-8")
    assert base_of(str(path)).scenarios.keys() == {"baseline"}


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    root = Path(abm.__file__).parents[1]
    words = [sys.executable, "-m", "abm.cli", "view", "tiny", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        words, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        address = process.stdout.readline().strip()  # type: ignore[union-attr]
        assert address.startswith("http://127.0.0.1:")
        served = Served(int(address.rstrip("/").rpartition(":")[2]))
        assert served.get("/api/start").json()["base"]["name"] == "tiny"
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (0, "", "")


# --- what is kept ---------------------------------------------------------------------------------------------------------------


def test_what_is_kept_is_made_once_and_bounded() -> None:
    made: list[int] = []
    kept: Kept[int] = Kept(3, size=lambda value: value, room=100)

    def make(value: int) -> int:
        made.append(value)
        threading.Event().wait(0.02)
        return value

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: kept.get("one", lambda: make(1)), range(16))) == [1] * 16
    assert made == [1]
    for value in (2, 3, 4):
        kept.get(value, lambda value=value: make(value))  # type: ignore[misc]
    kept.get("one", lambda: make(1))
    assert made == [1, 2, 3, 4, 1]  # the fourth drove the first out
    kept.get("large", lambda: make(99))
    kept.get("large", lambda: make(99))
    assert made[-1] == 99 and made.count(99) == 1
    kept.get(4, lambda: make(4))
    assert made[-1] == 4  # too large to keep beside it


def test_what_failed_is_not_kept() -> None:
    kept: Kept[int] = Kept(3)

    def fails() -> int:
        raise RefusedError("no")

    with pytest.raises(RefusedError):
        kept.get("key", fails)
    assert kept.get("key", lambda: 7) == 7
