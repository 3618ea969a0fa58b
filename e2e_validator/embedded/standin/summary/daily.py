"""The daily summary of one source and month (docs/contract/koku.md 3.8, 6.1, 6.2)."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.pace import Pace, wait_in
from e2e_validator.embedded.standin.partitions import SUMMARY, UI_TABLES, ensure_month
from e2e_validator.embedded.standin.summary.range import SummaryRange
from e2e_validator.embedded.standin.summary.scripts import script
from e2e_validator.embedded.standin.summary.ui_tables import fill_ui_tables

STAGING = "reporting_ocpusagelineitem_daily_summary_staging"
LABEL_TABLES = ("reporting_ocpusagepodlabel_summary", "reporting_ocpstoragevolumelabel_summary")


class ProviderNotFoundError(LookupError):
    """The source was deleted while it was being summarised."""


def summarise(
    conn: Connection, clock: Clock, pace: Pace, *, schema: str, source: str, start: date, end: date
) -> tuple[date, date]:
    """Fill the summary of these days of one month, on an autocommit connection; returns the days really taken.

    Raises:
        ProviderNotFoundError: the provider or its cluster id is gone.
    """
    provider = conn.execute(
        "SELECT p.name, a.credentials ->> 'cluster_id' AS cluster FROM api_provider p"
        " LEFT JOIN api_providerauthentication a ON a.id = p.authentication_id WHERE p.uuid = %s",
        [source],
    ).fetchone()
    if provider is None or provider["cluster"] is None:
        raise ProviderNotFoundError(f"provider data for uuid '{source}' not found")
    span = SummaryRange(source, start, end, cluster=provider["cluster"], alias=provider["name"])
    span = _skip_days_without_data(conn, span)
    ensure_month(conn, schema, (SUMMARY, STAGING, *UI_TABLES), span.start)
    period = conn.execute(
        "SELECT id FROM reporting_ocpusagereportperiod WHERE provider_id = %s AND report_period_start = %s",
        [source, span.start.replace(day=1)],
    ).fetchone()
    if period is None:
        log("no report period found for start_date", level=logging.WARNING, start_date=str(span.start))
        return span.start, span.end
    span = replace(span, period=period["id"])
    _record_cluster(conn, span)
    for step in span.steps():
        _summarise_days(conn, pace, step)
    log("updating OCP label summary tables", report_period_id=span.period)
    _summarise_labels(conn, span)
    log("updating OCP report periods", report_period_id=span.period)
    now = clock.now()
    conn.execute(
        "UPDATE reporting_ocpusagereportperiod SET summary_data_updated_datetime = %s,"
        " summary_data_creation_datetime = coalesce(summary_data_creation_datetime, %s) WHERE id = %s",
        [now, now, span.period],
    )
    log("updated OCP report periods", report_period_id=span.period, updated=now)
    return span.start, span.end


def _skip_days_without_data(conn: Connection, span: SummaryRange) -> SummaryRange:
    first = conn.execute(
        "SELECT min(usage_start) AS day FROM openshift_pod_usage_line_items_daily WHERE source = %(source)s"
        " AND year = %(year)s AND month = %(month)s AND usage_start BETWEEN %(start)s AND %(end)s",
        span.parameters,
    ).fetchone()
    if first is not None and first["day"] is not None and first["day"] > span.start:
        return replace(span, start=first["day"])
    return span


def _record_cluster(conn: Connection, span: SummaryRange) -> None:
    found = conn.execute(
        "SELECT uuid, cluster_alias FROM reporting_ocp_clusters WHERE provider_id = %s", [span.source]
    ).fetchone()
    if found is None:
        found = conn.execute(
            "INSERT INTO reporting_ocp_clusters (cluster_id, cluster_alias, provider_id) VALUES (%s, %s, %s)"
            " RETURNING uuid, cluster_alias",
            [span.cluster, span.alias, span.source],
        ).fetchone()
    assert found is not None
    conn.execute("UPDATE reporting_ocp_clusters SET cluster_alias = %s WHERE uuid = %s", [span.alias, found["uuid"]])
    parameters = span.parameters | {"cluster": found["uuid"]}
    log("populating reporting_ocp_nodes table", cluster_id=span.cluster)
    conn.execute(script("nodes"), parameters)
    log("populating reporting_ocp_pvcs table", cluster_id=span.cluster)
    conn.execute(script("volume_claims"), parameters)
    log("populating reporting_ocp_projects table", cluster_id=span.cluster)
    conn.execute(
        "INSERT INTO reporting_ocp_projects (project, cluster_id) SELECT DISTINCT namespace, %(cluster)s::uuid"
        " FROM openshift_pod_usage_line_items_daily WHERE source = %(source)s AND year = %(year)s AND month = %(month)s"
        " AND usage_start BETWEEN %(start)s AND %(end)s ON CONFLICT (project, cluster_id) DO NOTHING",
        parameters,
    )


def _summarise_days(conn: Connection, pace: Pace, span: SummaryRange) -> None:
    log(
        "updating OCP report summary tables",
        start_date=str(span.start),
        end_date=str(span.end),
        report_period_id=span.period,
    )
    conn.execute(
        f"DELETE FROM {SUMMARY} WHERE usage_start BETWEEN %(start)s AND %(end)s AND report_period_id = %(period)s"
        " AND coalesce(infrastructure_raw_cost, 0) = 0",
        span.parameters,
    )
    conn.execute(
        f"DELETE FROM {STAGING} WHERE source = %(source)s AND usage_start BETWEEN %(start)s AND %(end)s",
        span.parameters,
    )
    reached(Point.SUMMARY_COMPUTING, source=span.source)
    wait_in(conn, pace.summarised / 2)
    conn.execute(script("usage"), span.parameters)
    conn.execute(script("unallocated"), span.parameters)
    conn.execute(script("publish"), span.parameters)
    wait_in(conn, pace.summarised / 2)
    fill_ui_tables(conn, span)


def _summarise_labels(conn: Connection, span: SummaryRange) -> None:
    for table in LABEL_TABLES:
        conn.execute(
            f"DELETE FROM {table} known USING reporting_enabledtagkeys tag WHERE known.report_period_id = %(period)s"
            " AND tag.key = known.key AND tag.provider_type = 'OCP' AND NOT tag.enabled",
            span.parameters,
        )
    conn.execute(script("pod_labels"), span.parameters)
    conn.execute(script("volume_labels"), span.parameters)
    conn.execute(script("tag_values"), span.parameters)
    remove_unused_tag_values(conn)


def remove_unused_tag_values(conn: Connection) -> None:
    """Forget the values that no label summary knows any more."""
    conn.execute(
        "DELETE FROM reporting_ocptags_values tag WHERE NOT EXISTS ("
        "SELECT 1 FROM reporting_ocpusagepodlabel_summary p WHERE p.key = tag.key AND tag.value = ANY (p.values)"
        ") AND NOT EXISTS ("
        "SELECT 1 FROM reporting_ocpstoragevolumelabel_summary v WHERE v.key = tag.key AND tag.value = ANY (v.values))"
    )
