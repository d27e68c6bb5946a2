-- rnn_shape and rnn_unstack
SELECT * FROM rnn_unstack('{}');
SELECT * FROM rnn_unstack('{1,2}');
SELECT * FROM rnn_unstack('{{{1}}}', 0);
SELECT * FROM rnn_unstack('{{{1}}}', 4);
SELECT * FROM rnn_unstack('{{{1},{NULL}}}');
SELECT count(*) AS no_tensor FROM rnn_unstack(NULL);
SELECT rnn_shape(NULL) IS NULL AS no_tensor, rnn_shape('{}') AS empty, rnn_shape('{1,2,3}') AS vector;

-- 33 rows, windows of 30: at each of 30 time steps the layer sees (4, 1)
CREATE TABLE x AS SELECT rnn_windows(t, 30 ORDER BY t) AS x FROM generate_series(1, 33) t;
SELECT rnn_shape(x) FROM x;
SELECT count(*) AS steps, min(rnn_shape(slice)) AS narrowest, max(rnn_shape(slice)) AS widest FROM x, rnn_unstack(x);
SELECT slice AS last_step FROM x, rnn_unstack(x) WHERE index = 30;
SELECT bool_and(slice[b][1] = x[b][index][1]) AS equal, count(*) FROM x, rnn_unstack(x), generate_series(1, 4) b;

SELECT * FROM rnn_unstack('{{{1,2},{3,4}},{{5,6},{7,8}},{{9,10},{11,12}}}', 1);
SELECT * FROM rnn_unstack('{{{1,2},{3,4}},{{5,6},{7,8}},{{9,10},{11,12}}}');
SELECT * FROM rnn_unstack('{{{1,2},{3,4}},{{5,6},{7,8}},{{9,10},{11,12}}}', 3);
SELECT * FROM rnn_unstack('{1,NaN,3}', 1);
-- lower bounds of the argument do not matter
SELECT * FROM rnn_unstack('[5:6][0:1]={{1,2},{3,4}}'::float8[]);
DROP TABLE x;

-- what every reader of tensors checks, with the place of the value at fault
CREATE TABLE m AS SELECT rnn_init(rnn_sequential(rnn_simple(3), rnn_dense(1)), '{2,1}', seed => 1) AS m;
SELECT rnn_predict(m, '{}') FROM m;
SELECT rnn_predict(m, '{{{{1}}}}') FROM m;
SELECT rnn_predict(m, '{{{1},{NULL}}}') FROM m;
SELECT rnn_predict(m, '{{{1},{NaN}}}') FROM m;
SELECT rnn_predict(m, '{{{1},{2}},{{-Infinity},{2}}}') FROM m;
SELECT rnn_predict(m, '{{{1},{1e39}}}') FROM m;
-- one window may leave out the batch, one feature the last dimension
SELECT rnn_shape(rnn_predict(m, '{1,2}')) AS vector, rnn_shape(rnn_predict(m, '{{1,2},{3,4}}')) AS matrix,
	rnn_predict(m, '{1,2}') = rnn_predict(m, '{{{1},{2}}}') AS same FROM m;
DROP TABLE m;
