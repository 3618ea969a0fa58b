-- Line items, one row per CSV row, and the same grouped by day (koku contract 3.7).
-- Run with search_path = the tenant schema, public. Partitions by month are added when data arrives.

CREATE TABLE openshift_gpu_usage_line_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, node varchar(253),
    namespace varchar(253), pod varchar(253), gpu_uuid varchar(256), gpu_model_name varchar(256),
    gpu_vendor_name varchar(256), gpu_memory_capacity_mib double precision, gpu_pod_uptime double precision,
    gpu_max_slices integer, mig_instance_id varchar(256), mig_memory_capacity_mib double precision,
    mig_profile varchar(64), mig_slice_count integer, mig_strategy varchar(10), PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_gpu_usage_line_items_default PARTITION OF openshift_gpu_usage_line_items DEFAULT;

CREATE INDEX ON openshift_gpu_usage_line_items (source, year, month);

CREATE TABLE openshift_gpu_usage_line_items_daily (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, node varchar(253),
    namespace varchar(253), pod varchar(253), gpu_uuid varchar(256), gpu_model_name varchar(256),
    gpu_vendor_name varchar(256), gpu_memory_capacity_mib double precision, gpu_pod_uptime double precision,
    gpu_max_slices integer, mig_instance_id varchar(256), mig_memory_capacity_mib double precision,
    mig_profile varchar(64), mig_slice_count integer, mig_strategy varchar(10), PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_gpu_usage_line_items_daily_default PARTITION OF openshift_gpu_usage_line_items_daily DEFAULT;

CREATE INDEX ON openshift_gpu_usage_line_items_daily (source, year, month);

CREATE TABLE openshift_namespace_labels_line_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, namespace varchar(253),
    namespace_labels text, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_namespace_labels_line_items_default PARTITION OF openshift_namespace_labels_line_items DEFAULT;

CREATE INDEX ON openshift_namespace_labels_line_items (source, year, month);

CREATE TABLE openshift_namespace_labels_line_items_daily (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, namespace varchar(253),
    namespace_labels text, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_namespace_labels_line_items_daily_default PARTITION OF openshift_namespace_labels_line_items_daily DEFAULT;

CREATE INDEX ON openshift_namespace_labels_line_items_daily (source, year, month);

CREATE TABLE openshift_node_labels_line_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, node varchar(253),
    node_labels text, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_node_labels_line_items_default PARTITION OF openshift_node_labels_line_items DEFAULT;

CREATE INDEX ON openshift_node_labels_line_items (source, year, month);

CREATE TABLE openshift_node_labels_line_items_daily (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, node varchar(253),
    node_labels text, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_node_labels_line_items_daily_default PARTITION OF openshift_node_labels_line_items_daily DEFAULT;

CREATE INDEX ON openshift_node_labels_line_items_daily (source, year, month);

CREATE TABLE openshift_pod_usage_line_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, pod varchar(253),
    namespace varchar(253), node varchar(253), resource_id varchar(256), pod_labels text, node_role varchar(64),
    pod_usage_cpu_core_seconds double precision, pod_request_cpu_core_seconds double precision,
    pod_effective_usage_cpu_core_seconds double precision, pod_limit_cpu_core_seconds double precision,
    pod_usage_memory_byte_seconds double precision, pod_request_memory_byte_seconds double precision,
    pod_effective_usage_memory_byte_seconds double precision, pod_limit_memory_byte_seconds double precision,
    node_capacity_cpu_cores double precision, node_capacity_cpu_core_seconds double precision,
    node_capacity_memory_bytes double precision, node_capacity_memory_byte_seconds double precision,
    PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_pod_usage_line_items_default PARTITION OF openshift_pod_usage_line_items DEFAULT;

CREATE INDEX ON openshift_pod_usage_line_items (source, year, month);

CREATE TABLE openshift_pod_usage_line_items_daily (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, pod varchar(253),
    namespace varchar(253), node varchar(253), resource_id varchar(256), pod_labels text, node_role varchar(64),
    pod_usage_cpu_core_seconds double precision, pod_request_cpu_core_seconds double precision,
    pod_effective_usage_cpu_core_seconds double precision, pod_limit_cpu_core_seconds double precision,
    pod_usage_memory_byte_seconds double precision, pod_request_memory_byte_seconds double precision,
    pod_effective_usage_memory_byte_seconds double precision, pod_limit_memory_byte_seconds double precision,
    node_capacity_cpu_cores double precision, node_capacity_cpu_core_seconds double precision,
    node_capacity_memory_bytes double precision, node_capacity_memory_byte_seconds double precision,
    PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_pod_usage_line_items_daily_default PARTITION OF openshift_pod_usage_line_items_daily DEFAULT;

CREATE INDEX ON openshift_pod_usage_line_items_daily (source, year, month);

CREATE TABLE openshift_storage_usage_line_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, namespace varchar(253),
    pod varchar(253), node varchar(253), persistentvolumeclaim varchar(253), persistentvolume varchar(253),
    storageclass varchar(253), csi_driver varchar(256), csi_volume_handle varchar(256),
    persistentvolumeclaim_capacity_bytes double precision,
    persistentvolumeclaim_capacity_byte_seconds double precision,
    volume_request_storage_byte_seconds double precision,
    persistentvolumeclaim_usage_byte_seconds double precision, persistentvolume_labels text,
    persistentvolumeclaim_labels text, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_storage_usage_line_items_default PARTITION OF openshift_storage_usage_line_items DEFAULT;

CREATE INDEX ON openshift_storage_usage_line_items (source, year, month);

CREATE TABLE openshift_storage_usage_line_items_daily (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, namespace varchar(253),
    pod varchar(253), node varchar(253), persistentvolumeclaim varchar(253), persistentvolume varchar(253),
    storageclass varchar(253), csi_driver varchar(256), csi_volume_handle varchar(256),
    persistentvolumeclaim_capacity_bytes double precision,
    persistentvolumeclaim_capacity_byte_seconds double precision,
    volume_request_storage_byte_seconds double precision,
    persistentvolumeclaim_usage_byte_seconds double precision, persistentvolume_labels text,
    persistentvolumeclaim_labels text, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_storage_usage_line_items_daily_default PARTITION OF openshift_storage_usage_line_items_daily DEFAULT;

CREATE INDEX ON openshift_storage_usage_line_items_daily (source, year, month);

CREATE TABLE openshift_vm_usage_line_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, node varchar(253),
    namespace varchar(253), vm_name varchar(253), resource_id varchar(256), vm_instance_type varchar(256),
    vm_os varchar(256), vm_guest_os_arch varchar(64), vm_guest_os_name varchar(256),
    vm_guest_os_version varchar(256), vm_labels text, vm_uptime_total_seconds double precision,
    vm_cpu_limit_cores double precision, vm_cpu_limit_core_seconds double precision,
    vm_cpu_request_cores double precision, vm_cpu_request_core_seconds double precision,
    vm_cpu_request_sockets double precision, vm_cpu_request_socket_seconds double precision,
    vm_cpu_request_threads double precision, vm_cpu_request_thread_seconds double precision,
    vm_cpu_usage_total_seconds double precision, vm_memory_limit_bytes double precision,
    vm_memory_limit_byte_seconds double precision, vm_memory_request_bytes double precision,
    vm_memory_request_byte_seconds double precision, vm_memory_usage_byte_seconds double precision,
    vm_device varchar(256), vm_volume_mode varchar(64), vm_persistentvolumeclaim_name varchar(253),
    vm_disk_allocated_size_byte_seconds double precision, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_vm_usage_line_items_default PARTITION OF openshift_vm_usage_line_items DEFAULT;

CREATE INDEX ON openshift_vm_usage_line_items (source, year, month);

CREATE TABLE openshift_vm_usage_line_items_daily (
    id uuid DEFAULT gen_random_uuid() NOT NULL, report_period_start timestamptz, report_period_end timestamptz,
    interval_start timestamptz, interval_end timestamptz, usage_start date NOT NULL, source varchar(64),
    year varchar(4), month varchar(2), manifestid varchar(256), reportnumhours integer, node varchar(253),
    namespace varchar(253), vm_name varchar(253), resource_id varchar(256), vm_instance_type varchar(256),
    vm_os varchar(256), vm_guest_os_arch varchar(64), vm_guest_os_name varchar(256),
    vm_guest_os_version varchar(256), vm_labels text, vm_uptime_total_seconds double precision,
    vm_cpu_limit_cores double precision, vm_cpu_limit_core_seconds double precision,
    vm_cpu_request_cores double precision, vm_cpu_request_core_seconds double precision,
    vm_cpu_request_sockets double precision, vm_cpu_request_socket_seconds double precision,
    vm_cpu_request_threads double precision, vm_cpu_request_thread_seconds double precision,
    vm_cpu_usage_total_seconds double precision, vm_memory_limit_bytes double precision,
    vm_memory_limit_byte_seconds double precision, vm_memory_request_bytes double precision,
    vm_memory_request_byte_seconds double precision, vm_memory_usage_byte_seconds double precision,
    vm_device varchar(256), vm_volume_mode varchar(64), vm_persistentvolumeclaim_name varchar(253),
    vm_disk_allocated_size_byte_seconds double precision, PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE openshift_vm_usage_line_items_daily_default PARTITION OF openshift_vm_usage_line_items_daily DEFAULT;

CREATE INDEX ON openshift_vm_usage_line_items_daily (source, year, month);
