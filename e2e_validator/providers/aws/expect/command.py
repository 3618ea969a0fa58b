"""``e2e-validator expect`` for bills: what each stage holds and each report shows, as JSON and as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from e2e_validator.errors import UsageError, printable
from e2e_validator.expect.deviation_text import deviations_json
from e2e_validator.expect.figure_lines import as_text, foretold_lines, section
from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.json_file import read_json
from e2e_validator.providers.aws.expect import stages
from e2e_validator.providers.aws.expect.by_data.costs import COST_TYPES
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.package import manifests_in, read_package
from e2e_validator.providers.aws.expect.question import COMPUTE, COSTS, INSTANCES, PATHS, STORAGE, TAG, Question
from e2e_validator.providers.aws.expect.reports import TOTAL

# What a payload goes through, in its order, and what is summed of it besides the rows.
_STAGES = {
    stages.DAILY_CSV: (),
    stages.RAW: ("lineitem_unblendedcost", "lineitem_usageamount"),
    stages.DAILY: ("lineitem_unblendedcost", "lineitem_usageamount"),
    stages.BILL: (),
    stages.SUMMARY: (*COST_TYPES, "usage_amount"),
    stages.EC2: (*COST_TYPES, "usage_amount"),
}
_GROUPS = {
    COSTS: ("account", "service", "region"),
    INSTANCES: ("account", "instance_type"),
    STORAGE: ("account", "service"),
    COMPUTE: ("resource_id",),
}
_MONTHS = re.compile(r"\d{8}-\d{8}")
_FIELDS = ("cost.raw", "cost.markup", "cost.total", "usage")


def expect_json(
    payloads: Sequence[Path],
    cost_model_file: Path | None = None,
    tags: Sequence[str] = (),
    today: date | None = None,
) -> dict[str, Any]:
    """The figures of all days of ``payloads``, taken in that order; numbers are decimal strings.

    A payload is a month's manifest with its files beside it, or a folder that has such ones. ``today`` is the last day
    that Koku takes, without it the last that the files have. ``{"stages": {name: {"rows", sums}}, "costs": {cost type:
    {"total": {"raw", "markup", "total", "usage"}, "by_account": {name: ..}, "by_service", "by_region", "daily"}},
    "instance-types", "storage", "ec2-compute"}``; with ``tags`` also ``by_tag``: key -> value -> figures. Where Koku
    loads a file not, or the data say something else, also ``unread`` and ``deviations``.

    Raises:
        UsageError: a payload has no manifest, or the cost model is none.
        Inconclusive: a manifest cannot be read, or nothing can be expected of the files.
    """
    manifests = [manifest for path in payloads for manifest in _manifests(path)]
    expectation = Expectation.from_manifests(
        manifests, today=today or _last_day(manifests), markup=_markup(cost_model_file)
    )
    found: dict[str, Any] = {"stages": _stages(expectation)}
    days = expectation.days()
    if days:
        found |= {report: _report(expectation, report, (days[0], days[-1]), tags) for report in PATHS}
    warnings = [f"{file} is not loaded: {reason}" for file, reason in expectation.obstacles]
    deviating = expectation.deviations()
    found |= {"unread": warnings} if warnings else {}
    return found | ({"deviations": deviations_json(deviating)} if deviating else {})


def expect_text(
    payloads: Sequence[Path],
    cost_model_file: Path | None = None,
    tags: Sequence[str] = (),
    today: date | None = None,
) -> str:
    """The same as lines of text."""
    found = expect_json(payloads, cost_model_file, tags, today)
    lines = [printable(one) for one in found.pop("unread", ())]
    lines += foretold_lines(found.pop("deviations", ()))
    lines += section("stages", found.pop("stages"))
    for report, cost_types in found.items():
        for cost_type, shapes in cost_types.items():
            for shape, groups in shapes.items():
                lines += section(f"{report} {cost_type} {shape}", groups)
    return "\n".join(lines) + "\n"


def _manifests(path: Path) -> list[Path]:
    if path.is_dir():
        # A folder of one month has its manifest right in it.
        found = manifests_in(path.parent if _MONTHS.fullmatch(path.name) else path)
        found = [one for one in found if one.is_relative_to(path)]
    else:
        found = [path] if path.is_file() and path.name.endswith("-Manifest.json") else []
    if not found:
        raise UsageError(f"The payload is no manifest of a month, and no folder that has one: {path}.")
    return found


def _last_day(manifests: Iterable[Path]) -> date:
    days = [day for manifest in manifests for file in read_package(manifest).files for day in file.days]
    return date.fromisoformat(max(days)) if days else date(2026, 1, 1)


def _markup(path: Path | None) -> Decimal:
    if path is None:
        return Decimal(0)
    try:
        content = read_json(path, parse_float=Decimal)
        return Decimal(str((content.get("markup") or {}).get("value") or 0)) / 100
    except (OSError, ValueError, AttributeError, ArithmeticError) as error:
        raise UsageError(f"The cost model cannot be read: {path}: {error}.") from None


@exactly
def _stages(expectation: Expectation) -> dict[str, dict[str, str]]:
    """What each stage holds after the last payload."""
    found = {}
    for name, summed in _STAGES.items():
        measures = expectation.stage(name, -1)
        sums = {field: sum((row.get(field, Decimal(0)) for row in measures.values()), Decimal(0)) for field in summed}
        rows = sum((row.get("rows", Decimal(1)) for row in measures.values()), Decimal(0))
        found[name] = {"rows": as_text(rows)} | {field: as_text(value) for field, value in sums.items()}
    return found


def _report(expectation: Expectation, report: str, span: tuple[date, date], tags: Sequence[str]) -> dict[str, Any]:
    def asked(cost_type: str, *groups: str, daily: bool = False) -> Measures:
        return expectation.answer(Question(report, *span, daily=daily, cost_type=cost_type, groups=groups))

    found: dict[str, Any] = {}
    for cost_type in COST_TYPES:
        shapes: dict[str, Any] = {"total": _figures(asked(cost_type)[TOTAL])}
        for name in _GROUPS[report]:
            shapes[f"by_{name.removesuffix('_id')}"] = _by(asked(cost_type, *_asked_for(report, name)), 1)
        if report != COMPUTE:
            shapes["daily"] = _by(asked(cost_type, daily=True), 0)
            if tags:
                shapes["by_tag"] = {key: _by(asked(cost_type, f"{TAG}{key}"), 1) for key in tags}
        found[cost_type] = shapes
    return found


def _asked_for(report: str, name: str) -> tuple[str, ...]:
    """EC2 compute groups by its instances on its own."""
    return () if report == COMPUTE else (name,)


@exactly
def _by(answer: Measures, place: int) -> dict[str, dict[str, str]]:
    """The figures of each group, of all dates; by the date at ``place`` 0."""
    sums: dict[str, dict[str, Decimal]] = {}
    for key, row in sorted(answer.items()):
        if key != TOTAL:
            into = sums.setdefault(key[place], {})
            for field, value in row.items():
                into[field] = into.get(field, Decimal(0)) + value
    return {group: _figures(row) for group, row in sums.items()}


def _figures(row: dict[str, Decimal]) -> dict[str, str]:
    return dict(_shown(row))


def _shown(row: dict[str, Decimal]) -> Iterator[tuple[str, str]]:
    plain = {name.rpartition(" ")[0]: value for name, value in row.items()}
    for field in _FIELDS:
        if field in plain:
            yield field.removeprefix("cost."), as_text(plain[field])
