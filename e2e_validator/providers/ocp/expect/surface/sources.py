"""The source as its owner sees it at the end: linked, active, with data, every step complete.

See docs/contract/koku.md 5.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, same, together
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import WrongShape
from e2e_validator.providers.ocp.expect.surface.subject import Subject

_STEPS = ("download", "processing", "summary")
_FLAGS = {"provider_linked": True, "active": True, "paused": False, "has_data": True}


def sources(subject: Subject) -> Iterator[Check]:
    """Its detail, and where everything is asked what became of its payloads."""
    if not subject.source_uuid:
        return
    detail = Question(f"sources/{subject.source_uuid}/")
    yield Check("the source is active, and every step of its last payload complete", detail, _judge(subject, detail))
    if subject.full and subject.months:
        stats = Question(f"sources/{subject.source_uuid}/stats/")
        yield Check("every payload of the source is complete", stats, lambda body: processed(subject, body))


def _judge(subject: Subject, question: Question) -> Callable[[Any], Judged]:
    def judge(body: Any) -> Judged:
        if not isinstance(body, Mapping):
            raise WrongShape(f"the answer to {question} is no object")
        return described(subject, body)

    return judge


def described(subject: Subject, body: Mapping[str, Any]) -> Judged:
    """Its name and flags, which of its months have data, and the steps."""
    found = [same("name", subject.cluster_alias, body.get("name"))]
    found += [same(name, value, body.get(name)) for name, value in _FLAGS.items()]
    this = f"{subject.today:%Y-%m}"
    last = f"{subject.today.replace(day=1) - timedelta(days=1):%Y-%m}"
    if subject.months:
        found.append(same("current_month_data", this in subject.months, body.get("current_month_data")))
        found.append(same("previous_month_data", last in subject.months, body.get("previous_month_data")))
    # Of payloads before last month Koku tells no steps.
    if {this, last} & set(subject.months):
        found += [_step(name, (body.get("status") or {}).get(name) or {}) for name in _STEPS]
    return together(found)


def _step(name: str, step: Mapping[str, Any]) -> Judged:
    found = same(f"status.{name}.state", "complete", step.get("state"))
    start, end = (str(step.get(key) or "") for key in ("start", "end"))
    return found + same(f"whether status.{name} starts before it ends", expected=True, actual="" < start <= end)


def processed(subject: Subject, body: Mapping[str, Any]) -> Judged:
    """Every month has payloads, of which each file was processed."""
    found = []
    for month in subject.months:
        listed = (body.get(f"{month}-01") or {}).get("manifests") or []
        found.append(same(f"whether there are payloads of {month}", expected=True, actual=bool(listed)))
        for manifest in listed:
            done, _, every = str(manifest.get("files_processed")).partition("/")
            name = f"the payload {manifest.get('assembly_id')}"
            found.append(same(f"files processed of {name}", every or "all", done))
            complete = bool(manifest.get("manifest_complete_date"))
            found.append(same(f"whether {name} is complete", expected=True, actual=complete))
    return together(found)
