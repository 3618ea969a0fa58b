"""What Koku's own services say: versions, queues, the consumer group, and the objects of the scenario."""

from __future__ import annotations

import platform
from contextlib import closing

import psycopg
from minio.error import S3Error

from e2e_validator.access.database import Database
from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.lag import consumer_lag
from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.bundle.look import Collector, Keep, Look, NotHere

_CANNOT = (Unreachable, Refused)
_MOST_OBJECTS = 2000


def _versions(look: Look, keep: Keep) -> None:
    keep(
        "target.json",
        {
            "target": look.target.title,
            "transport": look.target.transport,
            "koku": look.target.koku_url,
            "masu": look.target.masu_url,
            "object store": look.target.s3_url,
            "buckets": look.target.buckets,
            "organisation": look.target.org_id,
            "schema": look.target.schema_name,
            "python": platform.python_version(),
        },
    )
    try:
        with closing(Database(look.target)) as database:
            keep("versions/postgresql.json", {"version": database.server_version()})
    except (Unreachable, psycopg.Error) as error:
        keep("versions/postgresql.json", error)
    try:
        keep("versions/koku.json", KokuApi(look.target).status())
    except _CANNOT as error:
        keep("versions/koku.json", error)


def _queues(look: Look, keep: Keep) -> None:
    masu = Masu(look.target)
    try:
        keep("queues.json", masu.queue_lengths())
    except _CANNOT as error:
        keep("queues.json", error)
    if look.sources:
        try:
            waiting = masu.queued_for(*(source.uuid for source in look.sources))
            keep("queued-for-this-scenario.json", list(waiting))
        except _CANNOT as error:
            keep("queued-for-this-scenario.json", error)


def _lag(look: Look, keep: Keep) -> None:
    if look.target.kafka is None:
        raise NotHere("the target names no Kafka")
    keep("kafka.json", consumer_lag(look.target.kafka, look.target.verify))


def _objects(look: Look, keep: Keep) -> None:
    if not look.prefixes:
        raise NotHere("nothing was uploaded yet")
    store = Objects(look.target)
    for number, place in enumerate(look.prefixes, 1):
        bucket = place.name or {"ingress": store.ingress, "archive": store.archive}[place.bucket]
        name = f"objects/{number}-{place.bucket}.json"
        try:
            entries = store.entries(bucket, place.prefix, most=_MOST_OBJECTS)
            keep(name, {"bucket": bucket, "prefix": place.prefix, "objects": entries})
        except S3Error as error:
            keep(name, error)


VERSIONS = Collector("versions", "addresses, versions and what Koku says of itself", _versions)
QUEUES = Collector("queues", "how many tasks wait, and those of this scenario", _queues)
LAG = Collector("kafka", "the listener's consumer group: offsets and what it has not read", _lag)
OBJECTS = Collector("objects", "objects of this scenario: key, size, time", _objects)
