-- The present footer of a community for a day becomes history.
UPDATE ledger_footer SET recorded = tstzrange(lower(recorded), clock_timestamp())
WHERE community_code = :community_code AND on_date = :on_date AND upper_inf(recorded)
