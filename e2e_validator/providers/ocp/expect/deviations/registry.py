"""The known deviations: what happens, which data bring it about, where, what the API shows, and where it is known."""

from __future__ import annotations

from e2e_validator.expect.known_deviation import UNEXPLAINED, KnownDeviation

_SUMMARY = "line items -> daily summary"
_COSTS = "daily summary -> costs"


DEVIATIONS: dict[str, KnownDeviation] = {
    one.name: one
    for one in (
        KnownDeviation(
            "namespace_labels_multiply",
            "Koku counts a project's pods and claims once for each set of labels that its namespace has on a day.",
            "a namespace whose enabled labels change within a day, or stand in one of two reports alone",
            _SUMMARY,
            "usage, request, limit and costs of the project are multiplied, what its nodes had left shrinks",
            "docs/contract/koku.md 6.1",
        ),
        KnownDeviation(
            "node_labels_multiply",
            "Koku counts what runs on a node once for each set of labels that the node has on a day.",
            "a node whose enabled labels change within a day",
            _SUMMARY,
            "usage, request, limit and costs of every project on the node are multiplied",
            "docs/contract/koku.md 6.1",
        ),
        KnownDeviation(
            "claim_capacity_again",
            "Koku counts a claim once for each node that its pod was on, and for each volume that it was bound to.",
            "a pod with a claim that moves to another node within a day, or a claim that is bound to another volume",
            _SUMMARY,
            "the capacity of the claim is multiplied; after another binding its usage, request and costs too",
            "docs/contract/koku.md 6.1",
        ),
        KnownDeviation(
            "claim_counted_per_pod",
            "Koku counts a claim once for each pod that mounts it, less the nodes that it shares the volume out to.",
            "several pods with one claim, more of them than nodes",
            _SUMMARY,
            "usage, request and costs of the claim are multiplied",
            "docs/contract/koku.md 6.1",
        ),
        KnownDeviation(
            "claim_price_divided",
            "Koku divides the monthly price of a claim by the number of claims in its project.",
            "a price for each claim and month (pvc_cost_per_month), and a project with several claims on a day",
            _COSTS,
            "a project pays for one claim, however many it has",
            "docs/contract/koku.md 6.4",
        ),
        KnownDeviation(
            "volume_pays_claim_price",
            "Koku takes the monthly price of a claim for a volume that has none, too.",
            "a price for each claim and month (pvc_cost_per_month), and a volume without a claim",
            _COSTS,
            "No-project pays for a claim that is in no project",
            "docs/contract/koku.md 6.4",
        ),
        KnownDeviation(
            "cluster_hour_of_part_days",
            "Koku takes of the cluster's hourly price for each node its part of the day's capacity, times its hours.",
            "a price for the cluster and hour (cluster_cost_per_hour), and nodes that are there for part of the day",
            _COSTS,
            "the cluster costs less than its price times its hours",
            "docs/contract/koku.md 6.4",
        ),
        KnownDeviation(
            "role_unknown_unpriced",
            "Koku knows the roles master, infra and worker; what a node with any other had left is in no project.",
            "a node with another node_role, such as control-plane, or with an empty one",
            _SUMMARY,
            "compute and memory show the idle capacity as usage of No-project, and the costs leave it out",
            "docs/contract/koku.md 6.2; docs/contract/payloads.md 8.2; https://github.com/project-koku/koku/pull/3930",
        ),
        KnownDeviation(
            "node_labels_missing_unpriced",
            "Koku learns a node from its label report; what a node without one had left is in no project.",
            "a payload without a row of node labels for a node",
            _SUMMARY,
            "compute and memory show the idle capacity as usage of No-project, and the costs leave it out",
            "docs/contract/koku.md 3.8, 6.2",
        ),
        KnownDeviation(
            "node_role_kept",
            "Koku keeps the role that it first learned of a node.",
            "a node whose role is another one on a later day, or in a later payload",
            _SUMMARY,
            "what the node had left is under Worker unallocated instead of Platform unallocated, or the other way",
            "docs/contract/payloads.md 8.3",
        ),
        KnownDeviation(
            "node_roles_of_other_clusters",
            "Koku looks up a node's role by its name and resource id alone, among all clusters of the organisation.",
            "a node that has the name and resource id of one of another cluster",
            _SUMMARY,
            "what the node had left is in the project of the other node's role",
            "docs/contract/koku.md 6.2",
        ),
        KnownDeviation(
            "project_null_lost",
            "Koku reads a project that is called like a word for nothing as one without a name.",
            "a project called null, NA, nan, None or the like",
            "payload -> line items",
            "the project is missing; what it used is under No-project, and charged there",
            "docs/contract/koku.md 3.5",
        ),
        KnownDeviation(
            "name_escaped",
            "Koku escapes quotes, &, < and > in the names of projects and nodes for HTML, and keeps them like that.",
            "a namespace or node with such a character in its name: no cluster has one, a payload may",
            "payload -> line items",
            'a&quot;b stands in place of a"b, with the figures that are right',
            "docs/contract/koku.md 3.4",
        ),
        KnownDeviation(
            "month_end_never_summarised",
            "Koku summarises the days of one month for each payload, and completes the manifest.",
            "a package over the end of a month",
            _SUMMARY,
            "days of the other month are missing",
            "docs/contract/payloads.md 6, 8.10",
        ),
        KnownDeviation(
            "unread_rows",
            "Koku leaves out a row that it cannot read, or counts 0 for a number that is none.",
            "a cut line, a text in place of a number, NaN, an infinity, a quantity above 1e18",
            "payload -> line items",
            "what stands in these rows is missing",
            "docs/contract/koku.md 3.4",
        ),
        KnownDeviation(
            "distribution_not_conserved",
            "Koku takes the costs of the platform and of idle workers from their owners, and gives them to no project.",
            "projects of users without any effective usage on a day, or rows without a project beside those of the"
            " platform alone",
            _COSTS,
            "costs by project: the distributed costs come to less than the costs",
            "docs/contract/koku.md 6.4",
        ),
        KnownDeviation(
            UNEXPLAINED,
            "The figures that follow from Koku's rules are not what the data say, and no known deviation explains it.",
            "data of a kind that is not examined yet",
            "unknown",
            "see the table of figures",
            "to be reported with the payload; it cannot be accepted",
        ),
    )
}
