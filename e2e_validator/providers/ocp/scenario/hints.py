"""What to write in a report or cost model in place of what people write first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Key -> what is written there, for a mapping or a list that was written as something else.
OF_NISE: Mapping[str, str] = {
    "nise": "nise: {nodes: [...]}",
    "nodes": "nodes: with '- node_name: node-1' below it",
    "namespaces": "each as a key: {my-project: {pods: [...]}}",
    "pods": "pods: with '- pod_name: web' below it",
    "volumes": "volumes: with '- volume_name: pv-1' below it",
    "volume_claims": "volume_claims: with '- volume_claim_name: pvc-1' below it",
}
OF_COST_MODEL: Mapping[str, str] = {
    "rates": "rates: with '- metric: {name: cpu_core_usage_per_hour}' below it",
    "tiered_rates": "tiered_rates: [{unit: USD, value: 0.007}]",
    "tag_rates": "tag_rates: {tag_key: environment, tag_values: [...]}",
    "tag_values": "tag_values: [{tag_value: prod, unit: USD, value: 1, default: false}]",
    "markup": "markup: {value: 10, unit: percent}",
    "distribution_info": "distribution_info: {platform_cost: true}",
}
# Key of a nise report -> what it is a key of.
_HOME = {
    "namespaces": "a node",
    "pods": "a namespace",
    "volumes": "a namespace, beside its pods",
    "volume_claims": "a volume",
    "nodes": "the report",
}


def home(key: str) -> str:
    """What a key of a nise report belongs to; nothing of one that nise knows nowhere."""
    return f"it belongs to {_HOME[key]}" if key in _HOME else "nise does not read it"


def labels(value: Any) -> str:
    """Labels in the form of the reports, from a mapping or a list of texts."""
    if isinstance(value, Mapping):
        pairs = [f"{key}:{text}" for key, text in value.items() if not isinstance(text, (dict, list))]
    else:
        pairs = [str(item).replace("=", ":", 1) for item in value if isinstance(item, str)]
    named = [pair if pair.startswith("label_") else f"label_{pair}" for pair in pairs]
    return "|".join(named) or "label_app:web|label_team:front"
