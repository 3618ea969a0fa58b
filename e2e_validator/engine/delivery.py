"""How the payloads of a source type get to Koku, and where they stand before; and the way of tarballs in one bucket."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Protocol

from e2e_validator.access.transports import Transport
from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.stock import OURS, Item, object_item, objects_below
from e2e_validator.errors import PhaseFailed


class Delivery(Protocol):
    """The way of payloads from this machine to where Koku takes them from."""

    own_bucket: bool
    """Whether each source has a bucket of its own, which the run makes; else payloads stand in the ingress bucket."""

    def open(self, context: Context, key: str) -> None:
        """Make the place that the source with this key names, if it has one of its own; Koku looks whether it is there.

        One that is there already is fine.
        """

    def close(self, context: Context, key: str) -> None:
        """Remove that place with all that is in it; one that is gone already is fine."""

    def transport(self, context: Context, sent: SentPayload | None = None) -> Transport:
        """What announces a payload; without one, what tells whether it could."""

    def send(self, context: Context, sent: SentPayload) -> int:
        """Have a payload stand where Koku will look for it, and read it back; its size in bytes.

        Raises:
            PhaseFailed: what stands there is something else.
        """

    def standing(self, context: Context) -> list[Item]:
        """What stands there of this scenario, with the commands that remove it."""

    def left_by_others(self, context: Context) -> dict[str, Item]:
        """What stands there under names like ours, by the keys of the sources that it was for."""

    def stands(self, context: Context, sent: SentPayload) -> bool:
        """Whether a payload that was sent is still there, so that it can be announced again."""

    def remove(self, context: Context, sent: SentPayload) -> None:
        """Remove a payload; one that is gone already is fine."""


class ByIngressBucket:
    """One tarball a payload, in the ingress bucket; announced by the target's transport."""

    own_bucket = False

    def open(self, context: Context, key: str) -> None:
        """See ``Delivery``: the bucket is the deployment's."""

    def close(self, context: Context, key: str) -> None:
        """See ``Delivery``: the bucket is the deployment's."""

    def transport(self, context: Context, sent: SentPayload | None = None) -> Transport:  # noqa: ARG002 - one for all
        """See ``Delivery``."""
        return context.clients.transport

    def send(self, context: Context, sent: SentPayload) -> int:
        """See ``Delivery``."""
        objects = context.clients.objects

        def there_and_back() -> bytes:
            objects.put(sent.object_key, Path(sent.tarball))
            return objects.read(objects.ingress, sent.object_key)

        got = context.waiter().wait_for_value(f"the object store to take {sent.object_key}", there_and_back)
        return same_bytes(sent.object_key, Path(sent.tarball), got)

    def standing(self, context: Context) -> list[Item]:
        """Below the source's own prefix, and wherever else the state says that they are."""
        objects, target = context.clients.objects, context.target
        own = f"{context.source_key}/"
        elsewhere = {
            payload.object_key
            for payload in context.state.payloads
            if not payload.object_key.startswith(own) and objects.exists(objects.ingress, payload.object_key)
        }
        found = objects_below(objects, target, objects.ingress, own)
        return found + [object_item(target, objects.ingress, key, 1) for key in sorted(elsewhere)]

    def left_by_others(self, context: Context) -> dict[str, Item]:
        """See ``Delivery``."""
        objects = context.clients.objects
        folders = Counter(key.partition("/")[0] for key in objects.keys(objects.ingress, OURS) if "/" in key)
        return {
            name: object_item(context.target, objects.ingress, f"{name}/", count) for name, count in folders.items()
        }

    def stands(self, context: Context, sent: SentPayload) -> bool:
        """See ``Delivery``; a transport that takes the tarball itself needs none there."""
        objects = context.clients.objects
        return not self.transport(context).needs_object or objects.exists(objects.ingress, sent.object_key)

    def remove(self, context: Context, sent: SentPayload) -> None:
        """See ``Delivery``."""
        context.clients.objects.remove(context.clients.objects.ingress, sent.object_key)


def same_bytes(key: str, file: Path, got: bytes) -> int:
    """The size in bytes of an object that is the file.

    Raises:
        PhaseFailed: it is something else.
    """
    wanted = file.read_bytes()
    if hashlib.sha256(wanted).digest() != hashlib.sha256(got).digest():
        raise PhaseFailed(
            f"the object {key} is not what was uploaded",
            detail=f"expected    {len(wanted)} bytes, sha256 {hashlib.sha256(wanted).hexdigest()}\n"
            f"last seen   {len(got)} bytes, sha256 {hashlib.sha256(got).hexdigest()}",
        )
    return len(got)
