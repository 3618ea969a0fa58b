"""Which transport: the one that production takes, if it is there (docs/contract/chart.md 1.7, 1.8)."""

from __future__ import annotations

from e2e_validator.deployment.namespace.connecting import Connections
from e2e_validator.deployment.namespace.discovery import Deployment
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.target import CLASSIC
from e2e_validator.deployment.transport import Transport

TRANSPORTS: tuple[Transport, ...] = ("gateway", "kafka", "masu")


def choose_transport(deployment: Deployment, connections: Connections, given: Overrides) -> Transport | None:
    """The transport, kept as the value ``transport`` with the reason; None, and a sentence, when all are shut."""
    found = deployment.found
    shut = _shut(deployment, connections)
    chosen = given.get("transport")
    if chosen is not None:
        if chosen.value not in TRANSPORTS:
            found.fail(
                "transport", f"{chosen.origin}: {chosen.value} is no transport; it is one of {', '.join(TRANSPORTS)}."
            )
            return None
        transport = chosen.value
        if reason := shut[transport]:
            found.fail("transport", f"{chosen.origin}: {transport} is no transport here: {reason}.")
            return None
        found.add(chosen)
        return transport
    if found.get("stack") == CLASSIC and shut["gateway"]:
        # The transport matters to payloads that are announced; a gateway still is how production asks the API.
        found.put("transport", "masu", f"Koku polls its sources, when masu says so; no gateway: {shut['gateway']}")
        return "masu"
    for transport in TRANSPORTS:
        if not shut[transport]:
            others = [f"no {other}: {shut[other]}" for other in TRANSPORTS[: TRANSPORTS.index(transport)]]
            found.put("transport", transport, "; ".join(["the first that is open", *others]))
            return transport
    reasons = "; ".join(f"{transport}: {reason}" for transport, reason in shut.items())
    found.fail("transport", f"There is no transport. {reasons}.")
    return None


def _shut(deployment: Deployment, connections: Connections) -> dict[Transport, str]:
    """Why each transport is shut; empty where it is open."""
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
