-- Time: frequencies, stamps, gaps, duplicates, snapping.
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

-- stamps equal the server's anchor + k * step: eight rows make the axis, forty more are asked for
CREATE FUNCTION pg_temp.zoned(zone text, anchor text, step interval, expect text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE p rnn_panel; options jsonb; start timestamptz; wanted timestamptz[]; inside timestamptz[]; outside timestamptz[]; f text; moved bigint;
BEGIN
	PERFORM set_config('timezone', zone, true);
	start := anchor;
	SELECT rnn_panel(start + k * step, k::float8) INTO p FROM generate_series(0, 7) k;
	SELECT array_agg(start + k * step ORDER BY k) INTO wanted FROM generate_series(8, 47) k;
	SELECT array_agg(forecast_timestamp ORDER BY s.step) INTO inside FROM rnn_stamps(p, 40) s;
	SELECT frequency, snapped INTO f, moved FROM rnn_describe(p);
	-- the same from a session of another zone, the zone being given
	PERFORM set_config('timezone', 'Pacific/Auckland', true);
	SELECT rnn_panel(start + 0 * step, 0::float8) INTO p;
	SELECT rnn_panel(w, 0) INTO p FROM unnest(start || wanted[1:3]) w;
	options := jsonb_build_object('time_zone', zone, 'frequency', CASE WHEN f = expect THEN f END);
	SELECT array_agg(s.forecast_timestamp ORDER BY s.step) INTO outside FROM rnn_stamps(p, 37, options) s;
	PERFORM set_config('timezone', 'UTC', true);
	IF f <> expect THEN RETURN format('%s %s %s: frequency %s', zone, anchor, step, f); END IF;
	IF moved <> 0 THEN RETURN format('%s %s %s: %s rows moved', zone, anchor, step, moved); END IF;
	IF inside <> wanted THEN RETURN format('%s %s %s: %s, not %s', zone, anchor, step, inside, wanted); END IF;
	IF outside <> wanted[4:40] THEN RETURN format('%s %s %s from outside: %s, not %s', zone, anchor, step, outside, wanted[4:40]); END IF;
	RETURN 'equal';
END $$;

CREATE TEMP TABLE steps(step interval, frequency text);
INSERT INTO steps VALUES ('10 seconds', '10 seconds'), ('15 minutes', '15 minutes'), ('30 minutes', '30 minutes'), ('1 hour', '1 hour'),
	('6 hours', '6 hours'), ('1 day', '1 day'), ('2 days', '2 days'), ('1 week', '1 week'), ('2 weeks', '2 weeks'),
	('1 month', '1 month'), ('2 months', '2 months'), ('3 months', '3 months'), ('1 year', '1 year');
CREATE TEMP TABLE anchors(anchor text);
INSERT INTO anchors VALUES ('2024-03-05 00:00'), ('2024-03-27 02:30'), ('2024-10-23 02:15'), ('2024-01-31 02:00'), ('2023-12-31 23:30'),
	('2024-01-30 12:00'), ('2024-02-29 01:45'), ('2023-11-30 00:00'), ('2024-10-30 01:30'), ('1900-02-28 07:00'), ('0044-03-15 00:00 BC');

SELECT pg_temp.zoned(zone, anchor, step, frequency) AS result, count(*)
FROM unnest('{UTC,Europe/Berlin,America/New_York,Australia/Lord_Howe,Asia/Kathmandu}'::text[]) zone, anchors, steps
GROUP BY 1 ORDER BY 1;

-- wall-clock times and dates know no zone: the session's must not matter
SET timezone = 'Europe/Berlin';
SELECT count(*) AS cases,
	bool_and(equal_timestamps) AS timestamps, bool_and(f.frequency = frequency_found) AS frequencies, bool_and(moved = 0) AS exact
FROM (SELECT s.frequency, d.frequency AS frequency_found, d.snapped AS moved,
		(SELECT array_agg(r.local_timestamp ORDER BY r.step) FROM rnn_stamps(p, 40) r)
		= (SELECT array_agg(anchor::timestamp + k * s.step ORDER BY k) FROM generate_series(8, 47) k) AS equal_timestamps
	FROM anchors, steps s, LATERAL (SELECT rnn_panel(anchor::timestamp + k * s.step, k::float8) p FROM generate_series(0, 7) k) x, rnn_describe(p) d) f;
SELECT count(*) AS cases, bool_and(equal_dates) AS dates, bool_and(f.frequency = frequency_found) AS frequencies, bool_and(moved = 0) AS exact
FROM (SELECT s.frequency, d.frequency AS frequency_found, d.snapped AS moved,
		(SELECT array_agg(r.local_timestamp::date ORDER BY r.step) FROM rnn_stamps(p, 40) r)
		= (SELECT array_agg((anchor::date + k * s.step)::date ORDER BY k) FROM generate_series(8, 47) k) AS equal_dates
	FROM anchors, steps s, LATERAL (SELECT rnn_panel((anchor::date + k * s.step)::date, k::float8) p FROM generate_series(0, 7) k) x, rnn_describe(p) d
	WHERE s.step >= '1 day') f;
SELECT step, array_agg(index ORDER BY i) AS stamps
FROM unnest('{1,7,1000000000000}'::bigint[]) step,
	LATERAL (SELECT rnn_panel(-3 + k * step, k::float8) p FROM generate_series(0, 4) k) x, rnn_stamps(p, 3) s(series_id, i) GROUP BY step;

-- a wall-clock stamp as timestamptz is the session's cast
SELECT forecast_timestamp, local_timestamp FROM rnn_stamps((SELECT rnn_panel('2024-03-31 00:30'::timestamp + k * interval '1 hour', k::float8) FROM generate_series(0, 1) k), 2);
SET timezone = 'UTC';

-- month ends: whatever the anchor, when the rows show that last days are meant
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(d::date, 1) FROM unnest('{2023-02-28,2023-03-31,2023-04-30}'::text[]) d), 4);
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(d::date, 1) FROM unnest('{2023-02-28,2023-03-28,2023-04-28}'::text[]) d), 4);
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(d::date, 1) FROM unnest('{2023-06-30,2023-09-30,2023-12-31}'::text[]) d), 4);
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(d::date, 1) FROM unnest('{2022-02-28,2023-02-28,2024-02-29}'::text[]) d), 5);
SELECT series_id, array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(s, d::date, 1)
	FROM (VALUES ('ends', '2023-02-28'), ('ends', '2023-03-31'), ('ends', '2023-04-30'), ('short', '2023-04-30'), ('middle', '2023-02-15'), ('middle', '2023-03-15')) v(s, d)), 3) GROUP BY 1 ORDER BY 1;
-- plain anchors: one month later the shorter month's end, two months later the day itself
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel('2023-01-31'::date, 1)), 3, '{"frequency":"month"}');

-- daily rows at local midnight are days, not 24 hours, over a clock change
SET timezone = 'Europe/Berlin';
SELECT frequency, gaps, snapped, seasonality FROM rnn_describe((SELECT rnn_panel('2024-03-20'::timestamptz + k * interval '1 day', k::float8) FROM generate_series(0, 20) k));
SELECT frequency, gaps, snapped FROM rnn_describe((SELECT rnn_panel('2024-03-20'::timestamptz + k * interval '24 hours', k::float8) FROM generate_series(0, 20) k), '{"frequency":"24 hours"}');
SET timezone = 'UTC';

-- the frequency option: names, intervals, integers; what was given is said to be
SELECT f, frequency, frequency_inferred AS inferred
FROM unnest('{second,minute,half_hour,hour,day,week,month,quarter,year,DAY,1 hour,90 minutes,0.5 seconds,00:00:00.25,0.000001 seconds,24 hours,36 hours,1 mon,P1Y,14 days,18 months,every 7 days,Every 45 minutes,every week,every 18 months}'::text[]) WITH ORDINALITY f(f, i),
	rnn_describe((SELECT rnn_panel('2024-01-01'::timestamp, 1)), jsonb_build_object('frequency', f)) ORDER BY i;

-- seasonal periods, with two full periods at least
SELECT step, seasonality FROM (VALUES (interval '1 minute', 3000), ('10 minutes', 3000), ('15 minutes', 1400), ('30 minutes', 700), ('1 hour', 336), ('1 hour', 335),
	('1 hour', 47), ('1 day', 14), ('1 day', 13), ('1 week', 104), ('1 month', 24), ('3 months', 8), ('1 year', 100), ('5 minutes', 2000), ('5 minutes', 4032),
	('1 second', 7200), ('10 seconds', 17280), ('20 minutes', 1008), ('90 minutes', 224), ('2 hours', 168), ('3 hours', 112), ('4 hours', 84), ('6 hours', 56), ('12 hours', 28),
	('7 minutes', 3000), ('5 hours', 500), ('2 days', 14), ('6 days', 14), ('2 weeks', 52), ('4 weeks', 26), ('2 months', 12), ('6 months', 4)) v(step, n),
	LATERAL rnn_describe((SELECT rnn_panel('2001-01-01'::timestamp + k * step, k::float8) FROM generate_series(0, n - 1) k));

-- gaps, duplicates and disorder of local hourly load: one absent hour in spring, one twice in autumn
CREATE TEMP TABLE load AS
	SELECT (h AT TIME ZONE 'America/New_York') AS ts, extract(epoch FROM h)::bigint % 1000 AS mw
	FROM generate_series('2023-03-01 00:00+00'::timestamptz, '2023-11-30 00:00+00', '1 hour') h ORDER BY md5(h::text);
SELECT frequency, observations, gaps, missing, duplicates, snapped FROM rnn_describe((SELECT rnn_panel(ts, mw) FROM load));
SELECT "timestamp", index, value IS NULL AS unknown FROM rnn_rows((SELECT rnn_panel(ts, mw) FROM load), '{"on_duplicate":"mean"}') WHERE is_missing;
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(ts, mw) FROM load));
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(ts, mw) FROM load), '{"on_duplicate":"last","on_gap":"error"}');

-- fewer than four weekends do not make business days: a step of one day, weekends are gaps
SELECT frequency, observations, gaps FROM rnn_describe((SELECT rnn_panel(d::date, 1) FROM generate_series('2024-01-01'::date, '2024-01-26', '1 day') d WHERE extract(isodow FROM d) < 6));

-- many absent rows: every step is a whole multiple of the most frequent one
SELECT frequency, gaps FROM rnn_describe((SELECT rnn_panel('2024-01-01'::timestamp + k * interval '1 hour', 1) FROM generate_series(0, 999) k WHERE hashint4(k) % 3 = 0));

-- duplicates: what each policy makes of them; an unknown value gives way to a known one
CREATE TEMP TABLE twice(ts date, v float8, c float8[]);
INSERT INTO twice VALUES ('2024-01-01', 1, '{1,2}'), ('2024-01-02', 2, '{3,NULL}'), ('2024-01-02', 4, '{5,6}'), ('2024-01-03', NULL, '{1,1}'), ('2024-01-03', 7, '{2,2}'), ('2024-01-04', 8, '{0,0}');
SELECT policy, array_agg(value ORDER BY index) AS value, array_agg(covariates[1] ORDER BY index) AS first, array_agg(covariates[2] ORDER BY index) AS second
FROM unnest('{mean,last,sum}'::text[]) policy, rnn_rows((SELECT rnn_panel(ts, v, c) FROM twice), jsonb_build_object('on_duplicate', policy)) GROUP BY policy ORDER BY policy;
SELECT * FROM rnn_rows((SELECT rnn_panel(ts, v) FROM twice));
SELECT * FROM rnn_rows((SELECT rnn_panel('shop 7'::text, ts, v) FROM twice));
SELECT duplicates FROM rnn_describe((SELECT rnn_panel(ts, v) FROM twice));

-- snapping: the nearest stamp, exactly between two the earlier
SELECT "timestamp"::time AS stamp, value FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + t::interval, v)
	FROM (VALUES ('00:00', 0), ('01:04', 1), ('02:00', 2), ('02:58', 3), ('04:30', 4), ('05:30:00.000001', 6), ('07:00', 7)) x(t, v)), '{"frequency":"1 hour"}');
SELECT frequency, snapped, gaps FROM rnn_describe((SELECT rnn_panel('2024-01-01'::timestamp + k * interval '1 minute' + (k % 3 - 1) * interval '1 second', 1) FROM generate_series(0, 99) k), '{"frequency":"1 minute"}');
-- against every stamp around: the nearest in elapsed time, of equally near ones the earlier
SET timezone = 'Europe/Berlin';
SELECT step, count(*) AS cases, bool_and(found = nearest) AS agree
FROM (SELECT step,
		(SELECT "timestamp" FROM rnn_rows(p, jsonb_build_object('frequency', step, 'on_duplicate', 'last')) WHERE value = 99) AS found,
		(SELECT start + k * step FROM generate_series(0, 400) k ORDER BY abs(extract(epoch FROM start + k * step - t)), k LIMIT 1) AS nearest
	FROM (VALUES (interval '6 hours'), ('1 day'), ('1 week'), ('1 month'), ('3 months')) x(step), generate_series(1, 40) i,
		LATERAL (SELECT timestamptz '2024-01-31 02:30' AS start, timestamptz '2024-01-31 02:30' + 3 * step + step * (hashint4(i) & 65535) / 800.0 AS t) y,
		LATERAL (SELECT rnn_panel(ts, v) AS p FROM (SELECT start + k * step, 0::float8 FROM generate_series(0, 2) k UNION ALL SELECT t, 99) z(ts, v)) w) q
GROUP BY step ORDER BY step;
SET timezone = 'UTC';
-- a first row a little late does not shift the grid the others are on
SELECT "timestamp" FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + k * interval '1 hour' + CASE WHEN k = 0 THEN interval '3 seconds' ELSE '0' END, 1) FROM generate_series(0, 3) k), '{"frequency":"hour"}');
SELECT local_timestamp::date FROM rnn_stamps((SELECT rnn_panel(d::date, 1) FROM unnest('{2024-01-02,2024-02-01,2024-03-01,2024-04-01,2024-05-01}'::text[]) d), 1);
-- jitter: rows all over the step, or two to a step, have no step; a drift that lasts has
CREATE FUNCTION jitter(k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT (hashint4(k) & 65535) / 65536.0';
SELECT * FROM rnn_stamps((SELECT rnn_panel(timestamptz '2024-01-01' + k * interval '1 minute' + jitter(k) * interval '1 minute', 1) FROM generate_series(0, 200) k), 1);
SELECT * FROM rnn_stamps((SELECT rnn_panel(timestamptz '2024-01-01' + k / 2 * interval '1 minute' + (jitter(k) + k % 2 * 5) * interval '1 second', 1) FROM generate_series(0, 200) k), 1);
SELECT "frequency", snapped FROM rnn_describe((SELECT rnn_panel(timestamptz '2024-01-01' + k * interval '60.03 seconds', 1) FROM generate_series(0, 2000) k));
-- late or early by a little: the round step, at the round time beside the rows; whole seconds as clocks have them, or microseconds
CREATE FUNCTION jittered(zone text, step interval, first timestamp, most interval, unit text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE p rnn_panel; found timestamp[]; expected timestamp[];
BEGIN
	PERFORM set_config('timezone', zone, true);
	SELECT rnn_panel(date_trunc(unit, (first + i * step) AT TIME ZONE zone + most * (jitter(i) - 0.2)), 1) INTO p FROM generate_series(0, 59) i WHERE i % 7 <> 2;
	SELECT array_agg(local_timestamp ORDER BY s.step) INTO found FROM rnn_stamps(p, 3) s;
	SELECT array_agg(first + i * step ORDER BY i) INTO expected FROM generate_series(60, 62) i;
	RETURN CASE WHEN found = expected THEN 'right' ELSE format('%s, not %s', found, expected) END;
END $$;
SELECT zone, step, unit, jittered(zone, step, '2024-01-01 02:00', most, unit)
FROM (VALUES ('UTC', interval '1 second', interval '0.1 seconds'), ('UTC', '10 seconds', '1 second'), ('UTC', '1 minute', '6 seconds'), ('UTC', '5 minutes', '20 seconds'), ('Asia/Kolkata', '1 hour', '5 minutes'),
	('Europe/Berlin', '1 day', '10 minutes'), ('America/New_York', '1 week', '1 minute'), ('Europe/Berlin', '1 month', '10 minutes'), ('UTC', '3 months', '1 minute'),
	('UTC', '1 year', '1 minute')) v(zone, step, most), unnest('{second,microseconds}'::text[]) unit WHERE unit = 'microseconds' OR step > interval '10 seconds' ORDER BY step, unit;
-- a job at 12 seconds past keeps its second; a fresh panel of two rows goes on with the model's grid, and rnn_step with its state's
SELECT jittered('UTC', '1 minute', '2024-01-01 02:00:12', '6 milliseconds', 'microseconds');
CREATE TEMP TABLE late AS SELECT timestamptz '2024-01-01' + k * interval '5 minutes' + (1 + 3 * jitter(k)) * interval '1 second' AS ts, k FROM generate_series(0, 200) k;
CREATE TEMP TABLE late_model AS SELECT rnn_train((SELECT rnn_panel(ts, k % 12) FROM late), 'ridge', '{"horizon":2}') AS m;
SELECT forecast_timestamp FROM late_model, rnn_forecast(m, (SELECT rnn_panel(ts + interval '2 days', 1) FROM late WHERE k IN (100, 101)), 2);
SELECT forecast_timestamp FROM late_model, rnn_forecast(m, (SELECT rnn_panel(ts + interval '2 days', 1) FROM late WHERE k = 100), 2);
SELECT t.forecast_timestamp, t.step_status FROM late_model, rnn_state(m) s, rnn_step(m, s.state, timestamptz '2024-01-01 16:45:02.5', 9) t;
-- rows that collide after snapping are duplicates
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + t::interval, 1) FROM unnest('{00:00,01:00,01:10,02:00}'::text[]) t), '{"frequency":"1 hour"}');

-- rows to forecast, unknown values, series without any
SELECT series_id, observations, missing, gaps, future_rows, last_timestamp::date, mean FROM rnn_describe((SELECT rnn_panel(s, ts::date, v, c)
	FROM (VALUES ('a', '2024-01-01', 1, '{1}'::float8[]), ('a', '2024-01-02', NULL, '{1}'), ('a', '2024-01-04', 3, '{1}'), ('a', '2024-01-05', NULL, '{9}'), ('a', '2024-01-07', NULL, '{9}'),
	('none', '2024-01-01', NULL, '{1}'), ('none', '2024-01-02', NULL, '{1}'), ('one', '2024-01-01', 5, '{1}')) v(s, ts, v, c))) ORDER BY 1;
SELECT * FROM rnn_stamps((SELECT rnn_panel(s, ts::date, v)
	FROM (VALUES ('a', '2024-01-01', 1.0), ('a', '2024-01-02', 2), ('a', '2024-01-03', NULL), ('none', '2024-01-01', NULL)) v(s, ts, v)), 2);

-- frequencies that cannot be inferred say what was seen
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)));
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + t::interval, 1) FROM unnest('{0 s,1 hour,3 hours}'::text[]) t));
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + k * k * interval '1 day', 1) FROM generate_series(0, 20) k));
SELECT * FROM rnn_rows((SELECT rnn_panel(k, 1) FROM unnest('{1,2,4,9,20}'::bigint[]) k));

-- options that do not fit
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)), '{"frequency":"houer"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)), '{"frequency":"1 month 2 days"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)), '{"frequency":"-1 day"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)), '{"frequency":"0 days"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)), '{"frequency":"5"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)), '{"frequency":"1 fortnight"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::date, 1)), '{"frequency":"1 hour"}');
SELECT * FROM rnn_rows((SELECT rnn_panel(1::bigint, 1)), '{"frequency":"1 hour"}');
SELECT * FROM rnn_rows((SELECT rnn_panel(1::bigint, 1)), '{"frequency":"0"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamptz, 1)), '{"frequency":"day","time_zone":"Mars/Olympus"}');
SELECT * FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp, 1)), '{"frequency":"day","time_zone":"UTC"}');
SELECT * FROM rnn_stamps((SELECT rnn_panel('2024-01-01'::timestamp, 1)), 0, '{"frequency":"day"}');

-- the ends of the ranges
SELECT * FROM rnn_stamps((SELECT rnn_panel('5874897-12-30'::date + k, 1) FROM generate_series(0, 1) k), 1);
SELECT * FROM rnn_stamps((SELECT rnn_panel('5874897-10-31'::date, 1)), 3, '{"frequency":"month"}');
SELECT step, local_timestamp FROM rnn_stamps((SELECT rnn_panel('294276-12-30'::timestamp, 1)), 1, '{"frequency":"day"}');
SELECT step, local_timestamp FROM rnn_stamps((SELECT rnn_panel('294276-12-30'::timestamp, 1)), 2, '{"frequency":"day"}');
SELECT step, local_timestamp FROM rnn_stamps((SELECT rnn_panel('294276-12-31 23:00+00'::timestamptz, 1)), 1, '{"frequency":"hour"}');
SELECT step, local_timestamp FROM rnn_stamps((SELECT rnn_panel('2024-01-01'::timestamptz, 1)), 1, '{"frequency":"178000000 years"}');
SELECT step, local_timestamp FROM rnn_stamps((SELECT rnn_panel('2024-01-01'::timestamptz, 1)), 1, '{"frequency":"2000000000 days"}');
SELECT "timestamp", index FROM rnn_rows((SELECT rnn_panel(d::timestamptz, 1) FROM unnest('{4714-11-24 00:00+00 BC,4714-11-25 00:00+00 BC,4714-11-26 00:00+00 BC}'::text[]) d));
SELECT "timestamp", index FROM rnn_rows((SELECT rnn_panel(d::date, 1) FROM unnest('{4714-12-31 BC,4713-01-31 BC,4713-02-29 BC}'::text[]) d));
SELECT * FROM rnn_stamps((SELECT rnn_panel(9223372036854775807, 1)), 1, '{"frequency":"1"}');
SELECT index, array_length(covariates, 1) FROM rnn_rows((SELECT rnn_panel(k, 1) FROM unnest('{-9223372036854775808,0,9223372036854775807}'::bigint[]) k), '{"frequency":"9223372036854775807"}');

-- a tiny step must not blow sparse rows up
SELECT count(*) FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + k * interval '1 day', 1) FROM generate_series(0, 9) k), '{"frequency":"1 second"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(k, 1) FROM unnest('{-9223372036854775808,0,9223372036854775807}'::bigint[]) k), '{"frequency":"1"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + k * interval '1 day', 1) FROM generate_series(0, 9) k), '{"frequency":"1 minute"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel('2024-01-01'::timestamp + k * interval '1 hour', 1) FROM generate_series(0, 9) k), '{"frequency":"1 minute"}');

-- nothing in, nothing out
SELECT * FROM rnn_rows(NULL);
SELECT * FROM rnn_describe(NULL);
SELECT * FROM rnn_stamps(NULL, 3);

-- ---- shifts on the wall clock of a zone with clock changes; absolute steps stay absolute ---------------------------------------
SET client_min_messages = warning;
CREATE FUNCTION shifts(zone text, first date, last date, hours int[]) RETURNS rnn_panel LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('timezone', zone, true);
	RETURN (SELECT rnn_panel((day + h * interval '1 hour')::timestamptz, h + (extract(doy FROM day)::int * 7919 % 100) / 100.0) FROM generate_series(first::timestamp, last, '1 day') day, unnest(hours) h);
END $$;
SELECT rnn_describe(shifts('UTC', '2023-01-15', '2023-04-20', '{6,14,22}'), '{"frequency": "8 hours on the wall clock", "time_zone": "Moon"}');
SELECT rnn_describe(shifts('Europe/Berlin', '2023-01-15', '2023-04-20', '{6,14,22}'), '{"frequency": "7 hours on the wall clock"}');
SELECT rnn_describe(shifts('Europe/Berlin', '2023-01-15', '2023-04-20', '{6}'), '{"frequency": "1 day on the wall clock"}');
SELECT zone, hours, d.frequency, d.snapped, d.gaps, d.seasonality, (SELECT array_agg(to_char(local_timestamp, 'DD HH24:MI') ORDER BY step) FROM rnn_stamps(p, 3)) AS next
FROM (VALUES ('Europe/Berlin', '2023-10-28'::date, '{6,14,22}'::int[]), ('Europe/Berlin', '2023-10-28', '{0,2,4,6,8,10,12,14,16,18,20,22}'), ('Australia/Lord_Howe', '2023-09-30', '{8,20}'),
	('America/Sao_Paulo', '2018-11-03', '{0,12}'), ('UTC', '2023-10-28', '{8,20}')) v(zone, last, hours), LATERAL shifts(zone, last - 300, last, hours) p, rnn_describe(p) d;
SELECT d.frequency, d.snapped FROM (SELECT rnn_panel(t, 1.0) AS p FROM generate_series(timestamptz '2023-01-15 00:00 Europe/Berlin', '2023-11-20', '6 hours') t) q, rnn_describe(p, '{"time_zone": "Europe/Berlin"}') d;
-- rows before the first change tell no difference: given, or taken from fresh rows after it
SELECT f.forecast_timestamp AT TIME ZONE 'Europe/Berlin' AS local, round(f.forecast_value) AS hour
FROM rnn_train(shifts('Europe/Berlin', '2023-01-02', '2023-03-20', '{6,14,22}'), 'ridge', '{"horizon": 3, "frequency": "8 hours on the wall clock"}') m, rnn_forecast(m, shifts('Europe/Berlin', '2023-01-02', '2023-05-20', '{6,14,22}')) f;
SET client_min_messages = notice;
SELECT f.forecast_timestamp AT TIME ZONE 'Europe/Berlin' AS local, round(f.forecast_value) AS hour
FROM rnn_train(shifts('Europe/Berlin', '2023-01-02', '2023-03-20', '{6,14,22}'), 'ridge', '{"horizon": 3}') m, rnn_forecast(m, shifts('Europe/Berlin', '2023-01-02', '2023-05-20', '{6,14,22}')) f;
-- absolute where that was given, and the rows are moved
SELECT min(f.forecast_timestamp AT TIME ZONE 'Europe/Berlin') AS local
FROM rnn_train(shifts('Europe/Berlin', '2023-01-02', '2023-03-20', '{6,14,22}'), 'ridge', '{"horizon": 3, "frequency": "8 hours"}') m, rnn_forecast(m, shifts('Europe/Berlin', '2023-01-02', '2023-05-20', '{6,14,22}')) f;
-- a change within the horizon is told: once, and not of rows at full steps of UTC, nor if the step is given or a change was seen
SELECT max(f.forecast_timestamp AT TIME ZONE 'Europe/Berlin') AS local FROM rnn_train(shifts('Europe/Berlin', '2023-01-02', '2023-03-24', '{6,14,22}'), 'ridge', '{"horizon": 9}') m, rnn_forecast(m) f;
SELECT max(f.forecast_timestamp AT TIME ZONE 'Australia/Lord_Howe') AS local
FROM rnn_train(shifts('Australia/Lord_Howe', '2020-02-02', '2020-04-04', array(SELECT generate_series(0, 23))), 'ridge', '{"horizon": 24, "time_zone": "Australia/Lord_Howe"}') m, rnn_forecast(m) f;
SELECT max(f.forecast_timestamp AT TIME ZONE 'UTC') AS utc
FROM generate_series(1, 2) s, LATERAL (SELECT rnn_train(rnn_panel(t, sin(extract(epoch FROM t) / 86400)), 'ridge', '{"horizon": 24, "time_zone": "Europe/Berlin"}') AS m
	FROM generate_series(timestamptz '2023-01-15 00:00Z', '2023-03-25 00:00Z', '3 hours') t WHERE s > 0) q, rnn_forecast(m) f;
SELECT max(f.forecast_timestamp AT TIME ZONE 'Europe/Berlin') AS local FROM rnn_train(shifts('Europe/Berlin', '2022-09-02', '2023-03-24', '{6,14,22}'), 'ridge', '{"horizon": 9}') m, rnn_forecast(m) f;

-- ---- series with steps of their own in one panel -------------------------------------------------------------------------------
CREATE FUNCTION own_steps(VARIADIC steps interval[]) RETURNS rnn_panel LANGUAGE sql AS $$
	SELECT rnn_panel(s, timestamp '2020-01-31' + k * steps[s], hashint4(k) & 15) FROM generate_series(1, array_length(steps, 1)) s, generate_series(0, 49) k $$;
SELECT rnn_train(own_steps('1 hour', '1 day'));
SELECT rnn_train(own_steps('1 day', '1 day', '1 hour', '1 day'));
SELECT count(*) FROM rnn_describe(own_steps('1 month', '1 day'));
SELECT count(*) FROM rnn_describe(own_steps('1 day', '1 month', '1 day', '1 day', '1 week'));
SELECT rnn_train(own_steps('1 hour', '1 hour', '4 hours'), 'ridge', '{"horizon": 2}') IS NOT NULL AS trained;
-- told by nobody: a step that is given, one series alone, few rows, absent rows at no step of their own
SELECT count(*) FROM rnn_describe(own_steps('1 day', '1 day', '1 week'), '{"frequency": "1 day"}');
SELECT count(*) FROM rnn_describe(own_steps('1 week'));
SELECT count(*) FROM rnn_describe((SELECT rnn_panel(s, date '2024-01-01' + k, 1.0) FROM generate_series(1, 3) s, generate_series(0, 99) k WHERE s < 3 OR hashint4(k) & 7 = 0 OR k IN (3, 50)));
SELECT count(*) FROM rnn_describe((SELECT rnn_panel(s, date '2024-01-01' + CASE s WHEN 3 THEN 7 ELSE 1 END * k, 1.0) FROM generate_series(1, 3) s, generate_series(0, 99) k WHERE s < 3 OR k < 4));

SELECT frequency FROM rnn_describe(own_steps('1 day'), '{"frequency": "every every day"}');
SELECT frequency FROM rnn_describe(own_steps('1 day'), '{"frequency": "every "}');

-- ---- an even rhythm that a coarser clock hides: frames and samples per second -------------------------------------------------
CREATE FUNCTION frames(per_second float8, rows int, unit interval DEFAULT '1 millisecond') RETURNS rnn_panel LANGUAGE sql AS $$
	SELECT rnn_panel(timestamp '2024-01-01' + round(k / per_second / extract(epoch FROM unit)::float8) * unit, sin(k)) FROM generate_series(0, rows) k $$;
-- no rhythm: distances that grow, and such that drift like a random walk
SELECT frequency FROM rnn_describe((SELECT rnn_panel(timestamp '2024-01-01' + sqrt(k) * interval '33 seconds', 1) FROM generate_series(0, 600) k));
SELECT frequency FROM rnn_describe((SELECT rnn_panel(timestamp '2024-01-01' + t * interval '1 millisecond', 1) FROM (SELECT sum(80 + hashint4(k) % 20) OVER (ORDER BY k) AS t FROM generate_series(0, 600) k) q));
SELECT per_second, frequency, gaps, duplicates FROM unnest('{30,60,24,29.97,90,144,120,3,7,16,25}'::float8[]) per_second, rnn_describe(frames(per_second, 600));
SELECT frequency, gaps, duplicates FROM rnn_describe(frames(0.15, 200, '1 second'));
SELECT frequency, gaps FROM rnn_describe((SELECT rnn_panel(timestamp '2024-01-01' + round(k * 1000 / 30.0) * interval '1 millisecond', 1) FROM generate_series(0, 2000) k WHERE k % 13 <> 4 AND k % 100 < 50));
SELECT f.step, f.forecast_timestamp - (timestamp '2024-01-01' + (900 + f.step) / 30.0 * interval '1 second') BETWEEN '-1 ms' AND '1 ms' AS on_time
FROM rnn_train(frames(30, 600), 'ridge', '{"horizon": 2}') m, rnn_forecast_local(m, frames(30, 900)) f;
