"""The rows with costs that Koku adds to the daily summary, in the shape in which they are compared.

See docs/contract/koku.md 3.9.

Costs are rows of their own: a usage row has no cost, and a row with costs has no usage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.ocp.expect.summary import named

PLATFORM_SHARE, WORKER_SHARE = "platform_distributed", "worker_distributed"
# The name of a share in the daily summary -> in the API.
SHARES = {
    PLATFORM_SHARE: "platform_distributed",
    WORKER_SHARE: "worker_unallocated_distributed",
    "unattributed_network": "network_unattributed_distributed",
    "unattributed_storage": "storage_unattributed_distributed",
    "gpu_distributed": "gpu_unallocated_distributed",
}
COST_MODEL = ("cost_model_cpu_cost", "cost_model_memory_cost", "cost_model_volume_cost")
DISTRIBUTED = "distributed_cost"
RAW, MARKUP = "infrastructure_raw_cost", "infrastructure_markup_cost"
COSTS = (*COST_MODEL, DISTRIBUTED, RAW, MARKUP)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RateRow:
    """A row with costs. ``rate_type`` is Infrastructure, Supplementary or one of ``SHARES``.

    ``labels`` is the JSON text of the labels, '' where Koku has NULL. Of the names NULL is '', and '' is ``BLANK``.
    """

    day: str
    source: str
    namespace: str
    node: str
    claim: str
    rate_type: str
    monthly_type: str
    labels: str
    cpu: Decimal = ZERO
    memory: Decimal = ZERO
    volume: Decimal = ZERO
    distributed: Decimal = ZERO

    @property
    def cost(self) -> Decimal:
        """What the cost model charges: all but what is shared out."""
        return self.cpu + self.memory + self.volume


@exactly
def by_claim_and_label(rows: Iterable[RateRow]) -> Measures:
    """By (day, data_source, namespace, node, persistentvolumeclaim, rate type, monthly type, labels): ``COSTS``."""
    measures: Measures = {}
    for row in rows:
        key = (row.day, row.source, row.namespace, row.node, row.claim, row.rate_type, row.monthly_type, row.labels)
        values = (row.cpu, row.memory, row.volume, row.distributed, ZERO, ZERO)
        add(measures, key, dict(zip(COSTS, values, strict=True)))
    return measures


@exactly
def rates(labelled: Measures) -> Measures:
    """By (day, data_source, namespace, node, cost_model_rate_type, monthly_cost_type): ``COSTS``.

    The same sums as ``read_rates`` makes of the daily summary.
    """
    measures: Measures = {}
    for (day, source, namespace, node, _, rate_type, monthly_type, _), values in labelled.items():
        add(measures, (day, source, namespace, node, rate_type, monthly_type), values)
    return measures


@exactly
def read_rates(rows: Iterable[Mapping[str, Any]]) -> Measures:
    """The rows of the daily summary (or SQL sums of them) that have a rate type, keyed as ``rates`` keys them.

    A cost that is NULL counts as 0, as it does in every report. Rows without a rate type are not counted.
    """
    measures: Measures = {}
    names = ("usage_start", "data_source", "namespace", "node", "cost_model_rate_type", "monthly_cost_type")
    for row in rows:
        if row["cost_model_rate_type"]:
            key = tuple(_key(name, row[name]) for name in names)
            add(measures, key, {cost: Decimal(row[cost] or 0) for cost in COSTS})
    return measures


def _key(name: str, value: Any) -> str:
    if value is None:
        return ""
    return named(str(value)) if name in {"namespace", "node"} else str(value)
