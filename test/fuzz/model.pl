#!/usr/bin/perl
# test/fuzz/model.pl: damaged models, and states of rnn_step, whose checksum is right again, so
# that what lies behind the checksum is reached.  Run by `make fuzz-full` inside a throw-away cluster.
#
# Each is changed in one to three places (bits, digits, numbers, words, spans, lengths,
# floats), sealed with CRC-32C and read by every function that takes it.  It must be
# refused by an error that says what is wrong, or accepted (a forecaster may
# then lack its history: invalid_parameter_value); any other answer, and a server that goes
# away, is a failure.  FUZZ_MODELS (20000) says how many, FUZZ_SEED (1) which, FUZZ_ONLY (all) is
# a pattern of the names of what is damaged, such as ^state.
use strict;
use warnings;

my $wanted = $ENV{FUZZ_MODELS} || 20000;
my $seed = $ENV{FUZZ_SEED} || 1;
my $batch = 2000;
srand($seed);

# ---- CRC-32C (Castagnoli), reflected, of all bytes with the eight digits as '0' ----
my @table = map { my $c = $_; $c = $c & 1 ? ($c >> 1) ^ 0x82f63b78 : $c >> 1 for 1 .. 8; $c } 0 .. 255;
my $digits_at = 8 + length('{"__metadata__":{"checksum":"crc32c:');

sub seal
{
	my ($bytes) = @_;
	return $bytes if length($bytes) < $digits_at + 8;
	substr($bytes, $digits_at, 8) = '00000000';
	my $crc = 0xffffffff;
	$crc = $table[ ($crc ^ $_) & 255 ] ^ ($crc >> 8) for unpack 'C*', $bytes;
	substr($bytes, $digits_at, 8) = sprintf '%08x', $crc ^ 0xffffffff;
	return $bytes;
}

# ---- mutations ----
my @numbers = (0, 1, 2, 3, 7, 8, 64, 255, 256, 8192, 8193, 65535, 65536, 1048576, 1048577, 2147483647, 2147483648,
	4294967295, 4294967296, '9223372036854775807', '9223372036854775808', '18446744073709551615', '99999999999999999999',
	-1, '00', '1e9', '0.5', '1e-300', '1e999999');
my @words = ('lstm', 'gru', 'simple', 'dense', 'dropout', 'layer_norm', 'relu', 'true', 'false', 'null', '[]', '{}', '""',
	'NaN', 'F32', 'F64', 'F16', 'I64', 'I16', 'U8', 'network', 'forecaster', 'quantile', 'gaussian', '\u0000', '\u0001', '\\\\', "\xc3\xa4", "\xff",
	'history', 'member1.', ',', ':', '{"layer":"dense","units":1}', '{' x 200, '[' x 5000);
my @floats = map { pack 'V', $_ } 0x7fc00000, 0x7f800000, 0xff800000, 0x7f7fffff, 0x00000001, 0x80000000, 0x3f800000;
# a state's numbers are binary: doubles and 64-bit integers
my @words_of_eight = ((map { pack 'd<', $_ } 0, -1, 1, 0.5, 1e300, -1e300, 5e-324, 9**9**9, -9**9**9, -sin(9**9**9)),
	map { pack 'q<', $_ } 0, 1, 2, -1, -2, 24, 4096, 1 << 50, 1 << 51, -(1 << 50), 1 << 62, ~0 >> 1, -(~0 >> 1) - 1);

sub pick { return $_[ rand @_ ]; }

# a place in the header where the pattern matches
sub replace_some
{
	my ($text, $pattern, $by) = @_;
	my @at;
	while ($text =~ /$pattern/g)
	{
		push @at, [ $-[0], $+[0] - $-[0] ];
	}
	return $text unless @at;
	my $at = pick(@at);
	substr($text, $at->[0], $at->[1]) = $by;
	return $text;
}

sub mutate_header
{
	my ($header) = @_;
	my $kind = int rand 8;
	my $n = length $header;
	my $from = int rand $n;
	my $span = 1 + int rand(rand() < 0.5 ? 4 : 60);
	return replace_some($header, qr/\d+/, pick(@numbers)) if $kind <= 1;
	return replace_some($header, qr/\d/, int rand 10) if $kind == 2;
	return replace_some($header, qr/[a-z_0-9]+/, pick(@words)) if $kind == 3;
	if ($kind == 4) { substr($header, $from, $span) = ''; }
	elsif ($kind == 5) { substr($header, $from, 0) = substr($header, int rand $n, $span); }
	elsif ($kind == 6) { substr($header, $from, 0) = pick(@words); }
	else { substr($header, $from, 1) = chr int rand 256; }
	return $header;
}

sub mutate_data
{
	my ($data) = @_;
	my $n = length $data;
	my $kind = int rand 8;
	if ($kind >= 4 && $n >= 8) { substr($data, 8 * int rand($n / 8), 8) = pick(@words_of_eight); }
	elsif ($kind == 0 && $n >= 4) { substr($data, 4 * int rand($n / 4), 4) = pick(@floats); }
	elsif ($kind == 1 && $n) { substr($data, int rand $n, 1) = chr int rand 256; }
	elsif ($kind == 2) { $data = substr($data, 0, int rand($n + 1)); }
	else { $data .= chr(int rand 256) x (1 + int rand 16); }
	return $data;
}

sub mutate
{
	my ($model, $on_header) = @_;
	my $length = unpack 'Q<', $model;
	my $header = substr($model, 8, $length);
	my $data = substr($model, 8 + $length);
	$header =~ s/ +$//;
	for (1 .. 1 + int rand 3)
	{
		if (rand() < $on_header) { $header = mutate_header($header); }
		else { $data = mutate_data($data); }
	}
	$header .= ' ' while length($header) % 8 && rand() < 0.99;
	my $say = rand() < 0.97 ? length $header : pick(0, 7, 8, 9, length($header) + 8, length($header) + length($data), 1 << 26, 1 << 62);
	return seal(pack('Q<', $say) . $header . $data);
}

# ---- the server's side ----
sub psql
{
	my ($sql) = @_;
	my $file = "$ENV{PGHOST}/fuzz.sql";
	open my $out, '>', $file or die "$file: $!";
	binmode $out;
	print $out $sql;
	close $out;
	my $answer = `psql -XAtq -v ON_ERROR_STOP=1 -f $file 2>&1`;
	die "psql failed: $answer" if $?;
	return $answer;
}

psql(<<'SQL');
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
CREATE TABLE seed (name text, m bytea);
INSERT INTO seed VALUES
	('start', rnn_init(rnn_sequential(rnn_simple(2)), '{4,1}', 7)),
	('open', rnn_init(rnn_sequential(rnn_bidirectional(rnn_gru(2, return_sequences => true)), rnn_dropout(0.1), rnn_layer_norm(), rnn_dense(2)), '{NULL,3}')),
	('fitted', rnn_fit(rnn_sequential(rnn_lstm(2), rnn_dense(3)), '{{1,2,3},{2,3,4}}', '{1,2}', '{"epochs":3,"quantiles":[0.1,0.5,0.9]}', '{{3,4,5}}', '{3}'));
INSERT INTO seed SELECT 'forecaster', rnn_train(rnn_panel(d, 10 + sin(d)), rnn_sequential(rnn_gru(2), rnn_dense(2)),
	'{"horizon":2,"time_steps":4,"epochs":2}') FROM generate_series(1::bigint, 40) d;
CREATE TABLE days AS SELECT chr(96 + s) AS id, date '2024-01-01' + d AS day, 10 + s * sin(d) AS y, cos(d) AS c
	FROM generate_series(1, 2) s, generate_series(1, 40) d;
INSERT INTO seed SELECT 'sequence', rnn_train(rnn_panel(id, day, y, ARRAY[c]), rnn_sequential(rnn_lstm(2, return_sequences => true), rnn_dense(2)),
	'{"horizon":2,"time_steps":4,"epochs":2,"mode":"sequence","seasonality":[5],"calendar":true}') FROM days;
INSERT INTO seed SELECT 'pooled', rnn_train(rnn_panel(id, day, y), '"ridge"', '{"horizon":2,"time_steps":4,"keep_series":false}') FROM days;
INSERT INTO seed SELECT 'compact', rnn_train(rnn_panel(s, d, round(10 * sin(d + s))), '"ridge"', '{"horizon":2,"time_steps":3,"seasonality":[3]}')
	FROM generate_series(1, 1001) s, generate_series(1::bigint, 12) d;
INSERT INTO seed SELECT 'state of ' || name, state FROM seed, LATERAL rnn_state(m) WHERE name IN ('forecaster', 'sequence') AND series_id IS DISTINCT FROM 'b';
CREATE TABLE sound AS SELECT * FROM seed;
CREATE TABLE damaged (name text, m bytea);
CREATE TABLE panels AS
	SELECT 'forecaster' AS name, rnn_panel(d, 11 + sin(d)) AS p FROM generate_series(20::bigint, 45) d UNION ALL
	SELECT 'sequence', rnn_panel(id, day, y, ARRAY[c]) FROM (SELECT * FROM days WHERE id = 'a' UNION ALL SELECT 'new', day - 50, y, c FROM days WHERE id = 'b') d;

-- what may be asked of it; each answer stands for itself
CREATE TABLE question (kind text, sql text);
INSERT INTO question VALUES
	('model', 'SELECT count(*) FROM rnn_weights($1)'),
	('model', 'SELECT count(*) FROM rnn_summary($1)'),
	('model', 'SELECT count(*) FROM rnn_history($1)'),
	('model', 'SELECT rnn_model_info($1)'),
	('model', 'SELECT count(*) FROM rnn_model_card($1)'),
	('model', 'SELECT count(*) FROM rnn_weights($1, ''keras'')'),
	('model', 'SELECT CASE WHEN (rnn_model_info($1) ->> ''members'')::int > 0 THEN length(rnn_to_onnx($1)) END'),
	('network', 'SELECT rnn_network(rnn_to_keras($1))'),
	('network', 'SELECT CASE WHEN t * f < 100000 THEN rnn_predict($1, array_fill(0.5::float8, ARRAY[2, t, f])) END
		FROM (SELECT coalesce((i ->> ''time_steps'')::int, 3) t, (i ->> ''features'')::int f FROM rnn_model_info($1) i) s'),
	('forecaster', 'SELECT count(*) FROM rnn_forecast_index($1, horizon => 3)'),
	('forecaster', 'SELECT count(*) FROM rnn_forecast_local($1)'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_forecast($1, p) f WHERE name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_backtest($1, p, stride => 3) f WHERE name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_evaluate($1, p, hold_out => 10) f WHERE name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_fitted($1, p) f WHERE name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_detect_anomalies($1, p) f WHERE name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_importance($1, p) f WHERE name = $2'),
	('forecaster', 'SELECT rnn_train(p, $1, ''{"epochs":1,"time_limit":0.05}'') FROM panels WHERE name = $2'),
	('forecaster', 'SELECT rnn_step($1, state, 41::bigint, 1) FROM rnn_state($1) WHERE state IS NOT NULL'),
	('forecaster', 'SELECT rnn_step($1, state, ''2024-02-11''::date, 1, ''{1}'') FROM panels, rnn_state($1, p) WHERE name = $2 AND state IS NOT NULL'),
	('state of forecaster', 'SELECT rnn_step(m, $1, 45::bigint, 10) FROM sound WHERE name = ''forecaster'''),
	('state of sequence', 'SELECT rnn_step(m, $1, ''2024-02-13''::date, 10, ''{1}'', ''{1,2}'') FROM sound WHERE name = ''sequence''');

CREATE FUNCTION ask(sql text, m bytea, name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE sql USING m, name;
	RETURN 'taken';
EXCEPTION
	WHEN data_corrupted OR feature_not_supported OR program_limit_exceeded OR invalid_parameter_value OR
		datatype_mismatch OR datetime_field_overflow OR numeric_value_out_of_range THEN
		RETURN sqlstate;
	WHEN OTHERS THEN
		RETURN 'BAD ' || sqlstate || ' ' || sqlerrm || ' by ' || regexp_replace(sql, '\s+', ' ', 'g');
END $$;
-- the worst answer
CREATE FUNCTION try(name text, m bytea) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(max(answer) FILTER (WHERE answer LIKE 'BAD%'), max(answer) FILTER (WHERE answer = 'taken'), max(answer))
	FROM (SELECT ask(sql, $2, $1) AS answer FROM question
		WHERE kind = $1 OR kind = 'model' AND $1 NOT LIKE 'state%' OR kind = 'forecaster' AND $1 = 'sequence' OR
			kind = 'network' AND $1 IN ('start', 'open', 'fitted')) a $$;
SQL

my @seeds = map { my ($name, $hex) = split /\|/; [ $name, pack 'H*', $hex ] } split /\n/, psql(q{SELECT name, encode(m, 'hex') FROM seed});
for my $model (@seeds)
{
	die "$model->[0]: sealed otherwise than the server does\n" if seal($model->[1]) ne $model->[1];
}
@seeds = grep { $_->[0] =~ /$ENV{FUZZ_ONLY}/ } @seeds if $ENV{FUZZ_ONLY};
my $usable = psql('SELECT name, try(name, m) FROM seed');
die "a model is refused as it is:\n$usable" if $usable =~ /\|(?!taken)/;

print "seeds: ", join(', ', map { "$_->[0] (" . length($_->[1]) . ' bytes)' } @seeds), "\n";

my ($done, %count) = (0);
while ($done < $wanted)
{
	my $sql = "SET client_min_messages = warning;\nSET statement_timeout = '300s';\nTRUNCATE damaged;\nCOPY damaged FROM stdin;\n";
	for (1 .. $batch)
	{
		my $seed = pick(@seeds);
		$sql .= "$seed->[0]\t\\\\x" . unpack('H*', mutate($seed->[1], $seed->[0] =~ /^state/ ? 0.2 : 0.8)) . "\n";
	}
	$sql .= "\\.\nSELECT try, count(*), max(CASE WHEN try LIKE 'BAD%' THEN encode(m, 'hex') END) FROM (SELECT m, try(name, m) FROM damaged) d GROUP BY 1;\n";
	for (split /\n/, psql($sql))
	{
		my ($answer, $n, $hex) = split /\|/;
		$count{$answer} += $n;
		print "$answer\n  for $hex\n" if $answer =~ /^BAD/;
	}
	$done += $batch;
}

my $bad = 0;
for (sort keys %count)
{
	printf "%8d  %s\n", $count{$_}, $_;
	$bad += $count{$_} if /^BAD/;
}
printf "%d passed, %d failed\n", $done - $bad, $bad;
exit($bad ? 1 : 0);
