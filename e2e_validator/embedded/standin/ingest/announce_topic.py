"""The topic on which uploads are announced, as Koku's listener consumes it (docs/contract/koku.md 3.1)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from e2e_validator.embedded.standin.config import KafkaConfig
from e2e_validator.embedded.standin.logs import log

ANNOUNCE_TOPIC = "platform.upload.announce"
VALIDATION_TOPIC = "platform.upload.validation"
GROUP = "hccm-group"
SERVICE = "hccm"
RETRY_SECONDS = 1
_ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message that is not committed yet; ``value`` is None when it is for another service."""

    record: Message
    value: dict[str, Any] | None


class AnnounceTopic:
    """Consumer and producer of one listener; made in the process that uses it."""

    def __init__(self, config: KafkaConfig) -> None:
        """Join the group; ``config.joined`` is touched when partitions are assigned."""
        self._joined = config.joined
        joined = {
            "bootstrap.servers": config.bootstrap,
            "group.id": GROUP,
            "enable.auto.commit": False,
            "queued.max.messages.kbytes": 1024,
            "max.poll.interval.ms": 18 * 60 * 1000,
            # The broker makes a group wait for half of it (23 s with the default), and a killed member counts so long.
            "session.timeout.ms": 6000,
            # A new group; that of a real Koku has been there for long.
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
        self._consumer = Consumer(joined)
        self._producer = Producer({"bootstrap.servers": config.bootstrap, "message.timeout.ms": 5000, "log_level": 0})
        self._consumer.subscribe([ANNOUNCE_TOPIC], on_assign=self._assigned)

    def next(self, within_seconds: float) -> Announcement | None:
        """The next message, if one comes in time.

        Raises:
            ValueError: its value is no JSON object.
        """
        record = self._consumer.poll(within_seconds)
        if record is None or record.error() is not None:
            return None
        log(f"Processing message offset: {record.offset()} partition: {record.partition()}")
        if dict(record.headers() or ()).get("service") != SERVICE.encode():
            return Announcement(record, None)
        value = json.loads(record.value() or b"")
        if not isinstance(value, dict):
            raise ValueError("the message is no JSON object")  # noqa: TRY004 - the same as JSON that cannot be read
        # Where the object is, for the watcher of the announcement.
        bucket, _, key = urlsplit(str(value.get("url", ""))).path.lstrip("/").partition("/")
        return Announcement(record, {"request_id": "no_request_id", **value, "bucket": bucket, "key": unquote(key)})

    def commit(self) -> None:
        """Say that everything up to here is dealt with."""
        try:
            self._consumer.commit(asynchronous=False)
        except KafkaException as error:
            log(f"Commit failed: {error}")

    def rewind(self, announcement: Announcement) -> None:
        """Get this message again, after a while."""
        topic, partition = announcement.record.topic(), announcement.record.partition()
        offset = announcement.record.offset()
        assert topic is not None
        assert partition is not None
        assert offset is not None
        log(f"Seeking back to offset: {offset}, partition: {partition}")
        self._consumer.seek(TopicPartition(topic, partition, offset))
        time.sleep(RETRY_SECONDS)

    def confirm(self, request_id: str, status: str) -> None:
        """Tell the upload service what became of its payload: ``success`` or ``failure``."""
        value = json.dumps({"request_id": request_id, "validation": status}).encode()
        self._producer.produce(VALIDATION_TOPIC, value)
        self._producer.flush(_ANSWER_SECONDS)

    def _assigned(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        log(f"Assigned partitions of {ANNOUNCE_TOPIC}: {sorted(part.partition for part in partitions)}")
        Path(self._joined).touch()
