"""Files that are no scenarios in ways that break programs: each gets a sentence, at once and in little memory."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from test_scenario_problems import FIXTURES, GOOD, TODAY

from e2e_validator.errors import ScenarioError
from e2e_validator.scenario import dates
from e2e_validator.scenario.document import MAX_BYTES, parse_document
from e2e_validator.scenario.lint import lint
from e2e_validator.scenario.load import load_scenario

LIMIT = "the file is larger than 5 MiB; recorded data belong into tarballs in fixtures/"


def told(folder: Path, content: str | bytes, name: str = "x.yaml") -> list[str]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, fixtures=FIXTURES, today=TODAY)
    return [
        f"{one.line}:{one.column}  {one.what}" + (f"; {one.hint}" if one.hint else "") for one in caught.value.problems
    ]


def with_description(text: str) -> str:
    return GOOD.replace("Why.", text)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"# " + b"x" * MAX_BYTES, f"1:1  {LIMIT}"),
        (b"a: [\n" + b"1,\n" * 210_000 + b"]\n", "1:1  the file has more than 100000 values"),
        (b"- " * 60 + b"a\n", "1:1  the file is nested too deeply"),
        (b"{a: " * 60 + b"1" + b"}" * 60, "1:1  the file is nested too deeply"),
        (b"[" * 100_000, "1:1  the file is nested too deeply"),
        (b"a: &a []\n" + b"".join(b"b%d: &b%d [*%s]\n" % (n, n, b"a" if n == 0 else b"b%d" % (n - 1)) for n in range(60)), "1:1  the file is nested too deeply"),
        (b"\xff\xfev\0e\0r\0", "1:1  the file is not UTF-8 (byte 0xff); save it as UTF-8"),
        (b"\x1f\x8b\x08\0", "1:2  the file is not UTF-8 (byte 0x8b); save it as UTF-8"),
        (b"a: \0\n", "1:4  not valid YAML: the character U+0000 is not allowed"),
        ("a: \ud800\n", "1:4  the file is not UTF-8 (byte 0xed); save it as UTF-8"),
        (with_description('"a\\0b"'), "3:14  description: the character U+0000 is not allowed; leave it out"),
        (with_description('"a\\x1b[31m"'), "3:14  description: the character U+001B is not allowed; leave it out"),
        (with_description('"\\ud800"'), "3:14  description: the character U+D800 is not allowed; leave it out"),
        (with_description('"\\udc00\\ud800"'), "3:14  description: the character U+DC00 is not allowed; leave it out"),
        (GOOD.replace("keep:", '"kee\\x07p":'), "13:1  a key in the scenario: the character U+0007 is not allowed; leave it out"),
        (GOOD.replace("version: 1", f"version: {'9' * 5000}"), "1:10  version: a number of 5000 characters; is it text?"),
        (GOOD.replace("version: 1", f"version: 0x{'f' * 5000}"), "1:10  version: a number of 5002 characters; is it text?"),
        (GOOD.replace("version: 1", "version: 1.0e+9999"), "1:10  version: inf is not a version this validator reads; write version: 1"),
        (GOOD.replace("version: 1", "version: .nan"), "1:10  version: nan is not a version this validator reads; write version: 1"),
        (GOOD.replace("one_pod.yml", "x" * 4096), f"8:13  data.template: '{'x' * 57}...' is not the name of a file"),
        (GOOD.replace("one_pod.yml", "x/" * 2048 + "y"), f"8:13  data.template: '{'x/' * 28}x...' is not the name of a file"),
        (GOOD.replace("one_pod.yml", '"a\\nb"'), r"8:13  data.template: 'a\nb' is not the name of a file"),
        (GOOD.replace("template: one_pod.yml", "payloads: one_pod.yml/x").replace(GOOD.splitlines()[4] + "\n", ""), f"7:13  data.payloads: there is no folder {FIXTURES}/one_pod.yml/x"),
    ],
)  # fmt: skip
def test_each_is_one_sentence_at_its_place(tmp_path: Path, content: str | bytes, complaint: str) -> None:
    began = time.process_time()
    assert complaint in told(tmp_path, content)
    assert time.process_time() - began < 5


def test_what_looks_odd_and_is_right_is_taken(tmp_path: Path) -> None:
    for number, content in enumerate((b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode())):
        path = tmp_path / f"{number}" / "x.yaml"
        path.parent.mkdir()
        path.write_bytes(content)
        assert load_scenario(path, fixtures=FIXTURES, today=TODAY).name == "x"
    pair = tmp_path / "x.yaml"
    pair.write_text(with_description('"\\ud83d\\ude00 two\\tlines\\n"'), encoding="utf-8")
    assert load_scenario(pair, fixtures=FIXTURES, today=TODAY).scenario.description == "😀 two\tlines\n"


@pytest.mark.parametrize("text", ["0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31", "9999-12-31T23:00", "today+99999d", "today-99999d", "month+9999m", "month-9999m", "today-999999h"])  # fmt: skip
@pytest.mark.parametrize("key", ["start", "end"])
def test_days_that_cannot_be_meant_are_told(tmp_path: Path, key: str, text: str) -> None:
    line = f"period: {{start: {text}, end: today}}" if key == "start" else f"period: {{start: month, end: {text}}}"
    content = GOOD.replace(GOOD.splitlines()[4], line)
    complaints = [one for one in told(tmp_path, content) if f"period.{key}" in one]
    assert complaints
    assert complaints[0].endswith(f"period.{key}: '{text}' is not in the years 1970 to 2199")


@pytest.mark.parametrize("text", ["today+999999999d", "month+123456m", "today+1", "24:00", "2026-13-01", "2026-02-29"])
def test_what_is_no_date_is_told_in_one_sentence(tmp_path: Path, text: str) -> None:
    content = GOOD.replace("month-1m+4d", f"'{text}'")
    assert len([one for one in told(tmp_path, content) if "period.start" in one]) == 1


@pytest.mark.parametrize("today", [date(1, 1, 1), date(1970, 1, 1), date(2400, 1, 1), date(9999, 12, 31)])
def test_any_day_of_the_run_is_survived(tmp_path: Path, today: date) -> None:
    (tmp_path / "x.yaml").write_text(GOOD)
    with pytest.raises((ScenarioError, dates.DateError)) as caught:
        load_scenario(tmp_path / "x.yaml", fixtures=FIXTURES, today=today)
    assert "is not in the years 1970 to 2199" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "day"),
    [("month-1m+30d", "2026-10-31"), ("today-8m", "2026-02-28"), ("month+4m-1d", "2027-02-28"), ("today-33m", "2024-02-29")],
)  # fmt: skip
def test_months_are_calendar_months_at_their_edges(text: str, day: str) -> None:
    today = (
        date(2026, 11, 29) if text == "today-33m" else date(2026, 10, 31) if text == "today-8m" else date(2026, 11, 21)
    )
    assert f"{dates.resolve(text, today):%Y-%m-%d}" == day


def test_lint_survives_what_is_no_file_and_what_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "scenarios"
    (folder / "dir.yaml").mkdir(parents=True)
    (folder / "gone").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    (folder / "nowhere.yaml").symlink_to(folder / "missing.yaml")
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    header = "# yaml-language-server: $schema=../e2e_validator/scenario/scenario.schema.json\n"
    (folder / "x.yaml").write_text(header + GOOD)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "y.yaml").write_text("no scenario")
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    names = {problem.path.removeprefix(f"{folder}/"): problem.what for problem in lint([folder], FIXTURES, TODAY)}
    assert names == {
        "gone": "this cannot be read: no such file or directory",
        "loop.yaml": "the file cannot be read: too many levels of symbolic links",
        "nowhere.yaml": "there is no such file",
        "pipe.yaml": "this is not a regular file",
    }


@pytest.mark.parametrize(
    "name", ["x" * 4096, "a/" * 2000 + "b", "/dev/null", "/dev/zero", "a\nb.yaml", "\x1b[31m.yaml"]
)
def test_any_name_on_the_command_line_is_one_sentence(tmp_path: Path, name: str) -> None:
    (problem,) = lint([tmp_path / name if not name.startswith("/dev") else Path(name)], FIXTURES, TODAY)
    assert str(problem).isprintable()


def test_a_file_of_50_mb_is_refused_at_once_and_in_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "x.yaml").open("wb") as file:
        for _ in range(50):
            file.write(b"- {a: 1, b: [2, 3], c: text}\n" * 36_000)
    peak = measured(tmp_path / "x.yaml")
    assert peak < 120


@pytest.mark.parametrize("line", ["- a\n", "- {a: 1}\n", "- &a{n} [*a{m}, x]\n", "? a{n}\n"])
def test_a_file_below_the_limit_stays_within_its_memory(tmp_path: Path, line: str) -> None:
    text = "a{n}: &a0 x\n".replace("{n}", "0") if "&" in line else ""
    count = (MAX_BYTES - 100) // (len(line) + 4)
    text += "".join(line.replace("{n}", str(n + 1)).replace("{m}", str(n)) for n in range(min(count, 300_000)))
    (tmp_path / "x.yaml").write_text(text[: MAX_BYTES - 1])
    assert measured(tmp_path / "x.yaml") < 512


def measured(path: Path) -> int:
    """The most memory in MiB that ``lint`` of the file takes in a process of its own; it must end with 2."""
    code = (
        "import re, sys; from pathlib import Path; from e2e_validator.cli import cli\n"
        "try: cli(['lint', sys.argv[1]])\n"
        # Not ru_maxrss, which begins with what the parent had.
        "except SystemExit as end:\n"
        "    peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())\n"
        "    print(end.code, int(peak[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=300
    )
    ended, peak = done.stdout.split("\n")[-2].split()
    assert ended == "2", done.stdout[-500:]
    return int(peak)


def test_a_document_is_read_the_same_with_and_without_the_cache() -> None:
    short = parse_document(Path("x.yaml"), GOOD)
    long = parse_document(Path("x.yaml"), GOOD + "# " + "x" * 70_000)
    assert (short.data, short.places) == (long.data, long.places)
