"""The organisation's cost groups, read before the expectation is made and once more when it is judged.

They belong to the organisation, so that any user may change them while a run goes on: then its costs are shared out by
other rules, and figures that differ say nothing of the product.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import psycopg
from psycopg import sql

from e2e_validator.access.database import Database
from e2e_validator.access.http import Unreachable
from e2e_validator.engine.context import Context
from e2e_validator.errors import Blocked, NumbersDiffer, PhaseFailed, first_line
from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT, CostGroups
from e2e_validator.providers.ocp.own import own_expectation


def read_cost_groups(context: Context) -> CostGroups:
    """The groups as they are now.

    Raises:
        Blocked: they cannot be read.
        PhaseFailed: those are not there that Koku's migrations make and its API never takes away.
    """
    what = "the organisation's cost groups"
    try:
        pairs = context.waiter().wait_for_value(what, lambda: _asked(context.clients.database))
    except psycopg.Error as error:
        said = first_line(error)
        raise Blocked(
            f"The cost groups of the organisation cannot be read, so it is not known which costs are shared out: {said}"
        ) from error
    groups = CostGroups.of(pairs)
    if lost := KOKU_DEFAULT.missing_in(groups):
        raise PhaseFailed(
            f"Koku's own cost groups lack {', '.join(lost)}: their costs are not shared out",
            detail="They come with Koku's migrations, and its API cannot remove them: look whether all have run.",
        )
    return groups


_T = TypeVar("_T")


def unless_groups_changed(run: Callable[[Context], _T]) -> Callable[[Context], _T]:
    """The comparison, BLOCKED where figures differ and the cost groups have been changed since."""

    @wraps(run)
    def looked(context: Context) -> _T:
        try:
            return run(context)
        except NumbersDiffer as error:
            changed = () if context.plan.negative else _changed(context)
            if not changed:
                raise
            raise Blocked(
                f"The organisation's cost groups were changed during the run: {', '.join(changed)}. Its costs"
                " are shared out by other rules than those that the figures were expected by; run it again."
            ) from error

    return looked


def _changed(context: Context) -> tuple[str, ...]:
    try:
        now = CostGroups.of(_asked(context.clients.database))
    except (psycopg.Error, Unreachable):
        return ()  # what differs is the finding, whatever was changed
    return now.added_to(own_expectation(context).cost_groups)


def _asked(database: Database) -> list[tuple[str, str]]:
    """The patterns of projects and the cost group of each, Koku's own and added ones (docs/contract/koku.md 6.1)."""
    statement = sql.SQL("SELECT n.namespace, c.name FROM {} n JOIN {} c ON c.id = n.cost_category_id").format(
        database.table("reporting_ocp_cost_category_namespace"), database.table("reporting_ocp_cost_category")
    )
    return [(row["namespace"], row["name"]) for row in database.rows(statement)]
