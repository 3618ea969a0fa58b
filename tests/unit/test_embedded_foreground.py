from __future__ import annotations

from typing import NoReturn

import pytest

from e2e_validator.embedded.foreground import run_foreground
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.errors import Blocked


def test_a_stack_that_cannot_start_is_one_sentence_on_stderr_and_exit_code_10(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> NoReturn:
        raise Blocked("No disk space: the embedded stack needs 512 MiB.")

    monkeypatch.setattr(EmbeddedStack, "start", refuse)
    assert run_foreground(today=None, as_json=True, pace="fast") == 10
    assert capsys.readouterr() == ("", "No disk space: the embedded stack needs 512 MiB.\n")
