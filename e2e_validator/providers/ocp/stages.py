"""What each stage of the flow really holds, in the shape of the expectation, and the verdict on it.

The ledger follows the data: CSV -> payload in the object store -> archived CSV -> raw and daily line items ->
daily summary -> API. The first stage that differs is the finding; those after it only repeat it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import sql

from e2e_validator.access.database import Database, Rows
from e2e_validator.engine.archive import archive_prefix
from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.errors import GaveUp, HarnessError
from e2e_validator.expect.measures import Key, Measures, add
from e2e_validator.expect.stage import Stage
from e2e_validator.providers.ocp.expect.digest import as_sent, files_measures
from e2e_validator.providers.ocp.expect.noise import scale
from e2e_validator.providers.ocp.expect.payload import read_payload
from e2e_validator.providers.ocp.expect.rate_rows import COSTS, read_rates
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES, ReportType
from e2e_validator.providers.ocp.expect.summary import HIGHEST, LABELLED, SUMMED, named
from e2e_validator.providers.ocp.expect.texts import columns, of_files
from e2e_validator.providers.ocp.expect.ui_tables import GROUP_COLUMNS, read_ui_table
from e2e_validator.providers.ocp.generate.tarball import unpack
from e2e_validator.providers.ocp.names import DAILY_SUMMARY
from e2e_validator.providers.ocp.other_keys import other_keys, without
from e2e_validator.providers.ocp.own import own_expectation

# {report type}.{day}.{manifest}.{counter}.csv
_COUNTER = re.compile(r"(?<=\d)\.\d+\.csv$")
_FOLDER = re.compile(r"/year=(\d{4})/month=(\d\d)/")


def stage(name: str, expected: Measures, actual: Measures, *, may_be_empty: bool = False) -> Stage:
    """A stage of this source type, whose figures are as exact as ``noise.scale`` says."""
    return Stage(name, expected, actual, may_be_empty, scale)


def payload_stage(context: Context, sent: SentPayload) -> Stage:
    """The payload as it stands in the object store."""
    objects = context.clients.objects
    data = objects.read(objects.ingress, sent.object_key)
    with tempfile.TemporaryDirectory(dir=context.folder) as folder:
        try:
            actual = payload_measures(unpack(data, Path(folder)))
        except HarnessError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno is not None:
                raise  # our disk, not their object
            raise GaveUp(f"the object {sent.object_key} is no payload any more: {error}") from error
    # Of a payload in several tarballs one may hold a file without rows alone, as operators send them.
    part = sum(other.uuid == sent.uuid for other in context.state.payloads) > 1
    return stage(
        f"CSV -> payload {sent.index}",
        own_expectation(context).stage("payload", sent.index - 1),
        actual,
        may_be_empty=part,
    )


def payload_measures(folder: Path) -> Measures:
    """Rows and sums of a payload's CSV files by (report type, day)."""
    payload = read_payload(folder, partial=True)
    return as_sent(payload.tables, payload.dropped)


def archive_stages(context: Context, sent: SentPayload, manifest_id: int) -> list[Stage]:
    """The daily CSV objects of one manifest in the archive bucket, by the month in whose folder they stand; and texts.

    A payload that is taken in again after an interruption is archived again under the next counter
    (docs/contract/koku.md 3.6), and nothing reads the archive after that: the same bytes of the same type and day count
    once. Whether the line items were written twice is the next stage's business.
    """
    objects = context.clients.objects
    by_month: dict[str, list[bytes]] = {}
    seen: set[tuple[str, bytes]] = set()
    keys = list(objects.keys(objects.archive, archive_prefix(context, context.provider_uuid)))
    read = side_by_side(lambda key: objects.read_with_manifest_id(objects.archive, key), keys)
    for key, (content, manifest) in zip(keys, read, strict=True):
        one = _COUNTER.sub(".csv", key), content
        if manifest == str(manifest_id) and one not in seen:
            seen.add(one)
            folder = _FOLDER.search(key)
            by_month.setdefault(f"{folder[1]}-{folder[2]}" if folder else key, []).append(content)
    actual: Measures = {}
    for month, files in by_month.items():
        for (kind, day), values in files_measures(files).items():
            actual[kind, day, month] = values
    name = f"payload {sent.index} -> archive"
    written = of_files([content for files in by_month.values() for content in files])
    wanted = own_expectation(context).stage("archive_texts", sent.index - 1)
    return [
        stage(name, own_expectation(context).stage("archive", sent.index - 1), actual),
        stage(f"{name}: texts", wanted, written, may_be_empty=True),
    ]


def line_item_stages(context: Context, payload: int) -> list[Stage]:
    """The raw and the daily line items of the source after ``payload`` (from 1)."""
    database, expectation = context.clients.database, own_expectation(context)
    there = set(database.line_item_tables())

    def read(suffix: str) -> Measures:
        found: Measures = {}
        for kind in REPORT_TYPES.values():
            table = kind.table + suffix
            if table in there:
                found |= _line_items(database, table, kind.name, kind.line_item_numbers, context.provider_uuid)
        return found

    return [
        stage("payload -> line items", expectation.stage("line_items", payload - 1), read("")),
        stage("line items -> daily line items", expectation.stage("daily_line_items", payload - 1), read("_daily")),
    ]


def text_stages(context: Context, payload: int) -> list[Stage]:
    """The texts of the line items after ``payload`` (from 1), the hours of the raw ones; daily ones have none."""
    database, provider = context.clients.database, context.provider_uuid
    there = set(database.line_item_tables())
    raw, daily = (own_expectation(context).stage(name, payload - 1) for name in ("line_item_texts", "daily_texts"))

    def read(suffix: str) -> Measures:
        found: Measures = {}
        for kind in REPORT_TYPES.values():
            if kind.table + suffix in there:
                found |= _texts(database, kind, suffix, provider)
        return found

    return [
        stage("payload -> line items: texts and hours", raw, read(""), may_be_empty=True),
        stage("line items -> daily line items: texts", daily, read("_daily"), may_be_empty=True),
    ]


def _texts(database: Database, kind: ReportType, suffix: str, provider: str) -> Measures:
    """The rows of one table by their texts; of a raw one also by their moments, of a daily one those off midnight."""
    table = database.table(kind.table + suffix)
    names = columns(kind)
    chosen = [sql.SQL("coalesce({0}, '') AS {0}").format(sql.Identifier(name)) for name in names]
    statement = sql.SQL("SELECT usage_start::text AS day, count(*) AS rows, {} FROM {} WHERE source = %s").format(
        sql.SQL(", ").join(chosen), table
    ) + sql.SQL(" GROUP BY usage_start, {}").format(sql.SQL(", ").join(map(sql.Identifier, names)))
    found: Measures = {}
    for row in database.rows(statement, [provider]):
        add(found, (kind.name, row["day"], *(row[name] for name in names)), {"rows": Decimal(row["rows"])})
    first = kind.summed[:1]
    sums = [sql.SQL("sum({0})::numeric AS {0}").format(sql.Identifier(name)) for name in first]
    moments = sql.SQL("to_char(interval_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS moment")
    off = sql.SQL(" AND interval_start <> usage_start::timestamp AT TIME ZONE 'UTC'" if suffix else "")
    statement = sql.SQL("SELECT {} FROM {} WHERE source = %s{} GROUP BY usage_start, interval_start").format(
        sql.SQL(", ").join([sql.SQL("usage_start::text AS day, count(*) AS rows"), moments, *sums]), table, off
    )
    for row in database.rows(statement, [provider]):
        values = {"rows": Decimal(row["rows"])} | {name: row[name] for name in first if row[name] is not None}
        add(found, (kind.name, row["day"], row["moment"]), values)
    return found


def summary_stage(context: Context, payload: int) -> Stage:
    """The usage rows of the daily summary after ``payload`` (from 1); cost rows carry no usage.

    See docs/contract/koku.md 3.9.
    """
    database = context.clients.database
    columns = [sql.SQL("sum({0}) AS {0}").format(sql.Identifier(name)) for name in SUMMED]
    columns += [sql.SQL("max({0}) AS {0}").format(sql.Identifier(name)) for name in HIGHEST]
    statement = sql.SQL(
        "SELECT usage_start::text AS day, coalesce(data_source, '') AS data_source,"
        " namespace, node, persistentvolumeclaim, {}"
        " FROM {} WHERE source_uuid = %s::uuid AND cost_model_rate_type IS NULL GROUP BY 1, 2, 3, 4, 5"
    ).format(sql.SQL(", ").join(columns), database.table(DAILY_SUMMARY))
    actual = {
        summary_key(row): {name: row[name] for name in (*SUMMED, *HIGHEST) if row[name] is not None}
        for row in database.rows(statement, [context.provider_uuid])
    }
    # Of a payload of which Koku summarises no day there must be no rows: that is compared, too.
    none = not own_expectation(context).summarises(payload - 1)
    return stage(
        "line items -> daily summary", own_expectation(context).stage("summary", payload - 1), actual, may_be_empty=none
    )


def summary_key(row: Mapping[str, Any]) -> Key:
    """The key of a row of the daily summary: NULL is '', and '' has a name."""
    names = (row["namespace"], row["node"], row["persistentvolumeclaim"])
    return (row["day"], row["data_source"], *("" if name is None else named(name) for name in names))


def label_stage(context: Context, payload: int) -> Stage:
    """The same rows by their label sets: which labels win, and that none is there whose key is not enabled.

    ``all_labels`` must say the same as the labels of the row's own kind (docs/contract/koku.md 6.1). Keys that others
    enabled in the organisation are left out.
    """
    database = context.clients.database
    others = other_keys(context)
    columns = [sql.SQL("sum({0}) AS {0}").format(sql.Identifier(name)) for name in LABELLED]
    statement = sql.SQL(
        "SELECT usage_start::text AS day, coalesce(data_source, '') AS data_source,"
        " namespace, node, persistentvolumeclaim,"
        " coalesce(CASE data_source WHEN 'Storage' THEN volume_labels ELSE pod_labels END::text, '') AS labels,"
        " coalesce(all_labels::text, '') AS all_labels, {}"
        " FROM {} WHERE source_uuid = %s::uuid AND cost_model_rate_type IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"
    ).format(sql.SQL(", ").join(columns), database.table(DAILY_SUMMARY))
    actual: Measures = {}
    for row in database.rows(statement, [context.provider_uuid]):
        own, everything = (without(row[name], others) for name in ("labels", "all_labels"))
        key = (*summary_key(row), labels_said(own, everything))
        add(actual, key, {name: row[name] for name in LABELLED if row["labels"] and row[name] is not None})
    # What a node had left has no labels, and its figures were compared with the summary.
    expected = {
        (*key[:-1], f"labels {key[-1] or 'NULL'}"): {name: row[name] for name in LABELLED if key[-1] and name in row}
        for key, row in own_expectation(context).stage("summary_by_label", payload - 1).items()
    }
    none = not own_expectation(context).summarises(payload - 1)
    return stage("line items -> labels of the daily summary", expected, actual, may_be_empty=none)


def labels_said(own: str, everything: str) -> str:
    """The label set of a row as the ledger shows it; NULL and {} are two things."""
    text, whole = (json.dumps(json.loads(labels or "{}"), sort_keys=True) for labels in (own, everything))
    return f"labels {text if own else 'NULL'}" + ("" if whole == text else f", in all_labels {whole}")


def rate_stage(context: Context, payload: int) -> Stage:
    """The rows with costs of the daily summary after ``payload`` (from 1): what the cost step added."""
    keys = ("usage_start", "data_source", "namespace", "node", "cost_model_rate_type", "monthly_cost_type")
    table = context.clients.database.table(DAILY_SUMMARY)
    rows = _sums(context, table, keys)
    costs = own_expectation(context).stage("costs", payload - 1)
    return stage("daily summary -> costs", costs, read_rates(rows), may_be_empty=True)


def ui_stage(context: Context, payload: int) -> Stage:
    """The costs in the UI tables after ``payload`` (from 1): what the API reads."""
    actual: Measures = {}
    for name, group in GROUP_COLUMNS.items():
        keys = ("usage_start", "cost_model_rate_type", *([group] if group else []))
        actual |= read_ui_table(name, _sums(context, context.clients.database.table(name), keys))
    none = not own_expectation(context).summarises(payload - 1)
    return stage("costs -> UI tables", own_expectation(context).stage("ui", payload - 1), actual, may_be_empty=none)


def _sums(context: Context, table: sql.Identifier, keys: tuple[str, ...]) -> Rows:
    """Sums of each cost of this source by ``keys``."""
    columns = [sql.SQL("sum({0}) AS {0}").format(sql.Identifier(name)) for name in COSTS]
    statement = sql.SQL("SELECT {keys}, {sums} FROM {table} WHERE source_uuid = %s::uuid GROUP BY {keys}").format(
        keys=sql.SQL(", ").join(map(sql.Identifier, keys)), sums=sql.SQL(", ").join(columns), table=table
    )
    return context.clients.database.rows(statement, [context.provider_uuid])


def _line_items(database: Database, table: str, kind: str, numbers: tuple[str, ...], provider: str) -> Measures:
    """Rows and sums by day; a column of which every row is NULL is absent, not 0."""
    columns = [sql.SQL("sum({0})::numeric AS {0}").format(sql.Identifier(name)) for name in numbers]
    statement = sql.SQL("SELECT usage_start::text AS day, {} FROM {} WHERE source = %s GROUP BY 1").format(
        sql.SQL(", ").join([sql.SQL("count(*) AS rows"), *columns]), database.table(table)
    )
    return {
        (kind, row["day"]): {"rows": Decimal(row["rows"])}
        | {name: row[name] for name in numbers if row[name] is not None}
        for row in database.rows(statement, [provider])
    }
