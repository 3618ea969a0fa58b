"""A statement on its way: taken, run, and answered page by page."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Any

from e2e_validator.embedded.trino.ailments import Ailments
from e2e_validator.embedded.trino.failure import StatementError
from e2e_validator.embedded.trino.hive_statements import HiveStatements
from e2e_validator.embedded.trino.immediate import expand
from e2e_validator.embedded.trino.metastore import Metastore
from e2e_validator.embedded.trino.objects import ParquetObjects
from e2e_validator.embedded.trino.queries import Queries
from e2e_validator.embedded.trino.result import Result
from e2e_validator.embedded.trino.session import Session
from e2e_validator.embedded.trino.settings import TrinoSettings
from e2e_validator.embedded.trino.values import signature

ROWS_A_PAGE = 1000
_KEPT = 200


class Statements:
    """The statements that clients have sent; one is run at a time."""

    def __init__(self, settings: TrinoSettings) -> None:
        metastore = Metastore(settings.metastore, Ailments(settings.ailments, settings.s3_url))
        objects = ParquetObjects(settings)
        self._hive = HiveStatements(metastore, objects)
        self._queries = Queries(metastore, objects, self._hive)
        self._sent: OrderedDict[str, tuple[Session, str]] = OrderedDict()
        self._results: dict[str, Result] = {}
        self._running = threading.Lock()

    def take(self, session: Session, text: str, base: str) -> dict[str, Any]:
        """Note a statement; the answer says where its result is asked for."""
        key = f"20261129_000000_{len(self._sent):05d}_{secrets.token_hex(3)}"
        self._sent[key] = (session, text)
        if len(self._sent) > _KEPT:
            old, _ = self._sent.popitem(last=False)
            self._results.pop(old, None)
        return _answer(key, base, "QUEUED", next_uri=f"{base}/v1/statement/executing/{key}/0")

    def page(self, key: str, number: int, base: str) -> dict[str, Any] | None:
        """A page of the result; None: there is no such statement."""
        if key not in self._sent:
            return None
        try:
            result = self._result(key)
        except StatementError as failure:
            return _answer(key, base, "FAILED", error=failure.as_json())
        rows = list(result.rows[number * ROWS_A_PAGE : (number + 1) * ROWS_A_PAGE])
        more = len(result.rows) > (number + 1) * ROWS_A_PAGE
        next_uri = f"{base}/v1/statement/executing/{key}/{number + 1}" if more else None
        answer = _answer(key, base, "RUNNING" if more else "FINISHED", next_uri=next_uri)
        if result.columns:
            answer["columns"] = [
                {"name": name, "type": kind, "typeSignature": signature(kind)} for name, kind in result.columns
            ]
            if rows:
                answer["data"] = rows
        if result.update_type:
            answer["updateType"] = result.update_type
        return answer

    def forget(self, key: str) -> None:
        """The client wants no more of it."""
        self._sent.pop(key, None)
        self._results.pop(key, None)

    def _result(self, key: str) -> Result:
        with self._running:
            if key not in self._results:
                session, text = self._sent[key]
                statement = expand(text).strip().rstrip(";").strip()
                self._results[key] = self._hive.run(session, statement) or self._queries.run(session, statement)
            return self._results[key]


def _answer(key: str, base: str, state: str, **more: Any) -> dict[str, Any]:
    names = {"next_uri": "nextUri"}
    return {
        "id": key,
        "infoUri": f"{base}/ui/query.html?{key}",
        **{names.get(name, name): value for name, value in more.items() if value is not None},
        "stats": {
            "state": state,
            "queued": state == "QUEUED",
            "scheduled": state != "QUEUED",
            **dict.fromkeys(
                (
                    "nodes", "totalSplits", "queuedSplits", "runningSplits", "completedSplits", "cpuTimeMillis",
                    "wallTimeMillis", "queuedTimeMillis", "elapsedTimeMillis", "processedRows", "processedBytes",
                    "physicalInputBytes", "peakMemoryBytes", "spilledBytes",
                ),
                0,
            ),
        },
        "warnings": [],
    }  # fmt: skip
