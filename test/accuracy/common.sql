-- Common to all sets: published figures, a table of errors, and two ways of evaluation.
--
-- The file of a set loads its data and makes views.  The first two have one row with one panel:
--   training   the rows for training, without any test row
--   history    the rows before the forecast (once), or all rows (roll), of which rnn_backtest uses those before
--              each origin
--   scale      series_id, scale: the denominator of MASE, from training rows; optional, without it there is no MASE
-- Then it calls `once` or `roll`, which train the default network, once per seed, and the ridge regression.
CREATE SCHEMA accuracy;
SET search_path = accuracy, public;
SET client_min_messages = warning;

-- floor: the feature is broken above it; target: a plain, well prepared recurrent network; stretch: the best
-- published; prototype: the measured figure of the rules that the default follows; wanted: what this release must reach
CREATE TABLE published(place int, data text, title text, measure text, floor float8, target float8, stretch float8,
	prototype float8, wanted float8, digits int);
INSERT INTO published VALUES
	(1, 'air', 'AirPassengers, 23 months', 'mape', 11.7, 7, 4, 2.62, 2.8, 2),
	(2, 'cif', 'CIF 2016, 72 series', 'smape', 14.6, 11.9, 10.5, 10.87, 11.3, 2),
	(3, 'cif', 'CIF 2016, 72 series', 'mase', 1.291, NULL, 0.841, 0.788, NULL, 3),
	(4, 'lab', 'course lab, 1 day', 'mae', 5.94, 5.1, 4.8, 4.70, 4.9, 2),
	(5, 'w2w3', 'course w2w3, 1 day', 'mae', 3.81, 3.45, 3.2, 3.19, 3.3, 2),
	(6, 'mintemp', 'min temperatures, 1 day', 'mae', 2.0, 1.85, 1.78, 1.811, 1.87, 3),
	(7, 'sunspots', 'sunspots, 1 month', 'mae', 16.1, 15.4, 14.8, 14.86, 15.3, 2),
	(8, 'cta1', 'CTA rail, 1 day', 'mae', 41274, 32000, 29000, 34030, 32000, 0),
	(9, 'cta1c', 'CTA rail, 1 day, day type known', 'mae', NULL, 25000, 22100, 29530, 25000, 0),
	(10, 'cta14', 'CTA rail, 14 days', 'mae', 39756, 36000, 33000, 40440, 36000, 0),
	(11, 'geron1', 'Geron, 1 step', 'mse', 0.0042, 0.0030, 0.0026, 0.0016, 0.0017, 5),
	(12, 'geron10', 'Geron, 10 steps', 'mse', 0.0187, 0.0110, 0.0085, 0.0069, 0.0072, 5),
	(13, 'ettot', 'ETTh1 OT, 24 h', 'mse', 0.0343, 0.032, 0.030, 0.0311, 0.032, 4),
	(14, 'ett', 'ETTh1, 7 channels, 96 h', 'mse', 0.512, 0.40, 0.368, 0.367, 0.375, 4),
	(15, 'bike', 'bike sharing, day ahead', 'mae', 72.8, 65.5, 54.6, 50.1, 52, 2),
	(16, 'bikec', 'the same, weather and holidays known', 'mae', 72.8, 65.5, 54.6, 42.8, 44.9, 2),
	(17, 'pjm', 'PJM East, day ahead', 'mape', 7.32, 6.6, 5.5, 3.93, 4.1, 2),
	(18, 'm4', 'M4 hourly, 414 series, 48 h', 'smape', 13.91, 11.5, 9.33, 9.61, 9.8, 2),
	(19, 'm4', 'M4 hourly, 414 series, 48 h', 'mase', 3.05, 1.6, 0.893, 0.783, 0.81, 3),
	(20, 'm4new', 'M4 hourly, 20 series not trained on', 'smape', NULL, NULL, NULL, NULL, NULL, 2);

-- sums of errors, a row a series; part: one model of several that a set takes
CREATE TABLE error(data text, part text, method text, seed int, series_id text, n float8, absolute float8, squared float8,
	percent float8, relative float8, inside80 float8, inside90 float8, bounded float8, scale float8);
CREATE TABLE work(data text, part text, method text, seed int, training float8, forecasting float8, cpu float8, recipe text);

-- processor seconds of this server process (not of its workers), which other work on the machine does not lengthen
CREATE FUNCTION cpu_seconds() RETURNS float8 LANGUAGE sql VOLATILE AS $$
	SELECT (f[12]::float8 + f[13]::float8) / 100
	FROM (SELECT string_to_array(regexp_replace(pg_read_file('/proc/self/stat', 0, 4000), '^.*\) ', ''), ' ') f) s $$;

CREATE PROCEDURE add_errors(data text, part text, method text, seed int) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO error SELECT $1, $2, $3, $4, f.series_id, count(*), sum(abs(f.actual - f.forecast)), sum((f.actual - f.forecast) ^ 2),
		sum(100 * abs(f.actual - f.forecast) / greatest(abs(f.actual), 1e-9)),
		sum(200 * abs(f.actual - f.forecast) / greatest(abs(f.actual) + abs(f.forecast), 1e-12)),
		count(*) FILTER (WHERE f.actual BETWEEN low80 AND high80), count(*) FILTER (WHERE f.actual BETWEEN low90 AND high90),
		count(low80), min(s.scale)
	FROM forecast f LEFT JOIN scale s ON s.series_id IS NOT DISTINCT FROM f.series_id
	WHERE f.actual IS NOT NULL AND f.forecast IS NOT NULL GROUP BY f.series_id;
	-- a truncated temporary table gives its space back at once
	TRUNCATE forecast;
END $$;

-- one origin: forecasts of the panel `history` beside `truth` (series_id, step, actual, last_value, last_season)
CREATE PROCEDURE once(data text, part text, options jsonb, horizon int, seeds int) LANGUAGE plpgsql AS $$
DECLARE model bytea; method text; began timestamptz; trained timestamptz; cpu float8;
BEGIN
	FOREACH method IN ARRAY '{last_value,last_season}'::text[] LOOP
		INSERT INTO forecast SELECT t.series_id, actual, CASE method WHEN 'last_value' THEN last_value ELSE last_season END FROM truth t;
		CALL add_errors(data, part, method, 0);
	END LOOP;
	FOR seed IN 0 .. seeds LOOP
		method := CASE seed WHEN 0 THEN 'ridge' ELSE 'ours' END;
		began := clock_timestamp();
		cpu := cpu_seconds();
		model := rnn_train((SELECT p FROM training), CASE seed WHEN 0 THEN '"ridge"'::jsonb END,
			options || jsonb_build_object('horizon', horizon, 'seed', seed));
		trained := clock_timestamp();
		EXECUTE format($q$
			INSERT INTO forecast
			SELECT t.series_id, min(t.actual), min(f.forecast_value),
				min(f.prediction_interval_lower_bound) FILTER (WHERE confidence_level = 0.8), min(f.prediction_interval_upper_bound) FILTER (WHERE confidence_level = 0.8),
				min(f.prediction_interval_lower_bound) FILTER (WHERE confidence_level = 0.9), min(f.prediction_interval_upper_bound) FILTER (WHERE confidence_level = 0.9)
			FROM %s($1, (SELECT p FROM history), $2, confidence_levels => '{0.8,0.9}') f
			JOIN truth t ON t.series_id = f.series_id AND t.step = f.step GROUP BY t.series_id, t.step$q$,
			CASE WHEN starts_with(data, 'geron') THEN 'rnn_forecast_index' ELSE 'rnn_forecast' END) USING model, horizon;
		INSERT INTO work VALUES (data, part, method, seed, extract(epoch FROM trained - began), extract(epoch FROM clock_timestamp() - trained),
			cpu_seconds() - cpu, rnn_model_info(model)->>'choice');
		CALL add_errors(data, part, method, seed);
	END LOOP;
END $$;

-- rolling origins over the last `hold_out` rows of the panel `history` (NULL: those after the training rows);
-- season: rows ago that the seasonal naive forecast takes
CREATE PROCEDURE roll(data text, options jsonb, horizon int, hold_out int, stride int, season int, seeds int) LANGUAGE plpgsql AS $$
DECLARE model bytea; method text; began timestamptz; trained timestamptz; done timestamptz; cpu float8;
BEGIN
	DROP TABLE IF EXISTS pg_temp.known, pg_temp.wide;
	CREATE TEMP TABLE known AS SELECT coalesce(series_id, '') AS id, index, value FROM rnn_rows((SELECT p FROM history), options - 'seasonality');
	FOR seed IN 0 .. seeds LOOP
		method := CASE seed WHEN 0 THEN 'ridge' ELSE 'ours' END;
		began := clock_timestamp();
		cpu := cpu_seconds();
		model := rnn_train((SELECT p FROM training), CASE seed WHEN 0 THEN '"ridge"'::jsonb END,
			options || jsonb_build_object('horizon', horizon, 'seed', seed));
		trained := clock_timestamp();
		CREATE TEMP TABLE wide AS SELECT b.series_id, b.fold_id, b.step, b.forecast_index AS index, b.actual_value, b.forecast_value,
			b.prediction_interval_lower_bound AS low, b.prediction_interval_upper_bound AS high
			FROM rnn_backtest(model, (SELECT p FROM history), horizon, hold_out, stride, 0.8) b;
		done := clock_timestamp();
		INSERT INTO work VALUES (data, '', method, seed, extract(epoch FROM trained - began), extract(epoch FROM done - trained),
			cpu_seconds() - cpu, rnn_model_info(model)->>'choice');
		INSERT INTO forecast SELECT w.series_id, w.actual_value, w.forecast_value, w.low, w.high, b.prediction_interval_lower_bound, b.prediction_interval_upper_bound
			FROM wide w JOIN rnn_backtest(model, (SELECT p FROM history), horizon, hold_out, stride, 0.9) b
			ON coalesce(b.series_id, '') = coalesce(w.series_id, '') AND b.fold_id = w.fold_id AND b.step = w.step;
		CALL add_errors(data, '', method, seed);
		IF seed = 0 THEN
			INSERT INTO forecast SELECT w.series_id, w.actual_value, k.value FROM wide w
				JOIN known k ON k.id = coalesce(w.series_id, '') AND k.index = w.index - w.step;
			CALL add_errors(data, '', 'last_value', 0);
			INSERT INTO forecast SELECT w.series_id, w.actual_value, k.value FROM wide w
				JOIN known k ON k.id = coalesce(w.series_id, '') AND k.index = w.index - season * ((w.step + season - 1) / season);
			CALL add_errors(data, '', 'last_season', 0);
		END IF;
		DROP TABLE wide;
	END LOOP;
END $$;

-- measures of one run: sMAPE and MASE are means over series of means, the others over all points
CREATE VIEW measured AS
SELECT data, method, seed, 'mae' AS measure, sum(absolute) / sum(n) AS value FROM error GROUP BY data, method, seed
UNION ALL SELECT data, method, seed, 'mse', sum(squared) / sum(n) FROM error GROUP BY data, method, seed
UNION ALL SELECT data, method, seed, 'mape', sum(percent) / sum(n) FROM error GROUP BY data, method, seed
UNION ALL SELECT data, method, seed, 'smape', avg(relative / n) FROM error GROUP BY data, method, seed
UNION ALL SELECT data, method, seed, 'mase', avg(absolute / n / nullif(scale, 0)) FROM error GROUP BY data, method, seed
UNION ALL SELECT data, method, seed, 'cover80', sum(inside80) / nullif(sum(bounded), 0) FROM error GROUP BY data, method, seed
UNION ALL SELECT data, method, seed, 'cover90', sum(inside90) / nullif(sum(bounded), 0) FROM error GROUP BY data, method, seed;

-- medians over seeds
CREATE VIEW result AS
WITH m AS (SELECT data, method, measure, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS value, count(*) AS seeds,
		min(value) AS least, max(value) AS most FROM measured GROUP BY data, method, measure),
w AS (SELECT data, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds, percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu) AS cpu
	FROM (SELECT data, seed, sum(training + forecasting) AS seconds, sum(cpu) AS cpu FROM work WHERE method = 'ours' GROUP BY data, seed) s GROUP BY data)
SELECT p.*, o.value AS ours, o.seeds, o.least, o.most, l.value AS last_value, s.value AS last_season, r.value AS ridge,
	c80.value AS cover80, c90.value AS cover90, w.seconds, w.cpu
FROM published p JOIN w USING (data)
JOIN m o ON o.data = p.data AND o.method = 'ours' AND o.measure = p.measure
LEFT JOIN m l ON l.data = p.data AND l.method = 'last_value' AND l.measure = p.measure
LEFT JOIN m s ON s.data = p.data AND s.method = 'last_season' AND s.measure = p.measure
LEFT JOIN m r ON r.data = p.data AND r.method = 'ridge' AND r.measure = p.measure
LEFT JOIN m c80 ON c80.data = p.data AND c80.method = 'ours' AND c80.measure = 'cover80'
LEFT JOIN m c90 ON c90.data = p.data AND c90.method = 'ours' AND c90.measure = 'cover90';

-- the table as text, a row a measure; both prints below are made of it
CREATE FUNCTION shown(value float8, digits int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(round(value::numeric, digits)::text, '-') $$;
CREATE VIEW shown AS
SELECT place, data, title, CASE measure WHEN 'smape' THEN 'sMAPE' ELSE upper(measure) END AS measure,
	shown(last_value, digits) AS "last value", shown(last_season, digits) AS "last season", shown(ridge, digits) AS ridge,
	shown(ours, digits) AS ours, shown(wanted, digits) AS wanted,
	CASE WHEN wanted IS NULL THEN '' WHEN ours <= wanted THEN 'yes' ELSE 'NO' END AS met,
	shown(floor, digits) AS floor, shown(target, digits) AS target, shown(stretch, digits) AS stretch, shown(prototype, digits) AS prototype,
	shown(cover80, 2) AS "in 80 %", shown(cover90, 2) AS "in 90 %", shown(seconds, 1) AS s, shown(cpu, 1) AS "CPU s", seeds
FROM result;
