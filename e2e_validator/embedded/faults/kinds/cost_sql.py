"""The cost step fails as on PostgreSQL 15 (recorded: E)."""

from __future__ import annotations

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.standin.checkpoints import Point

# PostgreSQL 16 takes such a subquery; its predecessor's error is raised in its own words, by the server.
_REFUSE = (
    "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'syntax_error', MESSAGE = 'subquery in FROM must have an alias',"
    " HINT = 'For example, FROM (SELECT ...) [AS] foo.'; END $$"
)


def refuse_in_the_database(now: Happening) -> bool:
    """Have the server refuse a statement of the worker's own session."""
    now.facts["conn"].execute(_REFUSE)
    return False


FAULTS = (
    Fault(
        "cost_step_fails",
        "The worker's session gets a syntax error from the server in the cost step; arm it with times=None to have it"
        " every time, as on PostgreSQL 15.",
        "1.5, 7.3, 8; recorded fault E",
        (
            "subquery in FROM must have an alias",
            "state summary: end, derived_cost_datetime NULL, completed_datetime NULL for ever",
        ),
        points=(Point.COST_STARTED,),
        act=refuse_in_the_database,
    ),
)
