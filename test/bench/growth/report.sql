\pset footer off
SELECT what, size, rows, part, round(s::numeric, 3) AS "CPU s", round(peak / 1048576) AS "peak MB", round(panel / 1048576) AS "panel MB",
	round(estimate / 1048576) AS "declared MB", round(((peak - panel) / estimate)::numeric, 2) AS "peak without panel by declared"
FROM growth_result ORDER BY what, part DESC, size;
-- the slope of log time over log size, over the larger half of the sizes, where fixed costs no longer hide it
SELECT what, part, round(regr_slope(ln(greatest(s, 0.001)), ln(size)) FILTER (WHERE upper)::numeric, 2) AS "exponent of time",
	round(regr_slope(ln(greatest(peak, 1)), ln(size)) FILTER (WHERE upper)::numeric, 2) AS "of memory"
FROM (SELECT *, ntile(2) OVER (PARTITION BY what, part ORDER BY size DESC) = 1 AS upper FROM growth_result) r
GROUP BY what, part ORDER BY what, part DESC;
