"""The ledger's verdict: the first stage that differs is named, and nothing at all is never equal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import FakeDatabase, context, sent
from psycopg import sql

from e2e_validator.access.database import Database
from e2e_validator.engine.context import Context
from e2e_validator.errors import GaveUp, HarnessError, NumbersDiffer
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES
from e2e_validator.providers.ocp.expect.summary import HIGHEST, LABELLED, SUMMED
from e2e_validator.providers.ocp.stages import (
    archive_stages,
    label_stage,
    line_item_stages,
    payload_stage,
    stage,
    summary_stage,
)

USAGE = "pod_usage_cpu_core_seconds"
ONE: Measures = {("pod_usage", "2026-11-05"): {"rows": Decimal(24), USAGE: Decimal(43200)}}
ARCHIVED: Measures = {(*key, "2026-11"): row for key, row in ONE.items()}


def changed(**fields: Decimal) -> Measures:
    return {key: row | fields for key, row in ONE.items()}


def stages(*actual: Measures) -> list[Stage]:
    names = ("CSV -> payload 1", "payload -> line items", "line items -> daily summary")
    return [stage(name, ONE, measures) for name, measures in zip(names, actual, strict=False)]


def test_equal_stages_are_listed_with_what_was_compared() -> None:
    assert judge(stages(ONE, ONE)).splitlines() == [
        "CSV -> payload 1: ok (24 rows, 1 sums)",
        "payload -> line items: ok (24 rows, 1 sums)",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (changed(**{USAGE: Decimal(43201)}), f"{USAGE} is 43201, expected 43200"),
        (changed(rows=Decimal(25)), "rows is 25, expected 24"),
        ({}, "the row is missing"),
        ({("pod_usage", "2026-11-05"): {"rows": Decimal(24)}}, f"{USAGE} is -, expected 43200"),
        (ONE | {("pod_usage", "2026-11-06"): {"rows": Decimal(24)}}, "2026-11-06: the row is extra"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_first_stage_that_differs_is_the_finding(wrong: Measures, said: str, place: int) -> None:
    """Those after it repeat it, so they differ here too."""
    found = stages(*[ONE] * place, *[wrong] * (3 - place))
    with pytest.raises(NumbersDiffer) as failure:
        judge(found)
    assert failure.value.headline.startswith(f"{found[place].name}: 1 figure differs; ")
    assert said in failure.value.headline
    assert all(stage.name in failure.value.detail for stage in found)


def test_several_differences_are_counted_and_the_largest_is_told() -> None:
    with pytest.raises(NumbersDiffer, match=r"^payload -> line items: 2 figures differ; .*rows is 240, expected 24"):
        judge(stages(ONE, changed(rows=Decimal(240), **{USAGE: Decimal(43201)})))


@pytest.mark.parametrize("place", [0, 1])
def test_a_stage_with_nothing_on_either_side_is_no_equality(place: int) -> None:
    found = stages(ONE, ONE)
    found[place] = stage("payload -> line items", {}, {})
    with pytest.raises(HarnessError, match="nothing was compared"):
        judge(found)


def test_costs_may_be_none_on_both_sides_but_not_on_one() -> None:
    assert judge([stage("costs", {}, {}, may_be_empty=True)]) == "costs: ok (0 rows, 0 sums)"
    with pytest.raises(NumbersDiffer):
        judge([stage("costs", {}, ONE, may_be_empty=True)])


class Rows(FakeDatabase):
    """Answers with the rows of the table that a statement names; a table that is not given does not exist."""

    def __init__(self, **tables: list[dict[str, Any]]) -> None:
        super().__init__()
        self.tables: dict[str, list[dict[str, Any]]] = {"reporting_enabledtagkeys": []} | tables
        self.asked: list[tuple[str, Any]] = []
        self.real = Database(context(Path()).target)

    def line_item_tables(self) -> list[str]:
        return [name for name in self.tables if name.startswith("openshift")]

    def rows(self, statement: sql.Composed, parameters: Any = ()) -> list[dict[str, Any]]:
        text = statement.as_string(None)
        self.asked.append((text, parameters))
        return next(rows for name, rows in self.tables.items() if f'."{name}"' in text)


def reading(folder: Path, database: Rows, **expected: Measures) -> Context:
    the_context = context(folder, "api")
    the_context.clients = cast("Any", SimpleNamespace(database=database, objects=the_context.clients.objects))
    whole = {"payload": ONE, "archive": ARCHIVED, "line_items": ONE, "daily_line_items": ONE, "summary": ONE} | expected
    the_context.__dict__["expectation"] = Expectation("c", "c", ("uuid-1",), (whole,), touched=(("2026-11-05",),))
    return the_context


def row(rows: int = 24, **numbers: Any) -> dict[str, Any]:
    """A row of a grouped line item table; what is not given is NULL."""
    nothing = dict.fromkeys(REPORT_TYPES["pod_usage"].line_item_numbers)
    return {"day": "2026-11-05", "rows": rows} | nothing | numbers


def test_line_items_are_read_raw_and_daily_of_this_source_alone(tmp_path: Path) -> None:
    database = Rows(
        openshift_pod_usage_line_items=[row(24, **{USAGE: Decimal(43200)})],
        openshift_pod_usage_line_items_daily=[row(1, **{USAGE: Decimal(43200)})],
    )
    raw, daily = line_item_stages(reading(tmp_path, database), 1)
    assert (raw.actual, raw.name) == (ONE, "payload -> line items")
    assert daily.actual == {("pod_usage", "2026-11-05"): {"rows": Decimal(1), USAGE: Decimal(43200)}}
    assert {parameters[0] for _, parameters in database.asked} == {"provider-1"}
    assert all("WHERE source = %s GROUP BY 1" in text for text, _ in database.asked)


def test_a_column_of_nulls_is_absent_and_differs_from_0(tmp_path: Path) -> None:
    zero: Measures = {("pod_usage", "2026-11-05"): {"rows": Decimal(24), USAGE: Decimal(0)}}
    database = Rows(openshift_pod_usage_line_items=[row()], openshift_pod_usage_line_items_daily=[row()])
    found = line_item_stages(reading(tmp_path, database, line_items=zero), 1)
    assert found[0].actual == {("pod_usage", "2026-11-05"): {"rows": Decimal(24)}}
    with pytest.raises(NumbersDiffer):
        judge(found[:1])


def test_a_line_item_table_that_does_not_exist_is_a_difference(tmp_path: Path) -> None:
    with pytest.raises(NumbersDiffer, match=r"payload -> line items: .*the row is missing"):
        judge(line_item_stages(reading(tmp_path, Rows()), 1))


def test_the_summary_is_read_without_cost_rows_and_null_absent(tmp_path: Path) -> None:
    nothing = dict.fromkeys((*SUMMED, *HIGHEST))
    keys = {"day": "2026-11-05", "data_source": "Pod", "namespace": "app", "node": "n1", "persistentvolumeclaim": None}
    database = Rows(reporting_ocpusagelineitem_daily_summary=[keys | nothing | {SUMMED[0]: Decimal(12)}])
    stage = summary_stage(reading(tmp_path, database), 1)
    assert stage.actual == {("2026-11-05", "Pod", "app", "n1", ""): {SUMMED[0]: Decimal(12)}}
    text, parameters = database.asked[0]
    assert ("cost_model_rate_type IS NULL" in text, parameters) == (True, ["provider-1"])


def test_what_nodes_have_left_is_compared_like_any_row(tmp_path: Path) -> None:
    """Of a project that nobody owns: in neither side may it be left out."""
    nothing = dict.fromkeys((*SUMMED, *HIGHEST))
    left = {"day": "2026-11-05", "data_source": "Pod", "namespace": "Worker unallocated", "node": "n1"}
    row = left | {"persistentvolumeclaim": None} | nothing | {SUMMED[0]: Decimal(5)}
    want: Measures = {("2026-11-05", "Pod", "Worker unallocated", "n1", ""): {SUMMED[0]: Decimal(4)}}
    database = Rows(reporting_ocpusagelineitem_daily_summary=[row])
    stage = summary_stage(reading(tmp_path, database, summary=want), 1)
    assert "unallocated" not in database.asked[0][0]
    with pytest.raises(NumbersDiffer, match=r"Worker unallocated / n1: .* is 5, expected 4"):
        judge([stage])


def labelled(labels: str | None, everything: str | None, *, namespace: str = "app", usage: int = 4) -> dict[str, Any]:
    keys = {"day": "2026-11-05", "data_source": "Pod", "namespace": namespace, "node": "n1"}
    numbers = dict.fromkeys(LABELLED) | {LABELLED[0]: Decimal(usage)}
    return keys | {"persistentvolumeclaim": None, "labels": labels or "", "all_labels": everything or ""} | numbers


def with_labels(labels: str, *, namespace: str = "app") -> Measures:
    return {("2026-11-05", "Pod", namespace, "n1", "", labels): {LABELLED[0]: Decimal(4)}}


ENV = '{"env": "prod"}'


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (labelled('{"env": "stage"}', '{"env": "stage"}'), "the row is (missing|extra)"),
        (labelled('{"env": "prod", "team": "a"}', '{"env": "prod", "team": "a"}'), "the row is (missing|extra)"),
        (labelled(ENV, "{}"), "the row is (missing|extra)"),
        (labelled("{}", "{}"), "the row is (missing|extra)"),
        (labelled(None, "{}"), "the row is (missing|extra)"),
        (labelled(ENV, ENV, usage=5), "is 5, expected 4"),
    ],
)
def test_rows_of_the_summary_are_told_apart_by_their_labels(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    database = Rows(reporting_ocpusagelineitem_daily_summary=[row])
    stage = label_stage(reading(tmp_path, database, summary_by_label=with_labels(ENV)), 1)
    with pytest.raises(NumbersDiffer, match=f"^line items -> labels of the daily summary: .*{said}"):
        judge([stage])


def test_labels_are_equal_in_any_order_and_the_rest_has_none(tmp_path: Path) -> None:
    """A row without labels is one of {}, one that cannot have any is NULL."""
    two, turned = '{"a": "1", "env": "prod"}', '{"env": "prod", "a": "1"}'
    rows = [labelled(turned, turned), labelled(None, "{}", namespace="Worker unallocated", usage=7)]
    want = with_labels(two) | with_labels("", namespace="Worker unallocated")
    stage = label_stage(
        reading(tmp_path, Rows(reporting_ocpusagelineitem_daily_summary=rows), summary_by_label=want), 1
    )
    assert judge([stage]).endswith("ok (2 rows, 1 sums)")


class Store:
    """Objects of one bucket: key -> content and manifest id."""

    ingress, archive = "ocp-ingress", "koku-bucket"

    def __init__(self, **stored: tuple[bytes, str | None]) -> None:
        self.stored = stored

    def keys(self, _bucket: str, prefix: str) -> list[str]:
        assert prefix == "data/csv/org1234567/OCP/source=provider-1/"
        return [f"{prefix}year=2026/month=11/{name}" for name in self.stored]

    def read_with_manifest_id(self, _bucket: str, key: str) -> tuple[bytes, str | None]:
        return self.stored[key.rpartition("/")[2]]

    def read(self, _bucket: str, key: str) -> bytes:
        return self.stored[key][0]


NODE = b"report_period_start,report_period_end,interval_start,interval_end,node,node_labels\n"
HOUR = b"2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,%s,2026-11-05 00:59:59 +0000 UTC,n1,label_a:b\n"
NODES = NODE + HOUR % b"2026-11-05 00:00:00 +0000 UTC"


def test_the_archive_of_a_manifest_is_its_own_objects(tmp_path: Path) -> None:
    """An earlier payload of the month has its objects below the same prefix."""
    the_context = reading(tmp_path, Rows(), archive={("node_labels", "2026-11-05", "2026-11"): {"rows": Decimal(1)}})
    store = Store(own=(NODES, "10"), earlier=(NODES, "9"), nobodys=(NODES, None), alike=(NODES, "100"))
    the_context.clients = cast("Any", SimpleNamespace(objects=store))
    stage, _ = archive_stages(the_context, sent(1), 10)
    assert stage.actual == {("node_labels", "2026-11-05", "2026-11"): {"rows": Decimal(1)}}
    assert judge([stage]) == "payload 1 -> archive: ok (1 rows, 0 sums)"


@pytest.mark.parametrize(
    ("second", "content", "rows"),
    [
        ("node_labels.2026-11-05.10.1.csv", NODES, 1),  # archived again, as after an interruption
        ("node_labels.2026-11-05.10.1.csv", NODES + HOUR % b"2026-11-05 01:00:00 +0000 UTC", 3),
        ("node_labels.2026-11-06.10.0.csv", NODES, 2),
        ("openshift_report.1.csv", NODES, 2),
    ],
)
def test_the_same_bytes_of_the_same_type_and_day_count_once(
    tmp_path: Path, second: str, content: bytes, rows: int
) -> None:
    the_context = reading(tmp_path, Rows())
    store = Store(**{"node_labels.2026-11-05.10.0.csv": (NODES, "10"), second: (content, "10")})
    the_context.clients = cast("Any", SimpleNamespace(objects=store))
    stage, _ = archive_stages(the_context, sent(1), 10)
    assert stage.actual == {("node_labels", "2026-11-05", "2026-11"): {"rows": Decimal(rows)}}


def test_an_archive_without_the_manifests_objects_differs(tmp_path: Path) -> None:
    the_context = reading(tmp_path, Rows())
    the_context.clients = cast("Any", SimpleNamespace(objects=Store(earlier=(NODES, "9"))))
    with pytest.raises(NumbersDiffer, match=r"^payload 1 -> archive: 1 figure differs"):
        judge(archive_stages(the_context, sent(1), 10)[:1])


def test_an_object_that_is_no_payload_any_more_is_said_to_be_so(tmp_path: Path) -> None:
    the_context = reading(tmp_path, Rows())
    store = Store(**{sent(1).object_key: (b"no gzip", None)})
    the_context.clients = cast("Any", SimpleNamespace(objects=store))
    with pytest.raises(GaveUp, match=r"the object cluster/1.tar.gz is no payload any more"):
        payload_stage(the_context, sent(1))
