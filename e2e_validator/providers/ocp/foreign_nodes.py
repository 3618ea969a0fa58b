"""What Koku has noted of nodes of other clusters that have the names of this source's (docs/contract/koku.md 6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psycopg import sql

from e2e_validator.engine.context import Context
from e2e_validator.engine.deviating import deviates
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.stage import Stage
from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT
from e2e_validator.providers.ocp.expect.deviations.registry import DEVIATIONS
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.noise import check
from e2e_validator.providers.ocp.organisation_groups import read_cost_groups
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.providers.ocp.prices import cost_model_of

NAME = "node_roles_of_other_clusters"
Roles = dict[tuple[str, str], str]


def expectation_of(context: Context, folders: Sequence[Path], foreign: Roles | None = None) -> Expectation:
    """The expectation of the payloads in ``folders``, with what Koku knows of nodes of other clusters.

    The cost groups are the organisation's; a rehearsal has no organisation.
    """
    rehearsed = context.plan.negative or not context.state.source
    return Expectation.from_payloads(
        folders,
        cluster_alias=context.source_name,
        cluster_id=context.source_key,
        cost_model=cost_model_of(context.loaded),
        enabled_tags=context.loaded.enable_tags,
        today=context.today,
        foreign_roles=foreign,
        cost_groups=KOKU_DEFAULT if rehearsed else read_cost_groups(context),
    )


def foreign_roles(context: Context, nodes: Sequence[str]) -> Roles:
    """The role that Koku finds for each of ``nodes`` in other clusters of the organisation, by (node, resource id).

    It looks a role up by these two alone, and of several takes the last in the alphabet.
    """
    database = context.clients.database
    statement = sql.SQL(
        "SELECT node, resource_id, max(node_role) AS role FROM {nodes} n JOIN {clusters} c ON c.uuid = n.cluster_id"
        " WHERE c.cluster_id <> %s AND node = ANY(%s) GROUP BY node, resource_id"
    ).format(nodes=database.table("reporting_ocp_nodes"), clusters=database.table("reporting_ocp_clusters"))
    rows = database.rows(statement, [context.source_key, list(nodes)])
    return {(row["node"], row["resource_id"] or ""): row["role"] for row in rows if row["role"]}


def with_foreign_roles(context: Context, error: NumbersDiffer, stage: Stage, payload: int) -> Exception:
    """The failure of a daily summary that is not what was expected of Koku; named if other clusters' nodes explain it.

    They do when Koku shows just what follows with the roles that they have now: they were sent since the
    expectation was made.
    """
    expectation = own_expectation(context)
    now = foreign_roles(context, expectation.nodes())
    if now == expectation.foreign_roles:
        return error
    folders = [Path(sent.payload_folder) for sent in context.state.payloads if not sent.control]
    anew = expectation_of(context, folders, now)
    if not check(stage.name, anew.stage("summary", payload - 1), stage.actual).ok:
        return error
    # Each once: several clusters may have come with the name, the run's control source among them.
    came = dict.fromkeys(
        f"{node} is {role}"
        for (node, resource), role in sorted(now.items())
        if expectation.foreign_roles.get((node, resource)) != role
    )
    return deviates(
        DEVIATIONS[NAME],
        f"another cluster has come with nodes of the same names ({', '.join(came)}); {error.headline}",
        f"{DEVIATIONS[NAME].happens}\nRun the scenario again, or give its nodes names of their own.\n{error.detail}",
    )
