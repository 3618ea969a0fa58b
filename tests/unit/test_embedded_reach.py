from __future__ import annotations

from pathlib import Path

import pytest

from e2e_validator.embedded.reach import reachable_by_all

ALL, OWNER = 0o755, 0o700


@pytest.mark.parametrize(
    ("folder", "binary", "reachable"), [(ALL, ALL, True), (OWNER, ALL, False), (ALL, OWNER, False)]
)
def test_binaries_in_a_private_folder_cannot_run_as_another(
    tmp_path: Path, folder: int, binary: int, reachable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "postgres").touch(binary)
    (home / "postgres").chmod(binary)
    home.chmod(folder)
    # Pytest's own folder is private: only what lies below it is looked at.
    monkeypatch.setattr(type(home), "parents", property(lambda path: [path.parent]))
    assert reachable_by_all(home / "postgres") is reachable
