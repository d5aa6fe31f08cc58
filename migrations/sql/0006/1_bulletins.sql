-- The first day that a file about some communities speaks of. SECURITY DEFINER: who imports nothing himself still
-- tells bulletins of what others have imported.
CREATE FUNCTION access.first_imported_day(communities text[]) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT min((report ->> 'as_of')::date) FROM import_record
    WHERE jsonb_exists_any(report -> 'communities', communities)
$$;

-- A period is told once by each target that a plan has.
DROP INDEX bulletin_once_a_period;
CREATE UNIQUE INDEX bulletin_once_a_period
    ON bulletin (kind, area_code, period, coalesce(figures -> 'target' ->> 'key', '')) WHERE corrects IS NULL;
