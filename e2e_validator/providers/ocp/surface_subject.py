"""What the families of the surface are told of a scenario."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from e2e_validator.engine.context import Context
from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.ocp.expect.cost_groups import PLATFORM_GROUP
from e2e_validator.providers.ocp.expect.rate_rows import PLATFORM_SHARE, WORKER_SHARE
from e2e_validator.providers.ocp.expect.summary import STORAGE, UsageRow
from e2e_validator.providers.ocp.expect.surface.shown import Shown
from e2e_validator.providers.ocp.expect.surface.subject import Subject
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.scenario.plan import Plan

FULL = "full"
_OVERHEAD = (PLATFORM_SHARE, WORKER_SHARE)
_QUANTITIES = {
    "usage": "persistentvolumeclaim_usage_gigabyte_months",
    "request": "volume_request_storage_gigabyte_months",
}


def subject_of(context: Context, shown: dict[tuple[str, str], Shown], span: tuple[date, date], today: date) -> Subject:
    """The source of this scenario, its plain answers and what its data say."""
    expectation = own_expectation(context)
    first, last = span
    rows = [row for row in expectation.usage() if first.isoformat() <= row.day <= last.isoformat()]
    keys = tuple(context.loaded.enable_tags)
    return Subject(
        cluster_id=context.source_key,
        cluster_alias=expectation.cluster_alias,
        first=first,
        last=last,
        today=today,
        shown=shown,
        expected=lru_cache(maxsize=32)(expectation.figures),
        full=FULL in context.loaded.scenario.tags,
        tags=keys,
        tag_values=_values(keys, (row.labels for row in rows)),
        old_tag_values=_values(keys, expectation.labels_before()),
        claims=_claims(rows),
        source_uuid=context.provider_uuid,
        # After a repair the words of the steps stay as they were: summary and costs were made anew beside them.
        months=() if context.state.repairs else _months(context.plan),
        distributed=_shared_out(expectation.stage("costs", len(context.plan.payloads) - 1), span),
        cost_group=lambda project: PLATFORM_GROUP if expectation.cost_groups.is_platform(project) else None,
    )


def _months(plan: Plan) -> tuple[str, ...]:
    """The months of the payloads; none where one goes over a month's end: Koku files it under one of them."""
    over = any((payload.end - timedelta(seconds=1)).strftime("%Y-%m") != payload.month for payload in plan.payloads)
    return () if over else tuple(sorted({payload.month for payload in plan.payloads}))


def _values(keys: Iterable[str], labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for text in set(labels):
        for key, value in (json.loads(text) if text else {}).items():
            found[key].add(str(value))
    return {key: tuple(sorted(found[key])) for key in keys if key in found}


@exactly
def _claims(rows: Iterable[UsageRow]) -> dict[str, dict[str, Decimal]]:
    found: Measures = {}
    for row in rows:
        if row.source == STORAGE and row.claim:
            add(found, (row.claim,), {name: row.get(field) for name, field in _QUANTITIES.items()})
    return {key[0]: values for key, values in found.items()}


def _shared_out(rates: Mapping[tuple[str, ...], object], span: tuple[date, date]) -> bool:
    """Whether rows of these days say that cost of the platform or of idle workers was shared out."""
    first, last = (day.isoformat() for day in span)
    return any(first <= key[0] <= last and key[4] in _OVERHEAD for key in rates)
