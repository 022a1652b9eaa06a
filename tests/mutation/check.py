"""The mutation check: `python -m tests.mutation.check [--jobs 2] [--only NAME ...] [--json FILE] [--thorough]`.

Each fault of the table (tests/mutation/faults.py) is written into a copy of the tree, and a quick part of the suite is run on it as
plain Python (nothing is compiled) until a check fails: the fault is caught. Faults that nothing catches are listed. With
`--thorough` survivors also meet all of the twin's drawn cases and the money and range invariants. The tree itself is not touched.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.mutation.faults import FAULTS, KINDS, Fault

ROOT = Path(__file__).parents[2]
PARTS = ("abm", "tests", "configs", "docs", "pyproject.toml")  # of the tree that the checks need
LONGEST = 600  # seconds for one check; a fault that makes a loop endless is caught
PYTEST = ("-m", "pytest", "-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-m", "not slow")
BRIEF = (*PYTEST, "-p", "tests.mutation.brief")
BY_HAND = (
    "one_quarter_s or late_plan or two_efforts or soft_budget or corners or pressure or limits or threshold_of or four_quarterly or pool"
)
ON_ENGLAND = "acts or reasons or keeping or kept"

CHECKS: dict[str, tuple[str, ...]] = {  # in the order in which they are tried
    "plain twin": ("-m", "tests.mutation.quick"),
    "levers and luck": (
        *PYTEST,
        "tests/unit/test_model_policy.py",
        "tests/randomness/test_streams.py",
        "-k",
        f"not ({ON_ENGLAND} or whole_number)",
    ),
    "known answers": (*PYTEST, "tests/oracles/test_known_answers.py", "-k", BY_HAND),
    "outcomes counted again": (*PYTEST, "tests/mutation/test_holes.py"),
}
THOROUGH: dict[str, tuple[str, ...]] = {
    "plain twin, drawn cases": ("-m", "tests.mutation.quick", "--all"),
    "money and ranges": (*BRIEF, "tests/invariants/test_money.py", "tests/invariants/test_ranges.py", "-k", "not stays_in_range"),
}
FIRST = {"policy.py": "levers and luck", "randomness.py": "levers and luck", "survey.py": "outcomes counted again"}
FIRST |= {"outcomes.py": "outcomes counted again", "phases/observe.py": "outcomes counted again"}  # likely to be the quickest

WARM = multiprocessing.get_context("forkserver")  # each process starts from one that has loaded these already
WARM.set_forkserver_preload(["numba", "pandas", "mesa", "networkx", "pytest", "pydantic"])


def copy_tree(source: Path, target: Path) -> None:
    """Copy what the checks need."""
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source / part, target / part)


def warm_run(module: str, options: tuple[str, ...], tree: str, words_to: str) -> None:
    """Run a module of `tree` in this new process, which has NumPy, pandas and Mesa in memory already but nothing of ours."""
    os.chdir(tree)
    sys.path[:] = [tree, *(place for place in sys.path if Path(place or ".").resolve() != ROOT)]
    for name in [name for name in sys.modules if name.split(".")[0] in ("abm", "tests")]:
        del sys.modules[name]
    sys.argv = [module, *options]
    with open(words_to, "w") as stream, contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        try:
            importlib.import_module(module).main()
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit(1) from error


def run_warm(arguments: tuple[str, ...], tree: Path) -> str | None:
    """As `run_check`, for a module with a `main`, without the seconds that starting Python takes."""
    words = tree / "words.txt"
    process = WARM.Process(target=warm_run, args=(arguments[1], arguments[2:], str(tree), str(words)))
    process.start()
    process.join(LONGEST)
    if process.is_alive():
        process.kill()
        return f"not done after {LONGEST} seconds"
    lines = words.read_text().splitlines() if words.exists() else []
    return None if process.exitcode == 0 else (lines or [f"status {process.exitcode}"])[-1][:300]


def run_check(arguments: tuple[str, ...], tree: Path) -> str | None:
    """Run one check in `tree`; None if it passes, else its last words."""
    environment = os.environ | {"PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done after {LONGEST} seconds"
    if done.returncode == 0:
        return None
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR", "case "))]
    return (failed or lines)[-1][:300] if lines else f"status {done.returncode}"


def examine(fault: Fault | None, snapshot: Path, checks: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Seed one fault into a copy of `snapshot` and run the checks until one fails; no fault at all for None."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="abm_mutation_") as folder:
        tree = Path(folder)
        copy_tree(snapshot, tree)
        first = None
        if fault is not None:
            fault.apply(tree)
            first = FIRST.get(fault.file)
        caught_by, words = None, None
        for name in sorted(checks, key=lambda name: name != first):  # a stable sort: the likely one goes first
            words = (run_check if "pytest" in checks[name] else run_warm)(checks[name], tree)
            if words is not None:
                caught_by = name
                break
    row = {"caught_by": caught_by, "words": words, "seconds": round(time.monotonic() - start, 1)}
    return ({"name": fault.name, "kind": fault.kind, "file": fault.file} if fault else {}) | row


def report(rows: list[dict[str, Any]]) -> str:
    """Caught and total by kind of fault and check, then the survivors."""
    names = [name for name in (*CHECKS, *THOROUGH) if any(row["caught_by"] == name for row in rows)]
    lines = ["| kind of fault | seeded | " + " | ".join(names) + " | survive |", "|---|" + "---:|" * (len(names) + 2)]
    for kind in [kind for kind in KINDS if any(row["kind"] == kind for row in rows)] + ["all"]:
        mine = [row for row in rows if kind in (row["kind"], "all")]
        by = Counter(row["caught_by"] for row in mine)
        lines.append(f"| {kind} | {len(mine)} | " + " | ".join(str(by[name]) for name in names) + f" | {by[None]} |")
    survivors = [f"    {row['name']} ({row['file']})" for row in rows if row["caught_by"] is None]
    return "\n".join([*lines, "", f"caught {len(rows) - len(survivors)} of {len(rows)}; survivors:", *(survivors or ["    none"])])


def main() -> None:
    """Seed every fault and report; status 1 if the checks fail without any fault or a fault does not fit."""
    parser = argparse.ArgumentParser(description="Seed small faults into the model and count how many the suite catches.")
    parser.add_argument("--jobs", type=int, default=2, help="faults examined at the same time")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="faults whose name begins so")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what caught each fault")
    parser.add_argument("--thorough", action="store_true", help="let survivors meet slower checks too (minutes each)")
    given = parser.parse_args()
    chosen = [fault for fault in FAULTS if not given.only or fault.name.startswith(tuple(given.only))]
    if not chosen:
        parser.error(f"no fault's name begins with {' or '.join(given.only)}")
    os.environ |= {"NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    checks = CHECKS | THOROUGH if given.thorough else CHECKS
    with tempfile.TemporaryDirectory(prefix="abm_mutation_") as folder, ThreadPoolExecutor(given.jobs) as pool:
        snapshot = Path(folder)
        copy_tree(ROOT, snapshot)  # so that edits made meanwhile do no harm
        sound = pool.submit(examine, None, snapshot, checks)
        waiting = [pool.submit(examine, fault, snapshot, checks) for fault in chosen]
        if sound.result()["caught_by"]:
            pool.shutdown(cancel_futures=True)
            raise SystemExit(f"without any fault, {sound.result()['caught_by']} fails: {sound.result()['words']}")
        rows = []
        for future in waiting:
            rows.append(future.result())
            print(f"{rows[-1]['seconds']:6.1f} s  {rows[-1]['name']}: {rows[-1]['caught_by'] or 'SURVIVES'}", file=sys.stderr, flush=True)
            if given.json:
                given.json.write_text(json.dumps(rows, indent=1) + "\n")
    print(report(rows))


if __name__ == "__main__":
    main()
