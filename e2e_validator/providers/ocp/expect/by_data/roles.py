"""What the data say of a node: whose its idle capacity is (docs/contract/koku.md 6.2)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from e2e_validator.providers.ocp.expect.by_data.facts import Counted
from e2e_validator.providers.ocp.expect.payload import PayloadData

WORKER, PLATFORM, NOBODY = "Worker unallocated", "Platform unallocated", ""
_OWNERS = {"worker": WORKER, "master": PLATFORM, "infra": PLATFORM}
_API_SERVER = "openshift-kube-apiserver"

# (day, node) -> the project that a node's idle capacity belongs to; None where the data do not decide.
Owners = dict[tuple[str, str], str | None]


def owners(payloads: Sequence[PayloadData], counted: Counted) -> Owners:
    """The project of each node's idle capacity: by its role in the file.

    A role that the product does not know gives it no project. Where no row has a role, the product guesses: a node
    with the API server is a master, one with the label an infra node, every other a worker. What changes from day
    to day has no answer.
    """
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    guessed: dict[str, set[str]] = defaultdict(set)
    infra = _infra(payloads, counted)
    for position, payload in enumerate(payloads):
        table = payload.tables.get("pod_usage")
        if table is None:
            continue
        given = "node_role" in table
        keys = ["day", "node", "namespace", *(["node_role"] if given else [])]
        at: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in table.grouped(keys):
            key = (row["day"], row["node"])
            if position not in counted.get(("pod_usage", row["day"]), ()) or not row["node"]:
                continue
            if given:
                said[key].add(row["node_role"])
            at[key].add(row["namespace"])
        for key, namespaces in at.items():
            if not given:
                role = "master" if _API_SERVER in namespaces else "infra" if key[1] in infra else "worker"
                said[key].add(role)
                guessed[key[1]].add(role)
    return {key: _owner(roles, guessed[key[1]]) for key, roles in said.items()}


def _owner(roles: set[str], guesses: set[str]) -> str | None:
    if len(roles) > 1 or len(guesses) > 1:
        return None
    return _OWNERS.get(next(iter(roles)), NOBODY)


def _infra(payloads: Sequence[PayloadData], counted: Counted) -> set[str]:
    """The nodes with the label of an infra node."""
    found = set()
    for position, payload in enumerate(payloads):
        table = payload.tables.get("node_labels")
        for row in [] if table is None else table.grouped(["day", "node", "node_labels"]):
            counts = position in counted.get(("node_labels", row["day"]), ())
            if counts and json.loads(row["node_labels"] or "{}").get("node_role_kubernetes_io") == "infra":
                found.add(row["node"])
    return found
