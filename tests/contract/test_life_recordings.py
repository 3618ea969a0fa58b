"""The rules of how a source lives, against the rows of a real Koku: none of them may call a real row wrong."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.access.life import SourceLife
from e2e_validator.life import rules
from e2e_validator.providers.ocp.declared import declared_by, recorded
from e2e_validator.providers.ocp.generate.tarball import unpack
from e2e_validator.providers.ocp.names import NAMES

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings"
GOOD = sorted(path.parent.name for path in RECORDINGS.glob("*/db") if not path.parent.name.startswith("neg_"))
WITH_MANIFEST = sorted(path.parent.parent.name for path in RECORDINGS.glob("*/db/manifest.csv"))
_SUMMARY = "reporting_ocpusagelineitem_daily_summary"


def rows(name: str, table: str) -> list[dict[str, Any]]:
    """The rows of a recorded table as PostgreSQL's JSON would have them."""
    path = RECORDINGS / name / "db" / f"{table}.csv"
    csv.field_size_limit(10**7)
    with path.open(newline="") as stream:
        return [{column: value(text) for column, text in row.items()} for row in csv.DictReader(stream)]


def value(text: str) -> Any:
    if text == "":
        return None
    if text in {"True", "False"}:
        return text == "True"
    if text.startswith("{"):
        return json.loads(text)
    return int(text) if text.isdecimal() else text


def life_of(name: str) -> SourceLife:
    """What was recorded, as it is read from a database."""
    statuses = rows(name, "report_status")
    manifests = [
        row | {"reports": [one for one in statuses if one["manifest_id"] == row["id"]]}
        for row in rows(name, "manifest")
    ]
    periods = rows(name, "report_period")
    months = {row["id"]: row["report_period_start"][:7] for row in periods}
    summary = rows(name, "daily_summary")
    named = Counter((row["cluster_id"], row["cluster_alias"]) for row in summary)
    return SourceLife.from_json(
        {
            "provider": next(iter(rows(name, "provider")), None),
            "copies": rows(name, "tenant_provider"),
            "periods": periods,
            "manifests": manifests,
            "named": [
                {"table": _SUMMARY, "key": cluster, "alias": alias, "n": count}
                for (cluster, alias), count in named.items()
            ],
            "strayed": sum(months.get(row["report_period_id"]) != row["usage_start"][:7] for row in summary),
        },
        NAMES.tables,
    )


def whose(name: str, life: SourceLife) -> rules.Whose:
    recording = json.loads((RECORDINGS / name / "recording.json").read_text())
    cluster = recording["cluster_id"]
    assert life.provider is not None
    return rules.Whose(str(life.copies[0].provider), cluster, cluster, NAMES)


@pytest.mark.parametrize("name", GOOD)
def test_a_real_source_that_went_through_breaks_no_rule(name: str, tmp_path: Path) -> None:
    life = life_of(name)
    owner = whose(name, life)
    assert life.manifests
    wrong = [*rules.provider(life.provider, owner), *rules.set_up(life.provider)]
    wrong += [*rules.tenant_copy(life.copies, owner), *rules.named(life, owner)]
    payloads = sorted((RECORDINGS / name).glob("payload.*"), key=lambda path: path.name)
    declared = {}
    for number, payload in enumerate(payloads):
        folder = unpack(payload, tmp_path / str(number))
        declared[json.loads((folder / "manifest.json").read_text())["uuid"]] = declared_by(folder)
    for manifest in life.manifests:
        told = declared[manifest.uuid]
        assert told.month is not None
        wrong += [*recorded(manifest, told), *rules.files(manifest), *rules.summarised_after_files(manifest)]
        wrong += [one for step in rules.STEPS for one in rules.step(manifest, step)]
        wrong += rules.period(life.periods, told.month.astimezone(UTC), owner)
        (costed,) = [row.costed for row in life.periods if row.start == told.month]
        assert costed is not None
        assert manifest.completed is not None
        if manifest is life.manifests[-1]:
            assert manifest.completed > costed
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in WITH_MANIFEST if name.startswith("neg_") and rows(name, "manifest")])
def test_a_refused_real_payloads_manifest_breaks_no_rule(name: str, tmp_path: Path) -> None:
    life = life_of(name)
    (payload,) = (RECORDINGS / name).glob("payload.*")
    told = declared_by(unpack(payload, tmp_path / "payload"))
    (manifest,) = life.manifests
    assert [*recorded(manifest, told)] == []
    assert [*rules.provider(life.provider, whose(name, life))] == []
    assert manifest.said("download", "start") is not None
    assert manifest.completed is None


def test_a_month_is_not_that_of_another_recording() -> None:
    life = life_of("two_months")
    owner = whose("two_months", life)
    assert [*rules.period(life.periods, datetime(2026, 9, 1, tzinfo=UTC), owner)] == [
        "reporting_ocpusagereportperiod has 0 rows of 2026-09, not 1"
    ]
