"""The part of nise's reports of AWS that has an effect and makes exact totals (docs/contract/nise.md 2.2, 5.1).

nise takes a random value for whatever is absent, 0 or misspelt, and says nothing. So everything random is required
here, or filled in with a fixed value by ``nise_report.py``, and every other key is refused.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Strict, StrictBool, StrictInt, WithJsonSchema

from e2e_validator.providers.aws.cost_file.columns import CATEGORY_PREFIX, USER_TAG
from e2e_validator.providers.aws.scenario.zones import ZONES
from e2e_validator.scenario.document import brief, did_you_mean
from e2e_validator.scenario.model import Part, wrong

ACCOUNT = r"^\d{12}$"


def _account(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        raise wrong("is not text")
    if not re.fullmatch(ACCOUNT, value if isinstance(value, str) else "", re.ASCII):
        raise wrong(f"'{brief(str(value))}' is not an account", "write its 12 digits in quotes, as '100000000001'")
    return str(value)


def _zone(value: Any) -> str:
    if value in ZONES:
        return str(value)
    if not isinstance(value, str):
        raise wrong("is not text" if value is not None else "is empty")
    near = [zone for zone in ZONES if zone.startswith(value)] if value else []
    if near:
        raise wrong(f"'{value}' is a region; nise takes one of its zones by chance in each row", f"write {near[0]}")
    known = did_you_mean(value, ZONES) or f"known zones: {', '.join(ZONES[:6])}, ..."
    raise wrong(f"'{brief(value)}' is no zone that nise knows; it takes a region by chance in each row", known)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("is not text" if value is not None else "is empty")
    if not value.strip() or not value.isprintable():
        raise wrong("is empty" if not value.strip() else f"'{brief(value)}' has a line break or the like")
    return value


def _prefixed(prefix: str, what: str) -> Any:
    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for key, text in value.items():
            if not isinstance(key, str) or not key.startswith(prefix) or key == prefix:
                hint = f"write {prefix}{brief(str(key)).rpartition('/')[2]}"
                raise wrong(f"'{brief(str(key))}' is no column of {what}; Koku would not read it", hint)
            if not isinstance(text, str):
                raise wrong(f"the value of '{brief(key)}' is not text", f"write '{text}' in quotes")
        return value

    return BeforeValidator(check)


Account = Annotated[str, BeforeValidator(_account), WithJsonSchema({"type": "string", "pattern": ACCOUNT})]
Zone = Annotated[str, BeforeValidator(_zone), WithJsonSchema({"enum": list(ZONES)})]
Words = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": "string", "minLength": 1})]
# nise takes 0 for "not given" and a random value in its place.
Positive = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]


class Common(Part):
    """What the rows of every generator have."""

    user: Account | None = Field(default=None, description="the account that uses it; needed where there are several")
    region: Zone = Field(description="a zone, such as us-east-1a; of a region nise takes any zone")
    resource_id: Words = Field(description="nise puts its own prefix before it, such as i-")
    product_sku: Words | None = Field(default=None, description="a fixed one where absent")
    tags: Annotated[dict[str, str], _prefixed(USER_TAG, "tags")] = Field(
        default={}, description="{resourceTags/user:app: web}; none where absent"
    )
    cost_category: Annotated[dict[str, str], _prefixed(CATEGORY_PREFIX, "cost categories")] = Field(
        default={}, description="{costCategory/env: prod}; none where absent"
    )
    legal_entity: Words | None = Field(default=None, description="Amazon Web Services, Inc. where absent")


class InstanceType(Part):
    """What an instance is and costs by the hour."""

    inst_type: Words = Field(description="such as m5.large")
    vcpu: Words = Field(description="such as '2'")
    memory: Words = Field(description="such as '8 GiB'")
    storage: Words = Field(description="such as 'EBS Only'")
    family: Words = Field(description="such as 'General Purpose'")
    cost: NotNegative = Field(description="cost of an hour; nise does not multiply rate and amount")
    rate: NotNegative = Field(description="the rate that is shown; no sum of it")


class Ec2InstanceType(InstanceType):
    """An instance of EC2."""

    physical_cores: Words = Field(description="such as '1'")
    amount: Positive = Field(default=1, description="hours of an hour")
    saving: NotNegative | None = Field(default=None, description="a savings plan covers it at this cost of an hour")
    negation: StrictBool = Field(default=False, description="the rows that take back what a savings plan covers")


class Ec2(Common):
    """EC2Generator: an instance."""

    instance_type: Ec2InstanceType = Field(description="what it is and costs; nise takes one of four by chance")
    operating_system: Words = Field(description="such as Linux")
    processor_arch: Words | None = Field(default=None, description="64-bit where absent")


class Provisioned(Part):
    """Provisioned throughput or IOPS of a volume: rows of their own."""

    rate: Positive = Field(description="the rate that is shown")
    cost: NotNegative = Field(description="cost of an hour")


class Ebs(Common):
    """EBSGenerator: a volume."""

    disk_size: Annotated[StrictInt, Field(gt=0)] = Field(description="GB; the cost is that of an hour of the month")
    rate: Positive = Field(description="cost of a GB for a month")
    volume_api_name: Words = Field(description="such as gp3; nise takes a kind of volume by chance")
    provisioned_throughput: Provisioned | None = Field(default=None, description="rows of provisioned throughput")
    provisioned_iops: Provisioned | None = Field(default=None, description="rows of provisioned IOPS")


class S3(Common):
    """S3Generator: a snapshot in a bucket."""

    amount: Positive = Field(description="GB; the cost of each hour is amount times rate")
    rate: Positive = Field(description="cost of a GB for an hour")


class Rds(Common):
    """RDSGenerator: a database."""

    instance_type: InstanceType = Field(description="what it is and costs")


class Vpc(Common):
    """VPCGenerator: a VPN connection."""

    cost: Positive = Field(description="cost of an hour")
    rate: Positive = Field(description="the rate that is shown")


class Route53(Common):
    """Route53Generator: a hosted zone."""

    product_family: Literal["DNS Zone"] = Field(description="DNS Zone: of queries nise takes an operation by chance")
    cost: Positive = Field(description="cost of an hour")
    rate: Positive = Field(description="the rate that is shown")


class Transfer(Common):
    """DataTransferGenerator: traffic; its usage type and operation are by chance, its cost is not."""

    amount: Positive = Field(description="GB; the cost is amount times rate")
    rate: Positive = Field(description="cost of a GB")
    data_direction: Literal["in", "out"] = Field(description="in or out")


class Marketplace(Common):
    """MarketplaceGenerator: software of others, by the hour."""

    amount: Positive = Field(description="hours; the cost is amount times rate")
    rate: Positive = Field(description="cost of an hour")
    product_name: Words = Field(description="the product, which the reports show as the service")


GENERATORS = {
    "EC2Generator": Ec2,
    "EBSGenerator": Ebs,
    "S3Generator": S3,
    "RDSGenerator": Rds,
    "VPCGenerator": Vpc,
    "Route53Generator": Route53,
    "DataTransferGenerator": Transfer,
    "MarketplaceGenerator": Marketplace,
}


class CostGenerator(Part):
    """One entry of ``generators``: one of these."""

    EC2Generator: Ec2 | None = Field(default=None, description="an instance")
    EBSGenerator: Ebs | None = Field(default=None, description="a volume")
    S3Generator: S3 | None = Field(default=None, description="a snapshot in a bucket")
    RDSGenerator: Rds | None = Field(default=None, description="a database")
    VPCGenerator: Vpc | None = Field(default=None, description="a VPN connection")
    Route53Generator: Route53 | None = Field(default=None, description="a hosted zone")
    DataTransferGenerator: Transfer | None = Field(default=None, description="traffic")
    MarketplaceGenerator: Marketplace | None = Field(default=None, description="software of others")


class Accounts(Part):
    """The accounts of the report."""

    payer: Account = Field(description="the account that pays, 12 digits in quotes")
    user: Annotated[tuple[Account, ...], Field(min_length=1)] = Field(description="the accounts that use")


class CostReport(Part):
    """A static report in nise's own form."""

    accounts: Accounts = Field(description="payer and users; nise takes accounts by chance")
    generators: Annotated[tuple[CostGenerator, ...], Field(min_length=1)] = Field(
        description="what costs by the hour, without dates"
    )
    files: Annotated[StrictInt, Field(ge=1, le=50)] = Field(
        default=1, description="how many files the rows of a month are spread over"
    )
