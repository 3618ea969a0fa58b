"""How Koku calls what it keeps of one source type: its provider fills this in, the clients only take it.

See docs/contract/koku.md 2.1, 3.2, 3.7, 3.9, 5.4.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceTables:
    """Tables and columns of the tenant's schema, and the columns of the manifest that only this type fills."""

    periods: str
    """A row for each source and month, with the times of its summary and costs."""
    period_start: str
    period_end: str
    key: str | None
    """The column that has the source's key, in ``periods``, ``named`` and the manifest; None where there is none."""
    alias: str | None
    """The column that has the source's name, in ``periods`` and ``named``; None where there is none."""
    summary: str
    """The daily summary."""
    summary_period: str
    """Its column that points to ``periods``."""
    named: tuple[str, ...]
    """The tables that the reports read; each row carries the source's key and name, if any has."""
    line_items: str
    """The raw line items of a kind of file, with ``{kind}`` for it; the daily ones have the suffix ``_daily``."""
    required: tuple[str, ...]
    """Tables without which nothing can be judged."""
    emptied: str
    """A regular expression: the tables of which Koku removes the rows of a deleted source."""
    pointed_to: tuple[str, ...]
    """Those of them that others point to: their rows go last."""
    manifest: tuple[str, ...]
    period_end_is_last_day: bool = False
    """Whether ``period_end`` is the last day of the month, not the first of the next."""
    costs_with_summary: bool = False
    """Whether the summary makes the costs, too: then no step follows it, and ``derived_cost_datetime`` stays NULL."""

    def line_items_of(self, kind: str, suffix: str = "") -> str:
        """The table of the line items of a kind of file."""
        return self.line_items.format(kind=kind) + suffix

    @property
    def line_item_pattern(self) -> str:
        """A regular expression for the names of all line item tables, raw and daily."""
        return f"^{self.line_items.format(kind='[a-z_]+')}(_daily)?$"

    def kind_of(self, table: str) -> str | None:
        """The kind of file whose raw line items the table has; None for any other table."""
        before, _, after = self.line_items.partition("{kind}")
        if not table.startswith(before) or not table.endswith(after):
            return None
        return table.removeprefix(before).removesuffix(after)


@dataclass(frozen=True, slots=True)
class KeyKind:
    """Keys that an organisation enables and disables, of which Koku enables a new one by itself."""

    prefix: str
    """What tells a key of this kind from those of others, such as ``tag:``; it is no part of the key in Koku."""
    settings: str
    """Where the API lists and switches them, below its root."""
    listed_type: bool = False
    """Whether that list has the keys of all source types, each with its ``source_type``."""


@dataclass(frozen=True, slots=True)
class SourceNames:
    """The words of the APIs, and the tables."""

    type: str
    """In ``api_provider.type`` and in the public API."""
    credential: str
    """Where a provider's authentication has the source's key."""
    announced_at: str
    """masu's endpoint that takes the announcement of a payload, or has Koku look for one, below its root."""
    a_report: str
    """The path of a report that every source of this type has, below the API's root."""
    archives: tuple[str, ...]
    """Where the archive has its objects of a source: prefixes with ``{account}`` and ``{uuid}``, daily CSV first."""
    tables: SourceTables
    polled: bool = False
    """Whether Koku looks for payloads at the source itself, and is not told of each."""
    warehouse: tuple[str, ...] = ()
    """Trino's tables over the parquet objects, in the order of ``archives`` after the first; each has the partitions
    source, year and month."""
    switched: tuple[KeyKind, ...] = ()
    """The kinds of keys that are enabled as soon as Koku has read them; none where new keys are disabled."""
    asked: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What Koku asks the cloud itself about a source, with the variables of its pods any of which says where else."""
