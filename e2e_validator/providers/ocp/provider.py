"""OpenShift as a source type: what ``engine.provider.Provider`` asks for, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from e2e_validator.access.life import ManifestRow
from e2e_validator.engine.context import Context
from e2e_validator.engine.delivery import ByIngressBucket
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import Asked, Compared, FilesBeside, Provider
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.stock import Item
from e2e_validator.errors import Problem
from e2e_validator.expect.stage import judge
from e2e_validator.providers.ocp import generating, hand_figures, ros, showing
from e2e_validator.providers.ocp.comparing import COMPARED
from e2e_validator.providers.ocp.control.neighbour import OpenShiftNeighbour
from e2e_validator.providers.ocp.declared import declared_by, recorded
from e2e_validator.providers.ocp.expect.command import expect_json, expect_text
from e2e_validator.providers.ocp.expect.deviations.text import deviation_list, deviation_markdown
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.explain import explain_expectation
from e2e_validator.providers.ocp.expect.report_types import detect
from e2e_validator.providers.ocp.expect.surface.question import report_path
from e2e_validator.providers.ocp.flow import FLOW
from e2e_validator.providers.ocp.generate.tarball import pack
from e2e_validator.providers.ocp.names import NAMES, TYPE
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.providers.ocp.prices import cost_model_of, set_prices
from e2e_validator.providers.ocp.reports import LIMIT, days, look_before, parameters
from e2e_validator.providers.ocp.scenario.own_rules import RULES
from e2e_validator.providers.ocp.stages import payload_stage, rate_stage, summary_stage, ui_stage
from e2e_validator.providers.ocp.surface import look_as_a_user


class OpenShift:
    """Sources of type OCP; their key is the cluster id."""

    type = TYPE
    names = NAMES
    control = OpenShiftNeighbour()
    delivery = ByIngressBucket()
    flow = FLOW
    rules = RULES

    def source_body(self, name: str, key: str) -> dict[str, Any]:
        """See ``Provider``."""
        return {
            "name": name,
            "source_type": self.type,
            "authentication": {"credentials": {"cluster_id": key}},
            "billing_source": {"data_source": {}},
        }

    def read_expectation(self, path: Path) -> Expectation:
        """See ``Provider``."""
        return Expectation.read(path)

    def prepare(self, context: Context, *, again: bool) -> list[str]:
        """The cost model and the enabled tag keys; and a first look at the reports, where the scenario asks for it."""
        facts = set_prices(context, again=again)
        if context.loaded.scenario.look_before:
            look_before(context)
            facts.append("no figures in the reports yet")
        return facts

    def generate(self, context: Context) -> Outcome:
        """See ``Provider``."""
        return generating.generate(context)

    def rehearse(self, context: Context) -> None:
        """See ``Provider``."""
        generating.make(context)

    def contradictions(self, context: Context) -> list[Problem]:
        """Costs that were worked out by hand."""
        plan = context.plan
        return hand_figures.contradictions(context.loaded, own_expectation(context), plan.first_day, plan.last_day)

    def pack(self, sent: SentPayload, damage: str | None) -> None:
        """See ``Provider``."""
        pack(Path(sent.payload_folder), Path(sent.tarball), damage)

    def compare_payloads(self, context: Context, sent: Sequence[SentPayload]) -> str:
        """See ``Provider``."""
        return judge([payload_stage(context, one) for one in sent])

    def misnoted(self, sent: SentPayload, manifest: ManifestRow) -> Iterator[str]:
        """See ``Provider``."""
        return recorded(manifest, declared_by(Path(sent.payload_folder)))

    def check_files_beside(self, context: Context) -> None:
        """The bucket for resource optimisation."""
        ros.check(context)

    def files_beside(self, context: Context, provider_uuid: str) -> FilesBeside | None:
        """The bucket for resource optimisation."""
        return ros.files_beside(context, provider_uuid)

    def kept(self, context: Context) -> Sequence[Item]:
        """Nothing that does not name the source."""
        del context
        return ()

    def before_upload(self, context: Context) -> None:
        """Ask the reports what a user asks who waits for the data."""
        look_as_a_user(context)

    def compare(self, context: Context) -> Compared:
        """See ``Provider``."""
        return COMPARED[context.base](context)

    def show(self, context: Context) -> Outcome:
        """See ``Provider``."""
        return showing.show(context)

    def verify(self, context: Context) -> None:
        """See ``Provider``."""
        payload = context.payload_index
        judge([summary_stage(context, payload), rate_stage(context, payload), ui_stage(context, payload)])

    def asked_by_others(self, context: Context) -> dict[str, dict[str, Any]]:
        """Costs and usage of the scenario's days."""
        span = days(context)
        return {report_path(report): parameters(context, "total", span, LIMIT) for report in ("costs", "compute")}

    def explain(self, context: Context) -> str:
        """See ``Provider``."""
        return explain_expectation(own_expectation(context), cost_model_of(context.loaded))

    def expected_figures(self, asked: Asked) -> Mapping[str, Any]:
        """See ``expect.command.expect_json``."""
        return expect_json(asked.payloads, asked.cost_model, asked.enabled_tags, asked.today, asked.platform)

    def expected_text(self, asked: Asked) -> str:
        """See ``Provider``."""
        return expect_text(asked.payloads, asked.cost_model, asked.enabled_tags, asked.today, asked.platform)

    def known_deviations(self, *, markdown: bool) -> str:
        """See ``Provider``."""
        return deviation_markdown() if markdown else deviation_list()

    def kinds_of_files(self, folder: Path) -> dict[str, str]:
        """The kind of each CSV file, by its header."""
        kinds = {}
        for file in sorted(folder.glob("*.csv")):
            with file.open(encoding="utf-8") as stream:
                kind = detect(stream.readline().strip().split(","))
            if kind is not None:
                kinds[file.name] = kind.name
        return kinds


PROVIDER: Provider = OpenShift()
