-- A price per month of the cluster, of each node or of each core of it: the day's part goes to the pods by their
-- effective usage, and to what is unallocated (koku contract 6.4). ``price`` is what one day costs.
INSERT INTO reporting_ocpusagelineitem_daily_summary (
    uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    pod_labels, all_labels, node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    source_uuid, cost_category_id, cost_model_rate_type, monthly_cost_type, cost_model_cpu_cost, cost_model_memory_cost,
    cost_model_volume_cost
)
WITH shares AS (
    SELECT cluster_id, max(cluster_alias) AS cluster_alias, usage_start, namespace, node,
        max(resource_id) AS resource_id, pod_labels, max(node_capacity_cpu_cores) AS cores,
        max(node_capacity_cpu_core_hours) AS core_hours, max(node_capacity_memory_gigabytes) AS gigabytes,
        max(node_capacity_memory_gigabyte_hours) AS gigabyte_hours,
        max(cluster_capacity_cpu_core_hours) AS cluster_core_hours,
        max(cluster_capacity_memory_gigabyte_hours) AS cluster_gigabyte_hours, source_uuid, cost_category_id,
        sum(pod_effective_usage_cpu_core_hours) AS cpu, sum(pod_effective_usage_memory_gigabyte_hours) AS memory
    FROM reporting_ocpusagelineitem_daily_summary
    WHERE report_period_id = %(period)s AND usage_start BETWEEN %(start)s AND %(end)s AND data_source = 'Pod'
        AND namespace IS NOT NULL AND monthly_cost_type IS NULL AND node_capacity_cpu_core_hours <> 0
        AND cluster_capacity_cpu_core_hours <> 0
        AND coalesce(cost_model_rate_type, '') NOT IN ('Infrastructure', 'Supplementary')
    GROUP BY usage_start, source_uuid, cluster_id, node, namespace, pod_labels, cost_category_id
),
priced AS (
    SELECT *, CASE %(distribution)s WHEN 'cpu' THEN cpu ELSE memory END
        / CASE
            WHEN %(monthly)s = 'Cluster' AND %(distribution)s = 'cpu' THEN cluster_core_hours
            WHEN %(monthly)s = 'Cluster' THEN cluster_gigabyte_hours
            WHEN %(distribution)s = 'cpu' THEN core_hours
            ELSE gigabyte_hours
        END
        * CASE %(monthly)s WHEN 'Node_Core_Month' THEN cores ELSE 1 END * %(price)s AS cost
    FROM shares
)
SELECT gen_random_uuid(), %(period)s, cluster_id, cluster_alias, 'Pod', usage_start, usage_start, namespace, node,
    resource_id, pod_labels, pod_labels, cores, core_hours, gigabytes, gigabyte_hours, cluster_core_hours,
    cluster_gigabyte_hours, source_uuid, cost_category_id, %(rate_type)s::text, %(monthly)s::text,
    CASE %(distribution)s WHEN 'cpu' THEN cost ELSE 0 END, CASE %(distribution)s WHEN 'memory' THEN cost ELSE 0 END, 0
FROM priced
