"""How exact figures are that Koku makes by subtracting others, and comparisons that know it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from e2e_validator.expect import ledger
from e2e_validator.expect.ledger import RELATIVE, Difference, StageResult
from e2e_validator.expect.measures import Key, Measures
from e2e_validator.providers.ocp.expect.fields import WASTED
from e2e_validator.providers.ocp.expect.rate_rows import DISTRIBUTED, SHARES
from e2e_validator.providers.ocp.expect.summary import CAPACITY, PLATFORM, WORKER

# What is taken from one and given to another adds up to 0.
_SHARED_OUT = frozenset({"cost.distributed", *(f"cost.{share}" for share in SHARES.values()), WASTED})


def compare(stage: str, expected: Measures, actual: Measures, *, relative: Decimal = RELATIVE) -> list[Difference]:
    """``ledger.compare`` for figures of this source type."""
    return ledger.compare(stage, expected, actual, relative=relative, scale=scale)


def check(stage: str, expected: Measures, actual: Measures, *, relative: Decimal = RELATIVE) -> StageResult:
    """``ledger.check`` for figures of this source type."""
    return ledger.check(stage, expected, actual, relative=relative, scale=scale)


def scale(key: Key, field: str, row: Mapping[str, Decimal]) -> Decimal:
    """The size of the numbers of which ``field`` is a difference; 0 for every other field."""
    if field.endswith(".unused_percent"):
        return Decimal(100)
    if field in _SHARED_OUT:
        return max(abs(row.get(name, Decimal(0))) for name in ("cost.total", "cost.distributed"))
    if field.endswith(f".{DISTRIBUTED}"):
        return sum((abs(value) for value in row.values()), Decimal(0))
    if field.endswith(".unused"):
        return max(abs(row.get(name, Decimal(0))) for name in ("capacity", "request", "usage"))
    if len(key) == 5 and key[1] == "Pod" and key[2] in {WORKER, PLATFORM, ""} and field not in CAPACITY:
        capacity = "node_capacity_cpu_core_hours" if "cpu" in field else "node_capacity_memory_gigabyte_hours"
        return abs(row.get(capacity, Decimal(0)))
    return Decimal(0)
