-- How time and memory grow: rows, series, units, window.  Each size in a backend of its own; processor time, which other
-- work on the machine does not lengthen; memory as the backend's peak resident size above what a plain scan of the same rows
-- left.  `panel` is that peak when the panel alone is made, `estimate` what training declares beside it: the largest figure
-- that it compares with maintenance_work_mem before it allocates.
\set QUIET on
\set ON_ERROR_STOP on
\pset footer off
\if :{?most}
\else
\set most 10000000
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
CREATE UNLOGGED TABLE growth_rows AS
SELECT i AS place, i % 10 AS ten, timestamptz '2000-01-01 00:00+00' + (i / 10) * interval '1 hour' AS ts,
       100 + 20 * sin(i / 10 * 2 * pi() / 24) + random() AS value
FROM generate_series(0, :most - 1) i;
CREATE INDEX ON growth_rows (place);
VACUUM (ANALYZE) growth_rows;

CREATE FUNCTION growth_status(field text) RETURNS float8 LANGUAGE sql VOLATILE AS $$
	SELECT substring(pg_read_file('/proc/self/status', 0, 4000) FROM field || ':\s*(\d+) kB')::float8 * 1024 $$;
-- the first number is nanoseconds on a processor
CREATE FUNCTION growth_cpu() RETURNS float8 LANGUAGE sql VOLATILE AS $$
	SELECT split_part(pg_read_file('/proc/self/schedstat', 0, 100), ' ', 1)::float8 / 1e9 $$;

CREATE TABLE growth_case(place int GENERATED ALWAYS AS IDENTITY, what text, size bigint, rows bigint, panel text, network text, options text);
-- ridge on ten hourly series; then on series of 100 rows; networks on 10 000 rows for a fixed number of updates
INSERT INTO growth_case(what, size, rows, panel, network, options)
SELECT 'rows', n, n, 'rnn_panel(ten, ts, value)', '"ridge"', '{"horizon":24,"time_steps":168}'
FROM unnest('{1000,10000,100000,1000000,10000000}'::bigint[]) n WHERE n <= :most
UNION ALL
SELECT 'series', n, n * 100, 'rnn_panel(place / 100, timestamptz ''2000-01-01 00:00+00'' + place % 100 * interval ''1 hour'', value)', '"ridge"', '{"horizon":12,"time_steps":24,"seasonality":"none"}'
FROM unnest('{1,10,100,1000,10000,100000}'::bigint[]) n WHERE n * 100 <= :most
UNION ALL
SELECT 'units', n, 10000, 'rnn_panel(ten, ts, value)',
	rnn_sequential(rnn_lstm(n::int), rnn_dense(12))::text,
	'{"time_steps":48,"horizon":12,"mode":"window","segment":1,"seasonality":"none","epochs":1,"steps_per_epoch":20,"batch_size":32,"validation":0,"mix":1,"workers":0}'
FROM unnest('{8,16,32,64,128,256,512}'::bigint[]) n
UNION ALL
SELECT 'window', n, 20000, 'rnn_panel(ten, ts, value)',
	rnn_sequential(rnn_lstm(32), rnn_dense(12))::text,
	format('{"time_steps":%s,"horizon":12,"mode":"window","segment":1,"seasonality":"none","highway":false,"epochs":1,"steps_per_epoch":20,"batch_size":32,"validation":0,"mix":1,"workers":0}', n)
FROM unnest('{8,16,32,64,128,256,512,1024}'::bigint[]) n;
CREATE TABLE growth_result(what text, size bigint, rows bigint, part text, s float8, peak float8, panel float8, estimate float8);

-- the largest figure that is compared with the limit: raised from the least until training is let through
CREATE FUNCTION growth_estimate(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	need float8 := 0;
	message text;
BEGIN
	PERFORM set_config('maintenance_work_mem', '1024kB', false);
	LOOP
		BEGIN
			EXECUTE query;
			RETURN need;
		EXCEPTION WHEN program_limit_exceeded THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
			need := substring(message FROM '([0-9.]+) MB')::float8 * 1048576;
			PERFORM set_config('maintenance_work_mem', ceil(need / 1024 * 1.01)::bigint || 'kB', false);
		END;
	END LOOP;
END $$;

-- the panel alone; in another backend than growth_run, whose line it adds to
CREATE PROCEDURE growth_panel(place int) LANGUAGE plpgsql AS $$
DECLARE
	c growth_case;
	base float8;
	n bigint;
BEGIN
	SELECT * INTO c FROM growth_case g WHERE g.place = growth_panel.place;
	SET max_parallel_workers_per_gather = 0;
	EXECUTE 'SELECT count(value) FROM growth_rows WHERE place < ' || c.rows INTO n;
	PERFORM rnn_train(rnn_panel(v::bigint, v::float8), '"ridge"'::jsonb, '{"horizon":2}') FROM generate_series(1, 50) v;
	base := growth_status('VmRSS');
	COPY (SELECT 5) TO '/proc/self/clear_refs';
	EXECUTE format('SELECT count(made) FROM (SELECT %s IS NOT NULL AS made FROM growth_rows WHERE place < %s) t', c.panel, c.rows) INTO n;
	UPDATE growth_result r SET panel = growth_status('VmHWM') - base WHERE r.what = c.what AND r.size = c.size AND part = 'training';
END $$;

CREATE PROCEDURE growth_run(place int) LANGUAGE plpgsql AS $$
DECLARE
	c growth_case;
	train text;
	base float8;
	begun float8;
	model bytea;
	n bigint;
BEGIN
	SELECT * INTO c FROM growth_case g WHERE g.place = growth_run.place;
	SET max_parallel_workers_per_gather = 0;
	SET maintenance_work_mem = '2GB';
	SET client_min_messages = warning;
	-- the panel goes straight to the function: a sub-select would hand it on as flat bytes
	train := format('SELECT rnn_train(%s, %L::jsonb, %L) FROM growth_rows WHERE place < %s', c.panel, c.network, c.options, c.rows);
	-- rows and code are in memory before the measurement
	EXECUTE 'SELECT count(value) FROM growth_rows WHERE place < ' || c.rows INTO n;
	PERFORM rnn_train(rnn_panel(v::bigint, v::float8), '"ridge"'::jsonb, '{"horizon":2}') FROM generate_series(1, 50) v;
	base := growth_status('VmRSS');
	COPY (SELECT 5) TO '/proc/self/clear_refs';		-- start the peak anew
	begun := growth_cpu();
	-- its length alone: a variable would hold copies of the model, which are not training's
	EXECUTE 'SELECT length(m) FROM (' || train || ') AS t(m)' INTO n;
	INSERT INTO growth_result VALUES (c.what, c.size, c.rows, 'training', growth_cpu() - begun, growth_status('VmHWM') - base);
	EXECUTE train INTO model;
	base := growth_status('VmRSS');
	COPY (SELECT 5) TO '/proc/self/clear_refs';
	begun := growth_cpu();
	SELECT count(*) INTO n FROM rnn_forecast(model) f;
	INSERT INTO growth_result VALUES (c.what, c.size, c.rows, 'forecasting', growth_cpu() - begun, growth_status('VmHWM') - base);
	UPDATE growth_result r SET estimate = growth_estimate(train) WHERE r.what = c.what AND r.size = c.size AND part = 'training';
END $$;
