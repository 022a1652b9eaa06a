"""start.py: the environment is made when it must be, and only then. Kind of truth: known answers."""

import subprocess
import sys
from pathlib import Path

import pytest

import start


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two locks and an environment that looks made."""
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/run.txt", "requirements/dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setenv("ABM_VENV", str(tmp_path / "env"))
    python = start.program(tmp_path / "env", "python")
    python.parent.mkdir(parents=True)
    python.touch()
    return tmp_path


def stamp(tree: Path, kind: str) -> None:
    (tree / "env" / "start-stamp").write_text(start.fingerprint(kind))


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13)])
def test_an_old_python_is_refused_with_a_way_out(version: tuple) -> None:
    assert f"this is {version[0]}.{version[1]}" in start.refusal(version)
    assert "3.11 or newer" in start.refusal(version)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 0), (4, 0, 0), sys.version_info])
def test_a_current_python_is_taken(version: tuple) -> None:
    assert start.refusal(version) == ""


def test_programs_lie_where_the_system_puts_them() -> None:
    assert start.program(Path("v"), "abm", windows=False) == Path("v/bin/abm")
    assert start.program(Path("v"), "abm", windows=True) == Path("v/Scripts/abm.exe")


def test_no_stamp_is_not_up_to_date(tree: Path) -> None:
    assert not start.up_to_date(tree / "env", "run")


def test_a_dev_environment_satisfies_run_and_not_the_reverse(tree: Path) -> None:
    stamp(tree, "run")
    assert start.up_to_date(tree / "env", "run")
    assert not start.up_to_date(tree / "env", "dev")
    stamp(tree, "dev")
    assert start.up_to_date(tree / "env", "run")
    assert start.up_to_date(tree / "env", "dev")


@pytest.mark.parametrize("changed", ["requirements/run.txt", "pyproject.toml"])
def test_a_changed_lock_or_project_asks_for_set_up(tree: Path, changed: str) -> None:
    stamp(tree, "run")
    (tree / changed).write_text("something else")
    assert not start.up_to_date(tree / "env", "run")


def test_another_kind_of_python_asks_for_set_up(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp(tree, "run")
    monkeypatch.setattr(start, "python_tag", lambda: "cpython-399-elsewhere")
    assert not start.up_to_date(tree / "env", "run")


def test_an_environment_whose_python_is_gone_is_neither_up_to_date_nor_usable(tree: Path) -> None:
    stamp(tree, "run")
    start.program(tree / "env", "python").unlink()
    assert not start.up_to_date(tree / "env", "run")
    assert not start.usable(tree / "env")


def test_an_up_to_date_environment_is_left_alone(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp(tree, "dev")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was called"))
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("something was called"))
    assert start.set_up("run") == tree / "env"


def test_without_venv_or_pip_the_message_says_what_to_install(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(start.SetUpError, match=r"no ensurepip.*apt install python3\.\d+-venv"):
        start.make_venv(tree / "env")


def test_a_failing_pip_shows_its_last_words_and_a_hint(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "program", lambda *_: Path(sys.executable))
    with pytest.raises(start.SetUpError, match=r"(?s)pip failed.*no-such-lock"):
        start.pip_install(tree / "env", "run", "--no-index", "-r", str(tree / "no-such-lock"))


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], ["run", "headline"]),
        (["--replicates", "5"], ["run", "headline", "--replicates", "5"]),
        (["mine.yaml", "--seed", "7"], ["run", "mine.yaml", "--seed", "7"]),
        (["--help"], ["run", "--help"]),
    ],
)
def test_run_means_the_main_job_unless_a_config_is_named(arguments: list[str], command: list[str]) -> None:
    assert start.run_command(arguments) == command


def test_arguments_reach_pytest(tmp_path: Path) -> None:
    assert start.test_command(["-k", "ledger"]) == ["-m", "pytest", "-k", "ledger"]


def test_a_file_named_from_another_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert start.from_here(["run", "mine.yaml", "-v"]) == ["run", str((tmp_path / "mine.yaml").resolve()), "-v"]


def test_an_unknown_task_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    answer = subprocess.run([sys.executable, str(Path(start.__file__)), "tset"], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 2
    assert "no such task: tset" in answer.stderr
    assert not list(tmp_path.iterdir())
