-- A compound's plan may fail before it comes to the owners, for want of money as for any other reason.
ALTER TABLE compound_plan DROP CONSTRAINT compound_plan_check;
ALTER TABLE compound_plan ADD CONSTRAINT compound_plan_round
    CHECK (state = 'failed' OR (state = 'drafted') = (consent_round_id IS NULL));
