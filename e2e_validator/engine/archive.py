"""Where Koku archives the daily CSV files (docs/contract/koku.md 3.6)."""

from __future__ import annotations

from e2e_validator.engine.context import Context


def archive_prefix(context: Context, provider_uuid: str) -> str:
    """The prefix of everything archived for a source; the account is the schema without "acct"."""
    account = context.target.schema_name.removeprefix("acct")
    return f"data/csv/{account}/{context.loaded.scenario.source.type}/source={provider_uuid}/"
