"""What people ask besides the plain reports: the stand-in answers as a real Koku did, from the same rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standin_api_server import Api, api_server
from test_standin_api_recordings import _differences, _load

pytestmark = pytest.mark.embedded

FIXTURES = Path(__file__).parents[2] / "fixtures" / "surface"
ANSWERS: dict[str, Any] = json.loads(gzip.decompress((FIXTURES / "answers.json.gz").read_bytes()))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("log")
    rows = folder / "daily_summary.csv"
    rows.write_bytes(gzip.decompress((FIXTURES / "daily_summary.csv.gz").read_bytes()))
    with api_server(folder) as running:
        for key in ("App", "environment"):
            uuid = f"00000000-0000-4000-8000-{len(key):012}"
            running.insert("reporting_enabledtagkeys", uuid=uuid, key=key, enabled=True, provider_type="OCP")
        _load(running, rows)
        yield running


def _same_numbers(value: Any) -> Any:
    """0 and 0.0 are the same figure: which of them Koku writes depends on its data frames."""
    if isinstance(value, dict):
        return {key: _same_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_same_numbers(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("name", ANSWERS)
def test_the_stand_in_answers_as_a_real_koku(api: Api, name: str) -> None:
    recorded = ANSWERS[name]
    answer = api.get(recorded["path"], recorded["params"])
    assert answer.status_code == recorded["status"]
    assert _differences(_same_numbers(recorded["body"]), _same_numbers(answer.json())) == []
