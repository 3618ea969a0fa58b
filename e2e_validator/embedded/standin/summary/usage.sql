-- Pod and storage rows of some days, from the line items into the staging table (koku contract 6.1).
-- The staging table has double precision: 15 significant digits are what Koku's numbers keep.
INSERT INTO reporting_ocpusagelineitem_daily_summary_staging (
    report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace, node, resource_id,
    pod_labels, pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours,
    pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours,
    pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours, node_capacity_cpu_cores,
    node_capacity_cpu_core_hours, node_capacity_memory_gigabytes, node_capacity_memory_gigabyte_hours,
    cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours, persistentvolumeclaim, persistentvolume,
    storageclass, volume_labels, persistentvolumeclaim_capacity_gigabyte,
    persistentvolumeclaim_capacity_gigabyte_months, volume_request_storage_gigabyte_months,
    persistentvolumeclaim_usage_gigabyte_months, source_uuid, infrastructure_usage_cost, csi_volume_handle,
    cost_category_id, source, year, month, day
)
WITH allowed AS (
    SELECT array_agg(key) || '{vm_kubevirt_io_name}' AS keys
    FROM reporting_enabledtagkeys WHERE enabled AND provider_type = 'OCP'
),
node_labels AS (
    -- Two label sets of a node on one day make two rows, and so double its usage: as on Koku.
    SELECT DISTINCT usage_start, node, allowed_labels(node_labels, allowed.keys) AS labels
    FROM openshift_node_labels_line_items_daily, allowed
    WHERE source = %(source)s AND year = %(year)s AND month = %(month)s AND usage_start BETWEEN %(start)s AND %(end)s
),
namespace_labels AS (
    SELECT DISTINCT usage_start, namespace, allowed_labels(namespace_labels, allowed.keys) AS labels
    FROM openshift_namespace_labels_line_items_daily, allowed
    WHERE source = %(source)s AND year = %(year)s AND month = %(month)s AND usage_start BETWEEN %(start)s AND %(end)s
),
node_hours AS (
    -- Capacity comes from the hourly rows: the largest value of a node's pods in each hour.
    SELECT usage_start, node, interval_start,
        max(node_capacity_cpu_core_seconds) AS cpu, max(node_capacity_memory_byte_seconds) AS memory
    FROM openshift_pod_usage_line_items
    WHERE source = %(source)s AND year = %(year)s AND month = %(month)s AND usage_start BETWEEN %(start)s AND %(end)s
    GROUP BY usage_start, node, interval_start
),
node_capacity AS (
    SELECT usage_start, node, sum(cpu) AS cpu, sum(memory) AS memory FROM node_hours GROUP BY usage_start, node
),
cluster_capacity AS (
    SELECT usage_start, sum(cpu) AS cpu, sum(memory) AS memory FROM node_capacity GROUP BY usage_start
),
pods AS (
    SELECT *
    FROM openshift_pod_usage_line_items_daily
    WHERE source = %(source)s AND year = %(year)s AND month = %(month)s
),
volumes AS (
    SELECT *
    FROM openshift_storage_usage_line_items_daily
    WHERE source = %(source)s AND year = %(year)s AND month = %(month)s AND usage_start BETWEEN %(start)s AND %(end)s
),
mounts AS (
    SELECT DISTINCT v.usage_start, v.persistentvolumeclaim, v.persistentvolume, v.pod, v.namespace, p.node, p.resource_id
    FROM volumes v JOIN pods p USING (namespace, pod, usage_start)
),
mounting_nodes AS (
    SELECT usage_start, persistentvolume, count(DISTINCT node) AS nodes FROM mounts GROUP BY usage_start, persistentvolume
),
pod_days AS (
    SELECT p.usage_start, p.namespace, p.node,
        coalesce(nl.labels, '{}') || coalesce(nsl.labels, '{}') || allowed_labels(p.pod_labels, a.keys) AS labels,
        max(p.resource_id) AS resource_id, max(category.cost_category_id) AS category,
        sum(p.pod_usage_cpu_core_seconds) AS cpu_usage, sum(p.pod_request_cpu_core_seconds) AS cpu_request,
        sum(coalesce(p.pod_effective_usage_cpu_core_seconds,
            greatest(p.pod_usage_cpu_core_seconds, p.pod_request_cpu_core_seconds))) AS cpu_effective,
        sum(p.pod_limit_cpu_core_seconds) AS cpu_limit,
        sum(p.pod_usage_memory_byte_seconds) AS memory_usage, sum(p.pod_request_memory_byte_seconds) AS memory_request,
        sum(coalesce(p.pod_effective_usage_memory_byte_seconds,
            greatest(p.pod_usage_memory_byte_seconds, p.pod_request_memory_byte_seconds))) AS memory_effective,
        sum(p.pod_limit_memory_byte_seconds) AS memory_limit,
        max(p.node_capacity_cpu_cores) AS cores, max(p.node_capacity_memory_bytes) AS bytes,
        coalesce(max(nc.cpu), 0) AS node_cpu, coalesce(max(nc.memory), 0) AS node_memory,
        coalesce(max(cc.cpu), 0) AS cluster_cpu, coalesce(max(cc.memory), 0) AS cluster_memory
    FROM pods p
    CROSS JOIN allowed a
    LEFT JOIN node_labels nl USING (usage_start, node)
    LEFT JOIN namespace_labels nsl USING (usage_start, namespace)
    LEFT JOIN node_capacity nc USING (usage_start, node)
    LEFT JOIN cluster_capacity cc USING (usage_start)
    LEFT JOIN reporting_ocp_cost_category_namespace category ON p.namespace LIKE category.namespace
    WHERE p.usage_start BETWEEN %(start)s AND %(end)s AND p.node <> ''
    GROUP BY p.usage_start, p.namespace, p.node, 4
),
volume_days AS (
    SELECT v.usage_start, v.namespace, m.node, m.resource_id, v.persistentvolumeclaim, v.persistentvolume, v.storageclass,
        v.csi_volume_handle,
        coalesce(nl.labels, '{}') || coalesce(nsl.labels, '{}') || allowed_labels(v.persistentvolume_labels, a.keys)
            || allowed_labels(v.persistentvolumeclaim_labels, a.keys) AS labels,
        max(category.cost_category_id) AS category,
        max(v.persistentvolumeclaim_capacity_bytes) AS capacity_bytes,
        sum(v.persistentvolumeclaim_capacity_byte_seconds) AS capacity,
        -- A volume mounted by several nodes has one row per node: its request and usage are shared out, its capacity not.
        sum(v.volume_request_storage_byte_seconds) / coalesce(max(mn.nodes), 1) AS request,
        sum(v.persistentvolumeclaim_usage_byte_seconds) / coalesce(max(mn.nodes), 1) AS usage,
        86400 * extract(day FROM date_trunc('month', v.usage_start) + interval '1 month - 1 day')::integer AS month_seconds
    FROM volumes v
    CROSS JOIN allowed a
    LEFT JOIN mounts m USING (usage_start, persistentvolumeclaim, pod, namespace)
    LEFT JOIN mounting_nodes mn ON mn.usage_start = v.usage_start AND mn.persistentvolume = v.persistentvolume
    LEFT JOIN node_labels nl ON nl.usage_start = m.usage_start AND nl.node = m.node
    LEFT JOIN namespace_labels nsl ON nsl.usage_start = v.usage_start AND nsl.namespace = v.namespace
    LEFT JOIN reporting_ocp_cost_category_namespace category ON v.namespace LIKE category.namespace
    GROUP BY v.usage_start, v.namespace, m.node, m.resource_id, v.persistentvolumeclaim, v.persistentvolume,
        v.storageclass, v.csi_volume_handle, 9
),
gigabyte AS (SELECT power(2, -30) AS per_byte)
SELECT %(period)s, %(cluster)s, %(alias)s, 'Pod', usage_start, usage_start, namespace, node, resource_id,
    labels::text, cpu_usage / 3600.0, cpu_request / 3600.0, cpu_effective / 3600.0,
    cpu_limit / 3600.0, memory_usage / 3600.0 * per_byte, memory_request / 3600.0 * per_byte,
    memory_effective / 3600.0 * per_byte, memory_limit / 3600.0 * per_byte, cores,
    node_cpu / 3600.0, bytes * per_byte, node_memory / 3600.0 * per_byte,
    cluster_cpu / 3600.0, cluster_memory / 3600.0 * per_byte, NULL, NULL,
    NULL, NULL, NULL,
    NULL, NULL,
    NULL, %(source)s, '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}', NULL,
    category, %(source)s, extract(year FROM usage_start)::text, extract(month FROM usage_start)::text,
    extract(day FROM usage_start)::text
FROM pod_days, gigabyte
UNION ALL
SELECT %(period)s, %(cluster)s, %(alias)s, 'Storage', usage_start, usage_start, namespace, node, resource_id,
    NULL, NULL, NULL, NULL,
    NULL, NULL, NULL,
    NULL, NULL, NULL,
    NULL, NULL, NULL,
    NULL, NULL, persistentvolumeclaim, persistentvolume,
    storageclass, labels::text, capacity_bytes * per_byte,
    capacity / month_seconds * per_byte, request / month_seconds * per_byte,
    usage / month_seconds * per_byte, %(source)s,
    '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}', csi_volume_handle,
    category, %(source)s, extract(year FROM usage_start)::text, extract(month FROM usage_start)::text,
    extract(day FROM usage_start)::text
FROM volume_days, gigabyte
