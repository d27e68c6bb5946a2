-- All that must be the same before and after: printed in two runs and compared.
SET timezone = 'UTC';
SELECT 'forecast', m.name, f.* FROM model m, rnn_forecast(m.model, horizon => 9, confidence_levels => '{0.8,0.95}') f ORDER BY m.name, f.series_id, f.step, f.confidence_level;
SELECT 'predict', rnn_predict(model, '{{{1},{2},{3}}}') FROM tensor;
SELECT 'network', network, md5(rnn_init(network, '{5,1}', 1)) FROM network;
SELECT 'panel', md5(panel::text) FROM panel;
SELECT 'describe', d.* FROM panel, rnn_describe(panel) d ORDER BY d.series_id;
SELECT 'trained again', md5(rnn_train(panel, '"ridge"', '{"horizon": 7}')) FROM panel;
SELECT 'step', s.series_id, x.* FROM model m, state s, rnn_step(m.model, s.state, date '2024-04-30', 20) x WHERE m.name = 'default' ORDER BY s.series_id;
SELECT 'managed', f.* FROM rnn_forecast('sales', horizon => 7) f ORDER BY f.series_id, f.step;
SELECT 'models', name, owner, query, network, options, active_version FROM rnn_models;
SELECT 'versions', v.name, v.version, v.sha256, v.rows, v.loss, v.naive_loss, md5(b.model) FROM rnn_model_versions v JOIN rnn_model_bytes b USING (name, version) ORDER BY version;
SELECT 'stored', name, version, series_id, forecast_time, step, forecast_value FROM rnn_forecasts ORDER BY series_id, step;
SELECT 'members', count(*), (SELECT extversion FROM pg_extension WHERE extname = 'forecast_rnn')
FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'forecast_rnn')
	-- 17 no longer has array types of some composite types as members of their own
	AND classid <> 'pg_type'::regclass;
