-- The cost of the platform, or of what workers have unallocated, goes to the projects by their effective usage; the
-- giver gets it as a negative cost (docs/contract/koku.md 6.4). Nothing happens on a day without any project that could take
-- it; projects that used nothing take nothing, and the cost is then taken and not given to any project.
INSERT INTO reporting_ocpusagelineitem_daily_summary (
    uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    source_uuid, cost_category_id, cost_model_rate_type, distributed_cost
)
WITH labelled AS (
    SELECT s.*, coalesce(category.name = 'Platform', false) AS platform, s.namespace = 'Worker unallocated' AS spare
    FROM reporting_ocpusagelineitem_daily_summary s
    LEFT JOIN reporting_ocp_cost_category category ON category.id = s.cost_category_id
    WHERE s.report_period_id = %(period)s AND s.usage_start BETWEEN %(start)s AND %(end)s
        AND s.namespace NOT IN ('Storage unattributed', 'Network unattributed')
),
rows AS (
    SELECT *,
        CASE %(rate_type)s WHEN 'platform_distributed' THEN platform ELSE spare END AS gives,
        CASE %(distribution)s
            WHEN 'cpu' THEN pod_effective_usage_cpu_core_hours
            ELSE pod_effective_usage_memory_gigabyte_hours
        END AS usage,
        -- What GPUs cost is not shared out here.
        coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0)
            + coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)
            + coalesce(cost_model_volume_cost, 0) AS cost
    FROM labelled
    WHERE CASE %(rate_type)s WHEN 'platform_distributed' THEN NOT spare ELSE NOT platform END
),
days AS (
    SELECT usage_start, cluster_id, sum(cost) FILTER (WHERE gives) AS given, sum(usage) FILTER (WHERE NOT gives) AS usage
    FROM rows
    GROUP BY usage_start, cluster_id
    HAVING bool_or(gives) AND bool_or(NOT gives)
),
shares AS (
    SELECT rows.cluster_id, max(rows.cluster_alias) AS cluster_alias, rows.data_source, rows.usage_start,
        rows.namespace, rows.node, max(rows.resource_id) AS resource_id, max(node_capacity_cpu_cores) AS cores,
        max(node_capacity_cpu_core_hours) AS core_hours, max(node_capacity_memory_gigabytes) AS gigabytes,
        max(node_capacity_memory_gigabyte_hours) AS gigabyte_hours,
        max(cluster_capacity_cpu_core_hours) AS cluster_core_hours,
        max(cluster_capacity_memory_gigabyte_hours) AS cluster_gigabyte_hours, rows.cost_category_id,
        CASE
            WHEN rows.gives THEN -sum(rows.cost)
            WHEN days.usage <= 0 THEN 0
            ELSE sum(rows.usage) / days.usage * days.given
        END AS cost
    FROM rows
    JOIN days ON days.usage_start = rows.usage_start AND days.cluster_id = rows.cluster_id
    GROUP BY rows.usage_start, rows.cluster_id, rows.node, rows.namespace, rows.data_source, rows.cost_category_id,
        rows.gives, days.usage, days.given
)
SELECT gen_random_uuid(), %(period)s, cluster_id, cluster_alias, data_source, usage_start, usage_start, namespace, node,
    resource_id, cores, core_hours, gigabytes, gigabyte_hours, cluster_core_hours, cluster_gigabyte_hours,
    %(source)s::uuid, cost_category_id, %(rate_type)s::text, cost
FROM shares
WHERE cost <> 0
