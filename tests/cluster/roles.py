"""Who may do what: roles of the API server, and the record of what was asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request as permissions see it."""

    verb: str
    """``get``, ``list``, ``watch``, ``create``, ``update``, ``patch``, ``delete``, ``deletecollection``."""
    resource: str
    """With its subresource: ``pods``, ``pods/exec``."""
    group: str = ""
    namespace: str = ""
    name: str = ""
    user: str = field(default="", compare=False)
    code: int = field(default=0, compare=False)
    """The answer's status; 101 for a websocket that was opened."""

    @property
    def needed(self) -> tuple[str, str, str, str]:
        """Verb, group, resource, namespace: what a table of permissions has a row for."""
        return (self.verb, self.group, self.resource, self.namespace)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is allowed; ``*`` stands for everything."""

    verbs: tuple[str, ...]
    resources: tuple[str, ...]
    groups: tuple[str, ...] = ("",)
    namespaces: tuple[str, ...] = ()
    """Empty: in every namespace and at the cluster's scope."""
    names: tuple[str, ...] = ()
    """Empty: every object. A list or watch is allowed by name only with a field selector of that name."""

    def allows(self, attempt: Attempt) -> bool:
        """Whether this rule alone is enough."""
        return (
            _has(self.verbs, attempt.verb)
            and _has(self.groups, attempt.group)
            and _has(self.resources, attempt.resource)
            and (not self.namespaces or attempt.namespace in self.namespaces)
            and (not self.names or attempt.name in self.names)
        )

    def as_json(self) -> Json:
        """The rule as a ``SelfSubjectRulesReview`` tells it."""
        return {
            "verbs": list(self.verbs),
            "apiGroups": list(self.groups),
            "resources": list(self.resources),
            **({"resourceNames": list(self.names)} if self.names else {}),
        }


@dataclass(frozen=True, slots=True)
class Role:
    """The rules of one user; what no rule allows is forbidden."""

    rules: tuple[Rule, ...] = ()

    def allows(self, attempt: Attempt) -> bool:
        """Whether any rule allows it."""
        return any(rule.allows(attempt) for rule in self.rules)

    def without(self, verb: str, resource: str, group: str = "", namespace: str = "") -> Role:
        """The role with one permission taken out: in ``namespace``, or everywhere when none is named."""
        rules: list[Rule] = []
        for rule in self.rules:
            gives = _has(rule.verbs, verb) and _has(rule.resources, resource) and _has(rule.groups, group)
            if not gives or (namespace and rule.namespaces and namespace not in rule.namespaces):
                rules.append(rule)
                continue
            if namespace and rule.namespaces != (namespace,):
                raise ValueError("a rule of several namespaces cannot lose one permission in one of them")
            if "*" in (*rule.verbs, *rule.resources, *rule.groups):
                raise ValueError("a role with * cannot lose one permission")
            rest = tuple(other for other in rule.resources if other != resource)
            groups = tuple(other for other in rule.groups if other != group)
            verbs = tuple(other for other in rule.verbs if other != verb)
            rules += [
                Rule(rule.verbs, rest, rule.groups, rule.namespaces, rule.names),
                Rule(rule.verbs, (resource,), groups, rule.namespaces, rule.names),
                Rule(verbs, (resource,), (group,), rule.namespaces, rule.names),
            ]
        return Role(tuple(rule for rule in rules if rule.verbs and rule.resources and rule.groups))

    @classmethod
    def of_manifests(cls, objects: Iterable[Json], user: str) -> Role:
        """The role that RBAC objects give a service account, ``system:serviceaccount:<namespace>:<name>``.

        Args:
            objects: ``Role``, ``ClusterRole``, ``RoleBinding`` and ``ClusterRoleBinding``; others are passed over.
            user: The service account, as it appears in messages.

        Raises:
            ValueError: A binding names a role that is not among the objects.
        """
        found = list(objects)
        roles = {
            (entry["kind"], entry["metadata"].get("namespace", ""), entry["metadata"]["name"]): entry.get("rules") or []
            for entry in found
            if entry["kind"] in {"Role", "ClusterRole"}
        }
        rules: list[Rule] = []
        for binding in found:
            if binding["kind"] not in {"RoleBinding", "ClusterRoleBinding"} or not _binds(binding, user):
                continue
            namespace = binding["metadata"].get("namespace", "") if binding["kind"] == "RoleBinding" else ""
            kind, name = binding["roleRef"]["kind"], binding["roleRef"]["name"]
            key = (kind, namespace if kind == "Role" else "", name)
            if key not in roles:
                raise ValueError(f"{binding['kind']} {binding['metadata']['name']} names {kind} {name}: there is none")
            rules += [
                Rule(
                    verbs=tuple(rule["verbs"]),
                    resources=tuple(rule["resources"]),
                    groups=tuple(rule["apiGroups"]),
                    namespaces=(namespace,) if namespace else (),
                    names=tuple(rule.get("resourceNames") or ()),
                )
                for rule in roles[key]
                if "resources" in rule
            ]
        return cls(tuple(rules))


ADMINISTRATOR = Role((Rule(("*",), ("*",), ("*",)),))


def _has(allowed: tuple[str, ...], asked: str) -> bool:
    return asked in allowed or "*" in allowed


def _binds(binding: Json, user: str) -> bool:
    return any(
        (subject["kind"] == "User" and subject["name"] == user)
        or (
            subject["kind"] == "ServiceAccount"
            and user == f"system:serviceaccount:{subject.get('namespace', '')}:{subject['name']}"
        )
        for subject in binding.get("subjects") or []
    )
