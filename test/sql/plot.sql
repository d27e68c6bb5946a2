-- rnn_plot, rnn_plot_backtest, rnn_plot_history, rnn_sparkline: bad input, what is drawn, hostile text, size
SET client_min_messages = warning;
SET timezone = 'Europe/Vienna';

SELECT rnn_plot(now(), 1, 2, 3, 4, '{"titel": "x"}');
SELECT rnn_plot(now(), 1, 2, 3, 4, '[]');
SELECT rnn_plot(now(), 1, 2, 3, 4, '{"width": 10}');
SELECT rnn_plot(now(), 1, 2, 3, 4, '{"title": 7}');
SELECT rnn_plot('infinity'::timestamptz, 1, 2, 3, 4);
SELECT rnn_plot(NULL::timestamptz, 1, 2, 3, 4) IS NULL AS no_time, (SELECT rnn_plot(now(), 1, 2, 3, 4) WHERE false) IS NULL AS no_rows;
SELECT rnn_plot('\x00'::bytea);
SELECT rnn_plot(NULL::bytea) IS NULL AS null_model;

-- the points of a line are the rows' values: 0 to 10 over the height, 4 rows over the width
CREATE FUNCTION plot_path(svg text, class text) RETURNS text LANGUAGE sql AS
$$ SELECT substring(svg FROM '<path class="' || class || '" d="([^"]*)" stroke-linecap') $$;
CREATE FUNCTION plot_labels(svg text) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(m[1], '|') FROM regexp_matches(svg, '<text[^>]*>([^<]*)</text>', 'g') m $$;
SELECT plot_path(rnn_plot(t, v, NULL, NULL, NULL), 'a')
FROM (VALUES (3::bigint, 10::float8), (0, 0), (1, 5), (2, 2.5)) t(t, v);
-- a row without a value breaks the line; rows that are far closer than pixels keep their extremes
SELECT plot_path(rnn_plot(t, v, NULL, NULL, NULL), 'a') LIKE 'M%L%M%L%' AS broken
FROM (VALUES (0::bigint, 0::float8), (1, 5), (2, NULL), (3, 10), (4, 1)) t(t, v);
SELECT length(rnn_plot(t, CASE WHEN t = 77777 THEN 1000 ELSE t % 3 END, NULL, NULL, NULL)) < 40000 AS bounded,
       rnn_plot(t, CASE WHEN t = 77777 THEN 1000 ELSE t % 3 END, NULL, NULL, NULL) ~ '>1000</text>' AS keeps_the_peak
FROM generate_series(0, 200000::bigint) t;
-- the forecast starts at the last actual value
WITH p AS (SELECT rnn_plot(t, v, f, f - 1, f + 1) AS svg FROM (VALUES (0::bigint, 0::float8, NULL::float8), (1, 5, NULL), (2, NULL, 6), (3, NULL, 7)) t(t, v, f))
SELECT split_part(plot_path(svg, 'f'), 'L', 1) = 'M' || split_part(plot_path(svg, 'a'), 'L', 2) AS joined,
       svg LIKE '%<path class="b"%' AS band FROM p;

-- ticks: round numbers, the calendar in the session's zone, days across a clock change, BC
SELECT plot_labels(rnn_plot(timestamptz '2024-03-29 00:00 Europe/Vienna' + k * interval '1 hour', k, NULL, NULL, NULL)) FROM generate_series(0, 96) k;
SELECT plot_labels(rnn_plot(timestamptz '2020-01-31' + k * interval '1 month', k * 1e6, NULL, NULL, NULL)) FROM generate_series(0, 30) k;
SELECT plot_labels(rnn_plot(timestamptz '4713-01-01 BC' + k * interval '3000 years', k, NULL, NULL, NULL)) FROM generate_series(0, 96) k;
SELECT plot_labels(rnn_plot(k::bigint, 1e20 * k, NULL, NULL, NULL)) FROM unnest('{-9223372036854775808,0,9223372036854775807}'::bigint[]) k;
SELECT plot_labels(rnn_plot(k::bigint, 7, NULL, NULL, NULL)) FROM generate_series(1, 1) k;

-- a single time; labels at the edges stay inside; a short axis has more than one tick, a low one fewer
SELECT plot_labels(rnn_plot(t, 7, NULL, NULL, NULL)) FROM unnest('{2024-03-05 00:00,2024-03-05 12:34:56.7}'::timestamptz[]) t GROUP BY t ORDER BY t;
SELECT min(x::float8) >= 35 AS inside FROM regexp_matches((SELECT rnn_plot(timestamptz '2024-03-29 22:30' + k * interval '1 second', k, NULL, NULL, NULL)
	FROM generate_series(0, 9) k), '<text x="([0-9.]+)"[^>]*>29 Mar 2024<', 'g') m, unnest(m) x;
SELECT plot_labels(rnn_plot(timestamptz '2024-06-01' + k * interval '1 hour', k, NULL, NULL, NULL, '{"width": 200, "height": 80}')) FROM generate_series(0, 108) k;
-- names are cut by the width of their characters; those without width count little
SELECT length(substring(rnn_plot(name, 1::bigint, 1, NULL, NULL, NULL, '{"width": 300}'), '<title>.*</title>([^<]*)&#x2026;')) AS shown, min(left(name, 1)) AS of
FROM unnest(ARRAY[repeat('W', 99), repeat('i', 99), repeat(U&'\200B', 5000)]) name GROUP BY name ORDER BY 1;
-- a narrow legend takes more rows
SELECT plot_labels(rnn_plot(1::bigint, 1, 2, 3, 4, '{"width": 200}')) LIKE 'actual|forecast|interval|%' AS whole_legend;

-- one chart per series, in the order of people; further ones are counted
SELECT plot_labels(rnn_plot('s' || s, k::bigint, s, NULL, NULL, NULL, '{"max_series": 3, "title": "T"}')) FROM generate_series(1, 12) s, generate_series(0, 1) k;
SELECT count(*) AS charts FROM regexp_matches((SELECT rnn_plot(s, k::bigint, 1, NULL, NULL, NULL) FROM generate_series(1, 72) s, generate_series(0, 1) k), 'clipPath id', 'g');
-- the series may be of any type; nulls are one series without a name
SELECT rnn_plot(s, 1::bigint, 1, NULL, NULL, NULL) LIKE '%>(1,a)<%' AS named FROM (SELECT ROW(1, 'a') AS s) t;
SELECT rnn_plot(NULL::integer, 1::bigint, 1, NULL, NULL, NULL) IS NOT NULL AS unnamed;
SELECT count(*) AS charts FROM regexp_matches((SELECT rnn_plot(s, k::bigint, 1, NULL, NULL, NULL) FROM unnest(ARRAY['', NULL, '', NULL]) s, generate_series(0, 1) k), 'clipPath id', 'g');
-- names count as memory, too
SELECT length(rnn_plot(repeat('x', 1000000) || s, 1::bigint, 1, NULL, NULL, NULL)) FROM generate_series(1, 100) s;
-- hostile text is text; the result is well-formed XML
CREATE TABLE plot_hostile AS
SELECT rnn_plot(E'<script>alert(1)</script>&amp;"\'' || chr(1) || chr(65534) || E'\n' || s, k::bigint, 1, NULL, NULL, NULL,
                jsonb_build_object('title', '</title><script>x</script>' || repeat('long ', 500), 'actual_label', '<b>', 'width', 4000)) AS svg
FROM generate_series(1, 2) s, generate_series(0, 1) k;
SELECT svg LIKE '%<script%' AS script, svg LIKE '%&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&quot;&#39;&#xFFFD;&#xFFFD; %' AS escaped,
       xml_is_well_formed_document(svg) AS well_formed, length(svg) < 20000 AS bounded FROM plot_hostile;
-- not finite numbers are absent, the order of rows and the use as a window do not matter
SELECT rnn_plot(k::bigint, v, v, v, v) ~ 'nan' AS nan, rnn_plot(k::bigint, v, v, v, v) ~ 'inf' AS inf, plot_labels(rnn_plot(k::bigint, v, v, v, v))
FROM (VALUES (1, 'nan'::float8), (2, 'inf'), (3, '-inf'), (4, 1e308), (5, -1e308)) t(k, v);
SELECT rnn_plot(k::bigint, k % 7, NULL, NULL, NULL ORDER BY k) = rnn_plot(k::bigint, k % 7, NULL, NULL, NULL ORDER BY -k) AS same FROM generate_series(1, 50) k;
SELECT count(DISTINCT p) FROM (SELECT rnn_plot(k::bigint, k % 7, NULL, NULL, NULL) OVER (ORDER BY -k) AS p FROM generate_series(1, 20) k) t;

-- a model: its own history or a fresh panel, and its forecast
CREATE TABLE plot_t AS SELECT 's' || s AS s, date '2024-01-01' + k AS d, 10 * s + sin(k / 7.0 * 2 * pi()) AS v FROM generate_series(1, 3) s, generate_series(0, 99) k;
CREATE TABLE plot_m AS SELECT rnn_train(rnn_panel(s, d, v), 'ridge', '{"horizon": 7}') AS m FROM plot_t;
SELECT plot_labels(rnn_plot(m, options => '{"title": "Own history"}')) LIKE 'Own history|actual|forecast|95 % prediction interval|s1|%|s2|%|s3|%' AS own,
       plot_labels(rnn_plot(m, (SELECT rnn_panel(s, d, v) FROM plot_t WHERE s = 's2'), 14, 0.8)) LIKE 'actual|forecast|80 % prediction interval|s2|%' AS fresh FROM plot_m;
SELECT rnn_plot(m, horizon => 0) FROM plot_m;
SELECT xml_is_well_formed_document(rnn_plot_backtest(series_id, fold_id, forecast_timestamp, actual_value, forecast_value, naive_value,
         prediction_interval_lower_bound, prediction_interval_upper_bound)) AS well_formed FROM plot_m, rnn_backtest(m, (SELECT rnn_panel(s, d, v) FROM plot_t), hold_out => 28, stride => 3);
-- folds are not joined: as many parts as folds; actual values that folds share are drawn once
SELECT (SELECT count(*) FROM regexp_matches(plot_path(svg, 'f'), 'M', 'g')) AS forecasts, (SELECT count(*) FROM regexp_matches(plot_path(svg, 'a'), 'M', 'g')) AS actual
FROM (SELECT rnn_plot_backtest(NULL, f, f * 2 + k::bigint, f * 2 + k, 1, NULL, 0, 2) AS svg FROM generate_series(1, 3) f, generate_series(1, 4) k) t;
SELECT plot_labels(rnn_plot_history(rnn_train(rnn_panel(k, exp(0.01 * k) * (100 + 20 * sin(k / 12.0 * 2 * pi()) + k * 7919 % 13)),
         rnn_sequential(rnn_lstm(2), rnn_dense(12)), '{"horizon": 12, "epochs": 3}'))) LIKE 'Losses by epoch|training loss|%' AS history,
       rnn_plot_history((SELECT m FROM plot_m)) IS NULL AS ridge FROM generate_series(1, 144::bigint) k;

SELECT rnn_sparkline(v ORDER BY v) FROM generate_series(1, 8) v;
SELECT '[' || rnn_sparkline(v) || ']' AS gaps, (SELECT rnn_sparkline(3)) AS one, (SELECT rnn_sparkline(1) WHERE false) IS NULL AS none
FROM (VALUES (1::float8), (NULL), ('nan'), (1e308), (-1e308)) t(v);
SELECT length(rnn_sparkline(k)) FROM generate_series(1, 100000) k;
