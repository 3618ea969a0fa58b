"""The organisation that a run works for, and its schema: looked up, never derived from a name.

See docs/contract/koku.md 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row

from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.postgresql import asked

_CUSTOMERS = "SELECT org_id, account_id, schema_name FROM public.api_customer ORDER BY org_id"
_TABLE = "table public.api_customer"


def customers(dsn: str) -> list[dict[str, Any]]:
    """Every organisation that Koku knows; raises psycopg.Error."""
    return asked(
        dsn, lambda connection: connection.execute(_CUSTOMERS).fetchall(), connect_timeout=15, row_factory=dict_row
    )


def find_organisation(
    rows: Sequence[Mapping[str, Any]], claims: Mapping[str, Any], given: Overrides, found: Found
) -> None:
    """Settle organisation, account and schema; ``claims`` are empty unless the API is asked with a token."""
    for name in ("org_id", "account", "schema"):
        if (chosen := given.get(name)) is not None:
            found.add(chosen)
    if claims.get("org_id"):
        found.put("org_id", str(claims["org_id"]), "claim org_id of the client's token")
        if found.get("org_id") != str(claims["org_id"]):
            org = claims["org_id"]
            found.fail("org_id", f"The token is for organisation {org}, and {found.get('org_id')} was asked for.")
            return
    if claims.get("account_number"):
        found.put("account", str(claims["account_number"]), "claim account_number of the client's token")
    if "org_id" not in found:
        _choose(rows, found)
    if "org_id" not in found:
        return
    row = next((row for row in rows if row["org_id"] == found.get("org_id")), None)
    if row is not None:
        found.put("schema", str(row["schema_name"]), _TABLE)
        if row["account_id"]:
            found.put("account", str(row["account_id"]), _TABLE)
    else:
        found.put("schema", f"org{found.get('org_id')}", "what Koku will call it: the organisation is new to it")
    found.put("account", "10001", "not set anywhere; any will do")


def _choose(rows: Sequence[Mapping[str, Any]], found: Found) -> None:
    there = [str(row["org_id"] or row["schema_name"]) for row in rows]
    if not there:
        found.fail("org_id", "No organisation has used this deployment yet; give one with --set org_id=1234567.")
    elif len(there) > 1:
        names = ", ".join(there[:10])
        found.fail("org_id", f"There are {len(there)} organisations: {names}; choose one with --set org_id=...")
    elif rows[0]["org_id"]:
        found.put("org_id", str(rows[0]["org_id"]), f"{_TABLE}, the only one")
    else:
        found.fail("org_id", f"The organisation of schema {there[0]} has no id; give it with --set org_id=...")
