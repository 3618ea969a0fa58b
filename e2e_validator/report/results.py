"""``results.json``: the events of a run folded into one document for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from e2e_validator.report.fold import fold, scenario_verdict
from e2e_validator.report.jsontext import plain, to_json, write_report
from e2e_validator.report.model import Results
from e2e_validator.report.redact import Redactor

__all__ = ["build_results", "fold", "results_schema", "scenario_verdict", "schema_text", "write_results"]


def build_results(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The results of a run as the JSON object that ``results.json`` holds."""
    return fold(events).model_dump(mode="json")


def write_results(path: Path, events: Iterable[Mapping[str, Any]], redactor: Redactor | None = None) -> dict[str, Any]:
    """Write ``results.json`` whole or not at all; returns what was written.

    Raises:
        E2EError: The file cannot be written.
    """
    results = cast("dict[str, Any]", (redactor or Redactor()).value(plain(build_results(events))))
    write_report(path, to_json(results, indent=2) + "\n")
    return results


def results_schema() -> dict[str, Any]:
    """The JSON Schema of ``results.json``; the package ships it as ``report/results.schema.json``."""
    schema = Results.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """The schema as the shipped file has it."""
    return json.dumps(results_schema(), indent=2) + "\n"
