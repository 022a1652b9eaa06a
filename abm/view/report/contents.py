"""What stands in the report: the answer, figures, tables, how sure it is, what is not in it, and how to do it again."""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.config.errors import shown
from abm.experiment.store import ResultsError
from abm.view import finding, frames, source
from abm.view.report import limits, sentences, tables
from abm.view.report.answers import OUTCOMES, Findings, cases, findings
from abm.view.report.pictures import Group, groups
from abm.view.source import Source


def contents(origin: Source, main: str | None = None) -> dict[str, Any]:
    """Everything that the page shows, as plain texts (the page escapes them) and figures; `main` is the outcome that leads."""
    facts = origin.facts
    outcomes = interesting(origin)
    if main is not None:
        outcomes = [*origin.wanted([main], 1), *(name for name in outcomes if name != main)][:OUTCOMES]
    found = findings(origin, outcomes) if outcomes else Findings("No run has finished, so there is no answer.")
    shown_as = cases(origin, outcomes) if outcomes and origin.design == "list" and len(origin.scenarios) == 1 else origin
    figures: list[Group] = groups(shown_as, outcomes) if outcomes else []
    design = tables.design_table(origin)
    return {
        "title": facts.get("title") or str(facts.get("experiment") or "Results").replace("_", " ").capitalize(),
        "question": facts.get("question") or "",
        "run": source.what_was_run(origin, len(origin.scenarios)),
        "warnings": warnings(origin),
        "found": found,
        "figures": figures,
        "sure": how_sure(origin, found),
        "limits": limits,
        "status": tables.status_table(),
        "settings": [tables.settings_table(origin), *([design] if design else [])],
        "commands": commands(origin),
        "provenance": tables.provenance_table(origin),
        "sources": finding.SOURCES,
        "disclaimer": finding.DISCLAIMER,
        "licence": (facts.get("software") or {}).get("license") or "MIT",
    }


def interesting(origin: Source) -> list[str]:
    """The outcomes of the answer, the main one first: those that the figures have words for, else the first few."""
    try:
        have = (
            [name for name in origin.outcomes if np.isfinite(origin.runs([name])[name]).any()] if len(origin.outcomes) <= OUTCOMES else None
        )
        if have is None:
            runs = origin.runs(origin.outcomes)
            have = [name for name in origin.outcomes if np.isfinite(runs[name].to_numpy(dtype=float)).any()]
    except (ResultsError, KeyError, ValueError):
        return []
    told = [name for name in frames.MEASURES if name in have and frames.INSTEAD.get(name) not in have]
    return (told or have)[:OUTCOMES]


# ---- how sure, and again ------------------------------------------------------------------------------------------------------


def warnings(origin: Source) -> list[str]:
    """What a reader must know before anything else."""
    facts, said = origin.facts, []
    if "finished" in facts and facts["finished"] is None:
        done = len(origin.runs(origin.outcomes[:1])) if origin.outcomes else 0
        said.append(f"This sweep is not finished: the report shows the {done} of {facts.get('runs', '?')} runs that are done so far.")
    if facts.get("failed"):
        said.append(sentences.failed(int(facts["failed"]), int(facts.get("runs") or facts["failed"])))
    if (facts.get("code") or {}).get("dirty"):
        said.append("The code had changes that no commit holds when this was run.")
    return said


def how_sure(origin: Source, found: Findings) -> list[str]:
    """Replicates, pairs, intervals, failures."""
    facts = origin.facts
    replicates, points = int(facts.get("replicates") or 1), len(origin.points)
    went = [] if facts.get("finished", "") is None else [sentences.failed(int(facts.get("failed") or 0), int(facts.get("runs") or 1))]
    if not found.tables and not found.answers:
        return went
    said = [sentences.repeated(replicates, len(origin.scenarios), points, bool(facts.get("paired", True)))]
    intervals = sum(table.intervals for table in found.tables)
    if len(origin.scenarios) > 1 and points > 1:
        said.append(sentences.many_points(points, replicates))
    if intervals:
        said.append(sentences.INTERVAL)
        said.append(sentences.by_chance(intervals))
    if 1 < replicates < 10 and points == 1:
        said.append(f"With {replicates} replicates the intervals are rough: a few more runs may move their ends.")
    said += went
    quarters = int(facts.get("quarters") or 1)
    window = "the last quarter" if quarters == 1 else f"the last {min(4, quarters)} quarters"
    said.append(f"Numbers are means over {window} of each run, where nothing else is said.")
    return said


def commands(origin: Source) -> list[tuple[str, str]]:
    """What to type to do it again, and what that does."""
    folder = "RESULTS_FOLDER" if origin.folder is None else shown(origin.folder)
    folder = origin.folder.name if origin.folder is not None and folder.startswith(("/", "\\")) else folder
    quoted = f"'{folder}'" if any(letter in folder for letter in " '\"$&;()") else folder
    told = str(origin.facts.get("command") or "")
    said = [(told, "the command that made these results")] if told else []
    said.append((f"abm run {quoted}/config.yaml", "runs the same experiment again, into a new folder"))
    said.append((f"abm reproduce {quoted}", "runs it again and says whether every number is the same, to the bit"))
    return said
