"""What looks like a scenario: one rule for what is collected and for what is said of a folder that gave none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from e2e_validator.scenario.places import looks_like_scenario


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("version: 1\nname: x\ndata: {template: one_pod.yml}\n", True),
        ("# yaml-language-server: $schema=../e2e_validator/scenario/scenario.schema.json\n", True),
        ("version: 1\nname: x\nperiod: {start: month, end: today}\n", False),
        ("version: 2\nname: x\ndata: {}\n", False),
        ("services: {}\nversion: 1\nname: x\n", False),
    ],
)
def test_a_file_looks_like_a_scenario_by_what_only_a_scenario_says(tmp_path: Path, text: str, looks: bool) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert looks_like_scenario(tmp_path / "x.yaml") is looks


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("pipe.yaml", "folder.yaml", "gone.yaml"):
        assert not looks_like_scenario(tmp_path / name)
