"""``reports/aws/{costs,instance-types,storage}/``."""

from __future__ import annotations

from urllib.parse import unquote_plus

from e2e_validator.embedded.standin.classic.api.answer import compute, empty_answer
from e2e_validator.embedded.standin.classic.api.kinds import AwsReport
from e2e_validator.embedded.standin.classic.api.parameters import AwsParameters, read_aws_parameters
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.koku.page import empty_body, requested_page
from e2e_validator.embedded.standin.koku.span import kept_months
from e2e_validator.embedded.standin.koku.views import Call, Reply, View

DEFAULT_DATES = 100


def known_keys(connection: Connection) -> tuple[set[str], set[str]]:
    """The keys that may be filtered and grouped by, enabled or not: tags and cost categories."""
    tags = connection.execute("SELECT key FROM reporting_enabledtagkeys WHERE provider_type = 'AWS'").fetchall()
    categories = connection.execute("SELECT key FROM reporting_awsenabledcategorykeys").fetchall()
    return {row["key"] for row in tags}, {row["key"] for row in categories}


def disabled_categories(connection: Connection) -> set[str]:
    """The keys of cost categories that are disabled: a report that is asked for one is empty (clouds.md 11)."""
    rows = connection.execute("SELECT key FROM reporting_awsenabledcategorykeys WHERE NOT enabled").fetchall()
    return {row["key"] for row in rows}


def asked_for(call: Call, report: AwsReport, connection: Connection) -> AwsParameters:
    """What a call asks of a report; raises Refusal (400)."""
    raw = call.request.url.query
    today = call.services.clock.today()
    keys, kept = known_keys(connection), kept_months(connection)
    return read_aws_parameters(raw, unquote_plus(raw), report, today, keys, kept)


def aws_report_view(report: AwsReport) -> View:
    """The view of one report."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        with call.services.pool.connection() as connection:
            asked = asked_for(call, report, connection)
            nothing = asked.categories & disabled_categories(connection)
            found = empty_answer(asked) if nothing else compute(connection, asked)
        page = requested_page(call.request, len(found.data), DEFAULT_DATES)
        return Reply({"meta": page.meta | found.meta, "links": page.links, "data": page.cut(found.data)})

    return view
