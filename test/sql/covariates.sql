-- covariates by name: bad input, the panel's forms, roles, categories, static covariates
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SELECT setseed(0.6);
CREATE TABLE cov AS
SELECT s, date '2024-01-01' + k AS day, k, random() < 0.15 AS promo, 10 + sin(k / 9.0 + s) + 0.5 * (random() - 0.5) AS price,
	CASE floor(random() * 9) WHEN 0 THEN 'rain' WHEN 1 THEN 'snow' ELSE 'dry' END AS weather, CASE WHEN s % 2 = 0 THEN 'Paris' ELSE 'Rome' END AS city, 100.0 * s AS size, random() AS noise
FROM generate_series(1, 6) s, generate_series(0, 119) k;
CREATE VIEW sold AS SELECT *, 50 + 20 * promo::int - 3 * price + CASE weather WHEN 'rain' THEN -15 WHEN 'snow' THEN 8 ELSE 0 END + noise AS units FROM cov;

-- ---- bad input ----
SELECT rnn_panel(day, 1, '[1, 2]'::jsonb) FROM cov;
SELECT rnn_panel(day, 1, '3'::jsonb) FROM cov;
SELECT rnn_panel(day, 1, NULL::jsonb) FROM cov;
SELECT rnn_panel(day, 1, '{"a": [1]}'::jsonb) FROM cov;
SELECT rnn_panel(day, 1, '{"": 1}'::jsonb) FROM cov;
SELECT rnn_panel(day, 1, jsonb_build_object(repeat('n', 256), 1)) FROM cov;
SELECT rnn_panel(day, 1, jsonb_build_object('a', repeat('w', 256))) FROM cov;
SELECT rnn_panel(day, 1, jsonb_build_object('a', 'NaN'::float8)) FROM cov;
SELECT rnn_panel(day, 1, '{"a": 1e400}'::jsonb) FROM cov;
SELECT rnn_panel(day, 1, '{"a": 1, "b": "-Infinity"}'::jsonb) FROM cov;
SELECT rnn_panel(day, 1, c) FROM (VALUES (date '2024-01-01', '{"a": 1, "b": 2}'::jsonb), ('2024-01-02', '{"a": 1}')) r(day, c);
SELECT rnn_panel(day, 1, c) FROM (VALUES (date '2024-01-01', '{"a": 1}'::jsonb), ('2024-01-02', '{"a": 1, "b": 2}')) r(day, c);
SELECT rnn_panel('x', day, 1, c) FROM (VALUES (date '2024-01-01', '{"a": 1}'::jsonb), ('2024-01-02', '{"a": "one"}')) r(day, c);
SELECT rnn_panel(day, 1, jsonb_build_object('a', k::text)) FROM (SELECT date '2024-01-01' + k AS day, k FROM generate_series(0, 1000) k) r;
SELECT rnn_panel(p) FROM (SELECT rnn_panel(day, 1, '{"a": 1}'::jsonb) AS p FROM cov UNION ALL SELECT rnn_panel(day, 1, '{1}'::float8[]) FROM cov) p;
SELECT rnn_panel(p) FROM (SELECT rnn_panel(day, 1, c) AS p FROM (VALUES (date '2024-01-01', '{"a": 1}'::jsonb), ('2024-01-02', '{"b": 1}')) r(day, c) GROUP BY day ORDER BY day) p;
SELECT '{"time":"date","covariates":2,"names":["a"],"series":[{"id":null,"rows":[["2024-01-01",1,[1,2]]]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":2,"names":["b","a"],"series":[{"id":null,"rows":[["2024-01-01",1,[1,2]]]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":0,"names":[],"series":[{"id":null,"rows":[["2024-01-01",1]]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":1,"series":[{"id":null,"rows":[["2024-01-01",1,["x"]]]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":1,"names":["a"],"series":[{"id":null,"rows":[["2024-01-01",1,["x"]],["2024-01-02",1,[2]]]}]}'::rnn_panel;

-- ---- the panel: names in the order of jsonb, texts as they are, in any order of rows and however it is made ----
SELECT rnn_panel(day, 1, c) FROM (VALUES (date '2024-01-02', '{"price": 2.5, "on": true, "city": null}'::jsonb), ('2024-01-01', '{"city": "a \"b\"", "on": false, "price": null}')) r(day, c);
CREATE TABLE cov_panel AS SELECT rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', price, 'weather', weather, 'city', city)) AS p FROM sold;
SELECT p = p::text::rnn_panel AS as_text, p::text = p::text::rnn_panel::text AS same_text,
	p = (SELECT rnn_panel(q) FROM (SELECT rnn_panel(s, day, units, jsonb_build_object('city', city, 'weather', weather, 'price', price, 'promo', promo)) AS q FROM sold GROUP BY s % 2, weather) parts) AS joined,
	p = (SELECT rnn_panel(s, day, units, to_jsonb(r) - '{s,day,k,size,noise,units}'::text[] ORDER BY noise) FROM sold r) AS any_order,
	p <> (SELECT rnn_panel(s, day, units, rnn_covariates(1, promo, price, 2)) FROM sold) AS unlike_an_array FROM cov_panel;
-- partial states of a parallel plan
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
ALTER TABLE cov SET (parallel_workers = 2);
SELECT p = (SELECT rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', price, 'weather', weather, 'city', city)) FROM sold) AS parallel FROM cov_panel;
SELECT count(*) FROM (SELECT rnn_panel(s, day, units, CASE WHEN s < 4 THEN jsonb_build_object('a', 1) ELSE jsonb_build_object('b', 1) END) FROM sold) p;
RESET max_parallel_workers_per_gather;

-- ---- training: names are in the card and the info, the roles by name, constant in each series is static ----
CREATE TABLE cov_m AS SELECT rnn_train(p, 'ridge', '{"horizon": 7, "seasonality": "none", "transform": "none", "covariates": {"promo": "both", "weather": "both"}}') AS m FROM cov_panel;
SELECT jsonb_pretty(rnn_model_info(m) -> 'covariate_columns') AS columns, rnn_model_info(m) -> 'covariates' AS n FROM cov_m;
SELECT value FROM cov_m, rnn_model_card(m) WHERE item = 'covariates';
SELECT rnn_train(p, 'ridge', '{"covariates": {"prize": "past"}}') FROM cov_panel;
SELECT rnn_train(p, 'ridge', '{"covariates": {"price": "future"}}') FROM cov_panel;
SELECT rnn_train(p, 'ridge', '{"covariates": ["price"]}') FROM cov_panel;
SELECT rnn_train(p, 'ridge', '{"covariates": {"price": "static"}}') FROM cov_panel;
SELECT rnn_train(rnn_panel(day, units, ARRAY[price]), 'ridge', '{"covariates": {"price": "past"}}') FROM sold WHERE s = 1;
SELECT rnn_train(rnn_panel(s, day, units, jsonb_build_object('note', s::text || k)), 'ridge') FROM sold WHERE k < 50;
SELECT value FROM cov_panel, rnn_model_card(rnn_train(p, 'ridge', '{"horizon": 7, "covariates": {"price": "past", "promo": "both", "city": "known"}}')) WHERE item = 'covariates';

-- ---- the effects are learned, and future rows are matched by name ----
CREATE VIEW plan AS SELECT s, day, units, promo, price, weather, city FROM sold
UNION ALL SELECT s, date '2024-01-01' + 120 + j, NULL, j = 3, 10, CASE j WHEN 1 THEN 'rain' WHEN 5 THEN 'snow' ELSE 'dry' END, CASE WHEN s % 2 = 0 THEN 'Paris' ELSE 'Rome' END FROM generate_series(1, 6) s, generate_series(0, 6) j;
SELECT step, avg(f.forecast_value - (20.5 + 20 * (step = 4)::int + CASE step WHEN 2 THEN -15 WHEN 6 THEN 8 ELSE 0 END)) BETWEEN -1.5 AND 1.5 AS right, min(forecast_status) AS status
FROM cov_m, (SELECT rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', price, 'weather', weather, 'city', city)) AS p FROM plan) p, rnn_forecast(m, p) f GROUP BY step ORDER BY step;
SELECT name, importance > 0.05 AS matters FROM cov_m, cov_panel, rnn_importance(m, p, 30) WHERE name <> 'city' ORDER BY covariate;
-- names that are missing, further ones, none, of another kind, unknown in the steps to forecast, an unknown text
SELECT count(*) FROM cov_m, rnn_forecast(m, (SELECT rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', price, 'city', city)) FROM plan));
SELECT count(*) FROM cov_m, rnn_forecast(m, (SELECT rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', price, 'weather', weather, 'city', city, 'wind', 1)) FROM plan));
SELECT count(*) FROM cov_m, rnn_forecast(m, (SELECT rnn_panel(s, day, units, rnn_covariates(promo, price, 1, 2)) FROM plan));
SELECT count(*) FROM cov_m, rnn_forecast(m, (SELECT rnn_panel(s, day, units) FROM plan));
SELECT count(*) FROM cov_m, rnn_forecast(m, (SELECT rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', price, 'weather', 1, 'city', city)) FROM plan));
SELECT count(*) FROM (SELECT rnn_train(rnn_panel(s, day, units, ARRAY[price]), 'ridge', '{"horizon": 7}') AS m FROM sold) m, rnn_forecast(m, (SELECT rnn_panel(s, day, units, jsonb_build_object('price', price)) FROM plan));
SELECT forecast_status, count(*), array_agg(DISTINCT step ORDER BY step) AS steps FROM cov_m, rnn_forecast(m, (SELECT rnn_panel(s, day, units,
	jsonb_build_object('promo', promo, 'price', CASE WHEN day < '2024-05-03' THEN price END, 'weather', CASE WHEN day = '2024-05-01' THEN 'hail' ELSE weather END, 'city', city)) FROM plan)) GROUP BY 1 ORDER BY 1 NULLS FIRST;
SELECT series_id, count(*), min(forecast_status) AS status FROM cov_m, rnn_forecast(m, (SELECT rnn_panel(s, day, units,
	jsonb_build_object('promo', promo, 'price', price, 'weather', weather, 'city', CASE WHEN s = 2 AND day > '2024-04-01' THEN 'Oslo' ELSE city END)) FROM plan WHERE s < 4)) GROUP BY 1 ORDER BY 1;
-- a covariate of the past alone needs no future; one of the future alone is no input of the window
SELECT DISTINCT forecast_status FROM (SELECT rnn_train(p, 'ridge', '{"horizon": 7, "covariates": {"price": "past", "promo": "known", "weather": "both"}}') AS m FROM cov_panel) m,
	rnn_forecast(m, (SELECT rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', CASE WHEN units IS NOT NULL THEN price END, 'weather', weather, 'city', city)) FROM plan));
-- other functions that forecast take the names too
SELECT count(*) AS backtest FROM cov_m, cov_panel, rnn_backtest(m, p, hold_out => 14);
SELECT count(*) = 6 AS states, bool_and(forecast_value BETWEEN 0 AND 60) AS stepped FROM (SELECT rnn_train(rnn_panel(s, day, units, jsonb_build_object('promo', promo, 'price', price, 'city', city)), 'ridge', '{"horizon": 7}') AS m FROM sold) m,
	rnn_state(m) s, rnn_step(m, s.state, date '2024-04-30', 20, '{10,0}', '{10,0}') r;
SELECT count(*) FROM cov_m, rnn_state(m) s, rnn_step(m, s.state, date '2024-04-30', 20, '{10,0,0,0,1}');
SELECT count(*) AS warm FROM cov_m, rnn_forecast((SELECT rnn_train(p, m) FROM cov_panel), horizon => 2);

-- ---- static covariates: a category that shifts the level, and a series that the model has not seen ----
-- random numbers that are the same on each server version: random() is another generator before 15
CREATE FUNCTION noise(s int, k int, n int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(concat_ws(' ', s, k, n)), 1, 8))::bit(32)::bigint::float8 / 4294967296 $$;
CREATE TABLE shop AS SELECT s, k::bigint, CASE s % 3 WHEN 0 THEN 'small' WHEN 1 THEN 'middle' ELSE 'large' END AS kind, s % 7 AS staff, mean,
	mean + 12 * (noise(s, k, 1) + noise(s, k, 2) + noise(s, k, 3) - 1.5) AS v FROM generate_series(1, 60) s, generate_series(1, 40) k,
	LATERAL (SELECT CASE s % 3 WHEN 0 THEN 20 WHEN 1 THEN 60 ELSE 150 END + 3 * (s % 7) AS mean) level;
CREATE TABLE shop_m AS SELECT 'static' AS model, rnn_train(rnn_panel(s, k, v, jsonb_build_object('kind', kind, 'staff', staff)), 'ridge', '{"horizon": 4, "time_steps": 1}') AS m FROM shop WHERE s <= 48
UNION ALL SELECT 'plain', rnn_train(rnn_panel(s, k, v), 'ridge', '{"horizon": 4, "time_steps": 1}') FROM shop WHERE s <= 48;
SELECT value FROM shop_m, rnn_model_card(m) WHERE model = 'static' AND item = 'covariates';
-- new series of three rows: the error is clearly less than without static covariates, and near that of the true mean; of ten other draws 0.61 to 0.82 and 0.98 to 1.04 times theirs
CREATE TABLE shop_e AS SELECT model, avg(abs(f.forecast_value - v)) AS error, avg(abs(mean - v)) AS least FROM shop_m,
	LATERAL (SELECT CASE model WHEN 'static' THEN (SELECT rnn_panel(s, k, v, jsonb_build_object('kind', kind, 'staff', staff)) FROM shop WHERE s > 48 AND k <= 3) ELSE (SELECT rnn_panel(s, k, v) FROM shop WHERE s > 48 AND k <= 3) END AS p) p,
	rnn_forecast_index(m, p) f JOIN shop ON s::text = f.series_id AND k = f.forecast_index WHERE s > 48 GROUP BY model;
SELECT max(error) FILTER (WHERE model = 'static') < 0.9 * max(error) FILTER (WHERE model = 'plain') AS helps, max(error) FILTER (WHERE model = 'static') < 1.1 * max(least) AS near_the_mean FROM shop_e;
-- a new series of a kind, however its rows lie, is drawn to the level of the kind
SELECT kind, f.forecast_value BETWEEN lo AND hi AS drawn, forecast_status FROM shop_m, (VALUES ('small', 21.0, 40.0), ('large', 120.0, 175.0), ('never seen', 55.0, 120.0)) w(kind, lo, hi),
	LATERAL (SELECT rnn_panel('new', k, CASE k WHEN 1 THEN 55 WHEN 2 THEN 45 ELSE 50 END + CASE kind WHEN 'large' THEN 50 ELSE 0 END, jsonb_build_object('kind', kind, 'staff', 3)) AS p FROM generate_series(1, 3::bigint) k) p,
	rnn_forecast_index(m, p) f WHERE model = 'static' AND step = 4 ORDER BY kind;
SELECT name, importance > 0.01 AS matters FROM shop_m, rnn_importance(m, (SELECT rnn_panel(s, k, v, jsonb_build_object('kind', kind, 'staff', staff)) FROM shop)) WHERE model = 'static' ORDER BY name;
SELECT count(*) AS steps, bool_and(abs(r.forecast_value - f.forecast_value) < 1e-9) AS as_forecast FROM shop_m, rnn_state(m, (SELECT rnn_panel('new', k, 30 + 2 * k, '{"kind": "small", "staff": 1}'::jsonb) FROM generate_series(1, 5::bigint) k)) t,
	rnn_step(m, t.state, 6::bigint, 42) r, rnn_forecast_index(m, (SELECT rnn_panel('new', k, 30 + 2 * k, '{"kind": "small", "staff": 1}'::jsonb) FROM generate_series(1, 6::bigint) k)) f WHERE model = 'static' AND f.step = 1;
-- a network takes them as well, in both modes and by parallel workers
SELECT mode, count(forecast_value) AS forecasts FROM unnest(ARRAY['sequence', 'window']) mode,
	LATERAL (SELECT rnn_train(rnn_panel(s, k, v, jsonb_build_object('kind', kind)), rnn_sequential(rnn_gru(4, mode = 'sequence'), rnn_dense(4)), jsonb_build_object('epochs', 2, 'mode', mode, 'time_steps', 6)) AS m FROM shop) t, rnn_forecast_index(m) GROUP BY mode ORDER BY mode;
SELECT md5(rnn_train(rnn_panel(s, k, v, jsonb_build_object('kind', kind)), NULL::jsonb, '{"horizon": 4, "epochs": 1, "ensemble": 2, "workers": 0, "mix": 1}')) = md5(rnn_train(rnn_panel(s, k, v, jsonb_build_object('kind', kind)), NULL::jsonb, '{"horizon": 4, "epochs": 1, "ensemble": 2, "workers": 2, "mix": 1}')) AS same_bytes FROM shop;
-- without its series a model keeps what follows from static covariates: new series are forecast as by the other
SELECT count(*) AS forecasts, bool_and(abs(a.forecast_value - b.forecast_value) < 1e-6) AS same FROM shop_m, (SELECT rnn_train(rnn_panel(s, k, v, jsonb_build_object('kind', kind, 'staff', staff)), 'ridge', '{"horizon": 4, "time_steps": 1, "keep_series": false}') AS pooled FROM shop WHERE s <= 48) x,
	(SELECT rnn_panel(s, k, v, jsonb_build_object('kind', kind, 'staff', staff)) AS p FROM shop WHERE s > 48 AND k <= 3) n, rnn_forecast_index(m, p) a JOIN LATERAL rnn_forecast_index(pooled, p) b USING (series_id, step) WHERE model = 'static';

-- ---- managed models: further columns keep their names, texts are categories ----
CALL rnn_create_model('sold', 'SELECT s AS series, day AS ts, units AS value, promo, price, weather, city FROM sold', '"ridge"', '{"horizon": 7}');
SELECT value FROM rnn_model_card('sold') WHERE item = 'covariates';
SELECT name, importance > 0.05 AS matters FROM rnn_importance('sold', hold_out => 30) WHERE name <> 'city' ORDER BY name;
CALL rnn_drop_model('sold');
DROP VIEW plan, sold;
DROP TABLE cov, cov_panel, cov_m, shop, shop_m, shop_e;
