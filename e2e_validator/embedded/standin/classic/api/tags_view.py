"""``tags/aws/``: enabled keys with their values (docs/contract/clouds.md 10, 11)."""

from __future__ import annotations

from typing import Any

from e2e_validator.embedded.standin.koku.page import empty_body, requested_page
from e2e_validator.embedded.standin.koku.query_string import parse_query
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, bad_parameter, not_found
from e2e_validator.embedded.standin.koku.span import kept_months
from e2e_validator.embedded.standin.koku.tags import TagParameters, read_tag_parameters
from e2e_validator.embedded.standin.koku.views import Call, Reply

Row = dict[str, Any]
_MAX_VALUES = 50
_STATEMENT = """
SELECT s.key, array_agg(DISTINCT v ORDER BY v) AS values
FROM reporting_awstags_summary s JOIN reporting_awscostentrybill b ON b.id = s.cost_entry_bill_id, unnest(s.values) AS v
WHERE b.billing_period_start BETWEEN %(first)s AND %(last)s
    AND (%(account)s::text[] IS NULL OR s.usage_account_id ILIKE ANY (%(account)s))
    AND (%(key)s::text[] IS NULL OR s.key ILIKE ANY (%(key)s))
    AND (%(exactly)s::text IS NULL OR s.key = %(exactly)s)
GROUP BY s.key ORDER BY s.key
"""


def _parts(texts: list[str] | None) -> list[str] | None:
    return None if not texts or "*" in texts else [f"%{text}%" for text in texts]


def _read(call: Call) -> tuple[TagParameters, list[str] | None]:
    tree = parse_query(call.request.url.query)
    branch = tree.get("filter", {})
    account = branch.get("account") if isinstance(branch, dict) else None
    for name in ("project", "cluster", "node", "type"):
        if isinstance(branch, dict) and name in branch:
            raise bad_parameter({"filter": {name: [UNSUPPORTED]}})
    with call.services.pool.connection() as connection:
        kept = kept_months(connection)
    raw = "&".join(part for part in call.request.url.query.split("&") if "account" not in part)
    parameters = read_tag_parameters(raw, call.services.clock.today(), kept)
    accounts = None if account is None else ([account] if isinstance(account, str) else account)
    return parameters, accounts


def _tags(call: Call, parameters: TagParameters, accounts: list[str] | None, key: str | None = None) -> list[Row]:
    # What a bill knows are enabled keys only: disabled ones leave at the next summary.
    if not parameters.enabled:
        return []
    named = {
        "first": parameters.span.first,
        "last": parameters.span.last,
        "account": _parts(accounts),
        "key": _parts(parameters.texts.get("key")),
        "exactly": key,
    }
    with call.services.pool.connection() as connection:
        rows = connection.execute(_STATEMENT, named).fetchall()
    found: list[Row] = [{"key": row["key"], "values": row["values"], "enabled": True} for row in rows]
    return found[::-1] if parameters.descending else found


def _reply(call: Call, parameters: TagParameters, items: list[Any]) -> Reply:
    page = requested_page(call.request, len(items), 100)
    return Reply({"meta": parameters.meta | page.meta, "links": page.links, "data": page.cut(items)})


def list_aws_tags(call: Call) -> Reply:
    """GET: all keys with at most 50 values each."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    parameters, accounts = _read(call)
    tags = _tags(call, parameters, accounts)
    if parameters.key_only:
        return _reply(call, parameters, [tag["key"] for tag in tags])
    for tag in tags:
        if (surplus := len(tag["values"]) - _MAX_VALUES) > 0:
            tag["values"] = [*tag["values"][:_MAX_VALUES], f"{surplus} more..."]
    return _reply(call, parameters, tags)


def aws_tag_values(call: Call) -> Reply:
    """GET: the values of one key; 404 for a key the organisation does not have."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    parameters, accounts = _read(call)
    key = call.request.path_params["key"]
    with call.services.pool.connection() as connection:
        known = connection.execute(
            "SELECT 1 FROM reporting_enabledtagkeys WHERE provider_type = 'AWS' AND key = %s", [key]
        ).fetchone()
    if not known:
        raise not_found()
    return _reply(
        call, parameters, [value for tag in _tags(call, parameters, accounts, key) for value in tag["values"]]
    )
