"""The organisation's cost groups change while a run goes on: the run says so, and blames nobody for the figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from nested import TODAY, furnish, quick, run

pytestmark = pytest.mark.embedded

SHARED_OUT = quick("shared_out", "team_cluster") + "cost_model: {file: team_full.json}\n"
# Somebody makes a project of users one of the platform; Koku prices its clusters anew by itself.
SOMEBODY = """
import os, time
import psycopg
from e2e_validator.access.koku import KokuApi

def pytest_e2e_phase_started(scenario, phase, folder, target):
    if phase != os.environ["E2E_MOMENT"]:
        return
    with psycopg.connect(target.dsn, autocommit=True) as connection:
        def one(what):
            return connection.execute(f"SELECT {what}").fetchone()[0]

        def came(what):
            while not (found := one(what)):
                time.sleep(0.05)
            return found

        schema = target.schema_name
        project = came(
            f"min(p.project) FROM {schema}.reporting_ocp_projects p JOIN {schema}.reporting_ocp_clusters c"
            " ON c.uuid = p.cluster_id WHERE c.cluster_id LIKE 'e2e-shared-out-%'"
            " AND p.project NOT LIKE 'openshift%' AND p.project NOT LIKE 'kube-%' AND p.project NOT LIKE '%unallocated'"
        )
        body = [{"project": project, "group": "Platform"}]
        KokuApi(target)._http.request("PUT", "settings/cost-groups/add/", body=body, expect=(204,))
        # A pricing that was under way when they changed knows the old groups: it is not the one to wait for.
        came(
            f"sum(distributed_cost) < 0 FROM {schema}.reporting_ocpusagelineitem_daily_summary"
            f" WHERE cluster_id LIKE 'e2e-shared-out-%' AND namespace = '{project}'"
            " AND cost_model_rate_type = 'platform_distributed'"
        )
"""


@pytest.mark.parametrize(
    "moment", [*(pytest.param(one, marks=pytest.mark.long) for one in ("summary", "cost")), "manifest", "api"]
)
def test_changed_cost_groups_are_named_and_nothing_is_blamed(tmp_path: Path, moment: str) -> None:
    folder = furnish(tmp_path, {"shared_out": SHARED_OUT})
    (folder / "conftest.py").write_text(SOMEBODY, encoding="utf-8")
    ended = run(folder, "scenarios", "--today", TODAY, env={"E2E_MOMENT": moment})
    assert ended.code == 10, ended.text
    blocked = {name: one for name, one in ended.phases["shared_out"].items() if one["verdict"] == "BLOCKED"}
    ((phase, told),) = blocked.items()
    assert phase == ("api" if moment in {"manifest", "api"} else "cost"), ended.text
    assert told["headline"].startswith("The organisation's cost groups were changed during the run: ")
    assert not {one["verdict"] for one in ended.phases["shared_out"].values()} & {"FAILED", "ERROR", "INCONCLUSIVE"}
