# ruff: noqa: E501 - a mistake and its sentence are one line each
"""What people write first: each sentence says what to write in its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.providers.ocp.scenario.starter import starter
from e2e_validator.scenario.dates import DateError, resolve
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plain_values import boolean_hint, number_hint, number_in

GOOD = starter("mine", "mine.yaml", "schema")
TODAY = date(2026, 11, 21)
POD = "data.nise.nodes[0].namespaces.shop.pods[0]"
PERIOD = "{start: month-1m+4d, end: month-1m+6d}"
LABELS = "labels: label_environment:production|label_app:web"
TIER = "tiered_rates: [{unit: USD, value: 0.007}]"
METRIC = "{name: cpu_core_usage_per_hour}"
ALONE = GOOD[: GOOD.index("data:")]


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with the scenario ``text``, without the places."""
    path = folder / "mine.yaml"
    path.write_text(text)
    try:
        loaded = load_scenario(path, fixtures=folder / "fixtures", today=TODAY)
    except ScenarioError as error:
        return [f"{one.what}; {one.hint}" for one in error.problems]
    return [f"{one.what}; {one.hint}" for one in loaded.warnings]


def test_the_scenario_that_one_begins_with_is_right(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("{full_period: 1} ", "0.5 ", f"{POD}.cpu_usage: 0.5 is not a mapping; write {{full_period: 0.5}}"),
        ("{full_period: 1} ", "500m ", f"{POD}.cpu_usage: '500m' is not a mapping; write {{full_period: 0.5}}"),
        ("mem_usage_gig: {full_period: 2}", "mem_usage_gig: 2Gi", f"{POD}.mem_usage_gig: '2Gi' is not a mapping; write {{full_period: 2}}"),
        ("cpu_request: 2", "cpu_request: '2'", f"{POD}.cpu_request: '2' is not a number; write it without quotes"),
        ("cpu_request: 2", "cpu_request: 500m", f"{POD}.cpu_request: '500m' is not a number; write 0.5"),
        ("cpu_request: 2", "cpu_request: 0,5", f"{POD}.cpu_request: '0,5' is not a number; write 0.5"),
        ("memory_gig: 32", "memory_gig: 32Gi", "data.nise.nodes[0].memory_gig: '32Gi' is not a number; write 32"),
        ("mem_request_gig: 4", "mem_request_gig: 512Mi", f"{POD}.mem_request_gig: '512Mi' is not a number; write 0.5"),
        ("cpu_cores: 8 ", "cpu_cores: 8 cores ", "data.nise.nodes[0].cpu_cores: '8 cores' is not a number; write 8"),
        ("cpu_cores: 8 ", "cpu_cores: many ", "data.nise.nodes[0].cpu_cores: 'many' is not a number; write a plain number"),
        ("pod_seconds: 3600", "pod_seconds: 1h", f"{POD}.pod_seconds: '1h' is not a whole number; write 3600"),
        ("pod_seconds: 3600", "pod_seconds: 3600.0", f"{POD}.pod_seconds: 3600.0 is not a whole number; write 3600"),
        (LABELS, "labels: {environment: production}", f"{POD}.labels: labels are one text, not a mapping; write label_environment:production"),
        (LABELS, "labels: [environment=production, app=web]", f"{POD}.labels: labels are one text, not a list; write label_environment:production|label_app:web"),
        ("version: 1", "version: 1\ntype: ocp", "'type' is not allowed in the scenario; write source: {type: OCP}"),
        ("version: 1", "version: 1\nsource: {type: ocp}", "source.type: 'ocp' is not one of AWS, OCP; did you mean 'OCP'?"),
        ("version: 1", "version: 1\nsource: OCP", "source: 'OCP' is not a mapping; write source: {type: OCP}, or leave the key out"),
        ("version: 1", "version: 1\nsource: {create: 'no'}", "source.create: 'no' is not true or false; write false"),
        ("version: 1", "version: '1'", "version: '1' is not a version this validator reads; write version: 1"),
        (PERIOD, "last month", "period: 'last month' is not a mapping; write period: {start: month-1m, end: month-1m+1d}"),
        (PERIOD, "[2026-10-05, 2026-10-06]", "period: a list is not a mapping; write period: {start: month-1m, end: month-1m+1d}"),
        (PERIOD, "{start: 20261005, end: month}", "period.start: 20261005 is not a date; write 2026-10-05"),
        (PERIOD, "{start: 2026-10-05 00:00, end: month}", "period.start: '2026-10-05 00:00' is not a date; write 2026-10-05T00:00"),
        ("tags: [example]", "tags: example", "tags: 'example' is not a list; write tags: [smoke]"),
        ("tags: [example]", "tags: {team: mine}", "tags: a mapping is not a list; write tags: [smoke]"),
        ("enable_tags: [environment]", "enable_tags: [label_environment]", "enable_tags[0]: no label of the data has the key 'label_environment'; did you mean 'environment'?"),
        ("          shop:                    # a project, by its name", "          - name: shop", "data.nise.nodes[0].namespaces: a list is not a mapping; write each as a key: {my-project: {pods: [...]}}"),
        ("              - pod_name: web", "                pod_name: web", "data.nise.nodes[0].namespaces.shop.pods: a mapping is not a list; begin each item with '- '"),
        ("                labels: label_environment:production|label_app:web\n", "                volumes: []\n", f"'volumes' in {POD} has no effect; it belongs to a namespace, beside its pods"),
        ("  nise:\n", "", "'nodes' is not allowed in data; it belongs into nise: {nodes: ...}"),
        ("  nise:\n", "  nise:\n   OCPGenerator:\n", "data.nise: the key 'generators' is missing; write generators: with '- OCPGenerator: {nodes: [...]}' below it, or nodes: alone"),
        ("    nodes:\n", "    clusters:\n", "missing key 'nodes' in data.nise; the nodes; nise would choose a value itself"),
        (f"metric: {METRIC}", "metric: cpu_core_usage_per_hour", f"cost_model.rates[0].metric: 'cpu_core_usage_per_hour' is not a mapping; write {METRIC}"),
        (TIER, "tiered_rates: 0.007", f"cost_model.rates[0].tiered_rates: 0.007 is not a list; write {TIER}"),
        (TIER, "tiered_rates: {unit: USD, value: 0.007}", "cost_model.rates[0].tiered_rates: a mapping is not a list; begin each item with '- '"),
        ("value: 0.007", "value: $0.007", "cost_model.rates[0].tiered_rates[0].value: '$0.007' is not a number; write 0.007"),
        ("  distribution: cpu", "  markup: 10", "cost_model.markup: 10 is not a mapping; write markup: {value: 10, unit: percent}"),
        ("  distribution: cpu", "  markup: {value: 10%, unit: percent}", "cost_model.markup.value: '10%' is not a number; write 10"),
        ("cost_model:\n", "cost_model:\n  data: []\n", "'data' is not allowed in cost_model; this is a list of cost models: write one of its data"),
        ("# expect:\n#   costs: {total: '12.50'}", "expect: {costs: 12.5}", "expect.costs: 12.5 is not a mapping; write costs: {total: '12.50'}"),
        ("# expect:\n#   costs: {total: '12.50'}", "expect: {costs: {total: 12.50}}", "expect.costs.total: 12.50 is not text: YAML reads it as 12.5; write '12.50'"),
        ("# expect:\n#   costs: {total: '12.50'}", "uploads: 2", "uploads: 2 is not a list; write uploads: [{period: {start: month-1m, end: month-1m+1d}}]"),
        ("  nise:", "\tnise:", "not valid YAML: found character '\\t' that cannot start any token; indent with spaces, not with tabs"),
        ("        memory_gig: 32", "       memory_gig: 32", "not valid YAML: expected <block end>, but found '<block mapping start>'; the keys of one thing begin in the same column, and each item of a list with '- '"),
        ("      - node_name: node-1", "      node_name: node-1", "not valid YAML: mapping values are not allowed here; indent the keys of one thing alike, and put a text with ': ' in quotes"),
        ("cpu_request: 2", "cpu_request:2", "not valid YAML: could not find expected ':'; write a blank after the colon of each key"),
        ("name: mine", "name: @mine", "not valid YAML: found character '@' that cannot start any token; put the text in quotes"),
    ],
)  # fmt: skip
def test_what_is_written_first_is_answered_with_what_to_write(
    tmp_path: Path, written: str, instead: str, said: str
) -> None:
    assert written in GOOD
    assert said in problems(tmp_path, GOOD.replace(written, instead, 1))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("data:\n", "data: is empty; write data: {template: one_pod.yml}, or data: {nise: ...}"),
        ("data: one_pod.yml\n", "data: 'one_pod.yml' is not a mapping; write data: {template: one_pod.yml}, or data: {nise: ...}"),
        ("data: {template: fixtures/nise/one_pod.yml}\n", "; write one_pod.yml"),
        ("data: {template: one_pod.yml}\n---\nversion: 1\n", "not valid YAML: expected a single document in the stream, but found another document; write one scenario into each file, without '---'"),
    ],
)  # fmt: skip
def test_data_that_is_named_otherwise(tmp_path: Path, data: str, said: str) -> None:
    assert any(problem.endswith(said) for problem in problems(tmp_path, ALONE + data))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("yesterday", "write today-1d"),
        ("today-2", "write today-2d"),
        ("Today - 2d", "write today-2d"),
        ("month -1m + 4", "write month-1m+4d"),
        ("2026-10-05 12:00:00", "write 2026-10-05T12:00"),
        ("2026-10-05T00:00:00Z", "write no time zone: dates are UTC"),
        ("2026/10/5", "write 2026-10-05"),
        ("05/10/2026", "write 2026-11-05, 2026-11-05T12:00, today-2d or month-1m+4d"),
        ("soon", "write 2026-11-05, 2026-11-05T12:00, today-2d or month-1m+4d"),
    ],
)
def test_a_date_is_answered_with_the_one_that_is_meant(text: str, hint: str) -> None:
    with pytest.raises(DateError) as wrong:
        resolve(text, TODAY)
    assert wrong.value.hint == hint


@pytest.mark.parametrize(
    ("value", "number"),
    [("1Ti", "1024"), ("2GiB", "2"), ("1024Ki", "0.0009765625"), ("€3", "3"), ("10 %", "10"), ("1000000", "1000000")],
)
def test_a_unit_is_counted_in_cores_or_gib(value: str, number: str) -> None:
    assert number_in(value) == number


@pytest.mark.parametrize("value", ["", "1.2.3", "Gi", "half", None, 3, ["1"]])
def test_what_is_no_number_gives_none(value: object) -> None:
    assert number_in(value) == ""


def test_units_of_time_are_seconds_where_whole_numbers_are_due() -> None:
    assert [number_hint(text, whole=True) for text in ("1h", "5min", "30s", "x")] == [
        "write 3600", "write 300", "write 30", "write a plain number",
    ]  # fmt: skip
    assert [boolean_hint(value) for value in ("yes", "No", "true", 0, "perhaps", None)] == [
        "write true", "write false", "write true", "write false", "", "",
    ]  # fmt: skip
