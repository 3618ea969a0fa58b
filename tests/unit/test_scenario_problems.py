"""Each mistake in a scenario file gives its sentence at its line and column, all of them at once."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.scenario.lint import lint
from e2e_validator.scenario.load import LoadedScenario, load_scenario

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
GOOD = """\
version: 1
name: x
description: Why.
tags: [smoke]
period: {start: month-1m+4d, end: month-1m+5d}
source: {type: OCP, create: true}
data:
  template: one_pod.yml
uploads:
  - label: all
limits: {ingest: 30s}
expect: {}
keep: failed
"""
KEYS = (
    "cost_model, data, description, enable_categories, enable_tags, expect, faults, keep, limits, look_before, name,"
    " period, repairs, source, tags, uploads, version"
)
PHASES = (
    "api, cleanup, convert, cost, download, generate, ingest, manifest, parquet, preflight, rejection, source, summary,"
    " upload"
)
DAMAGES = (
    "no_manifest, dot_slash, drop_column:<column>, missing_file, garbage_csv, no_dates, truncated, not_gzip,"
    " bad_manifest, empty_file, header_only"
)
PASSED_OVER = (
    "warning: pytest collects {} of the {} files only by name or below a folder of e2e_scenarios; begin them with the"
    " line # yaml-language-server: $schema=.../e2e_validator/scenario/scenario.schema.json"
)
DATE_HINT = "write 2026-11-05, 2026-11-05T12:00, today-2d or month-1m+4d"


def load(folder: Path, text: str | bytes, name: str = "x.yaml") -> LoadedScenario:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_scenario(path, fixtures=FIXTURES, today=TODAY)


def complaints(folder: Path, text: str | bytes) -> list[str]:
    """The problems of ``text`` without the path."""
    with pytest.raises(ScenarioError) as caught:
        load(folder, text)
    return [str(problem).removeprefix(f"{folder}/x.yaml:") for problem in caught.value.problems]


def test_the_file_the_mistakes_are_made_in_is_right(tmp_path: Path) -> None:
    loaded = load(tmp_path, GOOD)
    assert loaded.name == "x"
    assert loaded.lines["uploads[0].label"] == 10
    assert len(loaded.sha256) == 64


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("keep:", "kep:", f"13:1  unknown key 'kep' in the scenario; did you mean 'keep'? (known: {KEYS})"),
        ("keep:", "zzz:", f"13:1  unknown key 'zzz' in the scenario; known: {KEYS}"),
        ("30s}", "30s, sumary: 1m}", f"11:23  unknown key 'sumary' in limits; did you mean 'summary'? (known: {PHASES})"),
        ("label: all", "lable: all", "10:5  unknown key 'lable' in uploads[0]; did you mean 'label'? (known: daily_reports, damage, label, one_package, period)"),
        ("version: 1", "version: 2", "1:10  version: 2 is not a version this validator reads; write version: 1"),
        ("version: 1", "version: true", "1:10  version: True is not a version this validator reads; write version: 1"),
        ("name: x", "name: y", "2:7  name: 'y' is not the name of the file; write 'x'"),
        ("name: x", "name: ", "2:6  name: is empty"),
        ("Why.", "' '", "3:14  description: is empty"),
        ("Why.", "5", "3:14  description: 5 is not text: YAML reads it as a number; write '5'"),
        ("[smoke]", "[Smoke]", "4:8  tags[0]: 'Smoke' is not a tag; a-z, 0-9 and _, a letter first"),
        ("[smoke]", "[a, b, a]", "4:14  tags[2]: 'a' is given twice"),
        ("[smoke]", "[skip]", "4:8  tags[0]: 'skip' has a meaning of its own in pytest; choose another word"),
        ("[smoke]", "smoke", "4:7  tags: 'smoke' is not a list; write tags: [smoke]"),
        ("OCP", "OPC", "6:16  source.type: 'OPC' is not one of AWS, OCP; did you mean 'OCP'?"),
        ("OCP", "GCP", "6:16  source.type: sources of type GCP come later; this version reads AWS, OCP"),
        ("create: true", "create: maybe", "6:29  source.create: 'maybe' is not true or false"),
        ("create: true", "create: false", "6:21  source.create: no source without expect.rejected; say what Koku leaves behind"),
        ("one_pod", "one_pdo", f"8:13  data.template: there is no one_pdo.yml in {FIXTURES / 'nise'}; did you mean 'one_pod.yml'?"),
        ("one_pod.yml", "../x.yml", "8:13  data.template: '../x.yml' is not a path inside fixtures/; write it relative, without '..'"),
        ("template: one_pod.yml", "{}", "8:3  data has none of nise, template, payloads, files and rows; exactly one of nise, template, payloads, files and rows is needed"),
        ("one_pod.yml", "one_pod.yml\n  nise: {}", "8:3  data has nise and template; exactly one of nise, template, payloads, files and rows is needed"),
        ("label: all", "damage: missing_fil", f"10:13  uploads[0].damage: 'missing_fil' is not one of {DAMAGES}; did you mean 'missing_file'?"),
        ("label: all", "damage: 'drop_column:'", "10:13  uploads[0].damage: 'drop_column:' names no column; write drop_column:COLUMN"),
        ("label: all", "damage: dot_slash", "10:5  uploads[0]: a damaged upload without expect.rejected; say what Koku leaves behind"),
        ("label: all", "one_package: true", "10:5  uploads[0]: one_package is for data: {rows: ...} alone; nise makes each month by itself"),
        ("label: all", "daily_reports: 'no'", "10:20  uploads[0].daily_reports: 'no' is not true or false; write false"),
        ("label: all", "text", "10:5  uploads[0]: 'text' is not a mapping"),
        ("30s", "30", "11:18  limits.ingest: 30 is not a duration; write 90s, 20m or 1h30m"),
        ("30s", "30x", "11:18  limits.ingest: '30x' is not a duration; write 90s, 20m or 1h30m"),
        ("30s", "0s", "11:18  limits.ingest: '0s' is no time at all; write 90s, 20m or 1h30m"),
        ("ingest: 30s", "rejection: 30s", "11:10  limits.rejection has no effect; only a scenario that expects a rejection has this phase"),
        ("keep: failed", "keep: allways", "13:7  keep: 'allways' is not one of none, failed, all; did you mean 'all'?"),
        ("expect: {}", "expect:", "12:8  expect: is empty; write a mapping, or leave the key out"),
        ("expect: {}", "expect: {rejected: {manifest: gone}}", "12:31  expect.rejected.manifest: 'gone' is not one of absent, present"),
        ("expect: {}", "expect: {rejected: {manifest: present, state: {}}}", "12:20  missing key 'report_status' in expect.rejected; files by status"),
        ("expect: {}", "expect: {rejected: {manifest: absent, state: {}}}", "12:39  state without a manifest; manifest is absent"),
        ("month-1m+4d", "5", f"5:17  period.start: 5 is not a date; {DATE_HINT}"),
        ("month-1m+4d", "yesterday", "5:17  period.start: 'yesterday' is not a date; write today-1d"),
        ("month-1m+4d", "2026-11-31", "5:17  period.start: '2026-11-31' is not in the calendar"),
        ("month-1m+4d", "'2026-10-05T06:30'", "5:17  period.start: '2026-10-05T06:30' is not a whole hour; the reports have one row an hour"),
        ("month-1m+4d", "2026-10-05T06:00+05:00", "5:17  period.start: '2026-10-05T06:00+05:00' is not a date; write no time zone: dates are UTC"),
        ("month-1m+4d", "month-99999m", f"5:17  period.start: 'month-99999m' is not a date; {DATE_HINT}"),
        ("month-1m+4d", "month-3m", "5:17  period.start: 2026-08-01 00:00 is before what Koku keeps (from 2026-09-01); write month-2m or later, or expect.rejected"),
        ("month-1m+5d", "month-1m+4d", "5:35  period.end: 2026-10-05 00:00 is not after the start 2026-10-05 00:00; the end is the first hour that is not covered"),
        ("month-1m+5d", "today+1h", "5:35  period.end: 2026-11-21 01:00 is after the start of the day of the run (2026-11-21); write 'today' at the latest: the data end with yesterday"),
        ("start: month-1m+4d, end: month-1m+5d", "start: 2026-10-31T06:00, end: 2026-10-31T18:00", "5:17  period.start: 2026-10-31 06:00 is after 00:00 of the last day of its month and the end is in it too; nise writes nothing for such hours: start at 00:00"),
        ("label: all", "period: {start: month-1m, end: month-1m+5d}", "10:5  uploads[0].period: 2026-10-01 00:00 to 2026-10-06 00:00 is not within the scenario's period; which is 2026-10-05 00:00 to 2026-10-06 00:00"),
        ("period: {start: month-1m+4d, end: month-1m+5d}\n", "", "1:1  missing key 'period' in the scenario; the hours the data cover"),
        ("name: x", "name: x\nname: z", "3:1  key 'name' is given twice in the scenario; the first is on line 2"),
        ("keep: failed", "keep: !!python/name:os.system x", "13:7  keep: the tag tag:yaml.org,2002:python/name:os.system is not allowed; write plain YAML"),
        ("tags: [smoke]", "tags: &a [*a]", "4:7  tags[0] is an alias of something it is part of"),
        ("keep: failed", "keep: failed\n<<: {a: 1}", "14:1  merge keys ('<<') are not allowed; write the keys out"),
        ("keep: failed", "keep: failed\non: 1", "14:1  YAML does not read the key on as text; write 'on'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(tmp_path: Path, written: str, instead: str, complaint: str) -> None:
    assert written in GOOD
    assert complaint in complaints(tmp_path, GOOD.replace(written, instead, 1))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "1:1  the file is empty; start with 'version: 1'"),
        (b"# only a remark\n", "1:1  the file is empty; start with 'version: 1'"),
        (b"- a\n", "1:1  the file is not a mapping; start with 'version: 1'"),
        (b"version: 1\n\tname: x\n", r"2:1  not valid YAML: found character '\t' that cannot start any token; indent with spaces, not with tabs"),
        (b"a: [1, 2\n", "2:1  not valid YAML: expected ',' or ']', but got '<stream end>'"),
        (b"a: b: c\n", "1:5  not valid YAML: mapping values are not allowed here; indent the keys of one thing alike, and put a text with ': ' in quotes"),
        (b"a: 1\n---\nb: 1\n", "2:1  not valid YAML: expected a single document in the stream, but found another document; write one scenario into each file, without '---'"),
        (b"a: \x01\n", "1:4  not valid YAML: the character U+0001 is not allowed"),
        (b"a: 1\nb: \xe9\n", "2:4  the file is not UTF-8 (byte 0xe9); save it as UTF-8"),
        (b"[" * 5000, "1:1  the file is nested too deeply"),
        (b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (c + 1, c + 1, b",".join([b"*%c" % c] * 10)) for c in range(97, 104)), "1:1  the file unfolds to more than 100000 values"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_scenario_at_all_gives_one_sentence(tmp_path: Path, content: bytes, complaint: str) -> None:
    assert complaints(tmp_path, content) == [complaint]


def test_all_problems_of_a_file_come_at_once_in_its_order(tmp_path: Path) -> None:
    text = GOOD.replace("version: 1", "version: 3").replace("OCP", "GCP").replace("one_pod", "two_pods")
    text = text.replace("30s", "fast").replace("keep: failed", "keep: yes\nextra: 1").replace("month-1m+5d", "today+2d")
    assert complaints(tmp_path, text) == [
        "1:10  version: 3 is not a version this validator reads; write version: 1",
        "5:35  period.end: 2026-11-23 00:00 is after the start of the day of the run (2026-11-21); write 'today' at the latest: the data end with yesterday",
        "6:16  source.type: sources of type GCP come later; this version reads AWS, OCP",
        f"8:13  data.template: there is no two_pods.yml in {FIXTURES / 'nise'}; did you mean 'one_pod.yml'?",
        "11:18  limits.ingest: 'fast' is not a duration; write 90s, 20m or 1h30m",
        "13:7  keep: true is not one of none, failed, all",
        f"14:1  unknown key 'extra' in the scenario; known: {KEYS}",
    ]


def test_a_rejection_is_of_one_tarball(tmp_path: Path) -> None:
    text = GOOD.replace("expect: {}", "expect: {rejected: {manifest: absent}}").replace(
        "  - label: all", "  - damage: truncated\n  - label: b"
    )
    text = text.replace("month-1m+4d", "month-2m+29d").replace("30s}", "30s, summary: 1m}")
    assert complaints(tmp_path, text) == [
        "5:1  period: a scenario that expects a rejection covers 2 months; one tarball, one rejection: stay in one month",
        "9:1  expect.rejected with several uploads; one scenario, one rejection",
        "12:23  limits.summary has no effect; a scenario that expects a rejection has no such phase",
    ]


def test_a_problem_of_a_template_is_told_in_the_template(tmp_path: Path) -> None:
    templates = tmp_path / "nise"
    templates.mkdir()
    source = (FIXTURES / "nise" / "one_pod.yml").read_text()
    (templates / "mine.yml").write_text(source.replace("cpu_limit", "cpu_limt").replace("- OCPG", "- OCBG"))
    (tmp_path / "x.yaml").write_text(GOOD.replace("one_pod.yml", "mine.yml"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "x.yaml", fixtures=tmp_path, today=TODAY)
    assert [str(problem).split(";")[0] for problem in caught.value.problems] == [
        f"{templates}/mine.yml:3:5  missing key 'OCPGenerator' in generators[0]",
        f"{templates}/mine.yml:3:5  unknown key 'OCBGenerator' in generators[0]",
    ]


def test_a_file_that_is_not_there_names_the_one_that_is(tmp_path: Path) -> None:
    (tmp_path / "one_pod.yaml").write_text(GOOD)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "one_pd.yaml", fixtures=FIXTURES, today=TODAY)
    assert str(caught.value) == f"{tmp_path}/one_pd.yaml:1:1  there is no such file; did you mean 'one_pod.yaml'?"


def test_a_name_no_file_can_have_is_one_sentence() -> None:
    with pytest.raises(ScenarioError, match="this is not the name of a file"):
        load_scenario(Path("a\0b"), fixtures=FIXTURES, today=TODAY)


def test_a_folder_a_pipe_and_a_locked_file_are_each_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "locked.yaml").write_text(GOOD)

    def refuse(_path: Path, _mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    said = []
    for path in (tmp_path, tmp_path / "pipe.yaml", tmp_path / "locked.yaml"):
        with pytest.raises(ScenarioError) as caught:
            load_scenario(path, fixtures=FIXTURES, today=TODAY)
        said.append(caught.value.problems[0].what)
    assert said == [
        "this is a folder, not a file",
        "this is not a regular file",
        "the file cannot be read: permission denied",
    ]


def test_lint_tells_all_problems_and_names_given_twice(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.yaml").write_text(GOOD)
    (tmp_path / "b" / "y.yaml").write_text(GOOD)
    (tmp_path / "b" / "z.yml").write_text(
        f"# yaml-language-server: $schema=../e2e_validator/scenario/scenario.schema.json\n{GOOD}"
    )
    (tmp_path / "empty").mkdir()
    paths = [tmp_path / "a", tmp_path / "b", tmp_path / "a" / "x.yaml", tmp_path / "empty", tmp_path / "c"]
    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in lint(paths, FIXTURES, TODAY)] == [
        f"a:1:1  {PASSED_OVER.format(1, 1)}",
        f"b:1:1  {PASSED_OVER.format(2, 3)}",
        f"b/x.yaml:2:1  the scenario 'x' is also in {tmp_path}/a/x.yaml; names are unique in a run",
        "b/y.yaml:2:7  name: 'x' is not the name of the file; write 'y'",
        "b/z.yml:3:7  name: 'x' is not the name of the file; write 'z'",
        "c:1:1  there is no such file or folder",
        "empty:1:1  there is no scenario file (*.yaml, *.yml) in this folder; name the folder they are in",
    ]
