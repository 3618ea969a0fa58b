"""The money of a report's group, from its rows with costs (docs/contract/koku.md 6.3)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from e2e_validator.providers.ocp.expect.metrics import COST_TYPES, INFRASTRUCTURE, SUPPLEMENTARY
from e2e_validator.providers.ocp.expect.rate_rows import COST_MODEL, DISTRIBUTED, MARKUP, RAW, SHARES

# compute shows what CPU costs, memory what memory costs, volumes what storage costs; costs shows all of it.
_SHOWN = {
    "costs": COST_MODEL,
    "compute": COST_MODEL[:1],
    "memory": COST_MODEL[1:2],
    "volumes": COST_MODEL[2:],
}
_ZERO = Decimal(0)


class Charged(Protocol):
    """A row with costs."""

    @property
    def rate_type(self) -> str:
        """Infrastructure, Supplementary, or the name of a share."""

    def get(self, field: str) -> Decimal:
        """A cost, 0 where it is NULL."""


def charges(report: str, rows: Iterable[Charged]) -> dict[str, Decimal]:
    """Every field with money that any grouping of ``report`` shows, but for the score, of these ``rows``."""
    usage = dict.fromkeys(COST_TYPES, _ZERO)
    shares = dict.fromkeys(SHARES, _ZERO)
    raw = markup = _ZERO
    shown = _SHOWN[report]
    for row in rows:
        raw += row.get(RAW)
        markup += row.get(MARKUP)
        if row.rate_type in shares:
            shares[row.rate_type] += row.get(DISTRIBUTED)
        elif row.rate_type in usage:
            for cost in shown:
                usage[row.rate_type] += row.get(cost)
    infrastructure, supplementary = usage[INFRASTRUCTURE], usage[SUPPLEMENTARY]
    total = raw + markup + infrastructure + supplementary
    return {
        "infrastructure.raw": raw,
        "infrastructure.markup": markup,
        "infrastructure.usage": infrastructure,
        "infrastructure.total": raw + markup + infrastructure,
        "supplementary.usage": supplementary,
        "supplementary.total": supplementary,
        "cost.raw": raw,
        "cost.markup": markup,
        "cost.usage": infrastructure + supplementary,
        "cost.total": total,
        "cost.distributed": total + sum(shares.values(), _ZERO),
        **{f"cost.{shown}": shares[share] for share, shown in SHARES.items()},
    }
