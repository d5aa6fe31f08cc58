-- The walk of an edited zone is the shortest found from the first, as when it is drawn; what waits until the plan is
-- handed in is to write the buildings in its order.
ALTER TABLE zone RENAME COLUMN walk_is_quick TO visits_outdated;
-- What the steps of the history undo is the same as before: nothing for the audit trail.
ALTER TABLE plan_edit DISABLE TRIGGER USER;
UPDATE plan_edit SET inverse = replace(inverse::text, '"walk_is_quick":', '"visits_outdated":')::jsonb
WHERE inverse::text LIKE '%"walk_is_quick":%';
ALTER TABLE plan_edit ENABLE TRIGGER USER;
-- Proposals keep the walks of their zones from now on; those that wait have none and can be asked for again.
UPDATE plan_proposal SET state = 'dropped' WHERE state IN ('running', 'done');
