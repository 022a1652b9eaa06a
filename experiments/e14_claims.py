"""E14: the claims register. Each core claim of the sources as a contrast fixed beforehand, and the verdict that its effect gives by rule.

The contrasts are data (abm/analysis/data/contrasts.csv), the rules stand in abm/analysis/claims/verdict.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from abm.analysis.claims.evaluate import evaluate
from abm.analysis.claims.register import register
from abm.analysis.claims.verdict import ABSENT, CONTRADICTED, DEPENDS, SUPPORTED, UNCLEAR, VERDICTS, tally
from abm.experiment.folder import read_manifest
from abm.view import claims as view
from abm.view.sheet import Drawn
from experiments.study import Found, Study

CONFIGS = ("e14_claims", "e14_held", "e14_places")
TOLD = 4  # claims of each kind that findings name


def read(folders: Mapping[str, Path]) -> Found:
    """Verdicts, their tally, and forests of what is contradicted and of what depends."""
    found = evaluate(folders)
    counts = tally(found.claims)
    facts = read_manifest(folders[CONFIGS[0]])
    table = pd.DataFrame({"verdict": list(VERDICTS), "core": list(counts.values()), "all": list(tally(found.claims, core=False).values())})
    figures: dict[str, Drawn] = {"verdicts": view.glance(found.claims, facts)}
    core = found.parts[[register()[key].core for key in found.parts["claim"]]]
    for verdict, title in ((CONTRADICTED, "What the model contradicts"), (DEPENDS, "What depends on parameters")):
        rows = core[core["verdict"] == verdict]
        if rows["effect"].notna().any():
            figures[verdict] = view.effects(rows, facts, f"{title}: {len(rows)} of {len(core)} contrasts")
    parts = found.parts.fillna({"on": "-", "part": "-"}).replace({"on": {"": "-"}, "part": {"": "-"}})
    return Found(
        _answer(counts, found.claims, core),
        _findings(found.claims, core),
        {"claims": found.claims, "parts": parts, "tally": table},
        figures,
    )


def _answer(counts: Mapping[str, int], claims: pd.DataFrame, core: pd.DataFrame) -> str:
    members = int(core["members"].max())
    depends = claims[(claims["verdict"] == DEPENDS) & (claims["scope"] == "core")]["on"]
    measured = int(depends.str.startswith("what is measured").sum())
    return (
        f"Of {sum(counts.values())} core claims the model supports {counts[SUPPORTED]} and contradicts {counts[CONTRADICTED]}; "
        f"{counts[DEPENDS] - measured} depend on parameters, {measured} on what is measured, {counts[UNCLEAR]} are not identifiable and "
        f"{counts[ABSENT]} not in the model (an ensemble of {members} parameter sets)."
    )


def _findings(claims: pd.DataFrame, core: pd.DataFrame) -> list[str]:
    told = [f"Contradicted: {text}" for text in view.sentences(core, CONTRADICTED, TOLD)]
    told += [f"Supported, with the largest effects: {text}" for text in view.sentences(core, SUPPORTED, TOLD)]
    depends = claims[(claims["verdict"] == DEPENDS) & (claims["scope"] == "core")]
    told += [f"{row.claim} depends on {row.on}." for row in depends.head(TOLD).itertuples()]
    partly = core[core["part"].astype(str).str.len() > 1]["claim"].nunique()
    told.append(f"{partly} of the core claims are tested in part only; the register says which part.")
    told.append("A claim that is supported follows from what the model assumes; some assumptions were taken from the same sources.")
    return told


STUDY = Study(
    key="e14",
    title="The claims of the sources",
    question="Which of the sources' claims follow from the model, over the parameter sets that fit the targets, and which do not?",
    configs=CONFIGS,
    read=read,
    quick=("replicates=1", "quarters=8", "design.rows=2"),
    quick_of={"e14_claims": ("system=tiny",), "e14_held": ("system=tiny",)},  # places need England's regions
)
