from __future__ import annotations

from typing import NoReturn

import pytest

from e2e_validator.embedded.endpoints import Endpoints
from e2e_validator.embedded.foreground import _show, run_foreground
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


def test_the_table_shows_every_address_whole_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    dsn = f"postgresql://koku:{'p' * 60}@127.0.0.1:1/koku"
    _show(Endpoints("http://k/", "http://m/", "http://s", "AK", "SK", dsn), as_json=False)
    out = capsys.readouterr().out
    assert f"dsn           {dsn}\n" in out
    assert "buckets       ingress ocp-ingress, archive koku-bucket, ros ros-data\n" in out
