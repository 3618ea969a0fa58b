"""How far Koku's listener has read the topic of payloads (docs/contract/koku.md 3.1)."""

from __future__ import annotations

from typing import Any

from e2e_validator.access.http import Unreachable
from e2e_validator.access.transports.brokers import consuming, errors, settings_for
from e2e_validator.access.transports.kafka import TOPIC
from e2e_validator.deployment.transport import Kafka

GROUP = "hccm-group"


def consumer_lag(kafka: Kafka, verify: bool | str = True) -> dict[str, Any]:
    """Committed and last offset by partition, and ``lag``, the messages not read; None where nothing is committed.

    Only offsets are asked for: no consumer joins the group, and nothing is committed.

    Raises:
        Unreachable: the brokers do not answer.
        Blocked: a password is needed and not given.
    """
    from kafka import TopicPartition

    try:
        with consuming(settings_for(kafka, verify), GROUP) as consumer:
            numbers = sorted(consumer.partitions_for_topic(TOPIC) or ())
            partitions = [TopicPartition(TOPIC, number) for number in numbers]
            ends = consumer.end_offsets(partitions) if partitions else {}
            committed = {partition: consumer.committed(partition) for partition in partitions}
    except errors.KafkaError as error:
        raise Unreachable(f"Kafka at {kafka.bootstrap} did not answer: {error}") from error
    found = [
        {
            "partition": one.partition,
            "committed": committed[one],
            "end": ends[one],
            "lag": _lag(committed[one], ends[one]),
        }
        for one in partitions
    ]
    return {"topic": TOPIC, "group": GROUP, "partitions": found}


def unread(kafka: Kafka, verify: bool | str = True) -> int:
    """How many messages of the topic the group has not committed, those that it works on included; raises the same.

    Where it never committed anything, all of them: what a listener that comes first begins with is its own setting.
    """
    partitions = consumer_lag(kafka, verify)["partitions"]
    return sum(one["end"] if one["lag"] is None else max(one["lag"], 0) for one in partitions)


def _lag(committed: int | None, end: int) -> int | None:
    return None if committed is None else end - committed
