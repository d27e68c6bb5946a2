-- lower_limit and upper_limit are never crossed, whatever the panel: forecasts and bounds of random panels.
-- 200 of them here; `make fuzz` takes 10000.
SET client_min_messages = warning;
\if :{?panels}
\else
\set panels 200
\endif
-- a limit that cannot be: an error, not a forecast
SELECT rnn_train(rnn_panel(k, k), 'ridge', '{"lower_limit": 1, "upper_limit": -1}') FROM generate_series(1, 50::bigint) k;
-- level, growth, season, noise (now and then an outlier), zeros, gaps, limits within or beyond the values: all random
CREATE FUNCTION limit_panel(n int, OUT panel rnn_panel, OUT options jsonb) LANGUAGE plpgsql AS $$
DECLARE
	size float8; level float8; slope float8; season int; share float8; length int; low float8; high float8;
BEGIN
	PERFORM setseed(n / 20000.0 - 0.5);
	size := 10 ^ (random() * 8 - 3);
	level := size * (random() * 4 - 2);
	slope := size * (random() - 0.5) * CASE WHEN random() < 0.3 THEN 0.5 ELSE 0.01 END;
	season := 2 + (random() * 12)::int;
	share := CASE WHEN random() < 0.2 THEN 0.7 ELSE 0 END;
	length := 4 + (random() * 56)::int;
	SELECT rnn_panel(s, k::bigint, CASE WHEN random() < 0.05 AND k > 2 THEN NULL WHEN random() < share THEN 0 ELSE
			(level + slope * k + size * sin(2 * pi() * k / season) + size * (random() - 0.5)
			+ CASE WHEN random() < 0.02 THEN 20 * size ELSE 0 END) * s END)
		INTO panel FROM generate_series(1, 1 + (random() * 2)::int) s, generate_series(1, length) k;
	low := level + size * (random() * 6 - 4);
	high := low + size * random() * 5 + size / 1000;
	options := jsonb_build_object('horizon', 1 + (random() * 6)::int, 'seasonality', CASE WHEN random() < 0.5 THEN '"auto"' ELSE to_jsonb(ARRAY[season]) END)
		|| CASE WHEN random() < 0.8 THEN jsonb_build_object('lower_limit', low) ELSE '{}' END
		|| CASE WHEN random() < 0.8 THEN jsonb_build_object('upper_limit', high) ELSE '{}' END
		|| CASE WHEN random() < 0.2 THEN '{"transform": "asinh"}'::jsonb ELSE '{}' END;
END $$;
CREATE TABLE limit_row AS
SELECT n, (options ->> 'lower_limit')::float8 AS low, (options ->> 'upper_limit')::float8 AS high, f.*
FROM generate_series(1, :panels) n, LATERAL limit_panel(n), LATERAL (SELECT rnn_train(panel, 'ridge', options) AS m OFFSET 0) t,
	rnn_forecast_index(m, horizon => 9, confidence_levels => '{0.3, 0.9, 0.9999}') f;
SELECT count(DISTINCT n) = :panels AS all_panels, count(DISTINCT n) FILTER (WHERE low IS NOT NULL AND high IS NOT NULL) > 0.5 * :panels AS both_limits FROM limit_row;
SELECT count(*) AS outside FROM limit_row
WHERE least(forecast_value, prediction_interval_lower_bound, prediction_interval_upper_bound) < low
	OR greatest(forecast_value, prediction_interval_lower_bound, prediction_interval_upper_bound) > high;
-- the limits were in the way, and the order of the bounds outlived them
SELECT count(*) FILTER (WHERE forecast_value IN (low, high)) > 0 AS forecasts_at_a_limit, count(*) FILTER (WHERE prediction_interval_lower_bound = low) > 0 AS bounds_at_a_limit,
	count(*) FILTER (WHERE NOT (prediction_interval_lower_bound <= forecast_value AND forecast_value <= prediction_interval_upper_bound)) AS out_of_order FROM limit_row;
DROP TABLE limit_row;
DROP FUNCTION limit_panel;
