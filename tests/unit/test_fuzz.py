"""Every reader ends in a sentence, whatever it is given; ``python -m tests.fuzz`` tries thousands."""

from __future__ import annotations

import collections

import pytest
from fuzz.__main__ import run
from fuzz.inputs import KINDS

EXAMPLES = 25
SEED = 9


@pytest.mark.parametrize("kind", KINDS)
def test_bad_input_of_each_kind_ends_in_a_sentence(kind: str) -> None:
    codes: collections.Counter[int] = collections.Counter()
    run(kind, EXAMPLES, SEED, codes)
    assert sum(codes.values()) >= EXAMPLES - 5
    assert set(codes) & {2, 4, 12}, "nothing of it was bad"
