"""What was generated before is taken again, and only that."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from e2e_validator.generate.cache import VARIABLE, GeneratedCache, cache_of, turn_off

FILES = {"pods": b"a,b\r\n1,2\r\n", "nodes": b""}


def made(folder: Path, **contents: bytes) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


def targets(folder: Path) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return {name: folder / name for name in FILES}


def kept(tmp_path: Path, *requests: str, most_bytes: int = 10**6) -> GeneratedCache:
    cache = GeneratedCache(tmp_path / "cache", most_bytes)
    for number, request in enumerate(requests):
        cache.keep(request, made(tmp_path / "made", **FILES))
        os.utime(cache._entry(request), (1000 + number, 1000 + number))
    return cache


def test_what_was_kept_is_taken_byte_for_byte(tmp_path: Path) -> None:
    cache, there = kept(tmp_path, "one"), targets(tmp_path / "there")
    assert cache.take("one", there)
    assert {name: path.read_bytes() for name, path in there.items()} == FILES
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


def test_another_request_or_other_files_find_nothing(tmp_path: Path) -> None:
    cache, there = kept(tmp_path, "one"), targets(tmp_path / "there")
    assert not cache.take("two", there)
    assert not cache.take("one", {"pods": there["pods"]})
    assert not any(path.exists() for path in there.values())


def test_an_entry_under_the_name_of_another_is_not_taken(tmp_path: Path) -> None:
    cache = kept(tmp_path, "one")
    cache._entry("one").rename(cache._entry("two"))
    assert not cache.take("two", targets(tmp_path / "there"))


@pytest.mark.parametrize("at", [0, 5, -60, -9, -1])
def test_a_damaged_byte_makes_an_entry_none(tmp_path: Path, at: int) -> None:
    cache, there = kept(tmp_path, "one"), targets(tmp_path / "there")
    entry = cache._entry("one")
    content = bytearray(entry.read_bytes())
    content[at] ^= 0xFF
    entry.write_bytes(content)
    # Bytes 4 to 9 of gzip's header are a time and an operating system: no file depends on them.
    assert cache.take("one", there) == (at == 5)
    assert entry.exists() == (at == 5)


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: text + b"x", lambda text: text[:20]])
def test_an_entry_that_is_cut_or_longer_is_none(tmp_path: Path, change: object) -> None:
    cache, there = kept(tmp_path, "one"), targets(tmp_path / "there")
    entry = cache._entry("one")
    entry.write_bytes(gzip.compress(change(gzip.decompress(entry.read_bytes()))))  # type: ignore[operator]
    assert not cache.take("one", there)
    assert not entry.exists()
    assert not any(path.exists() for path in there.values())


def test_a_figure_changed_with_a_right_checksum_is_seen(tmp_path: Path) -> None:
    cache = kept(tmp_path, "one")
    entry = cache._entry("one")
    entry.write_bytes(gzip.compress(gzip.decompress(entry.read_bytes()).replace(b"1,2", b"1,3")))
    assert not cache.take("one", targets(tmp_path / "there"))


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    size = kept(tmp_path, "any")._entry("any").stat().st_size
    cache = kept(tmp_path / "small", "one", "two", "three", most_bytes=2 * size + size // 2)
    there = targets(tmp_path / "there")
    assert [cache.take(request, there) for request in ("one", "two", "three")] == [False, True, True]


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path: Path) -> None:
    cache = kept(tmp_path, most_bytes=5)
    cache.keep("one", made(tmp_path / "made", **FILES))
    assert not (tmp_path / "cache").exists()
    assert not cache.take("one", targets(tmp_path / "there"))


def test_a_draft_of_a_killed_process_goes_at_last(tmp_path: Path) -> None:
    cache = kept(tmp_path, "one")
    old, young = tmp_path / "cache" / ".x.gz.1", tmp_path / "cache" / ".y.gz.2"
    for draft in (old, young):
        draft.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    cache.keep("two", made(tmp_path / "made", **FILES))
    assert (old.exists(), young.exists()) == (False, True)


def test_a_folder_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    cache = kept(tmp_path)
    cache.keep("one", made(tmp_path / "made", **FILES))
    assert not cache.take("one", targets(tmp_path / "there"))


def test_the_variable_names_the_folder_or_turns_it_off() -> None:
    assert cache_of({VARIABLE: " OFF "}) is None
    assert cache_of({VARIABLE: "/x/y"}) == GeneratedCache(Path("/x/y"))
    assert cache_of({"XDG_CACHE_HOME": "/c"}) == GeneratedCache(Path("/c/e2e-validator/nise"))
    usual = cache_of({})
    assert usual is not None
    assert usual.folder.parts[-3:] == (".cache", "e2e-validator", "nise")


def test_an_option_turns_it_off_for_what_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/x/y")
    turn_off()
    assert cache_of() is None
    assert os.environ[VARIABLE] == "off"
