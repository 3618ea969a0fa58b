-- Where each value of a tag key occurs, of this report period; what the tags API lists.
INSERT INTO reporting_ocptags_values (uuid, key, value, cluster_ids, cluster_aliases, namespaces, nodes)
SELECT gen_random_uuid(), label.key, label.value, array_agg(DISTINCT period.cluster_id),
    array_agg(DISTINCT period.cluster_alias), array_agg(DISTINCT label.namespace), array_agg(DISTINCT label.node)
FROM (
    SELECT key, unnest(values) AS value, namespace, node, report_period_id FROM reporting_ocpusagepodlabel_summary
    UNION ALL
    SELECT key, unnest(values), namespace, node, report_period_id FROM reporting_ocpstoragevolumelabel_summary
) AS label
JOIN reporting_ocpusagereportperiod period ON period.id = label.report_period_id
WHERE label.report_period_id = %(period)s
GROUP BY label.key, label.value
ON CONFLICT (key, value) DO UPDATE
SET cluster_ids = excluded.cluster_ids, cluster_aliases = excluded.cluster_aliases, namespaces = excluded.namespaces,
    nodes = excluded.nodes
