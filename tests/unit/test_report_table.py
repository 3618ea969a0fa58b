"""The scenario x phase table, as the reader sees it."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest

from e2e_validator.report.model import PhaseResult, ScenarioResult, Word
from e2e_validator.report.results import scenario_verdict
from e2e_validator.report.table import scenario_table
from e2e_validator.report.text import printable

PAYLOAD = ["ingest", "download", "convert", "summary", "manifest"]
PLAN = ["preflight", "source", "generate", "upload", *PAYLOAD, "api", "cleanup"]
TWO_PAYLOADS = [*PLAN[:9], *(f"{name}[2]" for name in PAYLOAD), "api", "cleanup"]
NEGATIVE = ["preflight", "source", "generate", "upload", "ingest", "rejection", "api", "cleanup"]


def scenario(name: str, plan: list[str], *, scale: float = 1.0, **verdicts: str) -> ScenarioResult:
    phases = []
    for index, phase in enumerate(plan):
        verdict = verdicts.get(phase.replace("[2]", "_2"), "PASSED")
        seconds = None if verdict in ("SKIPPED", "INTERRUPTED") else (index + 1) * scale
        phases.append(PhaseResult(name=phase, verdict=cast("Word", verdict), seconds=seconds))
    return ScenarioResult(
        name=name,
        verdict=cast("Word", scenario_verdict(phases)),
        seconds=sum(phase.seconds or 0 for phase in phases),
        phases=phases,
    )


def skipped(*phases: str) -> dict[str, Any]:
    return dict.fromkeys(phases, "SKIPPED")


ONE_POD = scenario("one-pod", PLAN)
TWO_MONTHS = scenario("two-months", TWO_PAYLOADS)
FAILED = scenario("growing-day", PLAN, summary="FAILED", **skipped("manifest", "api"))
BLOCKED = scenario("not-daily", PLAN, preflight="BLOCKED", **skipped(*PLAN[1:]))
CUT_OFF = scenario("team", PLAN, ingest="INTERRUPTED", **skipped(*PLAN[5:]))
REJECTED = scenario("neg-no-manifest", NEGATIVE)


ALL = [ONE_POD, TWO_MONTHS, FAILED, BLOCKED, CUT_OFF, REJECTED]


def test_table_of_a_pass() -> None:
    assert (
        scenario_table([ONE_POD], 110)
        == """\
scenario preflight source generate upload ingest download convert summary manifest   api cleanup total verdict
one-pod       1.0s   2.0s     3.0s   4.0s   5.0s     6.0s    7.0s    8.0s     9.0s 10.0s   11.0s 1m06s PASSED

1 scenario: 1 passed.
11 phases: 11 passed."""
    )


def test_table_of_a_fail_shows_its_state_and_later_skips() -> None:
    assert (
        scenario_table([FAILED], 100)
        == """\
scenario      pre   src   gen   upl   ing   dwn   cnv   sum  man  api    cln  total  verdict
growing-day  1.0s  2.0s  3.0s  4.0s  5.0s  6.0s  7.0s  FAIL    -    -  11.0s  47.0s  FAILED

pre = preflight, src = source, gen = generate, upl = upload, ing = ingest, dwn = download,
cnv = convert, sum = summary, man = manifest, cln = cleanup

1 scenario: 1 failed.
11 phases: 8 passed, 1 failed, 2 skipped."""
    )


def test_table_of_a_blocked_scenario() -> None:
    assert (
        scenario_table([BLOCKED], 80)
        == """\
scenario    pre src gen upl ing dwn cnv sum man api cln total verdict
not-daily BLOCK   -   -   -   -   -   -   -   -   -   -  1.0s BLOCKED

pre = preflight, src = source, gen = generate, upl = upload, ing = ingest,
dwn = download, cnv = convert, sum = summary, man = manifest, cln = cleanup

1 scenario: 1 blocked.
11 phases: 1 blocked, 10 skipped."""
    )


def test_table_of_two_payloads_sums_and_marks_them() -> None:
    assert (
        scenario_table([TWO_MONTHS], 115)
        == """\
scenario      preflight source generate upload ingest download convert summary manifest   api cleanup total verdict
two-months x2      1.0s   2.0s     3.0s   4.0s  15.0s    17.0s   19.0s   21.0s    23.0s 15.0s   16.0s 2m16s PASSED

x2 = the sum of 2 payloads

1 scenario: 1 passed.
16 phases: 16 passed."""
    )


def test_roomy_table_marks_the_cells_that_are_sums() -> None:
    row = scenario_table([TWO_MONTHS], 140).splitlines()[1]
    assert re.split(" {2,}", row)[4:] == [
        *("4.0s", "15.0s x2", "17.0s x2", "19.0s x2", "21.0s x2", "23.0s x2", "15.0s", "16.0s", "2m16s", "PASSED"),
    ]


def test_table_of_an_interrupted_scenario_is_not_green() -> None:
    assert (
        scenario_table([CUT_OFF], 100)
        == """\
scenario   pre   src   gen   upl     ing  dwn  cnv  sum  man  api  cln  total  verdict
team      1.0s  2.0s  3.0s  4.0s  INTERR    -    -    -    -    -    -  10.0s  INTERRUPTED

pre = preflight, src = source, gen = generate, upl = upload, ing = ingest, dwn = download,
cnv = convert, sum = summary, man = manifest, cln = cleanup

1 scenario: 1 interrupted.
11 phases: 4 passed, 1 interrupted, 6 skipped."""
    )


def test_table_of_everything_at_80_columns_stays_readable() -> None:
    assert (
        scenario_table(ALL, 80)
        == """\
scenario         pre src gen upl ing rej dwn cnv  sum man api cln total
one-pod           1s  2s  3s  4s  5s      6s  7s   8s  9s 10s 11s 1m06s PASS
two-months x2     1s  2s  3s  4s 15s     17s 19s  21s 23s 15s 16s 2m16s PASS
growing-day       1s  2s  3s  4s  5s      6s  7s FAIL   -   - 11s 47.0s FAIL
not-daily       BLCK   -   -   -   -       -   -    -   -   -   -  1.0s BLOCK
team              1s  2s  3s  4s INT       -   -    -   -   -   - 10.0s INTERR
neg-no-manifest   1s  2s  3s  4s  5s  6s                   7s  8s 36.0s PASS

pre = preflight, src = source, gen = generate, upl = upload, ing = ingest,
rej = rejection, dwn = download, cnv = convert, sum = summary, man = manifest,
cln = cleanup, x2 = the sum of 2 payloads

6 scenarios: 3 passed, 1 failed, 1 blocked, 1 interrupted.
68 phases: 47 passed, 1 failed, 1 blocked, 1 interrupted, 18 skipped."""
    )


def test_a_table_too_narrow_names_the_phase_that_stopped() -> None:
    assert (
        scenario_table(ALL, 44)
        == """\
scenario        total verdict
one-pod         1m06s PASS
two-months      2m16s PASS
growing-day     47.0s FAIL summary
not-daily        1.0s BLOCK preflight
team            10.0s INTERR ingest
neg-no-manifest 36.0s PASS

6 scenarios: 3 passed, 1 failed, 1 blocked, 1 interrupted.
68 phases: 47 passed, 1 failed, 1 blocked, 1 interrupted, 18 skipped."""
    )


REPAIRED = scenario("stuck", PLAN, convert="REPAIRED")


def test_table_of_a_repaired_scenario_is_not_counted_as_passed() -> None:
    assert (
        scenario_table([ONE_POD, REPAIRED], 115)
        == """\
scenario preflight source generate upload ingest download convert summary manifest   api cleanup total verdict
one-pod       1.0s   2.0s     3.0s   4.0s   5.0s     6.0s    7.0s    8.0s     9.0s 10.0s   11.0s 1m06s PASSED
stuck         1.0s   2.0s     3.0s   4.0s   5.0s     6.0s  7.0s r    8.0s     9.0s 10.0s   11.0s 1m06s REPAIRED

r = repaired

2 scenarios: 1 passed, 1 repaired.
22 phases: 21 passed, 1 repaired."""
    )


def test_table_marks_a_repaired_phase_in_every_width() -> None:
    narrow = scenario_table([REPAIRED], 66)
    assert narrow.splitlines()[1] == "stuck     1s  2s  3s  4s  5s  6s 7s r  8s  9s 10s 11s 1m06s RPRD"
    assert "r, RPRD = repaired" in narrow.replace("\n", " ")
    assert scenario_table([REPAIRED], 40).splitlines()[1] == "stuck    1m06s REPAIRED convert"


def test_a_narrow_table_names_the_failure_before_repairs() -> None:
    record = scenario("x", PLAN, download="REPAIRED", convert="FAILED")
    assert scenario_table([record], 40).splitlines()[1] == "x        1m06s FAIL convert"


def test_payloads_of_which_one_was_repaired_are_marked() -> None:
    row = scenario_table([scenario("x", TWO_PAYLOADS, summary_2="REPAIRED")], 150).splitlines()[1]
    assert "21.0s x2 r " in row
    half = scenario("x", TWO_PAYLOADS, summary="REPAIRED", summary_2="SKIPPED", manifest_2="FAILED")
    assert " 8.0s x1 r " in scenario_table([half], 150).splitlines()[1]


@pytest.mark.parametrize("width", [*range(44, 180, 9), 400])
@pytest.mark.parametrize("scale", [0.1, 30, 900])
def test_table_keeps_its_width_each_scenario_and_bad_verdict(width: int, scale: float) -> None:
    records = [
        scenario("a-scenario-with-quite-a-long-name", TWO_PAYLOADS, scale=scale),
        scenario("b", PLAN, scale=scale, api="FAILED"),
        scenario("c", PLAN, scale=scale, upload="INCONCLUSIVE"),
        scenario("d", NEGATIVE, scale=scale, cleanup="UNCLEAN"),
        scenario("e", PLAN, scale=scale, convert="REPAIRED"),
    ]
    text = scenario_table(records, width).split("\n\n")[0]
    assert max(len(line) for line in text.splitlines()) <= width
    body = text.splitlines()[1:]
    assert [line[0] for line in body] == ["a", "b", "c", "d", "e"]
    assert "PASS" in body[0]
    assert "FAIL" in body[1]
    assert "INCO" in body[2]
    assert "UNCL" in body[3]
    assert re.search("REPAIRED|RPRD", body[4])


def test_payload_of_which_one_failed_makes_the_cell_fail() -> None:
    record = scenario("x", TWO_PAYLOADS, summary_2="FAILED", manifest_2="SKIPPED")
    row = scenario_table([record], 140).splitlines()[1]
    assert row.split()[-7:] == ["FAIL", "9.0s", "x1", "15.0s", "16.0s", "2m02s", "FAILED"]


def test_colour_is_added_only_when_asked() -> None:
    plain, coloured = scenario_table(ALL, 100), scenario_table(ALL, 100, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31mFAIL" in coloured
    assert [line.rstrip() for line in printable(coloured).splitlines()] == plain.splitlines()


def test_table_shows_markup_like_names_as_they_are() -> None:
    text = scenario_table([scenario("[red]x[/red] :smile:", ["api"])], 80)
    assert text.splitlines()[1].startswith("[red]x[/red] :smile:  ")


def test_table_without_scenarios_says_so() -> None:
    assert scenario_table([], 80) == "No scenario ran."


def test_unknown_phase_gets_a_column_where_its_scenario_has_it() -> None:
    records = [scenario("a", ["source", "api"]), scenario("b", ["source", "cost", "api"])]
    assert scenario_table(records, 100).splitlines()[0].split() == [
        "scenario",
        "source",
        "cost",
        "api",
        "total",
        "verdict",
    ]
