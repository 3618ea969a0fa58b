"""Where Koku archives the daily CSV files (docs/contract/koku.md 3.6)."""

from __future__ import annotations

from e2e_validator.deployment import Target


def archive_prefix(target: Target, source_type: str, provider_uuid: str) -> str:
    """The prefix of everything archived for a source; the account is the schema without "acct"."""
    account = target.schema_name.removeprefix("acct")
    return f"data/csv/{account}/{source_type}/source={provider_uuid}/"
