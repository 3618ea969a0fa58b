"""What unpacking takes, and what it refuses."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from e2e_validator.errors import HarnessError
from e2e_validator.providers.ocp.generate.tarball import unpack


def archive(*members: tarfile.TarInfo) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return raw.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.size = 3 if kind == tarfile.REGTYPE else 0
    return info


def test_plain_files_and_folders_are_taken(tmp_path: Path) -> None:
    unpack(archive(member("", tarfile.DIRTYPE), member("manifest.json"), member("deep/x.csv")), tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == (tmp_path / "deep" / "x.csv").read_bytes() == b"xxx"


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("../x", tarfile.REGTYPE, "is outside of the folder"),
        ("/x", tarfile.REGTYPE, "is outside of the folder"),
        ("a/../../x", tarfile.REGTYPE, "is outside of the folder"),
        ("x", tarfile.SYMTYPE, "is no plain file"),
        ("x", tarfile.LNKTYPE, "is no plain file"),
        ("x", tarfile.FIFOTYPE, "is no plain file"),
    ],
)
def test_what_would_write_elsewhere_is_refused(tmp_path: Path, name: str, kind: bytes, reason: str) -> None:
    inside = tmp_path / "inside"
    with pytest.raises(HarnessError, match=reason):
        unpack(archive(member(name, kind)), inside)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
