"""A package over a month's end of which one month is never summarised: the cause is named, not the limit."""

from __future__ import annotations

from pathlib import Path

import pytest
from nested import TODAY, furnish, run

pytestmark = pytest.mark.embedded

# The first of two messages is lost: that of the earlier month.
LEFT_OUT = """
version: 1
name: left_out
description: The earlier month of a package over a month's end is not summarised.
period: {start: month-1m-1d, end: month-1m+1d}
uploads: [{one_package: true}]
data: {rows: differing}
faults: [{fault: month_summary_lost, before: ingest}]
limits: {summary: 300s}
"""


def test_a_month_that_is_never_summarised_is_named_soon(tmp_path: Path) -> None:
    ended = run(furnish(tmp_path, {"left_out": LEFT_OUT}), "scenarios", "--today", TODAY)
    assert ended.code == 1, ended.text
    summary = ended.phases["left_out"]["summary"]
    assert (summary["verdict"], summary["cause"]) == ("FAILED", "month_unsummarised")
    assert "state.summary has ended without a summary of 2026-09 (2026-10 has one)" in summary["headline"]
    assert "not within" not in summary["headline"]
