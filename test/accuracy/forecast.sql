-- A temporary table of the forecasts to score.
CREATE TEMP TABLE forecast(series_id text, actual float8, forecast float8, low80 float8, high80 float8, low90 float8, high90 float8);
