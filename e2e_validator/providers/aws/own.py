"""What a context holds that is this source type's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from e2e_validator.engine.context import Context
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.whole_file import write_whole

_ACCOUNTS = "accounts.json"


def own_expectation(context: Context) -> Expectation:
    """The scenario's expectation, as this source type has written it."""
    return cast("Expectation", context.expectation)


def accounts_of(context: Context) -> tuple[str, ...]:
    """The accounts that this run's data are of, and no other's; none where the data could not be given such."""
    return tuple(sorted(own_accounts(context).values()))


def own_accounts(context: Context) -> dict[str, str]:
    """The run's account for each that the scenario writes."""
    file = context.folder / _ACCOUNTS
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def note_accounts(folder: Path, accounts: Mapping[str, str]) -> None:
    """Write them down, once the data are made."""
    write_whole(folder / _ACCOUNTS, json.dumps(dict(accounts), sort_keys=True))
