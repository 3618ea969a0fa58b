-- The daily summary, its staging table and the tables behind the reports (koku contract 3.9, 6.3).
-- Run with search_path = the tenant schema, public. Partitions by month are added when data arrives.

CREATE TABLE reporting_ocp_cost_breakdown_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, usage_start date NOT NULL, usage_end date NOT NULL,
    cluster_id text NOT NULL, cluster_alias text, namespace varchar(253), node varchar(253),
    custom_name varchar(50) NOT NULL, metric_type varchar(30) NOT NULL, cost_model_rate_type text,
    cost_value numeric(33,15), distributed_cost numeric(33,15), raw_currency text, path varchar(512) NOT NULL,
    depth smallint NOT NULL, parent_path varchar(512) NOT NULL, top_category varchar(512) NOT NULL,
    breakdown_category varchar(50) NOT NULL, cost_category_id integer, source_uuid uuid,
    PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_cost_breakdown_p_default PARTITION OF reporting_ocp_cost_breakdown_p DEFAULT;

CREATE TABLE reporting_ocp_cost_summary_by_node_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text, node varchar(253),
    usage_start date NOT NULL, usage_end date NOT NULL, infrastructure_raw_cost numeric(33,15),
    infrastructure_usage_cost jsonb, infrastructure_markup_cost numeric(33,15),
    infrastructure_monthly_cost_json jsonb, supplementary_usage_cost jsonb,
    supplementary_monthly_cost_json jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    distributed_cost numeric(33,15), raw_currency text, source_uuid uuid, cost_category_id integer,
    cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_cost_summary_by_node_p_default PARTITION OF reporting_ocp_cost_summary_by_node_p DEFAULT;

CREATE TABLE reporting_ocp_cost_summary_by_project_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text,
    namespace varchar(253), usage_start date NOT NULL, usage_end date NOT NULL, infrastructure_usage_cost jsonb,
    infrastructure_project_monthly_cost jsonb, supplementary_usage_cost jsonb,
    supplementary_project_monthly_cost jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    distributed_cost numeric(33,15), raw_currency text, source_uuid uuid, cost_category_id integer,
    infrastructure_markup_cost numeric(33,15), infrastructure_raw_cost numeric(33,15),
    cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_cost_summary_by_project_p_default PARTITION OF reporting_ocp_cost_summary_by_project_p DEFAULT;

CREATE TABLE reporting_ocp_cost_summary_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text,
    usage_start date NOT NULL, usage_end date NOT NULL, infrastructure_raw_cost numeric(33,15),
    infrastructure_usage_cost jsonb, infrastructure_markup_cost numeric(33,15),
    infrastructure_monthly_cost_json jsonb, supplementary_usage_cost jsonb,
    supplementary_monthly_cost_json jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    distributed_cost numeric(33,15), raw_currency text, source_uuid uuid, cost_category_id integer,
    cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_cost_summary_p_default PARTITION OF reporting_ocp_cost_summary_p DEFAULT;

CREATE TABLE reporting_ocp_gpu_summary_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text,
    namespace varchar(253), node varchar(253), usage_start date NOT NULL, usage_end date NOT NULL,
    vendor_name varchar(128), model_name varchar(128), memory_capacity_gb numeric(33,15), gpu_count integer,
    cost_model_gpu_cost numeric(33,15), raw_currency text, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_volume_cost numeric(33,15), cost_model_rate_type text,
    cost_category_id integer, source_uuid uuid, gpu_max_slices integer, gpu_mode varchar(32),
    mig_memory_capacity_gb numeric(33,15), mig_profile varchar(64), mig_slice_count integer,
    mig_strategy varchar(10), gpu_uuid varchar(128), mig_instance_id varchar(128),
    PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_gpu_summary_p_default PARTITION OF reporting_ocp_gpu_summary_p DEFAULT;

CREATE TABLE reporting_ocp_network_summary_by_node_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_alias text, cluster_id text NOT NULL,
    cost_model_cpu_cost numeric(33,15), cost_model_memory_cost numeric(33,15), cost_model_rate_type text,
    cost_model_volume_cost numeric(33,15), data_source varchar(64), distributed_cost numeric(33,15),
    infrastructure_data_in_gigabytes numeric(33,15), infrastructure_data_out_gigabytes numeric(33,15),
    infrastructure_markup_cost numeric(33,15), infrastructure_raw_cost numeric(33,15), node varchar(253),
    raw_currency text, resource_count integer, resource_ids varchar(256)[], usage_end date NOT NULL,
    usage_start date NOT NULL, cost_category_id integer, source_uuid uuid, cost_model_gpu_cost numeric(33,15),
    PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_network_summary_by_node_p_default PARTITION OF reporting_ocp_network_summary_by_node_p DEFAULT;

CREATE TABLE reporting_ocp_network_summary_by_project_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_alias text, cluster_id text NOT NULL,
    cost_model_cpu_cost numeric(33,15), cost_model_memory_cost numeric(33,15), cost_model_rate_type text,
    cost_model_volume_cost numeric(33,15), data_source varchar(64), distributed_cost numeric(33,15),
    infrastructure_data_in_gigabytes numeric(33,15), infrastructure_data_out_gigabytes numeric(33,15),
    infrastructure_markup_cost numeric(33,15), infrastructure_raw_cost numeric(33,15), namespace varchar(253),
    raw_currency text, resource_count integer, resource_ids varchar(256)[], usage_end date NOT NULL,
    usage_start date NOT NULL, cost_category_id integer, source_uuid uuid, cost_model_gpu_cost numeric(33,15),
    PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_network_summary_by_project_p_default PARTITION OF reporting_ocp_network_summary_by_project_p DEFAULT;

CREATE TABLE reporting_ocp_network_summary_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_alias text, cluster_id text NOT NULL,
    cost_model_cpu_cost numeric(33,15), cost_model_memory_cost numeric(33,15), cost_model_rate_type text,
    cost_model_volume_cost numeric(33,15), data_source varchar(64), distributed_cost numeric(33,15),
    infrastructure_data_in_gigabytes numeric(33,15), infrastructure_data_out_gigabytes numeric(33,15),
    infrastructure_markup_cost numeric(33,15), infrastructure_raw_cost numeric(33,15), raw_currency text,
    resource_count integer, resource_ids varchar(256)[], usage_end date NOT NULL, usage_start date NOT NULL,
    cost_category_id integer, source_uuid uuid, cost_model_gpu_cost numeric(33,15),
    PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_network_summary_p_default PARTITION OF reporting_ocp_network_summary_p DEFAULT;

CREATE TABLE reporting_ocp_pod_summary_by_node_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text, node varchar(253),
    resource_ids varchar(256)[], resource_count integer, data_source varchar(64), usage_start date NOT NULL,
    usage_end date NOT NULL, infrastructure_raw_cost numeric(33,15), infrastructure_usage_cost jsonb,
    infrastructure_markup_cost numeric(33,15), infrastructure_monthly_cost_json jsonb,
    supplementary_usage_cost jsonb, supplementary_monthly_cost_json jsonb,
    pod_usage_cpu_core_hours numeric(33,15), pod_request_cpu_core_hours numeric(33,15),
    pod_effective_usage_cpu_core_hours numeric(33,15), pod_limit_cpu_core_hours numeric(33,15),
    pod_usage_memory_gigabyte_hours numeric(33,15), pod_request_memory_gigabyte_hours numeric(33,15),
    pod_effective_usage_memory_gigabyte_hours numeric(33,15), pod_limit_memory_gigabyte_hours numeric(33,15),
    cluster_capacity_cpu_core_hours numeric(33,15), cluster_capacity_memory_gigabyte_hours numeric(33,15),
    node_capacity_cpu_cores numeric(33,15), node_capacity_cpu_core_hours numeric(33,15),
    node_capacity_memory_gigabytes numeric(33,15), node_capacity_memory_gigabyte_hours numeric(33,15),
    raw_currency text, distributed_cost numeric(33,15), cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_volume_cost numeric(33,15), cost_model_rate_type text,
    cost_category_id integer, source_uuid uuid, cost_model_gpu_cost numeric(33,15),
    PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_pod_summary_by_node_p_default PARTITION OF reporting_ocp_pod_summary_by_node_p DEFAULT;

CREATE TABLE reporting_ocp_pod_summary_by_project_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text,
    namespace varchar(253), resource_ids varchar(256)[], resource_count integer, data_source varchar(64),
    usage_start date NOT NULL, usage_end date NOT NULL, infrastructure_raw_cost numeric(33,15),
    infrastructure_usage_cost jsonb, infrastructure_markup_cost numeric(33,15),
    infrastructure_monthly_cost_json jsonb, supplementary_usage_cost jsonb,
    supplementary_monthly_cost_json jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    pod_usage_cpu_core_hours numeric(33,15), pod_request_cpu_core_hours numeric(33,15),
    pod_effective_usage_cpu_core_hours numeric(33,15), pod_limit_cpu_core_hours numeric(33,15),
    pod_usage_memory_gigabyte_hours numeric(33,15), pod_request_memory_gigabyte_hours numeric(33,15),
    pod_effective_usage_memory_gigabyte_hours numeric(33,15), pod_limit_memory_gigabyte_hours numeric(33,15),
    cluster_capacity_cpu_core_hours numeric(33,15), cluster_capacity_memory_gigabyte_hours numeric(33,15),
    distributed_cost numeric(33,15), raw_currency text, source_uuid uuid, cost_category_id integer,
    cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_pod_summary_by_project_p_default PARTITION OF reporting_ocp_pod_summary_by_project_p DEFAULT;

CREATE TABLE reporting_ocp_pod_summary_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text,
    resource_ids varchar(256)[], resource_count integer, data_source varchar(64), usage_start date NOT NULL,
    usage_end date NOT NULL, infrastructure_raw_cost numeric(33,15), infrastructure_usage_cost jsonb,
    infrastructure_markup_cost numeric(33,15), infrastructure_monthly_cost_json jsonb,
    supplementary_usage_cost jsonb, supplementary_monthly_cost_json jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    pod_usage_cpu_core_hours numeric(33,15), pod_request_cpu_core_hours numeric(33,15),
    pod_effective_usage_cpu_core_hours numeric(33,15), pod_limit_cpu_core_hours numeric(33,15),
    pod_usage_memory_gigabyte_hours numeric(33,15), pod_request_memory_gigabyte_hours numeric(33,15),
    pod_effective_usage_memory_gigabyte_hours numeric(33,15), pod_limit_memory_gigabyte_hours numeric(33,15),
    cluster_capacity_cpu_core_hours numeric(33,15), cluster_capacity_memory_gigabyte_hours numeric(33,15),
    distributed_cost numeric(33,15), raw_currency text, source_uuid uuid, cost_category_id integer,
    cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_pod_summary_p_default PARTITION OF reporting_ocp_pod_summary_p DEFAULT;

CREATE TABLE reporting_ocp_vm_summary_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_alias text, cluster_id text, namespace varchar(253),
    node varchar(253), vm_name text, cost_model_cpu_cost numeric(33,15), cost_model_memory_cost numeric(33,15),
    cost_model_rate_type text, cost_model_volume_cost numeric(33,15), distributed_cost numeric(33,15),
    pod_labels jsonb, pod_request_cpu_core_hours numeric(33,15),
    pod_request_memory_gigabyte_hours numeric(33,15), infrastructure_markup_cost numeric(33,15),
    infrastructure_raw_cost numeric(33,15), raw_currency text, resource_ids varchar(256)[],
    usage_end date NOT NULL, usage_start date NOT NULL, cost_category_id integer, source_uuid uuid,
    persistentvolumeclaim varchar(253), persistentvolumeclaim_capacity_gigabyte_months numeric(33,15),
    persistentvolumeclaim_usage_gigabyte_months numeric(33,15), storageclass varchar(253),
    cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    UNIQUE (usage_start, cluster_id, namespace, node, vm_name, cost_model_rate_type, persistentvolumeclaim),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_vm_summary_p_default PARTITION OF reporting_ocp_vm_summary_p DEFAULT;

CREATE TABLE reporting_ocp_volume_summary_by_project_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text,
    namespace varchar(253), resource_ids varchar(256)[], resource_count integer, data_source varchar(64),
    usage_start date NOT NULL, usage_end date NOT NULL, infrastructure_raw_cost numeric(33,15),
    infrastructure_usage_cost jsonb, infrastructure_markup_cost numeric(33,15),
    infrastructure_monthly_cost_json jsonb, supplementary_usage_cost jsonb,
    supplementary_monthly_cost_json jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    volume_request_storage_gigabyte_months numeric(33,15),
    persistentvolumeclaim_usage_gigabyte_months numeric(33,15),
    persistentvolumeclaim_capacity_gigabyte_months numeric(33,15), distributed_cost numeric(33,15),
    raw_currency text, source_uuid uuid, cost_category_id integer, persistentvolumeclaim varchar(253),
    storageclass varchar(253), cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_volume_summary_by_project_p_default PARTITION OF reporting_ocp_volume_summary_by_project_p DEFAULT;

CREATE TABLE reporting_ocp_volume_summary_p (
    id uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id text NOT NULL, cluster_alias text,
    resource_ids varchar(256)[], resource_count integer, data_source varchar(64), usage_start date NOT NULL,
    usage_end date NOT NULL, infrastructure_raw_cost numeric(33,15), infrastructure_usage_cost jsonb,
    infrastructure_markup_cost numeric(33,15), infrastructure_monthly_cost_json jsonb,
    supplementary_usage_cost jsonb, supplementary_monthly_cost_json jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    volume_request_storage_gigabyte_months numeric(33,15),
    persistentvolumeclaim_usage_gigabyte_months numeric(33,15),
    persistentvolumeclaim_capacity_gigabyte_months numeric(33,15), distributed_cost numeric(33,15),
    raw_currency text, source_uuid uuid, cost_category_id integer, persistentvolumeclaim varchar(253),
    storageclass varchar(253), cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, id),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocp_volume_summary_p_default PARTITION OF reporting_ocp_volume_summary_p DEFAULT;

CREATE TABLE reporting_ocpusagelineitem_daily_summary (
    uuid uuid DEFAULT gen_random_uuid() NOT NULL, cluster_id varchar(50), cluster_alias varchar(256),
    data_source varchar(64), namespace varchar(253), node varchar(253), resource_id varchar(253),
    usage_start date NOT NULL, usage_end date NOT NULL, pod_labels jsonb,
    pod_usage_cpu_core_hours numeric(33,15), pod_request_cpu_core_hours numeric(33,15),
    pod_effective_usage_cpu_core_hours numeric(33,15), pod_limit_cpu_core_hours numeric(33,15),
    pod_usage_memory_gigabyte_hours numeric(33,15), pod_request_memory_gigabyte_hours numeric(33,15),
    pod_effective_usage_memory_gigabyte_hours numeric(33,15), pod_limit_memory_gigabyte_hours numeric(33,15),
    node_capacity_cpu_cores numeric(33,15), node_capacity_cpu_core_hours numeric(33,15),
    node_capacity_memory_gigabytes numeric(33,15), node_capacity_memory_gigabyte_hours numeric(33,15),
    cluster_capacity_cpu_core_hours numeric(33,15), cluster_capacity_memory_gigabyte_hours numeric(33,15),
    persistentvolumeclaim varchar(253), persistentvolume varchar(253), storageclass varchar(253),
    volume_labels jsonb, persistentvolumeclaim_capacity_gigabyte numeric(33,15),
    persistentvolumeclaim_capacity_gigabyte_months numeric(33,15),
    volume_request_storage_gigabyte_months numeric(33,15),
    persistentvolumeclaim_usage_gigabyte_months numeric(33,15), infrastructure_raw_cost numeric(33,15),
    infrastructure_project_raw_cost numeric(33,15), infrastructure_usage_cost jsonb,
    infrastructure_markup_cost numeric(33,15), infrastructure_project_markup_cost numeric(33,15),
    infrastructure_monthly_cost numeric(33,15), infrastructure_monthly_cost_json jsonb,
    supplementary_usage_cost jsonb, supplementary_monthly_cost numeric(33,15),
    supplementary_monthly_cost_json jsonb, infrastructure_project_monthly_cost jsonb,
    supplementary_project_monthly_cost jsonb, cost_model_cpu_cost numeric(33,15),
    cost_model_memory_cost numeric(33,15), cost_model_rate_type text, cost_model_volume_cost numeric(33,15),
    monthly_cost_type text, distributed_cost numeric(33,15), raw_currency text, source_uuid uuid,
    report_period_id integer, cost_category_id integer, all_labels jsonb,
    infrastructure_data_in_gigabytes numeric(33,15), infrastructure_data_out_gigabytes numeric(33,15),
    cost_model_gpu_cost numeric(33,15), PRIMARY KEY (usage_start, uuid),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (report_period_id) REFERENCES reporting_ocpusagereportperiod(id) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocpusagelineitem_daily_summary_default PARTITION OF reporting_ocpusagelineitem_daily_summary DEFAULT;

CREATE TABLE reporting_ocpusagelineitem_daily_summary_staging (
    id integer GENERATED BY DEFAULT AS IDENTITY NOT NULL, uuid varchar(64), usage_start date NOT NULL,
    report_period_id integer, cluster_id varchar(256), cluster_alias varchar(256), data_source varchar(64),
    usage_end date, namespace varchar(253), node varchar(253), resource_id varchar(256), pod_labels text,
    pod_usage_cpu_core_hours double precision, pod_request_cpu_core_hours double precision,
    pod_effective_usage_cpu_core_hours double precision, pod_limit_cpu_core_hours double precision,
    pod_usage_memory_gigabyte_hours double precision, pod_request_memory_gigabyte_hours double precision,
    pod_effective_usage_memory_gigabyte_hours double precision,
    pod_limit_memory_gigabyte_hours double precision, node_capacity_cpu_cores double precision,
    node_capacity_cpu_core_hours double precision, node_capacity_memory_gigabytes double precision,
    node_capacity_memory_gigabyte_hours double precision, cluster_capacity_cpu_core_hours double precision,
    cluster_capacity_memory_gigabyte_hours double precision, persistentvolumeclaim varchar(253),
    persistentvolume varchar(253), storageclass varchar(256), volume_labels text,
    persistentvolumeclaim_capacity_gigabyte double precision,
    persistentvolumeclaim_capacity_gigabyte_months double precision,
    volume_request_storage_gigabyte_months double precision,
    persistentvolumeclaim_usage_gigabyte_months double precision, source_uuid varchar(64), source varchar(64),
    infrastructure_usage_cost text, csi_volume_handle varchar(256), cost_category_id integer, year varchar(4),
    month varchar(2), day varchar(2), PRIMARY KEY (usage_start, id)
) PARTITION BY RANGE (usage_start);

CREATE TABLE reporting_ocpusagelineitem_daily_summary_staging_default PARTITION OF reporting_ocpusagelineitem_daily_summary_staging DEFAULT;
