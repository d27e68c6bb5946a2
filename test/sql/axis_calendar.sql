-- Calendars: business days, weekdays of a month, twice a month, fiscal years and their weeks; steps checked against the rows.
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- dates of each calendar by rules written in SQL, 1990 to 2039: rows until 2023 are the panel, the later ones are expected
CREATE TEMP TABLE day AS SELECT d::date AS d, extract(isodow FROM d)::int AS dow, extract(day FROM d)::int AS dom, extract(month FROM d)::int AS m,
	extract(year FROM d)::int AS y, (date_trunc('month', d) + interval '1 month - 1 day')::date AS eom
FROM generate_series(date '1988-01-01', date '2040-12-31', '1 day') d;
CREATE TEMP TABLE dates(name text, d date);
INSERT INTO dates SELECT 'last saturday of december', max(d) FROM day WHERE dow = 6 AND m = 12 GROUP BY y;
INSERT INTO dates SELECT 'nearest saturday to december end', d.d FROM day e JOIN day d ON d.dow = 6 AND abs(d.d - e.d) <= 3 WHERE e.m = 12 AND e.dom = 31;
INSERT INTO dates SELECT 'nearest saturday to january end', d.d FROM day e JOIN day d ON d.dow = 6 AND abs(d.d - e.d) <= 3 WHERE e.m = 1 AND e.dom = 31;
INSERT INTO dates SELECT 'last friday of september', max(d) FROM day WHERE dow = 5 AND m = 9 GROUP BY y;
INSERT INTO dates SELECT 'last saturday of december plus 1 day', max(d) + 1 FROM day WHERE dow = 6 AND m = 12 GROUP BY y;
INSERT INTO dates SELECT 'third friday of month', d FROM day WHERE dow = 5 AND dom BETWEEN 15 AND 21;
INSERT INTO dates SELECT 'third friday every 3 months', d FROM day WHERE dow = 5 AND dom BETWEEN 15 AND 21 AND m % 3 = 0;
INSERT INTO dates SELECT 'first monday of month', d FROM day WHERE dow = 1 AND dom <= 7;
INSERT INTO dates SELECT 'last monday of month', max(d) FROM day WHERE dow = 1 GROUP BY y, m;
INSERT INTO dates SELECT 'fourth thursday of november', d FROM day WHERE dow = 4 AND m = 11 AND dom BETWEEN 22 AND 28;
INSERT INTO dates SELECT 'semi monthly 1 and 15', d FROM day WHERE dom IN (1, 15);
INSERT INTO dates SELECT 'semi monthly 15 and last', d FROM day WHERE dom = 15 OR d = eom;
INSERT INTO dates SELECT 'semi monthly 5 and 20', d FROM day WHERE dom IN (5, 20);
INSERT INTO dates SELECT 'business month end', max(d) FROM day WHERE dow < 6 GROUP BY y, m;
INSERT INTO dates SELECT 'business month start', min(d) FROM day WHERE dow < 6 GROUP BY y, m;
INSERT INTO dates SELECT '1 month', eom FROM day WHERE dom = 1;
INSERT INTO dates SELECT '3 months', eom FROM day WHERE dom = 1 AND m % 3 = 0;
INSERT INTO dates SELECT '1 week', d FROM day WHERE dow = 1;
INSERT INTO dates SELECT 'business day', d FROM day WHERE dow < 6 AND y > 2020;
-- other days of the week
INSERT INTO dates SELECT 'business day sunday to thursday', d FROM day WHERE dow IN (7, 1, 2, 3, 4) AND y > 2020;
INSERT INTO dates SELECT 'business day monday to saturday', d FROM day WHERE dow < 7 AND y > 2020;
INSERT INTO dates SELECT 'business day tuesday friday', d FROM day WHERE dow IN (2, 5) AND y > 2015;
INSERT INTO dates SELECT 'business day monday wednesday friday', d FROM day WHERE dow IN (1, 3, 5) AND y > 2015;
INSERT INTO dates SELECT 'business day saturday sunday', d FROM day WHERE dow > 5 AND y > 2015;
-- periods of weeks: 12 of each fiscal year, of which the last takes the 53rd week
CREATE TEMP TABLE year_end(kind text, y int, d date);
INSERT INTO year_end SELECT 'last saturday of december', y, max(d) FROM day WHERE dow = 6 AND m = 12 GROUP BY y;
INSERT INTO year_end SELECT 'nearest saturday to january end', e.y, d.d FROM day e JOIN day d ON d.dow = 6 AND abs(d.d - e.d) <= 3 WHERE e.m = 1 AND e.dom = 31;
INSERT INTO dates SELECT format('%s weeks to %s', pattern, kind), CASE WHEN p = 12 THEN d ELSE before + 7 * weeks END
FROM (SELECT kind, d, lag(d) OVER (PARTITION BY kind ORDER BY y) AS before FROM year_end) e,
	(VALUES ('4 4 5', 'last saturday of december', '{4,8,13}'::int[]), ('4 5 4', 'nearest saturday to january end', '{4,9,13}')) v(pattern, of, sums),
	generate_series(1, 12) p, LATERAL (SELECT (p - 1) / 3 * 13 + sums[(p - 1) % 3 + 1] AS weeks) w
WHERE kind = of AND before IS NOT NULL;
INSERT INTO dates SELECT 'quarters of 4 4 5 weeks to last saturday of december', CASE WHEN q = 4 THEN d ELSE before + 91 * q END
FROM (SELECT d, lag(d) OVER (ORDER BY y) AS before FROM year_end WHERE kind = 'last saturday of december') e, generate_series(1, 4) q WHERE before IS NOT NULL;

-- found, nothing moved, and the next dates right as far as the rules above reach: at least five years, 16 where there are 12 and more dates a year
CREATE FUNCTION pg_temp.follow(axis text, zone text) RETURNS TABLE(name text, verdict text) LANGUAGE plpgsql AS $$
DECLARE calendar text; p rnn_panel; expected date[]; found date[]; f text; moved bigint; n int;
BEGIN
	PERFORM set_config('timezone', zone, true);
	FOR calendar IN SELECT DISTINCT d.name FROM dates d ORDER BY 1 LOOP
		name := calendar;
		SELECT array_agg(d ORDER BY d) INTO expected FROM dates d WHERE d.name = calendar AND d.d > '2024-01-10';
		n := array_length(expected, 1);
		IF axis = 'date' THEN SELECT rnn_panel(d.d, 1) INTO p FROM dates d WHERE d.name = calendar AND d.d <= '2024-01-10';
		ELSIF axis = 'timestamp' THEN SELECT rnn_panel(d.d + time '18:30', 1) INTO p FROM dates d WHERE d.name = calendar AND d.d <= '2024-01-10';
		ELSE SELECT rnn_panel((d.d + time '18:30')::timestamptz, 1) INTO p FROM dates d WHERE d.name = calendar AND d.d <= '2024-01-10'; END IF;
		SELECT frequency, snapped INTO f, moved FROM rnn_describe(p);
		SELECT array_agg(s.local_timestamp::date ORDER BY step) INTO found FROM rnn_stamps(p, n) s;
		verdict := CASE WHEN f <> calendar THEN 'found ' || f WHEN moved > 0 THEN moved || ' rows moved'
			WHEN found <> expected THEN 'dates differ' ELSE 'right' END;
		RETURN NEXT;
		-- the text of a calendar is taken by the option, in any case and with other characters between the words
		SELECT array_agg(s.local_timestamp::date ORDER BY step) INTO found FROM rnn_stamps(p, n, jsonb_build_object('frequency', upper(replace(calendar, ' ', '_')))) s
		WHERE calendar !~ '^\d (month|week)';
		IF found <> expected THEN verdict := 'other dates by the option'; RETURN NEXT; END IF;
	END LOOP;
END $$;
SELECT * FROM pg_temp.follow('date', 'UTC');
SELECT axis, zone, verdict, count(*) FROM (VALUES ('timestamp', 'America/New_York'), ('timestamptz', 'America/New_York'), ('timestamptz', 'Pacific/Auckland')) v(axis, zone),
	pg_temp.follow(axis, zone) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SET timezone = 'UTC';

-- other working weeks: bad text, seasons, holidays on their days, one that is none of them, rows on a day off
SELECT rnn_stamps((SELECT rnn_panel(d, 1) FROM generate_series(date '2024-01-01', '2024-03-01', '1 day') d), 1, '{"frequency":"business day monday to sunday"}');
SELECT rnn_stamps((SELECT rnn_panel(d, 1) FROM generate_series(date '2024-01-01', '2024-03-01', '1 day') d), 1, '{"frequency":"business day friday"}');
SELECT rnn_stamps((SELECT rnn_panel(d, 1) FROM generate_series(date '2024-01-01', '2024-03-01', '1 day') d), 1, '{"frequency":"business day monday to"}');
SELECT rnn_stamps((SELECT rnn_panel(d::date, 1) FROM generate_series(date '2024-01-01', '2024-03-01', '1 day') d), 1, '{"frequency":"business day sunday to thursday"}');
CREATE TEMP VIEW gulf AS SELECT d FROM day WHERE dow IN (7, 1, 2, 3, 4) AND d BETWEEN '2024-01-01' AND '2024-06-20';
SELECT frequency, seasonality, gaps FROM rnn_describe((SELECT rnn_panel(d, 1) FROM gulf));
SELECT frequency, gaps, array_agg(local_timestamp::date ORDER BY step) FROM (SELECT rnn_panel(d, 1) AS p FROM gulf WHERE d <> '2024-04-10') q,
	rnn_describe(p, '{"holidays":["2024-06-23","2024-04-10","2024-06-28"]}'), rnn_stamps(p, 3, '{"holidays":["2024-06-23","2024-04-10","2024-06-28"]}') GROUP BY frequency, gaps;
-- a model of them, with holidays in its bytes
SELECT rnn_model_info(m) ->> 'frequency' AS frequency, array_agg(forecast_timestamp::date ORDER BY step) FROM rnn_train((SELECT rnn_panel(d, extract(isodow FROM d) + (hashint4(d - date '2024-01-01') & 3)) FROM gulf), 'ridge', '{"holidays":["2024-06-23"]}') m,
	rnn_forecast(m, NULL::rnn_panel, 5) GROUP BY m;

-- dates and months written as numbers
SELECT count(*) FROM rnn_forecast_index(rnn_train((SELECT rnn_panel(to_char(d, 'YYYYMMDD')::int, dow) FROM day WHERE y = 2024 AND m < 4), 'ridge'), NULL::rnn_panel, 1);
SELECT count(*) FROM rnn_forecast_index(rnn_train((SELECT rnn_panel(to_char(d, 'YYYYMM')::int, m) FROM day WHERE y IN (2023, 2024) AND dom = 1), 'ridge'), NULL::rnn_panel, 1);

-- short names: the rows tell the rest
SELECT n, frequency, seasonality FROM (VALUES ('4-4-5', '4 4 5 weeks to last saturday of december'), ('4-5-4', '4 5 4 weeks to nearest saturday to january end'),
	('semi_monthly', 'semi monthly 5 and 20'), ('fiscal_year', 'nearest saturday to january end'), ('business_day', 'business day'), ('month_end', '1 month'),
	('quarter_end', '3 months'), ('iso_week', '1 week')) v(n, name),
	LATERAL (SELECT rnn_panel(d.d, 1) AS p FROM dates d WHERE d.name = v.name AND d.d BETWEEN '2018-01-01' AND '2023-12-31') q, rnn_describe(p, jsonb_build_object('frequency', n));

-- business days: holidays as gaps, or known; no weekend in the forecast
CREATE TEMP TABLE holiday(day date);
INSERT INTO holiday VALUES ('2023-05-01'), ('2023-12-25'), ('2024-01-01'), ('2024-04-01'), ('2024-05-01'), ('2023-12-24');
CREATE TEMP TABLE office AS SELECT d, row_number() OVER (ORDER BY d) AS k, 100 + 8 * dow + 4 * sin(row_number() OVER (ORDER BY d) / 9.0) + ((d - date '2023-01-01') * 7919 % 100) / 50.0 AS v
FROM day WHERE dow < 6 AND d BETWEEN '2023-01-02' AND '2024-05-31' AND d NOT IN (SELECT day FROM holiday);
SELECT frequency, observations, gaps, snapped, seasonality FROM rnn_describe((SELECT rnn_panel(d, v) FROM office));
SELECT frequency, observations, gaps, snapped, seasonality FROM rnn_describe((SELECT rnn_panel(d, v) FROM office),
	(SELECT jsonb_build_object('holidays', jsonb_agg(day)) FROM holiday));
CREATE TEMP TABLE office_m AS SELECT rnn_train(rnn_panel(d, v), 'ridge', (SELECT jsonb_build_object('horizon', 10, 'frequency', 'business_day', 'holidays', jsonb_agg(day)) FROM holiday)) AS m
	FROM office WHERE d < '2024-03-25';
SELECT f.step, f.forecast_timestamp::date AS day, to_char(f.forecast_timestamp, 'Dy') AS weekday FROM office_m, rnn_forecast(m) f;
SELECT count(*) AS forecasts, count(*) FILTER (WHERE extract(isodow FROM forecast_timestamp) > 5) AS on_weekends,
	count(*) FILTER (WHERE forecast_timestamp::date IN (SELECT day FROM holiday)) AS on_holidays
FROM office_m, rnn_backtest(m, (SELECT rnn_panel(d, v) FROM office), 10);
-- the error is that of numbered days, which know no calendar
WITH days AS (SELECT rnn_mae(b.actual_value, b.forecast_value) AS e FROM office_m, rnn_backtest(m, (SELECT rnn_panel(d, v) FROM office), 10) b),
	numbers AS (SELECT rnn_mae(b.actual_value, b.forecast_value) AS e FROM (SELECT rnn_train(rnn_panel(k, v), 'ridge', '{"horizon":10,"seasonality":5}') AS m FROM office WHERE d < '2024-03-25') q,
		rnn_backtest(m, (SELECT rnn_panel(k, v) FROM office), 10) b)
SELECT days.e <= numbers.e * 1.001 AS no_worse FROM days, numbers;
-- row by row: the next business day after a Friday and after a holiday
SELECT s.forecast_timestamp::date AS next FROM office_m, LATERAL (SELECT state FROM rnn_state(m, (SELECT rnn_panel(d, v) FROM office WHERE d < '2024-03-29'))) t,
	rnn_step(m, t.state, date '2024-03-29', 100.0) s;

-- few weeks do not make business days, nor does a row on a Saturday
SELECT frequency, gaps FROM rnn_describe((SELECT rnn_panel(d, v) FROM office WHERE d < '2023-01-30'));
SELECT frequency, gaps FROM rnn_describe((SELECT rnn_panel(d, v) FROM (SELECT d, v FROM office WHERE d < '2023-06-01' UNION ALL SELECT '2023-03-04', 1) u));

-- bad input: holidays, calendars that do not fit
SELECT * FROM rnn_describe((SELECT rnn_panel(d, v) FROM office), '{"holidays":["2024-01-01",null]}');
SELECT * FROM rnn_describe((SELECT rnn_panel(d, v) FROM office), '{"holidays":["2024-01-01",20240501]}');
SELECT * FROM rnn_describe((SELECT rnn_panel(d, v) FROM office), '{"holidays":["2023-02-29"]}');
SELECT * FROM rnn_describe((SELECT rnn_panel(d, v) FROM office), '{"holidays":"2024-01-01"}');
SELECT frequency FROM rnn_describe((SELECT rnn_panel(d, v) FROM office), '{"holidays":[]}');
SELECT * FROM rnn_describe((SELECT rnn_panel(d, v) FROM office), '{"holidays":["2024-01-01"],"frequency":"week"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, v) FROM office), '{"holidays":["2024-01-02"]}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, v) FROM day, LATERAL (SELECT 1 AS v) o WHERE y = 2023), '{"frequency":"business_day"}');
SELECT count(*), sum(value) FROM rnn_rows((SELECT rnn_panel(d, v) FROM day, LATERAL (SELECT 1 AS v) o WHERE y = 2023), '{"frequency":"business_day","on_duplicate":"sum"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, v) FROM office), '{"frequency":"third friday of month"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, v) FROM office), '{"frequency":"4-4-5"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, v) FROM office), '{"frequency":"fifth friday of month"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, v) FROM office), '{"frequency":"semi monthly 29 and 30"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(k, v) FROM office), '{"frequency":"business_day"}');
SELECT local_timestamp::date FROM rnn_stamps((SELECT rnn_panel(date '2024-01-01', 1)), 2, '{"frequency":"business_day"}');
-- both ends of the range of dates
SELECT * FROM rnn_stamps((SELECT rnn_panel(date '5874897-12-30' + k, 1) FROM generate_series(0, 0) k), 5, '{"frequency":"business_day"}');
SELECT * FROM rnn_stamps((SELECT rnn_panel(date '5874897-11-15', 1)), 5, '{"frequency":"semi monthly 1 and 15"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(date '4714-11-24 BC' + k, 1) FROM generate_series(0, 4) k), '{"frequency":"business_day"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, 1) FROM unnest('{4714-11-30 BC,4714-12-31 BC,4713-01-31 BC}'::date[]) d), '{"frequency":"month_end"}');

-- a step that would move many rows is not the step, whatever the votes: paydays on the 25th or the weekday before
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(CASE dow WHEN 6 THEN d - 1 WHEN 7 THEN d - 2 ELSE d END, 1) FROM day WHERE dom = 25 AND y > 2015));
SELECT frequency, snapped > 20 AS moved FROM rnn_describe((SELECT rnn_panel(CASE dow WHEN 6 THEN d - 1 WHEN 7 THEN d - 2 ELSE d END, 1) FROM day WHERE dom = 25 AND y > 2015), '{"frequency":"month"}');

-- most pairs of rows 31 days apart agree in the day of the month, too
SELECT days, frequency, snapped FROM unnest('{28,30,31,91,364}'::int[]) days, rnn_describe((SELECT rnn_panel(date '2020-01-01' + k * days, 1) FROM generate_series(0, 60) k));

-- rows that are moved: half of a year in another zone, and drifting clocks, give a NOTICE at training; a few seconds do not
SELECT rnn_train(rnn_panel((date '2013-01-01' + k)::timestamp AT TIME ZONE 'Australia/Melbourne', k % 7), 'ridge', '{"intervals":"none"}') IS NOT NULL AS trained FROM generate_series(0, 499) k;
SELECT rnn_train(rnn_panel((timestamp '2015-01-01' + k * interval '1 month') AT TIME ZONE 'America/New_York', k % 12), 'ridge', '{"intervals":"none"}') IS NOT NULL AS trained FROM generate_series(0, 59) k;
SELECT rnn_train(rnn_panel((date '2013-01-01' + k)::timestamp AT TIME ZONE 'Australia/Melbourne', k % 7), 'ridge', '{"intervals":"none","time_zone":"Australia/Melbourne"}') IS NOT NULL AS trained FROM generate_series(0, 499) k;
SELECT rnn_train(rnn_panel(timestamp '2024-01-01' + k * interval '1 minute' + (k * 7 % 5) * interval '1 second', k % 60), 'ridge', '{"intervals":"none","frequency":"minute"}') IS NOT NULL AS trained FROM generate_series(0, 499) k;
SELECT rnn_train(rnn_panel(timestamp '2024-01-01' + k * interval '61 seconds', k % 60), 'ridge', '{"intervals":"none","frequency":"minute"}') IS NOT NULL AS trained FROM generate_series(0, 499) k;
-- seconds since 1970 on an integer axis
SELECT rnn_train(rnn_panel(1700000000 + 3600 * k, k % 24), 'ridge', '{"intervals":"none"}') IS NOT NULL AS trained FROM generate_series(1::bigint, 100) k;
SELECT rnn_train(rnn_panel(1700000000000 + 60000 * k, k % 24), 'ridge', '{"intervals":"none"}') IS NOT NULL AS trained FROM generate_series(1::bigint, 100) k;

-- a fresh panel has the model's step, and options that a call cannot honor are errors
CREATE TEMP TABLE daily AS SELECT rnn_train(rnn_panel(timestamp '2024-01-01' + k * interval '1 day', 50 + k % 7), 'ridge', '{"horizon":7}') AS m FROM generate_series(0, 199) k;
SELECT f.* FROM daily, rnn_forecast(m, (SELECT rnn_panel(timestamp '2024-01-01' + k * interval '7 days', 50 + k % 3) FROM generate_series(0, 60) k), horizon => 2) f;
SELECT f.* FROM daily, rnn_forecast(m, (SELECT rnn_panel(timestamp '2024-01-01' + k * interval '1 hour', 50 + k % 3) FROM generate_series(0, 60) k), horizon => 2) f;
SELECT f.* FROM daily, rnn_backtest(m, (SELECT rnn_panel(timestamp '2024-01-01' + k * interval '1 month', 50 + k % 3) FROM generate_series(0, 60) k), 2) f;
SELECT rnn_train(rnn_panel(timestamp '2024-08-01' + k * interval '1 week', 50 + k % 7), m) IS NOT NULL FROM daily, generate_series(0, 99) k GROUP BY m;
SELECT f.step, f.forecast_timestamp, f.forecast_status FROM daily, rnn_forecast(m, (SELECT rnn_panel(timestamp '2024-01-01' + k * interval '1 day', 50 + k % 7) FROM generate_series(0, 60) k WHERE k % 3 < 2), horizon => 1) f;
SELECT f.step, f.forecast_status FROM daily, rnn_forecast(m, (SELECT rnn_panel(timestamp '2024-01-01' + k * interval '1 hour', 50) FROM generate_series(0, 99) k), horizon => 1, options => '{"on_duplicate":"mean"}') f;
SELECT f.* FROM daily, rnn_forecast(m, options => '{"frequency":"week"}') f;
SELECT f.* FROM daily, rnn_forecast(m, options => '{"time_zone":"UTC"}') f;
SELECT f.* FROM daily, rnn_forecast(m, options => '{"holidays":["2024-12-25"]}') f;
SELECT count(*) FROM daily, rnn_forecast(m, options => '{"frequency":"24 hours"}') f;
SELECT f.* FROM office_m, rnn_forecast(m, options => '{"holidays":["2024-12-25"]}') f;
