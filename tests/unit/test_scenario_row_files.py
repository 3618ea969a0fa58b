"""Rows that no cluster could have are refused where they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e_validator.providers.ocp.scenario.row_files import RowsError, row_files

HEAD = "@hours,namespace,pod\n"


def rows(folder: Path, text: str) -> str:
    """What is said of a file of rows; nothing when it is taken."""
    (folder / "a.csv").write_text(HEAD + text, encoding="utf-8", newline="")
    try:
        row_files(folder)
    except RowsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["Platform unallocated", "Worker unallocated", "Storage unattributed"])
def test_a_project_that_koku_makes_itself_is_refused(tmp_path: Path, name: str) -> None:
    assert rows(tmp_path, f",{name},p\n") == f"a.csv: row 2 is of '{name}', a project that Koku makes itself"


@pytest.mark.parametrize("cell", ["a\0b", '"a\nb"', "\x1b[31m"])
def test_a_cell_with_a_control_character_is_refused(tmp_path: Path, cell: str) -> None:
    said = rows(tmp_path, f",ns,{cell}\n")
    assert said.startswith("a.csv")
    assert "with a line break or the like" in said or "cannot be read" in said


@pytest.mark.parametrize("name", ["null", "NA", "openshift", "", "platform unallocated", "Ω", "x" * 300])
def test_odd_but_possible_names_are_taken(tmp_path: Path, name: str) -> None:
    assert rows(tmp_path, f"0-3,{name},p\n") == ""


def test_a_folder_whose_name_is_too_long_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RowsError, match="cannot be read: file name too long"):
        row_files(tmp_path / ("x" * 300))
