"""Archives that others made: what is taken, what is refused, and how little memory it takes to say so."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e_validator import archive
from e2e_validator.archive import ArchiveError, extract, find_member

TIB = 1024**4


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """One member with its content, as bytes of a tar."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    body = content if kind == tarfile.REGTYPE else b""
    return info.tobuf(tarfile.PAX_FORMAT) + body + b"\0" * (-len(body) % 512)


def claim(size: int, kind: bytes = tarfile.REGTYPE, name: str = "x.csv") -> bytes:
    """A header that claims ``size`` bytes, with nothing behind it."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def packed(*parts: bytes) -> bytes:
    return gzip.compress(b"".join(parts) + b"\0" * 1024, 1)


def pax(**headers: str) -> bytes:
    info = tarfile.TarInfo("x")
    info.pax_headers = headers
    return info.tobuf(tarfile.PAX_FORMAT)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes(255 - byte for byte in content[at : at + 20]) + content[at + 20 :]


BYTES = bytes(range(256)) * 400
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "it is empty"),
    "text": (b"this is not a tar archive" * 40, "it is no tar.gz"),
    "gzip of nothing": (gzip.compress(b""), "empty file"),
    "8 TiB claimed": (packed(claim(8 * TIB)), "with the member 'x.csv' it has more than 256 MiB"),
    "8 TiB of a header": (packed(claim(8 * TIB, tarfile.XHDTYPE)), "a header of it claims 8,796,093,022,208 bytes"),
    "8 TiB of a name": (packed(claim(8 * TIB, tarfile.GNUTYPE_LONGNAME)), "a header of it claims 8,796,093,022,208"),
    "a size of many digits": (packed(pax(size="9" * 30)), "it has more than 256 MiB"),
    "a size below 0": (packed(pax(size="-9")), "the member 'x' is no plain file"),
    "linked to itself": (packed(member("manifest.json", kind=tarfile.SYMTYPE, link="manifest.json")), "no plain file"),
    "hard link": (packed(member("manifest.json", kind=tarfile.LNKTYPE, link="manifest.json")), "no plain file"),
    "device": (packed(member("x", kind=tarfile.CHRTYPE)), "no plain file"),
    "pipe": (packed(member("x", kind=tarfile.FIFOTYPE)), "no plain file"),
    "sparse": (packed(claim(0, tarfile.GNUTYPE_SPARSE)), "no plain file"),
    "absolute": (packed(member("/etc/x")), "the member '/etc/x' is outside of the folder"),
    "upwards": (packed(member("a/../../x")), "is outside of the folder"),
    "line break": (packed(member("a\nb")), r"the member 'a\\nb' has a character in its name"),
    "escape": (packed(member("\x1b[31mx")), r"the member '\\x1b\[31mx' has a character in its name"),
    "NUL": (packed(pax(path="a\0b")), r"the member 'a\\x00b' has a character in its name"),
    "half a character": (packed(member("a\udcff")), r"the member 'a\\udcff' has a character in its name"),
    "long name": (packed(member("a" * 300)), r"the name of the member 'a+\.\.\.' \(300 characters\) is too long"),
    "long path": (packed(member("a/" * 2048 + "b")), "is too long"),
    "file, then folder": (packed(member("a"), member("a/b")), "the member 'a/b' is a file and a folder"),
    "folder, then file": (packed(member("a/b"), member("a")), "the member 'a' is a file and a folder"),
    "many": (packed(*(member(f"{number}", b"") for number in range(archive.MAX_MEMBERS + 1))), "more than 2,000 mem"),
    "cut off": (packed(member("x", BYTES))[:400], "ended before the end-of-stream marker"),
    "corrupt": (flipped(packed(member("x", BYTES)), 60), "while decompressing|bad checksum|invalid"),
    "headers of headers": (packed(*(claim(0, tarfile.XHDTYPE) for _ in range(5000))), "headers are nested too deeply"),
}


ONLY_COMPRESSED = {"nothing", "text", "cut off", "corrupt", "gzip of nothing"}


@pytest.mark.parametrize(
    ("case", "compressed"),
    [(case, True) for case in REFUSED] + [(case, False) for case in sorted(REFUSED.keys() - ONLY_COMPRESSED)],
)
def test_what_cannot_be_taken_is_one_clause_and_writes_nothing(tmp_path: Path, case: str, compressed: bool) -> None:
    content, reason = REFUSED[case]
    if not compressed:
        content = gzip.decompress(content)
    path = tmp_path / "x.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=reason) as caught:
        extract(path, tmp_path / "inside" / "deep")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
    outside = [file for file in tmp_path.rglob("*") if file.is_file() and "inside" not in file.parts]
    assert outside == [path]


@pytest.mark.parametrize("compress", [packed, lambda *parts: b"".join(parts) + b"\0" * 1024])
def test_plain_files_are_taken_and_of_several_the_last(tmp_path: Path, compress: Callable[..., bytes]) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(
        compress(member("./manifest.json", b"1"), member("a/b.csv", BYTES), member("manifest.json", b"22"))
    )
    extract(path, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == b"22"
    assert (tmp_path / "out" / "a" / "b.csv").read_bytes() == BYTES
    assert find_member(path, "manifest.json", 10) == b"22"
    assert find_member(path, "b.csv", 10) is None


def test_a_pattern_is_found_across_blocks(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    for before in (0, archive._BLOCK - 3, 2 * archive._BLOCK - 1):
        path.write_bytes(packed(member("a.txt", b"needle"), member("b.csv", b"x" * before + b"needle" + b"y" * 10)))
        assert archive.search(path, ".csv", re.compile(b"needle"), 6) == ("b.csv", b"needle")
        assert archive.search(path, ".csv", re.compile(b"nadel"), 6) is None


def test_a_member_above_its_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(packed(member("manifest.json", BYTES)))
    with pytest.raises(ArchiveError, match=r"the member 'manifest.json' has more than 0 MiB"):
        find_member(path, "manifest.json", 1000)


def bomb(mib: int) -> bytes:
    raw, zeros = io.BytesIO(), b"\0" * 1024**2
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as stream:
        stream.write(claim(mib * 1024**2))
        for _ in range(mib):
            stream.write(zeros)
        stream.write(b"\0" * 1024)
    return raw.getvalue()


@pytest.mark.parametrize(("mib", "taken"), [(40, True), (257, False)])
def test_members_are_streamed(tmp_path: Path, mib: int, *, taken: bool) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(bomb(mib))
    tracemalloc.start()
    try:
        if taken:
            extract(path, tmp_path / "out")
        else:
            with pytest.raises(ArchiveError, match="more than 256 MiB"):
                extract(path, tmp_path / "out")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024**2
    assert (tmp_path / "out" / "x.csv").exists() is taken


def test_small_members_add_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 2 * 1024**2)
    path = tmp_path / "x.tar.gz"
    path.write_bytes(packed(*(member(f"{number}.csv", b"x" * 1024**2) for number in range(3))))
    with pytest.raises(ArchiveError, match=r"with the member '2.csv' it has more than 2 MiB"):
        extract(path, tmp_path / "out")


def test_a_fault_of_the_disk_is_not_the_archives(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(packed(member("a")))
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FileExistsError):
        extract(path, tmp_path / "out")
    with pytest.raises(OSError, match="No such file"):
        extract(tmp_path / "none.tar.gz", tmp_path / "there")
