-- Node prices by tag. What carries the tag pays by its effective usage; per value of the tag and node one more row
-- carries the rest of the node's price, so that each value met on a node costs the whole node (koku contract 6.4).
-- Braces: the usage and the capacity shared out by, and the price of one unit of each.
INSERT INTO reporting_ocpusagelineitem_daily_summary (
    uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    pod_labels, all_labels, node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    source_uuid, cost_category_id, cost_model_rate_type, monthly_cost_type, cost_model_cpu_cost, cost_model_memory_cost,
    cost_model_volume_cost
)
WITH tagged AS (
    SELECT cluster_id, max(cluster_alias) AS cluster_alias, usage_start, namespace, node,
        max(resource_id) AS resource_id, pod_labels ->> %(key)s AS value, max(node_capacity_cpu_cores) AS cores,
        max(node_capacity_cpu_core_hours) AS core_hours, max(node_capacity_memory_gigabytes) AS gigabytes,
        max(node_capacity_memory_gigabyte_hours) AS gigabyte_hours,
        max(cluster_capacity_cpu_core_hours) AS cluster_core_hours,
        max(cluster_capacity_memory_gigabyte_hours) AS cluster_gigabyte_hours, source_uuid, cost_category_id,
        sum(pod_effective_usage_cpu_core_hours) AS cpu, sum(pod_effective_usage_memory_gigabyte_hours) AS memory,
        coalesce((%(prices)s::jsonb ->> (pod_labels ->> %(key)s))::numeric, %(default_price)s) AS price
    FROM reporting_ocpusagelineitem_daily_summary
    WHERE report_period_id = %(period)s AND usage_start BETWEEN %(start)s AND %(end)s AND data_source = 'Pod'
        AND namespace IS NOT NULL AND pod_labels ? %(key)s AND monthly_cost_type IS NULL
        AND node_capacity_cpu_core_hours <> 0 AND cluster_capacity_cpu_core_hours <> 0
        AND coalesce(cost_model_rate_type, '') NOT IN ('Infrastructure', 'Supplementary')
    GROUP BY usage_start, source_uuid, cluster_id, node, namespace, pod_labels, cost_category_id
),
roles AS (
    SELECT node, resource_id, max(node_role) AS role FROM reporting_ocp_nodes GROUP BY node, resource_id
),
nodes AS (
    SELECT t.cluster_id, max(t.cluster_alias) AS cluster_alias, t.usage_start,
        CASE max(r.role)
            WHEN 'master' THEN 'Platform unallocated'
            WHEN 'infra' THEN 'Platform unallocated'
            WHEN 'worker' THEN 'Worker unallocated'
        END AS namespace,
        t.node, max(t.resource_id) AS resource_id, t.value, max(t.cores) AS cores, max(t.core_hours) AS core_hours,
        max(t.gigabytes) AS gigabytes, max(t.gigabyte_hours) AS gigabyte_hours,
        max(t.cluster_core_hours) AS cluster_core_hours, max(t.cluster_gigabyte_hours) AS cluster_gigabyte_hours,
        t.source_uuid, sum(t.cpu) AS cpu, sum(t.memory) AS memory, max(t.price) AS price
    FROM tagged t
    LEFT JOIN roles r ON r.node = t.node AND r.resource_id = t.resource_id
    GROUP BY t.usage_start, t.source_uuid, t.cluster_id, t.node, t.value
),
priced AS (
    -- Only what is left of a node can be found by the tag: the rows of the pods have it among their own labels alone.
    SELECT cluster_id, cluster_alias, usage_start, namespace, node, resource_id, value, false AS left_over, cores,
        core_hours, gigabytes, gigabyte_hours, cluster_core_hours, cluster_gigabyte_hours, source_uuid,
        cost_category_id, {used} * price AS cost
    FROM tagged
    UNION ALL
    SELECT cluster_id, cluster_alias, usage_start, nodes.namespace, node, resource_id, value, true, cores,
        core_hours, gigabytes, gigabyte_hours, cluster_core_hours, cluster_gigabyte_hours, source_uuid,
        category.cost_category_id, {left} * price
    FROM nodes
    LEFT JOIN reporting_ocp_cost_category_namespace category ON nodes.namespace LIKE category.namespace
)
SELECT gen_random_uuid(), %(period)s, cluster_id, cluster_alias, 'Pod', usage_start, usage_start, namespace, node,
    resource_id, jsonb_build_object(%(key)s::text, value),
    CASE WHEN left_over THEN jsonb_build_object(%(key)s::text, value) END, cores, core_hours, gigabytes, gigabyte_hours,
    cluster_core_hours, cluster_gigabyte_hours, source_uuid, cost_category_id, %(rate_type)s::text, %(monthly)s::text,
    CASE %(distribution)s WHEN 'cpu' THEN cost ELSE 0 END, CASE %(distribution)s WHEN 'memory' THEN cost ELSE 0 END, 0
FROM priced
