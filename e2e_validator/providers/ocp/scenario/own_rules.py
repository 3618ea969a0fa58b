"""The rules of OpenShift's scenarios, put together (``scenario.source_type.SourceRules``)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario.cost_model import CostModelFile, InlineCostModel
from e2e_validator.providers.ocp.scenario.data_load import load_data
from e2e_validator.providers.ocp.scenario.deviation_names import DEVIATION_NAMES
from e2e_validator.providers.ocp.scenario.money_load import load_money
from e2e_validator.providers.ocp.scenario.nise_model import Generator, NiseReport
from e2e_validator.providers.ocp.scenario.scale_rules import ScaleFactors
from e2e_validator.providers.ocp.scenario.starter import starter
from e2e_validator.scenario.document import Document
from e2e_validator.scenario.source_type import Prices, SourceData, SourceRules


class OpenShiftRules:
    """See ``SourceRules``."""

    deviations = DEVIATION_NAMES

    def starter(self, name: str, file: str, schema: str) -> str:
        """See ``SourceRules``."""
        return starter(name, file, schema)

    def load_data(
        self, document: Document, *, fixtures: Path, today: date, problems: list[Problem], warnings: list[Problem]
    ) -> SourceData:
        """See ``SourceRules``."""
        return load_data(document, fixtures, today, problems, warnings)

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
        return load_money(
            document, fixtures=fixtures, today=today, report=data.report, months=months, problems=problems
        )

    def report_models(self) -> Sequence[type[BaseModel]]:
        """A report, or a list of generators."""
        return Generator, NiseReport

    def scale_models(self) -> Sequence[type[BaseModel]]:
        """Factors for nodes and pods."""
        return (ScaleFactors,)

    def price_models(self) -> Sequence[type[BaseModel]]:
        """A file, or the API's own body."""
        return CostModelFile, InlineCostModel


RULES: SourceRules = OpenShiftRules()
