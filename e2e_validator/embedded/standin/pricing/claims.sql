-- A price per month of a namespace's volume claims: the day's part, divided by the number of its claims that day, goes
-- to each row that has a claim with capacity (koku contract 6.4). ``price`` is what one day costs.
INSERT INTO reporting_ocpusagelineitem_daily_summary (
    uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    volume_labels, all_labels, node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    persistentvolumeclaim, persistentvolume, storageclass, source_uuid, cost_category_id, cost_model_rate_type,
    monthly_cost_type, cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost
)
WITH counts AS (
    -- Every claim that has this name in the cluster counts, whatever it costs.
    SELECT usage_start, cluster_id, namespace, count(DISTINCT persistentvolumeclaim) AS claims
    FROM reporting_ocpusagelineitem_daily_summary
    WHERE persistentvolumeclaim IS NOT NULL AND usage_start BETWEEN %(start)s AND %(end)s
    GROUP BY usage_start, cluster_id, namespace
)
SELECT gen_random_uuid(), %(period)s, s.cluster_id, max(s.cluster_alias), 'Storage', s.usage_start, s.usage_start,
    s.namespace, s.node, max(s.resource_id), s.volume_labels, s.volume_labels, max(s.node_capacity_cpu_cores),
    max(s.node_capacity_cpu_core_hours), max(s.node_capacity_memory_gigabytes),
    max(s.node_capacity_memory_gigabyte_hours), max(s.cluster_capacity_cpu_core_hours),
    max(s.cluster_capacity_memory_gigabyte_hours), s.persistentvolumeclaim, s.persistentvolume, max(s.storageclass),
    s.source_uuid, s.cost_category_id, %(rate_type)s::text, 'PVC', 0, 0, %(price)s / counts.claims
FROM reporting_ocpusagelineitem_daily_summary s
JOIN counts ON counts.usage_start = s.usage_start AND counts.cluster_id = s.cluster_id
    AND counts.namespace = s.namespace
WHERE s.report_period_id = %(period)s AND s.usage_start BETWEEN %(start)s AND %(end)s AND s.data_source = 'Storage'
    AND s.persistentvolumeclaim IS NOT NULL AND s.monthly_cost_type IS NULL
    AND s.persistentvolumeclaim_capacity_gigabyte_months <> 0
    AND coalesce(s.cost_model_rate_type, '') NOT IN ('Infrastructure', 'Supplementary')
GROUP BY s.usage_start, s.source_uuid, s.cluster_id, s.node, s.namespace, s.persistentvolumeclaim, s.persistentvolume,
    s.volume_labels, s.cost_category_id, counts.claims
