"""AWS as a source type: what ``engine.provider.Provider`` asks for, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from e2e_validator.access.life import ManifestRow
from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import Asked, Compared, ControlSource, FilesBeside, Provider
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.stock import Item
from e2e_validator.errors import Problem, UsageError
from e2e_validator.expect.stage import judge
from e2e_validator.providers.aws import explaining, generating, hand_figures, showing
from e2e_validator.providers.aws.comparing import COMPARED, archive_stages
from e2e_validator.providers.aws.delivery import ByOwnBucket
from e2e_validator.providers.aws.expect.command import expect_json, expect_text
from e2e_validator.providers.aws.expect.deviations.text import deviation_list, deviation_markdown
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.question import COSTS, PATHS
from e2e_validator.providers.aws.flow import FLOW
from e2e_validator.providers.aws.kept_values import kept_values
from e2e_validator.providers.aws.key_switching import settle_keys
from e2e_validator.providers.aws.names import NAMES, TYPE
from e2e_validator.providers.aws.packages import package_stages
from e2e_validator.providers.aws.prices import set_prices
from e2e_validator.providers.aws.scenario.own_rules import RULES
from e2e_validator.providers.aws.tables import summary_stages, ui_stage


class Aws:
    """Sources of type AWS; their key is also the name of their bucket."""

    type = TYPE
    names = NAMES
    control: ControlSource | None = None
    delivery = ByOwnBucket()
    flow = FLOW
    rules = RULES

    def source_body(self, name: str, key: str) -> dict[str, Any]:
        """See ``Provider``."""
        return {
            "name": name,
            "source_type": self.type,
            "authentication": {"credentials": {"role_arn": f"arn:aws:iam::123456789012:role/{key}"}},
            "billing_source": {"data_source": {"bucket": key}},
        }

    def read_expectation(self, path: Path) -> Expectation:
        """See ``Provider``."""
        return Expectation.read(path)

    def prepare(self, context: Context, *, again: bool) -> list[str]:
        """The keys that the scenario has enabled and disabled, and the markup."""
        return [*settle_keys(context), *set_prices(context, again=again)]

    def generate(self, context: Context) -> Outcome:
        """See ``Provider``."""
        return generating.generate(context)

    def rehearse(self, context: Context) -> None:
        """See ``Provider``."""
        generating.make(context)

    def contradictions(self, context: Context) -> list[Problem]:
        """Costs that were worked out by hand."""
        return hand_figures.contradictions(context)

    def pack(self, sent: SentPayload, damage: str | None) -> None:
        """Nothing: the files are what is uploaded."""

    def compare_payloads(self, context: Context, sent: Sequence[SentPayload]) -> str:
        """See ``Provider``."""
        return judge(package_stages(context, sent))

    def misnoted(self, sent: SentPayload, manifest: ManifestRow) -> Iterator[str]:
        """The month and the names of the files (docs/contract/clouds.md 2)."""
        folder = Path(sent.tarball).parent.name
        month = f"{folder[:4]}-{folder[4:6]}"
        if manifest.month is None or f"{manifest.month:%Y-%m}" != month:
            yield f"manifest.billing_period_start_datetime is {manifest.month}, the assembly is of {month}"
        wanted = {f"{sent.uuid}-{path.name}" for path in Path(sent.tarball).parent.joinpath(sent.uuid).iterdir()}
        for report in manifest.reports:
            if report.name not in wanted:
                yield f"report status {report.name} names no file of the assembly"

    def check_files_beside(self, context: Context) -> None:
        """There are none."""

    def files_beside(self, context: Context, provider_uuid: str) -> FilesBeside | None:
        """There are none."""
        del context, provider_uuid
        return None

    def kept(self, context: Context) -> Sequence[Item]:
        """The values of its tags."""
        return kept_values(context)

    def before_upload(self, context: Context) -> None:
        """Nothing."""

    def compare(self, context: Context) -> Compared:
        """See ``Provider``."""
        return COMPARED[context.base](context)

    def show(self, context: Context) -> Outcome:
        """See ``Provider``."""
        return showing.show(context)

    def verify(self, context: Context) -> None:
        """See ``Provider``."""
        payload = context.payload_index
        judge([*archive_stages(context, payload), *summary_stages(context, payload), ui_stage(context, payload)])

    def asked_by_others(self, context: Context) -> dict[str, dict[str, Any]]:
        """Costs of the scenario's days."""
        span = {"start_date": context.plan.first_day.isoformat(), "end_date": context.plan.last_day.isoformat()}
        return {PATHS[COSTS]: span | {"filter[resolution]": "monthly"}}

    def explain(self, context: Context) -> str:
        """See ``Provider``."""
        return explaining.explain(context)

    def expected_figures(self, asked: Asked) -> Mapping[str, Any]:
        """See ``expect.command.expect_json``."""
        return expect_json(*_asked(asked))

    def expected_text(self, asked: Asked) -> str:
        """See ``Provider``."""
        return expect_text(*_asked(asked))

    def known_deviations(self, *, markdown: bool) -> str:
        """See ``Provider``."""
        return deviation_markdown() if markdown else deviation_list()

    def kinds_of_files(self, folder: Path) -> dict[str, str]:
        """None: all files are of one kind."""
        del folder
        return {}


def _asked(asked: Asked) -> tuple[Sequence[Path], Path | None, Sequence[str], date | None]:
    if asked.platform:
        raise UsageError(f"Sources of type {TYPE} know no cost groups: --platform cannot be given.")
    return asked.payloads, asked.cost_model, asked.enabled_tags, asked.today


PROVIDER: Provider = Aws()
