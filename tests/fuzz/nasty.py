"""Values that somebody's file will have one day, and changes that make a good document a bad one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Path = tuple[str | int, ...]

TEXTS = (
    *("", " ", "\n", "\t", "a\nb", "a\x00b", "\x1b[31mred\x1b[0m", "\ud800", "\ufeff", "\u202e", "é" * 300, "😀"),
    *("NULL", "null", "NaN", "inf", "-inf", "0x10", "1e999999999", "-1e-999999999", "9" * 5000, "1_000", "٣", "true"),
    *("0001-01-01", "9999-12-31", "9999-12-31T23:00", "10000-01-01", "2026-02-30", "0000-00-00", "2026-11-05T24:00"),
    *("today+999999999d", "today+99999d", "today-99999d", "month+9999m", "month-9999m", "today-999999h", "now"),
    *("2026-11-05 00:00:00 +0000 UTC", "9999-12-31 23:00:00 +0000 UTC", "0001-01-01 00:00:00 +0000 UTC", "25:61"),
    *("2026-11-05T00:00:00+99:99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "20261105", "-"),
    *("/etc/passwd", "../../x", "~/x", "..", ".", "a/../b", "x" * 4096, "a/" * 2048, "one_pod.yml", "a\\b"),
    *(
        "openshift",
        "Platform unallocated",
        "Worker unallocated",
        "Storage unattributed",
        "label_a:b:c",
        "label_a:b|",
        "|",
    ),
    *("${HOME}", "${X", "{{ start }}", "{% for %}", "!!python/object:os.system", "*a", "&a", "<<", "[", "{", "a: b"),
)
NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2**63, -(2**63) - 1, 10**100, 0.1, 1e308, 5e-324, float("nan"), float("inf"), -float("inf")),
)
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None}, {"a": {"b": {}}}, ["a", 1, None])


def _deep(depth: int, kind: str) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


def values() -> st.SearchStrategy[Any]:
    """One bad value."""
    return st.one_of(
        st.sampled_from(TEXTS),
        st.sampled_from(NUMBERS),
        st.sampled_from(OTHERS),
        st.text(max_size=40),
        st.integers(),
        st.floats(),
        st.builds(_deep, st.sampled_from([40, 60, 150]), st.sampled_from(["list", "dict"])),
        st.builds(
            lambda text, times: text * times, st.sampled_from(["a", "1", "é", "\n"]), st.sampled_from([300, 70_000])
        ),
    )


@st.composite
def whole(draw: st.DrawFn) -> Any:
    """A document that nobody meant."""
    return draw(_WHOLE)


# Made once: hypothesis names a strategy by all it is made of.
_WHOLE = st.recursive(values(), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner))


def places(data: Any, here: Path = ()) -> Iterator[Path]:
    """Where something stands in ``data``, the whole of it first."""
    yield here
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield from places(value, (*here, key))


def put(data: Any, place: Path, value: Any) -> Any:
    """A copy of ``data`` with ``value`` at ``place``."""
    if not place:
        return value
    key, rest = place[0], place[1:]
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    copy[key] = put(data[key], rest, value)
    return copy


def renamed(data: Any, place: Path, key: str) -> Any:
    """A copy of ``data`` in which the mapping's key at the end of ``place`` has another name."""
    holder = data
    for step in place[:-1]:
        holder = holder[step]
    if not place or not isinstance(holder, dict):
        return data
    return put(data, place[:-1], {key if name == place[-1] else name: value for name, value in holder.items()})


@st.composite
def changed(draw: st.DrawFn, documents: list[Any]) -> Any:
    """One of ``documents`` with one to three of its values, or names, made bad."""
    data = draw(st.sampled_from(documents))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(places(data))))
        if draw(st.integers(0, 5)) == 0:
            data = renamed(data, place, draw(st.sampled_from(TEXTS) | st.text(max_size=8)))
        else:
            data = put(data, place, draw(values()))
    return data


@st.composite
def damaged(draw: st.DrawFn, contents: list[bytes]) -> bytes:
    """One of ``contents`` with bytes put in, taken out, cut off or repeated."""
    content = draw(st.sampled_from(contents))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 20)))
        put_in = draw(
            st.binary(max_size=8)
            | st.sampled_from([text.encode("utf-8", "surrogatepass")[:6000] for text in TEXTS])
            | st.sampled_from(
                [b"[" * 5000, b'{"a":' * 5000, b"- " * 3000, b"9" * 5000, b"\x1f\x8b", b"\xff\xfe", b"\0" * 512]
            )
            | st.just(content[start:end] * 3)
        )
        content = content[:start] + put_in + content[end:]
        if draw(st.integers(0, 9)) == 0:
            content = content[: draw(st.integers(0, len(content)))]
    return content
