"""The objects of earlier manifests: which days are there, and what goes (docs/contract/clouds.md 5)."""

from __future__ import annotations

from datetime import date

from e2e_validator.embedded.standin.classic.keys import SourceKeys, day_of
from e2e_validator.embedded.standin.classic.months import BillMonth, day_before
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.objects import ObjectStore

_DAYS_AGAIN = 3
METADATA = "manifestid"


def first_day(store: ObjectStore, bucket: str, keys: SourceKeys, month: BillMonth, today: date) -> date:
    """The day from which a month that is known already is read again."""
    days = [date.fromisoformat(day) for key in store.keys(bucket, keys.csv) if (day := day_of(key))]
    if not days:
        return month.first
    newest = min(max(days), today)
    return month.first if newest.day <= _DAYS_AGAIN else day_before(newest, _DAYS_AGAIN)


def remove_from(store: ObjectStore, bucket: str, keys: SourceKeys, first: date, today: date, manifest_id: int) -> None:
    """Remove what other manifests wrote of the days from ``first`` to today, whether or not there is more of them."""
    found = [key for prefix in (keys.csv, keys.raw, keys.daily) for key in store.keys(bucket, prefix)]
    gone = [key for key in found if (day := day_of(key)) and first <= date.fromisoformat(day) <= today]
    _remove_others(store, bucket, gone, manifest_id)


def remove_parquet(store: ObjectStore, bucket: str, keys: SourceKeys, manifest_id: int) -> None:
    """Remove the parquet that other manifests wrote of the month."""
    found = [key for prefix in (keys.raw, keys.daily) for key in store.keys(bucket, prefix)]
    _remove_others(store, bucket, found, manifest_id)


def _remove_others(store: ObjectStore, bucket: str, keys: list[str], manifest_id: int) -> None:
    log("attempting to batch delete s3 files", manifest_id=manifest_id)
    gone = [key for key in keys if store.metadata(bucket, key).get(METADATA) != str(manifest_id)]
    if gone:
        store.remove(bucket, gone)
