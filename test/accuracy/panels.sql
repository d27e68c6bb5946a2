-- Small panels from the public sets by a fixed list: 7 to 20 series of 40 to 800 rows (test rows included), days to
-- months.  Long series are cut from their end into pieces of equal length; each piece is a series of the panel.  One
-- model, trained on the rows before, forecasts the last two horizons of each piece.  The error is the mean over series
-- of the absolute error divided by the mean absolute (seasonal) difference of the training rows.
CREATE TABLE stream(source text, name text, ts date, value float8);
CREATE TEMP TABLE m4(series_id text, ts timestamp, value float8, split text);
\copy m4 FROM PROGRAM 'gzip -dc m4_hourly.csv.gz' CSV HEADER
CREATE TEMP TABLE ett_wide(ts timestamp, "HUFL" float8, "HULL" float8, "MUFL" float8, "MULL" float8, "LUFL"
	float8, "LULL" float8, "OT" float8);
\copy ett_wide FROM 'ETTh1.csv' CSV HEADER
CREATE TEMP TABLE pjm(ts timestamp, mw float8);
\copy pjm FROM PROGRAM 'gzip -dc pjme_hourly.csv.gz' CSV HEADER
CREATE TEMP TABLE cta(ts date, day_type text, bus float8, rail float8);
\copy cta FROM 'cta_ridership.csv' CSV HEADER
CREATE TEMP TABLE temperature(series_id text, ts date, value float8);
\copy temperature FROM 'daily_min_temperatures.csv' CSV HEADER
CREATE TEMP TABLE sunspots(series_id text, ts date, value float8);
\copy sunspots FROM 'sunspots_monthly.csv' CSV HEADER
CREATE TEMP TABLE course(series_id text, step int, ts date, value float8);
\copy course FROM 'course_synthetic.csv' CSV HEADER
CREATE TEMP TABLE bike(ts timestamp, holiday float8, workingday float8, weathersit float8, temp float8, atemp
	float8, hum float8,
	windspeed float8, casual float8, registered float8, cnt float8);
\copy bike FROM 'bike_sharing_hourly.csv' CSV HEADER
CREATE TEMP TABLE cif(series_id text, ts date, value float8, split text);
\copy cif FROM 'cif2016.csv' CSV HEADER
INSERT INTO stream SELECT 'M4 hourly', series_id, min(ts)::date, sum(value) FROM (SELECT *, row_number() OVER
	(PARTITION BY series_id ORDER BY ts) - 1 AS hour FROM m4) h GROUP BY series_id, hour / 24 HAVING count(*) = 24;
INSERT INTO stream SELECT 'ETTh1', e.channel, ts::date, sum(e.value::float8) FROM ett_wide w,
	jsonb_each_text(to_jsonb(w) - 'ts') e(channel, value) GROUP BY 2, 3 HAVING count(*) = 24;
INSERT INTO stream SELECT 'PJM', '', ts::date, avg(mw) FROM pjm GROUP BY ts::date HAVING count(*) >= 23;
INSERT INTO stream SELECT 'CTA', name, ts, value FROM cta, LATERAL (VALUES ('bus', bus), ('rail', rail)) v(name,
	value) WHERE ts < '2020-01-01';
INSERT INTO stream SELECT 'temperatures', '', ts, value FROM temperature;
INSERT INTO stream SELECT 'sunspots', '', ts, value FROM sunspots;
INSERT INTO stream SELECT 'course', series_id, ts, value FROM course;
INSERT INTO stream SELECT 'bike', name, ts::date, sum(value) FROM bike, LATERAL (VALUES ('casual', casual),
	('registered', registered), ('cnt', cnt),
	('temp', temp), ('atemp', atemp), ('hum', hum), ('windspeed', windspeed)) v(name, value) GROUP BY 2, 3;
INSERT INTO stream SELECT 'CIF 2016', series_id, ts, value FROM cif WHERE split = 'train';

-- pieces: how many of each stream; skip: streams left out first
CREATE TABLE panel_list(panel int, source text, unit text, n int, horizon int, series int, skip int);
INSERT INTO panel_list VALUES
	(1, 'CIF 2016', 'month', 84, 6, 12, 0), (2, 'CIF 2016', 'month', 84, 6, 12, 12), (3, 'CIF 2016', 'month', 72,
		12, 20, 20), (4, 'CIF 2016', 'month', 40, 6, 20, 0),
	(5, 'CIF 2016', 'month', 48, 3, 15, 40), (6, 'CIF 2016', 'month', 60, 6, 7, 36),
	(7, 'M4 hourly', 'day', 28, 7, 20, 0), (8, 'M4 hourly', 'day', 28, 7, 20, 100), (9, 'M4 hourly', 'day', 34, 4,
		15, 50), (10, 'M4 hourly', 'day', 34, 4, 10, 150),
	(11, 'ETTh1', 'day', 100, 14, 7, 0), (12, 'ETTh1', 'day', 200, 14, 7, 0), (13, 'ETTh1', 'day', 400, 30, 7, 0),
		(14, 'ETTh1', 'day', 635, 30, 7, 0),
	(15, 'ETTh1', 'week', 87, 8, 7, 0), (16, 'ETTh1', 'week', 44, 4, 14, 0),
	(17, 'PJM', 'day', 150, 14, 10, 0), (18, 'PJM', 'day', 365, 14, 10, 0), (19, 'PJM', 'day', 700, 28, 7, 0),
		(20, 'PJM', 'week', 88, 8, 8, 0), (21, 'PJM', 'week', 44, 4, 16, 0),
	(22, 'CTA', 'day', 100, 14, 10, 0), (23, 'CTA', 'day', 365, 14, 12, 0), (24, 'CTA', 'day', 700, 28, 8, 0),
		(25, 'CTA', 'week', 104, 8, 10, 0), (26, 'CTA', 'month', 44, 6, 8, 0),
	(27, 'temperatures', 'day', 150, 7, 20, 0), (28, 'temperatures', 'day', 330, 14, 10, 0), (29, 'temperatures',
		'week', 44, 4, 10, 0),
	(30, 'sunspots', 'month', 120, 12, 20, 0), (31, 'sunspots', 'month', 400, 12, 7, 0), (32, 'sunspots', 'month',
		60, 6, 20, 0),
	(33, 'bike', 'day', 100, 14, 7, 0), (34, 'bike', 'day', 330, 14, 14, 0), (35, 'bike', 'day', 675, 28, 7, 0),
		(36, 'bike', 'week', 88, 8, 7, 0), (37, 'bike', 'week', 44, 4, 14, 0),
	(38, 'course', 'day', 300, 14, 12, 0), (39, 'course', 'day', 120, 7, 20, 0), (40, 'course', 'week', 44, 4, 12, 0);
CREATE TABLE panel_rows AS
WITH unit AS (SELECT panel, n + 2 * horizon AS length, n, series, skip, name, date_trunc(unit, ts)::date AS ts,
	avg(value) AS value,
		count(*) OVER (PARTITION BY panel, name) AS known
	FROM panel_list JOIN stream USING (source) GROUP BY panel, n, horizon, series, skip, name, date_trunc(unit, ts)),
back AS (SELECT *, row_number() OVER (PARTITION BY panel, name ORDER BY ts DESC) - 1 AS back FROM unit WHERE known
	>= length),
piece AS (SELECT *, dense_rank() OVER (PARTITION BY panel ORDER BY back / length, name) AS piece FROM back WHERE
	(back / length + 1) * length <= known)
SELECT panel, n, name || ' ' || back / length AS series_id, ts, value, length - back % length AS place FROM piece
	WHERE piece > skip AND piece <= skip + series;
CREATE TABLE panel_forecast(panel int, seed int, series_id text, origin int, step int, actual float8, forecast
	float8, low float8[], high float8[], status text);
CREATE TABLE panel_work(panel int, seed int, choice text, seconds float8);

CREATE PROCEDURE small_panel(which int, run int) LANGUAGE plpgsql AS $$
DECLARE p panel_list; model bytea; began timestamptz := clock_timestamp();
BEGIN
	SELECT * INTO p FROM panel_list WHERE panel = which;
	model := rnn_train((SELECT rnn_panel(series_id, ts, value) FROM panel_rows WHERE panel = which AND place <= n),
		options => jsonb_build_object('horizon', p.horizon, 'seed', run));
	FOR w IN 0 .. 1 LOOP
		INSERT INTO panel_forecast SELECT which, run, f.series_id, p.n + w * p.horizon, f.step, min(t.value),
			min(f.forecast_value),
			array_agg(f.prediction_interval_lower_bound ORDER BY f.confidence_level),
				array_agg(f.prediction_interval_upper_bound ORDER BY f.confidence_level), min(f.forecast_status)
		FROM rnn_forecast(model, (SELECT rnn_panel(series_id, ts, value) FROM panel_rows WHERE panel = which AND
			place <= n + w * p.horizon), p.horizon, confidence_levels => '{0.8,0.9,0.95}') f
			JOIN panel_rows t ON t.panel = which AND t.series_id = f.series_id AND t.place = p.n + w * p.horizon +
				f.step
		GROUP BY f.series_id, f.step;
	END LOOP;
	INSERT INTO panel_work VALUES (which, run, rnn_model_info(model)->>'choice', extract(epoch FROM
		clock_timestamp() - began));
END $$;

SELECT format('CALL small_panel(%s, %s)', panel, run) FROM panel_list, generate_series(1, :seeds) run
WHERE :'only' = '' OR panel::text = ANY (string_to_array(:'only', ',')) ORDER BY panel, run \gexec

CREATE VIEW panel_error AS
WITH season AS (SELECT panel, source, unit, n, horizon, CASE unit WHEN 'day' THEN 7 WHEN 'week' THEN CASE WHEN n
	>= 104 THEN 52 ELSE 1 END ELSE CASE WHEN n >= 24 THEN 12 ELSE 1 END END AS season FROM panel_list),
scale AS (SELECT panel, series_id, nullif(avg(abs(value - before)), 0) AS scale FROM (SELECT panel, r.n,
	series_id, place, value, lag(value, season) OVER (PARTITION BY panel, series_id ORDER BY place) AS before
	FROM panel_rows r JOIN season USING (panel)) d WHERE place <= n GROUP BY panel, series_id),
point AS (SELECT f.*, abs(f.actual - f.forecast) / scale AS ours, abs(f.actual - l.value) / scale AS last,
	abs(f.actual - s.value) / scale AS seasonal
	FROM panel_forecast f JOIN season g USING (panel) JOIN scale USING (panel, series_id)
	JOIN panel_rows l ON l.panel = f.panel AND l.series_id = f.series_id AND l.place = f.origin
	JOIN panel_rows s ON s.panel = f.panel AND s.series_id = f.series_id AND s.place = f.origin + f.step - season
		* ((f.step + season - 1) / season))
SELECT panel, count(DISTINCT series_id) AS series, avg(ours) AS ours, avg(last) AS last, avg(seasonal) AS
	seasonal, least(avg(last), avg(seasonal)) AS naive,
	avg((actual BETWEEN low[1] AND high[1])::int) AS c80, avg((actual BETWEEN low[2] AND high[2])::int) AS c90,
		avg((actual BETWEEN low[3] AND high[3])::int) AS c95
FROM point GROUP BY panel;
\pset footer off
SELECT panel, source, e.series, n AS rows, unit, horizon AS h, round(ours::numeric, 3) AS ours,
	round(last::numeric, 3) AS "last value", round(seasonal::numeric, 3) AS "last season",
	round((ours / naive)::numeric, 3) AS "by better naive's", CASE WHEN ours > naive THEN 'LOSES' ELSE '' END AS
		lost, round(c80::numeric, 2) AS "in 80 %", round(c90::numeric, 2) AS "in 90 %", round(c95::numeric, 2) AS
		"in 95 %",
	round(seconds::numeric, 1) AS s
FROM panel_list l JOIN panel_error e USING (panel) JOIN (SELECT panel, sum(seconds) AS seconds FROM panel_work
	GROUP BY panel) w USING (panel) ORDER BY panel;
SELECT count(*) AS panels, count(*) FILTER (WHERE ours > naive) AS lost, round(max(ours / naive)::numeric, 3) AS
	"worst by naive's", round(exp(avg(ln(ours / naive)))::numeric, 3) AS "mean by naive's",
	round(avg(c80)::numeric, 3) AS "in 80 %", round(avg(c90)::numeric, 3) AS "in 90 %", round(avg(c95)::numeric,
		3) AS "in 95 %",
	round(avg(abs(c80 - 0.8))::numeric, 3) AS "off at 80 %", round(avg(abs(c90 - 0.9))::numeric, 3) AS
		"off at 90 %", round(avg(abs(c95 - 0.95))::numeric, 3) AS "off at 95 %" FROM panel_error;
