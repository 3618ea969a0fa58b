"""The known deviations in words."""

from __future__ import annotations

from e2e_validator.expect.deviation_text import registry_markdown, registry_text
from e2e_validator.providers.aws.expect.deviations.registry import DEVIATIONS

_HEAD = "# Known deviations of AWS sources\n\nThe same for scenarios with `source: {type: AWS}`.\n"


def deviation_list() -> str:
    """The registry, as text."""
    return registry_text(DEVIATIONS)


def deviation_markdown() -> str:
    """The registry, as a page in Markdown."""
    return registry_markdown(DEVIATIONS, _HEAD)
