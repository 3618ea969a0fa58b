"""Label and field selectors, in the grammar of Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds import Kind
from cluster.status import bad_request

Labels = Mapping[str, str]
Predicate = Callable[[Mapping[str, Any]], bool]

_NAME = r"[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?"
_SET = re.compile(rf"(?P<key>{_NAME})\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUAL = re.compile(rf"(?P<key>{_NAME})\s*(?P<operator>==|=|!=)\s*(?P<value>{_VALUE})")
_EXISTS = re.compile(rf"(?P<absent>!?)\s*(?P<key>{_NAME})")
_OUTSIDE_BRACKETS = re.compile(r",(?![^()]*\))")

_FIELDS = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "secrets": ("type",),
    "namespaces": ("status.phase",),
    "jobs": ("status.successful",),
    "replicasets": ("status.replicas",),
}


def label_predicate(selector: str) -> Predicate:
    """Whether an object's labels fit ``selector``; an empty one fits all.

    Raises:
        ApiError: 400, the selector cannot be parsed.
    """
    tests = [_requirement(part.strip()) for part in _OUTSIDE_BRACKETS.split(selector) if selector.strip()]

    def fits(found: Mapping[str, Any]) -> bool:
        labels = found.get("metadata", {}).get("labels") or {}
        return all(test(labels) for test in tests)

    return fits


def _requirement(text: str) -> Callable[[Labels], bool]:
    if match := _SET.fullmatch(text):
        key, values = match["key"], {value.strip() for value in match["values"].split(",")}
        if match["operator"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if match := _EQUAL.fullmatch(text):
        key, value = match["key"], match["value"]
        if match["operator"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if match := _EXISTS.fullmatch(text):
        key, absent = match["key"], bool(match["absent"])
        return lambda labels: (key in labels) is not absent
    raise bad_request(f"unable to parse requirement: found '{text}', expected: ',' or 'in' or 'notin' or '='")


def field_predicate(selector: str, kind: Kind) -> Predicate:
    """Whether an object's fields fit ``selector``; only the few fields that Kubernetes allows for its kind.

    Raises:
        ApiError: 400, the selector cannot be parsed or names a field that the kind does not offer.
    """
    tests: list[tuple[str, bool, str]] = []
    for part in (piece.strip() for piece in selector.split(",") if selector.strip()):
        match = re.fullmatch(r"(?P<field>[^=!]+)(?P<operator>==|=|!=)(?P<value>.*)", part)
        if match is None:
            raise bad_request(f"invalid selector: '{selector}'; can't understand '{part}'")
        if match["field"] not in {"metadata.name", "metadata.namespace", *_FIELDS.get(kind.plural, ())}:
            raise bad_request(f"field label not supported: {match['field']}")
        tests.append((match["field"], match["operator"] != "!=", match["value"]))
    return lambda found: all((_field(found, field) == value) is equal for field, equal, value in tests)


def name_in(selector: str) -> str:
    """The object that a field selector asks for by name; permissions are given by it. Empty if it asks for none."""
    match = re.search(r"(?:^|,)\s*metadata\.name==?([^,]+)", selector)
    return match[1] if match else ""


def _field(found: Mapping[str, Any], path: str) -> str:
    value: Any = found
    for key in path.split("."):
        value = value.get(key, "") if isinstance(value, Mapping) else ""
    if isinstance(value, Mapping):  # an event's source is an object; the field means its component
        value = value.get("component", "")
    return str(value).lower() if isinstance(value, bool) else str(value)
