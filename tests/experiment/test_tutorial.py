"""Documents: every command and block of `docs/tutorial.md` runs, in order, with the exit codes and the words that the page shows.

Commands run in this process, except one that is interrupted. Numbers may differ from the page's, words may not.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from abm.cli import app
from abm.config.find import repository
from tests.experiment.markdown import Block, blocks

PAGE = (repository() / "docs" / "tutorial.md").read_text("utf-8")
INSTALL = ("python3 start.py", ". .venv/bin/activate")  # not run here: the README has the same
STARTS_WITHIN, ENDS_WITHIN = 120, 120  # seconds, of the interrupted command


def test_the_install_lines_are_those_of_the_readme() -> None:
    readme = (repository() / "README.md").read_text("utf-8")
    first = next(block for block in blocks(PAGE) if block.kind == "sh")
    assert tuple(line for line, _ in commands(first.text)) == INSTALL
    assert all(f"\n{line}\n" in readme or f"`{line}`" in readme for line in INSTALL)


def test_its_links_are_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (repository() / "docs" / link).exists(), link


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of another process needs POSIX signals")
def test_the_page_runs_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, Any] = {"__name__": "tutorial"}
    said, counted = "", dict.fromkeys(("sh", "yaml", "text", "python"), 0)
    for block in blocks(PAGE):
        counted[block.kind] += 1
        if block.kind == "yaml":
            Path(block.file()).write_text(block.text, "utf-8")
        elif block.kind == "sh":
            said = "".join(command(*line) for line in commands(block.text))
        elif block.kind == "python":
            with redirect_stdout(io.StringIO()) as out:
                exec(compile(block.text, f"tutorial.md, line {block.line}", "exec"), names)
            said = out.getvalue()
        else:
            agrees(block, said)
    assert min(counted.values()) >= 1 and counted["sh"] >= 12, counted
    here = tmp_path / "my_work"
    assert Path.cwd() == here
    assert (here / "sweep.png").stat().st_size > 5000 and (here / "results" / "study" / "headline.png").exists()
    assert list(names["points"].index) == list(range(48))


def commands(text: str) -> list[tuple[str, str]]:
    """The lines of a block of sh, each with its comment."""
    pairs = [line.partition("    #") for line in text.splitlines()]
    return [(line.strip(), comment) for line, _, comment in pairs if line.strip()]


def command(line: str, comment: str) -> str:
    """Run a line of the page; what it said. The comment may name the exit code."""
    if line in INSTALL:
        return ""
    program, *words = shlex.split(line)
    if program == "mkdir":
        Path(*words).mkdir()
    elif program == "cd":
        os.chdir(*words)  # undone by monkeypatch, which has changed it before
    else:
        assert program == "abm", f"the page has a command that this test cannot run: {line}"
        code, said = interrupted(words) if "Ctrl-C" in comment else run(words)
        expected = re.search(r"exit code (\d+)", comment)
        assert code == int(expected[1] if expected else 0), f"{line}: exit code {code}\n{said}"
        return said
    return ""


def run(words: list[str]) -> tuple[int, str]:
    """Exit code and words of an `abm` command in this process."""
    done = CliRunner().invoke(app, words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def interrupted(words: list[str]) -> tuple[int, str]:
    """The same, in another process, with Ctrl-C once the first runs are stored in the folder after --out."""
    shards = Path(words[words.index("--out") + 1]) / "state" / "shards" / "outcomes"
    python = [sys.executable, "-m", "abm.cli"]
    path = os.pathsep.join([str(repository()), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path}
    with subprocess.Popen([*python, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as process:
        try:
            began = time.monotonic()
            while not any(shards.glob("*")) and process.poll() is None and time.monotonic() - began < STARTS_WITHIN:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=ENDS_WITHIN)
        finally:
            process.kill()
    return process.returncode, said


def agrees(block: Block, said: str) -> None:
    """Every line of a text block is in what was said, in order, but for numbers and white space."""
    rest = words_of(said)
    for line in block.text.splitlines():
        wanted = words_of(line)
        _, found, rest = rest.partition(wanted)
        assert not wanted or found, f"tutorial.md, line {block.line}: {line!r} is not (or not in this order) in\n{said}"


def words_of(text: str) -> str:
    """The text with every number as # and single spaces."""
    return " ".join(re.sub(r"[-+]?\d[\d,.]*\d|[-+]?\d", "#", text).split())
