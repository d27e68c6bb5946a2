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
-- several days or weekdays a month, and business days beside them
INSERT INTO dates SELECT 'days 1 11 21 of month', d FROM day WHERE dom IN (1, 11, 21) AND y > 2012;
INSERT INTO dates SELECT 'days 10 20 last of month', d FROM day WHERE (dom IN (10, 20) OR d = eom) AND y > 2012;
INSERT INTO dates SELECT 'days 1 8 15 22 of month', d FROM day WHERE dom IN (1, 8, 15, 22) AND y > 2012;
INSERT INTO dates SELECT 'semi monthly 15 and 30', least(d + k, eom) FROM day, unnest('{14,29}'::int[]) k WHERE dom = 1 AND y > 2012;
INSERT INTO dates SELECT 'day 10 of month or next business day', CASE dow WHEN 6 THEN d + 2 WHEN 7 THEN d + 1 ELSE d END FROM day WHERE dom = 10 AND y > 2012;
INSERT INTO dates SELECT 'day 25 of month or previous business day', CASE dow WHEN 6 THEN d - 1 WHEN 7 THEN d - 2 ELSE d END FROM day WHERE dom = 25 AND y > 2012;
INSERT INTO dates SELECT 'day 15 of month or nearest business day', CASE dow WHEN 6 THEN d - 1 WHEN 7 THEN d + 1 ELSE d END FROM day WHERE dom = 15 AND y > 2012;
INSERT INTO dates SELECT 'day 15 every 3 months or next business day', CASE dow WHEN 6 THEN d + 2 WHEN 7 THEN d + 1 ELSE d END FROM day WHERE dom = 15 AND m % 3 = 0 AND y > 2005;
INSERT INTO dates SELECT 'semi monthly 1 and 15 or next business day', CASE dow WHEN 6 THEN d + 2 WHEN 7 THEN d + 1 ELSE d END FROM day WHERE dom IN (1, 15) AND y > 2012;
INSERT INTO dates SELECT 'semi monthly 15 and last or previous business day', CASE dow WHEN 6 THEN d - 1 WHEN 7 THEN d - 2 ELSE d END FROM day WHERE (dom = 15 OR d = eom) AND y > 2012;
INSERT INTO dates SELECT 'business day 3 of month', d FROM (SELECT d, row_number() OVER (PARTITION BY y, m ORDER BY d) AS n FROM day WHERE dow < 6 AND y > 2012) q WHERE n = 3;
INSERT INTO dates SELECT 'business day 2 before last of month', d FROM (SELECT d, row_number() OVER (PARTITION BY y, m ORDER BY d DESC) AS n FROM day WHERE dow < 6 AND y > 2012) q WHERE n = 3;
INSERT INTO dates SELECT 'first and third wednesday of month', d FROM day WHERE dow = 3 AND (dom < 8 OR dom BETWEEN 15 AND 21) AND y > 2012;
INSERT INTO dates SELECT 'first and last monday of month', d FROM day WHERE dow = 1 AND (dom < 8 OR d + 7 > eom) AND y > 2012;
INSERT INTO dates SELECT 'first second third and fourth friday of month', d FROM day WHERE dow = 5 AND dom < 29 AND y > 2012;
-- days of some months: quarters of estimated taxes, terms, ends of months, with business days beside them
INSERT INTO dates SELECT 'day 15 of january april june september', d FROM day WHERE dom = 15 AND m IN (1, 4, 6, 9) AND y > 2005;
INSERT INTO dates SELECT 'day 15 of january april june september or next business day', CASE dow WHEN 6 THEN d + 2 WHEN 7 THEN d + 1 ELSE d END FROM day WHERE dom = 15 AND m IN (1, 4, 6, 9) AND y > 2005;
INSERT INTO dates SELECT 'day 1 of february september', d FROM day WHERE dom = 1 AND m IN (2, 9) AND y > 2005;
INSERT INTO dates SELECT 'day last of february may august december or previous business day', CASE dow WHEN 6 THEN eom - 1 WHEN 7 THEN eom - 2 ELSE eom END
FROM (SELECT eom, extract(isodow FROM eom)::int AS dow FROM day WHERE dom = 1 AND m IN (2, 5, 8, 12) AND y > 2005) e;
INSERT INTO dates SELECT 'semi monthly 1 and 15 of april may june july', d FROM day WHERE dom IN (1, 15) AND m BETWEEN 4 AND 7 AND y > 2005;
-- days counted from New Year, as satellites' composites are
INSERT INTO dates SELECT format('every %s days from january 1', n), make_date(year, 1, 1) + n * k FROM (VALUES (8, 45), (16, 22), (5, 72)) v(n, last), generate_series(2013, 2040) year, generate_series(0, last) k;
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
-- a year that ends near the end of February, dated by last and by first days: many other calendars fit most rows
INSERT INTO year_end SELECT 'nearest saturday to february end', e.y, d.d FROM day e JOIN day d ON d.dow = 6 AND abs(d.d - e.d) <= 3 WHERE e.m = 2 AND e.d = e.eom;
INSERT INTO dates SELECT format('%s weeks to nearest saturday to february end%s', pattern, CASE shift WHEN 1 THEN ' plus 1 day' END), shift + CASE WHEN p = 12 THEN d ELSE before + 7 * weeks END
FROM (SELECT d, lag(d) OVER (ORDER BY y) AS before FROM year_end WHERE kind = 'nearest saturday to february end') e,
	(VALUES ('4 4 5', '{4,8,13}'::int[]), ('4 5 4', '{4,9,13}'), ('5 4 4', '{5,9,13}')) v(pattern, sums),
	generate_series(1, 12) p, generate_series(0, 1) shift, LATERAL (SELECT (p - 1) / 3 * 13 + sums[(p - 1) % 3 + 1] AS weeks) w WHERE before IS NOT NULL;
INSERT INTO dates SELECT '13 periods of 4 weeks to last saturday of december', CASE WHEN p = 13 THEN d ELSE before + 28 * p END
FROM (SELECT d, lag(d) OVER (ORDER BY y) AS before FROM year_end WHERE kind = 'last saturday of december') e, generate_series(1, 13) p WHERE before IS NOT NULL;
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

-- days of months: bad text, a calendar given for rows of a season, and dates of two distances that no step of months holds (three months moved half of them)
SELECT rnn_stamps((SELECT rnn_panel(d, 1) FROM day WHERE dom = 1), 1, jsonb_build_object('frequency', f)) FROM unnest('{day 1 of,day 1 of may of june,day 1 of moon,day 30 30 of may june or next day}'::text[]) f LIMIT 1;
SELECT rnn_stamps((SELECT rnn_panel(d, 1) FROM day WHERE dom = 1), 1, '{"frequency": "day 1 of january february march april may june july august september october november december"}');
SELECT rnn_stamps((SELECT rnn_panel(d, 1) FROM day WHERE dom = 1), 1, '{"frequency": "day 2 of may and june"}');
SELECT frequency, gaps, seasonality, (SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps(p, 6, '{"frequency": "Day 1 of December, January, February, March and April"}')) AS next
FROM (SELECT rnn_panel(d, 1) AS p FROM day WHERE dom = 1 AND m IN (12, 1, 2, 3, 4) AND y BETWEEN 2010 AND 2023) q, rnn_describe(p, '{"frequency": "day 1 of december january february march april"}');
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(d, 1) FROM day WHERE dom IN (1, 15) AND m BETWEEN 4 AND 7 AND y BETWEEN 2010 AND 2023), 9, '{"frequency": "semi monthly 1 and 15 of april, may, june and july"}');
SELECT rnn_stamps((SELECT rnn_panel(CASE dow WHEN 6 THEN d + 2 WHEN 7 THEN d + 1 ELSE d END, 1) FROM day WHERE dom = 15 AND (m + 2 * y) % 5 IN (0, 2) AND y BETWEEN 2010 AND 2023), 1);
-- a calendar whose dates the rows lack does not fit as well: no NOTICE about the last days of months
SELECT rnn_train((SELECT rnn_panel(d, hashint4(m) & 15) FROM day WHERE dom IN (1, 11, 21) AND y BETWEEN 2015 AND 2023), 'ridge', '{"intervals": "none"}') IS NOT NULL AS trained;
-- the model keeps it
SELECT array_agg(forecast_timestamp::date ORDER BY step) AS next, min(rnn_model_info(m) ->> 'frequency') AS frequency FROM rnn_train((SELECT rnn_panel(d, m) FROM day WHERE dom = 15 AND m IN (1, 4, 6, 9) AND y BETWEEN 2010 AND 2023), 'ridge', '{"horizon": 5}') m, rnn_forecast(m);

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

-- a null argument: no panel has no rows, no options are no options
SELECT count(*) FROM rnn_describe(NULL);
SELECT count(*) FROM rnn_stamps((SELECT rnn_panel(d, 1) FROM day WHERE y = 2024), NULL);
SELECT (SELECT count(*) FROM rnn_describe(p, NULL)) AS described, (SELECT count(*) FROM rnn_rows(p, NULL)) AS rows, (SELECT count(*) FROM rnn_stamps(p, 3, NULL)) AS stamps FROM (SELECT rnn_panel(d, 1) AS p FROM day WHERE y = 2024) q;

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

-- bad texts of them; 8 of them a month, 5 days apart if they move
SELECT name, (SELECT frequency FROM rnn_describe((SELECT rnn_panel(d, 1) FROM day WHERE y = 2023 AND dom IN (1, 15)), jsonb_build_object('frequency', name))) FROM (VALUES ('days 1 5 9 13 17 21 25 last of month')) v(name);
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, 1) FROM day WHERE dom = 10), '{"frequency":"day 32 of month or next business day"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, 1) FROM day WHERE dom = 10), '{"frequency":"days 10 12 of month or next business day"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, 1) FROM day WHERE dom = 10), '{"frequency":"days 28 last of month"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, 1) FROM day WHERE dom = 10), '{"frequency":"business day 16 of month"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, 1) FROM day WHERE dom = 10), '{"frequency":"fourth and last friday of month"}');
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(d, 1) FROM day WHERE dom = 10), '{"frequency":"every 1 days from january 1"}');
-- holidays move paydays too, in the rows and in the forecast: the first business day of 2024 is 2 January, that of May is the 2nd
CREATE TEMP TABLE payday AS SELECT min(d) AS d FROM day WHERE dow < 6 AND to_char(d, 'MMDD') NOT IN ('0101', '0501') AND y > 2012 GROUP BY y, m;
SELECT frequency, snapped, array_agg(local_timestamp::date ORDER BY step) FROM (SELECT rnn_panel(d, 1) AS p FROM payday WHERE d < '2023-12-15') q,
	(SELECT jsonb_build_object('holidays', jsonb_agg(d)) AS o FROM day WHERE to_char(d, 'MMDD') IN ('0101', '0501')) h, rnn_describe(p, o), rnn_stamps(p, 5, o) GROUP BY 1, 2;
-- a model keeps them
SELECT array_agg(forecast_timestamp::date ORDER BY step) FROM rnn_forecast((SELECT rnn_train(rnn_panel(d, extract(month FROM d)), 'ridge', (SELECT jsonb_build_object('holidays', jsonb_agg(d)) FROM day WHERE to_char(d, 'MMDD') IN ('0101', '0501')))
	FROM payday WHERE d < '2023-12-15'), NULL::rnn_panel, 5);
-- so they do where the calendar is named: a row that a holiday has moved is on its dates
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(date '2024-01-04', 1)), 3, '{"frequency":"business day 3 of month","holidays":["2024-01-01","2024-03-01"]}');
-- holidays of more than a week never move two paydays onto one date
SELECT roll, count(*), count(DISTINCT local_timestamp) AS dates, bool_and(local_timestamp > before) AS ascending, min(local_timestamp::date) FILTER (WHERE local_timestamp > '2024-09-30') AS october
FROM (SELECT roll, local_timestamp, lag(local_timestamp) OVER (PARTITION BY roll ORDER BY step) AS before FROM unnest('{next,previous,nearest}'::text[]) roll,
	rnn_stamps((SELECT rnn_panel(date '2024-08-08', 1)), 12, (SELECT jsonb_build_object('frequency', format('days 1 8 of month or %s business day', roll), 'holidays', jsonb_agg(d)) FROM day WHERE d BETWEEN '2024-10-01' AND '2024-10-09'))) q
GROUP BY roll ORDER BY roll;
-- holidays all over a month leave a date on its last day, not in an endless search
SELECT array_agg(local_timestamp::date ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(d, 1) FROM payday WHERE d BETWEEN '2022-01-01' AND '2023-01-31'), 3,
	(SELECT jsonb_build_object('frequency', 'business month start', 'holidays', jsonb_agg(d)) FROM day WHERE y = 2023 AND m = 3));
-- a year fits several calendars: one is taken, and the NOTICE names another
SELECT rnn_train(rnn_panel(d, k % 12), 'ridge', '{"intervals":"none"}') IS NOT NULL AS trained FROM (SELECT d, row_number() OVER (ORDER BY d) AS k FROM dates WHERE name = '4 5 4 weeks to nearest saturday to february end' AND d BETWEEN '2024-03-05' AND '2025-03-05') q;
-- rows of few years do not tell a year of 52 weeks from the last Monday of May
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(max, 1) FROM (SELECT max(d) FROM day WHERE dow = 1 AND m = 5 AND y BETWEEN 2022 AND 2024 GROUP BY y) q));

-- a step that would move many rows is not the step, whatever the votes: paydays on the 25th or the weekday before
SELECT frequency, snapped FROM rnn_describe((SELECT rnn_panel(CASE dow WHEN 6 THEN d - 1 WHEN 7 THEN d - 2 ELSE d END, 1) FROM day WHERE dom = 25 AND y > 2015));
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
SELECT rnn_train(rnn_panel(1700000000000000000 + 60000000000 * k, k % 24), 'ridge', '{"intervals":"none"}') IS NOT NULL AS trained FROM generate_series(1::bigint, 100) k;
-- serial day numbers, of days, weeks and months, also of years with two digits; counters are numbers
CREATE FUNCTION day_numbers(kind text, step interval, rows int) RETURNS rnn_panel LANGUAGE sql AS $$
	SELECT rnn_panel(CASE kind WHEN 'spreadsheet' THEN day - date '1899-12-30' WHEN 'Julian' THEN to_char(day, 'J')::bigint WHEN '1970' THEN day - date '1970-01-01'
		WHEN 'year 1' THEN day - date '0001-01-01' + 1 WHEN 'counter' THEN day - date '2024-01-25' ELSE to_char(day, kind)::bigint END, hashint4(k) & 15)
	FROM generate_series(0, rows - 1) k, LATERAL (SELECT (timestamp '2024-01-31' + k * step)::date AS day) d $$;
SELECT kind, step, frequency FROM unnest('{spreadsheet,Julian,1970,year 1,YYMMDD,YYMM,counter}'::text[]) kind, unnest('{1 day,1 week}'::interval[]) step,
	rnn_describe(day_numbers(kind, CASE WHEN kind = 'YYMM' THEN '1 month' ELSE step END, 60)) WHERE kind <> 'YYMM' OR step = '1 day' ORDER BY 1, 2;
SELECT count(*) FROM rnn_forecast_index(rnn_train(day_numbers('spreadsheet', '1 day', 60), 'ridge', '{"horizon": 2}'));
SELECT rnn_train(day_numbers('spreadsheet', '1 month', 60));
SELECT count(*) FROM unnest('{DDMMYYYY,MMDDYYYY}'::text[]) kind, rnn_describe(day_numbers(kind, '1 week', 30));
SELECT rnn_train(rnn_panel(45000.5 + k, k)) FROM generate_series(1, 9) k;
-- the conversions that the hints name
SELECT every(date '1899-12-30' + (day - date '1899-12-30') = day AND date '2000-01-01' + (to_char(day, 'J')::int - 2451545) = day AND date '0001-01-01' + (day - date '0001-01-01' + 1 - 1) = day
	AND to_date(lpad(to_char(day, 'YYMMDD')::int::text, 6, '0'), 'YYMMDD') = day) AS equal FROM generate_series(date '2003-02-27', date '2003-03-02', '1 day') t, LATERAL (SELECT t::date AS day) d;
SELECT date '1899-12-30' + 45292 AS spreadsheet, date '2000-01-01' + (2460311 - 2451545) AS julian, date '0001-01-01' + (738886 - 1) AS year_1, date '1970-01-01' + 19723 AS since_1970;
-- no day numbers: too few, out of the range, or steps of years
SELECT count(*) FROM unnest(ARRAY[(SELECT rnn_panel(45000 + k, k) FROM generate_series(1, 3) k), (SELECT rnn_panel(54780 + k, k) FROM generate_series(1, 30) k),
	(SELECT rnn_panel(40000 + 1000 * k, k) FROM generate_series(1, 9) k), (SELECT rnn_panel(s, CASE s WHEN 1 THEN k ELSE 45000 + k END, k) FROM generate_series(1, 30) k, generate_series(1, 2) s)]) p, rnn_describe(p);
-- weeks, days of years, quarters and hours written as numbers; hours are not seconds.  Without the end of a year they are numbers
SELECT form, rnn_train(rnn_panel(to_char(timestamp '2022-11-07' + k * step, form)::bigint, hashint4(k) & 15), 'ridge', '{"intervals":"none","horizon":3}') IS NOT NULL AS trained
FROM (VALUES ('IYYYIW', interval '7 days'), ('YYYYDDD', '1 day'), ('YYYYQ', '3 months'), ('YYYYMMDDHH24', '1 hour'), ('YYYYMMDDHH24MI', '1 minute')) f(form, step), generate_series(0, 90) k GROUP BY form ORDER BY form;
SELECT rnn_train(rnn_panel(202201 + k, hashint4(k) & 15), 'ridge', '{"intervals":"none","horizon":3}') IS NOT NULL AS trained FROM generate_series(12, 52) k;

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

-- at 8 and 17 o'clock every day is no jitter around 8 hours, nor is 7:30 and 19:00 around 12; a job that is late by minutes is
SELECT times, frequency FROM (VALUES ('{0800,1700}'::text[]), ('{0730,1900}'), ('{0900,1300,1700}')) v(times),
	LATERAL rnn_describe((SELECT rnn_panel(t, 1) FROM generate_series(timestamp '2024-03-01', '2024-04-24', '30 minutes') t WHERE to_char(t, 'HH24MI') = ANY(times)));
SELECT frequency, snapped FROM rnn_describe((SELECT rnn_panel(timestamp '2024-03-01 08:00' + k * interval '12 hours' + (k * 7 % 6) * interval '1 minute', 1) FROM generate_series(0, 59) k));
-- rows of no calendar are forecast by their numbers, as the hint says
SELECT forecast_index FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(n, v), 'ridge', '{"horizon": 2}') FROM (SELECT row_number() OVER (ORDER BY d) AS n, extract(day FROM d) AS v
	FROM day WHERE to_char(d, 'MMDD') IN ('0110', '0420', '0905') AND y BETWEEN 2005 AND 2023) t));
-- holidays that all have passed: none of the rows to forecast is one
SELECT array_agg(forecast_timestamp::date ORDER BY step) FROM rnn_forecast((SELECT rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 3, "holidays": ["2023-05-01", "2023-04-07"]}') FROM office WHERE d BETWEEN '2023-06-01' AND '2023-12-22'));
SELECT array_agg(forecast_timestamp::date ORDER BY step) FROM rnn_forecast((SELECT rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 3, "holidays": ["2023-05-01", "2023-12-25", "2023-12-26"]}') FROM office WHERE d BETWEEN '2023-06-01' AND '2023-12-22'));
-- likewise before the rows to forecast from fresh rows
SELECT count(*) FROM (SELECT rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 3, "holidays": ["2023-05-01", "2023-12-25"]}') AS m FROM office WHERE d BETWEEN '2023-06-01' AND '2023-12-22') t,
	rnn_forecast(m, (SELECT rnn_panel(d, v) FROM office WHERE d BETWEEN '2023-06-01' AND '2023-12-29')) f;
SELECT count(*) FROM (SELECT rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 3, "holidays": ["2023-05-01", "2023-12-25"]}') AS m FROM office WHERE d BETWEEN '2023-06-01' AND '2023-12-15') t,
	rnn_sample(m, (SELECT rnn_panel(d, v) FROM office WHERE d BETWEEN '2023-06-01' AND '2023-12-22'), 2) f;
