"""What must hold between the figures of one side, whatever the data are (docs/contract/koku.md 6.3, 6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from e2e_validator.expect.ledger import RELATIVE, SMALLEST, number
from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.providers.ocp.expect.fields import REPORTS, TAG_PREFIX
from e2e_validator.providers.ocp.expect.rate_rows import DISTRIBUTED, SHARES

_PARTS = ("raw", "markup", "usage", "total")
_ADDITIVE = (
    "usage",
    "request",
    "limit",
    *(f"{group}.{part}" for group in ("infrastructure", "supplementary", "cost") for part in _PARTS),
    "cost.distributed",
)
_ZERO = Decimal(0)


@exactly
def not_conserved(rates: Measures, start: date, end: date) -> dict[str, Decimal]:
    """What each share comes to over all projects: 0, or what the corner of docs/contract/koku.md 6.4 loses.

    ``rates`` is the expectation's; the names are the API's (``platform_distributed``).
    """
    sums = dict.fromkeys(SHARES.values(), _ZERO)
    for key, costs in rates.items():
        if key[4] in SHARES and start.isoformat() <= key[0] <= end.isoformat():
            sums[SHARES[key[4]]] += costs[DISTRIBUTED]
    return sums


@exactly
def invariants(figures: Measures, *, lost: Mapping[str, Decimal] | None = None) -> list[str]:
    """A sentence for each rule that ``figures`` break; empty if all hold.

    The groups of an answer sum to its total, every grouping has the same total, parts sum to their whole, and
    what is shared out sums to 0 over all projects, or to what ``lost`` says. Without ``lost`` a sum below 0 is
    allowed where no project was given anything.
    """
    return [
        *_groups_sum_to_the_total(figures),
        *_totals_agree(figures),
        *_parts_sum_to_the_whole(figures),
        *_shares_sum_to_zero(figures, lost),
    ]


def _groups_sum_to_the_total(figures: Measures) -> Iterable[str]:
    answers = {key[:2] for key in figures}
    for report, grouping in sorted(answers):
        total = figures.get((report, grouping, "", ""), {})
        groups = [row for key, row in figures.items() if key[:2] == (report, grouping) and key[3]]
        for field in _ADDITIVE:
            if field in total:
                found = sum((row.get(field, _ZERO) for row in groups), _ZERO)
                if _differ(total[field], found, (row.get(field, _ZERO) for row in groups)):
                    yield (
                        f"{report} by {grouping}: {field} of all groups is {number(found)}, "
                        f"the total says {number(total[field])}."
                    )


def _totals_agree(figures: Measures) -> Iterable[str]:
    for report in REPORTS:
        first = figures.get((report, "total", "", ""), {})
        for key, row in figures.items():
            if key[0] != report or key[2:] != ("", "") or key[1] == "total":
                continue
            for field in _ADDITIVE:
                if field in first and field in row and _differ(first[field], row[field], (row[field],)):
                    yield (
                        f"{report} by {key[1]}: the total {field} is {number(row[field])}, "
                        f"without a grouping it is {number(first[field])}."
                    )


def _parts_sum_to_the_whole(figures: Measures) -> Iterable[str]:
    for key, row in sorted(figures.items()):
        wholes = {
            "infrastructure.total": [f"infrastructure.{part}" for part in _PARTS[:3]],
            "supplementary.total": [f"supplementary.{part}" for part in _PARTS[:3]],
            "cost.total": ["infrastructure.total", "supplementary.total"],
        }
        if key[:2] == ("costs", "project"):
            wholes["cost.distributed"] = ["cost.total", *(f"cost.{share}" for share in SHARES.values())]
        for whole, parts in wholes.items():
            values = [row[part] for part in parts if part in row]
            if whole in row and len(values) == len(parts) and _differ(row[whole], sum(values, _ZERO), values):
                where = " / ".join(part for part in key if part)
                yield f"{where}: {whole} is {number(row[whole])}, its parts come to {number(sum(values, _ZERO))}."


def _shares_sum_to_zero(figures: Measures, lost: Mapping[str, Decimal] | None) -> Iterable[str]:
    projects = [row for key, row in figures.items() if key[:2] == ("costs", "project") and key[3]]
    for share in SHARES.values():
        values = [row.get(f"cost.{share}", _ZERO) for row in projects]
        total, wanted = sum(values, _ZERO), (lost or {}).get(share, _ZERO)
        corner = lost is None and all(value <= 0 for value in values)
        if _differ(wanted, total, values) and not corner:
            yield f"costs by project: {share} sums to {number(total)} over all projects, not to {number(wanted)}."


def _differ(want: Decimal, have: Decimal, parts: Iterable[Decimal]) -> bool:
    scale = max((abs(value) for value in (want, have, *parts)), default=_ZERO)
    return abs(have - want) > max(RELATIVE * scale, SMALLEST)


@exactly
def tag_coverage(figures: Measures) -> dict[str, Decimal | None]:
    """For each key with a grouping by label: how much of the cost has the label, in percent; None without cost."""
    coverage: dict[str, Decimal | None] = {}
    for report, grouping, group, when in sorted(figures):
        if report == "costs" and grouping.startswith(TAG_PREFIX) and not group and not when:
            key = grouping.removeprefix(TAG_PREFIX)
            total = figures[report, grouping, "", ""].get("cost.total", _ZERO)
            without = sum(
                (
                    row.get("cost.total", _ZERO)
                    for other, row in figures.items()
                    if other[:3] == (report, grouping, f"No-{key}")
                ),
                _ZERO,
            )
            coverage[key] = (total - without) / total * 100 if total else None
    return coverage
