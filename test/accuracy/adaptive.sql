-- Widths that adapt to the misses on the rows after the training (Gibbs and Candes 2021, "Adaptive conformal inference under
-- distribution shift"), simulated on windows before the test rows: after each origin whose rows have come, the logarithm of the
-- factor on all widths grows by rate x (share outside - (1 - level)).  Score: Winkler's interval score by that of fixed widths.
CREATE TABLE adaptive(name text, level float8, origin int, known int, y float8, v float8, low float8, high float8);
CREATE TEMP TABLE cta(ts date, day_type text, bus float8, rail float8);
\copy cta FROM 'cta_ridership.csv' CSV HEADER
CREATE TEMP TABLE ett(ts timestamp, "HUFL" float8, "HULL" float8, "MUFL" float8, "MULL" float8, "LUFL" float8, "LULL" float8, "OT" float8);
\copy ett FROM 'ETTh1.csv' CSV HEADER
CREATE TEMP TABLE bike(ts timestamp, holiday float8, workingday float8, weathersit float8, temp float8, atemp float8, hum float8,
	windspeed float8, casual float8, registered float8, cnt float8);
\copy bike FROM 'bike_sharing_hourly.csv' CSV HEADER
CREATE TEMP TABLE fit AS
	SELECT 'bike, 24 hours' AS name, 24 AS h, 24 AS stride, rnn_train(rnn_panel(ts, cnt) FILTER (WHERE ts < '2012-07-01'), options => '{"horizon":24}') AS m, rnn_panel(ts, cnt) AS p FROM bike WHERE ts < '2012-10-01'
	UNION ALL SELECT 'CTA, 1 day', 1, 1, rnn_train(rnn_panel(ts, rail) FILTER (WHERE ts < '2018-09-01'), options => '{"horizon":1}'), rnn_panel(ts, rail) FROM cta WHERE ts BETWEEN '2016-01-01' AND '2018-12-31'
	UNION ALL SELECT 'CTA, 14 days', 14, 1, rnn_train(rnn_panel(ts, rail) FILTER (WHERE ts < '2018-09-01'), options => '{"horizon":14}'), rnn_panel(ts, rail) FROM cta WHERE ts BETWEEN '2016-01-01' AND '2018-12-31'
	UNION ALL SELECT 'ETTh1 OT, 24 hours', 24, 6, rnn_train(rnn_panel(ts, "OT") FILTER (WHERE ts < timestamp '2016-07-01' + interval '7000 hours'), options => '{"horizon":24}'), rnn_panel(ts, "OT") FROM ett WHERE ts < timestamp '2016-07-01' + interval '8640 hours';
INSERT INTO adaptive SELECT name, level, fold_id, h / stride, actual_value, forecast_value, prediction_interval_lower_bound, prediction_interval_upper_bound
FROM fit, unnest('{0.8,0.9}'::float8[]) level, LATERAL rnn_backtest(m, p, h, stride => stride, confidence_level => level);

CREATE FUNCTION adaptive_score(which text, at float8, rate float8, OUT inside float8, OUT score float8) LANGUAGE plpgsql AS $$
DECLARE o record; r record; miss float8[] := '{}'; factor float8 := 0; used int := 0; n float8 := 0; hit float8 := 0; total float8 := 0;
BEGIN
	FOR o IN SELECT origin, min(known) AS known FROM adaptive WHERE name = which AND level = at GROUP BY origin ORDER BY origin LOOP
		-- origins whose rows have all come
		WHILE used <= cardinality(miss) - o.known LOOP
			used := used + 1;
			factor := factor + rate * (miss[used] - (1 - at));
		END LOOP;
		SELECT count(*) AS points, sum((y BETWEEN l AND u)::int) AS hits, sum(u - l + 2 / (1 - at) * greatest(l - y, y - u, 0)) AS loss INTO r
		FROM (SELECT y, v - (v - low) * exp(factor) AS l, v + (high - v) * exp(factor) AS u FROM adaptive WHERE name = which AND level = at AND origin = o.origin) w;
		n := n + r.points;
		hit := hit + r.hits;
		total := total + r.loss;
		miss := miss || (1 - r.hits / r.points::float8);
	END LOOP;
	inside := hit / n;
	score := total / n;
END $$;
CREATE INDEX ON adaptive(name, level, origin);
SELECT name, level, rate, round(a.inside::numeric, 3) AS inside, round((a.score / b.score)::numeric, 3) AS "score by fixed widths'"
FROM (SELECT DISTINCT name, level FROM adaptive) s, unnest('{0,0.02,0.05,0.1,0.2}'::float8[]) rate, adaptive_score(name, level, rate) a, adaptive_score(name, level, 0) b ORDER BY 1, 2, 3;
