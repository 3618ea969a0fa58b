-- Which values each enabled tag key has, per namespace and node, from the pods of the range (koku contract 3.8).
INSERT INTO reporting_ocpusagepodlabel_summary AS known (uuid, key, values, report_period_id, namespace, node)
SELECT gen_random_uuid(), label.key, array_agg(DISTINCT label.value), li.report_period_id, li.namespace, li.node
FROM reporting_ocpusagelineitem_daily_summary li, jsonb_each_text(li.pod_labels) AS label
JOIN reporting_enabledtagkeys enabled ON enabled.key = label.key AND enabled.enabled AND enabled.provider_type = 'OCP'
WHERE li.data_source = 'Pod' AND li.report_period_id = %(period)s AND li.usage_start BETWEEN %(start)s AND %(end)s
    AND coalesce(li.infrastructure_raw_cost, 0) = 0
GROUP BY label.key, li.report_period_id, li.namespace, li.node
ON CONFLICT (key, report_period_id, namespace, node) DO UPDATE
SET values = (SELECT array_agg(DISTINCT value) FROM unnest(known.values || excluded.values) AS value)
