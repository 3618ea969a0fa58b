"""Each mistake in the money of a scenario gives its sentence at its place, in the scenario or in the file it names."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.errors import ScenarioError
from e2e_validator.providers.ocp.scenario.cost_model import METRICS, TAG_METRICS, request_body
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.schema import schema
from e2e_validator.scenario.source_type import EffectiveDates

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
GOOD = """\
version: 1
name: x
description: Why.
period: {start: month-1m+4d, end: month-1m+5d}
data:
  template: team_cluster.yml
enable_tags: [environment]
cost_model:
  rates:
    - metric: {name: cpu_core_usage_per_hour}
      cost_type: Supplementary
      custom_name: cpu
      tiered_rates: [{unit: USD, value: 0.007}]
    - metric: {name: memory_gb_usage_per_hour}
      cost_type: Infrastructure
      tag_rates:
        tag_key: environment
        tag_values:
          - {tag_value: prod, unit: USD, value: 2, default: false}
          - {tag_value: stage, unit: USD, value: 1, default: true}
  markup: {value: -10.5, unit: percent}
  distribution: cpu
  distribution_info: {distribution_type: cpu, platform_cost: true, worker_cost: false}
  price_list: {start: month-2m, end: month+1m}
expect:
  costs:
    total: '12.50'
    by_project: {web: '3.1'}
"""
RATE = "cost_model.rates[0]"
TIER = "cost_model.rates[0].tiered_rates[0]"
TAGS = "cost_model.rates[1].tag_rates"
FIRST_ONLY = "Koku charges everything at the first tier: write one without limits"
TAGGED = "{tag_key: environment, tag_values: [{tag_value: a, unit: USD, value: 1, default: false}]}"
COSTS = "  costs:\n    total: '12.50'\n    by_project: {web: '3.1'}\n"
ONE_POD = "data: {template: one_pod.yml}\nperiod: {start: month-1m+4d, end: month-1m+5d}\n"


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


def test_the_file_the_mistakes_are_made_in_is_right(tmp_path: Path) -> None:
    loaded = load(tmp_path, GOOD)
    assert loaded.cost_model == {
        "rates": [
            {
                "metric": {"name": "cpu_core_usage_per_hour"},
                "cost_type": "Supplementary",
                "custom_name": "cpu",
                "tiered_rates": [{"unit": "USD", "value": Decimal("0.007")}],
            },
            {
                "metric": {"name": "memory_gb_usage_per_hour"},
                "cost_type": "Infrastructure",
                "tag_rates": {
                    "tag_key": "environment",
                    "tag_values": [
                        {"tag_value": "prod", "unit": "USD", "value": Decimal(2), "default": False},
                        {"tag_value": "stage", "unit": "USD", "value": Decimal(1), "default": True},
                    ],
                },
            },
        ],
        "markup": {"value": Decimal("-10.5"), "unit": "percent"},
        "distribution": "cpu",
        "distribution_info": {"distribution_type": "cpu", "platform_cost": True, "worker_cost": False},
        "currency": "USD",
    }
    assert loaded.price_list == EffectiveDates(date(2026, 9, 1), date(2026, 11, 30))
    assert loaded.enable_tags == ("environment",)
    costs = loaded.scenario.expect.costs
    assert costs is not None
    assert (costs.zero, costs.total, costs.by_project, costs.distributed) == (
        False,
        Decimal("12.50"),
        {"web": Decimal("3.1")},
        {},
    )


def test_a_scenario_without_money_has_none(tmp_path: Path) -> None:
    loaded = load(tmp_path, "version: 1\nname: x\ndescription: Why.\n" + ONE_POD)
    assert (loaded.cost_model, loaded.price_list, loaded.enable_tags) == (None, None, ())
    assert loaded.scenario.expect.costs is None


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("cpu_core_usage_per_hour", "cpu_core_use_per_hour", f"10:22  {RATE}.metric.name: 'cpu_core_use_per_hour' is not a metric; did you mean 'cpu_core_usage_per_hour'? known: {', '.join(METRICS)}"),
        ("cpu_core_usage_per_hour", "vm_cost_per_month", f"10:22  {RATE}.metric.name: 'vm_cost_per_month' is not allowed; rates of virtual machines come later"),
        ("cpu_core_usage_per_hour", "gpu_cost_per_month", f"10:22  {RATE}.metric.name: 'gpu_cost_per_month' is not allowed; rates of GPUs come later"),
        ("cpu_core_usage_per_hour", "project_per_month", f"10:22  {RATE}.metric.name: 'project_per_month' is not allowed; rates of projects come later"),
        ("{name: cpu_core_usage_per_hour}", "cpu_core_usage_per_hour", f"10:15  {RATE}.metric: 'cpu_core_usage_per_hour' is not a mapping; write {{name: cpu_core_usage_per_hour}}"),
        ("{name: cpu_core_usage_per_hour}", "{}", f"10:15  missing key 'name' in {RATE}.metric; metric, such as cpu_core_usage_per_hour"),
        ("Supplementary", "supplementary", f"11:18  {RATE}.cost_type: 'supplementary' is not one of Infrastructure, Supplementary; did you mean 'Supplementary'?"),
        ("      cost_type: Supplementary\n", "", f"10:7  missing key 'cost_type' in {RATE}; Infrastructure or Supplementary"),
        ("tiered_rates: [{unit: USD, value: 0.007}]", "tiered_rates: []", f"13:21  {RATE}.tiered_rates: is empty; at least one is needed"),
        ("      tiered_rates: [{unit: USD, value: 0.007}]\n", "", f"10:7  {RATE} has none of tiered_rates and tag_rates; exactly one of tiered_rates and tag_rates is needed"),
        ("tiered_rates: [{unit: USD, value: 0.007}]", "tiered_rates: [{unit: USD, value: 0.007}]\n      tag_rates: " + TAGGED, f"10:7  {RATE} has tiered_rates and tag_rates; exactly one of tiered_rates and tag_rates is needed"),
        ("[{unit: USD, value: 0.007}]", "[{unit: USD, value: 0.007}, {unit: USD, value: 1}]", f"13:21  {RATE}.tiered_rates: 2 tiers; Koku charges everything at the first one: write that one"),
        ("value: 0.007}", "value: 0.007, usage_end: 5}", f"13:59  {TIER}.usage_end: a tier with a limit; {FIRST_ONLY}"),
        ("value: 0.007}", "value: 0.007, usage: {usage_start: 5}}", f"13:69  {TIER}.usage.usage_start: a tier with a limit; {FIRST_ONLY}"),
        ("value: 0.007", "value: 0", f"13:41  {TIER}.value: 0 is not above 0; Koku refuses less than 0 and charges nothing for 0: leave the rate out"),
        ("value: 0.007", "value: -1", f"13:41  {TIER}.value: -1 is not above 0; Koku refuses less than 0 and charges nothing for 0: leave the rate out"),
        ("value: 0.007", "value: true", f"13:41  {TIER}.value: true is not a number; write it like 0.007"),
        ("value: 0.007", "value: .nan", f"13:41  {TIER}.value: NaN is not a finite number"),
        ("value: 0.007", "value: much", f"13:41  {TIER}.value: 'much' is not a number; write it like 0.007"),
        ("value: 0.007", "value:", f"13:40  {TIER}.value: is empty; write a number"),
        ("value: 0.007", "value: [1]", f"13:41  {TIER}.value: a list is not a number; write it like 0.007"),
        ("value: 0.007", "value: 0.00000000001", f"13:41  {TIER}.value: 1E-11 has too many digits; Koku takes 9 before the point and 10 after"),
        ("value: 0.007", "value: 1000000000", f"13:41  {TIER}.value: 1000000000 has too many digits; Koku takes 9 before the point and 10 after"),
        ("value: 0.007", "value: 123456.0000000001", f"13:41  {TIER}.value: 123456.0000000001 has more than 15 digits; a JSON number would not carry them exactly"),
        ("value: 0.007", 'value: "1e400000"', f"13:41  {TIER}.value: 1e400000 has too many digits; Koku takes 9 before the point and 10 after"),
        ("unit: USD, value: 0.007", "unit: EUR, value: 0.007", f"13:29  {TIER}.unit: 'EUR' is not USD; other currencies come later"),
        ("unit: USD, value: 0.007", "value: 0.007", f"13:22  missing key 'unit' in {TIER}; USD"),
        ("value: 2,", "value: -2,", f"19:49  {TAGS}.tag_values[0].value: -2 is below 0; Koku refuses it"),
        ("default: false", "default: true", f"20:62  {TAGS}.tag_values[1].default: a second default (first on line 19); Koku takes one for each key"),
        (", default: false", "", f"19:13  missing key 'default' in {TAGS}.tag_values[0]; true: also the price of every value that is not listed"),
        ("tag_value: stage", "tag_value: prod", f"20:25  {TAGS}.tag_values[1].tag_value: 'prod' is given twice (first on line 19); Koku refuses it"),
        ("tag_key: environment", "tag_key: app", f"17:18  {TAGS}.tag_key: 'app' is not in the scenario's enable_tags; Koku drops the labels of a key that is not enabled"),
        ("memory_gb_usage_per_hour", "node_cost_per_month", f"16:7  {TAGS}: tag rates of node_cost_per_month come later; now those of {', '.join(TAG_METRICS)}"),
        ("        tag_values:\n          - {tag_value: prod, unit: USD, value: 2, default: false}\n          - {tag_value: stage, unit: USD, value: 1, default: true}\n", "        tag_values: []\n", f"18:21  {TAGS}.tag_values: is empty; at least one is needed"),
        ("unit: percent", "unit: '%'", "21:32  cost_model.markup.unit: '%' is not one of percent"),
        ("unit: percent", "unit: Percent", "21:32  cost_model.markup.unit: 'Percent' is not one of percent; did you mean 'percent'?"),
        ("value: -10.5, ", "", "21:11  missing key 'value' in cost_model.markup; percent"),
        ("distribution: cpu\n", "distribution: cpus\n", "22:17  cost_model.distribution: 'cpus' is not one of cpu, memory; did you mean 'cpu'?"),
        ("distribution: cpu\n", "distribution: memory\n", "23:42  cost_model.distribution_info.distribution_type: it is cpu, but distribution is memory; Koku shows the one and charges by the other: write the same in both"),
        ("distribution: cpu\n  distribution_info: {distribution_type: cpu, ", "distribution: memory\n  distribution_info: {", "23:22  cost_model.distribution_info.distribution_type: it is cpu, but distribution is memory; Koku shows the one and charges by the other: write the same in both"),
        ("platform_cost: true", "platform: true", "23:47  unknown key 'platform' in cost_model.distribution_info; did you mean 'platform_cost'? (known: distribution_type, gpu_unallocated, network_unattributed, platform_cost, storage_unattributed, worker_cost)"),
        ("worker_cost: false", "worker_cost: 0", "23:81  cost_model.distribution_info.worker_cost: 0 is not true or false"),
        ("  markup:", "  price_list_uuids: []\n  markup:", "21:3  'price_list_uuids' is not allowed in cost_model; the price lists of others are not touched"),
        ("  markup:", "  curency: USD\n  markup:", "21:3  unknown key 'curency' in cost_model; did you mean 'currency'? (known: currency, distribution, distribution_info, markup, price_list, rates)"),
        ("  markup:", "  currency: EUR\n  markup:", "21:13  cost_model.currency: 'EUR' is not USD; other currencies come later"),
        ("custom_name: cpu", "name: cpu", f"12:7  'name' is not allowed in {RATE}; Koku does not read it: write custom_name"),
        ("custom_name: cpu", "custom_name: ccccccccccccccccccccccccccccccccccccccccccccccccccc", f"12:20  {RATE}.custom_name: has 51 characters; Koku takes at most 50"),
        ("      cost_type: Infrastructure", "      custom_name: cpu\n      cost_type: Infrastructure", "15:20  cost_model.rates[1].custom_name: 'cpu' is given twice (first on line 12); Koku refuses it"),
        ("    - metric: {name: memory_gb_usage_per_hour}", "    - metric: {name: cpu_core_usage_per_hour}\n      cost_type: Infrastructure\n      tag_rates: " + TAGGED + "\n    - metric: {name: cpu_core_usage_per_hour}", "20:18  the tag 'environment' has a second Infrastructure rate of cpu_core_usage_per_hour (first on line 16); Koku refuses it"),
        ("[environment]", "[environment, enviroment]", "7:28  enable_tags[1]: no label of the data has the key 'enviroment'; did you mean 'environment'?"),
        ("[environment]", "[environment, label_app]", "7:28  enable_tags[1]: no label of the data has the key 'label_app'; did you mean 'app'?"),
        ("[environment]", "[environment, zzz]", "7:28  enable_tags[1]: no label of the data has the key 'zzz'; their labels: app, environment, nodeclass, team"),
        ("[environment]", "[environment, environment]", "7:28  enable_tags[1]: 'environment' is given twice"),
        ("[environment]", "environment", "7:14  enable_tags: 'environment' is not a list; write enable_tags: [environment]"),
        ("[environment]", "[]", f"17:18  {TAGS}.tag_key: 'environment' is not in the scenario's enable_tags; Koku drops the labels of a key that is not enabled"),
        ("month-2m", "month-2m+1d", "24:23  cost_model.price_list.start: 2026-09-02 00:00 is not the first of a month; the API takes whole months: write month-1m"),
        ("month-2m", "today-1h", "24:23  cost_model.price_list.start: 2026-11-20 23:00 is not the first of a month; the API takes whole months: write month-1m"),
        ("month-2m", "soon", "24:23  cost_model.price_list.start: 'soon' is not a date; write 2026-11-05, 2026-11-05T12:00, today-2d or month-1m+4d"),
        ("{start: month-2m, end: month+1m}", "{}", "24:15  cost_model.price_list: is empty; write start, end or both"),
        ("{start: month-2m, end: month+1m}", "{start: month, end: month}", "24:35  cost_model.price_list.end: 2026-10-31 is before the start 2026-11-01; the end is the first day after"),
        ("{start: month-2m, end: month+1m}", "{start: month}", "8:1  the cost model charges nothing: its price list holds from 2026-11-01 to 2099-12-31, the data are of 2026-10; write expect: {costs: zero} if that is meant"),
        ("{start: month-2m, end: month+1m}", "{end: month-1m}", "8:1  the cost model charges nothing: its price list holds from 2026-03-01 to 2026-09-30, the data are of 2026-10; write expect: {costs: zero} if that is meant"),
        ("'12.50'", "12.50", "27:12  expect.costs.total: 12.50 is not text: YAML reads it as 12.5; write '12.50'"),
        ("'12.50'", "'12,50'", "27:12  expect.costs.total: '12,50' is not a decimal number; write '12.50'"),
        ("'12.50'", "'nan'", "27:12  expect.costs.total: 'nan' is not a decimal number; write '12.50'"),
        ("web: '3.1'", "wbe: '3.1'", "28:18  expect.costs.by_project: the data have no project 'wbe'; did you mean 'web'?"),
        ("web: '3.1'", "web: 3", "28:23  expect.costs.by_project.web: 3 is not text: YAML reads it as a number; write '3'"),
        ("    total: '12.50'\n    by_project: {web: '3.1'}\n", "    {}\n", "27:5  expect.costs: is empty; write total, by_project or distributed"),
        (COSTS, "  costs: none\n", "26:10  expect.costs: 'none' is neither 'zero' nor a mapping"),
        (COSTS, "  costs: zero\n", "26:10  expect.costs: zero, but the cost model charges these data; only no rates, or a price list for other months, charge nothing"),
        ("by_project: {web: '3.1'}", "by_group: {'service: a': '3.1'}", "28:5  expect.costs.by_group: a cluster has no bill; write by_project"),
        ("total:", "totl:", "27:5  unknown key 'totl' in expect.costs; did you mean 'total'? (known: by_group, by_project, by_type, distributed, total)"),
    ],
)  # fmt: skip
def test_a_mistake_about_money_is_told_at_its_place(tmp_path: Path, written: str, instead: str, complaint: str) -> None:
    assert written in GOOD
    assert complaints(tmp_path, GOOD.replace(written, instead, 1)) == [complaint]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("{distribution_type: cpu, ", "{"),
        ("value: 0.007", "value: '0.007'"),
        ("value: 0.007}", "value: 0.007, usage_start: , usage_end: , usage: {usage_start: , usage_end: , unit: USD}}"),
        ("value: 2,", "value: 0,"),
        ("      custom_name: cpu\n", "      description: For cpu.\n"),
        ("      custom_name: cpu\n", "      tag_rates:\n"),
        ("total: '12.50'", "total: '-12.50'"),
        ("{web: '3.1'}", "{Worker unallocated: '3.1'}"),
        (COSTS, "  costs: {distributed: {batch: '1'}}\n"),
        ("{start: month-2m, end: month+1m}", "{start: month-1m}"),
        ("{start: month-2m, end: month+1m}", "{end: month}"),
        ("[environment]", "[environment, app, team, nodeclass]"),
    ],
)
def test_what_the_api_takes_is_taken(tmp_path: Path, written: str, instead: str) -> None:
    assert written in GOOD
    body = load(tmp_path, GOOD.replace(written, instead, 1)).cost_model
    assert body is not None
    # Koku reads an empty tag_rates as one that is wrong.
    assert "null" not in json.dumps(request_body(body))


def test_a_file_is_the_whole_cost_model(tmp_path: Path) -> None:
    text = GOOD.replace("cost_model:\n", "cost_model:\n  file: team_full.json\n").replace(
        "  price_list: {start: month-2m, end: month+1m}\n", ""
    )
    assert complaints(tmp_path, text) == [
        "10:3  'rates' is not allowed in cost_model; the file has it",
        "22:3  'markup' is not allowed in cost_model; the file has it",
        "23:3  'distribution' is not allowed in cost_model; the file has it",
        "24:3  'distribution_info' is not allowed in cost_model; the file has it",
    ]


def test_nothing_of_a_rejected_payload_is_charged(tmp_path: Path) -> None:
    text = GOOD.replace("  costs:", "  rejected: {manifest: absent}\n  costs:") + "limits: {cost: 1m}\n"
    hint = "nothing of a rejected payload is charged"
    assert complaints(tmp_path, text) == [
        f"7:1  'enable_tags' is not allowed with expect.rejected; {hint}",
        f"8:1  'cost_model' is not allowed with expect.rejected; {hint}",
        f"27:3  'costs' is not allowed with expect.rejected; {hint}",
        "30:10  limits.cost has no effect; a scenario that expects a rejection has no such phase",
    ]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("cpu_core_usage_per_hour", "vm_cost_per_month"),
        ("Supplementary", "supplementary"),
        ("value: 0.007", "value: 0"),
        ("[{unit: USD, value: 0.007}]", "[]"),
        ("[{unit: USD, value: 0.007}]", "[{unit: USD, value: 1}, {unit: USD, value: 1}]"),
        ("tiered_rates: [{unit: USD, value: 0.007}]", "description: free"),
        ("unit: percent", "unit: '%'"),
        ("'12.50'", "12.50"),
        (COSTS, "  costs: none\n"),
        ("  rates:\n", "  file: a.json\n  rates:\n"),
    ],
)
def test_the_schema_refuses_the_money_that_the_loader_refuses(written: str, instead: str) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    assert not list(validator.iter_errors(yaml.safe_load(GOOD)))
    assert list(validator.iter_errors(yaml.safe_load(GOOD.replace(written, instead, 1))))


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["zero", "month", "cpu"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here] + [path for key, item in inner for path in _paths(item, (*here, key))]


WHOLE = yaml.safe_load(GOOD)


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from([path for path in _paths(WHOLE) if path]), junk=JUNK)
def test_junk_about_money_is_fine_or_a_problem_with_a_place(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], junk: Any
) -> None:
    data = copy.deepcopy(WHOLE)
    part = data
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = junk
    file = tmp_path_factory.getbasetemp() / "x.yaml"
    text = yaml.safe_dump(data)
    file.write_text(text)
    try:
        load_scenario(file, fixtures=FIXTURES, today=TODAY)
    except ScenarioError as error:
        for problem in error.problems:
            assert 1 <= problem.line <= text.count("\n") + 1
            assert problem.column >= 1
            assert "\n" not in str(problem)
