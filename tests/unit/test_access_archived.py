"""The objects of a source in the archive: what is missing of a day, and what is no parquet file."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from minio.error import S3Error

from e2e_validator.access.archived import read_archived
from e2e_validator.access.objects import Objects

STEM = "2026-11-01_manifestid-10_basefile-cur-1_batch-0"
CSV, RAW, DAILY = f"csv/{STEM}.csv", f"raw/{STEM}_0.parquet", f"daily/{STEM}_daily_0.parquet"
PREFIXES = ("csv/", "raw/", "daily/")
WHOLE = b"PAR1....PAR1"


class Store:
    """Objects by their keys; an error code in place of the content is what is answered."""

    archive = "archive"

    def __init__(self, **content: bytes | str) -> None:
        self.content: dict[str, bytes | str] = {CSV: b"a\n", RAW: WHOLE, DAILY: WHOLE, **content}

    def sizes(self, _bucket: str, prefix: str) -> dict[str, int]:
        return {key: len(content) for key, content in self.content.items() if key.startswith(prefix)}

    def end(self, _bucket: str, key: str, size: int, length: int) -> bytes:
        content = self.content[key]
        if isinstance(content, str):
            raise S3Error(SimpleNamespace(), content, "m", "/b", "r", "h")  # type: ignore[no-untyped-call,unused-ignore,arg-type]
        return content[size - length :]


def read(store: Store) -> tuple[list[str], list[str]]:
    found = read_archived(cast("Objects", store), PREFIXES)
    return found.missing(10), found.broken(10)


def test_a_whole_archive_lacks_nothing() -> None:
    assert read(Store()) == ([], [])


@pytest.mark.parametrize("content", [b"PAR1....PA", b"PAR", b""])
def test_an_object_that_is_cut_off_is_damaged(content: bytes) -> None:
    assert read(Store(**{DAILY: content})) == ([], [DAILY])


def test_an_object_of_another_manifest_is_not_this_ones() -> None:
    other = DAILY.replace("-10_", "-11_")
    assert read(Store(**{other: b"x"})) == ([], [])
    assert read_archived(cast("Objects", Store(**{other: b"x"})), PREFIXES).broken(11) == [other]


@pytest.mark.parametrize("key", [RAW, DAILY])
def test_what_is_not_there_is_missing(key: str) -> None:
    store = Store()
    del store.content[key]
    kind = "raw" if key == RAW else "daily"
    assert read(store) == ([f"{STEM}: {kind} parquet"], [])


def test_an_object_that_went_meanwhile_is_not_damaged() -> None:
    assert read(Store(**{DAILY: "NoSuchKey"})) == ([], [])
    with pytest.raises(S3Error):
        read(Store(**{DAILY: "AccessDenied"}))
