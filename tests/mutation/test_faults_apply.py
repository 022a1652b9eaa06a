"""Every seeded fault still fits the present sources. Truth: the sources' own text (docs/mutation.md says what the faults are for)."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from abm.model.quarter import PHASE_NAMES
from tests.mutation.faults import FAULTS, KINDS, Fault

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_old_text_is_there_once_and_the_new_one_is_python(fault: Fault) -> None:
    text = (ROOT / "abm" / "model" / fault.file).read_text()
    assert text.count(fault.old) == 1
    assert ast.dump(ast.parse(text)) != ast.dump(ast.parse(text.replace(fault.old, fault.new)))


def test_the_table_covers_every_phase_and_kind() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 45
    by_phase = Counter(Path(fault.file).stem for fault in FAULTS)
    assert all(by_phase[phase] >= 4 for phase in PHASE_NAMES), by_phase
    assert {fault.kind for fault in FAULTS} == set(KINDS)
