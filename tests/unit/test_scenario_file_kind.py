"""Which YAML files are ours by their header, and which only look like scenarios."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from e2e_validator.scenario.file_kind import carries_header, looks_like_scenario

HEADER = "# yaml-language-server: $schema=../e2e_validator/scenario/scenario.schema.json\n"


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("version: 1\nname: x\ndata: {template: one_pod.yml}\n", True),
        (HEADER, False),
        ("version: 1\nname: x\nperiod: {start: month, end: today}\n", False),
        ("version: 2\nname: x\ndata: {}\n", False),
        ("services: {}\nversion: 1\nname: x\n", False),
    ],
)
def test_a_file_looks_like_a_scenario_by_its_keys(tmp_path: Path, text: str, looks: bool) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert looks_like_scenario(tmp_path / "x.yaml") is looks


@pytest.mark.parametrize(
    ("text", "carries"),
    [
        (HEADER, True),
        (f"\ufeff{HEADER}", True),
        (HEADER.replace("\n", "\r\n"), True),
        (f"# Why.\n\n---\n{HEADER}version: 1\n", True),
        ("#yaml-language-server: $schema=https://example.com/e2e-validator/scenario.schema.json", True),
        ("# yaml-language-server: $schema=/home/a b/site-packages/e2e_validator/scenario/scenario.schema.json\n", True),
        ("# yaml-language-server: $schema=../schemas/scenario.schema.json\n", False),
        ("# yaml-language-server: $schema=../e2e_validator/other.schema.json\n", False),
        (f"version: 1\n{HEADER}", False),
        (f"text: |\n  {HEADER}", False),
        ("", False),
        ("\0\1\2", False),
    ],
)
def test_the_header_stands_before_the_first_key(tmp_path: Path, text: str, carries: bool) -> None:
    (tmp_path / "x.yaml").write_bytes(text.encode())
    assert carries_header(tmp_path / "x.yaml") is carries


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("pipe.yaml", "folder.yaml", "gone.yaml"):
        assert not looks_like_scenario(tmp_path / name)
        assert not carries_header(tmp_path / name)
