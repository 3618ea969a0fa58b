"""``settings/cost-groups/``: the projects that count as the platform; a change is summarised anew.

See docs/contract/koku.md 5.5.
"""

from __future__ import annotations

from typing import Any

from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.koku.page import body, empty_body, requested_page
from e2e_validator.embedded.standin.koku.query_string import parse_query
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, error_list
from e2e_validator.embedded.standin.koku.views import Call, Reply, View
from e2e_validator.embedded.standin.queues import send
from e2e_validator.embedded.standin.tasks.summarize import summary_task

_FILTERS = ("project", "group", "default", "cluster")
_QUEUE = "ocp"
# The first pattern that fits decides; what workers have left is a default project of no group.
_LIST = """
SELECT project, "group", clusters, "default" FROM (
    SELECT p.project,
        (SELECT c.name FROM reporting_ocp_cost_category_namespace n
         JOIN reporting_ocp_cost_category c ON c.id = n.cost_category_id
         WHERE p.project LIKE n.namespace ORDER BY n.id LIMIT 1) AS "group",
        array_agg(DISTINCT coalesce(k.cluster_alias, k.cluster_id)) AS clusters,
        CASE WHEN p.project = 'Worker unallocated' THEN true ELSE (
            SELECT n.system_default FROM reporting_ocp_cost_category_namespace n
            WHERE p.project LIKE n.namespace ORDER BY n.id LIMIT 1
        ) END AS "default"
    FROM reporting_ocp_projects p JOIN reporting_ocp_clusters k ON k.uuid = p.cluster_id
    GROUP BY p.project
) AS known
"""


def list_cost_groups(call: Call) -> Reply:
    """GET: every project that was ever summarised, with its group."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    branch = parse_query(call.request.url.query).get("filter", {})
    given = branch if isinstance(branch, dict) else {}
    if wrong := next((name for name in given if name not in (*_FILTERS, "limit", "offset")), None):
        raise error_list(400, wrong, UNSUPPORTED)
    with call.services.pool.connection() as connection:
        rows = connection.execute(f"{_LIST} ORDER BY project").fetchall()
    found = [row for row in rows if all(_fits(row, name, given[name]) for name in _FILTERS if name in given)]
    page = requested_page(call.request, len(found), len(found))
    return Reply(body(page, page.cut(found)))


def _fits(row: dict[str, Any], name: str, value: Any) -> bool:
    wanted = [value] if isinstance(value, str) else value
    if name == "default":
        return str(row["default"]).lower() in {part.lower() for part in wanted}
    texts = row["clusters"] if name == "cluster" else [row[name] or ""]
    return any(part.lower() in text.lower() for part in wanted for text in texts)


def change_cost_groups(*, add: bool) -> View:
    """PUT: 204; 400 for a project that no cluster has, or a group that there is not. Default ones stay as they are."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        with call.services.pool.connection() as connection:
            asked = _asked(connection, call.json())
            changed = [(project, group) for project, group in asked if not _is_default(connection, project)]
            for project, group in changed:
                connection.execute(
                    "DELETE FROM reporting_ocp_cost_category_namespace WHERE namespace = %s AND NOT system_default",
                    [project],
                )
                if add:
                    connection.execute(
                        "INSERT INTO reporting_ocp_cost_category_namespace"
                        " (namespace, system_default, cost_category_id)"
                        " SELECT %s, false, id FROM reporting_ocp_cost_category WHERE name = %s",
                        [project, group],
                    )
            owners = connection.execute(
                "SELECT DISTINCT k.provider_id::text AS provider FROM reporting_ocp_projects p"
                " JOIN reporting_ocp_clusters k ON k.uuid = p.cluster_id WHERE p.project = ANY (%s)",
                [[project for project, _ in changed]],
            ).fetchall()
        today = call.services.clock.today()
        for owner in owners:
            whose = (call.services.config.schema, "OCP", owner["provider"])
            task = summary_task(whose, today.replace(day=1), today, queue_name=_QUEUE)
            send(call.services.valkey, _QUEUE, task)
        return Reply(None, status=204)

    return view


def _asked(connection: Connection, items: Any) -> list[tuple[str, str]]:
    """The projects and groups of the body.

    Raises:
        Refusal: 400 where the body is no list, or names what there is not.
    """
    if not isinstance(items, list):
        raise error_list(400, "non_field_errors", f'Expected a list of items but got type "{type(items).__name__}".')
    projects = {row["project"] for row in connection.execute("SELECT project FROM reporting_ocp_projects")}
    groups = {row["name"] for row in connection.execute("SELECT name FROM reporting_ocp_cost_category")}
    found = []
    for item in items:
        for name, known in (("project", projects), ("group", groups)):
            value = item.get(name) if isinstance(item, dict) else None
            if value is None:
                raise error_list(400, name, "This field is required.")
            if value not in known:
                raise error_list(400, name, _no_choice(value, sorted(known)))
        found.append((item["project"], item["group"]))
    return found


def _no_choice(value: Any, known: list[str]) -> str:
    if 0 < len(known) < 7:
        return f"Select a valid choice. {'Choice is' if len(known) == 1 else 'Choices are'} {', '.join(known)}."
    return f"Select a valid choice. '{value}' is not a valid choice."


def _is_default(connection: Connection, project: str) -> bool:
    row = connection.execute(
        "SELECT count(*) AS n FROM reporting_ocp_cost_category_namespace WHERE system_default AND %s LIKE namespace",
        [project],
    ).fetchone()
    return bool(row and row["n"])
