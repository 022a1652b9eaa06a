"""Where configs are found: a path is taken from the folder of the file that names it, a bare name is looked up in `configs/`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from abm.config.errors import ConfigError, Place, Problem, nearest, shown

SUFFIXES = (".yaml", ".yml")
_SINGULAR = {"experiments": "experiment", "scenarios": "scenario", "systems": "system"}


def repository() -> Path:
    """The folder that holds the package and its `configs/`."""
    return Path(__file__).resolve().parents[2]


def config_folders(kind: str, named_in: Path | None = None) -> list[Path]:
    """Folders searched for a bare name, first match wins: beside the naming config, below the current folder, the package's own."""
    roots = [Path.cwd() / "configs", repository() / "configs"]
    if named_in is not None and named_in.resolve().parent.name in _SINGULAR:
        roots.insert(0, named_in.resolve().parent.parent)
    return list(dict.fromkeys(root.resolve() / kind for root in roots))


def names(folders: Iterable[Path]) -> list[str]:
    """Bare names of the configs in `folders`."""
    return sorted({path.stem for folder in folders if folder.is_dir() for path in folder.iterdir() if path.suffix in SUFFIXES})


def find(reference: str, kind: str, named_in: Path | None, place: Place, key: str = "") -> Path:
    """The file that `reference` means. Raises `ConfigError` at `place` when there is none, naming the nearest that exists."""
    if "\0" in reference:
        raise ConfigError([Problem(place, key, "not a file name")])
    if "/" in reference or "\\" in reference or reference.endswith(SUFFIXES):
        return _by_path(reference, named_in, place, key)
    folders = config_folders(kind, named_in)
    for folder in folders:
        for suffix in SUFFIXES:
            path = folder / f"{reference}{suffix}"
            if _is_file(path):
                return path
    existing = names(folders)
    words = ", ".join(existing) if len(existing) <= 12 else ""
    where = " or ".join(shown(folder) for folder in folders)
    reason = f"no {_SINGULAR[kind]} {reference[:80]!r} in {where}"
    raise ConfigError([Problem(place, key, reason, nearest(reference, existing), words)])


def _by_path(reference: str, named_in: Path | None, place: Place, key: str) -> Path:
    path = (named_in.parent if named_in is not None else Path.cwd()) / Path(reference).expanduser()
    if _is_file(path):
        return path
    existing: list[str] = []
    if _is_folder(path):
        reason = f"{shown(path)} is a folder, not a config"
        existing = [f"{reference.rstrip('/')}/config.yaml"] if _is_file(path / "config.yaml") else []
        raise ConfigError([Problem(place, key, reason, existing[0] if existing else "")])
    if _is_folder(path.parent):
        existing = [entry.name for entry in path.parent.iterdir() if entry.suffix in SUFFIXES]
    close = nearest(path.name, existing)
    prefix = reference[: len(reference) - len(Path(reference).name)] if close else ""
    raise ConfigError([Problem(place, key, f"no such file {shown(path)[-200:]}", f"{prefix}{close}" if close else "")])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
