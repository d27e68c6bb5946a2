-- Pictures of each kind and size, into table picture: 1, 12 and 72 series, axes from seconds to decades, hostile names.
SET client_min_messages = error;
SET timezone = 'Europe/Vienna';
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
CREATE TABLE picture (name text PRIMARY KEY, svg text NOT NULL);

-- rows of series s: value up to row 84, then a forecast and its interval
CREATE FUNCTION pg_temp.wave(series int, step interval, start timestamptz)
RETURNS TABLE(s int, ts timestamptz, v float8, f float8, l float8, u float8) LANGUAGE sql AS $$
	SELECT x, start + k * step, CASE WHEN k <= 84 THEN y + sin(k * k) END, CASE WHEN k > 84 THEN y END,
		CASE WHEN k > 84 THEN y - 1 - (k - 84) / 8.0 END, CASE WHEN k > 84 THEN y + 1 + (k - 84) / 8.0 END
	FROM generate_series(1, series) x, generate_series(0, 108) k, LATERAL (SELECT 10 * x + 4 * sin(k / 3.82) + k * 0.02 * x AS y) w
$$;
INSERT INTO picture
SELECT 'axis_' || translate(step::text, ' :', '__'), rnn_plot(ts, v, f, l, u, jsonb_build_object('title', 'Steps of ' || step) ORDER BY ts)
FROM unnest('{200 milliseconds,10 seconds,1 minute,15 minutes,1 hour,3 hours,1 day,1 week,1 month,3 months,1 year,10 years}'::interval[]) step,
	pg_temp.wave(1, step, timestamptz '2024-03-29 22:30 Europe/Vienna' - CASE WHEN step > '5 years' THEN interval '1200 years' ELSE '0' END) GROUP BY step;
INSERT INTO picture
SELECT 'series_' || n, rnn_plot('store ' || s, ts, v, f, l, u, jsonb_build_object('title', n || ' series, hourly, and a title that is as long as titles of reports by committees become'))
FROM unnest('{1,2,4,12,40,72}'::int[]) n, pg_temp.wave(n, '1 hour', '2024-06-01') GROUP BY n;
INSERT INTO picture SELECT 'series_200', rnn_plot(s, ts, v, f, l, u, '{"max_series": 72, "shared_scale": true}') FROM pg_temp.wave(200, '1 month', '2010-01-01');
-- narrow and wide pictures
INSERT INTO picture SELECT 'narrow', rnn_plot('s' || s, ts, v * 1e7, f * 1e7, l * 1e7, u * 1e7, '{"title": "Narrow", "width": 200, "height": 80, "columns": 1}') FROM pg_temp.wave(3, '1 day', '2024-01-01');
INSERT INTO picture SELECT 'many_columns', rnn_plot('s' || s, ts, v * 1e-3, f * 1e-3, NULL, NULL, '{"columns": 12}') FROM pg_temp.wave(24, '1 day', '2024-01-01');
-- numbers of each size
INSERT INTO picture SELECT 'numbers', rnn_plot('times ' || scale, ts, v * scale, f * scale, l * scale, u * scale)
FROM pg_temp.wave(1, '1 day', '2024-01-01'), unnest('{1e-9,-0.001,0.01,1,-1000,123456,1e9,1e13,1e40}'::float8[]) scale;
INSERT INTO picture SELECT 'integer_axis', rnn_plot(k::bigint * 12345678901, k % 7, NULL, NULL, NULL) FROM generate_series(-50, 50) k;
INSERT INTO picture SELECT 'one_row', rnn_plot(now(), 7, NULL, NULL, NULL);
INSERT INTO picture SELECT 'legend', rnn_plot(ts, v, f, l, u, jsonb_build_object('actual_label', repeat('measured ', 9), 'forecast_label', repeat('expected ', 9), 'interval_label', repeat('perhaps ', 9)))
FROM pg_temp.wave(1, '1 day', '2024-01-01');
-- hostile names: long, right to left, wide, combining, quotes, markup, line ends, zero width, empty, controls
INSERT INTO picture SELECT 'hostile', rnn_plot(name, ts, v, f, l, u, jsonb_build_object('title', E'</title><script>document.title="bad"</script> \u202Eelttil\u202C "x" ' || repeat(U&'\0416\6F22', 60)))
FROM pg_temp.wave(1, '1 hour', '2024-03-30'), unnest(ARRAY[repeat('long name ', 40), repeat('W', 300), repeat(U&'\6F22\5B57', 60), repeat(U&'\05E9\05DC\05D5\05DD ', 30), U&'\202Eright to left override',
	repeat(U&'a\0301\0302\0303', 40), '"double" ''single'' `back`', '<script>document.title="bad"</script>', E'two\nlines\rand\ttabs', repeat(U&'\200B\200D', 50) || 'zero width', '', chr(1) || chr(27) || '[31mred',
	U&'\+01F468\200D\+01F469\200D\+01F467 family', '&amp; &#60; ]]>', ' leading and trailing ']) name;

-- real models
CREATE TEMP TABLE sales AS SELECT 'store ' || s AS s, ts, coalesce(v, f) AS v FROM pg_temp.wave(12, '1 day', '2024-01-01');
CREATE TEMP TABLE model AS SELECT rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_gru(8), rnn_dense(14)), '{"horizon": 14, "epochs": 12}') AS m FROM sales;
INSERT INTO picture SELECT 'model', rnn_plot(m, options => '{"title": "A model and its forecast"}') FROM model;
INSERT INTO picture SELECT 'history', rnn_plot_history(m) FROM model;
INSERT INTO picture SELECT 'backtest', rnn_plot_backtest(series_id, fold_id, forecast_timestamp, actual_value, forecast_value, naive_value,
	prediction_interval_lower_bound, prediction_interval_upper_bound, '{"title": "A back-test"}')
FROM model, rnn_backtest(m, (SELECT rnn_panel(s, ts, v) FROM sales), hold_out => 42, stride => 14);
