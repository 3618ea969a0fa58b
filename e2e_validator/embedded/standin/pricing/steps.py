"""The steps of pricing, in Koku's order, over some days of one month (docs/contract/koku.md 3.10, 6.4)."""

from __future__ import annotations

import json
import logging
from calendar import monthrange
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.partitions import SUMMARY
from e2e_validator.embedded.standin.pricing.metrics import METRICS, MONTHLY_METRICS, NOT_PRICED, USAGE_METRICS
from e2e_validator.embedded.standin.pricing.rates import COST_TYPES, CostModel, Rates, TagRate
from e2e_validator.embedded.standin.summary.range import SummaryRange
from e2e_validator.embedded.standin.summary.scripts import script

_IN_RANGE = f"DELETE FROM {SUMMARY} WHERE report_period_id = %(period)s AND usage_start BETWEEN %(start)s AND %(end)s"
# The column of the daily summary that a rate by tag multiplies; core hours of the cluster have none and cost nothing.
_TAG_USAGE = {
    "cpu_core_usage_per_hour": ("cpu", "pod_usage_cpu_core_hours"),
    "cpu_core_request_per_hour": ("cpu", "pod_request_cpu_core_hours"),
    "cpu_core_effective_usage_per_hour": ("cpu", "pod_effective_usage_cpu_core_hours"),
    "memory_gb_usage_per_hour": ("memory", "pod_usage_memory_gigabyte_hours"),
    "memory_gb_request_per_hour": ("memory", "pod_request_memory_gigabyte_hours"),
    "memory_gb_effective_usage_per_hour": ("memory", "pod_effective_usage_memory_gigabyte_hours"),
    "storage_gb_usage_per_month": ("storage", "persistentvolumeclaim_usage_gigabyte_months"),
    "storage_gb_request_per_month": ("storage", "volume_request_storage_gigabyte_months"),
    "cluster_core_cost_per_hour": ("cpu", None),
}
_TAG_NODES = {
    "node_cost_per_month": "Node",
    "node_core_cost_per_month": "Node_Core_Month",
    "node_core_cost_per_hour": "Node_Core_Hour",
}
_DISTRIBUTIONS = {"platform_distributed": "platform_cost", "worker_distributed": "worker_cost"}


@dataclass(frozen=True, slots=True)
class Pricing:
    """One month's days of one source; without a cost model every step only removes what an earlier one left."""

    conn: Connection
    span: SummaryRange
    model: CostModel | None
    rates: Rates

    def run(self) -> None:
        """Price, mark up and distribute."""
        self._usage()
        self._monthly()
        self._tags()
        for name in sorted(self._metrics() & NOT_PRICED):
            log("the stand-in does not price this metric", level=logging.WARNING, metric=name)
        if self.model is not None and self.model.markup is not None:
            self._markup(self.model.markup)
        for rate_type, name in _DISTRIBUTIONS.items():
            self._distribution(rate_type, name)
        if self.model is not None and self.model.markup:
            # Koku marks up once more after the distribution, but not if the markup is 0: rows that distribute have a
            # markup of 0 then, else of NULL.
            self._markup(self.model.markup)

    def _metrics(self) -> set[str]:
        return {name for plain in self.rates.plain.values() for name in plain} | {
            rate.metric for rate in self.rates.tagged
        }

    def _run(self, statement: str | bytes | sql.Composed, **more: Any) -> None:
        distribution = self.model.distribution if self.model else "cpu"
        if isinstance(statement, str):
            statement = statement.encode()
        self.conn.execute(statement, self.span.parameters | {"distribution": distribution} | more)

    def _day_price(self, monthly: float) -> Decimal:
        return Decimal(monthly) / monthrange(self.span.start.year, self.span.start.month)[1]

    def _usage(self) -> None:
        for cost_type in COST_TYPES:
            self._run(
                f"{_IN_RANGE} AND source_uuid = %(source)s AND cost_model_rate_type = %(rate_type)s"
                " AND monthly_cost_type IS NULL",
                rate_type=cost_type,
            )
            found = {name: rate for name, rate in self.rates.plain[cost_type].items() if name in USAGE_METRICS}
            if found:
                log(f"populating {cost_type} usage costs", source=self.span.source)
                prices = {name: Decimal(str(found.get(name, 0))) for name in USAGE_METRICS}
                self._run(script("usage", "pricing"), rate_type=cost_type, **prices)

    def _monthly(self) -> None:
        infrastructure, supplementary = (self.rates.plain[cost_type] for cost_type in COST_TYPES)
        for monthly, metric in MONTHLY_METRICS.items():
            self._run(
                f"{_IN_RANGE} AND cost_model_rate_type IS NOT NULL AND monthly_cost_type = %(monthly)s", monthly=monthly
            )
            # One price is taken: that of the infrastructure, if there is one.
            rate = infrastructure.get(metric) or supplementary.get(metric)
            if not rate:
                continue
            log("populating monthly costs", cost_type=monthly, source=self.span.source)
            self._run(
                script("claims" if monthly == "PVC" else "monthly", "pricing"),
                rate_type=COST_TYPES[0] if infrastructure.get(metric) else COST_TYPES[1],
                monthly=monthly,
                price=self._day_price(rate),
            )

    def _tags(self) -> None:
        self._run(f"{_IN_RANGE} AND source_uuid = %(source)s AND monthly_cost_type IN ('Tag', 'Node_Core_Hour')")
        for rate in self.rates.tagged:
            if rate.metric in _TAG_USAGE:
                self._tag_usage(rate)
            elif rate.metric in _TAG_NODES:
                self._tag_nodes(rate, _TAG_NODES[rate.metric])
            elif METRICS[rate.metric].kind == "pvc":
                self._run(script("tag_claims", "pricing"), rate_type=rate.cost_type, **self._tag_prices(rate))

    def _tag_usage(self, rate: TagRate) -> None:
        kind, column = _TAG_USAGE[rate.metric]
        labels = sql.Identifier("volume_labels" if kind == "storage" else "pod_labels")
        usage = sql.Identifier(column) if column else sql.SQL("NULL::numeric")
        template = sql.SQL(script("tag_usage", "pricing").decode())
        named = {"rate_type": rate.cost_type, "kind": kind}
        by_value = template.format(
            labels=labels, usage=usage, kept=sql.SQL("%(pair)s::jsonb"), rows=sql.SQL("{} @> %(pair)s").format(labels)
        )
        for value, price in rate.prices.items():
            self._run(by_value, pair=Jsonb({rate.key: value}), rate=Decimal(str(price)), **named)
        if rate.default:
            rows = sql.SQL("{0} ? %(key)s AND {0} ->> %(key)s <> ALL (%(values)s)").format(labels)
            by_default = template.format(labels=labels, usage=usage, kept=labels, rows=rows)
            self._run(by_default, key=rate.key, values=list(rate.prices), rate=Decimal(str(rate.default)), **named)

    def _tag_prices(self, rate: TagRate, *, hourly: bool = False) -> dict[str, Any]:
        def price(number: float) -> Decimal:
            return Decimal(str(number)) if hourly else self._day_price(number)

        prices = {value: str(price(number)) for value, number in rate.prices.items()}
        return {"key": rate.key, "prices": json.dumps(prices), "default_price": price(rate.default)}

    def _tag_nodes(self, rate: TagRate, monthly: str) -> None:
        memory = self.model is not None and self.model.distribution == "memory"
        used, whole = ("memory", "gigabyte_hours") if memory else ("cpu", "core_hours")
        if monthly == "Node_Core_Hour":
            # Shared out by memory, pods pay by their core hours all the same, and what is left by its GiB hours.
            parts = {"used": "cpu", "left": f"({whole} - {used})"}
        else:
            cores = " * cores" if monthly == "Node_Core_Month" else ""
            parts = {"used": f"{used} / {whole}{cores}", "left": f"({whole} - {used}) / {whole}{cores}"}
        template = sql.SQL(script("tag_nodes", "pricing").decode())
        self._run(
            template.format(**{name: sql.SQL(text) for name, text in parts.items()}),
            rate_type=rate.cost_type,
            monthly=monthly,
            **self._tag_prices(rate, hourly=monthly == "Node_Core_Hour"),
        )

    def _markup(self, percent: Decimal) -> None:
        self._run(
            f"UPDATE {SUMMARY} SET infrastructure_markup_cost = coalesce(infrastructure_raw_cost, 0) * %(part)s,"
            " infrastructure_project_markup_cost = coalesce(infrastructure_project_raw_cost, 0) * %(part)s"
            " WHERE cluster_id = %(cluster)s AND usage_start BETWEEN %(start)s AND %(end)s",
            part=percent / 100,
        )

    def _distribution(self, rate_type: str, name: str) -> None:
        self._run(f"{_IN_RANGE} AND cost_model_rate_type = %(rate_type)s", rate_type=rate_type)
        if self.model is not None and (self.model.platform if name == "platform_cost" else self.model.worker):
            log(f"distributing {name}", source=self.span.source)
            self._run(script("distribution", "pricing"), rate_type=rate_type)
