"""constraints.txt: a version of everything that pyproject.toml declares, within what it allows, and no address."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
LINES = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def declared() -> list[Requirement]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [*project["dependencies"], *(text for extra in project["optional-dependencies"].values() for text in extra)]
    return [one for one in map(Requirement, texts) if one.name != "e2e-validator"]


def test_every_line_is_a_name_and_a_version() -> None:
    assert LINES[0].startswith("# Made by 'make lock'")
    assert [line for line in LINES[1:] if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+]+", line)] == []


def test_what_is_declared_is_locked_within_what_is_allowed() -> None:
    locked = {canonicalize_name(name): version for name, version in (line.split("==") for line in LINES[1:])}
    missing = [one.name for one in declared() if canonicalize_name(one.name) not in locked]
    assert missing == []
    assert [str(one) for one in declared() if locked[canonicalize_name(one.name)] not in one.specifier] == []


def test_a_report_of_pip_becomes_names_and_versions() -> None:
    constraints = runpy.run_path(str(CHECKOUT / ".ci" / "lock.py"))["constraints"]
    report = """{"install": [
        {"metadata": {"name": "zed", "version": "2"}, "download_info": {"url": "scheme://elsewhere/zed"}},
        {"metadata": {"name": "Alpha", "version": "1.5"}},
        {"metadata": {"name": "e2e-validator", "version": "0.1"}}
    ]}"""
    assert constraints(report).splitlines()[1:] == ["Alpha==1.5", "zed==2"]
