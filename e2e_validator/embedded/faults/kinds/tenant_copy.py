"""The provider's row in the tenant's schema is missing (docs/contract/koku.md 2.2, 7.4)."""

from __future__ import annotations

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.database import connect

_DELETE = "DELETE FROM reporting_tenant_api_provider WHERE uuid = %s"
_SYMPTOMS = (
    "could not write parquet to temp file",
    'insert or update on table "reporting_ocpusagereportperiod" violates foreign key constraint',
    'is not present in table "reporting_tenant_api_provider"',
    "failed to convert files to parquet",
    "first file 2 with failed_status 4, the rest 3, tracker 1 key, daily rows of one day, no raw rows",
)


def delete_row(now: Happening) -> bool:
    """Delete the row in a session of its own."""
    with connect(now.config) as conn:
        conn.execute(_DELETE, [now.facts["source"]])
    return False


FAULTS = (
    Fault(
        "tenant_row_never_made",
        "The row is deleted as soon as the source is made; arm it before the source is made.",
        "docs/contract/koku.md 2.2, 7.4",
        _SYMPTOMS,
        points=(Point.SOURCE_CREATED,),
        act=delete_row,
    ),
    Fault(
        "tenant_row_deleted_on_ingest",
        "The row is deleted when the listener has found the source of a payload and has written nothing yet.",
        "docs/contract/koku.md 2.2, 7.4",
        _SYMPTOMS,
        points=(Point.SOURCE_FOUND,),
        act=delete_row,
    ),
)
