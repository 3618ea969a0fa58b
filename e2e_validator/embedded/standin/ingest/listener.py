"""The listener: takes announced payloads one after the other and ingests them inline.

See docs/contract/koku.md 3.1, 3.11.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import redis
import urllib3

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import connect
from e2e_validator.embedded.standin.ingest.extract import Ingest, ReportMeta, extract_payload, is_database_error
from e2e_validator.embedded.standin.ingest.payload import KafkaMsgHandlerError
from e2e_validator.embedded.standin.ingest.process import ReportProcessorError, process_report
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.manifests import ready_for_summary, recorded_files
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.embedded.standin.pace import Pace
from e2e_validator.embedded.standin.queues import ANNOUNCEMENTS, Task, open_valkey, send

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.ingest.announce_topic import AnnounceTopic

OCP_QUEUE = "ocp"
RETRY_SECONDS = 1
TOPIC_POLL_SECONDS = 0.05
DOWNLOAD_SECONDS = 60.0
SUCCESS, FAILURE = "success", "failure"


def announce(valkey: redis.Redis, request_id: str, org_id: str, *, bucket: str, key: str) -> None:
    """Tell the listener about an uploaded object, as the upload service tells Koku."""
    message = {"request_id": request_id, "org_id": org_id, "bucket": bucket, "key": key, "b64_identity": ""}
    if not reached(Point.ANNOUNCING, valkey=valkey, message=message):
        valkey.rpush(ANNOUNCEMENTS, json.dumps(message))


def listen_for_announcements(config: StandinConfig, clock: Clock) -> None:
    """Ingest for ever, one message after the other.

    A message of masu's that is being worked on when this process dies is lost; one of Kafka's comes again, as it is
    committed at its end.
    """
    valkey = open_valkey(config.valkey_url)
    store = ObjectStore(config)
    pace = Pace.named(config.pace)
    topic = _open_topic(config)
    log("Consumer is listening for messages...")
    while True:
        popped = valkey.blpop([ANNOUNCEMENTS], timeout=0) if topic is None else _left(valkey)
        if popped is not None:
            message = json.loads(str(popped[1]))
            reached(Point.ANNOUNCED, valkey=valkey, message=message, store=store)
            while _handle(Listener(config, clock, pace, store, valkey), message).again:
                time.sleep(RETRY_SECONDS)
            reached(Point.LISTENER_FINISHED, valkey=valkey, message=message, store=store)
        elif topic is not None:
            _listen(topic, lambda: Listener(config, clock, pace, store, valkey), valkey, store)


def _open_topic(config: StandinConfig) -> AnnounceTopic | None:
    if config.kafka is None:
        return None
    from e2e_validator.embedded.standin.ingest.announce_topic import AnnounceTopic

    return AnnounceTopic(config.kafka)


def _left(valkey: redis.Redis) -> tuple[str, str] | None:
    text = valkey.lpop(ANNOUNCEMENTS)
    return None if text is None else (ANNOUNCEMENTS, str(text))


def _listen(
    topic: AnnounceTopic, new_listener: Callable[[], Listener], valkey: redis.Redis, store: ObjectStore
) -> None:
    """Take one message of Kafka's, if there is one: commit it at its end, or go back to it.

    See docs/contract/koku.md 3.1.
    """
    try:
        announcement = topic.next(TOPIC_POLL_SECONDS)
    except ValueError as error:
        # Not committed, and not tried again as long as this process lives.
        log(f"[listen_for_messages] UNKNOWN error encountered: {error}", level=logging.ERROR, error=error)
        return
    if announcement is None:
        return
    message = announcement.value
    if message is not None:
        reached(Point.ANNOUNCED, valkey=valkey, message=message, store=store)
        handled = _handle(new_listener(), message)
        if handled.again:
            topic.rewind(announcement)
            return
        if handled.status:
            log(f"Sending Ingress Service confirmation for: {message}", tracing_id=message["request_id"])
            topic.confirm(message["request_id"], handled.status)
        reached(Point.LISTENER_FINISHED, valkey=valkey, message=message, store=store)
        if handled.unknown:
            return
    topic.commit()


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a message: tried again, or told to the upload service, or neither after an error."""

    again: bool = False
    unknown: bool = False
    status: str = ""


def _handle(listener: Listener, message: dict[str, Any]) -> Handled:
    """Process a message; nothing that goes wrong with it stops the listener."""
    try:
        return Handled(status=listener.process(message))
    except ReportProcessorError as error:
        text = f"[listen_for_messages] Report processing error: {error}"
        log(text, level=logging.WARNING, error=error)
        return Handled()
    except Exception as error:  # noqa: BLE001 - one payload must not stop the listener
        if is_database_error(error):
            text = f"[listen_for_messages] Database error. Error: {type(error).__name__}: {error}. Retrying..."
            log(text, level=logging.ERROR)
            return Handled(again=True)
        text = f"[listen_for_messages] UNKNOWN error encountered: {type(error).__name__}: {error}"
        log(text, level=logging.ERROR, error=error)
        return Handled(unknown=True)


class _Unreadable:
    """A message or payload that nothing could be taken from."""


def _download(url: str) -> bytes:
    """The object at a presigned URL."""
    answer = urllib3.request("GET", url, timeout=DOWNLOAD_SECONDS, retries=False)
    if answer.status != HTTPStatus.OK:
        raise KafkaMsgHandlerError(f"{answer.status} {HTTPStatus(answer.status).phrase} for url: {url}")
    return answer.data


class Listener:
    """Processes one message with a connection of its own."""

    def __init__(
        self, config: StandinConfig, clock: Clock, pace: Pace, store: ObjectStore, valkey: redis.Redis
    ) -> None:
        self._config = config
        self._clock = clock
        self._pace = pace
        self._store = store
        self._valkey = valkey

    def process(self, message: dict[str, Any]) -> str:
        """From the announcement to the queued summary; ``failure`` if the payload could not be read, else ``success``.

        A payload of an unknown cluster is a success too (docs/contract/koku.md 3.2).

        Raises:
            ReportProcessorError: a file failed; files after it were not touched.
        """
        with connect(self._config) as conn:
            conn.autocommit = True
            ingest = Ingest(self._config, self._clock, self._pace, conn, self._store)
            metas, tracing_id = self._take(ingest, message)
            if isinstance(metas, _Unreadable):
                return FAILURE
            if metas:
                self._process_files(ingest, metas, tracing_id)
            return SUCCESS

    def _take(self, ingest: Ingest, message: dict[str, Any]) -> tuple[list[ReportMeta] | _Unreadable | None, str]:
        request_id = message["request_id"]
        if not message.get("org_id"):
            log(f"Received unknown organization message: {message}", tracing_id=request_id)
            return _Unreadable(), request_id
        log(f"Downloading Payload for msg: {message}", tracing_id=request_id)
        try:
            data = _download(message["url"]) if "url" in message else self._store.get(message["bucket"], message["key"])
        except Exception as error:  # noqa: BLE001 - whatever the object store says, Koku logs it and goes on
            text = f"Unable to download file. Error: {error}"
            log(text, tracing_id=request_id, level=logging.WARNING)
            text = f"Unable to download payload. Error: {KafkaMsgHandlerError.__name__}: {text}"
            log(text, tracing_id=request_id, level=logging.WARNING)
            return _Unreadable(), request_id
        log(f"Extracting Payload for msg: {message}", tracing_id=request_id)
        try:
            return extract_payload(ingest, data, request_id, message["org_id"])
        except Exception as error:
            if is_database_error(error):
                raise
            text = f"Unable to extract payload. Error: {type(error).__name__}: {error}"
            log(text, tracing_id=request_id, level=logging.WARNING)
            return _Unreadable(), request_id

    def _process_files(self, ingest: Ingest, metas: list[ReportMeta], tracing_id: str) -> None:
        first = None
        for meta in metas:
            manifest = meta.manifest
            if manifest.daily_reports and len(manifest.files) != recorded_files(ingest.conn, meta.manifest_id)[0]:
                # The rest of the files comes in another tarball.
                break
            if meta.complete:
                continue
            process_report(ingest, meta)
            meta.complete = True
            log(f"Processing: {meta.name} complete.", tracing_id=tracing_id)
            reached(Point.FILE_DONE, cluster=meta.source.cluster_id, manifest_id=meta.manifest_id)
            first = first or meta
        self._queue_summary(ingest, first or metas[-1], tracing_id)

    def _queue_summary(self, ingest: Ingest, meta: ReportMeta, tracing_id: str) -> None:
        if not ready_for_summary(ingest.conn, meta.manifest_id):
            return
        manifest = meta.manifest
        start, end = manifest.start, manifest.summary_end
        if not (start or end):
            log("missing start or end dates - cannot summarize ocp reports", tracing_id=tracing_id)
            return
        if "0001-01-01 00:00:00+00:00" in (str(start), str(end)):
            log("cr status for invalid manifest", tracing_id=tracing_id, **manifest.cr_status)
            return
        report = {
            "schema": meta.source.schema,
            "schema_name": meta.source.schema,
            "provider_type": meta.source.provider_type,
            "provider_uuid": meta.source.provider_uuid,
            "manifest_id": meta.manifest_id,
            "manifest_uuid": str(uuid.UUID(tracing_id)),
            "start": start.date().isoformat() if start else None,
            "end": end.date().isoformat() if end else None,
        }
        days = sorted(file.day for file in meta.files)
        if days and days[0].month != days[-1].month:
            # Koku makes one report of each month and then joins them again: the range from the first to the last day.
            report |= {"start": days[0].isoformat(), "end": days[-1].isoformat()}
        log("summarizing ocp reports", tracing_id=tracing_id, provider_uuid=meta.source.provider_uuid)
        task = Task("masu.processor.tasks.summarize_reports", [[report], OCP_QUEUE])
        log(f"Summarization celery uuid: {send(self._valkey, OCP_QUEUE, task)}", tracing_id=tracing_id)
