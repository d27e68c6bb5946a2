-- Prints one line per measure of the set that was evaluated last.
\pset footer off
SELECT title AS set, measure, "last value", "last season", ridge, ours, wanted, met, "in 80 %", "in 90 %", s, "CPU s", seeds
FROM shown WHERE data = :'set' ORDER BY place;
SELECT DISTINCT method, part, recipe FROM work WHERE data = :'set' AND method = 'ours' AND seed = 1 ORDER BY part;
