"""What to write in place of what people write first, where the sentence itself does not say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from pydantic import BaseModel

from e2e_validator.scenario.document import KeyPath
from e2e_validator.scenario.model import Source
from e2e_validator.scenario.source_type import SourceRules

# Key -> what is written there, for a mapping or a list that was written as something else.
EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "period": "period: {start: month-1m, end: month-1m+1d}",
        "source": f"source: {{type: {Source().type}}}, or leave the key out",
        "data": "data: {template: one_pod.yml}, or data: {nise: ...}",
        "tags": "tags: [smoke]",
        "enable_tags": "enable_tags: [environment]",
        "enable_categories": "enable_categories: [Team]",
        "uploads": "uploads: [{period: {start: month-1m, end: month-1m+1d}}]",
        "limits": "limits: {summary: 20m}",
        "expect": "expect: {costs: {total: '12.50'}}",
        "costs": "costs: {total: '12.50'}",
    }
)
# Key of the scenario's top level -> what is meant by it.
_MISPLACED = {
    "type": f"write source: {{type: {Source().type}}}",
    "start": "it belongs into period: {start: ..., end: ...}",
    "end": "it belongs into period: {start: ..., end: ...}",
    "nise": "it belongs into data: {nise: ...}",
    "template": "it belongs into data: {template: ...}",
    "scale": "it belongs into data: {template: ..., scale: ...}",
    "costs": "it belongs into expect: {costs: ...}",
    "labels": "labels are those of the data; tags that Koku is to show are enable_tags",
}


def misplaced(kind: SourceRules) -> Callable[[str, KeyPath], str]:
    """Where a key belongs that stands at the top or in ``data``; nothing of one that is simply unknown."""
    of_report, of_prices = _keys(kind.report_models()), _keys(kind.price_models())

    def where(key: str, inside: KeyPath) -> str:
        if inside == ("data",):
            if key in ("period", "cost_model"):
                return "it belongs beside data, not into it"
            return f"it belongs into nise: {{{key}: ...}}" if key in of_report else ""
        if inside:
            return ""
        if key in of_report:
            return f"it belongs into data: {{nise: {{{key}: ...}}}}"
        return f"it belongs into cost_model: {{{key}: ...}}" if key in of_prices else _MISPLACED.get(key, "")

    return where


def _keys(models: Sequence[type[BaseModel]]) -> set[str]:
    return {name for model in models for name, field in model.model_fields.items() if not field.exclude}
