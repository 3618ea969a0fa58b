"""Label strings as Koku understands them (docs/contract/koku.md 3.4)."""

from __future__ import annotations

import json


def as_json(text: str) -> str:
    """``label_a:x|label_b:y`` as the JSON text under which Koku groups; what is not ``key:value`` is dropped."""
    labels: dict[str, str] = {}
    for item in text.split("|"):
        parts = item.split(":")
        if len(parts) == 2:
            labels[parts[0].replace("label_", "")] = parts[1]
    return json.dumps(labels)
