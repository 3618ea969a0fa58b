"""The parameters of a report request: read, checked with Koku's own messages, and completed with defaults.

docs/contract/koku.md 5.4. Messages are shaped as in Django REST framework: ``{field: [text]}``, nested where bracketed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from e2e_validator.embedded.standin.koku.query_string import QueryTree, Value, parse_query
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, bad_parameter
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
from e2e_validator.embedded.standin.koku.report_kinds import COSTS, COSTS_BY_PROJECT, GROUP_COLUMNS, ReportKind
from e2e_validator.embedded.standin.koku.span import RETAIN_MONTHS, Resolution, Span, allowed, scope_span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_GROUP_BYS = 2
_RESOURCES = tuple(GROUP_COLUMNS)
_FILTER_RESOURCES = (*_RESOURCES, "infrastructures", "category")
_EXCLUDE_RESOURCES = ("project", "cluster", "node", "infrastructures", "category", "persistentvolumeclaim")
_ORDER_FIELDS = {"cost": "cost_total", "infrastructure": "infra_total", "supplementary": "sup_total"}
_ORDER_FIELDS |= {"distributed_cost": "cost_total_distributed"}
_INVENTORY_ORDER = ("usage", "request", "limit", "usage_efficiency", "wasted_cost")
_DELTAS = {"cost": "cost_total", "distributed_cost": "cost_total_distributed"}
# ``usage__request``: one figure beside another of the same span.
_COMPARABLE = {"usage", "request", "limit", "capacity", "cost_total_distributed"}
_TOP = ("filter", "group_by", "order_by", "exclude", "limit", "offset", "start_date", "end_date", "currency", "delta")
_FREE_ORDER = (*_ORDER_FIELDS, "delta", "cost_total_distributed", *_INVENTORY_ORDER, "capacity", "storage_class")


@dataclass(slots=True)
class ReportParameters:
    """A valid request. ``filter``, ``exclude`` and ``group_by`` map key (operator included) -> values."""

    kind: ReportKind
    span: Span
    resolution: Resolution
    filter: dict[str, list[str]]
    exclude: dict[str, list[str]]
    group_by: dict[str, list[str]]
    groups: list[str]  # grouped keys without operators, outermost first
    order_field: str
    descending: bool
    order_given: bool
    has_start_date: bool
    filter_limit: int
    filter_offset: int | None
    currency: str
    delta: str = ""  # the figure that is compared with the span before; none without ``delta``
    scope_value: int = 0  # the value of the span in words; 0 with start_date
    meta: dict[str, Any] = field(default_factory=dict)  # what is echoed in ``meta``

    @property
    def table_keys(self) -> frozenset[str]:
        """The keys that decide which table is read."""
        return frozenset(strip_operator(key) for keys in (self.filter, self.group_by, self.exclude) for key in keys)

    @property
    def grouped_by_project(self) -> bool:
        """Whether rows carry a classification."""
        return "project" in self.groups

    @property
    def grouped_by_node(self) -> bool:
        """Whether capacity is counted per node."""
        return "node" in self.groups

    @property
    def tagged(self) -> bool:
        """Whether a tag is filtered or grouped on: such answers have no score."""
        return any(strip_operator(key).startswith("tag:") for key in (*self.filter, *self.group_by))


def _integer(value: Value, minimum: int | None, errors: Errors, key: str) -> int:
    """An integer field."""
    try:
        number = int(last_of(value))
    except ValueError:
        errors[key] = ["A valid integer is required."]
        return 0
    if minimum is not None and number < minimum:
        errors[key] = [f"Ensure this value is greater than or equal to {minimum}."]
    return number


def _branch(tree: QueryTree, name: str, errors: Errors) -> dict[str, Value]:
    """A bracketed parameter, empty if absent."""
    branch = tree.get(name, {})
    if isinstance(branch, dict):
        return branch
    errors[name] = {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}
    return {}


def _known(resources: Iterable[str], tags: Iterable[str]) -> set[str]:
    """Keys of filter, exclude or group_by, each with and without an operator."""
    return with_operators({*resources, *(f"tag:{tag}" for tag in tags)})


def _multi(branch: dict[str, Value], known: set[str], own: Collection[str], errors: Errors) -> dict[str, list[str]]:
    """The list-valued keys of a branch; unknown ones are errors."""
    for key in branch:
        if key not in known and key not in own:
            errors[key] = [UNSUPPORTED]
    return {key: values_of(value) for key, value in branch.items() if key in known}


def _choice(branch: dict[str, Value], key: str, choices: Iterable[str], errors: Errors) -> str | None:
    """A choice field."""
    if key not in branch:
        return None
    value = last_of(branch[key])
    if value not in choices:
        errors[key] = [f'"{value}" is not a valid choice.']
    return value


_OWN_FILTERS = ("resolution", "time_scope_value", "time_scope_units", "limit", "offset", "resource_scope")


def _read_filter(
    branch: dict[str, Value], tags: Collection[str], errors: Errors
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The scalar filters and the list filters."""
    scalars: dict[str, Any] = {
        "resolution": _choice(branch, "resolution", ("daily", "monthly"), errors),
        "time_scope_value": _choice(branch, "time_scope_value", SCOPES["day"] + SCOPES["month"], errors),
        "time_scope_units": _choice(branch, "time_scope_units", SCOPES, errors),
    }
    for key in ("limit", "offset"):
        if key in branch:
            scalars[key] = _integer(branch[key], 0, errors, key)
    lists = _multi(branch, _known(_FILTER_RESOURCES, tags), _OWN_FILTERS, errors)
    check_scope(scalars, errors)
    return {key: value for key, value in scalars.items() if value is not None}, lists


def _read_order(
    branch: dict[str, Value], group_by: dict[str, list[str]], kind: ReportKind, tags: Collection[str], errors: Errors
) -> dict[str, str]:
    """``order_by``: fields of the measures are free, group keys need their group-by."""
    order: dict[str, str] = {}
    fields = {*_ORDER_FIELDS, "cost_total_distributed", "cluster", "project", "node", "persistentvolumeclaim"}
    fields |= {"delta", "storage_class", *(f"tag:{tag}" for tag in tags)} | (
        set() if kind is COSTS else set(_INVENTORY_ORDER)
    )
    for key, value in branch.items():
        if key not in fields:
            errors[key] = [UNSUPPORTED]
            continue
        if key not in _FREE_ORDER and key not in group_by and f"or:{key}" not in group_by:
            errors[key] = f'Order-by "{key}" requires matching Group-by.'
            continue
        order[_ORDER_FIELDS.get(key, key)] = _choice(branch, key, ("asc", "desc"), errors) or last_of(value)
    return order


def _read_delta(tree: QueryTree, kind: ReportKind, group_by: dict[str, list[str]], errors: Errors) -> str:
    """The figure that ``delta`` names; empty without it."""
    if "delta" not in tree:
        return ""
    given = last_of(cast("Value", tree["delta"]))
    name = _DELTAS.get(given, given)
    if kind is COSTS and name not in _DELTAS.values():
        errors["delta"] = [f'"{given}" is not a valid choice.']
    elif "__" in name and set(parts := name.split("__")) <= _COMPARABLE and len(parts) == 2:
        return name
    elif name not in {*_DELTAS.values(), "usage", "request"}:
        errors["delta"] = {given: "Unsupported parameter"}
    elif name == "cost_total_distributed" and "project" not in group_by:
        errors["delta"] = ["Cannot use distributed_cost delta without grouping by project."]
    return name


def _cross_checks(
    tree: QueryTree, scalars: dict[str, Any], days: tuple[dt.date | None, dt.date | None], order: dict[str, str]
) -> None:
    """Rules over several parameters: reported one at a time, after the fields themselves are right."""
    group_by = tree.get("group_by") or {}
    if "cost_total_distributed" in order and "project" not in group_by:
        text = "Cannot order by field cost_total_distributed without grouping by one of project."
        raise bad_parameter({"order_by": [text]})
    if "delta" in order and "delta" not in tree:
        raise bad_parameter({"order_by": ["Cannot order by delta without a delta param"]})
    check_rules(tree, scalars, days, _TOP)


def _ordered_groups(raw: str, group_by: dict[str, list[str]]) -> list[str]:
    """Grouped keys, outermost first: by the first place of the name anywhere in the URL, as Koku does."""
    keys = list(dict.fromkeys(strip_operator(key) for key in group_by))
    return sorted(keys, key=lambda key: raw.find(key.removeprefix("tag:")))


def read_parameters(
    raw: str, decoded: str, kind: ReportKind, today: dt.date, tags: Collection[str], kept: int = RETAIN_MONTHS
) -> ReportParameters:
    """Read and check a report's query string.

    Args:
        raw: the query string as it came.
        decoded: the same, percent-decoded.
        kind: the report asked for; ``costs`` grouped by project becomes its own kind.
        today: the stand-in's day, which bounds and fills the dates.
        tags: tag keys the organisation has; others are unknown parameters.
        kept: how many months the organisation keeps, which bounds the dates as well.

    Raises:
        Refusal: 400 with every wrong field, or with the first broken rule.
    """
    tree = parse_query(raw)
    errors: Errors = {}
    nested: dict[str, Errors] = {name: {} for name in ("filter", "exclude", "group_by", "order_by")}
    branches = {name: _branch(tree, name, errors) for name in nested}
    scalars, filters = _read_filter(branches["filter"], tags, nested["filter"])
    excludes = _multi(branches["exclude"], _known(_EXCLUDE_RESOURCES, tags), (), nested["exclude"])
    group_by = _multi(branches["group_by"], _known(_RESOURCES, tags), (), nested["group_by"])
    if not nested["group_by"] and len(group_by) > MAX_GROUP_BYS:
        nested["group_by"]["group_by"] = f"Cost Management supports a max of {MAX_GROUP_BYS} group_by options."
    order = _read_order(branches["order_by"], group_by, kind, tags, nested["order_by"])
    pages = {key: _integer(cast("Value", tree[key]), None, errors, key) for key in ("limit", "offset") if key in tree}
    delta = _read_delta(tree, kind, group_by, errors)
    may = allowed(today, kept)
    days = read_day(tree, "start_date", may, errors), read_day(tree, "end_date", may, errors)
    currency = last_of(cast("Value", tree.get("currency", "USD"))).upper()
    if currency != "USD":
        errors["currency"] = [f'"{currency}" is not an enabled currency.']
    errors |= {name: found for name, found in nested.items() if found}
    if errors:
        raise bad_parameter(errors)
    _cross_checks(tree, scalars, days, order)

    start, end = days
    if start and end:
        scalars.setdefault("resolution", "daily")
        span = Span(start, end)
    else:
        complete_scope(scalars)
        span = scope_span(int(scalars["time_scope_value"]), scalars["time_scope_units"], today)
    for key, value in group_by.items():
        # Koku narrows a wildcard group-by to the filter of the same key, and says so in meta.
        if "*" in value and filters.get(key):
            group_by[key] = filters[key]
    groups = _ordered_groups(decoded, group_by)
    if kind is COSTS and "project" in groups:
        kind = COSTS_BY_PROJECT
    field_name, direction = next(reversed(order.items()), (kind.default_order, "desc"))
    meta: dict[str, Any] = {"filter": scalars | filters, "group_by": group_by, "order_by": order, "exclude": excludes}
    meta |= pages | {"currency": currency} | ({"delta": delta} if delta else {})
    meta |= {"start_date": start.isoformat(), "end_date": end.isoformat()} if start and end else {}
    return ReportParameters(
        kind=kind,
        span=span,
        resolution=scalars["resolution"],
        filter=filters,
        exclude=excludes,
        group_by=group_by,
        groups=groups,
        order_field=field_name,
        descending=direction == "desc",
        order_given=bool(order),
        has_start_date=start is not None,
        filter_limit=scalars.get("limit", 0),
        filter_offset=scalars.get("offset"),
        currency=currency,
        delta=delta,
        scope_value=int(scalars.get("time_scope_value", 0)),
        meta=meta,
    )
