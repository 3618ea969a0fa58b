"""Loading one file into the line item tables, hourly and by day (docs/contract/koku.md 3.5, 3.7)."""

from __future__ import annotations

import json
import logging
from datetime import date

import psycopg
from psycopg import sql

from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.ingest.daily_files import DailyFile
from e2e_validator.embedded.standin.ingest.report_types import (
    ANOMALY,
    EFFECTIVE,
    INTEGERS,
    LABELS,
    TAG_LABELS,
    TIMES,
    ReportType,
)
from e2e_validator.embedded.standin.logs import log

# What Python's float() takes for a number, with which Koku reads one: not hexadecimal, but infinite if need be.
_FLOAT = r"^\s*[+-]?((\d(_?\d)*(\.(\d(_?\d)*)?)?|\.\d(_?\d)*)([eE][+-]?\d(_?\d)*)?|inf(inity)?)\s*$"
_NUMBER = (
    "CASE WHEN {0} ~* '" + _FLOAT + "' THEN CASE"
    " WHEN pg_input_is_valid(btrim(replace({0}, '_', '')), 'double precision')"
    " THEN btrim(replace({0}, '_', ''))::double precision"
    # Too small a number is 0, too large a one infinite.
    " WHEN {0} ~ '[eE]-' THEN 0 WHEN {0} ~ '^\\s*-' THEN '-Infinity'::double precision"
    " ELSE 'Infinity'::double precision END"
)
# NaN in other spellings than pandas' own becomes NULL on its way into the database.
NUMBER = _NUMBER + r" WHEN {0} ~* '^\s*[+-]?nan\s*$' THEN NULL ELSE 0 END"
INTEGER = "trunc((" + _NUMBER + " END)::numeric)::integer"
NULLABLE = _NUMBER + " END"
TIME = "replace({0}, ' +0000 UTC', '')::timestamptz"


class LineItems:
    """The rows of one file, staged in temporary tables until ``close``.

    Staging, raw and daily write are separate transactions, because Koku writes the daily rows although the raw write
    failed (docs/contract/koku.md 7.4).
    """

    def __init__(self, conn: Connection, file: DailyFile, kind: ReportType, source: str) -> None:
        self._conn = conn
        self._file = file
        self._kind = kind
        self._source = source
        self._columns = list(file.header)
        self._items = sql.Identifier("standin_items")
        self._labels: set[str] = set()

    def stage(self) -> None:
        """Copy the CSV in and convert it: times, numbers (unreadable ones become 0), labels as JSON.

        Raises:
            psycopg.Error: a time cannot be read.
        """
        with self._conn.transaction():
            self._conn.execute("DROP TABLE IF EXISTS standin_csv, standin_items, standin_labels")
            csv_columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(c)) for c in self._columns)
            self._conn.execute(sql.SQL("CREATE TEMP TABLE standin_csv ({})").format(csv_columns))
            with (
                self._conn.cursor() as cursor,
                cursor.copy("COPY standin_csv FROM STDIN (FORMAT csv, HEADER true, NULL '\\N')") as copy,
            ):
                copy.write(self._file.text)
            self._map_labels()
            selected = [self._converted(name) for name in self._columns]
            selected += [sql.SQL("({})::date AS usage_start").format(self._time("interval_start"))]
            if self._kind.name == "pod_usage":
                selected += [self._greater(name, *pair) for name, pair in EFFECTIVE.items()]
            joins = [
                sql.SQL("LEFT JOIN standin_labels AS {0} ON {0}.text = csv.{0}").format(sql.Identifier(name))
                for name in self._columns
                if name in LABELS
            ]
            self._conn.execute(
                sql.SQL("CREATE TEMP TABLE standin_items AS SELECT {} FROM standin_csv AS csv {}").format(
                    sql.SQL(", ").join(selected), sql.SQL(" ").join(joins)
                )
            )
            self._drop_anomalies()
            if self._kind.name == "pod_usage":
                self._columns += EFFECTIVE

    @property
    def tag_keys(self) -> set[str]:
        """The keys of the labels that can be enabled as tags."""
        return set(self._labels)

    def write_raw(self) -> int:
        """One row per CSV row; returns their number.

        Raises:
            psycopg.Error: the CSV has a column the table has not, or a value does not fit.
        """
        columns = [*self._columns, "usage_start"]
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        return self._insert(self._kind.raw_table, names, sql.SQL("SELECT {}").format(names), sql.SQL(""))

    def write_daily(self) -> int:
        """One row per group and day; returns their number."""
        there = set(self._columns)
        keys = [name for name in self._kind.keys if name in there]
        aggregates = dict.fromkeys(("report_period_start", "report_period_end"), "max({})")
        aggregates |= {name: "sum({})" for name in self._kind.sums if name in there}
        aggregates |= {name: "max({})" for name in self._kind.maxima if name in there}
        names = [*keys, *aggregates, "interval_start", "usage_start"]
        chosen: list[sql.Composable] = [sql.Identifier(name) for name in keys]
        chosen += [sql.SQL(how).format(self._comparable(name)) for name, how in aggregates.items()]
        chosen += [sql.SQL("date_trunc('day', interval_start)"), sql.SQL("usage_start")]
        group = [*map(sql.Identifier, keys), sql.SQL("date_trunc('day', interval_start)"), sql.SQL("usage_start")]
        return self._insert(
            self._kind.daily_table,
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL("SELECT {}").format(sql.SQL(", ").join(chosen)),
            sql.SQL("GROUP BY {}").format(sql.SQL(", ").join(group)),
        )

    def close(self) -> None:
        """Drop what was staged."""
        self._conn.execute("DROP TABLE IF EXISTS standin_csv, standin_items, standin_labels")

    def _insert(self, table: str, names: sql.Composable, select: sql.Composable, group: sql.Composable) -> int:
        day = self._file.day
        query = sql.SQL(
            "INSERT INTO {} ({}, source, year, month, reportnumhours) {}, {}, {}, {}, {} FROM standin_items {}"
        ).format(
            sql.Identifier(table), names, select, sql.Literal(self._source), sql.Literal(f"{day:%Y}"),
            sql.Literal(f"{day:%m}"), sql.Literal(self._file.hours), group,
        )  # fmt: skip
        rows = self._conn.execute(query).rowcount
        log("wrote dataframe to postgresql", table=table, rows=rows)
        return rows

    def _map_labels(self) -> None:
        """The few distinct label texts of a file, each with its JSON: converting every row would take far longer."""
        found = [name for name in self._columns if name in LABELS]
        self._conn.execute("CREATE TEMP TABLE standin_labels (text text PRIMARY KEY, json text)")
        texts: dict[str, dict[str, str]] = {}
        for name in found:
            for row in self._conn.execute(
                sql.SQL("SELECT DISTINCT {} AS text FROM standin_csv").format(sql.Identifier(name))
            ):
                texts[row["text"]] = parse_labels(row["text"])
                if name in TAG_LABELS:
                    self._labels |= texts[row["text"]].keys()
        with self._conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO standin_labels VALUES (%s, %s)",
                [(text, json.dumps(pairs)) for text, pairs in texts.items()],
            )

    def _time(self, name: str) -> sql.Composable:
        return sql.SQL(TIME).format(sql.Identifier("csv", name))

    def _converted(self, name: str) -> sql.Composable:
        column = sql.Identifier("csv", name)
        if name in TIMES:
            value: sql.Composable = self._time(name)
        elif name in LABELS:
            value = sql.Identifier(name, "json")
        elif name in self._kind.numbers:
            value = sql.SQL(NUMBER).format(column)
        elif name in INTEGERS:
            value = sql.SQL(INTEGER).format(column)
        elif name == "mig_memory_capacity_mib":
            value = sql.SQL(NULLABLE).format(column)
        elif name == "gpu_vendor_name":
            value = sql.SQL("replace({}, 'nvidia_com_gpu', 'nvidia')").format(column)
        elif name == "gpu_model_name":
            value = sql.SQL("btrim(regexp_replace({}, '[^a-zA-Z0-9]+', ' ', 'g'))").format(column)
        else:
            value = column
        return sql.SQL("{} AS {}").format(value, sql.Identifier(name))

    def _greater(self, name: str, usage: str, request: str) -> sql.Composable:
        usage_number, request_number = (sql.SQL(NUMBER).format(sql.Identifier("csv", c)) for c in (usage, request))
        return sql.SQL("greatest({}, {}) AS {}").format(usage_number, request_number, sql.Identifier(name))

    def _comparable(self, name: str) -> sql.Composable:
        words = name in self._kind.maxima and name not in (*self._kind.numbers, *INTEGERS)
        return sql.SQL('{} COLLATE "C"' if words else "{}").format(sql.Identifier(name))

    def _drop_anomalies(self) -> None:
        checked = [name for name in self._columns if name in self._kind.checked]
        if not checked:
            return
        over = sql.SQL(" OR ").join(
            sql.SQL("{} > {}").format(sql.Identifier(name), sql.Literal(ANOMALY)) for name in checked
        )
        if self._conn.execute(sql.SQL("DELETE FROM standin_items WHERE {}").format(over)).rowcount:
            log("Dropping anomalous rows", level=logging.WARNING, filename=self._file.stem)


def parse_labels(text: str) -> dict[str, str]:
    """``label_app:web|label_tier:db`` as ``{"app": "web", "tier": "db"}``; parts that are no pair are skipped."""
    labels = {}
    for part in text.split("|") if text else []:
        pair = part.split(":")
        if len(pair) == 2:
            labels[pair[0].replace("label_", "")] = pair[1]
        elif len(pair) > 2:
            log(f"{part} could not be properly split", level=logging.WARNING)
    return labels


def delete_older_day(conn: Connection, kind: ReportType, source: str, day: date, hours: int) -> tuple[int, bool]:
    """Delete the day's rows that stand for fewer hours; returns how many, and whether rows of the day remain."""
    where = "source = %s AND year = %s AND month = %s AND usage_start = %s"
    values = [source, f"{day:%Y}", f"{day:%m}", day]
    deleted, remain = 0, False
    for table in (kind.raw_table, kind.daily_table):
        deleted += conn.execute(f"DELETE FROM {table} WHERE {where} AND reportnumhours < %s", [*values, hours]).rowcount
    for table in (kind.raw_table, kind.daily_table):
        remain = remain or conn.execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", values).fetchone() is not None
    log("deleted old data from postgres (OCP)", deleted_rows=deleted, start_date=str(day), reportnumhours=hours)
    return deleted, remain


def add_tag_keys(conn: Connection, keys: set[str]) -> None:
    """New OCP tag keys, disabled."""
    log("checking tag enabled population with false", tags=sorted(keys))
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO reporting_enabledtagkeys (uuid, key, enabled, provider_type)"
            " VALUES (gen_random_uuid(), %s, false, 'OCP') ON CONFLICT (key, provider_type) DO NOTHING",
            [(key,) for key in sorted(keys)],
        )


def describe(error: psycopg.Error) -> str:
    """The error as Koku's log names it; Django wraps the driver's exceptions."""
    name = "IntegrityError" if isinstance(error, psycopg.IntegrityError) else type(error).__name__
    return f"django.db.utils.{name}: {error}"
