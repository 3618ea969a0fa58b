-- The staged rows of some days into the daily summary: double precision becomes numeric(33,15) here.
INSERT INTO reporting_ocpusagelineitem_daily_summary (
    uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    pod_labels, pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours,
    pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours,
    pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours, node_capacity_cpu_cores,
    node_capacity_cpu_core_hours, node_capacity_memory_gigabytes, node_capacity_memory_gigabyte_hours,
    cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours, persistentvolumeclaim, persistentvolume,
    storageclass, volume_labels, all_labels, persistentvolumeclaim_capacity_gigabyte,
    persistentvolumeclaim_capacity_gigabyte_months, volume_request_storage_gigabyte_months,
    persistentvolumeclaim_usage_gigabyte_months, source_uuid, infrastructure_usage_cost, cost_category_id
)
SELECT gen_random_uuid(), report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace,
    node, resource_id, pod_labels::jsonb, pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    persistentvolumeclaim, persistentvolume, storageclass, volume_labels::jsonb,
    coalesce(pod_labels, '{}')::jsonb || coalesce(volume_labels, '{}')::jsonb, persistentvolumeclaim_capacity_gigabyte,
    persistentvolumeclaim_capacity_gigabyte_months, volume_request_storage_gigabyte_months,
    persistentvolumeclaim_usage_gigabyte_months, source_uuid::uuid, infrastructure_usage_cost::jsonb, cost_category_id
FROM reporting_ocpusagelineitem_daily_summary_staging
WHERE source = %(source)s AND usage_start BETWEEN %(start)s AND %(end)s
