"""The reviews of one's own permissions as kubectl sends them: protocol buffers, of which a few fields are read."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_MAGIC = b"k8s\x00"
_ATTRIBUTES = {1: "namespace", 2: "verb", 3: "group", 4: "version", 5: "resource", 6: "subresource", 7: "name"}


def review(data: bytes) -> Json:
    """The review in ``data``.

    Raises:
        ValueError: It is something else.
    """
    if not data.startswith(_MAGIC):
        raise ValueError("no object of Kubernetes")
    envelope = _fields(data.removeprefix(_MAGIC))
    about, spec = _fields(envelope[1]), _fields(_fields(envelope[2]).get(2, b""))
    found: Json = {"apiVersion": about[1].decode(), "kind": about[2].decode(), "metadata": {}}
    if found["kind"] == "SelfSubjectRulesReview":
        return found | {"spec": {"namespace": spec.get(1, b"").decode()}}
    if found["kind"] != "SelfSubjectAccessReview":
        raise ValueError(f"{found['kind']} is no review")
    attributes = {_ATTRIBUTES[number]: text.decode() for number, text in _fields(spec.get(1, b"")).items() if text}
    return found | {"spec": {"resourceAttributes": attributes}}


def _fields(data: bytes) -> dict[int, bytes]:
    """The fields of a message that have a length, by number; the last one of each counts."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        key, at = _number(data, at)
        match key & 7:
            case 0:
                _, at = _number(data, at)
            case 2:
                length, at = _number(data, at)
                found[key >> 3] = data[at : at + length]
                at += length
            case _:
                raise ValueError("a field of a kind that no review has")
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
