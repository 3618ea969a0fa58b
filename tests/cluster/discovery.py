"""What the API server says of itself: its version, its groups and their resources."""

from __future__ import annotations

from typing import Any

from cluster.kinds import ALL, Kinds

Json = dict[str, Any]

VERSION: Json = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.4",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "go1.23.8",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def document(path: str, kinds: Kinds) -> Json | None:
    """The document at ``path``, or ``None`` if none is there."""
    parts = [part for part in path.split("/") if part]
    groups = kinds.groups()
    match parts:
        case ["version"]:
            return VERSION
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        case ["apis"]:
            entries = [_group(group, versions) for group, versions in groups.items()]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": entries}
        case ["apis", group] if group in groups:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, groups[group])}
        case ["api", "v1"]:
            return _resources("", "v1", kinds)
        case ["apis", group, version] if version in groups.get(group, ()):
            return _resources(group, version, kinds)
    return None


def _group(group: str, versions: tuple[str, ...]) -> Json:
    entries = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": entries, "preferredVersion": entries[0]}


def _resources(group: str, version: str, kinds: Kinds) -> Json:
    resources: list[Json] = []
    for kind in kinds.all:
        if (kind.group, kind.version) != (group, version):
            continue
        entry: Json = {
            "name": kind.plural,
            "singularName": kind.kind.lower(),
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": list(kind.verbs),
        }
        entry |= {"shortNames": list(kind.short)} if kind.short else {}
        resources.append(entry | ({"categories": ["all"]} if kind.plural in ALL else {}))
        resources += [
            {
                "name": f"{kind.plural}/{subresource}",
                "singularName": "",
                "namespaced": True,
                "kind": "Pod",
                "verbs": ["get"] if subresource == "log" else ["create", "get"],
            }
            for subresource in kind.subresources
        ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": resources,
    }
