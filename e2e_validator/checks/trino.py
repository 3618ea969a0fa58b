"""Trino of the classic stack: does it answer a question for which it needs its workers and Hive's metastore."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.checks.check import Check, Issue, error, unseen
from e2e_validator.checks.look import Look
from e2e_validator.checks.retry_unreachable import retry_unreachable
from e2e_validator.diagnose.said import finding_of_text
from e2e_validator.errors import first_line

_QUESTION = "SHOW SCHEMAS FROM hive"


def _trino(look: Look) -> Iterator[Issue]:
    warehouse = look.clients.warehouse
    if warehouse is None:
        yield unseen(
            "the target names no Trino, so its tables are not held against the parquet files",
            "say where it is with trino_url",
        )
        return
    try:
        retry_unreachable(lambda: warehouse.rows(_QUESTION))
    except (Unreachable, Refused) as obstacle:
        known = finding_of_text(str(obstacle))
        sentence = f"Trino does not do {_QUESTION}: {first_line(obstacle).rstrip('.')}"
        yield error(
            f"{sentence}: {known.sentence}" if known else sentence,
            known.remedy if known else "mend Trino, its workers and Hive's metastore; Koku adds up with them",
        )


CHECKS = (Check("Trino", "it answers, Hive's metastore too", _trino, applies=lambda look: look.classic),)
