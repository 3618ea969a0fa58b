"""Tarballs that nobody should send."""

from __future__ import annotations

import gzip
import io
import tarfile
from functools import cache

from hypothesis import strategies as st

from .nasty import TEXTS, damaged
from .originals import members, packed

NAMES = ("manifest.json", "x.csv", "./manifest.json", "/etc/x", "../x", "a/../../x", "a/b", "a", "", ".", *TEXTS)
KINDS = (
    *(tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_SPARSE, b"Z"),
)
SIZES = (1, 511, 512, 10**6, 300 * 1024**2, 8 * 1024**4, 2**62)
PAX = (
    "path",
    "size",
    "linkpath",
    "mtime",
    "uid",
    "GNU.sparse.map",
    "GNU.sparse.size",
    "GNU.sparse.major",
    "hdrcharset",
)
FORMATS = (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@st.composite
def _member(draw: st.DrawFn) -> bytes:
    """A header with its content, which may not be what it claims."""
    name = _encodable(draw(st.sampled_from(NAMES)))
    info = tarfile.TarInfo(name)
    info.type = draw(st.sampled_from(KINDS))
    info.linkname = draw(st.sampled_from(["", "manifest.json", "/etc/passwd", name]))
    content = draw(st.sampled_from([b"", b"{}", *list(members().values())[:2]]) | st.binary(max_size=600))
    info.size = draw(st.sampled_from(SIZES)) if draw(st.integers(0, 2)) == 0 else len(content)
    if draw(st.integers(0, 3)) == 0:
        keys = draw(st.lists(st.sampled_from(PAX), min_size=1, max_size=3))
        info.pax_headers = {key: _encodable(draw(st.sampled_from(TEXTS))) for key in keys}
    try:
        header = info.tobuf(draw(st.sampled_from(FORMATS)), errors="replace")
    except ValueError:
        header = b"\xff" * 512
    padding = -len(content) % 512
    return header + content + b"\0" * padding


@st.composite
def archive(draw: st.DrawFn) -> bytes:
    """A tar.gz that is wrong in some way."""
    kind = draw(st.sampled_from(["members", "bytes", "tar", "many", "bomb", "plain", "whole"]))
    if kind == "bytes":
        return draw(damaged([packed(members())]))
    if kind == "plain":
        return draw(st.binary(max_size=2000))
    if kind == "tar":
        inside = draw(damaged([gzip.decompress(packed(members()))]))
        return gzip.compress(inside, 1)
    if kind == "many":
        return _many(draw(st.sampled_from([100, 2001])))
    if kind == "bomb":
        return _bomb(draw(st.sampled_from(["manifest.json", "x.csv", "x"])), draw(st.sampled_from([1, 20, 300])))
    parts = draw(st.lists(_member(), min_size=1, max_size=5))
    if kind == "whole":
        parts.append(gzip.decompress(packed(members())))
    raw = b"".join(parts) + b"\0" * 1024
    return gzip.compress(raw, 1) if draw(st.booleans()) else raw


@cache
def _many(count: int) -> bytes:
    return packed({f"{number}.csv": b"" for number in range(count)})


@cache
def _bomb(name: str, mib: int) -> bytes:
    """Zeros that take a thousandth of what they unfold to."""
    info = tarfile.TarInfo(name)
    info.size = mib * 1024**2
    raw, zeros = io.BytesIO(), b"\0" * 1024**2
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as stream:
        stream.write(info.tobuf(tarfile.PAX_FORMAT))
        for _ in range(mib):
            stream.write(zeros)
    return raw.getvalue()
