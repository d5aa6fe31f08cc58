-- The first day that a file about some communities speaks of. SECURITY DEFINER: who imports nothing himself still
-- tells bulletins of what others have imported.
CREATE FUNCTION access.first_imported_day(communities text[]) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT min((report ->> 'as_of')::date) FROM import_record
    WHERE jsonb_exists_any(report -> 'communities', communities)
$$;
