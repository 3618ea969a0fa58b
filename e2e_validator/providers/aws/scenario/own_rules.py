"""The rules of AWS's scenarios, put together (``scenario.source_type.SourceRules``)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from e2e_validator.errors import Problem
from e2e_validator.providers.aws.scenario.data_load import load_data
from e2e_validator.providers.aws.scenario.deviation_names import DEVIATION_NAMES
from e2e_validator.providers.aws.scenario.hand_rules import check_costs
from e2e_validator.providers.aws.scenario.keys import data_keys
from e2e_validator.providers.aws.scenario.nise_model import CostReport
from e2e_validator.providers.aws.scenario.prices import MarkupModel, load_prices
from e2e_validator.providers.aws.scenario.scale_rules import CostFactors
from e2e_validator.providers.aws.scenario.starter import starter
from e2e_validator.scenario.document import Document
from e2e_validator.scenario.source_type import Prices, SourceData, SourceRules


class CloudRules:
    """See ``SourceRules``."""

    deviations = DEVIATION_NAMES

    def starter(self, name: str, file: str, schema: str) -> str:
        """See ``SourceRules``."""
        return starter(name, file, schema)

    def load_data(
        self, document: Document, *, fixtures: Path, today: date, problems: list[Problem], warnings: list[Problem]
    ) -> SourceData:
        """See ``SourceRules``."""
        del warnings
        found = load_data(document, fixtures, today, problems)
        return replace(found, keys=data_keys(document, found, problems))

    def load_prices(
        self,
        document: Document,
        *,
        fixtures: Path,
        today: date,
        data: SourceData,
        months: Collection[str],
        problems: list[Problem],
    ) -> Prices:
        """See ``SourceRules``."""
        del fixtures, today, data, months
        problems += check_costs(document)
        return load_prices(document, problems)

    def report_models(self) -> Sequence[type[BaseModel]]:
        """A report of nise."""
        return (CostReport,)

    def scale_models(self) -> Sequence[type[BaseModel]]:
        """Factors for accounts and resources."""
        return (CostFactors,)

    def price_models(self) -> Sequence[type[BaseModel]]:
        """A markup."""
        return (MarkupModel,)


RULES: SourceRules = CloudRules()
