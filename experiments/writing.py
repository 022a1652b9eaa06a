"""Writing what a study found: tables, figures with their provenance, the answer in words, and the table of all studies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from abm.experiment.estimate import duration
from abm.experiment.folder import csv_text, read_manifest
from abm.experiment.store import ResultsError, write_file
from abm.view import finding, saving
from experiments.catalogue import file_of, studies
from experiments.study import Found, Study

ANSWER, FACTS = "answer.md", "study.json"
LEFT_OUT = (".parquet", ".png", ".txt")  # of a config's results, when published: `abm reproduce` makes them again
LARGE = 500_000  # bytes of a CSV that is left out too, such as a summary with a row for each of thousands of points
BEGIN, END = "<!-- studies: made by `python -m experiments table`, do not edit -->", "<!-- end of studies -->"
DIGITS = 6  # significant, in tables


def write(study: Study, found: Found, folders: Mapping[str, Path], place: Path) -> list[Path]:
    """Write tables (CSV), figures (PNG), answer.md and study.json into `place`; gives their paths."""
    manifests = {config: read_manifest(folder) for config, folder in folders.items()}
    facts = next(iter(manifests.values()))
    place.mkdir(parents=True, exist_ok=True)
    made = []
    for name, table in found.tables.items():
        made.append(place / f"{name}.csv")
        write_file(made[-1], csv_text(_rounded(table)))
    for name, drawn in found.figures.items():
        made.append(place / f"{name}.png")
        saving.save(drawn.figure, made[-1], facts, drawn.title, f"{drawn.alt} {drawn.note}")
        saving.lighten(made[-1])
    told = {
        "key": study.key,
        "title": study.title,
        "question": study.question,
        "answer": found.answer,
        "findings": list(found.findings),
        "configs": {config: _ran(each) for config, each in manifests.items()},
        "tables": list(found.tables),
        "figures": list(found.figures),
    }
    write_file(place / FACTS, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    write_file(place / ANSWER, _answer(study, found, told))
    return [*made, place / FACTS, place / ANSWER]


def _ran(facts: Mapping[str, Any]) -> dict[str, Any]:
    names = ("runs", "failed", "points", "replicates", "quarters", "seconds", "finished")
    return {**{name: facts[name] for name in names if name in facts}, "commit": facts["code"]["commit"]}


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with numbers to a few significant digits, so that it reads, and differs only where it matters."""
    floats = table.select_dtypes("floating").columns
    return table.assign(**{name: table[name].map(lambda value: float(f"{value:.{DIGITS}g}")) for name in floats})


def _answer(study: Study, found: Found, told: Mapping[str, Any]) -> str:
    lines = [f"# {study.key.upper()}: {study.title}", "", f"**Question.** {study.question}", "", f"**Answer.** {found.answer}", ""]
    lines += [f"- {text}" for text in found.findings]
    lines += ["", "In brackets: 95 % intervals over runs, and how many runs, or pairs of runs with the same luck, they rest on."]
    lines += ["", *(f"![{drawn.alt}]({name}.png)\n" for name, drawn in found.figures.items())]
    lines += ["Tables: " + ", ".join(f"[{name}]({name}.csv)" for name in found.tables) + ".", ""]
    for config, ran in told["configs"].items():
        failed = f", {ran['failed']} failed" if ran["failed"] else ""
        size = f"{ran['runs']:,} runs of {ran['quarters']} quarters{failed}, {ran['replicates']} replicates a point"
        lines.append(f"`{config}`: {size}, {duration(ran['seconds'])}.")
    lines += ["", f"Again: `python3 start.py study {study.key}`. {finding.DISCLAIMER} {finding.SOURCES}", ""]
    return "\n".join(lines)


# ---- publishing ------------------------------------------------------------------------------------------------------------


def publish(study: Study, folders: Mapping[str, Path], place: Path, reference: Path) -> Path:
    """Copy what a study found, and its runs without the large tables, to `reference`/KEY, in place of what is there.

    Raises `ResultsError` for runs that failed or were made by code that is not committed.
    """
    for config, folder in folders.items():
        facts = read_manifest(folder)
        if facts["code"]["dirty"] or not facts["code"]["commit"]:
            raise ResultsError(f"{config} was run by code that is not committed: commit it, and run it again")
    target = reference / study.key
    if target.exists():
        shutil.rmtree(target)
    (target / "runs").mkdir(parents=True)
    for path in place.iterdir():
        if path.is_file():
            shutil.copy2(path, target / path.name)
    for config, folder in folders.items():
        shutil.copytree(folder, target / "runs" / config, ignore=made_again)
    return target


def made_again(folder: str, names: list[str]) -> list[str]:
    """Which files of a results folder are not published, since a run gives them again."""
    return [name for name in names if name.endswith(LEFT_OUT) or (name.endswith(".csv") and (Path(folder) / name).stat().st_size > LARGE)]


def table(reference: Path) -> str:
    """The table of studies in Markdown, from what is published; paths as seen from the root of the project."""
    lines = ["| study | question | command | figure | runs | time | answer |", "|---|---|---|---|---|---|---|"]
    for study in studies().values():
        code, command = f"[{study.key.upper()}](experiments/{file_of(study)})", f"`python3 start.py study {study.key}`"
        path = reference / study.key / FACTS
        if not path.exists():
            lines.append(f"| {code} | {study.question} | {command} | | | | not published yet |")
            continue
        told = json.loads(path.read_text("utf-8"))
        rows = told["configs"].values()
        runs, seconds = sum(row["runs"] for row in rows), sum(row["seconds"] for row in rows)
        figure = f"[figure](results/reference/{study.key}/{told['figures'][0]}.png)"
        answer = f"{told['answer']} [More](results/reference/{study.key}/{ANSWER})"
        lines.append(f"| {code} | {study.question} | {command} | {figure} | {runs:,} | {duration(seconds)} | {answer} |")
    return "\n".join(lines)


def with_table(text: str, rows: str, up: str = "") -> str:
    """A page's text with the table of studies in its place; `up` leads from the page's folder to the root ('../')."""
    if BEGIN not in text or END not in text:
        raise ResultsError(f"no place for the table of studies: it stands between {BEGIN!r} and {END!r}")
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    moved = rows.replace("](experiments/", f"]({'' if up else 'experiments/'}").replace("](results/", f"]({up}results/")
    return f"{head}{BEGIN}\n\n{moved}\n\n{END}{tail}"
