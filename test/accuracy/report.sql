-- Prints the table of all measured sets for a terminal, and writes it as Markdown to the file :markdown.
SET search_path = accuracy, public;
\pset footer off
\echo
\echo 'Lower is better. ours: default network and options, median over the seeds. wanted: what this release must reach.'
\echo 'last season: the value one season ago. floor, target, stretch: published figures. prototype: the measured rules that the default follows.'
\echo 'in 80 %, in 90 %: share of test values inside the intervals. s: training and forecasting; CPU s: its processor time in the session''s own process.'
\echo
SELECT title AS set, measure, "last value", "last season", ridge, ours, wanted, met, floor, target, stretch, prototype, "in 80 %", "in 90 %", s, "CPU s", seeds
FROM shown ORDER BY place;
SELECT count(*) FILTER (WHERE met = 'yes') || ' of ' || count(*) FILTER (WHERE met <> '') || ' figures reached' AS summary FROM shown;
\pset tuples_only on
\pset format unaligned
\o :markdown
SELECT '| set | measure | last value | last season | ridge | **ours** | wanted | met | floor | target | stretch | in 80 % | in 90 % | s | CPU s | seeds |';
SELECT '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|';
SELECT concat_ws(' | ', '| ' || title, measure, "last value", "last season", ridge, '**' || ours || '**', wanted, met, floor, target, stretch,
	"in 80 %", "in 90 %", s, "CPU s", seeds || ' |') FROM shown ORDER BY place;
\o
