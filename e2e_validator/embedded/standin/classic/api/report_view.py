"""``reports/aws/{costs,instance-types,storage}/``."""

from __future__ import annotations

from urllib.parse import unquote_plus

from e2e_validator.embedded.standin.classic.api.answer import compute
from e2e_validator.embedded.standin.classic.api.kinds import AwsReport
from e2e_validator.embedded.standin.classic.api.parameters import AwsParameters, read_aws_parameters
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.koku.page import empty_body, requested_page
from e2e_validator.embedded.standin.koku.span import kept_months
from e2e_validator.embedded.standin.koku.views import Call, Reply, View

DEFAULT_DATES = 100


def enabled_keys(connection: Connection) -> tuple[set[str], set[str]]:
    """The keys that may be filtered and grouped by: tags and cost categories."""
    tags = connection.execute("SELECT key FROM reporting_enabledtagkeys WHERE provider_type = 'AWS'").fetchall()
    categories = connection.execute("SELECT key FROM reporting_awsenabledcategorykeys WHERE enabled").fetchall()
    return {row["key"] for row in tags}, {row["key"] for row in categories}


def asked_for(call: Call, report: AwsReport, connection: Connection) -> AwsParameters:
    """What a call asks of a report; raises Refusal (400)."""
    raw = call.request.url.query
    today = call.services.clock.today()
    keys, kept = enabled_keys(connection), kept_months(connection)
    return read_aws_parameters(raw, unquote_plus(raw), report, today, keys, kept)


def aws_report_view(report: AwsReport) -> View:
    """The view of one report."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        with call.services.pool.connection() as connection:
            found = compute(connection, asked_for(call, report, connection))
        page = requested_page(call.request, len(found.data), DEFAULT_DATES)
        return Reply({"meta": page.meta | found.meta, "links": page.links, "data": page.cut(found.data)})

    return view
