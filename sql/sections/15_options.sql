-- Options: the vocabulary of every trailing `options jsonb`.

CREATE FUNCTION rnn_options(OUT name text, OUT type text, OUT default_value text, OUT used_by text,
	OUT description text)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 42 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_options() IS
	'all options with type and range, default, the functions that use them, and their meaning';

CREATE FUNCTION rnn_check_options(options jsonb, level text DEFAULT 'row') RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_check_options(jsonb, text) IS
	'checks options for panel functions (level row) or tensor functions (level tensor) and returns them with defaults filled in';
