-- Usage priced by rate; only filled where Koku's rates-to-usage flag is on (koku contract 3.10).
-- Run with search_path = the tenant schema, public. Partitions by month are added when data arrives.

CREATE TABLE rates_to_usage (
    uuid uuid DEFAULT gen_random_uuid() NOT NULL, report_period_id integer, source_uuid uuid NOT NULL,
    usage_start date NOT NULL, usage_end date NOT NULL, node varchar(253), namespace varchar(253),
    cluster_id text NOT NULL, cluster_alias text, data_source varchar(63), persistentvolumeclaim varchar(253),
    pod_labels jsonb, volume_labels jsonb, all_labels jsonb, custom_name varchar(50) NOT NULL,
    metric_type varchar(20) NOT NULL, cost_model_rate_type text, monthly_cost_type text,
    calculated_cost numeric(33,15), distributed_cost numeric(33,15), labels jsonb, label_hash varchar(64),
    cost_category_id integer, cost_model_id uuid, rate_id uuid, cluster_capacity_cpu_core_hours numeric(33,15),
    cluster_capacity_memory_gigabyte_hours numeric(33,15), node_capacity_cpu_core_hours numeric(33,15),
    node_capacity_cpu_cores numeric(33,15), node_capacity_memory_gigabyte_hours numeric(33,15),
    node_capacity_memory_gigabytes numeric(33,15), persistentvolume varchar(253), resource_id varchar(253),
    storageclass varchar(253), PRIMARY KEY (usage_start, uuid),
    FOREIGN KEY (cost_category_id) REFERENCES reporting_ocp_cost_category(id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (cost_model_id) REFERENCES cost_model(uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (rate_id) REFERENCES cost_model_rate(uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (report_period_id) REFERENCES reporting_ocpusagereportperiod(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (source_uuid) REFERENCES reporting_tenant_api_provider(uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (usage_start);

CREATE TABLE rates_to_usage_default PARTITION OF rates_to_usage DEFAULT;
