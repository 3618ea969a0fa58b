"""What scale makes of a small CUR is what the real nise writes for the larger report, row for row.

Two columns apart: nise draws ``identity/LineItemId`` for each row, and the architecture of a database.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import HarnessError
from e2e_validator.generate import nise
from e2e_validator.providers.aws.generate.nise_kind import COST, NISE, check_rows, planned_rows
from e2e_validator.providers.aws.generate.scale import Scale, Scaled, accounts_of, larger
from e2e_validator.providers.aws.scenario.nise_rules import settled

ID = "identity/LineItemId"
OF_CHANCE = (ID, "product/processorArchitecture")
DAY = datetime(2026, 10, 5, tzinfo=UTC)
ACCOUNTS = {"payer": "100000000001", "user": ["099999999999"]}
TYPE = {
    "inst_type": "m5.large",
    "vcpu": "2",
    "memory": "8 GiB",
    "storage": "EBS Only",
    "family": "General Purpose",
    "cost": 0.096,
    "rate": 0.096,
}


def own(resource: str, **more: Any) -> dict[str, Any]:
    tags = {"resourceTags/user:app": 'we"b, 1', "resourceTags/user:storageclass": "gp3"}
    return {"region": "us-east-1a", "resource_id": resource, "tags": tags} | more


def instance(resource: str, **more: Any) -> dict[str, Any]:
    kind = TYPE | {"physical_cores": "1", "amount": 1, "saving": None, "negation": False} | more.pop("kind", {})
    return {"EC2Generator": own(resource, operating_system="Linux", instance_type=kind, **more)}


def volume(resource: str, **more: Any) -> dict[str, Any]:
    return {"EBSGenerator": own(resource, disk_size=20, rate=0.1, volume_api_name="gp3", **more)}


@dataclass(frozen=True)
class Shape:
    """A small report, and how it is multiplied."""

    generators: list[dict[str, Any]]
    scale: Scale
    accounts: dict[str, Any]
    start: datetime = DAY
    end: datetime = DAY + timedelta(days=1)

    def report(self) -> dict[str, Any]:
        report = settled({"accounts": self.accounts, "generators": self.generators})
        return {name: part for name, part in report.items() if name != "files"}


TWO = ACCOUNTS | {"user": ["100000000001", "200000000000"]}
SHAPES = {
    "instances": Shape([instance("a"), instance("b", kind={"saving": 0.05})], Scale(resources=5), ACCOUNTS),
    "accounts": Shape([instance("a"), volume("b")], Scale(accounts=3), ACCOUNTS),
    "several accounts and resources": Shape(
        [instance("a", user=TWO["user"][0]), volume("v", user=TWO["user"][1]), instance("b", user=TWO["user"][1])],
        Scale(accounts=2, resources=3),
        TWO,
        end=DAY + timedelta(days=3, hours=5),
    ),
    "volumes with what is provisioned": Shape(
        [
            volume(
                "v", provisioned_throughput={"rate": 0.04, "cost": 0.2}, provisioned_iops={"rate": 0.005, "cost": 1}
            ),
            volume("w"),
        ],
        Scale(resources=4),
        ACCOUNTS,
        end=DAY + timedelta(days=2),
    ),
    "every kind": Shape(
        [
            {"S3Generator": own("s", amount=10, rate=0.05)},
            {"RDSGenerator": own("r", instance_type=TYPE)},
            {"VPCGenerator": own("v", cost=0.05, rate=0.05)},
            {"Route53Generator": own("z", product_family="DNS Zone", cost=0.5, rate=0.5)},
            instance("i", kind={"negation": True}, cost_category={"costCategory/env": "prod"}),
        ],
        Scale(resources=3),
        ACCOUNTS,
        end=DAY + timedelta(days=2),
    ),
    "a whole month": Shape(
        [instance("a"), volume("v")],
        Scale(accounts=2),
        ACCOUNTS,
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    ),
}


def made_by_nise(report: dict[str, Any], start: datetime, end: datetime, folder: Path) -> Path:
    beside = {"accounts": report["accounts"]}
    (month,) = nise.run_nise(
        report["generators"], kind=NISE, key="", start=start, end=end, folder=folder, beside=beside
    )
    check_rows(planned_rows(report, start, end), month)
    return month.csvs[COST]


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def without_chance(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: cell for name, cell in row.items() if name not in OF_CHANCE} for row in rows]


def scaled(shape: Shape, folder: Path, **more: Any) -> Scaled:
    seeded = min(shape.start + timedelta(days=1), shape.end)
    seed = made_by_nise(shape.report(), shape.start, seeded, folder)
    return Scaled(seed, shape.report(), shape.scale, shape.start, seeded, shape.end, **more)


@pytest.mark.parametrize("name", SHAPES)
def test_scale_writes_the_rows_that_nise_writes_for_the_larger(tmp_path: Path, name: str) -> None:
    shape, out = SHAPES[name], io.BytesIO()
    expected = made_by_nise(larger(shape.report(), shape.scale), shape.start, shape.end, tmp_path / "nise").read_bytes()
    made = scaled(shape, tmp_path / "ours")
    assert made.write(out) == made.rows == len(rows_of(expected))
    ours, theirs = rows_of(out.getvalue()), rows_of(expected)
    assert without_chance(ours) == without_chance(theirs)
    assert out.getvalue().splitlines()[0] == expected.splitlines()[0]
    assert len({row[ID] for row in ours}) == len(ours)
    assert {len(row[ID]) for row in ours} == {40}


def test_a_run_has_accounts_of_its_own(tmp_path: Path) -> None:
    shape, out = SHAPES["several accounts and resources"], io.BytesIO()
    named = {
        account: f"{number:012d}" for number, account in enumerate(sorted(accounts_of(shape.report(), shape.scale)))
    }
    scaled(shape, tmp_path, own=named).write(out)
    rows = rows_of(out.getvalue())
    assert {row["lineItem/UsageAccountId"] for row in rows} == {named[one] for one in named}
    assert {row["bill/PayerAccountId"] for row in rows} == {named["100000000001"]}


@pytest.mark.parametrize(
    ("generator", "attributes"),
    [
        ("DataTransferGenerator", {"amount": 1, "rate": 0.1, "data_direction": "in"}),
        ("MarketplaceGenerator", {"amount": 1, "rate": 0.3, "product_name": "RHEL"}),
    ],
)
def test_what_is_by_chance_is_not_multiplied(tmp_path: Path, generator: str, attributes: dict[str, Any]) -> None:
    by_chance = Shape([{generator: own("d", **attributes)}], Scale(resources=2), ACCOUNTS)
    with pytest.raises(HarnessError, match=r"of October-2026-None\.csv is not the same in every hour"):
        scaled(by_chance, tmp_path).write(io.BytesIO())
