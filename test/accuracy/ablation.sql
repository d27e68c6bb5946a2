-- Worth of each part of the default: with the part switched off, both global models of CIF 2016 are trained and evaluated
-- on training rows alone; the last horizon of each series is the validation split.
SET search_path = accuracy, public;
CREATE TABLE cif(series_id text, ts date, value float8, split text);
CREATE TABLE cif_series(series_id text, horizon int, n_train int);
\copy cif FROM 'cif2016.csv' CSV HEADER
\copy cif_series FROM 'cif2016_series.csv' CSV HEADER
DELETE FROM cif WHERE split <> 'train';

CREATE TABLE cif_part AS
SELECT *, place > n_train - horizon AS kept_back
FROM (SELECT c.*, s.horizon, s.n_train, row_number() OVER (PARTITION BY series_id ORDER BY ts) AS place FROM cif c JOIN cif_series s USING (series_id)) p;
CREATE TABLE cif_scale AS
SELECT series_id, avg(abs(value - before)) AS scale
FROM (SELECT series_id, value, CASE WHEN n_train - horizon > 12 THEN lag(value, 12) OVER w ELSE lag(value) OVER w END AS before
	FROM cif_part WHERE NOT kept_back WINDOW w AS (PARTITION BY series_id ORDER BY place)) d GROUP BY series_id;

CREATE TABLE variant(place int, title text, network text, options jsonb);
INSERT INTO variant VALUES
	(1, 'default', NULL, '{}'),
	(2, 'ridge alone', 'ridge', '{}'),
	(3, 'network alone', NULL, '{"mix":1}'),
	(4, 'one network, not five', NULL, '{"ensemble":1}'),
	(5, 'no level removed', NULL, '{"level":"none"}'),
	(6, 'level: mean of the window', NULL, '{"level":"mean"}'),
	(7, 'no seasonal profile', NULL, '{"seasonality":"none"}'),
	(8, 'no scale', NULL, '{"scaler":"none"}'),
	(9, 'scale: standard deviation', NULL, '{"scaler":"standard"}'),
	(10, 'logarithm always', NULL, '{"transform":"log"}'),
	(11, 'logarithm never', NULL, '{"transform":"none"}'),
	(12, 'windows, not sequences', NULL, '{"mode":"window"}'),
	(13, 'Huber loss', NULL, '{"loss":"huber"}'),
	(14, 'squared loss', NULL, '{"loss":"mse"}'),
	(15, 'GRU', 'gru', '{"ensemble":5,"mix":0.5}'),
	(16, 'simple recurrent layer', 'simple', '{"ensemble":5,"mix":0.5}');

CREATE TABLE tried(place int, series_id text, smape float8, mase float8);
CREATE PROCEDURE try(place int, title text, network text, options jsonb) LANGUAGE plpgsql AS $$
DECLARE h int;
BEGIN
	FOREACH h IN ARRAY '{12,6}'::int[] LOOP
		INSERT INTO tried
		SELECT try.place, f.series_id, rnn_smape(c.value, f.forecast_value), rnn_mase(c.value, f.forecast_value, s.scale)
		FROM rnn_forecast((SELECT rnn_train(rnn_panel(series_id, ts, value),
				CASE try.network WHEN 'ridge' THEN '"ridge"'::jsonb
					WHEN 'gru' THEN rnn_sequential(rnn_gru(20, return_sequences => true), rnn_dense(h))
					WHEN 'simple' THEN rnn_sequential(rnn_simple(20, return_sequences => true), rnn_dense(h)) END,
				try.options || jsonb_build_object('horizon', h, 'seed', 1))
			FROM cif_part WHERE horizon = h AND NOT kept_back)) f
		JOIN cif_part c ON c.series_id = f.series_id AND c.ts = f.forecast_timestamp::date AND c.kept_back
		JOIN cif_scale s ON s.series_id = f.series_id GROUP BY f.series_id;
	END LOOP;
EXCEPTION WHEN others THEN
	RAISE WARNING '%: %', title, SQLERRM;
END $$;
SELECT format('CALL try(%s, %L, %L, %L)', place, title, network, options) FROM variant ORDER BY place \gexec

\pset footer off
\echo
\echo 'CIF 2016, the last horizon of the training rows: 72 series, two global models, seed 1.  Lower is better.'
\echo
SELECT title AS variant, count(*) AS series, round(avg(smape)::numeric, 2) AS "sMAPE", round(avg(mase)::numeric, 3) AS "MASE",
	round(percentile_cont(0.5) WITHIN GROUP (ORDER BY smape)::numeric, 2) AS "median sMAPE"
FROM variant LEFT JOIN tried USING (place) GROUP BY place, title ORDER BY place;
