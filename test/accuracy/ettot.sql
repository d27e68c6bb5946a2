-- ETTh1 (hourly, from July 2016): 24 hours ahead from every hour of the test part, rows 11521 to 14400.
-- Training rows 1 to 8640; all values z-scored by their mean and deviation.  Oil temperature alone.
CREATE TABLE ettot_wide(ts timestamp, "HUFL" float8, "HULL" float8, "MUFL" float8, "MULL" float8, "LUFL" float8, "LULL" float8, "OT" float8);
\copy ettot_wide FROM 'ETTh1.csv' CSV HEADER
CREATE TABLE ettot AS
WITH long AS (SELECT channel, ts, value::float8, row_number() OVER (PARTITION BY channel ORDER BY ts) AS place
	FROM ettot_wide w, jsonb_each_text(to_jsonb(w) - 'ts') e(channel, value) WHERE channel = 'OT')
SELECT channel, ts, place, (value - mean) / sd AS value
FROM long JOIN (SELECT channel, avg(value) AS mean, stddev_pop(value) AS sd FROM long WHERE place <= 8640 GROUP BY channel) t USING (channel)
WHERE place <= 14400;
CREATE TEMP VIEW training AS SELECT rnn_panel(channel, ts, value) AS p FROM ettot WHERE place <= 8640;
CREATE TEMP VIEW history AS SELECT rnn_panel(channel, ts, value) AS p FROM ettot;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('ettot', '{}', 24, 2880, 1, 24, :seeds);
