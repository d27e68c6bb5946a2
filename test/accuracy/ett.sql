-- ETTh1 (hourly, from July 2016): 96 hours ahead from every hour of the test part, rows 11521 to 14400.
-- Training rows 1 to 8640; all values z-scored by their mean and deviation.  Seven channels as seven series.
CREATE TABLE ett_wide(ts timestamp, "HUFL" float8, "HULL" float8, "MUFL" float8, "MULL" float8, "LUFL" float8, "LULL" float8, "OT" float8);
\copy ett_wide FROM 'ETTh1.csv' CSV HEADER
CREATE TABLE ett AS
WITH long AS (SELECT channel, ts, value::float8, row_number() OVER (PARTITION BY channel ORDER BY ts) AS place
	FROM ett_wide w, jsonb_each_text(to_jsonb(w) - 'ts') e(channel, value))
SELECT channel, ts, place, (value - mean) / sd AS value
FROM long JOIN (SELECT channel, avg(value) AS mean, stddev_pop(value) AS sd FROM long WHERE place <= 8640 GROUP BY channel) t USING (channel)
WHERE place <= 14400;
CREATE TEMP VIEW training AS SELECT rnn_panel(channel, ts, value) AS p FROM ett WHERE place <= 8640;
CREATE TEMP VIEW history AS SELECT rnn_panel(channel, ts, value) AS p FROM ett;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('ett', '{}', 96, 2880, 1, 24, :seeds);
