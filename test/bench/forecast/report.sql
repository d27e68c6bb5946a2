\pset footer off
\pset null -
SELECT CASE segment WHEN 1 THEN '168 steps of 1' ELSE '7 steps of 24' END AS network, way, round(min(s)::numeric, 2) AS s,
	round(min(reading)::numeric, 2) AS "of it reading", round(min(network)::numeric, 2) AS "network",
	round((min(s) / min(min(s)) FILTER (WHERE way = 'ours, no workers') OVER w)::numeric, 2) AS "by ours without workers",
	round((min(s) / min(min(s)) FILTER (WHERE way = 'ours, default') OVER w)::numeric, 2) AS "by ours, default"
FROM forecast_bench_time GROUP BY segment, way WINDOW w AS (PARTITION BY segment) ORDER BY segment, way;
SELECT round(max(difference)::numeric, 6) AS "largest difference of the forecasts", min(points) AS points, max(points) AS points FROM forecast_bench_difference;

-- small calls from PL/pgSQL: one series, a model of 32 units; the empty loop beside it
CREATE TABLE forecast_bench_small AS
SELECT kind, rnn_train(rnn_panel(ts, value), CASE kind WHEN 'sequence' THEN rnn_sequential(rnn_lstm(32, return_sequences => true), rnn_dense(1))
	ELSE rnn_sequential(rnn_lstm(32), rnn_dense(1)) END, jsonb_build_object('mode', kind) ||
	'{"time_steps":24, "horizon":1, "ensemble":1, "mix":1, "epochs":1, "highway":false, "seasonality":"none"}') AS model
FROM forecast_bench_train, unnest('{sequence,window}'::text[]) kind WHERE id = -1 GROUP BY kind;
CREATE FUNCTION forecast_bench_calls(kind text, what text, calls int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	m bytea;
	st bytea;
	begun timestamptz;
	ts timestamptz;
	best float8 := 'Infinity';
	y float8;
BEGIN
	SELECT model INTO m FROM forecast_bench_small s WHERE s.kind = forecast_bench_calls.kind;
	FOR round IN 1 .. 20 LOOP
		SELECT state INTO st FROM rnn_state(m);
		SELECT max(b.ts) INTO ts FROM forecast_bench_train b;
		begun := clock_timestamp();
		FOR i IN 1 .. calls LOOP
			CASE what
				WHEN 'rnn_forecast' THEN SELECT forecast_value INTO y FROM rnn_forecast(m);
				WHEN 'rnn_step' THEN
					ts := ts + interval '1 hour';
					SELECT new_state, forecast_value INTO st, y FROM rnn_step(m, st, ts, 100.0);
				ELSE SELECT value INTO y FROM generate_series(1.0, 1.0) value;
			END CASE;
		END LOOP;
		best := least(best, extract(epoch FROM clock_timestamp() - begun) / calls * 1e6);
	END LOOP;
	RETURN best;
END $$;
SELECT kind AS mode, what, round(forecast_bench_calls(kind, what, 200)::numeric, 1) AS "microseconds a call"
FROM unnest('{window,sequence}'::text[]) kind, unnest('{rnn_forecast,rnn_step,"generate_series (the loop itself)"}'::text[]) what;
DROP TABLE forecast_bench, forecast_bench_train, forecast_bench_model, forecast_bench_ours, forecast_bench_torch, forecast_bench_time,
	forecast_bench_difference, forecast_bench_small;
DROP FUNCTION forecast_bench_calls(text, text, int);
