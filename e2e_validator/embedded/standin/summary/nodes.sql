-- The nodes seen in the range, with their role: as reported, else guessed from what runs there and how it is labelled.
-- A node without any node label row is not found, and its spare capacity gets no namespace (koku contract 6.2).
WITH labels AS (
    SELECT node, max(node_labels) AS any_labels,
        bool_or(node_labels LIKE '%%"node_role_kubernetes_io": "infra"%%') AS infra
    FROM openshift_node_labels_line_items_daily
    WHERE source = %(source)s AND year = %(year)s AND month = %(month)s AND usage_start BETWEEN %(start)s AND %(end)s
    GROUP BY node
),
seen AS (
    SELECT p.node, p.resource_id, max(p.node_capacity_cpu_cores)::numeric(18, 2) AS cores,
        coalesce(max(p.node_role), CASE
            WHEN bool_or(p.namespace = 'openshift-kube-apiserver') THEN 'master'
            WHEN bool_or(l.infra) THEN 'infra'
            ELSE 'worker'
        END) AS role,
        lower(max(l.any_labels)::json ->> 'kubernetes_io_arch') AS architecture
    FROM openshift_pod_usage_line_items_daily p JOIN labels l USING (node)
    WHERE p.source = %(source)s AND p.year = %(year)s AND p.month = %(month)s
        AND p.usage_start BETWEEN %(start)s AND %(end)s
    GROUP BY p.node, p.resource_id
),
completed AS (
    UPDATE reporting_ocp_nodes n SET node_role = seen.role, architecture = seen.architecture
    FROM seen
    WHERE n.cluster_id = %(cluster)s AND n.node = seen.node AND n.resource_id = seen.resource_id
        AND n.node_capacity_cpu_cores = seen.cores
        AND (coalesce(n.node_role, '') = '' OR coalesce(n.architecture, '') = '')
)
INSERT INTO reporting_ocp_nodes (node, resource_id, node_capacity_cpu_cores, node_role, architecture, cluster_id)
SELECT node, resource_id, cores, role, architecture, %(cluster)s
FROM seen
WHERE NOT EXISTS (
    SELECT 1 FROM reporting_ocp_nodes n
    WHERE n.cluster_id = %(cluster)s AND n.node = seen.node AND n.resource_id = seen.resource_id
        AND n.node_capacity_cpu_cores = seen.cores
)
