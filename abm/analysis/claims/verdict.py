"""From effects to verdicts, by stated rules. Contrasts were fixed before any run; the rules were set on five made-up members.

A *part* of a test is one contrast in one outcome. E is its effect for each member of the ensemble (mean over replicates), p the
share of members in which E has the sign that the claim expects. The interval is a 95 % percentile interval of the mean over the
ensemble, from draws of members and of replicates, both with replacement (two-way bootstrap: Owen 2007), so that it holds for other
members and for other luck. *Luck* is the standard error of one member's E, from the spread of its replicates, pooled over members.

The first rule that fits decides:

1. **not identifiable (nought)**: the median size of E over members is below NOUGHT (0.05 points; 0.05 for rank correlations).
2. **supported**: p >= 0.9, and the interval lies on the expected side of zero. **contradicted**: p <= 0.1, and it lies on the other.
3. **depends**: one member in ten has E clearly on either side (beyond twice its luck, which must be known, and beyond NOUGHT).
   On what: the factor of the ensemble whose rank correlation with E is largest, if a permutation test over all factors together gives
   it p < 0.05; it is told with the single cut that parts the signs best.
4. **not identifiable (luck)**: all else; the mean may have a clear sign that too few members share.

A claim has the verdict of its parts if they agree, and else *depends*, on what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from abm.analysis.claims.register import Claim, Part, register

SUPPORTED, CONTRADICTED, DEPENDS, UNCLEAR, ABSENT = "supported", "contradicted", "depends", "not identifiable", "not in the model"
VERDICTS = (SUPPORTED, CONTRADICTED, DEPENDS, UNCLEAR, ABSENT)
MOST, LEAST = 0.9, 0.1  # share of members with the expected sign
NOUGHT, NOUGHT_RANK = 0.0005, 0.05  # an effect that is none: in shares, and in rank correlations
LUCK = 2.0  # standard errors beyond which a member's own effect is clear
DRAWS, SEED = 2000, 20240814
LEAST_MEMBERS = 8  # to look for what splits the signs


@dataclass(frozen=True)
class Verdict:
    """What became of one part: the mean effect with its interval, the share of members as expected, and the verdict, with reasons."""

    test: Part
    effect: float
    low: float
    high: float
    share: float
    luck: float
    members: int
    replicates: int
    verdict: str
    on: str

    def row(self) -> dict[str, object]:
        """As a row of a table."""
        facts = {name: getattr(self, name) for name in ("effect", "low", "high", "share", "luck", "members", "replicates", "verdict", "on")}
        test = self.test
        expected = "+" if test.sign > 0 else "-"
        return {"claim": test.claim, "contrast": test.contrast, "outcome": test.outcome, "expected": expected, **facts, "part": test.part}


def judge(test: Part, effects: np.ndarray, members: pd.DataFrame) -> Verdict:
    """The verdict on one part; `effects` is (members, replicates), `members` the ensemble's factors, a row a member."""
    known = np.isfinite(effects).any(axis=1)
    effects, members = effects[known], members.iloc[np.flatnonzero(known)]
    count, replicates = effects.shape if len(effects) else (0, effects.shape[1])
    if not count:
        nan = float("nan")
        return Verdict(test, nan, nan, nan, nan, nan, 0, replicates, UNCLEAR, "no run gives it")
    each = np.nanmean(effects, axis=1)
    low, high = two_way(effects)
    share, luck = float((each * test.sign > 0).mean()), luck_of(effects)
    verdict, on = _rule(test, each, low, high, share, luck, members)
    return Verdict(test, float(each.mean()), low, high, share, luck, count, replicates, verdict, on)


def _rule(test: Part, each: np.ndarray, low: float, high: float, share: float, luck: float, members: pd.DataFrame) -> tuple[str, str]:
    nought = NOUGHT_RANK if test.measure[0] in ("lead", "trait") else NOUGHT
    if np.median(np.abs(each)) < nought:
        return UNCLEAR, "no effect to speak of"
    ahead, behind = (low, high) if test.sign > 0 else (-high, -low)
    if share >= MOST and ahead > 0:
        return SUPPORTED, ""
    if share <= LEAST and behind < 0:
        return CONTRADICTED, ""
    least = max(nought, LUCK * luck) if np.isfinite(luck) else np.inf
    if min((each > least).mean(), (each < -least).mean()) >= LEAST:
        return DEPENDS, best_split(each * test.sign, members)
    if ahead > 0 or behind < 0:
        return UNCLEAR, "the mean has a clear sign, but too few members share it, and that of the others is not told from luck"
    return UNCLEAR, "the sign is not told from luck"


def two_way(effects: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean, members and replicates drawn with replacement (members alone where there is one replicate)."""
    count, replicates = effects.shape
    if count < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(SEED)
    rows = rng.multinomial(count, np.full(count, 1 / count), DRAWS).astype(float)
    columns = rng.multinomial(replicates, np.full(replicates, 1 / replicates), DRAWS).astype(float)
    there = np.isfinite(effects)
    sums = np.einsum("bm,mr,br->b", rows, np.where(there, effects, 0.0), columns)
    weights = np.einsum("bm,mr,br->b", rows, there.astype(float), columns)
    means = sums[weights > 0] / weights[weights > 0]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def luck_of(effects: np.ndarray) -> float:
    """Standard error of one member's effect, from the spread over its replicates, pooled over members (NaN where none has two)."""
    effects = effects[np.isfinite(effects).sum(axis=1) >= 2]
    if not len(effects):
        return float("nan")
    return float(np.sqrt(np.nanmean(np.nanvar(effects, axis=1, ddof=1)) / effects.shape[1]))


# ---- on what it depends ----------------------------------------------------------------------------------------------------


def best_split(signed: np.ndarray, members: pd.DataFrame) -> str:
    """The factor that goes best with the signed effect and the cut that parts the signs best, in words; '' is never given."""
    columns = _numbers(members)
    if len(signed) < LEAST_MEMBERS or columns.empty:
        return f"too few members ({len(signed)}) to say on what"
    ranks = _standard(np.column_stack([rankdata(columns[name]) for name in columns]))
    target = _standard(rankdata(signed)[:, None])[:, 0]
    found = ranks.T @ target / len(target)
    rng = np.random.default_rng(SEED)
    shuffled = rng.permuted(np.tile(target, (999, 1)), axis=1)
    chance = np.abs(shuffled @ ranks / len(target)).max(axis=1)
    best = int(np.abs(found).argmax())
    level = (1 + (chance >= abs(found[best])).sum()) / 1000
    if level >= 0.05:
        return "no single factor of the ensemble tells on what"
    name = columns.columns[best]
    return f"{name.split('.', 1)[-1]}: {_cut(columns[name].to_numpy(), signed, found[best])}"


def _cut(values: np.ndarray, signed: np.ndarray, correlation: float) -> str:
    """'as expected above 0.31 (rank correlation +0.71; right for 83 % of members)'."""
    levels = np.unique(values)
    cuts = (levels[1:] + levels[:-1]) / 2
    right = np.array([((values > cut) == ((signed > 0) if correlation > 0 else (signed <= 0))).mean() for cut in cuts])
    cut, rate = cuts[right.argmax()], right.max()
    side = "above" if correlation > 0 else "below"
    return f"as expected {side} {cut:.3g} (rank correlation {correlation:+.2f}; right for {rate:.0%} of members)"


def _numbers(members: pd.DataFrame) -> pd.DataFrame:
    """Factors as numbers, each level of a choice as yes or no; those that do not vary are left out."""
    columns = {}
    for name in members.columns:
        numbers = pd.to_numeric(members[name], errors="coerce")
        if numbers.notna().all():
            columns[name] = numbers.astype(float)
        else:
            columns |= {f"{name} = {level}": (members[name] == level).astype(float) for level in sorted(set(members[name].astype(str)))}
    frame = pd.DataFrame(columns)
    return frame[[name for name in frame if frame[name].nunique() > 1]]


def _standard(columns: np.ndarray) -> np.ndarray:
    spread = columns.std(axis=0)
    return (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


# ---- claims ----------------------------------------------------------------------------------------------------------------


def of_claim(claim: Claim, parts: Sequence[Verdict]) -> tuple[str, str]:
    """A claim's verdict, and on what it depends or why there is none."""
    if not claim.tests:
        return ABSENT, claim.why_not
    found = [part.verdict for part in parts]
    if len(set(found)) == 1:
        return found[0], "; ".join(dict.fromkeys(part.on for part in parts if part.on))
    outcomes = [part.test.outcome for part in parts]
    names = [name if outcomes.count(name) == 1 else f"{name} in {part.test.contrast}" for name, part in zip(outcomes, parts, strict=True)]
    return DEPENDS, "what is measured: " + ", ".join(f"{name} {part.verdict}" for name, part in zip(names, parts, strict=True))


def verdicts(parts: Sequence[Verdict]) -> pd.DataFrame:
    """A row a claim of the register: id, kind, core, topic, verdict, on; claims tested as another have that one's."""
    by_claim: dict[str, list[Verdict]] = {}
    for part in parts:
        by_claim.setdefault(part.test.claim, []).append(part)
    rows = []
    for claim in register().values():
        verdict, on = of_claim(claim, by_claim.get(claim.same_as or claim.id, []))
        rows.append([claim.id, claim.kind, claim.scope or "-", claim.topic, claim.same_as or "-", verdict, on or "-"])
    return pd.DataFrame(rows, columns=["claim", "kind", "scope", "topic", "same_as", "verdict", "on"])


def tally(claims: pd.DataFrame, core: bool = True) -> Mapping[str, int]:
    """How many claims have each verdict: of the core causal claims, or of all others."""
    wanted = claims[(claims["kind"] == "causal") & (claims["scope"] == "core")] if core else claims
    counts = wanted["verdict"].value_counts()
    return {verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS}
