"""Allure: phases whose figures are known not to be what the data say, with labels and a category of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import allure

from e2e_validator.report.known import DEVIATIONS

# Its methods carry no types.
_dynamic: Any = allure.dynamic

LABEL = "known"


def label_known(data: Mapping[str, Any]) -> None:
    """Label the phase that runs now as KNOWN, with the ids; call it inside ``runtest``."""
    _dynamic.tag(LABEL)
    _dynamic.label(LABEL, *dict.fromkeys(str(entry["id"]) for entry in data.get(DEVIATIONS, ())))
