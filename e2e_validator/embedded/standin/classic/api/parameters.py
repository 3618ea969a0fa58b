"""The parameters of an AWS report, checked and completed (docs/contract/koku.md 5.4, clouds.md 10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from e2e_validator.embedded.standin.classic.api.kinds import COLUMNS, COST_TYPES, DEFAULT_COST_TYPE, AwsReport
from e2e_validator.embedded.standin.koku.query_string import QueryTree, Value, parse_query
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, Refusal, bad_parameter
from e2e_validator.embedded.standin.koku.report_fields import (
    SCOPES,
    Errors,
    check_rules,
    check_scope,
    complete_scope,
    last_of,
    read_day,
    strip_operator,
    values_of,
    with_operators,
)
from e2e_validator.embedded.standin.koku.span import Resolution, Span, allowed, scope_span

_TOP = {
    *("filter", "group_by", "order_by", "exclude", "limit", "offset", "start_date", "end_date"),
    *("currency", "delta", "cost_type"),
}
_SCALARS = ("resolution", "time_scope_value", "time_scope_units", "limit", "offset")
BY_TYPE = "instance_type"
_ORDER_FIELDS = {"cost": "cost_total", "usage": "usage", "delta": "delta", "account_alias": "account"}


@dataclass(slots=True)
class AwsParameters:
    """A valid request; filter, exclude and group_by map key (operator included) -> values."""

    report: AwsReport
    span: Span
    resolution: Resolution
    cost_type: str
    filter: dict[str, list[str]]
    exclude: dict[str, list[str]]
    group_by: dict[str, list[str]]
    groups: list[str]
    """Without operators, outermost first; the report's own innermost."""
    order_field: str
    descending: bool
    limit: int
    offset: int | None
    delta: bool
    scope_value: int
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def categories(self) -> set[str]:
        """The keys of the cost categories that are named anywhere."""
        named = (strip_operator(key) for keys in (self.filter, self.group_by, self.exclude) for key in keys)
        return {key.removeprefix("aws_category:") for key in named if key.startswith("aws_category:")}

    @property
    def table(self) -> str:
        """The table that is read; several values of a key are looked up in the daily summary."""
        keys = frozenset(strip_operator(key) for keys in (self.filter, self.group_by, self.exclude) for key in keys)
        several = any(len(values) > 1 for values in (*self.filter.values(), *self.exclude.values()))
        return self.report.table(frozenset({"several"}) if several else keys)


def _branch(tree: QueryTree, name: str) -> dict[str, Value]:
    branch = tree.get(name, {})
    if not isinstance(branch, dict):
        raise bad_parameter({name: {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}})
    return branch


def _known(tags: Iterable[str], categories: Iterable[str], columns: Iterable[str]) -> set[str]:
    return with_operators({*columns, *(f"tag:{tag}" for tag in tags), *(f"aws_category:{name}" for name in categories)})


def _lists(branch: dict[str, Value], known: set[str], own: Collection[str], errors: Errors) -> dict[str, list[str]]:
    for key in branch:
        if key == "org_unit_id":
            # No organisation is read here, as on a Koku without credentials.
            errors[key] = UNSUPPORTED
        elif key not in known and key not in own:
            errors[key] = [UNSUPPORTED]
    return {key: values_of(value) for key, value in branch.items() if key in known}


def _scalars(branch: dict[str, Value], errors: Errors) -> dict[str, Any]:
    found: dict[str, Any] = {}
    choices = {
        "resolution": ("daily", "monthly"),
        "time_scope_value": SCOPES["day"] + SCOPES["month"],
        "time_scope_units": tuple(SCOPES),
    }
    for key in _SCALARS:
        if key not in branch:
            continue
        text = last_of(branch[key])
        if key in choices:
            found[key] = text
            if text not in choices[key]:
                errors[key] = [f'"{text}" is not a valid choice.']
        elif text.isdecimal():
            found[key] = int(text)
        else:
            errors[key] = ["A valid integer is required."]
    check_scope(found, errors)
    return found


def _order(branch: dict[str, Value], group_by: dict[str, list[str]], known: set[str], errors: Errors) -> dict[str, str]:
    order: dict[str, str] = {}
    for key, value in branch.items():
        if key not in _ORDER_FIELDS and key not in known and key != "date":
            errors[key] = [UNSUPPORTED]
        elif key in known and key not in group_by and f"or:{key}" not in group_by:
            errors[key] = f'Order-by "{key}" requires matching Group-by.'
        elif last_of(value) not in ("asc", "desc"):
            errors[key] = [f'"{last_of(value)}" is not a valid choice.']
        else:
            order[_ORDER_FIELDS.get(key, key)] = last_of(value)
    return order


def read_aws_parameters(
    raw: str,
    decoded: str,
    report: AwsReport,
    today: dt.date,
    keys: tuple[Collection[str], Collection[str]],
    kept: int,
) -> AwsParameters:
    """Read and check a query string; ``keys`` are the known tag and category keys.

    Raises:
        Refusal: 400 with every wrong field, or with the first broken rule.
    """
    tree = parse_query(raw)
    errors: Errors = {}
    nested: dict[str, Errors] = {name: {} for name in ("filter", "exclude", "group_by", "order_by")}
    branches = {name: _branch(tree, name) for name in nested}
    groups_known = _known(*keys, COLUMNS)
    # The type of an instance can be grouped by, and nothing else (docs/contract/clouds.md 19).
    known = _known(*keys, (COLUMNS.keys() - {BY_TYPE}) | report.further.keys())
    scalars = _scalars(branches["filter"], nested["filter"])
    filters = _lists(branches["filter"], known, _SCALARS, nested["filter"])
    excludes = _lists(branches["exclude"], known, (), nested["exclude"])
    group_by = _lists(branches["group_by"], groups_known, (), nested["group_by"])
    order = _order(branches["order_by"], group_by, known, nested["order_by"])
    cost_type = last_of(cast("Value", tree.get("cost_type", DEFAULT_COST_TYPE)))
    if cost_type not in COST_TYPES:
        errors["cost_type"] = [f'"{cost_type}" is not a valid choice.']
    delta = last_of(cast("Value", tree["delta"])) if "delta" in tree else ""
    if delta not in {"", "cost", "cost_total", *(("usage",) if report.unit else ())}:
        errors["delta"] = [f'"{delta}" is not a valid choice.']
    may = allowed(today, kept)
    start, end = read_day(tree, "start_date", may, errors), read_day(tree, "end_date", may, errors)
    currency = last_of(cast("Value", tree.get("currency", "USD"))).upper()
    if currency != "USD":
        errors["currency"] = [f'"{currency}" is not an enabled currency.']
    errors |= {name: found for name, found in nested.items() if found}
    if errors:
        raise bad_parameter(errors)
    check_rules(tree, scalars, (start, end), _TOP)
    if start and end:
        scalars.setdefault("resolution", "daily")
        span = Span(start, end)
    else:
        complete_scope(scalars)
        span = scope_span(int(scalars["time_scope_value"]), scalars["time_scope_units"], today)
    groups = sorted(
        dict.fromkeys(strip_operator(key) for key in group_by), key=lambda key: decoded.find(key.split(":", 1)[-1])
    )
    if BY_TYPE in groups and report.always_by != BY_TYPE:
        if "limit" in scalars:
            raise Refusal(500, "column must appear in the GROUP BY clause or be used in an aggregate function")
        groups.remove(BY_TYPE)
    if report.always_by and report.always_by not in groups:
        groups.append(report.always_by)
    field_name, direction = next(reversed(order.items()), (report.default_order, "desc"))
    meta: dict[str, Any] = {"filter": scalars | filters, "group_by": group_by, "order_by": order, "exclude": excludes}
    meta |= {"currency": currency, "cost_type": cost_type}
    meta |= {"start_date": start.isoformat(), "end_date": end.isoformat()} if start and end else {}
    return AwsParameters(
        report=report,
        span=span,
        resolution=cast("Resolution", scalars["resolution"]),
        cost_type=cost_type,
        filter=filters,
        exclude=excludes,
        group_by=group_by,
        groups=groups,
        order_field=field_name,
        descending=direction == "desc",
        limit=scalars.get("limit", 0),
        offset=scalars.get("offset"),
        delta=bool(delta),
        scope_value=int(scalars.get("time_scope_value", 0)),
        meta=meta,
    )
