"""A source type is a fact of its own folder: no word of it stands in the code, or in a text, of any other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "e2e_validator"
# No word of a source type stands outside its folder, in code or in text: everything else serves all of them.
OF_A_SOURCE_TYPE = re.compile(r"providers/\w+/|providers/registry\.py|embedded/")
WORDS_OF_A_SOURCE_TYPE = re.compile(
    r"ocp|openshift|cluster.?(?:id|alias)|persistentvolume|\bpvc|node_role|cost_category|line_item_table_"
    r"|(?:pod|storage|vm|gpu)_usage|(?:node|namespace)_label|operator_(?:version|certified|daily)|costmanagement-metrics",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A text that may stand in the files that begin so, and why it is no word of a source type there."""

    where: str
    text: str
    reason: str


_PLATFORM = "the platform that the deployment stands on, which has Routes and an authority of its own"
ALLOWED_TEXTS = (
    Allowed("deployment/", "openshift", _PLATFORM),
    Allowed("cli/manifests.py", "openshift", _PLATFORM),
    Allowed("cli/embedded.py", "OpenShift alone", "which of its stacks the double starts: it knows source types"),
    Allowed("deployment/", "persistentvolumeclaim", "a volume of the deployment's own pods"),
    Allowed("checks/", "persistentvolumeclaim", "a volume of the deployment's own pods"),
    Allowed("deployment/", "ingest_ocp_payload/", "how a masu with DEVELOPMENT=True is told from one without"),
    Allowed("deployment/", "ocp-ingress", "the chart's name of the ingress bucket"),
    Allowed("deployment/", "S3_BUCKET_NAME_OCP_INGRESS", "the chart's variable that names the ingress bucket"),
    Allowed("deployment/", '"celery", "cost_model", "ocp", ', "the chart's queues, each with a worker of its own"),
    Allowed("access/source_state.py", '5: "OCP_CLOUD_PROCESSING"', "Koku's name of a status of any file"),
)


def words_of_a_source_type(root: Path) -> list[str]:
    """Lines outside the folder of a source type that have a word of it and are not allowed to."""
    return [
        f"{name}:{number} {line.strip()}"
        for path in sorted(root.rglob("*.py"))
        if not OF_A_SOURCE_TYPE.match(name := str(path.relative_to(root)))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if WORDS_OF_A_SOURCE_TYPE.search(_without_allowed(name, line))
    ]


def _without_allowed(name: str, line: str) -> str:
    for one in ALLOWED_TEXTS:
        if name.startswith(one.where):
            line = re.sub(re.escape(one.text), "", line, flags=re.IGNORECASE)
    return line


def test_no_word_of_a_source_type_stands_outside_its_folder(tmp_path: Path) -> None:
    assert words_of_a_source_type(PACKAGE) == []
    for name, text in {
        "engine/x.py": "first = 1\nwhere = 'reports/openshift/costs/'\n",
        "deployment/y.py": "api = 'route.openshift.io'\nqueue = 'ocp'\n",
        "providers/ocp/z.py": "key = 'cluster_id'\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert words_of_a_source_type(tmp_path) == [
        "deployment/y.py:2 queue = 'ocp'",
        "engine/x.py:2 where = 'reports/openshift/costs/'",
    ]


def test_every_text_that_is_allowed_is_still_there() -> None:
    files = {str(path.relative_to(PACKAGE)): path for path in (PACKAGE).rglob("*.py")}
    for one in ALLOWED_TEXTS:
        texts = [path.read_text(encoding="utf-8") for name, path in files.items() if name.startswith(one.where)]
        assert any(one.text.lower() in text.lower() for text in texts), one


def imports_of_another_type(root: Path) -> list[str]:
    """Files of a source type that import another one."""
    return [
        f"{path.relative_to(root)} imports {other}"
        for path in sorted((root / "providers").rglob("*/**/*.py"))
        for other in re.findall(r"e2e_validator\.providers\.(\w+)\.", path.read_text(encoding="utf-8"))
        if other != path.relative_to(root / "providers").parts[0]
    ]


def test_no_source_type_imports_another(tmp_path: Path) -> None:
    assert imports_of_another_type(PACKAGE) == []
    for kind in ("one", "two"):
        (tmp_path / "providers" / kind).mkdir(parents=True)
        (tmp_path / "providers" / kind / "x.py").write_text("from e2e_validator.providers.two.names import NAMES")
    assert imports_of_another_type(tmp_path) == ["providers/one/x.py imports two"]
