"""The paths that the classic stack has besides those of on-premise."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.embedded.standin.classic.api import ec2_view, lists, tags_view
from e2e_validator.embedded.standin.classic.api.kinds import REPORTS
from e2e_validator.embedded.standin.classic.api.report_view import aws_report_view
from e2e_validator.embedded.standin.koku.page_cache import Family
from e2e_validator.embedded.standin.koku.views import View

_CACHE: Family = "aws-view"


def classic_views() -> Iterator[tuple[str, View, str, Family | None]]:
    """Path, view, method and the family of its cached pages."""
    for name, report in REPORTS.items():
        yield f"reports/aws/{name}/", aws_report_view(report), "GET", _CACHE
    yield "reports/aws/resources/ec2-compute/", ec2_view.ec2_view, "GET", _CACHE
    yield "tags/aws/", tags_view.list_aws_tags, "GET", _CACHE
    yield "tags/aws/{key}/", tags_view.aws_tag_values, "GET", _CACHE
    yield "forecasts/aws/costs/", lists.forecast, "GET", None
    yield "user-access/", lists.user_access, "GET", None
    for name in lists.NAMES:
        yield f"resource-types/{name}/", lists.list_aws_resources(name), "GET", None
    yield "settings/aws_category_keys/", lists.list_category_keys, "GET", None
    yield "settings/aws_category_keys/enable/", lists.set_category_keys(enabled=True), "PUT", None
    yield "settings/aws_category_keys/disable/", lists.set_category_keys(enabled=False), "PUT", None
