-- Point and quantile forecasts by the protocol of GIFT-Eval: the last windows of each series, which do not overlap.
-- One model, trained on the rows before the first window, forecasts each window from the history before it.  MASE divides by the mean
-- absolute seasonal difference of that history and is a mean over series and windows.  wQL is the mean over the
-- quantiles 0.1 to 0.9 of twice the pinball loss, summed over all points, over the sum of absolute values.
CREATE TABLE gift_series(data text, series_id text, ts timestamp, place int, value float8, PRIMARY KEY (data,
	series_id, place));
CREATE TABLE gift_set(data text PRIMARY KEY, season int, horizon int, windows int);
CREATE TABLE gift_forecast(data text, seed int, series_id text, origin int, step int, actual float8, forecast
	float8, scale float8,
	low float8[], high float8[]);	-- of the levels 0.2, 0.4, 0.6, 0.8, 0.9, 0.95
CREATE TABLE gift_seconds(data text, seed int, seconds float8);

CREATE TEMP TABLE m4(series_id text, ts timestamp, value float8, split text);
\copy m4 FROM PROGRAM 'gzip -dc m4_hourly.csv.gz' CSV HEADER
CREATE TEMP TABLE ett_wide(ts timestamp, "HUFL" float8, "HULL" float8, "MUFL" float8, "MULL" float8, "LUFL"
	float8, "LULL" float8, "OT" float8);
\copy ett_wide FROM 'ETTh1.csv' CSV HEADER
CREATE TEMP TABLE ett AS SELECT e.channel, ts, e.value::float8, row_number() OVER (PARTITION BY channel ORDER BY
	ts) - 1 AS hour
FROM ett_wide w, jsonb_each_text(to_jsonb(w) - 'ts') e(channel, value);
INSERT INTO gift_series SELECT 'M4 hourly', series_id, ts, row_number() OVER (PARTITION BY series_id ORDER BY ts),
	value FROM m4;
INSERT INTO gift_series SELECT 'ETTh1 hours', channel, ts, hour + 1, value FROM ett;
INSERT INTO gift_series SELECT 'ETTh1 days', channel, min(ts), hour / 24 + 1, sum(value) FROM ett GROUP BY
	channel, hour / 24 HAVING count(*) = 24;
INSERT INTO gift_series SELECT 'ETTh1 weeks', channel, min(ts), hour / 168 + 1, sum(value) FROM ett GROUP BY
	channel, hour / 168 HAVING count(*) = 168;
INSERT INTO gift_set VALUES ('M4 hourly', 24, 48, 1), ('ETTh1 hours', 24, 48, 20), ('ETTh1 days', 1, 30, 3),
	('ETTh1 weeks', 1, 8, 2);
-- origin: rows known, counted back from the end
CREATE TEMP TABLE gift_length AS SELECT data, series_id, count(*)::int AS n FROM gift_series GROUP BY data, series_id;
CREATE TEMP TABLE gift_scale AS
SELECT data, series_id, w * horizon AS origin, avg(abs(value - before)) AS scale
FROM (SELECT data, season, horizon, windows, series_id, place, n, value, lag(value, season) OVER (PARTITION BY
	data, series_id ORDER BY place) AS before
	FROM gift_series JOIN gift_set g USING (data) JOIN gift_length USING (data, series_id)) d, generate_series(1,
		windows) w
WHERE place <= n - w * horizon GROUP BY data, series_id, w * horizon;

CREATE PROCEDURE gift(wanted text, run int) LANGUAGE plpgsql AS $$
DECLARE g gift_set; model bytea; began timestamptz := clock_timestamp();
BEGIN
	SELECT * INTO g FROM gift_set WHERE data = wanted;
	model := rnn_train((SELECT rnn_panel(s.series_id, s.ts, s.value) FROM gift_series s JOIN gift_length l USING
		(data, series_id)
		WHERE s.data = wanted AND s.place <= l.n - g.windows * g.horizon), options =>
			jsonb_build_object('horizon', g.horizon, 'seed', run));
	RAISE INFO '%', (rnn_model_info(model)->>'choice');
	FOR w IN REVERSE g.windows .. 1 LOOP
		INSERT INTO gift_forecast SELECT wanted, run, f.series_id, w * g.horizon, f.step, min(t.value),
			min(f.forecast_value), min(c.scale),
			array_agg(f.prediction_interval_lower_bound ORDER BY f.confidence_level),
				array_agg(f.prediction_interval_upper_bound ORDER BY f.confidence_level)
		FROM rnn_forecast_local(model, (SELECT rnn_panel(s.series_id, s.ts, s.value) FROM gift_series s JOIN
			gift_length l USING (data, series_id)
				WHERE s.data = wanted AND s.place <= l.n - w * g.horizon), g.horizon, confidence_levels =>
					'{0.2,0.4,0.6,0.8,0.9,0.95}') f
			JOIN gift_length l ON l.data = wanted AND l.series_id = f.series_id
			JOIN gift_series t ON t.data = wanted AND t.series_id = f.series_id AND t.place = l.n - w * g.horizon
				+ f.step
			JOIN gift_scale c ON c.data = wanted AND c.series_id = f.series_id AND c.origin = w * g.horizon
		GROUP BY f.series_id, f.step;
	END LOOP;
	INSERT INTO gift_seconds VALUES (wanted, run, extract(epoch FROM clock_timestamp() - began));
END $$;

CREATE FUNCTION pinball(actual float8, forecast float8, quantile float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT greatest(quantile * (actual - forecast), (quantile - 1) * (actual - forecast)) $$;
CREATE VIEW gift_loss AS
SELECT data, seed, avg(abs(actual - forecast) / scale) AS mase,
	2 * sum(pinball(actual, forecast, 0.5) + pinball(actual, low[1], 0.4) + pinball(actual, high[1], 0.6) +
		pinball(actual, low[2], 0.3) +
		pinball(actual, high[2], 0.7) + pinball(actual, low[3], 0.2) + pinball(actual, high[3], 0.8) +
			pinball(actual, low[4], 0.1) +
		pinball(actual, high[4], 0.9)) / 9 / sum(abs(actual)) AS wql,
	avg((actual BETWEEN low[4] AND high[4])::int) AS c80, avg((actual BETWEEN low[5] AND high[5])::int) AS c90,
	avg((actual BETWEEN low[6] AND high[6])::int) AS c95, count(*) FILTER (WHERE low[1] IS NULL) AS without,
	count(*) FILTER (WHERE low[1] < low[2] OR low[2] < low[3] OR low[3] < low[4] OR high[1] > high[2] OR high[2] >
		high[3] OR high[3] > high[4]) AS crossed
FROM gift_forecast GROUP BY data, seed;
-- seasonal naive forecast; its error is the point forecast's at every quantile, as GIFT-Eval's own is not
CREATE VIEW gift_naive AS
SELECT data, avg(abs(t.value - s.value) / scale) AS mase, sum(abs(t.value - s.value)) / sum(abs(t.value)) AS nd
FROM gift_set g JOIN gift_scale c USING (data) JOIN gift_length l USING (data, series_id)
	CROSS JOIN generate_series(1, horizon) AS step
	JOIN gift_series t USING (data, series_id) JOIN gift_series s USING (data, series_id)
WHERE t.place = n - origin + step AND s.place = n - origin + step - season * ((step + season - 1) / season) GROUP
	BY data;

SELECT format('CALL gift(%L, %s)', data, run) FROM gift_set, generate_series(1, :seeds) run
WHERE :'only' = '' OR strpos(:'only', replace(data, ' ', '_')) > 0 ORDER BY run, data \gexec
\pset footer off
SELECT data AS "GIFT-Eval", count(*) AS seeds, round(avg(l.mase)::numeric, 3) AS "MASE", round((avg(l.mase) /
	avg(n.mase))::numeric, 3) AS "by naive's",
	round(avg(n.mase)::numeric, 3) AS "naive's MASE", round(avg(wql)::numeric, 4) AS "wQL",
		round(avg(n.nd)::numeric, 4) AS "naive's",
	round(avg(c80)::numeric, 3) AS "in 80 %", round(avg(c90)::numeric, 3) AS "in 90 %", round(avg(c95)::numeric,
		3) AS "in 95 %",
	sum(without) AS "no interval", sum(crossed) AS crossed, round(avg(seconds)::numeric, 1) AS s
FROM gift_loss l JOIN gift_naive n USING (data) JOIN gift_seconds s USING (data, seed) GROUP BY data ORDER BY data;
