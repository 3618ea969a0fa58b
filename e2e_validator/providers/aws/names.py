"""How Koku calls what it keeps of sources of AWS (docs/contract/clouds.md 6, 8, 9)."""

from __future__ import annotations

from e2e_validator.access.source_names import KeyKind, SourceNames, SourceTables
from e2e_validator.providers.aws.cost_file.columns import CATEGORY_KEY, TAG_KEY
from e2e_validator.providers.aws.expect.question import COSTS, PATHS
from e2e_validator.providers.aws.expect.ui_tables import UI_TABLES

TYPE = "AWS"
BILL = "reporting_awscostentrybill"
DAILY_SUMMARY = "reporting_awscostentrylineitem_daily_summary"
EC2_COMPUTE = "reporting_awscostentrylineitem_summary_by_ec2_compute_p"
DAY_CSV = "data/csv/{account}/AWS/source={uuid}/"
RAW_PARQUET = "data/parquet/{account}/AWS/source={uuid}/"
DAILY_PARQUET = "data/parquet/daily/{account}/AWS/raw/source={uuid}/"
# Trino's tables over the parquet files.
RAW_TABLE, DAILY_TABLE = "aws_line_items", "aws_line_items_daily"

# Where boto3 asks, unless the variable of the service says otherwise (docs/contract/clouds.md 21).
EVERY_ENDPOINT = "AWS_ENDPOINT_URL"

NAMES = SourceNames(
    type=TYPE,
    credential="role_arn",
    announced_at="download/",
    a_report=PATHS[COSTS],
    archives=(DAY_CSV, RAW_PARQUET, DAILY_PARQUET),
    polled=True,
    warehouse=(RAW_TABLE, DAILY_TABLE),
    switched=(
        KeyKind(TAG_KEY, "settings/tags/", listed_type=True),
        KeyKind(CATEGORY_KEY, "settings/aws_category_keys/"),
    ),
    asked=(
        ("the role", ("AWS_ENDPOINT_URL_STS", EVERY_ENDPOINT)),
        ("the bucket", ("AWS_ENDPOINT_URL_S3", EVERY_ENDPOINT)),
        ("the report definitions", ("AWS_ENDPOINT_URL_COST_AND_USAGE_REPORT_SERVICE", EVERY_ENDPOINT)),
    ),
    tables=SourceTables(
        periods=BILL,
        period_start="billing_period_start",
        period_end="billing_period_end",
        period_end_is_last_day=True,
        costs_with_summary=True,
        key=None,
        alias=None,
        summary=DAILY_SUMMARY,
        summary_period="cost_entry_bill_id",
        named=(DAILY_SUMMARY, EC2_COMPUTE, *UI_TABLES),
        line_items="aws_{kind}_line_items",
        required=(BILL, DAILY_SUMMARY, EC2_COMPUTE, *UI_TABLES),
        emptied=r"reporting_aws[a-z0-9_]+",
        pointed_to=(BILL,),
        manifest=(),
    ),
)
