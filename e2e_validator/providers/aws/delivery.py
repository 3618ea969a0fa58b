"""A bucket of the source's own: files first, and the month's manifest when Koku is to take the assembly.

See docs/contract/clouds.md 2, 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.access.transports import Transport
from e2e_validator.engine.context import Context
from e2e_validator.engine.delivery import same_bytes
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.stock import OURS, Item
from e2e_validator.errors import Blocked, HarnessError
from e2e_validator.providers.aws.names import NAMES

_MONTH = re.compile(r"/(\d{4})(\d\d)\d\d-\d{8}/")


class ByPolling:
    """Lays the manifest of a month into the bucket, and has masu look at the source."""

    title = "masu"
    needs_object = True

    def __init__(self, masu: Masu, objects: Objects, bucket: str, provider_uuid: Callable[[], str]) -> None:
        """Nothing is sent yet; ``provider_uuid`` is asked when it is needed."""
        self._masu, self._objects = masu, objects
        self._bucket, self._provider_uuid = bucket, provider_uuid

    def check(self) -> str:
        """Whether masu is alive; asked to poll it would look at every source there is."""
        if not self._masu.alive():
            raise Blocked("masu answers, but does not say that it is alive")
        return f"masu {NAMES.announced_at}"

    def announce(self, object_key: str, tarball: Path) -> str:
        """Lay down the manifest, read it back, and have Koku look at its month; without one, it only looks."""
        month = _MONTH.search(f"/{object_key}")
        if month is None:
            raise HarnessError(f"{object_key} is no manifest of a month.")
        if tarball.exists():
            self._objects.put(object_key, tarball, self._bucket)
            same_bytes(object_key, tarball, self._objects.read(self._bucket, object_key))
        return self._masu.poll(NAMES.announced_at, self._provider_uuid(), f"{month[1]}-{month[2]}")

    def key_of(self, object_key: str, tarball: Path) -> str:  # noqa: ARG002 - the object stays where it is
        """The object's own key."""
        return object_key

    def stored_as(self, object_key: str, request_id: str) -> str:  # noqa: ARG002 - the object stays where it is
        """The object's own key."""
        return object_key


class ByOwnBucket:
    """See ``engine.delivery.Delivery``: ``tarball`` is the month's manifest, ``object_key`` its key."""

    own_bucket = True

    def open(self, context: Context, key: str) -> None:
        """See ``Delivery``: the bucket. Koku refuses a source whose bucket is not there (docs/contract/clouds.md 2)."""
        make = partial(context.clients.objects.make_bucket, key)
        context.waiter().wait_for_value(f"the object store to make {key}", make)

    def close(self, context: Context, key: str) -> None:
        """See ``Delivery``."""
        context.clients.objects.remove_bucket(key)

    def transport(self, context: Context, sent: SentPayload | None = None) -> Transport:
        """See ``Delivery``."""
        clients, control = context.clients, sent is not None and sent.control
        bucket = context.control_key if control else context.source_key
        return ByPolling(clients.masu, clients.objects, bucket, partial(_provider_uuid, context, control))

    def send(self, context: Context, sent: SentPayload) -> int:
        """Upload the files of the assembly; the month's manifest comes when it is announced."""
        objects, bucket = context.clients.objects, bucket_of(context, sent)
        self.open(context, bucket)  # a scenario may do without a source
        size = 0
        for key, file in files_of(sent).items():

            def there_and_back(key: str = key, file: Path = file) -> bytes:
                objects.put(key, file, bucket)
                return objects.read(bucket, key)

            got = context.waiter().wait_for_value(f"the object store to take {key}", there_and_back)
            size += same_bytes(key, file, got)
        return size

    def standing(self, context: Context) -> list[Item]:
        """The source's own bucket."""
        objects = context.clients.objects
        buckets = {context.source_key, context.control_key}
        return [_item(context, bucket) for bucket in objects.buckets(OURS) if bucket in buckets]

    def left_by_others(self, context: Context) -> dict[str, Item]:
        """Buckets of other sources."""
        return {bucket: _item(context, bucket) for bucket in context.clients.objects.buckets(OURS)}

    def stands(self, context: Context, sent: SentPayload) -> bool:
        """Whether the month's manifest is there."""
        return context.clients.objects.exists(bucket_of(context, sent), sent.object_key)

    def remove(self, context: Context, sent: SentPayload) -> None:
        """Remove the bucket with all assemblies."""
        context.clients.objects.remove_bucket(bucket_of(context, sent))


def bucket_of(context: Context, sent: SentPayload) -> str:
    """The bucket in which the payload stands: it has the key of its source."""
    return context.control_key if sent.control else context.source_key


def files_of(sent: SentPayload) -> dict[str, Path]:
    """The files of an assembly by their keys, without the month's manifest."""
    folder = Path(sent.payload_folder)
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    found.pop(sent.object_key, None)
    return found


def _provider_uuid(context: Context, control: bool) -> str:
    source = context.state.control_source if control else context.state.source
    if source is None or not source["uuid"]:
        raise HarnessError(f"The scenario {context.plan.name} has no source in its state.")
    return source["uuid"]


def _item(context: Context, bucket: str) -> Item:
    where = f"s3://{bucket}"
    return Item(where, 1, f"aws --endpoint-url {context.target.s3_url} s3 rb --force {where}")
