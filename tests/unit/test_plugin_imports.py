"""What pytest loads of this package in a project that has nothing to do with scenarios."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIGHT = {
    "e2e_validator",
    "e2e_validator.errors",
    "e2e_validator.plugin",
    "e2e_validator.plugin.lookout",
    "e2e_validator.plugin.newhooks",
    "e2e_validator.plugin.options",
    "e2e_validator.plugin.ours",
    "e2e_validator.scenario",
    "e2e_validator.scenario.file_kind",
}
# What tells workers which run they would belong to.
WITH_WORKERS = LIGHT | {
    "e2e_validator.moments",
    "e2e_validator.plugin.handover",
    "e2e_validator.plugin.run_identity",
    "e2e_validator.slowness",
    "e2e_validator.whole_file",
}
# Libraries of ours that pytest and pytest-xdist do not load themselves.
HEAVY = {
    *("allure", "allure_commons", "allure_pytest", "boto3", "botocore", "certifi", "click", "confluent_kafka"),
    *("cryptography", "jwt", "kafka", "kubernetes", "minio", "psycopg", "pyarrow", "pydantic", "redis", "requests"),
    *("rich", "starlette", "tenacity", "urllib3", "uvicorn", "websocket", "yaml"),
}
RUN = """
import sys, pytest
code = pytest.main(["-q", "-p", "e2e_validator.plugin", *sys.argv[1:]])
print(int(code), *sorted(sys.modules))
"""


@pytest.fixture
def guest(tmp_path: Path) -> Path:
    """A project of others, with YAML in a folder called ``scenarios``."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (tmp_path / "test_x.py").write_text("def test_x(): pass\n")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "shop.yaml").write_text("version: 1\nsteps: []\n")
    return tmp_path


def loaded(guest: Path, *arguments: str) -> set[str]:
    """The modules in memory at the end of pytest."""
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-c", RUN, *arguments]
    done = subprocess.run(command, cwd=guest, env=env, check=True, capture_output=True, text=True, timeout=300)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0", done.stdout
    return set(modules)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [(("--collect-only",), LIGHT), (("-p", "xdist", "-n", "1"), WITH_WORKERS)],
    ids=["plain", "n1"],
)
def test_a_project_without_scenarios_loads_next_to_nothing(
    guest: Path, arguments: tuple[str, ...], allowed: set[str]
) -> None:
    modules = loaded(guest, *arguments)
    assert {name for name in modules if name.startswith("e2e_validator")} == allowed
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()


def test_a_scenario_is_seen_to_load_the_rest(guest: Path) -> None:
    header = "# yaml-language-server: $schema=e2e_validator/scenario/scenario.schema.json\n"
    text = "version: 1\nname: ours\ndescription: Why.\ndata: {payloads: recordings/one_pod_day}\n"
    (guest / "ours.yaml").write_text(header + text)
    (guest / "fixtures").symlink_to(Path(__file__).parents[2] / "fixtures")
    modules = loaded(guest, "--collect-only")
    assert {"pydantic", "e2e_validator.plugin.hooks"} <= modules
    assert "e2e_validator.plugin.execute" not in modules
