-- Run with search_path = the tenant schema, public.

-- The labels (JSON text) whose keys are allowed; an empty object, never NULL, so that objects can be joined with ||.
CREATE FUNCTION allowed_labels(labels text, allowed text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(pair.key, pair.value), '{}')
    FROM jsonb_each_text(coalesce(nullif(btrim(labels), ''), '{}')::jsonb) AS pair
    WHERE pair.key = ANY (allowed)
$$;
