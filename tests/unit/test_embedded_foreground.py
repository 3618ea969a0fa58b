from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import pytest

from e2e_validator.deployment.endpoints import from_file
from e2e_validator.embedded.endpoints import Endpoints
from e2e_validator.embedded.faults.control import ControlAddress
from e2e_validator.embedded.foreground import _show, run_foreground
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.errors import Blocked, UsageError

CONTROL = ControlAddress("http://127.0.0.1:9/", "the-token")
ENDPOINTS = Endpoints(
    "http://k/api/cost-management/v1/", "http://m/api/cost-management/v1/", "http://s:9", "AK", "SK", "host=x"
)


def test_a_stack_that_cannot_start_is_one_sentence_and_exit_10(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> NoReturn:
        raise Blocked("No disk space: the embedded stack needs 512 MiB.")

    monkeypatch.setattr(EmbeddedStack, "start", refuse)
    assert run_foreground(today=None, as_json=True, pace="fast") == 10
    assert capsys.readouterr() == ("", "No disk space: the embedded stack needs 512 MiB.\n")


def test_a_factor_that_is_none_is_no_trouble_of_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("E2E_SLOWNESS", "snail")
    with pytest.raises(UsageError) as refused:
        run_foreground(today=None, as_json=True, pace="fast")
    assert str(refused.value) == "E2E_SLOWNESS snail: is not a factor; write a number from 1 to 1000, such as 4."


def test_the_table_shows_addresses_whole_on_any_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    dsn = f"postgresql://koku:{'p' * 60}@127.0.0.1:1/koku"
    _show(Endpoints("http://k/", "http://m/", "http://s", "AK", "SK", dsn), CONTROL, as_json=False)
    out = capsys.readouterr().out
    assert f"dsn           {dsn}\n" in out
    assert "buckets       ingress ocp-ingress, archive koku-bucket, ros ros-data\n" in out
    assert "control_url   http://127.0.0.1:9/\n" in out
    assert "control_token the-token\n" in out


def test_the_control_address_may_stand_in_a_target_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _show(ENDPOINTS, CONTROL, as_json=True)
    out = capsys.readouterr().out
    printed = json.loads(out)
    assert printed["control"] == {"control_url": "http://127.0.0.1:9/", "control_token": "the-token"}
    (tmp_path / "stack.json").write_text(out)
    target = from_file(tmp_path / "stack.json")
    assert target.koku_url == ENDPOINTS.koku_url
    assert "the-token" not in target.model_dump_json()
