-- rnn_average, rnn_outer, rnn_ridge_sums, rnn_ridge: trainings apart, joined
CREATE SCHEMA average;
SET search_path = average, public;
CREATE TABLE average_d AS SELECT s, date '2024-01-01' + k AS d, 10 + s + 3 * sin(k / 7.0 * 2 * pi()) + (k * 7919 * s % 101) / 40.0 AS v, s % 4 AS node
  FROM generate_series(1, 9) s, generate_series(0, 149) k;
CREATE TABLE shard AS SELECT node, rnn_panel(s, d, v) AS p FROM average_d GROUP BY node;
CREATE FUNCTION all_rows() RETURNS rnn_panel LANGUAGE sql AS $$ SELECT rnn_panel(s, d, v) FROM average_d $$;
CREATE FUNCTION net() RETURNS jsonb LANGUAGE sql AS $$ SELECT rnn_sequential(rnn_gru(3), rnn_dense(7)) $$;
CREATE TABLE start AS SELECT rnn_train(all_rows(), net(), '{"epochs": 4, "steps_per_epoch": 3, "keep_optimizer": true, "validation": 0, "time_steps": 14, "stop_after": 0, "ensemble": 2}') AS m;
CREATE TABLE round AS SELECT node, rnn_train(p, m, '{"stop_after": 1, "keep_ridge": true}') AS m FROM shard, start;
-- nothing, nulls, one
SELECT rnn_average(m) IS NULL AS nothing FROM round WHERE false;
SELECT rnn_average(NULL::bytea) IS NULL AS nulls FROM round;
SELECT bool_and(a."values" = b."values") AS same, count(*) AS tensors FROM round, LATERAL (SELECT rnn_average(x) AS one FROM (VALUES (m), (NULL)) v(x)) y, rnn_weights(m) a JOIN LATERAL rnn_weights(one) b USING (name) WHERE node = 1;
-- weights
SELECT rnn_average(m, NULL) FROM round;
SELECT rnn_average(m, node) FROM round;
SELECT rnn_average(m, -1) FROM round;
SELECT rnn_average(m, 'NaN') FROM round;
SELECT rnn_average(m, 'Infinity') FROM round;
-- what cannot be averaged
SELECT rnn_average(m) FROM (SELECT m FROM round UNION ALL SELECT '\x00') x;
SELECT rnn_average(rnn_init(net(), '{4,1}'));
CREATE FUNCTION says(other bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT length(rnn_average(x.m)) FROM (SELECT m FROM round WHERE node = 1 UNION ALL SELECT other) x);
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN sqlerrm;
END $$;
SELECT says(m) FROM start;
SELECT says(rnn_train(p, m, '{"stop_after": 1, "keep_optimizer": false}')) FROM shard, start WHERE node = 2;
SELECT says(rnn_train(p, net(), options)) FROM shard, (VALUES ('{"seed": 1}'::jsonb), ('{"ensemble": 1}'), ('{"loss": "mse"}'), ('{"time_steps": 7}'), ('{"scaler": "mean"}'), ('{"seasonality": "none"}'), ('{"calendar": true}')) o(o),
	LATERAL (SELECT '{"epochs": 4, "steps_per_epoch": 3, "keep_optimizer": true, "validation": 0, "time_steps": 14, "stop_after": 1, "ensemble": 2}'::jsonb || o) x(options) WHERE node = 2;
SELECT says(rnn_train((SELECT rnn_panel(s, (d - date '2024-01-01')::bigint, v) FROM average_d), net(), '{"epochs": 1, "time_steps": 14, "seasonality": [7], "validation": 0}'));
SELECT says(rnn_train((SELECT rnn_panel(d, v) FROM average_d WHERE s = 1), net(), '{"epochs": 1, "time_steps": 14, "seasonality": [7], "validation": 0}'));
SELECT says(rnn_train((SELECT rnn_panel(s, d, v, ARRAY[s]) FROM average_d), net(), '{"epochs": 1, "time_steps": 14, "validation": 0}'));
SELECT says(rnn_train(all_rows(), rnn_sequential(rnn_lstm(3), rnn_dense(7)), '{"epochs": 1, "time_steps": 14, "validation": 0, "ensemble": 2}'));
-- a model as a later version would write it: the format version 1 more, the checksum made right again
CREATE FUNCTION newer(bytes bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	n int := get_byte(bytes, 0) + 256 * get_byte(bytes, 1) + 65536 * get_byte(bytes, 2);
	header text := convert_from(substr(bytes, 9, n), 'UTF8');
	version int := substring(header FROM '"format_version":"(\d+)"');
	crc bigint := 4294967295;
BEGIN
	bytes := substr(bytes, 1, 8) || convert_to(replace(header, format('"format_version":"%s"', version), format('"format_version":"%s"', version + 1)), 'UTF8') || substr(bytes, 9 + n);
	bytes := overlay(bytes PLACING '00000000'::bytea FROM 45);
	FOR i IN 0 .. length(bytes) - 1 LOOP
		crc := crc # get_byte(bytes, i);
		FOR bit IN 1 .. 8 LOOP
			crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 2197175160 ELSE crc >> 1 END;
		END LOOP;
	END LOOP;
	RETURN overlay(bytes PLACING convert_to(lpad(to_hex(crc # 4294967295), 8, '0'), 'UTF8') FROM 45);
END $$;
SELECT rnn_average(newer(m)) FROM round WHERE node = 1;
SELECT rnn_average(x) FROM (SELECT m FROM round UNION ALL SELECT newer(m) FROM round WHERE node = 2) y(x);
SELECT rnn_outer(newer(m), m) FROM start;
SELECT rnn_ridge_sums(p, newer(m)) FROM shard, start WHERE node = 1;
-- pieces called by hand
SELECT rnn_average_combine('\x00', '\x01'), rnn_average_combine(NULL, NULL);
SELECT rnn_average_combine(rnn_average_add(NULL, m), '\x01') FROM start;
SELECT rnn_average_final('\x726e6e6c69737431'), rnn_average_final(NULL);
SELECT rnn_average_final(substr(rnn_average_add(NULL, m), 1, 1000)) FROM start;
SELECT rnn_average_final('\x726e6e6c69737431000000000000f03fffffffffffffff7f');
SELECT rnn_average_final('\x726e6e6c69737431000000000000f0bf0000000000000000');

-- the mean, by the server's own sums; equal models give equal weights; all series
CREATE TABLE joined AS SELECT rnn_average(m, node + 1) AS m, rnn_average(m) AS plain FROM round;
CREATE TABLE mean AS SELECT name, i, sum((node + 1) * x) / sum(node + 1) AS value FROM round, rnn_weights(m) w, unnest("values") WITH ORDINALITY u(x, i) GROUP BY 1, 2;
SELECT count(*) > 100 AS numbers, max(abs(x - value)) < 1e-7 AS mean FROM joined, rnn_weights(m) w, unnest("values") WITH ORDINALITY u(x, i) JOIN mean USING (i) WHERE mean.name = w.name;
SELECT n, bool_and(a."values" = b."values") AS same FROM (VALUES (2), (3), (7)) c(n), LATERAL (SELECT rnn_average(m, k * 0.1) AS mean, min(m::text)::bytea AS one FROM round, generate_series(1, n) k WHERE node = 2) x,
	rnn_weights(mean) a JOIN LATERAL rnn_weights(one) b USING (name) GROUP BY n ORDER BY n;
SELECT (SELECT count(DISTINCT series_id) FROM rnn_forecast(m, horizon => 2)) AS series, (SELECT count(*) FROM rnn_forecast(m, horizon => 2)) AS forecasts, (SELECT count(DISTINCT series_id) FROM rnn_forecast(m, horizon => 2, confidence_level => 0.9)
	WHERE prediction_interval_lower_bound < prediction_interval_upper_bound) AS intervals FROM joined;
-- a series of several shards has the numbers of the shard with most rows
SELECT (SELECT count(DISTINCT series_id) FROM rnn_forecast(x, horizon => 2)) AS series FROM (SELECT rnn_average(rnn_train(p, m, '{"stop_after": 1, "keep_ridge": true}')) AS x FROM start, (SELECT p FROM shard UNION ALL SELECT all_rows()) y(p)) z;

-- the outer step by its formula, twice
SELECT rnn_outer(m, NULL) FROM start;
SELECT rnn_outer(start.m, plain, 0) FROM start, joined;
SELECT rnn_outer(start.m, plain, 0.7, 1) FROM start, joined;
SELECT rnn_outer(start.m, plain, 'NaN') FROM start, joined;
SELECT rnn_outer(plain, start.m) FROM start, joined;
SELECT rnn_outer(rnn_init(net(), '{4,1}'), plain) FROM joined;
CREATE TABLE outer_1 AS SELECT rnn_outer(start.m, plain, 0.5, 0.8) AS m FROM start, joined;
CREATE TABLE average_2 AS SELECT rnn_average(rnn_train(p, m, '{"stop_after": 1, "keep_ridge": true}')) AS m FROM shard, outer_1;
CREATE TABLE outer_2 AS SELECT rnn_outer(outer_1.m, average_2.m, 0.5, 0.8) AS m FROM outer_1, average_2;
CREATE FUNCTION numbers(m bytea) RETURNS TABLE (name text, i bigint, x float8) LANGUAGE sql AS $$ SELECT w.name, i, x FROM rnn_weights(m) w, unnest("values") WITH ORDINALITY u(x, i) $$;
SELECT max(abs(o1.x - (s.x - 0.5 * (d1 + 0.8 * d1)))) < 1e-7 AS first, max(abs(o2.x - (o1.x - 0.5 * (d2 + 0.8 * (0.8 * d1 + d2))))) < 1e-7 AS second, max(abs(d1)) > 1e-4 AS moved
  FROM start, joined, outer_1, average_2, outer_2, numbers(start.m) s JOIN LATERAL numbers(plain) a1 USING (name, i) JOIN LATERAL numbers(outer_1.m) o1 USING (name, i)
	JOIN LATERAL numbers(average_2.m) a2 USING (name, i) JOIN LATERAL numbers(outer_2.m) o2 USING (name, i), LATERAL (SELECT s.x - a1.x AS d1, o1.x - a2.x AS d2) d;

-- one ridge regression of all shards: that of one node
SELECT rnn_ridge_sums(NULL::rnn_panel, m) FROM start;
SELECT rnn_ridge_sums(p, NULL::bytea) FROM shard LIMIT 1;
SELECT rnn_ridge_sums(p, '\x00') FROM shard LIMIT 1;
SELECT rnn_ridge_sums((SELECT rnn_panel(s, d, v, ARRAY[s]) FROM average_d), m) FROM start;
SELECT rnn_ridge_sums((SELECT rnn_panel(s, s, v) FROM average_d), m) FROM start;
SELECT rnn_ridge_sums(m) FROM start;
SELECT rnn_ridge_sums_final('\x726e6e6c69737431'), rnn_ridge_sums_final(NULL);
SELECT rnn_ridge_sums_final('\x726e6e6c69737431000000000000f03f0000000000000000');
CREATE TABLE sums AS SELECT node, rnn_ridge_sums(p, m) AS s FROM shard, start;
SELECT rnn_ridge_sums(s) IS NULL AS nothing FROM sums WHERE false;
SELECT rnn_ridge_sums(x) FROM (SELECT s FROM sums UNION ALL SELECT rnn_ridge_sums(p, plain) FROM shard, joined) y(x);
SELECT rnn_ridge(plain, s) FROM joined, sums LIMIT 1;
SELECT rnn_ridge(m, NULL) FROM start;
SELECT rnn_ridge(m, m) FROM start;
SELECT rnn_ridge(m, rnn_ridge_sums((SELECT rnn_panel(1, d, v) FROM average_d WHERE s = 1 AND d < '2024-01-04'), m)) FROM start;
CREATE FUNCTION tensor_of(bytes bytea, name text) RETURNS TABLE (i int, x float8) LANGUAGE sql AS $$
	SELECT i, CASE WHEN (w >> 52) & 2047 = 0 THEN 0 WHEN w < 0 THEN -1 ELSE 1 END * (1 + (w & 4503599627370495) / 4503599627370496.0::float8) * 2.0::float8 ^ greatest(((w >> 52) & 2047) - 1023, -1000)
	FROM (SELECT n, convert_from(substr(bytes, 9, n), 'UTF8')::jsonb AS h FROM (SELECT get_byte(bytes, 0) + 256 * get_byte(bytes, 1) + 65536 * get_byte(bytes, 2) AS n) a) b,
		LATERAL (SELECT 8 + n + (h #>> ARRAY[name, 'data_offsets', '0'])::int AS first, (h #>> ARRAY[name, 'data_offsets', '1'])::int - (h #>> ARRAY[name, 'data_offsets', '0'])::int AS size) c,
		generate_series(0, size / 8 - 1) i, LATERAL (SELECT sum(get_byte(bytes, first + 8 * i + k)::bigint << (8 * k)) FROM generate_series(0, 7) k) e(s), LATERAL (SELECT s::numeric) f(big),
		LATERAL (SELECT (CASE WHEN big >= 9223372036854775808 THEN big - 18446744073709551616 ELSE big END)::bigint) g(w) $$;
CREATE FUNCTION ridge_of(bytes bytea) RETURNS TABLE (i int, x float8) LANGUAGE sql AS $$ SELECT * FROM tensor_of(bytes, 'ridge.weight') $$;
SELECT count(*) AS numbers, max(abs(a.x - b.x)) < 1e-9 AS equal, max(abs(b.x)) > 0.1 AS large FROM start, LATERAL (SELECT rnn_ridge(m, (SELECT rnn_ridge_sums(s) FROM sums)) AS r) y, ridge_of(m) a JOIN LATERAL ridge_of(r) b USING (i);
-- and trainings start there
SELECT max(abs(a.x - b.x)) < 1e-6 AS highway FROM start, LATERAL (SELECT rnn_train(p, net(), '{"epochs": 4, "steps_per_epoch": 3, "keep_optimizer": true, "validation": 0, "time_steps": 14, "stop_after": 0, "ensemble": 2, "seasonality": [7]}') AS own FROM shard WHERE node = 1) y,
	LATERAL (SELECT rnn_ridge(own, (SELECT rnn_ridge_sums(rnn_ridge_sums(p, own)) FROM shard)) AS r) z, numbers(m) a JOIN LATERAL numbers(r) b USING (name, i) WHERE name ~ 'highway.weight';
-- the same bytes in any order
SELECT count(DISTINCT m) AS models FROM (SELECT rnn_average(m, node + 1 ORDER BY hashint4(node + seed)) AS m FROM round, generate_series(1, 6) seed GROUP BY seed) x;
SELECT count(DISTINCT s) AS sums FROM (SELECT rnn_ridge_sums(s ORDER BY hashint4(node + seed)) AS s FROM sums, generate_series(1, 6) seed GROUP BY seed) x;

-- static covariates: shards of different kinds use the scales and the regression of the model that they start from
CREATE TABLE average_shop AS SELECT s, k::bigint AS k, CASE WHEN s <= 6 THEN 'small' ELSE 'large' END AS kind, s % 5 AS staff, CASE WHEN s <= 6 THEN 20 ELSE 90 END + 4 * (s % 5) + 3 * sin(k * 0.9) + (k * 7919 * s % 101) / 20.0 AS v,
	(s - 1) / 3 AS node FROM generate_series(1, 12) s, generate_series(1, 60) k;
CREATE FUNCTION shop_rows(part int DEFAULT NULL) RETURNS rnn_panel LANGUAGE sql AS $$ SELECT rnn_panel(s, k, v, jsonb_build_object('kind', kind, 'staff', staff)) FROM average_shop WHERE part IS NULL OR node = part $$;
CREATE TABLE shop_start AS SELECT rnn_train(shop_rows(), net(), '{"epochs": 3, "steps_per_epoch": 3, "keep_optimizer": true, "validation": 0, "time_steps": 6, "seasonality": "none", "stop_after": 0}') AS m;
-- one ridge regression of four shards, of known series and of series that the model has not seen: that of one panel
SELECT count(*) AS numbers, max(abs(a.x - b.x)) < 1e-9 AS as_trained FROM shop_start, LATERAL (SELECT rnn_ridge(m, rnn_ridge_sums(rnn_ridge_sums(shop_rows(n), m))) AS r FROM generate_series(0, 3) n) y, ridge_of(m) a JOIN LATERAL ridge_of(r) b USING (i);
SELECT kind, max(abs(a.x - b.x)) < 1e-9 AS as_one_panel, max(abs(a.x - c.x)) > 1e-6 AS others FROM (SELECT 'pooled' AS kind, rnn_train(shop_rows(), 'ridge', '{"horizon": 7, "keep_series": false, "time_steps": 6, "seasonality": "none"}') AS m
	UNION ALL SELECT 'of one shard', rnn_train(shop_rows(0), 'ridge', '{"horizon": 7, "time_steps": 6, "seasonality": "none"}')) x,
	LATERAL (SELECT rnn_ridge(m, rnn_ridge_sums(rnn_ridge_sums(shop_rows(n), m))) AS apart, rnn_ridge(m, rnn_ridge_sums(shop_rows(), m)) AS one FROM generate_series(0, 3) n) y,
	ridge_of(apart) a JOIN LATERAL ridge_of(one) b USING (i) JOIN LATERAL ridge_of(m) c USING (i) GROUP BY kind ORDER BY kind;
-- visits with keep_ridge to one shard are one training
CREATE FUNCTION shop_visits() RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	m bytea := (SELECT s.m FROM shop_start s);
BEGIN
	FOR i IN 1 .. 3 LOOP
		m := rnn_train(shop_rows(), m, '{"stop_after": 1, "keep_ridge": true}');
	END LOOP;
	RETURN m;
END $$;
SELECT shop_visits() = rnn_train(shop_rows(), m) AS same_bytes FROM shop_start;
-- with scales of their own, the level of a new series is the mean of its levels by all models
CREATE TABLE shop_round AS SELECT n, rnn_train(shop_rows(n), m, '{"stop_after": 1, "keep_ridge": true}') AS kept, rnn_train(shop_rows(n), m, '{"stop_after": 1}') AS own FROM shop_start, generate_series(0, 3) n;
CREATE FUNCTION shop_level(m bytea, VARIADIC statics float8[]) RETURNS float8 LANGUAGE sql AS $$
	SELECT sum(w.x * CASE WHEN i = cardinality(statics) THEN 1 ELSE (statics[i + 1] - a.x) / d.x END) FROM tensor_of(m, 'static.weight') w LEFT JOIN LATERAL tensor_of(m, 'static.mean') a USING (i) LEFT JOIN LATERAL tensor_of(m, 'static.sd') d USING (i) $$;
SELECT x.staff, x.small, abs(shop_level(k.m, 1 - x.small, x.small, x.staff) - k.mean) < 1e-9 AS kept, abs(shop_level(o.m, 1 - x.small, x.small, x.staff) - o.mean) < 1e-9 AS own FROM (VALUES (1.0, 0.0), (7.0, 1.0)) x(staff, small),
	LATERAL (SELECT rnn_average(kept, n + 1) AS m, sum((n + 1) * shop_level(kept, 1 - x.small, x.small, x.staff)) / sum(n + 1) AS mean FROM shop_round) k, LATERAL (SELECT rnn_average(own, n + 1) AS m, sum((n + 1) * shop_level(own, 1 - x.small, x.small, x.staff)) / sum(n + 1) AS mean FROM shop_round) o;
SELECT count(*) AS forecasts, count(DISTINCT series_id) AS series, bool_and(forecast_value BETWEEN 0 AND 150) AS sane FROM (SELECT rnn_average(kept) AS m FROM shop_round) x, rnn_forecast_index(m, horizon => 7);

-- states that grow in place: groups, parallel workers, windows, pieces called by hand
CREATE TABLE many AS SELECT k, node, m, s FROM round JOIN sums USING (node), generate_series(1, 30) k;
SELECT count(*) AS groups, count(DISTINCT m) AS averages, count(DISTINCT s) AS sums FROM (SELECT rnn_average(m, node + 1) AS m, rnn_ridge_sums(s) AS s FROM many GROUP BY k) x;
CREATE TABLE alone AS SELECT rnn_average(m, k) AS m, rnn_ridge_sums(s) AS s FROM many;
ALTER TABLE many SET (parallel_workers = 2);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT rnn_average(m, k), rnn_ridge_sums(s) FROM many;
SELECT (SELECT rnn_average(m, k) FROM many) = m AS average, (SELECT rnn_ridge_sums(s) FROM many) = s AS sums FROM alone;
RESET max_parallel_workers_per_gather;
SELECT bool_and(running = (SELECT rnn_average(m) FROM round r WHERE r.node <= x.node)) AS running FROM (SELECT node, rnn_average(m) OVER (ORDER BY node) AS running FROM round) x;
SELECT rnn_average_final(rnn_average_combine(rnn_average_add(rnn_average_add(NULL, a.m), b.m), rnn_average_add(NULL, c.m)::text::bytea)) = (SELECT rnn_average(m) FROM round WHERE node < 3) AS by_hand
  FROM round a, round b, round c WHERE (a.node, b.node, c.node) = (2, 0, 1);
DO $$
DECLARE
	s bytea;
	t bytea;
BEGIN
	FOR i IN 1 .. 20 LOOP
		s := rnn_average_add(s, '\x01');
	END LOOP;
	t := s;
	s := rnn_average_combine(s, s);
	RAISE NOTICE 'the copy has % entries, the list with itself %', (length(t) - 8) / 17, (length(s) - 8) / 17;
END $$;
