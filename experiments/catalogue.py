"""All studies: each file experiments/eNN_*.py that has a `STUDY`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from abm.config.errors import nearest
from abm.experiment.store import ResultsError
from experiments.study import Study

HERE = Path(__file__).parent


def studies() -> dict[str, Study]:
    """Every study by its key, in order."""
    names = sorted(path.stem for path in HERE.glob("e[0-9][0-9]_*.py"))
    found = [import_module(f"experiments.{name}").STUDY for name in names]
    return {study.key: study for study in found}


def file_of(study: Study) -> str:
    """Name of the file that reads a study, 'e02_three_levers.py'."""
    return next(path.name for path in HERE.glob(f"{study.key}_*.py"))


def chosen(keys: list[str]) -> list[Study]:
    """The studies that are meant by 'all' or by their keys. Raises `ResultsError` for one that there is not."""
    there = studies()
    if not keys or keys == ["all"]:
        return list(there.values())
    for key in keys:
        if key not in there:
            close = nearest(key, there)
            raise ResultsError(f"no study {key!r}{f'; did you mean {close!r}?' if close else ''} (there are: {', '.join(there)}, all)")
    return [there[key] for key in keys]
