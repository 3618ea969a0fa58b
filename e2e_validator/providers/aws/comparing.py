"""What each phase compares of a source of this type, once it has stopped waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import Compared
from e2e_validator.errors import counted
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.providers.aws.expect import stages
from e2e_validator.providers.aws.objects import read_archive
from e2e_validator.providers.aws.own import own_expectation
from e2e_validator.providers.aws.parquet_texts import ComparedTexts
from e2e_validator.providers.aws.tables import summary_stages, ui_stage
from e2e_validator.providers.aws.warehouse import warehouse_stages


def archive_stages(context: Context, payload: int) -> list[Stage]:
    """The day CSVs, the raw and the daily parquet files of the source after ``payload`` (from 1)."""
    expectation = own_expectation(context)
    raw_texts, daily_texts = (expectation.stage(kind, payload - 1) for kind in (stages.RAW_TEXTS, stages.DAILY_TEXTS))
    archive = read_archive(context, raw_texts, daily_texts)
    wanted, there = archive.columns.measures()

    def stage(name: str, kind: str, actual: object) -> Stage:
        measures = expectation.stage(kind, payload - 1)
        return Stage(name, measures, actual, may_be_empty=not measures)  # type: ignore[arg-type]

    def texts(name: str, compared: ComparedTexts) -> Stage:
        return Stage(name, compared.wanted, compared.there, may_be_empty=not compared.wanted)

    return [
        stage("CUR -> daily CSV", stages.DAILY_CSV, archive.csv),
        stage("CUR -> daily CSV: sums", stages.CSV_SUMS, archive.csv_sums),
        stage("daily CSV -> raw parquet", stages.RAW, archive.raw),
        Stage("parquet: columns", wanted, there, may_be_empty=not wanted),
        texts("daily CSV -> raw parquet: texts", archive.raw_texts),
        stage("raw parquet -> daily parquet", stages.DAILY, archive.daily),
        texts("raw parquet -> daily parquet: texts", archive.daily_texts),
    ]


def lake_stages(context: Context, payload: int) -> list[Stage]:
    """The archive, and Trino's tables over it where the target names a Trino.

    Raises:
        NumbersDiffer: the archive differs. Trino is not asked then: it cannot read a file that is not as it must be.
    """
    found = archive_stages(context, payload)
    judge(found)
    return [*found, *warehouse_stages(context, payload)]


def converted(context: Context) -> Compared:
    """The archive, and Trino's tables over it."""
    found = lake_stages(context, context.payload_index)
    lines = judge(found)
    rows = sum(int(values["rows"]) for values in found[2].actual.values())
    trino = "" if context.clients.warehouse is None else ", as many in Trino"
    files = counted(len(found[2].actual), "raw parquet file")
    return Compared(f"{rows:,} rows in {files}{trino}", lines, {"rows": rows})


def summarised(context: Context) -> Compared:
    """The bills, the daily summary, the instances."""
    found = summary_stages(context, context.payload_index)
    lines = judge(found)
    bills, groups = len(found[0].actual), len(found[1].actual)
    return Compared(f"{counted(groups, 'group')} and {counted(bills, 'bill')} as expected", lines)


def priced(context: Context) -> Compared:
    """The UI tables with the markup."""
    stage = ui_stage(context, context.payload_index)
    lines = judge([stage])
    return Compared(f"{counted(len(stage.actual), 'row')} of UI tables as expected", lines)


COMPARED: Mapping[str, Callable[[Context], Compared]] = {"parquet": converted, "summary": summarised, "cost": priced}
