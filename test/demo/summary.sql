\echo
\echo 'Errors on rows that no training saw (lower is better); naive: the better of last value and one season ago.'
\echo
SELECT data, task, measure, round(naive::numeric, 2) AS naive, round(ours::numeric, 2) AS ours,
       round((1 - ours / naive)::numeric * 100) || ' %' AS "better by", round(seconds::numeric, 1) AS seconds
FROM result ORDER BY place;
