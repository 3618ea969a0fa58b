"""The stand-in takes a CSV file apart as pandas does for Koku; each case was tried with pandas 2.3.3."""

from __future__ import annotations

import pytest

from e2e_validator.embedded.standin.ingest.daily_files import EmptyFileError, ParserError, read_rows


@pytest.mark.parametrize(
    ("content", "header", "rows"),
    [
        (b"a,b,c\n1,2,3\n1,2,3,4\n5,6,7\n", ["a", "b", "c"], [["1", "2", "3"], ["5", "6", "7"]]),
        (b"a,b,c\n1,2,3,4\n5,6,7\n", ["a", "b", "c"], [["2", "3", "4"], ["6", "7", ""]]),
        (b"a,b,c\n1,2,3,4,5\n5,6,7,8\n5,6,7,8,9,10\n", ["a", "b", "c"], [["3", "4", "5"], ["7", "8", ""]]),
        (b"\xef\xbb\xbfa,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        (b'\xef\xbb\xbf"a",b\n1,2\n', ["a", "b"], [["1", "2"]]),
        (b"a,b\n1,2\n   \n\t\n\n3,4\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        (b"\n\n  \na,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        (b"a,b\r\n1,2\r\n", ["a", "b"], [["1", "2"]]),
        (b'a,b\n1,"2\n3"\n', ["a", "b"], [["1", "2\n3"]]),
        (b'a,b\n1,2"x"y\n"a"b,"c""d"\n', ["a", "b"], [["1", '2"x"y'], ["ab", 'c"d']]),
        (b"a,b\n1,2\x00z\n", ["a", "b"], [["1", "2"]]),
        (b"a,b,a\n1,2,3\n", ["a", "b", "a.1"], [["1", "2", "3"]]),
        (b"a,a.1,a\n1,2,3\n", ["a", "a.1", "a.2"], [["1", "2", "3"]]),
        (b"a,,c\n1,2,3\n", ["a", "Unnamed: 1", "c"], [["1", "2", "3"]]),
        (b'a,b\nNA,null\nNone,NAN\n"NA",x\n', ["a", "b"], [["", ""], ["", "NAN"], ["", "x"]]),
        (b"a,b\n1\n", ["a", "b"], [["1", ""]]),
        (b"a,b", ["a", "b"], []),
        (b"node,x\na&b,a&b\n", ["node", "x"], [["a&amp;b", "a&b"]]),
    ],
)
def test_a_file_is_taken_apart(content: bytes, header: list[str], rows: list[list[str]]) -> None:
    found = read_rows(content)
    assert (found.header, found.rows) == (header, rows)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \n"])
def test_a_file_without_a_header_is_empty(content: bytes) -> None:
    with pytest.raises(EmptyFileError):
        read_rows(content)


@pytest.mark.parametrize("content", [b'a,b\n1,2\n1,"2\n3,4\n', b'a,"b\n', b'a,b\n"\n'])
def test_an_open_quote_ends_it(content: bytes) -> None:
    with pytest.raises(ParserError, match="EOF inside string"):
        read_rows(content)


def test_bytes_that_are_no_text_end_it() -> None:
    with pytest.raises(UnicodeDecodeError):
        read_rows(b"a,b\n1,\xe9\n")
