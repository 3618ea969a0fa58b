"""``scale:`` of AWS: which static report is meant, and its CUR made of that of the small one."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from e2e_validator.generate.layout import Block, Layout, suffix
from e2e_validator.generate.month import hours
from e2e_validator.generate.multiply import Sink, multiply
from e2e_validator.providers.aws.cost_file.columns import PAYER
from e2e_validator.providers.aws.generate.nise_kind import rows_an_hour

_HOUR = timedelta(hours=1)
_USER = "lineItem/UsageAccountId"


@dataclass(frozen=True, slots=True)
class Scale:
    """What the generators make, in ``accounts`` accounts, and there ``resources`` times."""

    accounts: int = 1
    resources: int = 1

    @property
    def copies(self) -> int:
        """How often each generator is there."""
        return self.accounts * self.resources


def counted_on(account: str, step: int) -> str:
    """The account that is ``step`` numbers further, with as many digits."""
    return f"{int(account) + step:0{len(account)}d}"


def accounts_of(report: Mapping[str, Any], scale: Scale) -> set[str]:
    """The accounts that pay or use."""
    users = {counted_on(user, step) for user in report["accounts"]["user"] for step in range(scale.accounts)}
    return {report["accounts"]["payer"], *users}


def larger(report: Mapping[str, Any], scale: Scale) -> dict[str, Any]:
    """The static report that is meant: what nise writes for it is what ``write_scaled`` writes.

    Each generator is followed by its copies, in the first account, then in the next ones. Their ``user`` is counted on
    by one; their ``resource_id`` ends with -2, -3, ...
    """
    payer, users = report["accounts"]["payer"], report["accounts"]["user"]
    every = [counted_on(user, step) for user in users for step in range(scale.accounts)]
    generators = [
        {name: _copy(own, users[0], number, scale)}
        for entry in report["generators"]
        for name, own in entry.items()
        for number in range(scale.copies)
    ]
    return {**report, "accounts": {"payer": payer, "user": every}, "generators": generators}


def _copy(own: Mapping[str, Any], user: str, number: int, scale: Scale) -> dict[str, Any]:
    account = counted_on(own.get("user") or user, number // scale.resources)
    # nise changes what it reads: no two may share a part.
    return {**copy.deepcopy(dict(own)), "user": account, "resource_id": f"{own['resource_id']}{suffix(number)}"}


@dataclass(frozen=True)
class Scaled:
    """The CUR of the hours ``[start, end)`` of a month for a larger report.

    ``seed`` is what nise made of the small ``report`` for the first of these hours, up to ``seeded``. ``own`` maps
    accounts to those that the file has in their place.
    """

    seed: Path
    report: Mapping[str, Any]
    scale: Scale
    start: datetime
    seeded: datetime
    end: datetime
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return rows_an_hour(self.report) * self.scale.copies * hours(self.start, self.end)

    def write(self, target: Sink, part: range | None = None) -> int:
        """Write the rows of these numbers (all by default) with a header; how many they are.

        Raises:
            Blocked: pyarrow is not installed.
            HarnessError: a row is not the same in every hour.
        """
        entries: Sequence[Mapping[str, Any]] = self.report["generators"]
        return multiply(
            self.seed,
            target,
            blocks=[Block((rows_an_hour({"generators": [entry]}),), outer=self.scale.copies) for entry in entries],
            layout=self._layout(),
            seed_hours=_hours(self.start, self.seeded),
            hours=_hours(self.start, self.end),
            part=part,
        )

    def _layout(self) -> Layout:
        return Layout(
            hours={
                "identity/TimeInterval": lambda hour: f"{_stamp(hour)}/{_stamp(hour + _HOUR)}",
                "lineItem/UsageStartDate": str,
                "lineItem/UsageEndDate": lambda hour: str(hour + _HOUR),
            },
            numbers=("lineItem/ResourceId",),
            steps={_USER: self._user, PAYER: lambda payer, _step: self.own.get(payer, payer)},
            steps_every=self.scale.resources,
            unique=("identity/LineItemId",),
        )

    def _user(self, account: str, step: int) -> str:
        user = counted_on(account, step)
        return self.own.get(user, user)


def _hours(first: datetime, last: datetime) -> list[datetime]:
    return [first + number * _HOUR for number in range(hours(first, last))]


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
