"""The stand-in's configuration, clock, ranges and messages."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from e2e_validator.embedded.day import StackDay
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import ConfigError, StandinConfig
from e2e_validator.embedded.standin.manifests import Status
from e2e_validator.embedded.standin.queues import QUEUES, Task
from e2e_validator.embedded.standin.summary.range import SummaryRange
from e2e_validator.embedded.standin.tasks.summarize import months_to_summarise

CONFIG = {
    "dsn": "postgresql://u:secret-one@h/d", "s3_url": "http://h:1", "s3_access_key": "secret-two",
    "s3_secret_key": "secret-three", "bucket_ingress": "i", "bucket_archive": "a", "bucket_ros": "r",
    "valkey_url": "redis://:secret-four@h:2", "org_id": "1", "account": "2", "schema": "org1", "koku_port": 3,
    "masu_port": 4, "today": "2026-11-21", "pace": "fast", "log_dir": "/nowhere", "shift_seconds": 0,
}  # fmt: skip


def load(folder: Path, text: str) -> StandinConfig:
    path = folder / "config.json"
    path.write_text(text)
    return StandinConfig.load(path)


def test_a_configuration_is_read_and_hides_its_secrets(tmp_path: Path) -> None:
    config = load(tmp_path, json.dumps(CONFIG))
    assert (config.today, config.koku_port, config.log_dir) == (date(2026, 11, 21), 3, Path("/nowhere"))
    assert "secret-" not in repr(config)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "not a JSON object"),
        (json.dumps({key: value for key, value in CONFIG.items() if key != "dsn"}), "keys: dsn"),
        (json.dumps(CONFIG | {"colour": 1}), "keys: colour"),
        (json.dumps(CONFIG | {"today": "tomorrow"}), "wrong kind"),
        (json.dumps(CONFIG | {"pace": "sluggish"}), "use one of fast, brisk, real, slow"),
    ],
)
def test_a_wrong_configuration_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)


class Real:
    """The real time, which a test puts on."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def test_a_fixed_day_stays_over_midnight_while_stamps_go_on() -> None:
    real = Real(datetime(2026, 11, 29, 23, 59, 50, tzinfo=UTC))
    clock = Clock(date(2026, 11, 21), -8 * 86400, real=real)
    before = clock.now()
    assert clock.shown() == before == datetime(2026, 11, 21, 23, 59, 50, tzinfo=UTC)
    real.at += timedelta(seconds=20)
    assert clock.today() == date(2026, 11, 21)
    assert clock.shown() == datetime(2026, 11, 21, 0, 0, 10, tzinfo=UTC)
    assert clock.now() - before == timedelta(seconds=20)


def test_a_day_that_is_not_fixed_turns_at_midnight() -> None:
    real = Real(datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC))
    clock = Clock(None, 86400 + 12 * 3600 - 1, real=real)
    assert (clock.today(), clock.shown()) == (date(2026, 11, 30), datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC))
    real.at += timedelta(seconds=1)
    assert (clock.today(), clock.shown()) == (date(2026, 12, 1), datetime(2026, 12, 1, tzinfo=UTC))


def test_the_day_of_a_stack_is_settled_at_its_start() -> None:
    now, day = datetime.now(UTC), date(2026, 11, 21)
    fixed, turning = StackDay.of(day), StackDay.of(None, now + timedelta(hours=7))
    assert (fixed.fixed, StackDay.of(None)) == (day, StackDay())
    assert fixed.shift in {day - now.date(), day - datetime.now(UTC).date()}
    assert turning.fixed is None
    assert timedelta(hours=6, minutes=59) < turning.shift <= timedelta(hours=7)
    with pytest.raises(ValueError, match="not both"):
        StackDay.of(day, now)


def test_a_free_clock_tells_the_time() -> None:
    assert abs(Clock(None).now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026-10-29", "2026-11-03", [("2026-10-29", "2026-10-31"), ("2026-11-01", "2026-11-03")]),
        ("2026-11-05", None, [("2026-11-05", "2026-11-21")]),
        ("2026-07-05", "2026-08-02", [("2026-08-01", "2026-08-02")]),
        ("2026-11-06", "2026-11-05", []),
    ],
)
def test_a_summary_takes_whole_months_of_the_last_three(
    start: str, end: str | None, months: list[tuple[str, str]]
) -> None:
    found = months_to_summarise(date(2026, 11, 21), date.fromisoformat(start), date.fromisoformat(end) if end else None)
    assert [(str(first), str(last)) for first, last in found] == months


def test_a_range_is_summarised_in_kokus_pieces() -> None:
    steps = SummaryRange("s", date(2026, 11, 1), date(2026, 11, 14)).steps()
    assert [(step.start.day, step.end.day) for step in steps] == [(1, 6), (7, 11), (12, 14)]


def test_a_task_survives_its_message_with_what_is_chained_to_it() -> None:
    task = Task("a", [1], {"b": "2"}, chain=[["priority", Task("c").link()]])
    assert Task.read(task.text()) == task


def test_there_are_kokus_queues() -> None:
    assert len(QUEUES) == len(set(QUEUES)) == 22


@pytest.mark.parametrize(("status", "label"), [(1, "Done"), (4, "Processing"), (5, "OCP Cloud Processing")])
def test_status_numbers_have_kokus_words(status: int, label: str) -> None:
    assert Status(status).label == label
