"""Kafka: brokers, topics, and whether Koku's listener reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from e2e_validator.access.consumers import brokered
from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.checks.chart_defects import GROUP
from e2e_validator.checks.check import Check, Issue, error, information, unseen, warning
from e2e_validator.checks.look import Look, has_ended, is_ready, labels_of, name_of, some
from e2e_validator.checks.retry_unreachable import retry_unreachable
from e2e_validator.deployment.namespace.names import KAFKA_HOST
from e2e_validator.errors import Blocked, first_line

ANNOUNCE = "platform.upload.announce"
_BROKER = "strimzi.io/broker-role"
_HOST_PARTS = 3


def _bad(look: Look) -> Callable[[str, str], Issue]:
    """An error where payloads go through Kafka; masu is told of them without it, and what is polled needs no word."""
    return warning if look.classic or look.context.target.transport == "masu" else error


def _brokers(look: Look) -> Iterator[Issue]:
    """Strimzi's pods, where the listener's variable names a service of the cluster."""
    host = look.variable("listener", KAFKA_HOST) or ""
    service, _, rest = host.partition(".")
    namespace = rest.split(".")[0]
    if not namespace or ".svc" not in host:
        where = f"at {host}, outside of the cluster" if host else "nowhere that the listener's variables say"
        yield information(f"Kafka is {where}, so its pods were not looked at")
        return
    try:
        pods = [one for one in look.objects("pods", namespace) if labels_of(one).get(_BROKER) == "true"]
    except Refused as refusal:
        yield unseen(f"Kafka's pods were not looked at: {refusal}")
        return
    brokers = [pod for pod in pods if not has_ended(pod)]
    down = [name_of(pod) for pod in brokers if not is_ready(pod)]
    if not brokers:
        yield information(f"namespace {namespace} has no broker of Strimzi for {service}, so none was looked at")
    elif down:
        kind = _bad(look) if len(down) == len(brokers) else warning
        yield kind(
            f"{len(down)} of {len(brokers)} Kafka brokers in namespace {namespace} are not ready: {some(down)}",
            f"kubectl describe -n {namespace} pod/{down[0]} says why",
        )


def _readers(look: Look) -> Iterator[Issue]:
    target = look.context.target
    if target.kafka is None:
        yield unseen(
            f"Kafka cannot be reached from here, so its topics and the group {GROUP} were not looked at",
            "give --set kafka.bootstrap=HOST:PORT to have them checked",
        )
        return
    try:
        kafka = target.kafka
        found = retry_unreachable(lambda: brokered(kafka, GROUP, target.verify))
    except (Blocked, Unreachable) as obstacle:
        yield _bad(look)(
            f"topics and group {GROUP} cannot be looked at: {first_line(obstacle).rstrip('.')}",
            "correct kafka.* or mend the brokers",
        )
        return
    if ANNOUNCE not in found.topics:
        yield _bad(look)(f"Kafka has no topic {ANNOUNCE}", "create it, or let the listener start first")
    readers = found.readers
    if not readers.members:
        yield _bad(look)(
            f"the consumer group {GROUP} has no members ({readers.state}), so {ANNOUNCE} is not read",
            "start the listener, or read in its log why it does not join",
        )
    elif readers.at_work == 0:
        yield _bad(look)(
            f"none of the {readers.members} members of {GROUP} has a partition of {ANNOUNCE} ({readers.state})",
            "wait for the group to balance itself, or restart the listener",
        )
    elif readers.at_work is not None and readers.at_work < readers.members:
        # The chart has two listeners, and the second one looks like a spare part that works
        # (docs/contract/chart.md 7.4).
        yield information(
            f"{readers.at_work} of {readers.members} members of {GROUP} read {ANNOUNCE}, the others stand by",
            "give the topic as many partitions as there are listeners if they are to share the work",
        )


def _has_kafka(look: Look) -> bool:
    """A deployment in a cluster has one, of which we may not be told; a file without one takes payloads by masu."""
    return look.has_cluster or look.context.target.kafka is not None


CHECKS_OF_CLUSTER = (Check("brokers", "Kafka's brokers are ready", _brokers),)
CHECKS = (Check("topics and readers", f"{ANNOUNCE} is read by {GROUP}", _readers, applies=_has_kafka),)
