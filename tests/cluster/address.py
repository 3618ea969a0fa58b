"""What a request's path and query ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.kinds import Kind, Kinds
from cluster.selectors import name_in
from cluster.status import no_such_resource, not_allowed

_WRITES = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Address:
    """A resource in a path: its kind, where, which, and which part of it."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def resource(self) -> str:
        """As permissions name it: ``pods/exec``."""
        return f"{self.kind.plural}/{self.subresource}" if self.subresource else self.kind.plural

    def verb(self, method: str, query: Mapping[str, str]) -> str:
        """The verb of permissions; raises 405 for a method without one."""
        if method in {"GET", "HEAD"}:
            if self.name:
                return "get"
            return "watch" if query.get("watch", "").lower() in {"1", "true"} else "list"
        if method == "DELETE" and not self.name:
            return "deletecollection"
        if method not in _WRITES:
            raise not_allowed()
        return _WRITES[method]

    def asked_name(self, query: Mapping[str, str]) -> str:
        """The object's name, also where a list asks for it with a field selector."""
        return self.name or name_in(query.get("fieldSelector", ""))


def parse(path: str, kinds: Kinds) -> Address:
    """The resource that a path names, such as ``/apis/apps/v1/namespaces/ns/deployments/name``.

    Raises:
        ApiError: 404, nothing is served there.
    """
    parts = [part for part in path.split("/") if part]
    match parts:
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            raise no_such_resource()
    namespace = ""
    # /namespaces/<name> is the namespace itself; with more behind it, the place of something.
    if len(rest) >= 3 and rest[0] == "namespaces" and rest[2] not in {"status", "finalize"}:
        namespace, rest = rest[1], rest[2:]
    if not 1 <= len(rest) <= 3:
        raise no_such_resource()
    plural, name, subresource = [*rest, "", ""][:3]
    kind = kinds.at(group, version, plural)
    if kind is None or (subresource and subresource not in kind.subresources):
        raise no_such_resource()
    if namespace and not kind.namespaced:
        raise no_such_resource()
    if name and kind.namespaced and not namespace:
        raise no_such_resource()
    return Address(kind, namespace, name, subresource)
