-- A first load of a district's buildings spends two thirds of its time entering rows into the spatial
-- index and checking keys one by one; set-wise both take a fraction. So the import lays them aside for a
-- load that at least doubles the table, and puts them back, with every row checked, in the same transaction.
-- The owner's rights are needed for that and lent for exactly these statements.

CREATE FUNCTION access.begin_building_load() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NOT access.is_writer() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only administrators and planners load buildings';
    END IF;
    DROP INDEX building_geom_3857, building_community_code;
    ALTER TABLE zone DROP CONSTRAINT zone_medoid_building_code_fkey;
    ALTER TABLE zone_member DROP CONSTRAINT zone_member_building_code_fkey;
    ALTER TABLE building DROP CONSTRAINT building_pkey,
                         DROP CONSTRAINT building_community_code_fkey,
                         DROP CONSTRAINT building_compound_code_fkey,
                         DROP CONSTRAINT building_import_id_fkey;
END $$;

CREATE FUNCTION access.end_building_load() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    CREATE INDEX building_community_code ON building (community_code);
    CREATE INDEX building_geom_3857 ON building USING gist (geom_3857);
    ALTER TABLE building
        ADD CONSTRAINT building_pkey PRIMARY KEY (code),
        ADD CONSTRAINT building_community_code_fkey FOREIGN KEY (community_code) REFERENCES area (code),
        ADD CONSTRAINT building_compound_code_fkey FOREIGN KEY (compound_code) REFERENCES compound (code),
        ADD CONSTRAINT building_import_id_fkey FOREIGN KEY (import_id) REFERENCES import_record (id);
    ALTER TABLE zone
        ADD CONSTRAINT zone_medoid_building_code_fkey FOREIGN KEY (medoid_building_code) REFERENCES building (code);
    ALTER TABLE zone_member
        ADD CONSTRAINT zone_member_building_code_fkey FOREIGN KEY (building_code) REFERENCES building (code);
END $$;

REVOKE EXECUTE ON FUNCTION access.begin_building_load(), access.end_building_load() FROM public;
GRANT EXECUTE ON FUNCTION access.begin_building_load(), access.end_building_load() TO geo_service_app;

-- Which of these codes name something outside the actor's scope: an upsert by code must not take them over,
-- and the policies alone would only fail the whole file. Tells a writer that a code is taken, nothing more.
CREATE FUNCTION access.codes_taken_elsewhere(table_name text, codes text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    area_column text := CASE WHEN table_name IN ('barrier', 'walkway') THEN 'area_code'
                             WHEN table_name IN ('compound', 'building', 'person') THEN 'community_code'
                             WHEN table_name = 'area' THEN 'code' END;
BEGIN
    IF access.is_writer() AND access.scope() <> '*' THEN
        RETURN QUERY EXECUTE format(
            'SELECT code FROM %I WHERE code = ANY ($1) AND %I NOT IN (SELECT access.areas_in_scope())',
            table_name, area_column) USING codes;
    END IF;
END $$;
