"""The labels of a usage row: only the enabled keys, those of its node and namespace joined.

See docs/contract/koku.md 6.1.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from e2e_validator.providers.ocp.expect.digest import Group

# Koku keeps this key although it is not enabled: it tells a virtual machine's pod.
_ALWAYS = "vm_kubevirt_io_name"

Labels = tuple[tuple[str, str], ...]


class RowLabels:
    """The labels of one day: a later part wins over an earlier one that has the same key.

    A node or a namespace whose enabled labels change within the day has several sets of labels, and each of its
    rows is counted once for each of them.
    """

    def __init__(self, enabled: Iterable[str], nodes: Iterable[Group], namespaces: Iterable[Group]) -> None:
        """``nodes`` and ``namespaces`` are the day's groups of the two label reports."""
        self._enabled = frozenset(enabled) | {_ALWAYS}
        self._kept: dict[str, Labels] = {}
        self._joined: dict[tuple[Labels, ...], str] = {}
        self._nodes = self._sets(nodes, "node")
        self._namespaces = self._sets(namespaces, "namespace")

    def _sets(self, groups: Iterable[Group], name: str) -> dict[str, set[Labels]]:
        found: dict[str, set[Labels]] = defaultdict(set)
        for group in groups:
            found[group[name]].add(self._enabled_only(group[f"{name}_labels"]))
        return found

    def _enabled_only(self, text: str) -> Labels:
        kept = self._kept.get(text)
        if kept is None:
            every = json.loads(text) if text else {}
            kept = tuple(sorted((key, value) for key, value in every.items() if key in self._enabled))
            self._kept[text] = kept
        return kept

    def of(self, node: str, namespace: str, *own: str) -> list[str]:
        """The JSON text of each set of labels that a row with its ``own`` labels (JSON texts) has."""
        last = tuple(self._enabled_only(text) for text in own)
        return [
            self._join((first, second, *last))
            for first in sorted(self._nodes.get(node, {()}))
            for second in sorted(self._namespaces.get(namespace, {()}))
        ]

    def several_of_namespaces(self) -> list[str]:
        """The namespaces that have several sets of labels on this day."""
        return sorted(name for name, sets in self._namespaces.items() if len(sets) > 1)

    def several_of_nodes(self) -> list[str]:
        """The nodes that have several sets of labels on this day."""
        return sorted(name for name, sets in self._nodes.items() if len(sets) > 1)

    def _join(self, parts: tuple[Labels, ...]) -> str:
        joined = self._joined.get(parts)
        if joined is None:
            merged = {key: value for part in parts for key, value in part}
            joined = self._joined[parts] = json.dumps(merged, sort_keys=True)
        return joined
