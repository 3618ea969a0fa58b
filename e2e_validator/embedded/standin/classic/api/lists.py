"""``resource-types/aws-*``, ``settings/aws_category_keys/`` and what else the UI asks of AWS (clouds.md 10)."""

from __future__ import annotations

import uuid
from typing import Any

from e2e_validator.embedded.standin.koku.page import body, empty_body, requested_page
from e2e_validator.embedded.standin.koku.refusal import Refusal, error_list
from e2e_validator.embedded.standin.koku.views import Call, Reply, View

_DEFAULT_LIMIT, _MAX_LIMIT = 10, 20000
_EC2 = "reporting_awscostentrylineitem_summary_by_ec2_compute_p"
_CATEGORIES = "aws-categories"
_LISTS = {
    "aws-accounts": "SELECT DISTINCT usage_account_id AS account_alias, usage_account_id AS value"
    " FROM reporting_aws_cost_summary_by_account_p ORDER BY value",
    "aws-regions": "SELECT DISTINCT region AS value FROM reporting_aws_cost_summary_by_region_p"
    " WHERE region IS NOT NULL ORDER BY value",
    "aws-services": 'SELECT DISTINCT product_code COLLATE "C" AS value FROM reporting_aws_cost_summary_by_service_p'
    " WHERE product_code IS NOT NULL ORDER BY value",
    "aws-organizational-units": "SELECT org_unit_id AS value FROM reporting_awsorganizationalunit ORDER BY value",
    # A key that was disabled stays in this list until something is summarised (clouds.md 11).
    _CATEGORIES: "SELECT c.key, array_agg(DISTINCT v ORDER BY v) AS values,"
    " CASE WHEN bool_or(k.enabled) THEN 'True' ELSE 'False' END AS enabled"
    " FROM reporting_awscategory_summary c CROSS JOIN unnest(c.values) AS v"
    " LEFT JOIN reporting_awsenabledcategorykeys k ON k.key = c.key GROUP BY c.key ORDER BY c.key",
    "aws-ec2-compute-instances": "SELECT DISTINCT coalesce(instance_name, resource_id) AS instance_name,"
    f" resource_id AS value FROM {_EC2} ORDER BY value",
    "aws-ec2-compute-os": f"SELECT DISTINCT operating_system AS value FROM {_EC2}"
    " WHERE operating_system IS NOT NULL ORDER BY value",
}
NAMES = tuple(_LISTS)


def list_aws_resources(name: str) -> View:
    """The view of one list; ``search`` is part of a name, in whatever case."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        query = call.request.query_params
        further = ("key_only",) if name == _CATEGORIES else ()
        if unknown := next((key for key in query if key not in ("search", "limit", "offset", *further)), None):
            raise Refusal(400, {unknown: [["Unsupported parameter"]]})
        wanted = query.get("search", "").lower()
        with call.services.pool.connection() as connection:
            rows: list[Any] = connection.execute(_LISTS[name].encode()).fetchall()
        found = [row for row in rows if any(wanted in str(value).lower() for value in row.values())]
        if query.get("key_only", "").lower() == "true":
            found = [row["key"] for row in found if row["enabled"] == "True"]
        page = requested_page(call.request, len(found), _DEFAULT_LIMIT, max_limit=_MAX_LIMIT)
        return Reply(body(page, page.cut(found)))

    return view


def list_category_keys(call: Call) -> Reply:
    """GET ``settings/aws_category_keys/``: enabled ones first."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    with call.services.pool.connection() as connection:
        rows = connection.execute(
            "SELECT uuid, key, enabled FROM reporting_awsenabledcategorykeys ORDER BY enabled DESC, key"
        ).fetchall()
    page = requested_page(call.request, len(rows), _DEFAULT_LIMIT)
    return Reply(body(page, page.cut(list(rows))))


def set_category_keys(*, enabled: bool) -> View:
    """PUT: 204; rows are as they were until the days are summarised again."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        ids = call.json_object().get("ids", [])
        if not isinstance(ids, list) or not ids:
            raise error_list(400, "id_list", "This list may not be empty.")
        try:
            keys = [uuid.UUID(str(item)) for item in ids]
        except ValueError as error:
            raise error_list(400, "id_list", "invalid uuid supplied.") from error
        with call.services.pool.connection() as connection:
            connection.execute(
                "UPDATE reporting_awsenabledcategorykeys SET enabled = %s WHERE uuid = ANY (%s)", [enabled, keys]
            )
        return Reply(None, status=204)

    return view


def forecast(call: Call) -> Reply:
    """GET ``forecasts/aws/costs/``: nothing, as of a source with few days."""
    page = requested_page(call.request, 0, 100)
    return Reply({"meta": page.meta | {"cost_type": "unblended_cost"}, "links": page.links, "data": []})


def user_access(_call: Call) -> Reply:
    """GET ``user-access/``: all of it, to an administrator."""
    return Reply({"data": True, "access": True, "write": True})
