-- The volume claims seen in the range.
INSERT INTO reporting_ocp_pvcs AS known (persistent_volume, persistent_volume_claim, csi_volume_handle, cluster_id)
SELECT persistentvolume, persistentvolumeclaim, max(csi_volume_handle), %(cluster)s
FROM openshift_storage_usage_line_items_daily
WHERE source = %(source)s AND year = %(year)s AND month = %(month)s AND usage_start BETWEEN %(start)s AND %(end)s
GROUP BY persistentvolume, persistentvolumeclaim
ON CONFLICT (persistent_volume, persistent_volume_claim, cluster_id)
DO UPDATE SET csi_volume_handle = coalesce(nullif(known.csi_volume_handle, ''), excluded.csi_volume_handle)
