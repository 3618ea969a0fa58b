"""A deployment that charges: sources with cost models, what their days cost, and what the reports say of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from patience import ANSWER_SECONDS
from standin_deployment import Claim, Deployment, Payload, Pod

SUMMARY = "reporting_ocpusagelineitem_daily_summary"
SPAN = {"start_date": "2026-11-01", "end_date": "2026-11-21", "filter[resolution]": "monthly"}


@dataclass(frozen=True)
class Shop:
    """A deployment and its cost models."""

    koku: Deployment
    url: str

    def call(self, method: str, path: str, status: int, body: Any = None, **query: Any) -> dict[str, Any]:
        """Ask the API; the status must be this one."""
        answer = requests.request(method, self.url + path, json=body, params=query, timeout=ANSWER_SECONDS)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def source(self, *pods: Pod, claims: list[Claim] | None = None, rates: dict[str, Any] | None = None) -> str:
        """A source with the day of these pods, priced with a cost model if there are rates."""
        cluster = f"c-{uuid.uuid4().hex[:8]}"
        source = self.koku.create_source(cluster)
        if rates is not None:
            self.create(source, **rates)
        self.koku.ingest(source, Payload(cluster, list(pods), claims or []).pack())
        return source

    def create(self, source: str, **said: Any) -> dict[str, Any]:
        """POST a cost model for the source."""
        return self.call("POST", "cost-models/", 201, model(source, **said))

    @contextmanager
    def cost_step(self, source: str) -> Iterator[None]:
        """Wait at the end of the block for the cost step that it starts."""
        query = "SELECT max(derived_cost_datetime) AS at FROM reporting_ocpusagereportperiod WHERE provider_id = %s"
        before = self.koku.row(query, source)["at"]
        yield
        self.koku.wait_for(lambda: self.koku.row(query, source)["at"] > before)
        # The pages are emptied after that, and a chain goes on.
        self.koku.wait_for(self._idle)

    def _idle(self) -> bool:
        running = self.koku.masu("running_celery_tasks/").json()["active_tasks"]
        return not running and not any(self.koku.masu("celery_queue_lengths/").json().values())

    def price(self, source: str, **dates: str) -> None:
        """Run the cost step through masu."""
        with self.cost_step(source):
            answer = self.koku.masu("update_cost_model_costs/", schema="org1234567", provider_uuid=source, **dates)
            assert answer.status_code == 200, answer.text

    def summarise(self, source: str) -> None:
        """Summarise and price through masu."""
        with self.cost_step(source):
            self.koku.masu("report_data/", schema="org1234567", provider_uuid=source, start_date="2026-11-01")

    def replace(self, key: str, source: str, **said: Any) -> dict[str, Any]:
        """PUT a cost model."""
        with self.cost_step(source):
            return self.call("PUT", f"cost-models/{key}/", 200, model(source, **said))

    def cluster(self, source: str) -> str:
        """The cluster of a source."""
        return str(self.koku.row("SELECT name FROM api_provider WHERE uuid = %s", source)["name"])

    def costs(self, source: str, group: str = "") -> dict[str, Any]:
        """``meta.total`` of the costs, or ``cost`` by the name of each group."""
        query = SPAN | {"filter[cluster]": self.cluster(source)} | ({f"group_by[{group}]": "*"} if group else {})
        body = self.call("GET", "reports/openshift/costs/", 200, **query)
        if not group:
            found: dict[str, Any] = body["meta"]["total"]
            return found
        name = group.removeprefix("tag:")
        return {item[name]: item["values"][0] for month in body["data"] for item in month[f"{name}s"]}

    def paid(self, source: str) -> dict[str, float]:
        """The sum of each kind of cost row: rate type and monthly type -> money."""
        rows = self.koku.rows(
            "SELECT concat_ws('/', cost_model_rate_type, monthly_cost_type) AS kind,"
            " sum(coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)"
            f" + coalesce(cost_model_volume_cost, 0) + coalesce(distributed_cost, 0)) AS cost FROM {SUMMARY}"
            " WHERE source_uuid = %s AND cost_model_rate_type IS NOT NULL GROUP BY kind",
            source,
        )
        return {row["kind"]: round(float(row["cost"]), 9) for row in rows}


def rate(metric: str, value: float, cost_type: str = "Infrastructure") -> dict[str, Any]:
    """A rate with one tier."""
    return {"metric": {"name": metric}, "cost_type": cost_type, "tiered_rates": [{"unit": "USD", "value": value}]}


def tag_rate(metric: str, default: str | None = None, key: str = "app", **values: float) -> dict[str, Any]:
    """A supplementary rate by the values of a tag."""
    tags = [{"tag_value": tag, "unit": "USD", "value": cost, "default": tag == default} for tag, cost in values.items()]
    return {
        "metric": {"name": metric},
        "cost_type": "Supplementary",
        "tag_rates": {"tag_key": key, "tag_values": tags},
    }


def model(
    source: str, *, rates: list[dict[str, Any]], distribution: str = "cpu", shared: bool = True
) -> dict[str, Any]:
    """The body of a cost model with a markup of 10 percent."""
    info = {"distribution_type": distribution, "platform_cost": shared, "worker_cost": shared}
    return {
        "name": f"for {source}", "description": "", "source_type": "OCP", "source_uuids": [source], "rates": rates,
        "distribution": distribution, "distribution_info": info, "markup": {"value": 10, "unit": "percent"},
    }  # fmt: skip


def value(parts: dict[str, Any], name: str = "total") -> float:
    """A figure of an answer, to six places."""
    return round(float(parts[name]["value"]), 6)
