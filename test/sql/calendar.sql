-- Time at the row level: clock changes, local hours absent or doubled, missing values, series never seen, heads, limits.
SET client_min_messages = warning;
SET datestyle = 'ISO';

-- stamps over clock changes are the server's own arithmetic from the anchor, whatever the zone of the session that asks
CREATE TABLE calendar_change(zone text, at timestamp);
INSERT INTO calendar_change VALUES ('Europe/Berlin', '2024-03-31 02:30'), ('Europe/Berlin', '2024-10-27 02:30'),
	('America/New_York', '2024-03-10 02:30'), ('America/New_York', '2024-11-03 01:30'), ('Australia/Lord_Howe', '2024-04-07 01:45'),
	('Australia/Lord_Howe', '2024-10-06 02:15'), ('Asia/Kathmandu', '1986-01-01 00:00'), ('Asia/Kathmandu', '2024-03-31 02:30');
CREATE FUNCTION calendar_check(zone text, at timestamp, step interval, elsewhere text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE start timestamptz; model bytea; wanted timestamptz[]; found timestamptz[]; wall timestamp[]; wanted_wall timestamp[];
BEGIN
	PERFORM set_config('timezone', zone, true);
	start := (at - 45 * step)::timestamptz;
	SELECT rnn_train(rnn_panel(start + k * step, 10 + sin(k)), 'ridge', '{"horizon":4}') INTO model FROM generate_series(0, 39) k;
	SELECT array_agg(start + k * step ORDER BY k), array_agg((start + k * step)::timestamp ORDER BY k) INTO wanted, wanted_wall FROM generate_series(40, 59) k;
	PERFORM set_config('timezone', elsewhere, true);
	SELECT array_agg(forecast_timestamp ORDER BY f.step) INTO found FROM rnn_forecast(model, horizon => 20) f;
	SELECT array_agg(forecast_timestamp ORDER BY f.step) INTO wall FROM rnn_forecast_local(model, horizon => 20) f;
	RETURN CASE WHEN found <> wanted THEN format('%s %s %s: %s, not %s', zone, at, step, found, wanted)
		WHEN wall <> wanted_wall THEN format('%s %s %s local: %s, not %s', zone, at, step, wall, wanted_wall) ELSE 'equal' END;
END $$;
SELECT step, calendar_check(zone, at, step, elsewhere) AS stamps, count(*)
FROM calendar_change, unnest('{30 minutes,1 hour,1 day}'::interval[]) step, unnest(ARRAY[zone, 'UTC', 'Pacific/Auckland']) elsewhere
GROUP BY 1, 2 ORDER BY 1, 2;
-- that day has 23 hours in Berlin, and half an hour is lost on Lord Howe
SET timezone = 'Europe/Berlin';
SELECT forecast_timestamp FROM rnn_forecast((SELECT rnn_train(rnn_panel(timestamptz '2024-03-29 22:00' + k * interval '1 hour', sin(k)), 'ridge', '{"horizon":6}')
	FROM generate_series(0, 24) k), horizon => 6);
SELECT forecast_timestamp FROM rnn_forecast((SELECT rnn_train(rnn_panel(timestamptz '2024-03-01 02:30' + k * interval '1 day', sin(k)), 'ridge', '{"horizon":4}')
	FROM generate_series(0, 28) k), horizon => 4);
SET timezone = 'Australia/Lord_Howe';
SELECT forecast_timestamp FROM rnn_forecast((SELECT rnn_train(rnn_panel(timestamptz '2024-10-04 22:30' + k * interval '1 hour', sin(k)), 'ridge', '{"horizon":5}')
	FROM generate_series(0, 25) k), horizon => 5);
RESET timezone;

-- load by the local clock: an hour absent in spring, one doubled in autumn, rows in disorder
CREATE TABLE calendar_load AS
SELECT h AT TIME ZONE 'America/New_York' AS ts, md5(h::text) AS disorder,
	100 + 30 * sin(2 * pi() * extract(hour FROM h AT TIME ZONE 'America/New_York') / 24) + (hashint4(extract(epoch FROM h)::int) % 1000) / 500.0
	+ CASE WHEN extract(isodow FROM h AT TIME ZONE 'America/New_York') > 5 THEN -20 ELSE 0 END AS mw
FROM generate_series('2023-09-18 04:00+00'::timestamptz, '2023-11-19 04:00+00', '1 hour') h
UNION ALL SELECT '2023-10-01 07:00', 'a', NULL;
DELETE FROM calendar_load WHERE mw IS NULL OR ts = '2023-10-11 05:00';
SELECT rnn_train(rnn_panel(ts, mw), 'ridge', '{"horizon":24}') FROM calendar_load;
SELECT rnn_train(rnn_panel(ts, mw), 'ridge', '{"horizon":24,"on_duplicate":"mean","on_gap":"error"}') FROM calendar_load;
CREATE TABLE calendar_forecast AS
SELECT policy, gap, f.*
FROM unnest('{mean,last,sum}'::text[]) policy, unnest('{season,linear,locf,zero}'::text[]) gap,
	LATERAL (SELECT rnn_train(rnn_panel(ts, mw ORDER BY disorder), 'ridge', jsonb_build_object('horizon', 24, 'on_duplicate', policy, 'on_gap', gap)) m
		FROM calendar_load WHERE ts < '2023-11-17') t, rnn_forecast_local(t.m) f;
SELECT policy, gap, bool_and(f.forecast_timestamp = timestamp '2023-11-16 23:00' + f.step * interval '1 hour') AS stamps,
	rnn_mae(l.mw, f.forecast_value) < 6 AS accurate
FROM calendar_forecast f JOIN calendar_load l ON l.ts = f.forecast_timestamp WHERE policy <> 'sum' GROUP BY 1, 2 ORDER BY 1, 2;
-- what a policy makes of the rows reaches the forecast
SELECT count(DISTINCT total) > 2 AS policies_differ FROM (SELECT policy, gap, round(sum(forecast_value)::numeric, 6) AS total FROM calendar_forecast GROUP BY 1, 2) s;

-- a fifth of the values missing, as NULL or as absent rows: forecast nearly as well as from all of them
CREATE TABLE calendar_gap AS
SELECT timestamp '2022-01-01' + k * interval '1 hour' AS ts,
	20 + 5 * sin(2 * pi() * k / 24) + 3 * sin(2 * pi() * k / 168) + (hashint4(k) % 1000) / 1000.0 AS v, hashint4(k + 5000) & 1023 AS dice
FROM generate_series(0, 1007) k;
CREATE TABLE calendar_gap_model AS
SELECT 'all' AS kind, rnn_train(rnn_panel(ts, v), options => '{"horizon":24,"ensemble":1}') AS m FROM calendar_gap WHERE ts < '2022-02-01'
UNION ALL SELECT 'null', rnn_train(rnn_panel(ts, CASE WHEN dice >= 205 OR ts = '2022-01-31 23:00' THEN v END), options => '{"horizon":24,"ensemble":1}') FROM calendar_gap WHERE ts < '2022-02-01'
UNION ALL SELECT 'absent', rnn_train(rnn_panel(ts, v), options => '{"horizon":24,"ensemble":1}') FROM calendar_gap WHERE ts < '2022-02-01' AND (dice >= 205 OR ts = '2022-01-31 23:00');
SELECT a.m = b.m AS null_is_absent FROM calendar_gap_model a, calendar_gap_model b WHERE a.kind = 'null' AND b.kind = 'absent';
SELECT missing BETWEEN 110 AND 190 AS a_fifth FROM rnn_describe((SELECT rnn_panel(ts, CASE WHEN dice >= 205 THEN v END) FROM calendar_gap WHERE ts < '2022-02-01'));
SELECT min(n) AS rows, min(mae) FILTER (WHERE kind = 'all') < 0.8 AS accurate,
	min(mae) FILTER (WHERE kind = 'null') < 1.1 * min(mae) FILTER (WHERE kind = 'all') AS nearly_as_well
FROM (SELECT kind, count(*) AS n, rnn_mae(g.v, f.forecast_value) AS mae
	FROM calendar_gap_model m, LATERAL (SELECT rnn_panel(ts, CASE WHEN kind = 'all' OR dice >= 205 THEN v END) p FROM calendar_gap) h,
		rnn_backtest(m.m, h.p, hold_out => 240, stride => 12) f JOIN calendar_gap g ON g.ts = f.forecast_timestamp::timestamp
	WHERE kind <> 'absent' GROUP BY kind) e;

-- series that training never saw, of other sizes: better than the value of a week ago
CREATE TABLE calendar_shop AS
WITH RECURSIVE shock AS (
	SELECT s, 0 AS k, 0::float8 AS a FROM generate_series(1, 24) s
	UNION ALL SELECT s, k + 1, 0.7 * a + (hashint4(s * 10007 + k) % 1000) / 8000.0 FROM shock WHERE k < 166)
SELECT s, date '2023-01-01' + k AS ts, 10 ^ (s % 4) * exp(2 + 0.3 * sin(2 * pi() * (k + s) / 7) + a) AS v FROM shock;
SELECT count(*) AS series, percentile_cont(0.5) WITHIN GROUP (ORDER BY mae / naive) < 0.8 AS better
FROM (SELECT f.series_id, rnn_mae(t.v, f.forecast_value) AS mae, rnn_mae(t.v, w.v) AS naive
	FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, ts, v), options => '{"horizon":7,"ensemble":1}') FROM calendar_shop WHERE s <= 16 AND ts < '2023-06-10'),
		(SELECT rnn_panel(s, ts, v) FROM calendar_shop WHERE s > 16 AND ts < '2023-06-10')) f
	JOIN calendar_shop t ON t.s::text = f.series_id AND t.ts = f.forecast_timestamp::date
	JOIN calendar_shop w ON w.s = t.s AND w.ts = t.ts - 7 GROUP BY 1) e;

-- heads: intervals of the loss itself are ordered and nested, medians inside, counts not negative
CREATE TABLE calendar_head AS
SELECT head, f.*
FROM (VALUES ('quantile', '{"loss":"quantile","quantiles":[0.05,0.1,0.5,0.9,0.95]}'::jsonb), ('gaussian', '{"loss":"gaussian"}'), ('student_t', '{"loss":"student_t"}'),
		('negative_binomial', '{"loss":"negative_binomial"}')) h(head, options),
	LATERAL (SELECT rnn_train(rnn_panel(s, ts, CASE WHEN head = 'negative_binomial' THEN round(v / 10 ^ (s % 4)) ELSE v END),
		options => options || '{"horizon":7,"ensemble":1,"intervals":"loss"}') m FROM calendar_shop WHERE s <= 8) t,
	rnn_forecast(t.m, confidence_levels => '{0.8,0.9}') f;
SELECT head, count(*) AS rows,
	bool_and(a.prediction_interval_lower_bound < a.prediction_interval_upper_bound) AS ordered,
	bool_and(a.forecast_value BETWEEN a.prediction_interval_lower_bound AND a.prediction_interval_upper_bound) AS inside,
	bool_and(b.prediction_interval_lower_bound <= a.prediction_interval_lower_bound AND a.prediction_interval_upper_bound <= b.prediction_interval_upper_bound) AS nested,
	bool_and(a.forecast_value >= 0) AS positive
FROM calendar_head a JOIN calendar_head b USING (head, series_id, step) WHERE a.confidence_level = 0.8 AND b.confidence_level = 0.9 GROUP BY 1 ORDER BY 1;

-- a limit of time ends training early, and the model forecasts all the same
SELECT clock_timestamp() AS calendar_began \gset
SELECT count(*) AS rows, bool_and(forecast_value > 0) AS positive, bool_and(forecast_status IS NULL) AS fine
FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, ts, v), options => '{"horizon":7,"epochs":1000000,"time_limit":1}') FROM calendar_shop WHERE s <= 8));
SELECT clock_timestamp() - :'calendar_began'::timestamptz < interval '1 minute' AS in_time;

-- an ensemble is several networks, and says the median of what they say
SELECT rnn_model_info(m)->'members' AS members, e.seeds = 3 AS seeds_differ
FROM (SELECT rnn_train(rnn_panel(s, ts, v), options => '{"horizon":7,"epochs":20,"ensemble":3}') m FROM calendar_shop WHERE s <= 4) t,
	(SELECT count(DISTINCT rnn_train(p, options => jsonb_build_object('horizon', 7, 'epochs', 5, 'ensemble', 1, 'seed', seed))) AS seeds
	FROM (SELECT rnn_panel(s, ts, v) p FROM calendar_shop WHERE s <= 2) p, generate_series(1, 3) seed) e;

-- seasons of an hour and less follow the wall clock over a clock change: forward and back, from a series that starts in summer, in steps of 15 to 60 minutes;
-- the noise is even between 0 and 1, so the least error is 0.25
CREATE TEMP TABLE calendar_wall AS
	SELECT zone, minutes, changed, t, abs(extract(hour FROM t AT TIME ZONE zone) - 12)::float8 + (hashint4(k) & 1023) / 1024.0 AS v
	FROM (VALUES ('Europe/London', 60, timestamptz '2020-03-29 01:00+00'), ('America/New_York', 30, '2020-11-01 06:00+00'),
		('Australia/Sydney', 15, '2020-04-04 16:00+00'), ('Australia/Lord_Howe', 60, '2020-04-04 15:00+00'), ('Asia/Kathmandu', 60, '2020-03-29 01:00+00')) c(zone, minutes, changed),
		generate_series(-70 * 24 * 60 / minutes, 16 * 24 * 60 / minutes) k, LATERAL (SELECT changed + k * minutes * interval '1 minute' AS t) x;
CREATE TEMP TABLE calendar_wall_m AS
	SELECT zone, minutes, rnn_train(rnn_panel(t, v) FILTER (WHERE t < changed - interval '7 days'), 'ridge',
		jsonb_build_object('horizon', 1440 / minutes, 'time_zone', zone, 'intervals', 'none')) AS m
	FROM calendar_wall GROUP BY 1, 2;
SELECT zone, minutes, b.cutoff >= changed AS after_change, rnn_mae(actual_value, forecast_value) <= 0.32 AS close
FROM calendar_wall_m, LATERAL (SELECT rnn_panel(t, v) AS p, min(changed) AS changed FROM calendar_wall w WHERE w.zone = calendar_wall_m.zone) w, rnn_backtest(m, p, 1440 / minutes) b
GROUP BY 1, 2, 3 ORDER BY 1, 3;
-- and with a noise that can be learned
SELECT b.cutoff >= '2020-03-29' AS after_change, rnn_mae(actual_value, forecast_value) <= 0.16 AS close
FROM (SELECT rnn_panel(t, v) AS whole, rnn_train(rnn_panel(t, v) FILTER (WHERE t < '2020-03-22'), 'ridge', '{"horizon":24,"time_zone":"Europe/London"}') AS m
	FROM generate_series(0, 24 * 90) k, LATERAL (SELECT timestamptz '2020-01-15 00:00+00' + k * interval '1 hour' AS t) x,
		LATERAL (SELECT abs(extract(hour FROM t AT TIME ZONE 'Europe/London') - 12)::float8 + k * 7919 % 1000 / 1000.0 AS v) y) q,
	rnn_backtest(m, whole, 24) b GROUP BY 1 ORDER BY 1;
-- full hours of a wall clock that moves by less than a step are on it: no row is moved, the error after the change is that before; the rows before the change
-- tell no difference, fresh rows after it do (30 minutes on Lord Howe and hours in Casablanca are absolute: the row elsewhere is the half hour that the clock repeats)
CREATE TEMP TABLE calendar_full AS
	SELECT DISTINCT ON (zone, minutes, changed, t) zone, minutes, changed AT TIME ZONE zone AS changed, t,
		abs(extract(hour FROM t AT TIME ZONE zone) - 12)::float8 + (hashint4(k) & 1023) / 1024.0 AS v
	FROM (VALUES ('Australia/Lord_Howe', 60, timestamp '2020-04-05 02:00'), ('Australia/Lord_Howe', 60, '2020-10-04 02:00'), ('America/Caracas', 60, '2007-12-09 03:00'),
			('America/Caracas', 60, '2016-05-01 02:30'), ('Asia/Pyongyang', 60, '2015-08-15 00:00'), ('Asia/Kathmandu', 30, '1986-01-01 00:00'),
			('Australia/Lord_Howe', 30, '2020-04-05 02:00'), ('Pacific/Apia', 60, '2011-12-30 00:00'), ('Africa/Casablanca', 60, '2022-03-27 03:00')) c(zone, minutes, changed),
		generate_series(-50 * 24 * 60 / minutes, 14 * 24 * 60 / minutes) k, LATERAL (SELECT (changed + k * minutes * interval '1 minute') AT TIME ZONE zone AS t) x;
SET client_min_messages = notice;
CREATE TEMP TABLE calendar_full_m AS
	SELECT zone, minutes, changed, rnn_train(rnn_panel(t, v) FILTER (WHERE t < changed - interval '7 days'), rnn_sequential(rnn_dense(1440 / minutes)), jsonb_build_object('horizon', 1440 / minutes,
		'time_zone', zone, 'intervals', 'none', 'epochs', 2, 'mix', 0)) AS m, rnn_panel(t, v) AS p
	FROM calendar_full GROUP BY 1, 2, 3;
SELECT zone, minutes, changed::date, d.frequency, d.snapped, count(*) FILTER (WHERE b.forecast_timestamp NOT IN (SELECT t FROM calendar_full f WHERE f.zone = m.zone AND f.changed = m.changed)) AS elsewhere,
	rnn_mae(actual_value, forecast_value) FILTER (WHERE b.cutoff >= changed) <= 1.15 * rnn_mae(actual_value, forecast_value) FILTER (WHERE b.forecast_timestamp < changed) AS close
FROM calendar_full_m m, rnn_describe(p, jsonb_build_object('time_zone', zone)) d, rnn_backtest(m, p, 1440 / minutes) b GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3;
-- anomalies and fitted values of such rows, too; a state goes on with the model's own axis
SELECT count(*) FILTER (WHERE time_series_timestamp NOT IN (SELECT t FROM calendar_full f WHERE f.zone = m.zone AND f.changed = m.changed)) AS elsewhere
FROM calendar_full_m m, rnn_fitted(m, p) WHERE zone = 'America/Caracas' AND changed < '2008-01-01';
SELECT count(*) FROM calendar_full_m m, rnn_state(m, p) WHERE zone = 'America/Caracas' AND changed < '2008-01-01';
-- a clock that repeats an hour has no hours on it
SELECT rnn_describe(p, '{"frequency": "1 hour on the wall clock", "time_zone": "Europe/Berlin"}') FROM calendar_full_m WHERE zone = 'Pacific/Apia';
SELECT frequency FROM calendar_full_m, rnn_describe(p, '{"frequency": "1 hour on the wall clock", "time_zone": "Asia/Tokyo"}') WHERE zone = 'Pacific/Apia';
SET client_min_messages = warning;
-- a day without rows after the change is filled from days before it, at the same hours of the wall clock
SELECT c.zone, rnn_mae(w.v, forecast_value) <= 0.4 AS close
FROM calendar_wall_m c, LATERAL (SELECT rnn_panel(t, CASE WHEN t NOT BETWEEN changed + interval '1 day' AND changed + interval '47 hours' THEN v END) AS p FROM calendar_wall w
	WHERE w.zone = c.zone AND t < changed + interval '49 hours') h, LATERAL rnn_forecast(m, p, horizon => 1440 / minutes) f JOIN calendar_wall w ON t = forecast_timestamp
WHERE w.zone = c.zone GROUP BY 1 ORDER BY 1;
-- likewise from the model's own history, and row by row
SELECT w.zone, rnn_mae(v, forecast_value) <= 0.32 AS close FROM calendar_wall_m, LATERAL rnn_forecast(m, horizon => 14 * 1440 / minutes) f
	JOIN calendar_wall w ON t = forecast_timestamp WHERE w.zone = calendar_wall_m.zone GROUP BY 1 ORDER BY 1;
WITH RECURSIVE walk AS (
	SELECT s.state, 0 AS k, NULL::float8 AS expected FROM calendar_wall_m, rnn_state(m, (SELECT rnn_panel(t, v) FROM calendar_wall WHERE zone = 'Europe/London' AND t < changed - interval '1 day')) s WHERE zone = 'Europe/London'
	UNION ALL SELECT s.new_state, k + 1, s.forecast_values[1]
	FROM walk, calendar_wall_m m, LATERAL (SELECT t, v FROM calendar_wall WHERE zone = 'Europe/London' AND t = changed - interval '1 day' + k * interval '1 hour') w,
		LATERAL rnn_step(m.m, walk.state, w.t, w.v) s WHERE m.zone = 'Europe/London' AND k < 96)
SELECT count(*), rnn_mae(v, expected) <= 0.32 AS close FROM walk JOIN calendar_wall w ON zone = 'Europe/London' AND t = changed - interval '1 day' + k * interval '1 hour' WHERE expected IS NOT NULL;

DROP TABLE calendar_change, calendar_load, calendar_forecast, calendar_gap, calendar_gap_model, calendar_shop, calendar_head, calendar_wall, calendar_wall_m;
DROP FUNCTION calendar_check;
