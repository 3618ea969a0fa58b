"""Cost models for the tests of the judge, in the API's own JSON."""

from __future__ import annotations

from typing import Any

INFRASTRUCTURE, SUPPLEMENTARY = "Infrastructure", "Supplementary"


def rate(metric: str, value: Any, cost_type: str = SUPPLEMENTARY) -> dict[str, Any]:
    """A plain rate."""
    return {"metric": {"name": metric}, "cost_type": cost_type, "tiered_rates": [{"unit": "USD", "value": value}]}


def tag_rate(
    metric: str, key: str, values: dict[str, Any], *, default: str = "", cost_type: str = SUPPLEMENTARY
) -> dict[str, Any]:
    """A rate by label; ``default`` is the value whose price counts for all others."""
    listed = [
        {"tag_value": value, "unit": "USD", "value": price, "description": "", "default": value == default}
        for value, price in values.items()
    ]
    return {"metric": {"name": metric}, "cost_type": cost_type, "tag_rates": {"tag_key": key, "tag_values": listed}}


def body(*rates: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A cost model that shares out nothing, unless ``more`` says so."""
    nothing = {"distribution_type": more.pop("by", "cpu"), "platform_cost": False, "worker_cost": False}
    return {"name": "m", "rates": list(rates), "distribution_info": nothing, **more}


# The example of docs/contract/koku.md 6.5.
GOLDEN = {
    "name": "golden",
    "distribution": "cpu",
    "rates": [
        rate("cpu_core_usage_per_hour", "0.007"),
        rate("cpu_core_request_per_hour", "0.2"),
        rate("memory_gb_usage_per_hour", "0.009"),
        rate("memory_gb_request_per_hour", "0.05"),
        rate("storage_gb_usage_per_month", "0.01"),
        rate("storage_gb_request_per_month", "0.01"),
        rate("node_cost_per_month", 1000, INFRASTRUCTURE),
        rate("cluster_cost_per_month", 10000, INFRASTRUCTURE),
        rate("pvc_cost_per_month", 3, INFRASTRUCTURE),
    ],
}
