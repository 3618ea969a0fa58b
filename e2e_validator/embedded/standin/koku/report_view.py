"""``reports/openshift/{costs,compute,memory,volumes}/``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from e2e_validator.embedded.standin.koku.page import Page, empty_body, requested_page
from e2e_validator.embedded.standin.koku.parameters import ReportParameters, read_parameters
from e2e_validator.embedded.standin.koku.report import Answer, answer
from e2e_validator.embedded.standin.koku.span import kept_months
from e2e_validator.embedded.standin.koku.views import Call, Reply, View

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.koku.report_kinds import ReportKind

DEFAULT_DATES = 100
DEFAULT_RANKS = 5


def _page(call: Call, parameters: ReportParameters, found: Answer) -> Page:
    """Pages of dates; with ``filter[offset]`` the ranked groups are what is paged."""
    if parameters.filter_offset is not None:
        limit, offset = "filter[limit]", "filter[offset]"
        return requested_page(call.request, found.ranked, DEFAULT_RANKS, limit_name=limit, offset_name=offset)
    page = requested_page(call.request, len(found.data), DEFAULT_DATES)
    if parameters.meta.get("limit") == 0:
        return Page(page.path, page.query, page.count, 0, page.offset)
    return page


def _body(call: Call, parameters: ReportParameters, found: Answer) -> dict[str, object]:
    """The whole answer."""
    page = _page(call, parameters, found)
    dates = found.data
    if parameters.filter_offset is None and page.limit:
        dates = page.cut(dates)
    meta = page.meta
    if found.ranked:
        meta["others"] = max(found.ranked - parameters.filter_limit, 0)
    return {"meta": meta | found.meta, "links": page.links, "data": dates}


def report_view(kind: ReportKind) -> View:
    """The view of one report."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        raw = call.request.url.query
        with call.services.pool.connection() as connection:
            tags: set[str] = set()
            if "tag" in raw:
                rows = connection.execute("SELECT key FROM reporting_enabledtagkeys WHERE provider_type = 'OCP'")
                tags = {row["key"] for row in rows}
            parameters = read_parameters(
                raw, unquote_plus(raw), kind, call.services.clock.today(), tags, kept_months(connection)
            )
            return Reply(_body(call, parameters, answer(connection, parameters)))

    return view
