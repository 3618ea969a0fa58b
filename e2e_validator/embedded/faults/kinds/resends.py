"""Data that come a second time under another uuid."""

from __future__ import annotations

import io
import json
import tarfile
import threading
import uuid

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.ingest.listener import announce
from e2e_validator.embedded.standin.objects import ObjectStore


def send_under_another_uuid(now: Happening) -> bool:
    """Put the same data into the bucket as another payload, and announce it at once or after `delay_s`."""
    message = now.facts["message"]
    store = ObjectStore(now.config)
    # Not beside the first one: this run has not sent it.
    key = f"sent-again/{uuid.uuid4()}.tar.gz"
    store.put(message["bucket"], key, under_another_uuid(store.get(message["bucket"], message["key"])))
    named = {"bucket": message["bucket"], "key": key}
    args = (now.facts["valkey"], uuid.uuid4().hex, message["org_id"])
    if (delay_s := float(now.option("delay_s"))) > 0:
        timer = threading.Timer(delay_s, announce, args, named)
        timer.daemon = True
        timer.start()
    else:
        announce(*args, **named)
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
        "When the listener is through with a payload, or `delay_s` later, the same data are announced under a new uuid."
        " Daily reports are skipped then, and summarised again; those that are not daily (daily_reports false, a known"
        " version) count twice.",
        "docs/contract/koku.md 3.3, 3.5",
        ("existing data has equal or greater reportnumhours (daily)", "usage doubled, all completed (not daily)"),
        points=(Point.LISTENER_FINISHED,),
        act=send_under_another_uuid,
        options={"delay_s": 0.0},
    ),
)
