"""``resource-types/openshift-{clusters,projects,nodes}/``: what filters are chosen from (docs/contract/koku.md 5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from e2e_validator.embedded.standin.koku.page import body, empty_body, requested_page
from e2e_validator.embedded.standin.koku.refusal import Refusal
from e2e_validator.embedded.standin.koku.views import Call, Reply, View

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]
_PARAMETERS = {"search", "limit", "aws", "azure", "gcp", "all_cloud"}
_DEFAULT_LIMIT, _MAX_LIMIT = 10, 20000
# Name in the path -> what is listed, from the tables of the UI.
_LISTS = {
    "clusters": "SELECT DISTINCT COALESCE(cluster_alias, cluster_id) AS cluster_alias, cluster_id AS value"
    " FROM reporting_ocp_cost_summary_p WHERE cluster_id IS NOT NULL ORDER BY value, cluster_alias",
    "projects": "SELECT DISTINCT namespace AS value FROM reporting_ocp_cost_summary_by_project_p"
    " WHERE namespace IS NOT NULL ORDER BY value",
    "nodes": "SELECT DISTINCT node AS value FROM reporting_ocp_cost_summary_by_node_p"
    " WHERE node IS NOT NULL ORDER BY value",
}
NAMES = tuple(_LISTS)


def _found(connection: Connection, name: str, search: str) -> list[Row]:
    """All entries that contain ``search``, the whole of it as one word, in whatever case."""
    rows = connection.execute(_LISTS[name]).fetchall()
    return [row for row in rows if any(search.lower() in str(text).lower() for text in row.values())]


def list_resources(name: str) -> View:
    """The view of one list; it is not cached."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        query = call.request.query_params
        if unknown := next((key for key in query if key not in _PARAMETERS), None):
            raise Refusal(400, {unknown: [["Unsupported parameter"]]})
        with call.services.pool.connection() as connection:
            rows = _found(connection, name, query.get("search", ""))
        page = requested_page(call.request, len(rows), _DEFAULT_LIMIT, max_limit=_MAX_LIMIT)
        return Reply(body(page, page.cut(rows)))

    return view
