-- rnn_windows and rnn_dataset: bad input, then against PostgreSQL's own window frames
CREATE TABLE w AS SELECT t, sin(t / 5.0) AS v FROM generate_series(1, 33) t;

-- nothing, too little
SELECT rnn_windows(v, 30 ORDER BY t) IS NULL AS no_rows, rnn_dataset(v, 30, 1 ORDER BY t) IS NULL AS no_rows FROM w WHERE false;
SELECT rnn_windows(v, 30 ORDER BY t) FROM w WHERE t = 1;
SELECT rnn_windows(v, 34 ORDER BY t) FROM w;
SELECT rnn_windows(v, 12, 1, 3 ORDER BY t) FROM w;
SELECT rnn_dataset(v, 30, 4 ORDER BY t) FROM w;
-- values that are no numbers
SELECT rnn_windows(CASE WHEN t <> 1 THEN v END, 30 ORDER BY t) FROM w;
SELECT rnn_windows(CASE WHEN t <> 33 THEN v END, 30 ORDER BY t) FROM w;
SELECT rnn_windows(CASE WHEN t = 7 THEN 'NaN' ELSE v END, 30 ORDER BY t) FROM w;
SELECT rnn_windows(CASE WHEN t = 7 THEN '-Infinity' ELSE v END, 30 ORDER BY t) FROM w;
SELECT rnn_dataset(ARRAY[v, CASE WHEN t = 8 THEN 'Infinity' ELSE v END], 30, 1 ORDER BY t) FROM w;
SELECT rnn_dataset(ARRAY[v, CASE WHEN t <> 8 THEN v END], 30, 1 ORDER BY t) FROM w;
-- rows of another shape
SELECT rnn_windows(CASE WHEN t = 5 THEN ARRAY[v, v] ELSE ARRAY[v] END, 30 ORDER BY t) FROM w;
SELECT rnn_windows(ARRAY[[v], [v]], 30 ORDER BY t) FROM w;
SELECT rnn_windows('{}'::float8[], 30 ORDER BY t) FROM w;
SELECT rnn_windows(NULL::float8[], 30 ORDER BY t) FROM w;
-- arguments
SELECT rnn_windows(v, 0 ORDER BY t) FROM w;
SELECT rnn_windows(v, -1 ORDER BY t) FROM w;
SELECT rnn_windows(v, 1048577 ORDER BY t) FROM w;
SELECT rnn_windows(v, NULL ORDER BY t) FROM w;
SELECT rnn_windows(v, 30, 0 ORDER BY t) FROM w;
SELECT rnn_windows(v, 30, NULL ORDER BY t) FROM w;
SELECT rnn_windows(v, 30, 1, 0 ORDER BY t) FROM w;
SELECT rnn_windows(v, 2, 1, 1000000000 ORDER BY t) FROM w;
SELECT rnn_windows(v, 30 + t / 20 ORDER BY t) FROM w;
SELECT rnn_windows(v, 3, 1 + t / 20 ORDER BY t) FROM w;
SELECT rnn_dataset(v, 30, 0 ORDER BY t) FROM w;
SELECT rnn_dataset(v, 30, NULL ORDER BY t) FROM w;
SELECT rnn_dataset(v, 3, 1, 1, 1, NULL ORDER BY t) FROM w;
SELECT rnn_dataset(v, 3, 1, 1, 1, t > 5 ORDER BY t) FROM w;
-- a result too large is refused before it is made
SELECT rnn_windows(array_fill(0::float8, ARRAY[1000]), 100 ORDER BY t) FROM generate_series(1, 2000) t;
SELECT rnn_dataset(0, 60, 60, 1, 1, true ORDER BY t) FROM generate_series(1, 40000) t;

-- the shapes of the manual
SELECT rnn_shape(rnn_windows(v, 30 ORDER BY t)) FROM w;
SELECT rnn_shape(rnn_windows(ARRAY[v, t], 30, 2 ORDER BY t)) FROM w;
SELECT rnn_shape((d).x), rnn_shape((d).y) FROM (SELECT rnn_dataset(v, 30, 2 ORDER BY t) FROM w) s(d);
SELECT rnn_shape((d).x), rnn_shape((d).y) FROM (SELECT rnn_dataset(v, 30, 2, 1, 1, true ORDER BY t) FROM w) s(d);
SELECT rnn_windows(t, 3 ORDER BY t) FROM generate_series(1, 5) t;
SELECT rnn_windows(t, 3 ORDER BY t DESC) FROM generate_series(1, 4) t;
SELECT rnn_windows(ARRAY[t, -t], 2, 2, 3 ORDER BY t) FROM generate_series(1, 8) t;
SELECT (rnn_dataset(ARRAY[t, -t], 2, 2 ORDER BY t)).* FROM generate_series(1, 5) t;
SELECT (rnn_dataset(t, 2, 2, 1, 1, true ORDER BY t)).* FROM generate_series(1, 5) t;
SELECT (rnn_dataset(t, 2, 2, 3, 2 ORDER BY t)).* FROM generate_series(1, 10) t;

-- array_agg over a window frame says the same, for every stride and rate
SELECT setseed(0.5);
CREATE TABLE r AS SELECT t, random() AS v FROM generate_series(0, 99) t;
CREATE FUNCTION framed(steps int, stride int, rate int) RETURNS float8[] LANGUAGE sql AS $$
	SELECT array_agg(frame ORDER BY t) FROM
		(SELECT t, array_agg(v) OVER (PARTITION BY t % rate ORDER BY t ROWS BETWEEN CURRENT ROW AND steps - 1 FOLLOWING) AS frame FROM r) s
	WHERE array_length(frame, 1) = steps AND t % stride = 0
$$;
CREATE FUNCTION flat(a float8[]) RETURNS float8[] LANGUAGE sql AS 'SELECT array_agg(u ORDER BY n) FROM unnest(a) WITH ORDINALITY q(u, n)';
SELECT count(*) AS cases,
	bool_and(flat(f) = flat(w)) AS equal,
	bool_and(rnn_shape(w) = rnn_shape(f) || 1) AS same_shape
FROM generate_series(1, 5) stride, generate_series(1, 4) rate, unnest(ARRAY[1, 2, 7, 25]) steps,
	LATERAL (SELECT rnn_windows(v, steps, stride, rate ORDER BY t) AS w FROM r) a,
	LATERAL framed(steps, stride, rate) f;
-- two features are two such tensors side by side
SELECT bool_and(flat(w) = (SELECT array_agg(u ORDER BY n) FROM
		(SELECT u, 2 * n AS n FROM unnest(f) WITH ORDINALITY q(u, n) UNION ALL SELECT -u, 2 * n + 1 FROM unnest(f) WITH ORDINALITY q(u, n)) b)) AS equal
FROM generate_series(1, 5) stride, generate_series(1, 4) rate,
	LATERAL (SELECT rnn_windows(ARRAY[v, -v], 7, stride, rate ORDER BY t) AS w FROM r) a,
	LATERAL framed(7, stride, rate) f;
-- x and y of a dataset are the windows of time_steps + horizon rows, cut
SELECT bool_and(NOT EXISTS (SELECT FROM generate_series(1, array_length(w, 1)) i, generate_series(1, 9) j
	WHERE w[i][j][1] IS DISTINCT FROM CASE WHEN j <= 7 THEN (d).x[i][j][1] ELSE (d).y[i][j - 7] END)) AS equal
FROM generate_series(1, 5) stride, generate_series(1, 4) rate,
	LATERAL (SELECT rnn_windows(v, 9, stride, rate ORDER BY t) AS w, rnn_dataset(v, 7, 2, stride, rate ORDER BY t) AS d FROM r) a;
SELECT bool_and(NOT EXISTS (SELECT FROM generate_series(1, array_length(w, 1)) i, generate_series(1, 7) j, generate_series(1, 2) k
	WHERE w[i][j + k][1] IS DISTINCT FROM (d).y[i][j][k])) AS equal
FROM generate_series(1, 5) stride, generate_series(1, 4) rate,
	LATERAL (SELECT rnn_windows(v, 9, stride, rate ORDER BY t) AS w, rnn_dataset(v, 7, 2, stride, rate, true ORDER BY t) AS d FROM r) a;

-- groups, filters, moving and growing frames
SELECT g, rnn_windows(t, 2 ORDER BY t) FROM (SELECT t, t % 3 AS g FROM generate_series(1, 9) t) s GROUP BY g ORDER BY g;
SELECT rnn_windows(t, 2 ORDER BY t) FILTER (WHERE t > 3) FROM generate_series(1, 6) t;
SELECT t, rnn_windows(t, 1) OVER (ORDER BY t ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM generate_series(1, 4) t;
SELECT t, rnn_windows(t, 1, 2) OVER (ORDER BY t) FROM generate_series(1, 4) t;
SELECT count(DISTINCT rnn_shape), min(rnn_shape) FROM
	(SELECT rnn_shape(rnn_windows(t, 5 ORDER BY t)) FROM generate_series(1, 100000) t GROUP BY t % 5000) s;

DROP FUNCTION framed, flat;
DROP TABLE r, w;
