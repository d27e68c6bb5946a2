-- what a backend keeps of the models it has met: never another model's answer, however often models of one size change places
SET client_min_messages = warning;
CREATE TABLE cache_t AS SELECT s AS id, date '2020-01-01' + i AS ts, 10 + s + 2 * sin(2 * pi() * i / 7) + (hashint4(i * s) % 1000) / 1000.0 AS v
FROM generate_series(1, 2) s, generate_series(0, 119) i;
CREATE TABLE cache_m(k int, m bytea);
ALTER TABLE cache_m ALTER m SET STORAGE EXTERNAL;
INSERT INTO cache_m
SELECT k, rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_lstm(8, return_sequences => k < 4), rnn_dense(3)), jsonb_build_object('seed', k,
	'mode', CASE WHEN k < 4 THEN 'sequence' ELSE 'window' END) || '{"horizon":3,"time_steps":14,"epochs":2,"ensemble":1,"mix":0.8,"highway":false,"calendar":true}')
FROM cache_t, generate_series(1, 5) k GROUP BY k;
SELECT count(DISTINCT m) AS models, min(length(m)) > 4000 AS out_of_line FROM cache_m;
CREATE TABLE cache_state AS SELECT k, series_id, state FROM cache_m, rnn_state(m);
-- every number of an answer
CREATE FUNCTION cache_say(what text, m bytea, which int) RETURNS float8[] LANGUAGE plpgsql AS $$
BEGIN
	CASE what
		WHEN 'step' THEN
			RETURN (SELECT array_agg(expected_value) || array_agg(r.forecast_value) || array_agg(r.prediction_interval_upper_bound)
				FROM (SELECT state FROM cache_state WHERE k = which ORDER BY series_id) s, rnn_step(m, state, date '2020-05-01', 11) r);
		WHEN 'refused' THEN
			PERFORM rnn_step(m, state, date '2020-05-01', 11) FROM cache_state WHERE k = which % 5 + 1;
			RETURN '{0}';
		ELSE
			RETURN (SELECT array_agg(forecast_value ORDER BY series_id, step) || array_agg(standard_error ORDER BY series_id, step) ||
				array_agg(prediction_interval_upper_bound ORDER BY series_id, step)
				FROM rnn_forecast(m, horizon => CASE what WHEN 'long' THEN 20 WHEN 'short' THEN 2 WHEN 'one' THEN 1 WHEN 'week' THEN 7 END, confidence_level => CASE what WHEN 'sure' THEN 0.5 END));
	END CASE;
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN '{-1}';
END $$;
-- the answers of a backend that has not met the model before
CREATE TABLE cache_want(k int, what text, answer float8[]);
\c -
INSERT INTO cache_want SELECT k, 'own', cache_say('own', m, k) FROM cache_m;
\c -
INSERT INTO cache_want SELECT k, 'long', cache_say('long', m, k) FROM cache_m;
\c -
INSERT INTO cache_want SELECT k, 'short', cache_say('short', m, k) FROM cache_m;
\c -
INSERT INTO cache_want SELECT k, 'one', cache_say('one', m, k) FROM cache_m;
\c -
INSERT INTO cache_want SELECT k, 'week', cache_say('week', m, k) FROM cache_m;
\c -
INSERT INTO cache_want SELECT k, 'sure', cache_say('sure', m, k) FROM cache_m;
\c -
INSERT INTO cache_want SELECT k, 'step', cache_say('step', m, k) FROM cache_m;
INSERT INTO cache_want SELECT k, 'refused', '{-1}' FROM cache_m;
SELECT what, count(DISTINCT answer) AS answers, min(cardinality(answer)) AS numbers, sum(cardinality(array_positions(answer, NULL))) AS missing
FROM cache_want GROUP BY 1 ORDER BY 1;

-- one place for all of them, in one transaction; now and then a change is undone
CREATE TABLE cache_slot(m bytea);
ALTER TABLE cache_slot ALTER m SET STORAGE EXTERNAL;
INSERT INTO cache_slot SELECT m FROM cache_m WHERE k = 1;
CREATE FUNCTION cache_rounds(rounds int) RETURNS TABLE(asked bigint, equal bigint) LANGUAGE plpgsql AS $$
DECLARE
	now int := 1;
	next int;
	w record;
	held bytea;
BEGIN
	asked := 0; equal := 0;
	FOR i IN 1 .. rounds LOOP
		next := 1 + abs(hashint4(i)) % 5;
		BEGIN
			UPDATE cache_slot SET m = (SELECT cache_m.m FROM cache_m WHERE k = next);
			IF i % 3 = 0 THEN
				PERFORM cache_say('own', m, next) FROM cache_slot;
				RAISE division_by_zero;
			END IF;
			now := next;
		EXCEPTION WHEN division_by_zero THEN
		END;
		SELECT m INTO held FROM cache_slot;
		FOR w IN SELECT what, answer FROM cache_want WHERE k = now ORDER BY hashint4(i + length(what)) LOOP
			asked := asked + 4;
			-- where it is stored, as a variable holds it, in memory, in another row
			equal := equal + (SELECT (cache_say(w.what, m, now) = w.answer)::int FROM cache_slot) + (cache_say(w.what, held, now) = w.answer)::int +
				(cache_say(w.what, held || '', now) = w.answer)::int + (SELECT (cache_say(w.what, m, now) = w.answer)::int FROM cache_m WHERE k = now);
		END LOOP;
	END LOOP;
	RETURN NEXT;
END $$;
SELECT asked, asked = equal AS equal FROM cache_rounds(40);
SELECT asked, asked = equal AS equal FROM cache_rounds(40);
-- one transaction after the other, the table written anew in between
UPDATE cache_slot SET m = (SELECT m FROM cache_m WHERE k = 2);
SELECT cache_say('own', m, 2) = (SELECT answer FROM cache_want WHERE k = 2 AND what = 'own') AS equal FROM cache_slot;
VACUUM FULL cache_slot;
SELECT cache_say('own', m, 2) = (SELECT answer FROM cache_want WHERE k = 2 AND what = 'own') AS equal FROM cache_slot;
TRUNCATE cache_slot;
INSERT INTO cache_slot SELECT m FROM cache_m WHERE k = 3;
SELECT cache_say('own', m, 3) = (SELECT answer FROM cache_want WHERE k = 3 AND what = 'own') AS equal FROM cache_slot;
-- model after model in one query
SELECT count(*) AS rows, bool_and(forecast_value = answer[1]) AS equal
FROM generate_series(1, 40) i, LATERAL (SELECT m, answer FROM cache_m JOIN cache_want USING (k) WHERE k = 1 + i % 5 AND what = 'own') q,
	rnn_forecast(m) WHERE series_id = '1' AND step = 1;
DROP TABLE cache_t, cache_m, cache_state, cache_want, cache_slot;
DROP FUNCTION cache_say, cache_rounds;
