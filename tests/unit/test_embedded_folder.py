from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections import namedtuple
from pathlib import Path

import pytest

from e2e_validator.embedded import folder as folder_module
from e2e_validator.embedded.folder import LOCK, make_folder, sweep
from e2e_validator.embedded.litter import SOCKETS_LIST, remove_stack
from e2e_validator.errors import Blocked

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - what shutil returns


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    short = tmp_path / "b"
    short.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    monkeypatch.setattr(folder_module, "_LONGEST_BASE", 1000)
    monkeypatch.setattr(folder_module, "reachable_by_all", lambda _: True)  # pytest's folder is private
    return short


def test_a_folder_whose_keeper_lives_is_never_swept(base: Path) -> None:
    folder, lock = make_folder()
    assert sweep(base) == []
    assert folder.is_dir()
    os.close(lock)


def test_a_folder_without_its_keeper_is_swept_by_the_next_start(base: Path) -> None:
    folder, lock = make_folder()
    (folder / "pg").mkdir()
    os.close(lock)
    following, lock = make_folder()
    assert not folder.exists()
    assert following.is_dir()
    os.close(lock)


def test_a_folder_without_lock_is_swept_only_when_old(base: Path) -> None:
    half_removed = base / "e2ev-x"
    half_removed.mkdir()
    assert sweep(base) == []
    an_hour_ago = time.time() - 3600
    os.utime(half_removed, (an_hour_ago, an_hour_ago))
    assert sweep(base) == [half_removed]


def test_a_start_that_was_killed_before_its_lock_is_swept_later(base: Path) -> None:
    staging = base / ".e2ev-x"
    staging.mkdir()
    assert sweep(base) == []
    an_hour_ago = time.time() - 3600
    os.utime(staging, (an_hour_ago, an_hour_ago))
    assert sweep(base) == [staging]


def test_a_link_with_our_prefix_is_left_alone(base: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / LOCK).touch()
    (base / "e2ev-link").symlink_to(precious)
    assert sweep(base) == []
    assert precious.is_dir()


def test_another_users_folder_is_left_alone(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, lock = make_folder()
    os.close(lock)
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert sweep(base) == []


@pytest.mark.parametrize(
    ("total_mib", "free_mib", "enough"), [(1000, 511, False), (1000, 530, True), (1_000_000, 9_000, False)]
)
def test_too_little_disk_space_is_said_in_one_sentence(
    base: Path, monkeypatch: pytest.MonkeyPatch, total_mib: int, free_mib: int, enough: bool
) -> None:
    mib = 1024**2
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total_mib * mib, 0, free_mib * mib))
    if enough:
        os.close(make_folder()[1])
        return
    with pytest.raises(Blocked, match=rf"^No disk space: .* {free_mib} MiB are free; free some or set TMPDIR\.$"):
        make_folder()
    assert list(base.iterdir()) == []


def test_no_permission_is_said_in_one_sentence(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(Blocked, match=r"^No permission to write in .*; set TMPDIR"):
        make_folder()


def test_a_temporary_folder_with_a_long_name_is_not_used(
    base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 80)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(folder_module, "_LONGEST_BASE", 70)
    assert folder_module._base() == Path("/tmp")  # noqa: S108 - the fallback


@pytest.mark.parametrize(("user", "chosen"), [(0, "/tmp"), (1000, "own")])  # noqa: S108 - the fallback
def test_a_folder_that_only_root_can_enter_is_not_used_by_root(
    base: Path, monkeypatch: pytest.MonkeyPatch, user: int, chosen: str
) -> None:
    monkeypatch.setattr(folder_module, "reachable_by_all", lambda _: False)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert folder_module._base() == (base.resolve() if chosen == "own" else Path(chosen))


def test_dead_sockets_outside_go_and_live_or_foreign_ones_stay(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    folder.mkdir()
    name = f"/tmp/seaweedfs-unittest-{os.getpid()}"  # noqa: S108 - where the real ones are
    dead, live, foreign = f"{name}-dead.sock", f"{name}-live.sock", tmp_path / "foreign.sock"
    with socket.socket(socket.AF_UNIX) as abandoned, socket.socket(socket.AF_UNIX) as listening:
        abandoned.bind(dead)
        listening.bind(live)
        listening.listen()
        foreign.touch()
        (folder / SOCKETS_LIST).write_text("\n".join([dead, live, str(foreign)]))
        try:
            remove_stack(folder)
            assert [Path(path).exists() for path in (dead, live, folder)] == [False, True, False]
            assert foreign.exists()
        finally:
            Path(live).unlink(missing_ok=True)
            Path(dead).unlink(missing_ok=True)
