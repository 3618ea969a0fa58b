"""The summary of one month, in Koku's order (clouds.md 8.3)."""

from __future__ import annotations

import logging
from datetime import date

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.classic.bills import find_bill
from e2e_validator.embedded.standin.classic.hive import cursor
from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.classic.summary import daily, ec2, ui_tables
from e2e_validator.embedded.standin.classic.summary.markup import markup_of
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.classic.summary.tags import enabled_tag_keys, fill_tags
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.pace import wait_in
from e2e_validator.embedded.standin.partitions import ensure_month
from e2e_validator.embedded.standin.tasks.context import Work

PARTITIONED = (daily.TABLE, ec2.TABLE, *(table.name for table in ui_tables.TABLES))


def summarise_cloud(work: Work, source: str, start: date, end: date) -> None:
    """Delete and write the rows of the days; nothing happens where the month has no bill.

    Raises:
        trino.exceptions.Error, psycopg.Error: the rows are deleted, and not written again.
    """
    conn, classic = work.conn, work.config.classic
    assert classic is not None
    bill = find_bill(conn, source, BillMonth.of(start))
    if bill is None:
        text = "no bill was found, skipping summarization"
        log(text, level=logging.WARNING, provider_uuid=source, start_date=str(start))
        return
    ensure_month(conn, work.config.schema, PARTITIONED, start)
    span = CloudSpan(source, start, end, bill, markup_of(conn, source))
    enabled = enabled_tag_keys(conn)
    log("triggering DELETE", table=daily.TABLE)
    daily.delete_days(conn, span)
    log("finished DELETE", table=daily.TABLE)
    reached(Point.SUMMARY_COMPUTING, source=source)
    wait_in(conn, work.pace.summarised)
    with cursor(classic, work.config.schema) as found:
        daily.write_groups(conn, span, daily.read_groups(found, span), enabled)
        log("triggering DELETE/INSERT", provider_uuid=source)
        with conn.transaction():
            ui_tables.fill_ui_tables(conn, span)
        log("finished DELETE/INSERT", provider_uuid=source)
        fill_tags(conn, span)
        ec2.fill_instances(conn, found, span, enabled)
    now = work.clock.now()
    conn.execute(
        "UPDATE reporting_awscostentrybill SET summary_data_updated_datetime = %s,"
        " summary_data_creation_datetime = coalesce(summary_data_creation_datetime, %s) WHERE id = %s",
        [now, now, bill],
    )
