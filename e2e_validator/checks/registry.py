"""All checks, and one look with them: what the cluster is like is found out once a run."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.checks import (
    chart_defects,
    cloud,
    configuration,
    kafka,
    koku_itself,
    object_store,
    organisation,
    policies,
    postgresql,
    queues,
    surroundings,
    trino,
    workloads,
)
from e2e_validator.checks.check import Check, Issue, Severity, error
from e2e_validator.checks.look import Look, some
from e2e_validator.checks.retry_unreachable import retry_unreachable
from e2e_validator.engine.context import Context
from e2e_validator.errors import Blocked, counted, first_line
from e2e_validator.whole_file import write_whole

_OF_CLUSTER: tuple[Check, ...] = (
    *workloads.CHECKS,
    *configuration.CHECKS,
    *surroundings.CHECKS,
    *queues.CHECKS,
    *policies.CHECKS,
    *kafka.CHECKS_OF_CLUSTER,
    *chart_defects.CHECKS,
    *cloud.CHECKS,
)
_OF_SERVERS: tuple[Check, ...] = (
    *postgresql.CHECKS,
    *object_store.CHECKS,
    *trino.CHECKS,
    *kafka.CHECKS,
    *koku_itself.CHECKS,
    *organisation.CHECKS,
)
CHECKS = (*_OF_CLUSTER, *_OF_SERVERS)
SEEN = "preflight-checks.json"
# A run that goes on the next day does so in the same folder.
_SEEN_SECONDS = 900.0
_SHORTEST = 4
_MARKS = {
    Severity.ERROR: "FAIL ",
    Severity.WARNING: "warn ",
    Severity.UNSEEN: "skip ",
    Severity.INFORMATION: "info ",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What one check came to: ``issues`` is empty when all is well, and ``good`` says what is true then."""

    name: str
    good: str
    issues: tuple[Issue, ...] = ()
    blind: bool = False
    """The check could not look at all, which has a cause that another check may name."""

    @property
    def errors(self) -> tuple[Issue, ...]:
        """What blocks."""
        return self.having(Severity.ERROR)

    def having(self, severity: Severity) -> tuple[Issue, ...]:
        """What is told with this severity."""
        return tuple(issue for issue in self.issues if issue.severity is severity)

    def lines(self) -> list[str]:
        """As preflight prints it."""
        if not self.issues:
            return [f"ok    {self.name}: {self.good}"]
        return [f"{_MARKS[issue.severity]} {self.name}: {issue}" for issue in self.issues]


def results(context: Context) -> list[Result]:
    """Every check's result, in order; those of the cluster as they were seen first in this run.

    They are looked at again after 15 minutes, and while any of them blocks. Of a target without a cluster only the
    servers are looked at.
    """
    look = Look(context)
    checks = [check for check in (CHECKS if look.has_cluster else _OF_SERVERS) if check.applies(look)]
    path = context.run.folder / SEEN
    seen = _read(path)
    if seen is None:
        seen = [_result(check, look) for check in checks if not check.of_scenario]
        if not any(result.errors for result in seen):
            text = json.dumps([_as_json(result) for result in seen], indent=1)
            # What is shorter is no secret, and would spoil every sentence.
            for secret in sorted((one for one in context.target.secrets() if len(one) >= _SHORTEST), key=len)[::-1]:
                text = text.replace(secret, "***")
            write_whole(path, text)
    return [*seen, *(_result(check, look) for check in checks if check.of_scenario)]


def _result(check: Check, look: Look) -> Result:
    """A check that cannot look has found an error: it is never passed over."""
    try:
        return Result(check.name, check.good, retry_unreachable(lambda: tuple(check.look(look))))
    except (Blocked, Unreachable, Refused, S3Error, psycopg.Error) as obstacle:
        reason = first_line(obstacle).rstrip(".")
        return Result(check.name, check.good, (error(f"it cannot be looked at: {reason}", ""),), blind=True)


def _read(path: Path) -> list[Result] | None:
    """What was seen lately, or None."""
    if not path.exists() or time.time() - path.stat().st_mtime > _SEEN_SECONDS:
        return None
    return [
        Result(
            entry["check"],
            entry["good"],
            tuple(Issue(Severity(one["severity"]), one["what"], one["remedy"]) for one in entry["issues"]),
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]


def _as_json(result: Result) -> dict[str, object]:
    issues = [{"severity": one.severity.value, "what": one.what, "remedy": one.remedy} for one in result.issues]
    return {"check": result.name, "good": result.good, "issues": issues}


def summary(found: Sequence[Result]) -> str:
    """How many warnings there are and of which checks, for the headline; empty if there are none."""
    warned = [result for result in found if result.having(Severity.WARNING)]
    if not warned:
        return ""
    count = sum(len(result.having(Severity.WARNING)) for result in warned)
    return f", {counted(count, 'warning')} ({some(result.name for result in warned)})"
