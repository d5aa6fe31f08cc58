-- How new what a map shows is: a version for each topic and area, renewed by every transaction that changes
-- anything of it, at its end. A tile made at some versions is good until one of them is renewed.
--
-- An area's version covers all that lies in it; '' is the whole deployment. A change that cannot be told by
-- community renews '*', which everybody adds. A version is the clock's microseconds and at least one more than
-- before, so that none comes again, not even after a backup is restored.
CREATE TABLE access.layer_version (
    area_code text NOT NULL,
    topic text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (area_code, topic)
) WITH (fillfactor = 50);

-- The topic of every table that has versions. The tables whose changes enter the history share one: the history
-- notes the communities, not the tables.
CREATE TABLE access.layer_topic (
    table_name text PRIMARY KEY,
    topic text NOT NULL
);
INSERT INTO access.layer_topic
SELECT unnest(ARRAY['building', 'compound', 'arrangement', 'unit_record', 'plan_publication', 'post',
                    'unit_history', 'unit_state', 'coverage_change']), 'unit';

GRANT SELECT ON access.layer_topic TO geo_service_app;

-- What a transaction has changed; empty at its end.
CREATE TABLE access.changed_topic (
    txid bigint NOT NULL DEFAULT txid_current(),
    is_last boolean NOT NULL DEFAULT false,
    topic text NOT NULL,
    area_code text NOT NULL,
    PRIMARY KEY (txid, is_last, topic, area_code)
);

-- Two turns, so that versions are renewed after the history of the same transaction, which waits for others: all
-- transactions take their locks in one order.
CREATE FUNCTION access.renew_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NOT NEW.is_last THEN
        WITH gone AS (
            DELETE FROM access.changed_topic WHERE txid = txid_current() AND NOT is_last RETURNING topic, area_code
        )
        INSERT INTO access.changed_topic (is_last, topic, area_code)
        SELECT true, topic, area_code FROM gone ON CONFLICT DO NOTHING;
        RETURN NULL;
    END IF;
    WITH gone AS (
        DELETE FROM access.changed_topic WHERE txid = txid_current() AND is_last RETURNING topic, area_code
    )
    INSERT INTO access.layer_version AS known (area_code, topic, version)
    SELECT DISTINCT up.code, gone.topic, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint
    FROM gone
    LEFT JOIN area a ON a.code = gone.area_code
    CROSS JOIN LATERAL unnest(CASE WHEN gone.area_code = '*' THEN ARRAY['*']
                                   ELSE a.lineage || ARRAY[gone.area_code, ''] END) AS up (code)
    ORDER BY up.code, gone.topic
    ON CONFLICT (area_code, topic) DO UPDATE SET version = greatest(excluded.version, known.version + 1);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER renew AFTER INSERT ON access.changed_topic
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.renew_versions();

-- A statement has changed a table: note its topic (first argument), by the communities of its rows where the table
-- has that column (second argument).
CREATE FUNCTION access.note_topic() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF TG_NARGS = 1 OR TG_OP = 'TRUNCATE' THEN
        INSERT INTO access.changed_topic (topic, area_code) VALUES (TG_ARGV[0], '*') ON CONFLICT DO NOTHING;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format('INSERT INTO access.changed_topic (topic, area_code) SELECT DISTINCT $1, coalesce(%I, ''*'')'
                       ' FROM old_rows ON CONFLICT DO NOTHING', TG_ARGV[1]) USING TG_ARGV[0];
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format('INSERT INTO access.changed_topic (topic, area_code) SELECT DISTINCT $1, coalesce(%I, ''*'')'
                       ' FROM new_rows ON CONFLICT DO NOTHING', TG_ARGV[1]) USING TG_ARGV[0];
    END IF;
    RETURN NULL;
END $$;

-- From here on a table's changes renew the versions of its topic.
CREATE FUNCTION access.have_versions(name text, topic text, community_column text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    arguments text := quote_literal(topic) || coalesce(', ' || quote_literal(community_column), '');
BEGIN
    INSERT INTO access.layer_topic (table_name, topic) VALUES (name, topic);
    EXECUTE format('CREATE TRIGGER topic_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION access.note_topic(%s)', name, arguments);
    EXECUTE format('CREATE TRIGGER topic_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows '
                   'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.note_topic(%s)', name, arguments);
    EXECUTE format('CREATE TRIGGER topic_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION access.note_topic(%s)', name, arguments);
    EXECUTE format('CREATE TRIGGER topic_truncate AFTER TRUNCATE ON %I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION access.note_topic(%s)', name, arguments);
END $$;

SELECT access.have_versions('zone', 'zone', 'community_code');
SELECT access.have_versions('zone_member', 'zone', 'community_code');
SELECT access.have_versions('person', 'person', 'community_code');
SELECT access.have_versions(each.name, each.name, NULL)
FROM unnest(ARRAY[
    'area', 'barrier', 'walkway', 'plan', 'plan_outcome', 'deployment', 'policy_profile', 'form_decision', 'bulletin',
    'objection', 'evaluation', 'report_receipt', 'unit_alias', 'consent_round', 'governance_body', 'responsible_unit',
    'responsibility', 'target_letter', 'compound_plan', 'lapse'
]) AS each (name);

-- As in revision 0004, and the versions of what has changed besides.
CREATE OR REPLACE FUNCTION access.refresh_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    communities text[];
BEGIN
    WITH gone AS (DELETE FROM access.changed_community WHERE txid = txid_current() RETURNING code)
    SELECT array_agg(code ORDER BY code) INTO communities FROM gone;
    IF communities IS NULL THEN
        RETURN NULL;
    END IF;
    -- Two writers of one community go one after the other, and the second sees what the first has written.
    -- Many communities together take one lock instead of thousands.
    IF cardinality(communities) > 100 THEN
        PERFORM pg_advisory_xact_lock(7301231, 0);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(7301231, 0);
        PERFORM pg_advisory_xact_lock(7301232, hashtext(each.code)) FROM unnest(communities) AS each (code);
    END IF;
    PERFORM access.refresh_communities(communities, clock_timestamp());
    INSERT INTO access.changed_topic (is_last, topic, area_code)
    SELECT true, 'unit', each.code FROM unnest(communities) AS each (code) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION access.renew_versions(), access.note_topic(), access.have_versions(text, text, text)
    FROM public;
