-- Trainings that are running.

CREATE FUNCTION rnn_running()
	RETURNS TABLE(pid integer, role oid, model text, phase text, epoch integer, epochs integer, loss float8,
		val_loss float8,
	best_loss float8, started timestamptz, eta timestamptz, workers integer)
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 5;
COMMENT ON FUNCTION rnn_running() IS
'running trainings of roles whose privileges the caller has (of all roles, for members of pg_read_all_stats): see rnn_progress';

CREATE VIEW rnn_progress AS
SELECT r.pid, pg_catalog.pg_get_userbyid(r.role) AS role, r.model, r.phase, r.epoch, r.epochs, r.loss, r.val_loss,
	r.best_loss,
	r.started, r.eta, r.workers
FROM rnn_running() r;
COMMENT ON VIEW rnn_progress IS
'running trainings: process, role, managed model, epochs done and expected, losses, expected end';
GRANT SELECT ON rnn_progress TO PUBLIC;
