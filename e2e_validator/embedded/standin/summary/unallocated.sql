-- What each node could do beyond what its pods did, one row a day (koku contract 6.2).
-- The role decides the namespace; a node whose role is unknown gets a row without one.
INSERT INTO reporting_ocpusagelineitem_daily_summary_staging (
    report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours,
    pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    source_uuid, cost_category_id, source, year, month, day
)
WITH roles AS (
    SELECT node, resource_id, max(node_role) AS role FROM reporting_ocp_nodes GROUP BY node, resource_id
),
spare AS (
    SELECT s.usage_start, s.node, max(s.resource_id) AS resource_id,
        CASE max(r.role)
            WHEN 'master' THEN 'Platform unallocated'
            WHEN 'infra' THEN 'Platform unallocated'
            WHEN 'worker' THEN 'Worker unallocated'
        END AS namespace,
        max(node_capacity_cpu_core_hours) AS cpu, max(node_capacity_memory_gigabyte_hours) AS memory,
        sum(pod_usage_cpu_core_hours) AS cpu_usage, sum(pod_request_cpu_core_hours) AS cpu_request,
        sum(pod_effective_usage_cpu_core_hours) AS cpu_effective, sum(pod_usage_memory_gigabyte_hours) AS memory_usage,
        sum(pod_request_memory_gigabyte_hours) AS memory_request,
        sum(pod_effective_usage_memory_gigabyte_hours) AS memory_effective,
        max(node_capacity_cpu_cores) AS cores, max(node_capacity_memory_gigabytes) AS gigabytes,
        max(cluster_capacity_cpu_core_hours) AS cluster_cpu, max(cluster_capacity_memory_gigabyte_hours) AS cluster_memory
    FROM reporting_ocpusagelineitem_daily_summary_staging s
    LEFT JOIN roles r ON r.node = s.node AND r.resource_id = s.resource_id
    WHERE s.source = %(source)s AND s.usage_start BETWEEN %(start)s AND %(end)s AND s.data_source = 'Pod'
        AND s.node IS NOT NULL
        AND s.namespace NOT IN ('Platform unallocated', 'Worker unallocated', 'Network unattributed', 'Storage unattributed')
    GROUP BY s.usage_start, s.node
)
SELECT %(period)s, %(cluster)s, %(alias)s, 'Pod', usage_start, usage_start, spare.namespace, node, resource_id,
    cpu - cpu_usage, cpu - cpu_request, cpu - cpu_effective,
    memory - memory_usage, memory - memory_request, memory - memory_effective,
    cores, cpu, gigabytes,
    memory, cluster_cpu, cluster_memory,
    %(source)s, category.cost_category_id, %(source)s, extract(year FROM usage_start)::text,
    extract(month FROM usage_start)::text, extract(day FROM usage_start)::text
FROM spare
LEFT JOIN reporting_ocp_cost_category_namespace category ON spare.namespace LIKE category.namespace
