"""The good documents that are made bad: ours, as they are shipped."""

from __future__ import annotations

import io
import json
import re
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "fixtures" / "recordings" / "one_pod_day" / "payload.0.20261101-20261201.tar.gz"


@cache
def scenarios() -> dict[str, Any]:
    """Scenario files as data, by their text."""
    names: tuple[str, ...] = (
        "one_pod_day",
        "cost_golden_example",
        "cost_tag_rate",
        "growing_day",
        "neg_missing_file",
        "two_months",
    )
    names += ("neg_missing_file", "faults/worker_held", "cost_distribution_cpu", "cost_price_list_begins")
    texts = [(ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8") for name in names]
    # Each stands in a file x.yaml; with a wrong name, much would not be looked at.
    texts = [re.sub(r"^name: .*", "name: x", text, flags=re.MULTILINE) for text in texts]
    return {text: yaml.safe_load(text) for text in texts}


@cache
def row_files() -> list[bytes]:
    """Files of rows without times."""
    return [path.read_bytes() for path in sorted((ROOT / "fixtures" / "rows").rglob("*.csv"))]


@cache
def templates() -> dict[str, Any]:
    """Nise reports as data, by their text."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "fixtures" / "nise").glob("*.yml"))]
    return {text: yaml.safe_load(text) for text in texts}


@cache
def cost_models() -> list[Any]:
    """Cost models as the API takes them."""
    return [json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "fixtures" / "cost_models").glob("*.json"))]


@cache
def members() -> dict[str, bytes]:
    """The files of a payload by name."""
    with tarfile.open(RECORDED) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


def manifest() -> dict[str, Any]:
    """The manifest of that payload."""
    content: dict[str, Any] = json.loads(members()["manifest.json"])
    return content


TARGET = {
    "koku_url": "http://127.0.0.1:9/api/cost-management/v1/",
    "masu_url": "http://127.0.0.1:9/api/cost-management/v1/",
    "s3_url": "http://127.0.0.1:9",
    "s3_access_key": "key",
    "s3_secret_key": "secret",
    "dsn": "postgresql://koku:secret@127.0.0.1:9/koku",
    "org_id": "1234567",
    "buckets": {"ingress": "ocp-ingress", "archive": "koku-bucket"},
    "transport": "kafka",
    "kafka": {"bootstrap": "localhost:9092"},
}


def packed(files: dict[str, bytes]) -> bytes:
    """A tar.gz of plain files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return raw.getvalue()
