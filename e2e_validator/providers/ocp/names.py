"""How Koku calls what it keeps of sources of OpenShift (docs/contract/koku.md 3.2, 3.7, 3.9, 5.4)."""

from __future__ import annotations

from e2e_validator.access.source_names import SourceNames, SourceTables
from e2e_validator.providers.ocp.expect.surface.question import report_path
from e2e_validator.providers.ocp.expect.ui_tables import BY_NODE, BY_PROJECT, COST, PODS, VOLUMES

TYPE = "OCP"
DAILY_SUMMARY = "reporting_ocpusagelineitem_daily_summary"
_PERIODS = "reporting_ocpusagereportperiod"

NAMES = SourceNames(
    type=TYPE,
    credential="cluster_id",
    announced_at="ingest_ocp_payload/",
    a_report=report_path("costs"),
    archives=("data/csv/{account}/OCP/source={uuid}/",),
    tables=SourceTables(
        periods=_PERIODS,
        period_start="report_period_start",
        period_end="report_period_end",
        key="cluster_id",
        alias="cluster_alias",
        summary=DAILY_SUMMARY,
        summary_period="report_period_id",
        named=(
            DAILY_SUMMARY,
            COST,
            BY_NODE,
            BY_PROJECT,
            PODS,
            "reporting_ocp_pod_summary_by_node_p",
            "reporting_ocp_pod_summary_by_project_p",
            VOLUMES,
            "reporting_ocp_volume_summary_by_project_p",
        ),
        line_items="openshift_{kind}_line_items",
        required=(
            _PERIODS,
            DAILY_SUMMARY,
            "openshift_pod_usage_line_items",
            "openshift_pod_usage_line_items_daily",
            "openshift_storage_usage_line_items",
            "openshift_storage_usage_line_items_daily",
        ),
        emptied=(
            r"reporting_ocpusagereportperiod|reporting_ocp_clusters|reporting_ocp_[a-z_]+_p"
            r"|reporting_ocpusagelineitem_daily_summary(_staging)?|openshift_[a-z_]+_line_items(_daily)?"
        ),
        pointed_to=(_PERIODS, "reporting_ocp_clusters"),
        manifest=(
            "cluster_id",
            "operator_version",
            "operator_certified",
            "operator_daily_reports",
            "cluster_channel",
        ),
    ),
)
