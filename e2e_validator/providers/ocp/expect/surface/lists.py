"""Lists beside the reports: tags with their values; clusters, projects and nodes (docs/contract/koku.md 5.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, same
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import WrongShape
from e2e_validator.providers.ocp.expect.surface.subject import Subject

# The list of all keys shows no more values than these of each, and says how many more there are.
_SHOWN_VALUES = 50
_NOT_NAMES = ("", "No-project", "No-node")


def tags(subject: Subject) -> Iterator[Check]:
    """Each enabled key with its values, in the list of keys and by itself."""
    if not subject.tags:
        return
    here = {"filter[cluster]": subject.cluster_id, "limit": "1000"}
    dates = {"start_date": subject.first.isoformat(), "end_date": subject.last.isoformat()}
    keys = Question.of("tags/openshift/", here | dates)
    yield Check("the tag keys and their values are those of the data", keys, lambda body: key_list(subject, body, keys))
    for key in subject.tags if subject.full else subject.tags[:1]:
        if "/" not in key:
            yield _values(subject, Question.of(f"tags/openshift/{key}/", here | dates), key)
    if subject.full:
        only = Question.of("tags/openshift/", here | dates | {"key_only": "true"})
        yield Check("the tag keys alone", only, lambda body: names_only(subject, body, only))
        disabled = Question.of("tags/openshift/", here | dates | {"filter[enabled]": "false"})
        yield Check("no enabled key among those that are not", disabled, lambda body: none_of(subject, body, disabled))


def _values(subject: Subject, question: Question, key: str) -> Check:
    def judge(body: Any) -> Judged:
        found = entries(body, question)
        return valued(subject, key, [str(value) for value in found]) + _counted(body, len(found))

    return Check(f"the values of the tag {key} are those of the data", question, judge)


def key_list(subject: Subject, body: Any, question: Question) -> Judged:
    """Every key of this scenario that has a value is there once, enabled, with its values."""
    found = Judged()
    listed = entries(body, question)
    for key in subject.tags:
        mine = [entry for entry in listed if isinstance(entry, dict) and entry.get("key") == key]
        found += same(f"how often the key {key} is listed", 1 if subject.tag_values.get(key) else 0, len(mine))
        for entry in mine:
            found += same(f"whether {key} is enabled", expected=True, actual=entry.get("enabled"))
            found += valued(subject, key, [str(value) for value in entry.get("values") or ()], most=_SHOWN_VALUES)
    return found + _counted(body, len(listed))


def valued(subject: Subject, key: str, given: Sequence[str], most: int | None = None) -> Judged:
    """The values of a key, each once; those of an upload that was replaced may still be among them."""
    wanted = set(subject.tag_values.get(key, ()))
    broken = [f"{value} is listed more than once in {key}" for value in sorted(set(given)) if given.count(value) > 1]
    if most is not None and len(given) > most:
        return Judged(tuple(broken), len(given))
    may = wanted | set(subject.old_tag_values.get(key, ()))
    broken += [f"the value {value!r} of {key} is missing" for value in sorted(wanted - set(given))]
    broken += [f"the value {value!r} of {key} is in no file" for value in sorted(set(given) - may)]
    return Judged(tuple(broken), len(wanted) + 1)


def names_only(subject: Subject, body: Any, question: Question) -> Judged:
    """Every key of this scenario that has a value."""
    given = entries(body, question)
    missing = [key for key in subject.tags if subject.tag_values.get(key) and key not in given]
    return Judged(tuple(f"the key {key} is missing" for key in missing), len(subject.tags))


def none_of(subject: Subject, body: Any, question: Question) -> Judged:
    """No key of this scenario."""
    given = [entry.get("key") for entry in entries(body, question) if isinstance(entry, dict)]
    there = [key for key in subject.tags if key in given]
    return Judged(tuple(f"the key {key} is listed as not enabled" for key in there), len(subject.tags))


def resources(subject: Subject) -> Iterator[Check]:
    """The lists that filters are chosen from: this cluster, its projects, its nodes."""
    for what, name in (("clusters", subject.cluster_id), *_asked(subject)):
        question = Question.of(f"resource-types/openshift-{what}/", {"search": name, "limit": "1000"})
        yield _resource(subject, question, what, name)


def _asked(subject: Subject) -> list[tuple[str, str]]:
    found = []
    for what, grouping in (("projects", "project"), ("nodes", "node")):
        names = [name for name in subject.shown["costs", grouping].names if name not in _NOT_NAMES]
        found += [(what, name) for name in (names if subject.full else names[:1])]
    return found


def _resource(subject: Subject, question: Question, what: str, name: str) -> Check:
    alias = subject.cluster_alias if what == "clusters" else None

    def judge(body: Any) -> Judged:
        return searched(entries(body, question), name, alias) + _counted(body, len(entries(body, question)))

    return Check(f"{name} is among the {what}", question, judge)


def searched(listed: Sequence[Any], name: str, alias: str | None) -> Judged:
    """The name is listed once, and nothing that was not searched for; a cluster with its alias."""
    values = [str(entry.get("value")) for entry in listed]
    found = same(f"how often {name} is listed", 1, values.count(name))
    for entry in listed:
        texts = [str(entry.get(key) or "") for key in ("value", "cluster_alias")]
        if not any(name.lower() in text.lower() for text in texts):
            found += Judged((f"{texts[0]} is listed, which does not contain {name}",))
        if alias is not None and entry.get("value") == name:
            found += same(f"the alias of {name}", alias, entry.get("cluster_alias"))
    return found


def entries(body: Any, question: Question) -> list[Any]:
    """``data`` of a list.

    Raises:
        WrongShape: it has none.
    """
    found = body.get("data") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise WrongShape(f"the answer to {question} has no list in data")
    return found


def _counted(body: Any, count: int) -> Judged:
    return same("meta.count", count, int((body.get("meta") or {}).get("count", -1)))
