-- Whether an import was a ledger of a later day. SECURITY DEFINER: what others have imported stands too.
CREATE FUNCTION access.is_later_ledger(import bigint, on_date date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT EXISTS (
        SELECT FROM import_record
        WHERE id = import AND kind = 'ledger' AND (report ->> 'as_of')::date > on_date)
$$;
