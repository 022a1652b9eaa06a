"""The locks: complete, hashed, without addresses, and one set of versions. Kind of truth: identities between files."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)( ; .*?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def lock(kind: str) -> str:
    return (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf-8")


def pins(kind: str) -> set[tuple[str, str, str]]:
    return {(name, version, marker) for name, version, marker, _ in PIN.findall(lock(kind))}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", each)[0].lower().replace(".", "-").replace("_", "-") for each in requirements}


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_every_package_is_pinned_with_hashes_and_no_address(kind: str) -> None:
    requirements = [line for line in lock(kind).splitlines() if line and not line.lstrip().startswith(("#", "--hash"))]
    assert len(requirements) == len(PIN.findall(lock(kind)))
    assert not re.search(r"://|--index|--extra-index|--find-links|^-", lock(kind), re.MULTILINE)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    build = set(PROJECT["dependency-groups"]["build"])
    assert build == set(PROJECT["build-system"]["requires"])
    run = names([*PROJECT["project"]["dependencies"], *build])
    extras = PROJECT["project"]["optional-dependencies"]
    dev = names([*extras["dev"], *extras["dask"]])
    assert run <= {name for name, _, _ in pins("run")}
    assert run | dev <= {name for name, _, _ in pins("dev")}


def test_dev_has_the_versions_of_run() -> None:
    run = {(name, version) for name, version, _ in pins("run")}
    dev = {(name, version) for name, version, _ in pins("dev")}
    assert run <= dev


def test_only_mesa_differs_between_pythons() -> None:
    found: dict[str, set[str]] = {}
    for name, version, marker in pins("dev"):
        if "darwin" not in marker:
            found.setdefault(name, set()).add(version)
    assert {name: sorted(versions) for name, versions in found.items() if len(versions) > 1} == {"mesa": ["3.3.1", "3.5.1"]}
