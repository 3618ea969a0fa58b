"""Which reports are asked for, and how: a report or a grouping that nobody asks for is never wrong."""

from __future__ import annotations

from e2e_validator.providers.ocp.expect.fields import REPORTS, groupings


def test_every_report_is_asked_for_in_every_grouping() -> None:
    assert REPORTS == ("compute", "memory", "volumes", "costs")
    always = ("total", "daily", "project", "node", "cluster")
    assert groupings() == always
    assert groupings(["environment", "App"]) == (*always, "tag:environment", "tag:App")
