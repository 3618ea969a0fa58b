"""Small CURs for tests: rows of texts by column, written as files, as packages and as manifests."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from e2e_validator.providers.aws.cost_file.columns import OPTIONAL, RECOMMENDED

TODAY = date(2026, 11, 29)
TAG, CATEGORY = "resourceTags/user:app", "costCategory/env"
HEADER = (*RECOMMENDED, *OPTIONAL, TAG, CATEGORY)
Row = dict[str, str]


def row(day: str = "2026-11-24", hour: int = 0, **more: str) -> Row:
    """A complete row of one hour of an instance; ``more`` by the last part of the column's name, or ``tag``."""
    end = f"{day}T{hour + 1:02}:00:00Z" if hour < 23 else f"{date.fromisoformat(day) + timedelta(days=1)}T00:00:00Z"
    month = day[:7]
    cells = dict.fromkeys(HEADER, "") | {
        "bill/BillType": "Anniversary",
        "bill/BillingEntity": "AWS",
        "bill/BillingPeriodStartDate": f"{month}-01T00:00:00Z",
        "bill/PayerAccountId": "1",
        "identity/TimeInterval": f"{day}T{hour:02}:00:00Z/{end}",
        "lineItem/AvailabilityZone": "us-east-1a",
        "lineItem/BlendedCost": "0.2",
        "lineItem/BlendedRate": "0.2",
        "lineItem/CurrencyCode": "USD",
        "lineItem/LegalEntity": "Amazon Web Services, Inc.",
        "lineItem/LineItemDescription": "an hour",
        "lineItem/LineItemType": "Usage",
        "lineItem/NormalizationFactor": "4",
        "lineItem/NormalizedUsageAmount": "4",
        "lineItem/Operation": "RunInstances",
        "lineItem/ProductCode": "AmazonEC2",
        "lineItem/ResourceId": "i-1",
        "lineItem/UnblendedCost": "0.1",
        "lineItem/UnblendedRate": "0.1",
        "lineItem/UsageAccountId": "2",
        "lineItem/UsageAmount": "1",
        "lineItem/UsageStartDate": f"{day}T{hour:02}:00:00Z",
        "lineItem/UsageEndDate": end,
        "lineItem/UsageType": "BoxUsage:m5.large",
        "pricing/publicOnDemandCost": "0.1",
        "pricing/publicOnDemandRate": "0.1",
        "pricing/unit": "Hrs",
        "product/ProductName": "Amazon Elastic Compute Cloud",
        "product/productFamily": "Compute Instance",
        "product/region": "us-east-1",
        "product/instanceType": "m5.large",
        "product/memory": "8 GiB",
        "product/operatingSystem": "Linux",
        "product/vcpu": "2",
        TAG: "web",
        CATEGORY: "prod",
    }
    names = {name.rpartition("/")[2]: name for name in HEADER} | {"tag": TAG, "category": CATEGORY}
    return cells | {names[name]: text for name, text in more.items()}


def storage(day: str = "2026-11-24", **more: str) -> Row:
    """A complete row of storage."""
    own = {
        "ProductCode": "AmazonS3",
        "productFamily": "Storage",
        "unit": "GB-Mo",
        "instanceType": "",
        "ResourceId": "bucket",
        "UsageType": "TimedStorage",
    }
    return row(day, 0, **(own | more))


def covered(day: str = "2026-11-24", **more: str) -> Row:
    """A complete row of usage that a savings plan covers."""
    own = {"LineItemType": "SavingsPlanCoveredUsage", "SavingsPlanEffectiveCost": "0.07"}
    return row(day, 0, **(own | more))


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], header: Iterable[str] | None = None) -> Path:
    """A CSV file; gzip where the name ends so."""
    names = list(header if header is not None else (rows[0] if rows else HEADER))
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def package(
    folder: Path,
    *files: Sequence[Mapping[str, str]],
    assembly: str = "a1",
    month: str = "2026-11",
    header: Iterable[str] | None = None,
) -> Path:
    """An assembly with these files; its manifest."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    place = folder / assembly / "cur" / f"{first:%Y%m%d}-{following:%Y%m%d}"
    names = list(header) if header is not None else None
    keys = []
    for number, rows in enumerate(files, start=1):
        path = write_csv(place / assembly / f"cur-{number}.csv.gz", rows, names)
        keys.append(f"cur/{place.name}/{assembly}/{path.name}")
    manifest = place / "cur-Manifest.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "assemblyId": assembly,
        "billingPeriod": {"start": f"{first:%Y%m%d}T000000.000Z"},
        "reportKeys": keys,
    }
    manifest.write_text(json.dumps(content), encoding="utf-8")
    return manifest
