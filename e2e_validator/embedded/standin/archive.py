"""Where Koku keeps the daily CSV files in the object store (docs/contract/koku.md 3.6)."""

from __future__ import annotations

from datetime import date

WAREHOUSE = "data/csv"


def source_prefix(schema: str, provider_uuid: str) -> str:
    """The prefix of everything archived for one OCP source."""
    # Koku strips the characters, not the word: a schema that ends in "t" would lose it.
    account = schema.strip("act")
    return f"{WAREHOUSE}/{account}/OCP/source={provider_uuid}/"


def daily_key(schema: str, provider_uuid: str, day: date, name: str) -> str:
    """The key of one daily CSV."""
    return f"{source_prefix(schema, provider_uuid)}year={day:%Y}/month={day:%m}/{name}"
