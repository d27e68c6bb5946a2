-- Géron's synthetic task, at full size: 9 000 waves from the formula (two sines and noise),
-- 7 000 for training, 2 000 for validation; inputs are the first 50 values.
--   one step  (51 points):  SimpleRNN(20) -> SimpleRNN(20) -> Dense(1),  20 epochs: validation MSE <= 0.0035
--   ten steps (60 points):  SimpleRNN(20) -> SimpleRNN(20) -> Dense(10), 20 epochs: validation MSE <= 0.012
-- The same seed twice must give the same bytes.
\set ON_ERROR_STOP 1
\timing off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
RESET client_min_messages;
SET maintenance_work_mem = '256MB';

-- uniform numbers from a hash: the same on every machine and version
CREATE FUNCTION pg_temp.uniform(series int, what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || substr(md5(series || '/' || what), 1, 8))::bit(32)::bigint::float8 / 4294967296 $$;
CREATE TEMP TABLE task (outputs int, threshold float8, model bytea, again bytea, seconds float8);
INSERT INTO task VALUES (1, 0.0035), (10, 0.012);
CREATE TEMP TABLE wave AS
SELECT outputs, s, array_agg(0.5 * sin((u - o1) * (f1 * 10 + 10)) + 0.2 * sin((u - o2) * (f2 * 20 + 20))
		+ 0.1 * (pg_temp.uniform(s, i::text) - 0.5) ORDER BY i) AS v
  FROM (SELECT s, pg_temp.uniform(s, 'o1') o1, pg_temp.uniform(s, 'o2') o2, pg_temp.uniform(s, 'f1') f1, pg_temp.uniform(s, 'f2') f2
	FROM generate_series(1, 9000) s) w, task, generate_series(0, 49 + outputs) i, LATERAL (SELECT i / (49.0::float8 + outputs) AS u) point
 GROUP BY outputs, s;
CREATE TEMP TABLE part AS
SELECT outputs, array_agg(v[1:50] ORDER BY s) FILTER (WHERE s <= 7000) AS x, array_agg(v[51:] ORDER BY s) FILTER (WHERE s <= 7000) AS y,
	array_agg(v[1:50] ORDER BY s) FILTER (WHERE s > 7000) AS x_val, array_agg(v[51:] ORDER BY s) FILTER (WHERE s > 7000) AS y_val
  FROM wave GROUP BY outputs;

DO $$
DECLARE
	t record;
	trained bytea;
	began timestamptz;
BEGIN
	FOR t IN SELECT * FROM part LOOP
		FOR time IN 1 .. CASE WHEN t.outputs = 1 THEN 2 ELSE 1 END LOOP
			began := clock_timestamp();
			trained := rnn_fit(rnn_sequential(rnn_simple(20, return_sequences => true), rnn_simple(20), rnn_dense(t.outputs)),
				t.x, t.y, '{"epochs":20,"batch_size":32,"seed":42}', t.x_val, t.y_val);
			UPDATE task SET model = coalesce(model, trained), again = CASE WHEN model IS NOT NULL THEN trained END,
				seconds = extract(epoch FROM clock_timestamp() - began) WHERE outputs = t.outputs;
		END LOOP;
	END LOOP;
END $$;

CREATE TEMP TABLE result AS
SELECT outputs, e.mean_squared_error AS mse, threshold,
	(SELECT avg((v[50 + h] - v[50]) ^ 2) FROM wave, generate_series(1, outputs) h WHERE s > 7000 AND wave.outputs = part.outputs) AS naive_mse,
	seconds, md5(model) = md5(again) AS same_bytes
  FROM task JOIN part USING (outputs), LATERAL rnn_evaluate(model, x_val, y_val) e;
SELECT outputs AS steps, round(mse::numeric, 5) AS mse, threshold, round(naive_mse::numeric, 4) AS naive_mse,
	round(seconds::numeric, 1) AS seconds, same_bytes FROM result ORDER BY outputs;

DO $$
BEGIN
	IF (SELECT bool_or(mse > threshold OR mse > naive_mse OR (outputs = 1 AND same_bytes IS NOT TRUE)) OR count(*) <> 2 FROM result) THEN
		RAISE 'a threshold was missed, or the same seed gave other bytes';
	END IF;
END $$;
