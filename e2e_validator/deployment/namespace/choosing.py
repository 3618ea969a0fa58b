"""Which way in: the one that production takes, if it is there (docs/contract/chart.md 1.7, 1.8)."""

from __future__ import annotations

from e2e_validator.deployment.namespace.connecting import Connections
from e2e_validator.deployment.namespace.discovery import Deployment
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.way_in import Way

WAYS: tuple[Way, ...] = ("gateway", "kafka", "masu")


def choose_way(deployment: Deployment, connections: Connections, given: Overrides) -> Way | None:
    """The way in, kept as the value ``way`` with the reason; None, and a sentence, when all are shut."""
    found = deployment.found
    shut = _shut(deployment, connections)
    chosen = given.get("way")
    if chosen is not None:
        if chosen.value not in WAYS:
            found.fail("way", f"{chosen.origin}: {chosen.value} is no way in; it is one of {', '.join(WAYS)}.")
            return None
        way = chosen.value
        if reason := shut[way]:
            found.fail("way", f"{chosen.origin}: {way} is no way in here: {reason}.")
            return None
        found.add(chosen)
        return way
    for way in WAYS:
        if not shut[way]:
            others = [f"no {other}: {shut[other]}" for other in WAYS[: WAYS.index(way)]]
            found.put("way", way, "; ".join(["the first that is open", *others]))
            return way
    reasons = "; ".join(f"{way}: {reason}" for way, reason in shut.items())
    found.fail("way", f"There is no way in. {reasons}.")
    return None


def _shut(deployment: Deployment, connections: Connections) -> dict[Way, str]:
    """Why each way is shut; empty where it is open."""
    found = deployment.found
    if not connections.gateway_url:
        gateway = "no gateway answers"
    elif "ingress" not in deployment.components and not found.get("gateway.url"):
        gateway = "behind the gateway is no ingress, which takes uploads"
    elif connections.auth is None:
        gateway = "there is no client of Keycloak that gets tokens"
    else:
        gateway = ""
    kafka = "" if connections.brokers else "no brokers are reached"
    masu = "" if connections.masu_ingests else "masu has no ingest_ocp_payload/, which needs DEVELOPMENT=True"
    return {"gateway": gateway, "kafka": kafka, "masu": masu}
