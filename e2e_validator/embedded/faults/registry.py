"""All faults that the embedded stack knows, and those it will know."""

from __future__ import annotations

from e2e_validator.embedded.faults.fault import Fault
from e2e_validator.embedded.faults.kinds import (
    answers,
    caches,
    cloud_files,
    cost_sql,
    database,
    files,
    killed,
    locks,
    messages,
    object_store,
    parquet,
    payloads,
    polls,
    resends,
    tenant_copy,
    trino,
)

REGISTRY: tuple[Fault, ...] = (
    *killed.FAULTS,
    *messages.FAULTS,
    *tenant_copy.FAULTS,
    *files.FAULTS,
    *cost_sql.FAULTS,
    *locks.FAULTS,
    *resends.FAULTS,
    *caches.FAULTS,
    *answers.FAULTS,
    *object_store.FAULTS,
    *database.FAULTS,
    *payloads.FAULTS,
    *polls.FAULTS,
    *cloud_files.FAULTS,
    *parquet.FAULTS,
    *trino.FAULTS,
)
_BY_NAME = {fault.name: fault for fault in REGISTRY}


def fault_named(name: str) -> Fault:
    """The fault of that name.

    Raises:
        KeyError: there is none.
    """
    return _BY_NAME[name]


def registry_table() -> str:
    """The registry as a table in Markdown."""
    lines = ["| fault | hits | what it does | what is seen | contract | given by |", "|---|---|---|---|---|---|"]
    for fault in REGISTRY:
        seen = "<br>".join(symptom.replace("|", "\\|") for symptom in fault.symptoms)
        given = fault.given_by or "control port"
        lines.append(f"| `{fault.name}` | {fault.scope} | {fault.does} | {seen} | {fault.contract} | {given} |")
    return "\n".join(lines) + "\n"
