"""Where Koku archives what it makes of payloads (docs/contract/koku.md 3.6, docs/contract/clouds.md 6)."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import provider_of


def archive_prefixes(context: Context, provider_uuid: str) -> tuple[str, ...]:
    """The prefixes of everything archived for a source; the account is the schema without "acct"."""
    account = context.target.schema_name.removeprefix("acct")
    return tuple(one.format(account=account, uuid=provider_uuid) for one in provider_of(context).names.archives)


def archive_prefix(context: Context, provider_uuid: str) -> str:
    """The first of them: that of the daily CSV files."""
    return archive_prefixes(context, provider_uuid)[0]
