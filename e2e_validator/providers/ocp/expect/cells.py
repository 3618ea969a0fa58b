"""What Koku makes of the text in a cell before it looks at it.

See docs/contract/koku.md 3.4; docs/contract/payloads.md 3.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from e2e_validator.expect.table import each_once

# Koku reads a payload with pandas, for which these words are no value; a project may well have such a name.
NO_VALUE = frozenset(
    {
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
        *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    }
)
# Texts of users, which Koku escapes for HTML and keeps like that.
ESCAPED = frozenset(
    {
        *("namespace", "pod", "node", "persistentvolumeclaim", "persistentvolume", "storageclass", "resource_id"),
        *("vm_name", "gpu_uuid", "gpu_model_name", "gpu_vendor_name", "csi_driver", "csi_volume_handle", "node_role"),
        *("vm_instance_type", "vm_os", "vm_device"),
    }
)

_NOT_ALPHANUMERIC = re.compile(r"[^a-zA-Z0-9]+")


def as_kept(column: str, text: str) -> str:
    """The text of a cell as Koku keeps it: nothing for a word that stands for no value, else escaped."""
    if text in NO_VALUE:
        return ""
    return html.escape(text) if column in ESCAPED else text


def as_loaded(column: str, text: str) -> str:
    """The text that Koku keeps, as it stands in the line items: names of GPUs are made simpler on the way."""
    if column == "gpu_vendor_name":
        return "nvidia" if text == "nvidia_com_gpu" else text
    if column == "gpu_model_name":
        return _NOT_ALPHANUMERIC.sub(" ", text).strip()
    return text


def column_as_kept(column: str, texts: Iterable[str | None]) -> list[str | None]:
    """``as_kept`` of every text of a column; None, where a file has no such column, stays None."""
    return each_once(lambda text: None if text is None else as_kept(column, text), texts)
