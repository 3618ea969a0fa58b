"""Kafka as Koku's listener reaches it (docs/contract/chart.md 1.5, 1.6)."""

from __future__ import annotations

from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.names import INGRESS_BROKERS, KAFKA_CA, KAFKA_HOST, KAFKA_PORT
from e2e_validator.deployment.namespace.settings import Sources, settle


def find_kafka(sources: Sources, found: Found) -> None:
    """Bootstrap servers, their namespace, security and CA; nothing where the deployment has no Kafka."""
    _find_bootstrap(sources, found)
    if "kafka.bootstrap" not in found:
        return
    host = found.get("kafka.bootstrap").split(",")[0].rpartition(":")[0]
    labels = host.split(".")
    if len(labels) > 2 and labels[2] == "svc":
        found.put("kafka.namespace", labels[1], f"host {host}")
    if not settle("kafka.security", sources, found):
        found.put("kafka.security", "PLAINTEXT", "Koku's default, where its pods say nothing")
    for part in ("mechanism", "username", "password"):
        settle(f"kafka.{part}", sources, found)
    _find_ca(sources, found)


def _find_bootstrap(sources: Sources, found: Found) -> None:
    chosen = sources.given.get("kafka.bootstrap")
    if chosen is not None:
        found.add(chosen)
        return
    # The ingress has the whole list, Koku only the first of it.
    brokers = sources.ingress.get(INGRESS_BROKERS) if sources.ingress else None
    refused = [brokers] if brokers is not None and brokers.remedy else []
    if brokers is not None and brokers.value and not brokers.problem:
        found.put("kafka.bootstrap", brokers.value, brokers.origin)
        return
    for env in sources.koku:
        host, port = env.get(KAFKA_HOST), env.get(KAFKA_PORT)
        if host is not None and host.value and port is not None and port.value:
            found.put("kafka.bootstrap", f"{host.value}:{port.value}", host.origin)
            return
        refused += [told for told in (host, port) if told is not None and told.remedy]
    for told in refused[:1]:
        found.warn(
            "kafka.bootstrap",
            f"The brokers' address cannot be read: {told.problem}; {told.remedy}; or give it with"
            " --set kafka.bootstrap=HOST:PORT.",
        )


def _find_ca(sources: Sources, found: Found) -> None:
    """The text of the CA certificates, from the secret that the pods mount."""
    if (chosen := sources.given.get("kafka.ca")) is not None:
        found.add(chosen)
        return
    for env in sources.koku:
        path = env.get(KAFKA_CA)
        if path is None or not path.value:
            continue
        text = env.file(path.value)
        if text is not None and not text.problem:
            found.put("kafka.ca", text.value, text.origin)
        else:
            reason = text.problem if text else f"{path.value} comes from no secret and no config map"
            remedy = f"{text.remedy}; or " if text and text.remedy else ""
            found.warn(
                "kafka.ca", f"The brokers' CA cannot be read: {reason}; {remedy}give a file with --set kafka.ca=FILE."
            )
        return
