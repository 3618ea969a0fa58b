"""Folders with secrets end with their process: by itself, or at the next start of anybody's run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from patience import came

from e2e_validator.plugin import handover

MAKE = """
import sys, time
from e2e_validator.plugin import handover
folder = handover.Folder.make()
handover.leave(folder.path, {"target": "a secret"})
print(folder.path, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def own_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders for temporary files of the test's own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_folder_outlives_a_sweep_while_its_process_lives(own_tmp: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", MAKE], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        handover.sweep()
        assert (folder / "target").exists()
        assert {path.stat().st_mode & 0o077 for path in (folder, folder / "target")} == {0}
        os.kill(process.pid, signal.SIGKILL)
    assert came(lambda: process.poll() is not None)
    assert folder.exists()
    handover.sweep()
    assert list(own_tmp.iterdir()) == []


def test_a_folder_is_removed_by_its_owner(own_tmp: Path) -> None:
    folder = handover.Folder.make()
    handover.leave_secrets(folder.path, "gw0", ["a secret"])
    folder.remove()
    assert list(own_tmp.iterdir()) == []


def test_one_whose_making_was_cut_off_goes_after_a_while(own_tmp: Path) -> None:
    hidden = own_tmp / ".e2e-handover-abc"
    hidden.mkdir(mode=0o700)
    handover.sweep()
    assert hidden.exists()
    os.utime(hidden, (time.time() - 3600,) * 2)
    handover.sweep()
    assert not hidden.exists()


def test_what_only_looks_like_one_stays(own_tmp: Path) -> None:
    (own_tmp / "elsewhere").mkdir()
    (own_tmp / "e2e-handover-link").symlink_to(own_tmp / "elsewhere")
    (own_tmp / "e2e-handover-file").touch()
    handover.sweep()
    assert sorted(path.name for path in own_tmp.iterdir()) == ["e2e-handover-file", "e2e-handover-link", "elsewhere"]


def test_processes_of_a_run_share_a_folder_that_is_not_swept(own_tmp: Path) -> None:
    path = handover.new_path()
    assert list(own_tmp.iterdir()) == []
    first = handover.Folder.at(path)
    handover.leave_note(path, "phases", ["a"])
    second = handover.Folder.at(path)
    first.lock.close()
    handover.sweep()
    assert handover.note(path, "phases") == ["a"]
    assert [one.name for one in own_tmp.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o077 == 0
    second.lock.close()
    handover.sweep()
    assert list(own_tmp.iterdir()) == []
