-- What is known of a zone beside its size. Null in plans drawn before this revision, which kept to the rules.
ALTER TABLE zone
    ADD COLUMN span_m double precision CHECK (span_m >= 0),         -- between the two buildings farthest apart on foot
    ADD COLUMN stranded text[],                                     -- buildings that do not hang together with most
    ADD COLUMN barriers_crossed text[],                             -- names of the barriers between these and the rest
    ADD COLUMN walk_is_quick boolean NOT NULL DEFAULT false;        -- found while editing, not yet the shortest found

-- How many of its buildings are in no zone. A community that had no answer may be given zones by hand, and one may
-- lose all its zones; the reason why there was no answer stays.
ALTER TABLE plan_outcome ADD COLUMN unassigned integer CHECK (unassigned >= 0);
ALTER TABLE plan_outcome DROP CONSTRAINT plan_outcome_check;

-- The versions of all that the ground of a community is drawn from, in one word.
CREATE FUNCTION access.ground_version(community text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT coalesce(string_agg(v.area_code || ' ' || v.topic || ' ' || v.version, ',' ORDER BY v.area_code, v.topic), '')
    FROM access.layer_version v
    WHERE v.area_code IN (community, '*')
      AND v.topic IN ('unit', 'area', 'barrier', 'walkway', 'deployment', 'policy_profile')
$$;
REVOKE EXECUTE ON FUNCTION access.ground_version(text) FROM public;
GRANT EXECUTE ON FUNCTION access.ground_version(text) TO geo_service_app;
