"""Data that come a second time under another uuid."""

from __future__ import annotations

import io
import json
import tarfile
import uuid

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.ingest.listener import announce
from e2e_validator.embedded.standin.objects import ObjectStore


def send_under_another_uuid(now: Happening) -> bool:
    """Put the same data into the bucket as another payload, and announce it."""
    message = now.facts["message"]
    store = ObjectStore(now.config)
    key = f"{message['key']}-again"
    store.put(message["bucket"], key, under_another_uuid(store.get(message["bucket"], message["key"])))
    announce(now.facts["valkey"], uuid.uuid4().hex, message["org_id"], bucket=message["bucket"], key=key)
    return False


def under_another_uuid(data: bytes) -> bytes:
    """The tarball with a new uuid in its manifest."""
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as old,
        tarfile.open(fileobj=out, mode="w:gz") as new,
    ):
        for member in old:
            opened = old.extractfile(member)
            content = opened.read() if opened else b""
            if member.name == "manifest.json":
                content = json.dumps(json.loads(content) | {"uuid": str(uuid.uuid4())}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return out.getvalue()


FAULTS = (
    Fault(
        "payload_sent_twice",
        "When the listener is through with a payload, the same data are announced under a new uuid. Daily reports are"
        " skipped then; reports that are not daily (daily_reports false, a known version) count twice.",
        "3.3, 3.5",
        ("existing data has equal or greater reportnumhours (daily)", "usage doubled, all completed (not daily)"),
        points=(Point.LISTENER_FINISHED,),
        act=send_under_another_uuid,
    ),
)
