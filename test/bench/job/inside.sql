-- The job in PL/Python: the code of the outside program, with rows from plpy.
\set code `cat test/bench/job/forecaster.py`
\set call 'rows = [(r["at"], r["mw"]) for r in plpy.execute("SELECT extract(epoch FROM ts)::bigint AS at, mw FROM pjm WHERE ts < ''2018-08-01''")]\norigin = plpy.execute("SELECT extract(epoch FROM timestamp ''2017-08-01'')::bigint AS at")[0]["at"]\nreturn train_and_forecast(rows, origin, 365, updates, batch_size, rate, seed, threads)\n'
\set body :code '\n' :call
CREATE OR REPLACE FUNCTION job_inside(updates int, batch_size int, rate float8, seed int, threads int)
	RETURNS TABLE(at bigint, value float8) LANGUAGE plpython3u AS :'body';
