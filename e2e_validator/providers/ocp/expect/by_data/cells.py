"""A row of a CSV file by its texts: one that Koku leaves out, which still says something."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

# What conservation cannot decide. Every sum with it is undecided too.
UNDECIDED = Decimal("NaN")
CORES, MEMORY = "cores", "memory"
KINDS = ("usage", "request", "limit", "effective")
_HOUR = Decimal(3600)
_GIB = Decimal(2) ** 30


class Cells:
    """The texts of a row by column; a number that is none is undecided, an empty one is 0."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Keep the texts."""
        self._texts = texts

    @property
    def day(self) -> str:
        """YYYY-MM-DD."""
        return self.text("interval_start")[:10]

    @property
    def hour(self) -> str:
        """YYYY-MM-DD HH:MM:SS."""
        return self.text("interval_start")[:19]

    def text(self, column: str) -> str:
        """The cell; empty where there is none."""
        return self._texts.get(column) or ""

    def number(self, column: str) -> Decimal:
        """The cell as a number."""
        try:
            value = Decimal(self.text(column).strip() or 0)
        except InvalidOperation:
            return UNDECIDED
        return value if value.is_finite() else UNDECIDED

    def pod(self) -> dict[str, Decimal]:
        """Usage, request, limit and the larger of the first two, in core-hours and GiB-hours."""
        found: dict[str, Decimal] = {}
        for unit, name, per in ((CORES, "cpu_core_seconds", _HOUR), (MEMORY, "memory_byte_seconds", _HOUR * _GIB)):
            usage, request, limit = (self.number(f"pod_{kind}_{name}") / per for kind in KINDS[:3])
            effective = UNDECIDED if usage.is_nan() or request.is_nan() else max(usage, request)
            values = (usage, request, limit, effective)
            found |= {f"{unit}.{kind}": value for kind, value in zip(KINDS, values, strict=True)}
        return found

    def node(self) -> dict[str, Decimal]:
        """What the node has: core-seconds and byte-seconds, cores and bytes."""
        return {
            CORES: self.number("node_capacity_cpu_core_seconds"),
            MEMORY: self.number("node_capacity_memory_byte_seconds"),
            "cores.size": self.number("node_capacity_cpu_cores"),
            "memory.size": self.number("node_capacity_memory_bytes"),
        }
