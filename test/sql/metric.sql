-- accuracy aggregates: bad input, then values against PostgreSQL's own aggregates
SELECT rnn_mase(1, 2, 0);
SELECT rnn_pinball(1, 2, 1.5);
SELECT rnn_metric_mean('{1,2,3}');
SELECT rnn_mae(y, f) IS NULL AS no_rows FROM (VALUES (1.0, 1.0)) v(y, f) WHERE false;
SELECT rnn_mape(0, 1) IS NULL AS only_zero;

CREATE TABLE metric_t AS
SELECT CASE WHEN i % 17 = 0 THEN NULL ELSE sin(i) * 10 END AS y,
       CASE WHEN i % 19 = 0 THEN NULL ELSE sin(i + 0.1) * 11 END AS f
FROM generate_series(1, 5000) i;

SELECT abs(rnn_mae(y, f) - avg(abs(y - f))) < 1e-9 AS mae,
       abs(rnn_rmse(y, f) - sqrt(avg((y - f) ^ 2))) < 1e-9 AS rmse,
       abs(rnn_mape(y, f) - avg(100 * abs((y - f) / y))) < 1e-6 AS mape,
       abs(rnn_smape(y, f) - avg(200 * abs(y - f) / (abs(y) + abs(f)))) < 1e-9 AS smape,
       abs(rnn_mase(y, f, 2) - avg(abs(y - f) / 2)) < 1e-9 AS mase,
       abs(rnn_pinball(y, f, 0.9) - avg(greatest(0.9 * (y - f), -0.1 * (y - f)))) < 1e-9 AS pinball,
       abs(rnn_coverage(y, f - 1, f + 1) - avg((y BETWEEN f - 1 AND f + 1)::int)) < 1e-9 AS coverage
FROM metric_t WHERE f IS NOT NULL;
SELECT rnn_smape(0, 0) AS both_zero, rnn_mae(3, NULL) IS NULL AS null_skipped;

-- partial states add up in parallel plans
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE metric_t SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT rnn_rmse(y, f) FROM metric_t;
SELECT round(rnn_rmse(y, f)::numeric, 9) = round(sqrt(avg((y - f) ^ 2))::numeric, 9) AS parallel_rmse FROM metric_t;
DROP TABLE metric_t;
