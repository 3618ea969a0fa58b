"""Which keys of a bill's tags and cost categories a scenario has enabled, and what is wrong with its lists."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.providers.aws.key_switching import disabled_keys
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.source_type import DataKeys

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
ROWS = """\
version: 1
name: keys
description: Why.
source: {type: AWS}
period: {start: month-1m+4d, end: month-1m+6d}
data:
  rows: |
    ResourceId, UnblendedCost, tag:app, tag:App, tag:never, category:Cost Center, category:env
    i-1,        0.1,           web,     ,        ,          Berlin,               prod
    i-2,        0.1,           ,        x,       ,          ,                     test
"""
NISE = """\
version: 1
name: keys
description: Why.
source: {type: AWS}
period: {start: month-1m+4d, end: month-1m+6d}
data:
  nise:
    accounts: {payer: '100000000001', user: ['100000000001']}
    generators:
    - S3Generator:
        region: us-east-1a
        resource_id: bucket-1
        amount: 1
        rate: 0.1
        tags: {'resourceTags/user:app': web, 'resourceTags/user:none': ''}
        cost_category: {'costCategory/env': prod}
"""


def load(folder: Path, text: str) -> LoadedScenario:
    file = folder / "keys.yaml"
    file.write_text(text, encoding="utf-8")
    return load_scenario(file, fixtures=ROOT / "fixtures", today=TODAY)


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ("", DataKeys(kept=("tag:App", "tag:app", "category:Cost Center", "category:env"))),
        (
            "enable_tags: [app]\n",
            DataKeys(("tag:app",), ("tag:App",), ("category:Cost Center", "category:env")),
        ),
        ("enable_tags: []\n", DataKeys(disabled=("tag:App", "tag:app"), kept=("category:Cost Center", "category:env"))),
        (
            "enable_tags: [App, app]\nenable_categories: [Cost Center]\n",
            DataKeys(("tag:App", "tag:app", "category:Cost Center"), ("category:env",)),
        ),
    ],
)
def test_what_is_listed_is_enabled_and_all_else_disabled(tmp_path: Path, more: str, keys: DataKeys) -> None:
    """A column without any value makes no key, and twins of other case are two (docs/contract/clouds.md 11, 19)."""
    loaded = load(tmp_path, ROWS + more)
    assert loaded.keys == keys
    tags, categories = disabled_keys(loaded)
    assert tags == [key.removeprefix("tag:") for key in keys.disabled if key.startswith("tag:")]
    assert categories == [key.removeprefix("category:") for key in keys.disabled if key.startswith("category:")]


def test_keys_of_reports_of_nise_are_known_too(tmp_path: Path) -> None:
    assert load(tmp_path, NISE).keys == DataKeys(kept=("tag:app", "category:env"))
    assert load(tmp_path, f"{NISE}enable_categories: []\n").keys == DataKeys((), ("category:env",), ("tag:app",))


def test_keys_of_recorded_bills_are_read_from_their_rows() -> None:
    file = ROOT / "scenarios" / "aws" / "aws_recorded.yaml"
    keys = load_scenario(file, fixtures=ROOT / "fixtures", today=TODAY).keys
    assert keys == DataKeys(kept=("tag:app", "tag:environment", "tag:storageclass", "category:env"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("enable_tags: [ap]", "enable_tags[0]: no tag of the data has the key 'ap'; did you mean 'app'?"),
        ("enable_tags: [never]", "enable_tags[0]: no tag of the data has the key 'never'"),
        ("enable_tags: [app, app]", "enable_tags[1]: 'app' is given twice"),
        ("enable_tags: [zzz]", "no tag of the data has the key 'zzz'; their keys: App, app"),
        (
            "enable_categories: [Berlin]",
            "no cost category of the data has the key 'Berlin'; their keys: Cost Center, env",
        ),
        ("enable_categories: env", "enable_categories: 'env' is not a list; write enable_categories: [Team]"),
        (
            "expect: {rejected: {manifest: none}}\nenable_tags: [app]",
            "'enable_tags' is not allowed with expect.rejected",
        ),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load(tmp_path, f"{ROWS}{more}\n")
    assert said in str(refused.value)


def test_categories_are_refused_where_there_are_none(tmp_path: Path) -> None:
    text = (ROOT / "scenarios" / "one_pod_day.yaml").read_text(encoding="utf-8")
    file = tmp_path / "one_pod_day.yaml"
    file.write_text(f"{text}enable_categories: [env]\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="enable_categories is for bills; leave it out"):
        load_scenario(file, fixtures=ROOT / "fixtures", today=TODAY)
