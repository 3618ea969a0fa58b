-- Usage rates and hourly rates of nodes and clusters: one cost row beside every usage row (koku contract 6.4).
-- Rows of an earlier distribution are no cost rows of a rate and so are priced too, at zero: as on Koku, where pricing
-- again without summarising again leaves such rows.
INSERT INTO reporting_ocpusagelineitem_daily_summary (
    uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    pod_labels, volume_labels, all_labels, node_capacity_cpu_cores, node_capacity_cpu_core_hours,
    node_capacity_memory_gigabytes, node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours,
    cluster_capacity_memory_gigabyte_hours, persistentvolumeclaim, persistentvolume, storageclass, source_uuid,
    cost_category_id, cost_model_rate_type, cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost
)
WITH usage_rows AS (
    SELECT *
    FROM reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = %(source)s AND usage_start BETWEEN %(start)s AND %(end)s
        AND coalesce(cost_model_rate_type, '') NOT IN ('Infrastructure', 'Supplementary')
),
node_days AS (
    -- The price of the cluster's hours, by the share that each node has in the cluster.
    SELECT usage_start, node, sum(pod_effective_usage_cpu_core_hours) AS cpu,
        sum(pod_effective_usage_memory_gigabyte_hours) AS memory,
        coalesce(max(node_capacity_cpu_core_hours) / nullif(max(cluster_capacity_cpu_core_hours), 0), 0)
            * coalesce(max(node_capacity_cpu_core_hours) / nullif(max(node_capacity_cpu_cores), 0), 0)
            * %(cluster_cost_per_hour)s AS cpu_price,
        coalesce(max(node_capacity_memory_gigabyte_hours) / nullif(max(cluster_capacity_memory_gigabyte_hours), 0), 0)
            * coalesce(max(node_capacity_memory_gigabyte_hours) / nullif(max(node_capacity_memory_gigabytes), 0), 0)
            * %(cluster_cost_per_hour)s AS memory_price
    FROM usage_rows
    WHERE node <> ''
    GROUP BY usage_start, node
)
SELECT gen_random_uuid(), %(period)s, u.cluster_id, max(u.cluster_alias), u.data_source, u.usage_start, u.usage_start,
    u.namespace, u.node, max(u.resource_id),
    u.pod_labels, u.volume_labels, u.all_labels, max(u.node_capacity_cpu_cores), max(u.node_capacity_cpu_core_hours),
    max(u.node_capacity_memory_gigabytes), max(u.node_capacity_memory_gigabyte_hours),
    max(u.cluster_capacity_cpu_core_hours), max(u.cluster_capacity_memory_gigabyte_hours),
    u.persistentvolumeclaim, max(u.persistentvolume), max(u.storageclass), %(source)s::uuid,
    u.cost_category_id, %(rate_type)s::text,
    coalesce(sum(u.pod_usage_cpu_core_hours), 0) * %(cpu_core_usage_per_hour)s
        + coalesce(sum(u.pod_request_cpu_core_hours), 0) * %(cpu_core_request_per_hour)s
        + coalesce(sum(u.pod_effective_usage_cpu_core_hours), 0) * %(cpu_core_effective_usage_per_hour)s
        -- Shared out by memory, core hours still count as cost of CPU, and a row without memory (a volume) gets NULL.
        + (%(node_core_cost_per_hour)s + %(cluster_core_cost_per_hour)s) * CASE %(distribution)s
            WHEN 'cpu' THEN coalesce(sum(u.pod_effective_usage_cpu_core_hours), 0)
            ELSE sum(u.pod_effective_usage_memory_gigabyte_hours) / max(u.node_capacity_memory_gigabyte_hours)
                * max(u.node_capacity_cpu_core_hours)
        END
        + CASE %(distribution)s
            WHEN 'cpu'
            THEN coalesce(sum(u.pod_effective_usage_cpu_core_hours) / nullif(max(n.cpu), 0) * max(n.cpu_price), 0)
            ELSE 0
        END,
    coalesce(sum(u.pod_usage_memory_gigabyte_hours), 0) * %(memory_gb_usage_per_hour)s
        + coalesce(sum(u.pod_request_memory_gigabyte_hours), 0) * %(memory_gb_request_per_hour)s
        + coalesce(sum(u.pod_effective_usage_memory_gigabyte_hours), 0) * %(memory_gb_effective_usage_per_hour)s
        + CASE %(distribution)s
            WHEN 'memory'
            THEN coalesce(
                sum(u.pod_effective_usage_memory_gigabyte_hours) / nullif(max(n.memory), 0) * max(n.memory_price), 0
            )
            ELSE 0
        END,
    coalesce(sum(u.persistentvolumeclaim_usage_gigabyte_months), 0) * %(storage_gb_usage_per_month)s
        + coalesce(sum(u.volume_request_storage_gigabyte_months), 0) * %(storage_gb_request_per_month)s
FROM usage_rows u
LEFT JOIN node_days n ON n.usage_start = u.usage_start AND n.node = u.node
WHERE u.report_period_id = %(period)s AND u.namespace IS NOT NULL
GROUP BY u.usage_start, u.cluster_id, u.node, u.namespace, u.data_source, u.persistentvolumeclaim, u.pod_labels,
    u.volume_labels, u.all_labels, u.cost_category_id
