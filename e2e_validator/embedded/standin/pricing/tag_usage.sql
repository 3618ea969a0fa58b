-- A usage rate by tag: one cost row per value of the tag, or per label set where the default is priced
-- (koku contract 6.4). The braces are filled in: the labels read, the labels kept, which rows, and what is used.
INSERT INTO reporting_ocpusagelineitem_daily_summary (
    uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    persistentvolumeclaim, persistentvolume, storageclass, source_uuid, cost_category_id, {labels}, all_labels,
    cost_model_rate_type, monthly_cost_type, cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost
)
WITH tagged AS (
    SELECT *, {kept} AS kept
    FROM reporting_ocpusagelineitem_daily_summary
    WHERE cluster_id = %(cluster)s AND usage_start BETWEEN %(start)s AND %(end)s
        AND coalesce(cost_model_rate_type, '') NOT IN ('Infrastructure', 'Supplementary') AND {rows}
),
priced AS (
    SELECT report_period_id, cluster_id, cluster_alias, data_source, usage_start, namespace, node, resource_id,
        persistentvolumeclaim, persistentvolume, storageclass, source_uuid, cost_category_id, kept,
        coalesce(sum({usage}) * %(rate)s, 0) AS cost
    FROM tagged
    GROUP BY report_period_id, cluster_id, cluster_alias, data_source, usage_start, namespace, node, resource_id,
        persistentvolumeclaim, persistentvolume, storageclass, source_uuid, cost_category_id, kept
)
SELECT gen_random_uuid(), report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_start, namespace,
    node, resource_id, persistentvolumeclaim, persistentvolume, storageclass, source_uuid, cost_category_id, kept, kept,
    %(rate_type)s::text, 'Tag', CASE %(kind)s WHEN 'cpu' THEN cost ELSE 0 END,
    CASE %(kind)s WHEN 'memory' THEN cost ELSE 0 END, CASE %(kind)s WHEN 'storage' THEN cost ELSE 0 END
FROM priced
