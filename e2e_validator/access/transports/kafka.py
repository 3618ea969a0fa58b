"""A message on Kafka about an object that stands in the bucket: what the ingress does after an upload (koku 3.1)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minio import Minio

from e2e_validator.access.koku import identity
from e2e_validator.access.transports.brokers import CONNECT_SECONDS, errors, producing, settings_for
from e2e_validator.access.transports.trouble import Trouble
from e2e_validator.deployment import Target
from e2e_validator.errors import Blocked
from e2e_validator.moments import now

TOPIC = "platform.upload.announce"
SERVICE = "hccm"
URL_LIVES = timedelta(hours=24)
_CONTENT_TYPE = "application/vnd.redhat.hccm.filename+tgz"


class ByKafka:
    """Announces an object of the ingress bucket."""

    title = "Kafka"
    needs_object = True

    def __init__(self, target: Target) -> None:
        """Nothing is sent yet; the target has a Kafka, or its file would not have been taken."""
        assert target.kafka is not None
        self._target = target
        self._kafka = target.kafka

    def check(self) -> str:
        """Whether the topic is there."""
        partitions = self._with_producer(lambda producer: producer.partitions_for(TOPIC))
        if not partitions:
            raise Blocked(f"Kafka has no topic {TOPIC}; create it, or let the listener start first.")
        return f"Kafka {self._kafka.bootstrap}, topic {TOPIC} with {len(partitions)} partitions"

    def announce(self, object_key: str, tarball: Path) -> str:
        """Announce the object by a presigned URL, and return when the brokers have the message."""
        request_id = uuid.uuid4().hex
        value = json.dumps(self._message(request_id, object_key, tarball.stat().st_size)).encode()
        headers = [("service", SERVICE.encode())]
        # Announced again after a lost answer it must come to the same listener, which takes one after the other: by its
        # key a message stays in one partition. Koku does not look at it.
        key = object_key.encode()
        self._with_producer(
            lambda producer: producer.send(TOPIC, value, key=key, headers=headers).get(2 * CONNECT_SECONDS)
        )
        return request_id

    def key_of(self, object_key: str, tarball: Path) -> str:  # noqa: ARG002 - the object stays where it is
        """The object's own key."""
        return object_key

    def stored_as(self, object_key: str, request_id: str) -> str:  # noqa: ARG002 - the object stays where it is
        """The object's own key."""
        return object_key

    def _message(self, request_id: str, object_key: str, size: int) -> dict[str, Any]:
        target = self._target
        return {
            "account": target.account,
            "b64_identity": identity(target),
            "category": "filename",
            "content_type": _CONTENT_TYPE,
            "org_id": target.org_id,
            "principal": target.org_id,
            "request_id": request_id,
            "service": SERVICE,
            "size": size,
            "timestamp": now().isoformat(),
            "url": presigned(target, object_key),
        }

    def _with_producer(self, act: Callable[[Any], Any]) -> Any:
        settings = settings_for(self._kafka, self._target.verify)
        with Trouble() as trouble:
            try:
                with producing(settings) as producer:
                    return act(producer)
            except errors.AuthorizationError as error:
                raise Blocked(
                    f"Kafka lets {self._kafka.username or 'us'} not write to {TOPIC}; grant it, or use the gateway.",
                    detail=str(error),
                ) from error
            except errors.UnknownTopicOrPartitionError as error:
                raise Blocked(f"Kafka has no topic {TOPIC}; create it, or let the listener start first.") from error
            except errors.KafkaError as error:
                raise trouble.meaning(self._kafka, error) from error


def presigned(target: Target, object_key: str) -> str:
    """A URL with which anyone can read the object for a day, at the store as the deployment reaches it.

    Signing needs no connection: the store need not be reachable by that name from here.
    """
    url = urlsplit(target.s3_cluster_url or target.s3_url)
    store = Minio(
        url.netloc,
        access_key=target.s3_access_key,
        secret_key=target.s3_secret_key,
        secure=url.scheme == "https",
        region=target.s3_region,
    )
    signed: str = store.presigned_get_object(
        bucket_name=target.buckets["ingress"], object_name=object_key, expires=URL_LIVES
    )
    return signed
