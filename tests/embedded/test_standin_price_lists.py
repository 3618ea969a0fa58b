"""Several price lists of one cost model, on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from standin_deployment import Deployment, Pod
from standin_shop import Shop, rate

from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with EmbeddedStack.start(today=date(2026, 11, 21), report_dir=tmp_path) as stack:
        deployment = Deployment(stack, tmp_path / "embedded")
        yield Shop(deployment, stack.endpoints.koku_url)
        deployment.conn.close()


def test_the_first_price_list_that_covers_the_month_is_taken(
    shop: Shop,
) -> None:
    """Their rates are not added up (docs/contract/koku.md 6.4); where it ends the next one goes on."""
    source = shop.source(Pod("pod1", "app-a", "n1", (0.5, 1, 2), (1, 2, 4), (4, 16)))
    shown = shop.create(source, rates=[rate("cluster_cost_per_month", 60)], shared=False)
    key, first = shown["uuid"], shown["price_lists"][0]["uuid"]
    second = str(shop.koku.row(
        "INSERT INTO price_list (name, description, currency, effective_start_date, effective_end_date, enabled,"
        " version, rates, created_timestamp, updated_timestamp) SELECT 'second', '', currency, effective_start_date,"
        " effective_end_date, true, 1, '[]', now(), now() FROM price_list WHERE uuid = %s RETURNING uuid", first
    )["uuid"])  # fmt: skip
    shop.koku.conn.execute(
        "INSERT INTO cost_model_rate (custom_name, description, metric, metric_type, cost_type, default_rate, tag_key,"
        " tag_values, created_timestamp, updated_timestamp, price_list_id) SELECT custom_name, description, metric,"
        " metric_type, cost_type, 3 * default_rate, tag_key, tag_values, now(), now(), %s FROM cost_model_rate"
        " WHERE price_list_id = %s",
        [second, first],
    )
    shop.koku.conn.execute(
        "INSERT INTO price_list_cost_model_map (priority, cost_model_id, price_list_id) VALUES (2, %s, %s)",
        [key, second],
    )
    paid = []
    for priority, start in ((1, "2026-11-01"), (3, "2026-11-01"), (1, "2026-12-01")):
        shop.koku.conn.execute(
            "UPDATE price_list_cost_model_map SET priority = %s WHERE price_list_id = %s", [priority, first]
        )
        shop.koku.conn.execute("UPDATE price_list SET effective_start_date = %s WHERE uuid = %s", [start, first])
        shop.price(source)
        paid.append(shop.paid(source)["Infrastructure/Cluster"])
    assert paid == [2.0, 6.0, 6.0]
