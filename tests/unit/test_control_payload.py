"""The control payload's day: in the past, whole, and never on a month's end, on whatever day the run is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from e2e_validator.providers.ocp.control.generators import control_generators, control_period


@pytest.mark.parametrize(
    ("today", "day"),
    [
        ("2026-11-21", "2026-10-01"),
        ("2026-11-01", "2026-10-01"),
        ("2026-03-31", "2026-02-01"),
        ("2026-01-01", "2025-12-01"),
        ("2026-01-31", "2025-12-01"),
        ("2024-02-29", "2024-01-01"),
        ("2024-03-30", "2024-02-01"),
        ("2026-12-31", "2026-11-01"),
    ],
)
def test_the_control_has_the_first_day_of_last_month(today: str, day: str) -> None:
    start, end = control_period(datetime.fromisoformat(today).replace(tzinfo=UTC))
    assert (start, end) == (datetime.fromisoformat(day).replace(tzinfo=UTC), start + timedelta(days=1))


def test_the_control_uses_something_to_prove_more() -> None:
    (generator,) = (one["OCPGenerator"] for one in control_generators())
    (pod,) = generator["nodes"][0]["namespaces"]["control"]["pods"]
    assert pod["cpu_usage"]["full_period"] > 0
    assert pod["pod_seconds"] > 0
