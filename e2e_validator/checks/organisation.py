"""What is set for the organisation: what its tokens say, and in which currency its figures come."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from e2e_validator.access.tokens import tokens_for
from e2e_validator.checks.check import Check, Issue, error, information, unseen
from e2e_validator.checks.look import Look

_CLAIMS = ("org_id", "account_number")
# Everything is generated, and judged, in it.
CURRENCY = "USD"


def _claims(look: Look) -> Iterator[Issue]:
    target = look.context.target
    if target.auth is None:
        yield unseen(
            "the API is asked with an identity header, past the gateway, so no token's claims were looked at",
            "--set transport=gateway takes the way that clusters take",
        )
        return
    claims = tokens_for(target.auth, target.verify).current().claims()
    for name in _CLAIMS:
        if not claims.get(name):
            yield error(
                f"tokens of client {target.auth.client_id} carry no {name}, without which the gateway answers 401",
                f"give the client a mapper for {name} in Keycloak",
            )
    for name, ours in zip(_CLAIMS, (target.org_id, target.account), strict=True):
        if claims.get(name) and str(claims[name]) != ours:
            yield error(
                f"tokens of client {target.auth.client_id} say {name} {claims[name]}, and this run looks at {ours}",
                f"give --set {'org_id' if name == 'org_id' else 'account'}={claims[name]}, or correct the mapper",
            )


def _currency(look: Look) -> Iterator[Issue]:
    """Figures of the API come in the currency of the organisation's settings, without any in that of Koku itself."""
    database = look.clients.database
    table = f"{database.schema}.user_settings"
    if database.value(sql.SQL("SELECT to_regclass(%s) IS NOT NULL"), [table]):
        statement = sql.SQL("SELECT settings->>'currency' AS currency FROM {} LIMIT 1").format(
            database.table("user_settings")
        )
        set_to = [row["currency"] for row in database.rows(statement) if row["currency"]]
        shown = None if set_to else look.clients.koku.report_currency(look.clients.names.a_report)
        if shown not in {None, CURRENCY}:
            yield error(
                f"Koku's reports come in {shown}, and ours are in {CURRENCY}",
                f"set the currency to {CURRENCY} in Cost Management's settings, or KOKU_DEFAULT_CURRENCY",
            )
        if set_to and set_to[0] != CURRENCY:
            yield error(
                f"organisation {look.context.target.org_id} shows its costs in {set_to[0]}, and ours are in {CURRENCY}",
                f"set the currency to {CURRENCY} in Cost Management's settings (account-settings/)",
            )
    if look.of("masu") and not look.variable("masu", "CURRENCY_URL"):
        yield information(
            f"CURRENCY_URL is not set in namespace {look.namespace}, so Koku has no exchange rates",
            f"nothing to do: all scenarios are in {CURRENCY}",
        )


def _has_tokens(look: Look) -> bool:
    """A deployment in a cluster has; a file without ``auth`` has the API asked with a header of our own."""
    return look.has_cluster or look.context.target.auth is not None


CHECKS = (
    Check("claims of the token", "org_id and account_number are this run's", _claims, applies=_has_tokens),
    Check("currency", f"figures come in {CURRENCY}", _currency),
)
