"""The judge takes a CSV file apart as pandas does for Koku, and says what counts for less than it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from expect_payloads import POD_COLUMNS, hours, payload, pod_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.numbers import Kind, read
from e2e_validator.providers.ocp.expect.cells import as_kept
from e2e_validator.providers.ocp.expect.csv_rows import Sheet, read_sheet
from e2e_validator.providers.ocp.expect.digest import digest
from e2e_validator.providers.ocp.expect.payload import read_files, read_payload
from e2e_validator.providers.ocp.payload_manifest import parse_manifest


def rows(sheet: Sheet) -> list[list[str]]:
    return [[sheet.columns[name][row] for name in sheet.header] for row in range(sheet.rows)]


@pytest.mark.parametrize(
    ("content", "header", "expected"),
    [
        (b"a,b,c\n1,2,3\n1,2,3,4\n5,6,7\n", ["a", "b", "c"], [["1", "2", "3"], ["5", "6", "7"]]),
        (b"\xef\xbb\xbfa,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        (b"a,b\n1,2\n   \n\t\n\n3,4\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        (b"\n\n  \na,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        (b"a,b\r\n1,2\r\n", ["a", "b"], [["1", "2"]]),
        (b'a,b\n1,"2\n3"\n', ["a", "b"], [["1", "2\n3"]]),
        (b'a,b\n1,2"x"y\n"a"b,"c""d"\n', ["a", "b"], [["1", '2"x"y'], ["ab", 'c"d']]),
        (b"a,b\n1,2\x00z\n", ["a", "b"], [["1", "2"]]),
        (b"a,b,a\n1,2,3\n", ["a", "b", "a.1"], [["1", "2", "3"]]),
        (b"a,a.1,a\n1,2,3\n", ["a", "a.1", "a.2"], [["1", "2", "3"]]),
        (b"a,,c\n1,2,3\n", ["a", "Unnamed: 1", "c"], [["1", "2", "3"]]),
        (b"a,b\n1\n", ["a", "b"], [["1", ""]]),
        (b"a,b", ["a", "b"], []),
    ],
)
@pytest.mark.parametrize("with_lines", [False, True])
def test_a_file_is_taken_apart(content: bytes, header: list[str], expected: list[list[str]], with_lines: bool) -> None:
    sheet = read_sheet(content, "x.csv", with_lines=with_lines)
    assert sheet is not None
    assert (list(sheet.header), rows(sheet)) == (header, expected)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \n"])
def test_a_file_without_a_header_is_none(content: bytes) -> None:
    assert read_sheet(content, "x.csv") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'a,b\n1,2\n1,"2\n3,4\n', "x.csv: a quote is opened and not closed up to line 4"),
        (b'a,"b\n', "x.csv: a quote is opened"),
        (b"a,b\n1,\xe9\n", "no UTF-8 text: x.csv, line 2"),
        (b"a,b,c\n1,2,3,4\n5,6,7\n", "The first row of x.csv, line 2, has 4 fields, the header 3"),
    ],
)
def test_what_ends_koku_is_said_with_the_line(content: bytes, said: str) -> None:
    with pytest.raises(Inconclusive, match=said):
        read_sheet(content, "x.csv")


def test_texts_are_kept_as_koku_keeps_them() -> None:
    assert as_kept("namespace", "null") == as_kept("pod_labels", "NA") == ""
    assert as_kept("storageclass", "a<b>&'\"") == "a&lt;b&gt;&amp;&#x27;&quot;"
    assert as_kept("pod_labels", "label_a:<b>") == "label_a:<b>"


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("1_000", 1000, Kind.NUMBER),
        (" 5 ", 5, Kind.NUMBER),
        ("+7", 7, Kind.NUMBER),
        ("1e3", 1000, Kind.NUMBER),
        ("1e-400", 0, Kind.NUMBER),
        ("", 0, Kind.NOTHING),
        ("0x10", 0, Kind.NO_NUMBER),
        ("NULL", 0, Kind.NO_NUMBER),
        ("NAN", 0, Kind.NO_NUMBER),
        ("1__0", 0, Kind.NO_NUMBER),
        ("inf", 0, Kind.NO_LIMIT),
        ("1e999", 0, Kind.NO_LIMIT),
        ("-Infinity", 0, Kind.BELOW_ALL),
    ],
)
def test_a_number_is_what_koku_reads(text: str, value: int, kind: Kind) -> None:
    cell = read(text)
    assert cell.value == value
    assert cell.kind is kind


def test_what_counts_for_less_is_said_with_file_and_line(tmp_path: Path) -> None:
    given_rows = pod_rows(hours(4))
    cells = ("abc", "2e18", "inf", "1")
    changed = [{**row, "pod_usage_cpu_core_seconds": cell} for row, cell in zip(given_rows, cells, strict=True)]
    data = read_payload(payload(tmp_path / "p", pods=[changed]))
    assert [(one.line, one.kept, one.text) for one in data.unread] == [
        (2, True, "abc"),
        (3, False, "2e18"),
        (4, False, "inf"),
    ]
    assert data.unread[1].cells["pod"] == "pod-1"
    raw = digest(data).raw["pod_usage", "2026-11-05"]
    assert raw["rows"] == 2
    assert raw["pod_usage_cpu_core_seconds"] == 1
    assert digest(data).as_sent["pod_usage", "2026-11-05"]["rows"] == 4


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("soon", "line 3: interval_start 'soon' is no time"),
        ("", "line 3: interval_start is empty"),
        ("0001-01-01 00:00:00 +0000 UTC", "is not between the years 1678 and 2261"),
        ("9999-12-31 23:00:00 +0000 UTC", "is not between the years 1678 and 2261"),
        ("2026-11-05T00:00:00+02:00", "is not in UTC"),
    ],
)
def test_a_start_that_is_no_time_is_a_sentence(start: str, said: str, tmp_path: Path) -> None:
    first, second = pod_rows(hours(2))
    folder = payload(tmp_path / "p", pods=[[first, {**second, "interval_start": start}]])
    with pytest.raises(Inconclusive, match=said) as caught:
        read_payload(folder)
    assert str(tmp_path) not in str(caught.value)


def said_of(read_it: Callable[[], object], kind: type[Exception]) -> str:
    """What a reader says of what it refuses; nothing when it takes it. Any other exception is a bug."""
    try:
        read_it()
    except kind as error:
        return str(error)
    return ""


HEADER = ",".join(POD_COLUMNS).encode() + b"\n"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_file_gives_a_sentence_and_nothing_else(content: bytes, headed: bool) -> None:
    assert "\n" not in said_of(lambda: read_files([HEADER + content if headed else content]), Inconclusive)


CELLS = st.one_of(
    st.sampled_from(["", "1", "nan", "-inf", "1e400", "0x1", "NA", '"', "2026-11-05 00:00:00 +0000 UTC"]),
    st.text(max_size=8),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=15, max_size=22), max_size=6))
def test_any_cells_give_a_sentence_and_nothing_else(table: list[list[str]]) -> None:
    content = HEADER + "\n".join(",".join(row) for row in table).encode("utf-8", "surrogatepass")
    assert "\n" not in said_of(lambda: read_files([content]), Inconclusive)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)
NAMES = st.sampled_from(["uuid", "cluster_id", "date", "files", "start", "end", "version", "daily_reports", "x"])


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(NAMES, VALUES))
def test_any_manifest_gives_a_clause_and_nothing_else(changed: dict[str, object]) -> None:
    whole: dict[str, object] = {
        "uuid": "0d07de90-6d7d-490a-86a8-abce939d2164",
        "cluster_id": "c",
        "date": "9999-12-31T23:59:59Z",
        "start": "0001-01-01T00:00:00Z",
        "end": "9999-12-31",
        "files": ["a.csv"],
    }
    said = said_of(lambda: parse_manifest(json.dumps(whole | changed).encode()), ValueError)
    assert said.isascii()
    assert "\n" not in said


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b'{"uuid": ' + b'{"a":' * 5000, b"\xff", b"null", b'{"files": [null]}']
)
def test_a_manifest_that_is_none_is_a_clause(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        parse_manifest(content)
