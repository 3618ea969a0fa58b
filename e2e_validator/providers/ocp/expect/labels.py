"""Label strings as Koku understands them (docs/contract/koku.md 3.4)."""

from __future__ import annotations

import json
from typing import Any

from e2e_validator.expect.arrow import pa, pc


def as_json(text: str) -> str:
    """``label_a:x|label_b:y`` as the JSON text under which Koku groups; what is not ``key:value`` is dropped."""
    labels: dict[str, str] = {}
    for item in text.split("|"):
        parts = item.split(":")
        if len(parts) == 2:
            labels[parts[0].replace("label_", "")] = parts[1]
    return json.dumps(labels)


def column_as_json(column: Any) -> Any:
    """``as_json`` of a string array, each different text once."""
    encoded = pc.dictionary_encode(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    texts = [as_json(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(encoded.indices)
