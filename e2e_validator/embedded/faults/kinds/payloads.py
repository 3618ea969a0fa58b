"""Faults that are in the payload: a scenario's ``damage`` makes them, and nothing in the stack is disturbed."""

from __future__ import annotations

from e2e_validator.embedded.faults.fault import Fault


def _damage(name: str, damage: str, does: str, *symptoms: str) -> Fault:
    return Fault(name, does, "3.3", symptoms, given_by=f"the payload: damage {damage}")


FAULTS = (
    _damage(
        "payload_without_manifest", "no_manifest", "No manifest.json in the tarball.", "No manifest found in payload"
    ),
    _damage(
        "payload_names_with_dot", "dot_slash", "The members are named ./x.", "No manifest found in payload"
    ),
    _damage(
        "payload_column_missing", "drop_column:<column>", "A CSV has no such column.",
        "AttributeError: 'DataFrame' object has no attribute 'interval_start'",
        "Unknown report type, skipping file processing",
    ),
    _damage(
        "payload_file_missing", "missing_file", "A listed file is not in the tarball.",
        "one file 3 for ever, the others 1, no log line",
    ),
    _damage("payload_rows_garbled", "garbage_csv", "Rows do not fit.", "Unable to extract payload. Error: ValueError"),
    _damage(
        "payload_without_dates", "no_dates", "start and end are not in the manifest.",
        "missing start or end dates - cannot summarize ocp reports",
    ),
    _damage(
        "payload_truncated", "truncated", "The archive ends in its middle.",
        "Compressed file ended before the end-of-stream marker was reached",
    ),
    _damage("payload_no_archive", "not_gzip", "It is no archive.", "not a gzip file"),
    Fault(
        "payload_of_no_source", "The cluster has no source.", "3.3",
        ("Received unexpected OCP report from <cluster>",), given_by="the scenario: a cluster without a source",
    ),
    Fault(
        "payload_outside_retention", "The data are too old.", "3.3",
        ("Received OCP data outside our retention period for <cluster>, skipping processing",),
        given_by="the scenario: its days",
    ),
    Fault(
        "clock_skew", "The deployment's clock is not the run's.", "5.4",
        ("Parameter start_date must be from ... to ...",), given_by="the stack: EmbeddedStack.start(today=...)",
        scope="stack",
    ),
)  # fmt: skip
