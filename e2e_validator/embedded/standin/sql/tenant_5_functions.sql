-- Run with search_path = the tenant schema, public.

-- The labels (JSON text) whose keys are allowed; an empty object, never NULL, so that objects can be joined with ||.
CREATE FUNCTION allowed_labels(labels text, allowed text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(pair.key, pair.value), '{}')
    FROM jsonb_each_text(coalesce(nullif(btrim(labels), ''), '{}')::jsonb) AS pair
    WHERE pair.key = ANY (allowed)
$$;

-- What happened to a cost model and when; the sources are those it has at that moment.
CREATE FUNCTION record_cost_model_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    model cost_model;
BEGIN
    model := CASE WHEN tg_op = 'DELETE' THEN old ELSE new END;
    INSERT INTO cost_model_audit (
        operation, audit_timestamp, provider_uuids, uuid, name, description, source_type, created_timestamp,
        updated_timestamp, rates, markup, distribution, currency, distribution_info
    )
    SELECT tg_op, now(), (SELECT array_agg(provider_uuid) FROM cost_model_map WHERE cost_model_id = model.uuid),
        model.*;
    RETURN NULL;
END
$$;

CREATE TRIGGER cost_model_audit AFTER INSERT OR UPDATE OR DELETE ON cost_model
FOR EACH ROW EXECUTE FUNCTION record_cost_model_change();
