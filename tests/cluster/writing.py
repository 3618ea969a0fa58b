"""Creating, changing and deleting objects, and the reviews of one's own permissions."""

from __future__ import annotations

import json
from typing import Any

import yaml
from aiohttp import web

from cluster.address import Address
from cluster.protobuf import review
from cluster.roles import Attempt, Role
from cluster.status import ApiError, bad_request, not_allowed
from cluster.store import Store

Json = dict[str, Any]


async def body(request: web.BaseRequest) -> Json:
    """The object that a request brings; raises 400 or 415."""
    if "protobuf" in request.content_type:
        try:
            return review(await request.read())
        except (ValueError, KeyError, IndexError):
            message = "the body of the request was in an unknown format"
            raise ApiError(415, "UnsupportedMediaType", message) from None
    text = await request.text()
    try:
        found = yaml.safe_load(text) if "yaml" in request.content_type else json.loads(text)
    except (ValueError, yaml.YAMLError):
        raise bad_request("the object provided is unrecognized") from None
    if not isinstance(found, dict):
        raise bad_request("the object provided is unrecognized")
    return found


async def write(request: web.BaseRequest, store: Store, address: Address, verb: str) -> web.Response:
    """Create, update, patch or delete one object, or delete those that a selector names."""
    kind = address.kind
    if verb == "create":
        entry = await body(request)
        entry.setdefault("apiVersion", kind.api_version)
        entry.setdefault("kind", kind.kind)
        metadata = entry.setdefault("metadata", {})
        if kind.namespaced:
            metadata["namespace"] = address.namespace
        return web.json_response(store.put(entry, new=True), status=201)
    if verb == "deletecollection" or (verb == "delete" and not address.name):
        raise not_allowed()
    before = store.get(kind, address.namespace, address.name)
    if verb == "delete":
        store.remove(kind, address.namespace, address.name)
        details = {"name": address.name, "kind": kind.plural, "uid": before["metadata"]["uid"]}
        return web.json_response(
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        )
    change = await body(request)
    merged = change if verb == "update" else _merge(before, change)
    merged.setdefault("apiVersion", kind.api_version)
    merged.setdefault("kind", kind.kind)
    merged["metadata"] = {**merged.get("metadata", {}), "name": address.name}
    if kind.namespaced:
        merged["metadata"]["namespace"] = address.namespace
    return web.json_response(store.put(merged))


def _merge(before: Json, change: Json) -> Json:
    """A JSON merge patch; lists are replaced."""
    merged = dict(before)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = _merge(merged[key] if isinstance(merged.get(key), dict) else {}, value)
        else:
            merged[key] = value
    return merged


def access_review(asked_for: Json, role: Role) -> Json:
    """Whether the one who asks may do what the review describes."""
    asked = asked_for.get("spec", {}).get("resourceAttributes") or {}
    subresource = asked.get("subresource") or ""
    resource = asked.get("resource", "") + (f"/{subresource}" if subresource else "")
    attempt = Attempt(
        asked.get("verb", ""), resource, asked.get("group") or "", asked.get("namespace") or "", asked.get("name") or ""
    )
    allowed = role.allows(attempt)
    status = {"allowed": True, "reason": "RBAC: allowed by the test's role"} if allowed else {"allowed": False}
    return {**asked_for, "metadata": asked_for.get("metadata") or {}, "status": status}


def rules_review(asked_for: Json, role: Role) -> Json:
    """All that the one who asks may do in a namespace."""
    namespace = asked_for.get("spec", {}).get("namespace", "")
    rules = [rule.as_json() for rule in role.rules if not rule.namespaces or namespace in rule.namespaces]
    status = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
    return {**asked_for, "metadata": asked_for.get("metadata") or {}, "status": status}
