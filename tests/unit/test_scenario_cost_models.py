"""A cost model in a file of its own, one that charges nothing, and the days on which its price list holds."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from e2e_validator.errors import ScenarioError
from e2e_validator.providers.ocp.scenario.cost_model import DEFAULT_EFFECTIVE_DATES, METRICS, TAG_METRICS, request_body
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.schema import schema
from e2e_validator.scenario.source_type import EffectiveDates

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
ONE_POD = "data: {template: one_pod.yml}\nperiod: {start: month-1m+4d, end: month-1m+5d}\n"
TAGGED = "{tag_key: environment, tag_values: [{tag_value: a, unit: USD, value: 1, default: false}]}"


def load(folder: Path, text: str, *, fixtures: Path = FIXTURES) -> LoadedScenario:
    (folder / "x.yaml").write_text(text)
    return load_scenario(folder / "x.yaml", fixtures=fixtures, today=TODAY)


def complaints(folder: Path, text: str, *, fixtures: Path = FIXTURES) -> list[str]:
    """The problems of ``text`` without the folder."""
    with pytest.raises(ScenarioError) as caught:
        load(folder, text, fixtures=fixtures)
    return [
        str(problem).replace(f"{folder}/x.yaml:", "").replace(f"{folder}/", "") for problem in caught.value.problems
    ]


def rates(*given: str) -> str:
    """A scenario of one pod whose cost model has these rates, each "METRIC" at 1 USD, without distribution."""
    lines = [
        f"    - {{metric: {{name: {one}}}, cost_type: Infrastructure, tiered_rates: [{{unit: USD, value: 1}}]}}\n"
        for one in given
    ]
    return "version: 1\nname: x\ndescription: Why.\n" + ONE_POD + "cost_model:\n  rates:\n" + "".join(lines)


FROM_FILE = "version: 1\nname: x\ndescription: Why.\n" + ONE_POD + "cost_model: {file: mine.json}\n"


def with_file(folder: Path, content: str) -> Path:
    """Fixtures with our templates and one cost model."""
    (folder / "cost_models").mkdir()
    (folder / "cost_models" / "mine.json").write_text(content)
    (folder / "nise").symlink_to(FIXTURES / "nise")
    return folder


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{\n  "rates": [\n    {"metric": {"name": "cpu"}}\n  ]\n}', ["3:5  missing key 'cost_type' in rates[0]; Infrastructure or Supplementary", "3:5  rates[0] has none of tiered_rates and tag_rates; exactly one of tiered_rates and tag_rates is needed", f"3:25  rates[0].metric.name: 'cpu' is not a metric; known: {', '.join(METRICS)}"]),
        ('{\n  "rates": [],\n  "price_list": {}\n}', ["3:3  unknown key 'price_list' in the cost model; known: currency, distribution, distribution_info, markup, rates"]),
        ('{\n  "markup": {"value": 1, "unit": "percent"}\n}', ["1:1  missing key 'rates' in the cost model; the rates; [] charges nothing"]),
        ('{"rates": [], "rates": []}', ["1:15  key 'rates' is given twice in the scenario; the first is on line 1"]),
        ("[]", ["1:1  the cost model: a list is not a mapping"]),
        ("", ["1:1  the file is empty; start with 'version: 1'"]),
        ('{"rates": [}', ["1:12  not valid YAML: expected the node content, but found '}'"]),
    ],
)  # fmt: skip
def test_a_mistake_in_a_cost_model_file_is_told_in_the_file(tmp_path: Path, content: str, complaint: list[str]) -> None:
    found = complaints(tmp_path, FROM_FILE, fixtures=with_file(tmp_path, content))
    assert found == [f"cost_models/mine.json:{one}" for one in complaint]


def test_a_missing_cost_model_file_names_the_one_there_is(tmp_path: Path) -> None:
    fixtures = with_file(tmp_path, "{}")
    text = FROM_FILE.replace("mine.json", "mien.json")
    assert complaints(tmp_path, text, fixtures=fixtures) == [
        "6:20  cost_model.file: there is no mien.json in cost_models; did you mean 'mine.json'?"
    ]
    text = FROM_FILE.replace("mine.json", "../mine.json")
    assert complaints(tmp_path, text, fixtures=fixtures) == [
        "6:20  cost_model.file: '../mine.json' is not a path inside fixtures/; write it relative, without '..'"
    ]


def test_a_files_tag_rate_key_is_enabled_by_the_scenario(tmp_path: Path) -> None:
    rate = {"metric": {"name": TAG_METRICS[0]}, "cost_type": "Infrastructure", "tag_rates": yaml.safe_load(TAGGED)}
    fixtures = with_file(tmp_path, json.dumps({"rates": [rate]}, indent=1))
    assert complaints(tmp_path, FROM_FILE, fixtures=fixtures) == [
        (
            "cost_models/mine.json:9:16  rates[0].tag_rates.tag_key: 'environment' is not in the scenario's enable_tags;"
            " Koku drops the labels of a key that is not enabled"
        )
    ]


def test_an_empty_cost_model_is_none_at_all(tmp_path: Path) -> None:
    text = "version: 1\nname: x\ndescription: Why.\n" + ONE_POD
    assert complaints(tmp_path, text + "cost_model:\n") == ["6:12  cost_model: is empty; write file or rates"]
    assert complaints(tmp_path, text + "cost_model: full\n") == ["6:13  cost_model: 'full' is not a mapping"]


NOTHING = "6:1  the cost model charges nothing: {}; write expect: {{costs: zero}} if that is meant"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("{rates: []}", "it has no rates"),
        ("{rates: [], markup: {value: 10, unit: percent}}", "it has no rates"),
        ("{rates: [{metric: {name: pvc_cost_per_month}, cost_type: Infrastructure, tiered_rates: [{unit: USD, value: 1}]}]}", "the data have nothing that its rates are for"),
        ("{rates: [{metric: {name: storage_gb_usage_per_month}, cost_type: Infrastructure, tag_rates: {tag_key: app, tag_values: [{tag_value: web, unit: USD, value: 1, default: true}]}}]}\nenable_tags: [app]", "the data have nothing that its rates are for"),
        ("{rates: [{metric: {name: cpu_core_usage_per_hour}, cost_type: Infrastructure, tag_rates: {tag_key: app, tag_values: [{tag_value: wbe, unit: USD, value: 1, default: false}]}}]}\nenable_tags: [app]", "the data have nothing that its rates are for"),
        ("{rates: [{metric: {name: cpu_core_usage_per_hour}, cost_type: Infrastructure, tag_rates: {tag_key: app, tag_values: [{tag_value: web, unit: USD, value: 0, default: false}]}}]}\nenable_tags: [app]", "the data have nothing that its rates are for"),
    ],
)  # fmt: skip
def test_a_cost_model_that_charges_nothing_must_be_meant(tmp_path: Path, model: str, reason: str) -> None:
    text = "version: 1\nname: x\ndescription: Why.\n" + ONE_POD + f"cost_model: {model}\n"
    assert complaints(tmp_path, text) == [NOTHING.format(reason)]
    loaded = load(tmp_path, text + "expect: {costs: zero}\n")
    assert loaded.scenario.expect.costs is not None
    assert loaded.scenario.expect.costs.zero


@pytest.mark.parametrize(
    "values",
    ["{tag_value: web, unit: USD, value: 1, default: false}", "{tag_value: x, unit: USD, value: 1, default: true}"],
)
def test_a_tag_rate_charges_the_datas_values_or_all_by_default(tmp_path: Path, values: str) -> None:
    rate = f"{{metric: {{name: cpu_core_usage_per_hour}}, cost_type: Infrastructure, tag_rates: {{tag_key: app, tag_values: [{values}]}}}}"
    text = f"version: 1\nname: x\ndescription: Why.\n{ONE_POD}enable_tags: [app]\ncost_model: {{rates: [{rate}]}}\n"
    assert load(tmp_path, text).cost_model is not None


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_can_be_charged(tmp_path: Path, metric: str) -> None:
    text = rates(metric).replace("one_pod.yml", "volumes.yml")
    body = load(tmp_path, text).cost_model
    assert body is not None
    assert body["rates"][0]["metric"] == {"name": metric}


def test_costs_need_a_cost_model(tmp_path: Path) -> None:
    text = "version: 1\nname: x\ndescription: Why.\n" + ONE_POD
    assert complaints(tmp_path, text + "expect: {costs: {total: '0'}}\n") == [
        "6:10  expect.costs without a cost_model; every cost is 0 then"
    ]
    costs = load(tmp_path, text + "expect: {costs: zero}\n").scenario.expect.costs
    assert costs is not None
    assert costs.zero


def test_a_price_list_needs_rates(tmp_path: Path) -> None:
    text = "version: 1\nname: x\ndescription: Why.\n" + ONE_POD
    text += "cost_model: {rates: [], price_list: {start: month}}\nexpect: {costs: zero}\n"
    assert complaints(tmp_path, text) == [
        "6:25  cost_model.price_list without rates; Koku makes no price list without rates"
    ]


@pytest.mark.parametrize(
    ("dates", "effective", "zero"),
    [
        ("{start: month-1m}", EffectiveDates(date(2026, 10, 1), DEFAULT_EFFECTIVE_DATES.end), False),
        ("{end: month}", EffectiveDates(DEFAULT_EFFECTIVE_DATES.start, date(2026, 10, 31)), False),
        ("{start: 2026-10-01, end: 2026-11-01}", EffectiveDates(date(2026, 10, 1), date(2026, 10, 31)), False),
        ("{start: month}", EffectiveDates(date(2026, 11, 1), DEFAULT_EFFECTIVE_DATES.end), True),
        ("{end: month-1m}", EffectiveDates(DEFAULT_EFFECTIVE_DATES.start, date(2026, 9, 30)), True),
    ],
)
def test_the_days_of_a_price_list_are_koku_s(tmp_path: Path, dates: str, effective: EffectiveDates, zero: bool) -> None:
    text = rates("cpu_core_usage_per_hour") + f"  price_list: {dates}\n"
    assert load(tmp_path, text + ("expect: {costs: zero}\n" if zero else "")).price_list == effective
    (other,) = complaints(tmp_path, text + ("" if zero else "expect: {costs: zero}\n"))
    assert ("charges nothing" if zero else "charges these data") in other


def test_of_recorded_payloads_only_dates_and_rates_are_known(tmp_path: Path) -> None:
    text = rates("pvc_cost_per_month").replace(
        ONE_POD, "data: {payloads: recordings/one_pod_day}\nenable_tags: [any]\n"
    )
    assert load(tmp_path, text).enable_tags == ("any",)
    assert complaints(tmp_path, text + "  price_list: {end: month}\n") == [
        (
            "6:1  the cost model charges nothing: its price list holds from 2026-03-01 to 2026-10-31, the data are of"
            " 2026-11; write expect: {costs: zero} if that is meant"
        )
    ]


def test_a_changed_cost_model_file_is_seen(tmp_path: Path) -> None:
    fixtures = with_file(tmp_path, '{"rates": []}')
    text = FROM_FILE + "expect: {costs: zero}\n"
    before = load(tmp_path, text, fixtures=fixtures)
    (fixtures / "cost_models" / "mine.json").write_text('{"rates": [], "distribution": "memory"}')
    after = load(tmp_path, text, fixtures=fixtures)
    assert before.sha256 == after.sha256
    assert before.data_sha256 != after.data_sha256


@given(digits=st.integers(1, 10**15 - 1), decimals=st.integers(0, 10))
def test_a_number_is_sent_as_it_was_written(digits: int, decimals: int) -> None:
    number = Decimal(digits).scaleb(-decimals)
    sent = json.dumps(request_body({"rates": [{"value": number}]}))
    assert json.loads(sent, parse_float=Decimal, parse_int=Decimal) == {"rates": [{"value": number}]}


@pytest.mark.parametrize("path", sorted((FIXTURES / "cost_models").glob("*.json")), ids=lambda path: path.stem)
def test_a_cost_model_file_is_json_and_fits_the_schema(path: Path) -> None:
    whole = schema() | {"$ref": "#/$defs/InlineCostModel"}
    for key in ("properties", "required", "additionalProperties", "anyOf", "type"):
        whole.pop(key)
    jsonschema.Draft202012Validator(whole).validate(json.loads(path.read_text()))
