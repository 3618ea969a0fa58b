"""Lists and watches."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from cluster.address import Address
from cluster.selectors import Predicate, field_predicate, label_predicate
from cluster.status import ApiError, bad_request
from cluster.store import Change, Store

Json = dict[str, Any]
_WATCH_SECONDS = 1800


def selection(address: Address, query: Mapping[str, str]) -> Predicate:
    """Whether an object is among those that a list or watch asks for; raises 400 for a wrong selector."""
    labels = label_predicate(query.get("labelSelector", ""))
    fields = field_predicate(query.get("fieldSelector", ""), address.kind)

    def fits(entry: Mapping[str, Any]) -> bool:
        return (
            (not address.namespace or entry["metadata"].get("namespace") == address.namespace)
            and labels(entry)
            and fields(entry)
        )

    return fits


def list_objects(store: Store, address: Address, query: Mapping[str, str]) -> Json:
    """The list, in pages if ``limit`` is given."""
    fits = selection(address, query)
    entries, revision = store.objects(address.kind, address.namespace)
    found = [_item(entry, address) for entry in entries if fits(entry)]
    metadata: Json = {"resourceVersion": str(revision)}
    try:
        start = int(base64.urlsafe_b64decode(query["continue"])) if query.get("continue") else 0
        limit = int(query.get("limit") or 0)
    except ValueError:
        raise bad_request("continue key is not valid") from None
    page = found[start : start + limit] if limit else found[start:]
    if limit and start + limit < len(found):
        metadata["continue"] = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
        metadata["remainingItemCount"] = len(found) - start - limit
    kind = address.kind
    return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata, "items": page}


def _item(entry: Json, address: Address) -> Json:
    # Kubernetes leaves both out of its own kinds' lists; clients that rely on them must be seen to fail.
    if address.kind.custom:
        return entry
    return {key: value for key, value in entry.items() if key not in {"kind", "apiVersion"}}


async def watch_objects(request: web.BaseRequest, store: Store, address: Address) -> web.StreamResponse:
    """Stream what changes until ``timeoutSeconds`` have passed or the client goes away."""
    query = request.query
    fits = selection(address, query)
    ends = time.monotonic() + float(query.get("timeoutSeconds") or _WATCH_SECONDS)
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    unlisten = store.listen(wake)
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    try:
        asked = query.get("resourceVersion", "")
        if asked in {"", "0"}:
            entries, revision = store.objects(address.kind, address.namespace)
            for entry in entries:
                if fits(entry):
                    await _send(response, "ADDED", entry)
        else:
            revision = int(asked)
        while (left := ends - time.monotonic()) > 0:
            changed.clear()
            for change in store.since(revision):
                revision = change.revision
                if change.kind == address.kind and (told := _told(change, fits)) is not None:
                    await _send(response, told, change.now)
            try:
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                break
    except ApiError as error:
        await _send(response, "ERROR", error.status)
    finally:
        unlisten()
    await response.write_eof()
    return response


def _told(change: Change, fits: Predicate) -> str | None:
    """What a watcher of a selection is told: an object that no longer fits is gone for it."""
    before = change.before is not None and fits(change.before)
    now = change.type != "DELETED" and fits(change.now)
    if now:
        return "MODIFIED" if before else "ADDED"
    return "DELETED" if before else None


async def _send(response: web.StreamResponse, kind: str, entry: Json) -> None:
    await response.write(json.dumps({"type": kind, "object": entry}).encode() + b"\n")
