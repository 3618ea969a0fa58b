"""The files of an assembly before they are laid down: rows in memory, or a small file that is multiplied on the way."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from e2e_validator.providers.aws.cost_file.columns import PAYER
from e2e_validator.providers.aws.generate import accounts as run_accounts
from e2e_validator.providers.aws.generate.scale import Scaled, accounts_of
from e2e_validator.providers.aws.generate.table import Table


class DataFile(Protocol):
    """One file of an assembly."""

    @property
    def payer(self) -> str:
        """The account that pays, as the scenario has it; nothing for a file without rows."""

    def accounts(self) -> set[str]:
        """The accounts that pay or use, as the scenario has them."""

    def write(self, path: Path, own: Mapping[str, str]) -> int:
        """Write it as gzip, with the run's ``own`` accounts in place of the scenario's; the number of its rows."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """Rows that are in memory."""

    table: Table

    @property
    def payer(self) -> str:
        """See ``DataFile``."""
        return next((row.get(PAYER, "") for row in self.table.rows), "")

    def accounts(self) -> set[str]:
        """See ``DataFile``."""
        return run_accounts.accounts_in([self.table])

    def write(self, path: Path, own: Mapping[str, str]) -> int:
        """See ``DataFile``."""
        run_accounts.with_accounts(self.table, own).write(path)
        return len(self.table.rows)


@dataclass(frozen=True, slots=True)
class ScaledFile:
    """A part of what a small file is multiplied to, which is never in memory as a whole."""

    whole: Scaled
    part: range

    @property
    def payer(self) -> str:
        """See ``DataFile``."""
        return str(self.whole.report["accounts"]["payer"])

    def accounts(self) -> set[str]:
        """See ``DataFile``."""
        return accounts_of(self.whole.report, self.whole.scale)

    def write(self, path: Path, own: Mapping[str, str]) -> int:
        """See ``DataFile``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as out:
            return replace(self.whole, own=own).write(out, self.part)
