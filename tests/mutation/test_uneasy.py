"""The uneasy cases of the mutation check hold in the suite too. Truth: a differential oracle, the plain twin."""

from __future__ import annotations

import pytest

from tests.mutation.quick import cases
from tests.oracles.test_plain_twin import agree

CASES = cases()


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_twin_agrees_where_it_is_uneasy(number: int, compiled_model: None) -> None:
    agree(CASES[number])
