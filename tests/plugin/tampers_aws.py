"""What tamperers do to sources of AWS: to their parquet files, to Trino's tables, to bills, rows and answers."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from minio import Minio
from scene import Scene, after, before

from e2e_validator.access.http import Answer
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.warehouse import Warehouse
from e2e_validator.providers.aws.names import (
    BILL,
    DAILY_PARQUET,
    DAILY_SUMMARY,
    DAILY_TABLE,
    DAY_CSV,
    EC2_COMPUTE,
    RAW_PARQUET,
    RAW_TABLE,
)

_MINE = "source_uuid = %(provider)s::uuid"
_COST = "lineitem_unblendedcost"
_MANIFEST_ID = "x-amz-meta-manifestid"


def _store(scene: Scene) -> Minio:
    return Minio(
        urlsplit(scene.target.s3_url).netloc,
        access_key=scene.target.s3_access_key,
        secret_key=scene.target.s3_secret_key,
        secure=False,
        region="us-east-1",
    )


def _rewrite(scene: Scene, kind: str, change: Callable[[bytes], bytes], **metadata: str) -> None:
    """Put the first object of a kind back with another content or other metadata, once Koku has written it."""
    scene.wait_until_converted()
    store, bucket = _store(scene), scene.target.buckets["archive"]
    key = _first(scene, kind)
    kept = (store.stat_object(bucket_name=bucket, object_name=key).metadata or {})[_MANIFEST_ID]
    content = change(store.get_object(bucket_name=bucket, object_name=key).read())
    store.put_object(
        bucket_name=bucket,
        object_name=key,
        data=io.BytesIO(content),
        length=len(content),
        metadata={"manifestid": kept, **metadata},
    )


def _first(scene: Scene, kind: str) -> str:
    prefix = kind.format(account=scene.target.schema_name, uuid=scene.provider)
    found = _store(scene).list_objects(bucket_name=scene.target.buckets["archive"], prefix=prefix, recursive=True)
    return min(str(one.object_name) for one in found)


def _table(content: bytes, change: Callable[[pa.Table], pa.Table]) -> bytes:
    out = io.BytesIO()
    pq.write_table(change(pq.read_table(io.BytesIO(content))), out)
    return out.getvalue()


def _one_more(table: pa.Table) -> pa.Table:
    place = table.column_names.index(_COST)
    values = table.column(_COST).to_pylist()
    return table.set_column(place, _COST, pa.array([values[0] + 0.01, *values[1:]]))


@before("parquet")
def csv_row_lost(scene: Scene) -> None:
    _rewrite(scene, DAY_CSV, lambda content: content[: content.rstrip(b"\n").rindex(b"\n") + 1])


@before("parquet")
def csv_value_changed(scene: Scene) -> None:
    _rewrite(scene, DAY_CSV, lambda content: content.replace(b",0.096,", b",0.097,", 1))


@before("parquet")
def raw_value_changed(scene: Scene) -> None:
    _rewrite(scene, RAW_PARQUET, lambda content: _table(content, _one_more))


@before("parquet")
def raw_row_lost(scene: Scene) -> None:
    _rewrite(scene, RAW_PARQUET, lambda content: _table(content, lambda table: table.slice(1)))


@before("parquet")
def raw_object_lost(scene: Scene) -> None:
    scene.wait_until_converted()
    _store(scene).remove_object(bucket_name=scene.target.buckets["archive"], object_name=_first(scene, RAW_PARQUET))


@before("parquet")
def raw_object_twice(scene: Scene) -> None:
    """Under another name, as a conversion that is done twice under two manifests would leave it."""
    scene.wait_until_converted()
    store, bucket, key = _store(scene), scene.target.buckets["archive"], _first(scene, RAW_PARQUET)
    content = store.get_object(bucket_name=bucket, object_name=key).read()
    other = key.replace("basefile-", "basefile-again-")
    store.put_object(bucket_name=bucket, object_name=other, data=io.BytesIO(content), length=len(content))


@before("parquet")
def raw_column_lost(scene: Scene) -> None:
    _rewrite(scene, RAW_PARQUET, lambda content: _table(content, lambda table: table.drop_columns("lineitem_taxtype")))


@before("parquet")
def raw_column_is_text(scene: Scene) -> None:
    def change(table: pa.Table) -> pa.Table:
        name = "lineitem_usagestartdate"
        return table.set_column(table.column_names.index(name), name, pc.cast(table.column(name), pa.string()))

    _rewrite(scene, RAW_PARQUET, lambda content: _table(content, change))


@before("parquet")
def raw_object_damaged(scene: Scene) -> None:
    _rewrite(scene, RAW_PARQUET, lambda content: content[: len(content) // 2])


@before("parquet")
def other_manifest(scene: Scene) -> None:
    _rewrite(scene, RAW_PARQUET, lambda content: content, manifestid="999999")


@before("parquet")
def daily_value_changed(scene: Scene) -> None:
    _rewrite(scene, DAILY_PARQUET, lambda content: _table(content, _one_more))


@before("parquet")
def daily_object_lost(scene: Scene) -> None:
    scene.wait_until_converted()
    _store(scene).remove_object(bucket_name=scene.target.buckets["archive"], object_name=_first(scene, DAILY_PARQUET))


def _forget_partition(scene: Scene, table: str) -> None:
    scene.wait_until_converted()
    statement = f"DELETE FROM {table} WHERE source = '{scene.provider}' AND year = '2026' AND month = '11'"
    Warehouse(scene.target).rows(statement)


@before("parquet")
def raw_partition_missing(scene: Scene) -> None:
    _forget_partition(scene, RAW_TABLE)


@before("parquet")
def daily_partition_missing(scene: Scene) -> None:
    _forget_partition(scene, DAILY_TABLE)


def _at_the_end(scene: Scene, statement: str) -> None:
    scene.wait_until_completed(scene.payload["uuid"])
    scene.sql(statement)


@before("summary")
def bill_lost(scene: Scene) -> None:
    scene.wait_until_completed(scene.payload["uuid"])
    scene.sql(f"UPDATE {DAILY_SUMMARY} SET cost_entry_bill_id = NULL WHERE {_MINE}")
    scene.sql(f"UPDATE {EC2_COMPUTE} SET cost_entry_bill_id = NULL WHERE {_MINE}")
    own = f"SELECT id FROM {BILL} WHERE provider_id = %(provider)s::uuid"
    for table in ("reporting_awstags_summary", "reporting_awscategory_summary"):
        scene.sql(f"DELETE FROM {table} WHERE cost_entry_bill_id IN ({own})")
    scene.sql(f"DELETE FROM {BILL} WHERE provider_id = %(provider)s::uuid")


@before("summary")
def bill_of_another(scene: Scene) -> None:
    _at_the_end(scene, f"UPDATE {BILL} SET payer_account_id = '1' WHERE provider_id = %(provider)s::uuid")


@before("summary")
def bill_ends_late(scene: Scene) -> None:
    change = "billing_period_end = billing_period_end + interval '1 day'"
    _at_the_end(scene, f"UPDATE {BILL} SET {change} WHERE provider_id = %(provider)s::uuid")


@before("summary")
def summary_row_lost(scene: Scene) -> None:
    _at_the_end(scene, f"DELETE FROM {DAILY_SUMMARY} WHERE {_MINE} AND usage_start = '2026-11-24'")


@before("summary")
def summary_row_doubled(scene: Scene) -> None:
    columns = "usage_start, usage_end, usage_account_id, product_code, currency_code, unblended_cost, source_uuid"
    rows = f"SELECT {columns} FROM {DAILY_SUMMARY} WHERE {_MINE} LIMIT 1"
    _at_the_end(scene, f"INSERT INTO {DAILY_SUMMARY} ({columns}) {rows}")


@before("summary")
def summary_value_changed(scene: Scene) -> None:
    _at_the_end(scene, f"UPDATE {DAILY_SUMMARY} SET blended_cost = blended_cost + 0.001 WHERE {_MINE}")


@before("summary")
def summary_tag_lost(scene: Scene) -> None:
    _at_the_end(scene, f"UPDATE {DAILY_SUMMARY} SET region = NULL WHERE {_MINE}")


@before("summary")
def instance_value_changed(scene: Scene) -> None:
    _at_the_end(scene, f"UPDATE {EC2_COMPUTE} SET usage_amount = usage_amount + 1 WHERE {_MINE}")


@before("cost")
def markup_twice(scene: Scene) -> None:
    _at_the_end(scene, f"UPDATE reporting_aws_cost_summary_by_service_p SET markup_cost = 0.01 WHERE {_MINE}")


@before("cost")
def ui_row_lost(scene: Scene) -> None:
    _at_the_end(scene, f"DELETE FROM reporting_aws_compute_summary_p WHERE {_MINE} AND usage_start = '2026-11-25'")


@before("manifest")
def never_completed(scene: Scene) -> None:
    scene.wait_until_completed(scene.payload["uuid"])
    table = "public.reporting_common_costusagereportmanifest"
    scene.sql(f"UPDATE {table} SET completed_datetime = NULL WHERE provider_id = %(provider)s::uuid")


@after("manifest")
def late_raw_value_changed(scene: Scene) -> None:
    _rewrite(scene, RAW_PARQUET, lambda content: _table(content, _one_more))


@after("manifest")
def late_summary_value_changed(scene: Scene) -> None:
    _at_the_end(scene, f"UPDATE {DAILY_SUMMARY} SET savingsplan_effective_cost = 1 WHERE {_MINE}")


@after("manifest")
def late_upload_changed(scene: Scene) -> None:
    """The file in the source's own bucket."""
    store, bucket = _store(scene), scene.state["source"]["key"]
    keys = [str(one.object_name) for one in store.list_objects(bucket_name=bucket, recursive=True)]
    key = next(key for key in keys if key.endswith(".gz"))
    store.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(b""), length=0)


def _answers(scene: Scene, change: Callable[[str, Mapping[str, Any], Any], None]) -> None:
    """Have ``change`` look at each answer of a report that asks for this scenario's accounts."""
    accounts = ",".join(sorted(json.loads((scene.folder / "accounts.json").read_text(encoding="utf-8")).values()))
    plain = KokuApi.ask

    def ask(self: KokuApi, path: str, params: Any) -> Answer:
        answer = plain(self, path, params)
        if isinstance(params, Mapping) and params.get("filter[account]") == accounts:
            answer = replace(answer, body=copy.deepcopy(answer.body))
            change(path, params, answer.body)
        return answer

    KokuApi.ask = ask  # type: ignore[method-assign]


def _of_costs(path: str, params: Mapping[str, Any]) -> bool:
    """Whether all costs of the days are asked for, by month, and no part of them."""
    plain = {"start_date", "end_date", "filter[resolution]", "filter[account]", "limit", "group_by[service]"}
    return path.endswith("aws/costs/") and set(params) <= plain and params["filter[resolution]"] == "monthly"


@before("api")
def api_total_changed(scene: Scene) -> None:
    def change(path: str, params: Mapping[str, Any], body: Any) -> None:
        if _of_costs(path, params) and not any(key.startswith("group_by") for key in params):
            body["meta"]["total"]["cost"]["total"]["value"] += Decimal("0.01")

    _answers(scene, change)


@before("api")
def api_group_lost(scene: Scene) -> None:
    def change(path: str, params: Mapping[str, Any], body: Any) -> None:
        if _of_costs(path, params) and "group_by[service]" in params:
            body["data"][0]["services"].pop()

    _answers(scene, change)


@before("api")
def api_markup_added(scene: Scene) -> None:
    def change(path: str, _params: Mapping[str, Any], body: Any) -> None:
        if path.endswith("ec2-compute/"):
            body["meta"]["total"]["cost"]["markup"]["value"] = Decimal(1)

    _answers(scene, change)


@before("api")
def api_is_no_report(scene: Scene) -> None:
    def change(path: str, _params: Mapping[str, Any], body: Any) -> None:
        if path.endswith("storage/"):
            del body["data"]

    _answers(scene, change)
