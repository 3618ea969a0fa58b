"""What preflight says of a cluster, as a user of a run sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cluster import broken
from cluster.installed import Installed
from cluster.picture import Picture, start
from namespace_stack import backends_of
from nested import MODES, TODAY, Ended, furnish, quick, run
from patience import came

from e2e_validator.access.consumers import brokered
from e2e_validator.checks.kafka import ANNOUNCE
from e2e_validator.deployment import Target
from e2e_validator.deployment.transport import Kafka
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded
NS = "cost-onprem"


def run_on(
    folder: Path, target: Target, change: Callable[[Picture], None], *args: str, scenarios: tuple[str, ...] = ("quick",)
) -> Ended:
    """A nested run on a deployment that was changed."""
    project = furnish(folder, {name: quick(name) for name in scenarios})
    server, picture = start(Installed(), backends_of(target))
    with server:
        change(picture)
        picture.load(server)
        config = server.write_kubeconfig(folder / "kubeconfig")
        options = ("--today", TODAY, "--namespace", NS, "--kubeconfig", str(config))
        return run(project, "scenarios", *options, *args)


def test_a_healthy_deployment_is_looked_at_once_for_all(tmp_path: Path, stack_target: Target) -> None:
    names = ("quick_one", "quick_two")
    ended = run_on(tmp_path, stack_target, broken.mend_chart_defects, *MODES["xdist"], scenarios=names)
    assert ended.code == 0, ended.text
    for name in names:
        preflight = ended.phases[name]["preflight"]
        # PostgreSQL of the embedded stack has none of the three extensions.
        assert preflight["facts"].endswith("checks ok, 2 not looked at, 3 warnings (extensions)"), preflight
    seen = json.loads((ended.reports / "preflight-checks.json").read_text(encoding="utf-8"))
    told = {entry["check"]: {one["severity"] for one in entry["issues"]} for entry in seen if entry["issues"]}
    assert told == {
        "extensions": {"warning"},
        "topics and readers": {"not looked at"},
        "claims of the token": {"not looked at"},
        "currency": {"information"},
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda picture: broken.image_pull_back_off(picture, "worker-summary"),
            f"replicas: deployment {NS}-celery-worker-summary in namespace {NS} has 0 of 2 pods ready",
        ),
        (
            broken.migration_failed,
            f"migrations: Koku's migration failed: job {NS}-koku-migrate in namespace {NS}, BackoffLimitExceeded; read",
        ),
        (
            lambda picture: broken.network_policy_blocks(picture, "database"),
            (
                f"network policies: network policy deny-database in namespace {NS} lets nothing in to"
                f" {NS}-database; remove"
            ),
        ),
    ],
    ids=["no-image", "migration", "policy"],
)
def test_what_is_broken_blocks_with_a_sentence(
    tmp_path: Path, stack_target: Target, change: Callable[[Picture], None], sentence: str
) -> None:
    ended = run_on(tmp_path, stack_target, change)
    assert ended.code == 10, ended.text
    verdicts = ended.verdicts("quick")
    assert verdicts["preflight"] == "BLOCKED"
    assert set(verdicts.values()) <= {"BLOCKED", "SKIPPED"}
    assert sentence in ended.phases["quick"]["preflight"]["headline"]
    assert sentence in " ".join(ended.text.split())


def test_strict_blocks_where_a_check_could_not_look(tmp_path: Path, stack_target: Target) -> None:
    ended = run_on(tmp_path, stack_target, broken.mend_chart_defects, "--fail-on-skip")
    assert ended.code == 10, ended.text
    assert "Kafka cannot be reached from here" in ended.phases["quick"]["preflight"]["headline"]


def test_a_real_broker_tells_its_topics_and_who_reads_them() -> None:
    with EmbeddedStack.start(transports=("kafka",)) as stack:
        address = Kafka(**stack.endpoints.further["kafka"]["kafka"])
        assert came(lambda: brokered(address, "hccm-group").readers.members)
        found = brokered(address, "hccm-group")
        nobody = brokered(address, "no-such-group")
    assert ANNOUNCE in found.topics
    assert found.readers.members == 1
    assert nobody.readers.members == 0
