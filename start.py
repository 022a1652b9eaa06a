"""Set everything up and go: needs Python 3.11 or newer (with venv and pip) and nothing else.

    python3 start.py                     set up, then run the main job (abm run headline)
    python3 start.py run CONFIG ...      set up, then abm run CONFIG ...
    python3 start.py abm COMMAND ...     set up, then any other abm command
    python3 start.py study KEY ...       set up, then run and read studies, as e02, or all (--quick for a small size)
    python3 start.py test ...            set up with the tools of development, then run the tests (pytest ...)
    python3 start.py check               set up with the tools of development, then style, types and the import contract
    python3 start.py setup [run | dev]   set up only

The environment is made in .venv (or where ABM_VENV says) from the locks in requirements/, each file checked against its
hash. A second call finds it up to date and starts at once.
"""

import sys

OLDEST = (3, 11)


def refusal(version: tuple) -> str:
    """Why this Python will not do; empty where it will."""
    if tuple(version[:2]) >= OLDEST:
        return ""
    return (
        "abm needs Python {0}.{1} or newer; this is {2}.{3}, at {4}.\n"
        "Call the script with a newer one, for example: python{0}.{1} start.py".format(*OLDEST, *version[:2], sys.executable)
    )


if refusal(sys.version_info):  # before anything that an older Python would trip over
    sys.exit(refusal(sys.version_info))

import contextlib  # noqa: E402
import hashlib  # noqa: E402
import importlib.util  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parent
KINDS = ("run", "dev")  # each satisfies those before it
MAIN_JOB = "headline"
CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports",))

HINTS = (  # what pip says → what to do
    (r"DO NOT MATCH THE HASHES", "A downloaded file is not the one that was locked. Try again with PIP_NO_CACHE_DIR=1."),
    (r"No space left|Errno 28", "The disk is full: the environment takes about {size} MB."),
    (r"ConnectionError|Temporary failure|ProxyError|SSLError|timed out", "No package index was reached: network or proxy?"),
    (r"No matching distribution", "No package index was reached, or it has no build for this Python and machine."),
    (r"Permission denied|Errno 13", "No permission to write in {venv}; ABM_VENV=FOLDER puts the environment elsewhere."),
)
SIZES = {"run": 870, "dev": 1350}  # MB


class SetUpError(Exception):
    """Something the reader of the message can mend."""


def say(text: str) -> None:
    """One line for the person who waits; standard output stays the command's own."""
    print(f"start: {text}", file=sys.stderr, flush=True)


def venv_folder() -> Path:
    """Where the environment lives."""
    return Path(os.environ.get("ABM_VENV") or ROOT / ".venv").expanduser().absolute()


def program(venv: Path, name: str, windows: bool = os.name == "nt") -> Path:
    """Where a program of the environment lives."""
    return venv / "Scripts" / f"{name}.exe" if windows else venv / "bin" / name


def python_tag() -> str:
    """The kind of Python that an environment is bound to; a new patch release keeps it."""
    return f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}-{sys.platform}"


def fingerprint(kind: str) -> str:
    """What the environment was made from: it is up to date while this stays the same."""
    digest = hashlib.sha256(f"{kind} {python_tag()} {ROOT}".encode())
    for path in (ROOT / "requirements" / f"{kind}.txt", ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return f"{kind} {python_tag()} {digest.hexdigest()}"


def stamped(venv: Path) -> str:
    """The fingerprint left by the last set-up that ended well; empty without one."""
    with contextlib.suppress(OSError):
        return (venv / "start-stamp").read_text(encoding="utf-8")
    return ""


def up_to_date(venv: Path, kind: str) -> bool:
    """True when the environment holds what this kind of work needs, or more."""
    enough = KINDS[KINDS.index(kind) :]
    return program(venv, "python").exists() and stamped(venv) in {fingerprint(each) for each in enough}


def usable(venv: Path) -> bool:
    """True when the environment's own Python works, is of this kind, and has pip."""
    test = "import pip, sys; print(f\"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}-{sys.platform}\", sys.prefix)"
    try:
        answer = subprocess.run([program(venv, "python"), "-c", test], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.strip() == f"{python_tag()} {venv}"


def make_venv(venv: Path) -> None:
    """Make the environment anew, with the Python that runs this script."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetUpError(
            f"this Python has no {' and no '.join(missing)}. On Debian and Ubuntu: apt install "
            f"python{sys.version_info[0]}.{sys.version_info[1]}-venv; then call start.py again."
        )
    say(f"{'remaking' if venv.exists() else 'making'} {venv} with Python {sys.version.split()[0]}")
    base = getattr(sys, "_base_executable", None) or sys.executable  # also when called with the environment's own Python
    made = subprocess.run([base, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, env=clean_environment())
    if made.returncode:
        raise SetUpError("python -m venv failed:\n" + (made.stdout + made.stderr).strip())


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would lead pip past the environment it works in."""
    drop = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in drop}


def pip_install(venv: Path, kind: str, *arguments: str) -> int:
    """Run pip install, show what it is at, and return how many packages it put in."""
    command = [str(program(venv, "python")), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--no-compile", "--progress-bar=off"]
    lines, seen, live = [], 0, sys.stderr.isatty()
    with subprocess.Popen(
        [*command, *arguments], cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace"
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                doing = re.match(r"(Collecting|Processing|Installing) (\S+)", line)
                if doing and live:
                    seen += doing[1] != "Installing"
                    what = f"unpacking {seen} packages" if doing[1] == "Installing" else f"fetching {seen}: {os.path.basename(doing[2])}"
                    print(f"\r\033[Kstart:   {what[:70]}", end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            process.terminate()
            raise
        finally:
            if live:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
    if process.returncode:
        text = "\n".join(lines)
        hint = next((hint for pattern, hint in HINTS if re.search(pattern, text)), "The lines above say why.")
        shown = "\n".join("  " + line for line in [each for each in lines if each and not each.startswith("Ignoring ")][-10:])
        raise SetUpError(f"pip failed:\n{shown}\n{hint.format(venv=venv, size=SIZES[kind])}")
    return sum(len(line.split()) - 2 for line in lines if line.startswith("Successfully installed"))


def compile_all(venv: Path) -> None:
    """Byte-compile on all cores what pip was told not to, less the packages' own tests: half the time, fewer files."""
    command = [str(program(venv, "python")), "-m", "compileall", "-qq", "-j", "0", "-x", r"[/\\](tests?|pip)[/\\]"]
    packages = [str(each) for each in (venv / "Lib" / "site-packages", *venv.glob("lib/python*/site-packages")) if each.is_dir()]
    subprocess.run([*command, *packages], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def set_up(kind: str) -> Path:
    """Bring the environment up to date for this kind of work; at once where it already is."""
    venv = venv_folder()
    if up_to_date(venv, kind):
        return venv
    start = time.monotonic()
    if stamped(venv).startswith("dev "):
        kind = "dev"  # keep the tools of development that are there
    if not usable(venv):
        make_venv(venv)
    stamp = venv / "start-stamp"
    stamp.unlink(missing_ok=True)
    say(f"installing the locked packages of requirements/{kind}.txt (about a minute, {SIZES[kind]} MB)")
    lock = str(ROOT / "requirements" / f"{kind}.txt")
    count = pip_install(venv, kind, "--require-hashes", "--only-binary=:all:", "-r", lock)
    pip_install(venv, kind, "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    compile_all(venv)
    stamp.write_text(fingerprint(kind), encoding="utf-8")
    say(f"ready: {count} packages installed, {time.monotonic() - start:.0f} s")
    return venv


def from_here(arguments: list[str]) -> list[str]:
    """Files named from the caller's folder, named so that they are found from the project's."""
    return [str(Path(each).resolve()) if not each.startswith("-") and Path(each).is_file() else each for each in arguments]


def hand_over(command: list[str]) -> int:
    """Run the command in the project's folder, as if it had been called directly."""
    command = [command[0], *from_here(command[1:])] if Path.cwd() != ROOT else command
    os.chdir(ROOT)
    if os.name == "nt":
        return subprocess.call(command)
    os.execv(command[0], command)


def check(venv: Path) -> int:
    """All checks, each of them even when one before it fails."""
    failed = []
    for command in CHECKS:
        say(" ".join(command))
        if subprocess.call([str(program(venv, command[0])), *command[1:]], cwd=ROOT):
            failed.append(" ".join(command))
    say("failed: " + "; ".join(failed) if failed else "all checks passed")
    return 1 if failed else 0


def run_command(arguments: list[str]) -> list[str]:
    """The abm command for `start.py run ...`: the main job unless a config is named."""
    named = bool(arguments) and not arguments[0].startswith("-")
    return ["run", *arguments] if named or arguments in (["--help"], ["-h"]) else ["run", MAIN_JOB, *arguments]


def test_command(arguments: list[str]) -> list[str]:
    """The pytest command for `start.py test ...`: all cores unless something is asked for."""
    return ["-m", "pytest", *(arguments or ["-n", "auto", "--maxprocesses", "4"])]


def study_command(arguments: list[str]) -> list[str]:
    """The command of the studies for `start.py study ...`: run those named, list all when none is."""
    named = bool(arguments) and not arguments[0].startswith("-")
    return ["-m", "experiments", *(["run", *arguments] if named else arguments)]


def main(arguments: list[str]) -> int:
    """Understand the call, set up, go."""
    task, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    if task in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    if task == "setup" and (rest or ["run"]) in (["run"], ["dev"]):
        set_up((rest or ["run"])[0])
        say("the environment is up to date")
        return 0
    if task == "check" and not rest:
        return check(set_up("dev"))
    if task == "test":
        return hand_over([str(program(set_up("dev"), "python")), *test_command(rest)])
    if task in ("run", "abm"):
        return hand_over([str(program(set_up("run"), "abm")), *(run_command(rest) if task == "run" else rest)])
    if task == "study":
        return hand_over([str(program(set_up("run"), "python")), *study_command(rest)])
    say(f"no such task: {' '.join(arguments)}\n\n{__doc__.strip()}")
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("stopped; the same command goes on from here")
        sys.exit(130)
    except (SetUpError, OSError) as error:
        say(str(error))
        sys.exit(1)
