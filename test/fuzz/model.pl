#!/usr/bin/perl
# test/fuzz/model.pl: damaged models, and states of rnn_step, whose checksum is right again, so that what lies behind
# the checksum is reached.  Run by `make fuzz-full`, and shortly by `make fuzz`, inside a throw-away cluster.
#
# Each is changed in one to three places, either in its bytes (bits, digits, numbers, words, spans, lengths, floats) or
# in its meaning (the numbers of one member of its metadata, a tensor with fewer or more rows, times near both ends),
# and sealed with CRC-32C.  Then some of the functions that take a model or a state are called with it: the catalog names them.
# A call must succeed, or fail with an error that says what is wrong.  An internal error (XX000), a server that goes
# away and a call that is later than a second after its timeout are failures, as is, for the functions listed below, an
# error of an unexpected class.
#
# FUZZ_MODELS (20000) says how many, FUZZ_CALLS (5) the calls with each, FUZZ_SEED (1) which, FUZZ_ONLY (all) is a pattern
# of the names of what is damaged, such as ^state.
use strict;
use warnings;
use JSON::PP ();

my $wanted = $ENV{FUZZ_MODELS} || 20000;
my $seed = $ENV{FUZZ_SEED} || 1;
my $calls = $ENV{FUZZ_CALLS} || 5;
my $timeout = 1000;    # ms
my $batch = $wanted < 500 ? $wanted : 500;
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

# The state of an aggregate that keeps a list: eight bytes, and for each entry its weight, its length and its bytes.
sub mutated_list
{
	my ($list) = @_;
	my $length = unpack 'Q<', substr($list, 16, 8);
	my @head = (0, 8, 16, 24 + $length, 32 + $length);
	my $kind = int rand 4;
	if ($kind == 0) { substr($list, pick(@head), 8) = pick(@words_of_eight); }
	elsif ($kind == 1) { $list = substr($list, 0, rand() < 0.5 ? pick(@head) + int rand 9 : int rand length $list); }
	elsif ($kind == 2) { substr($list, pick(@head) + int rand 8, 1) = chr int rand 256; }
	else { substr($list, 24, $length) = mutate(substr($list, 24, $length), 0.5); }
	return $list;
}

# ---- changes of meaning: the file stays well-formed ----
my %size = (F16 => 2, F32 => 4, F64 => 8, I64 => 8, I32 => 4, I16 => 2, U16 => 2, I8 => 1, U8 => 1);

# The metadata as a list of [key, value] and the tensors as a list of [name, type, shape, data].
sub take_apart
{
	my ($model) = @_;
	my $length = unpack 'Q<', $model;
	my $header = substr($model, 8, $length);
	my $data = substr($model, 8 + $length);
	my (@meta, @tensor);
	my $json = JSON::PP->new->allow_nonref;
	my ($inside, $rest) = $header =~ /^\{"__metadata__":\{((?:"(?:[^"\\]|\\.)*":"(?:[^"\\]|\\.)*",?)*)\}(.*?)\} *$/s or return;
	push @meta, [ $json->decode($1), $json->decode($2) ] while $inside =~ /("(?:[^"\\]|\\.)*"):("(?:[^"\\]|\\.)*")/gs;
	push @tensor, [ $1, $2, [ split /,/, $3 ], substr($data, $4, $5 - $4) ]
		while $rest =~ /"([^"]+)":\{"dtype":"(\w+)","shape":\[([\d,]*)\],"data_offsets":\[(\d+),(\d+)\]\}/g;
	return (\@meta, \@tensor);
}

# as the server's escape_json() writes a string
sub quoted
{
	my ($text) = @_;
	my %short = ("\b" => '\\b', "\f" => '\\f', "\n" => '\\n', "\r" => '\\r', "\t" => '\\t', '"' => '\\"', '\\' => '\\\\');
	$text =~ s/(["\\\x00-\x1f])/$short{$1} \/\/ sprintf '\\u%04x', ord $1/ge;
	utf8::encode($text) if utf8::is_utf8($text);
	return qq{"$text"};
}

sub put_together
{
	my ($meta, $tensor) = @_;
	my $header = '{"__metadata__":{' . join(',', map { quoted($_->[0]) . ':' . quoted($_->[1]) } @$meta) . '}';
	my $data = '';
	for my $t (@$tensor)
	{
		$header .= sprintf ',"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}', $t->[0], $t->[1], join(',', @{ $t->[2] }), length $data, length($data) + length $t->[3];
		$data .= $t->[3];
	}
	$header .= '}';
	$header .= ' ' while length($header) % 8;
	return seal(pack('Q<', length $header) . $header . $data);
}

my @meant = (qw(0 1 2 3 5 24 63 64 255 256 1000 1001 4096 8192 65536 100000 1048576 2147483647 2147483648 9007199254740992), '9223372036854775807',
	qw(-1 -2 -0.5 0.5 0.999 1.5 1e-9 1e9 1e15 1e-300 1e300 1.7976931348623157e308 null true false), '"NaN"', '[]', '"auto"', '"none"', '"log"');
my @times = ('4713-11-24 00:00:00 BC', '294276-12-31 23:59:59', '5874897-12-31', '1970-01-01', '9223372036854775807', '-9223372036854775808', '-1', 'infinity', '0');
my @times_of_eight = map { pack 'q<', $_ } -211813488000000000, -211813488000000001, 9223371331200000000 - 1, 9223371331199999999, 2145031948, -2451545, ~0 >> 1, -(~0 >> 1) - 1, 0, 1, -1;

# A number near the one that is there: a reader that checks the range takes it.
sub near
{
	my ($n) = @_;
	return pick($n + 1, $n - 1, 2 * $n, int($n / 2), -$n, 0, $n + 0.5, $n * 0.999, $n * 1000, 10 * $n);
}

# One number of the text becomes one near it.
sub near_some
{
	my ($text) = @_;
	my @at;
	push @at, [ $-[0], $+[0] - $-[0] ] while $text =~ /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;
	return $text unless @at;
	my $at = pick(@at);
	substr($text, $at->[0], $at->[1]) = near(substr($text, $at->[0], $at->[1]));
	return $text;
}

sub mutate_meaning
{
	my ($meta, $tensor) = @_;
	my $kind = int rand 10;
	if ($kind <= 4)
	{
		# a number, word or time in the value of one key; the checksum stays
		my $entry = $meta->[ 1 + int rand(@$meta - 1) ];
		my $by = pick(@meant);
		return $entry->[1] = near_some($entry->[1]) if $kind <= 1 && $entry->[1] =~ /\d/;
		return $entry->[1] = pick(@meant) if $entry->[1] !~ /\d/;
		return $entry->[1] = replace_some($entry->[1], qr/\d+(?:[-:. ]\d+)+/, pick(@times)) if $kind == 4 && $entry->[0] =~ /axis|anchor/;
		$entry->[1] = replace_some($entry->[1], $kind == 3 ? qr/"[a-z_]+"/ : qr/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/, $by);
	}
	elsif ($kind <= 6)
	{
		# numbers of a tensor, of its own kind
		my $t = pick(@$tensor);
		my $width = $size{ $t->[1] };
		return unless length $t->[3];
		if ($width >= 4 && $t->[1] =~ /^F/ && rand() < 0.5)
		{
			my ($form, $at) = ($width == 8 ? 'd<' : 'f<', $width * int rand(length($t->[3]) / $width));
			return substr($t->[3], $at, $width) = pack $form, near(unpack $form, substr($t->[3], $at, $width));
		}
		my $by = $width == 8 ? ($t->[1] eq 'I64' && rand() < 0.5 ? pick(@times_of_eight) : pick(@words_of_eight)) : $width == 4 ? pick(@floats) : pack "C*", map { int rand 256 } 1 .. $width;
		substr($t->[3], $width * int rand(length($t->[3]) / $width), $width) = $by for 1 .. (rand() < 0.2 ? 50 : 1);
	}
	elsif ($kind == 7)
	{
		# fewer or more rows, with numbers for them
		my $t = pick(@$tensor);
		return unless @{ $t->[2] } && length $t->[3];
		my $rows = $t->[2][0];
		my $new = pick(0, 1, $rows - 1, $rows + 1, 2 * $rows, 10 * $rows);
		return if $new < 0 || !$rows;
		my $row = length($t->[3]) / $rows;
		$t->[3] = substr($t->[3] x (1 + int($new / $rows)), 0, $new * $row);
		$t->[2][0] = $new;
	}
	elsif ($kind == 8)
	{
		# absent, or twice, or under another's name
		my $i = int rand @$tensor;
		my $which = int rand 3;
		if ($which == 0) { splice @$tensor, $i, 1; }
		elsif ($which == 1) { $tensor->[$i][0] = 'member1.' . $tensor->[$i][0]; }
		else { ($tensor->[$i][3], $tensor->[0][3], $tensor->[$i][2], $tensor->[0][2]) = ($tensor->[0][3], $tensor->[$i][3], $tensor->[0][2], $tensor->[$i][2]); }
	}
	else
	{
		# the same numbers under another shape
		my $t = pick(@$tensor);
		$t->[2] = [ reverse @{ $t->[2] } ];
	}
}

# Returns undef where the model cannot be taken apart.
sub mutated_meaning
{
	my ($model) = @_;
	my ($meta, $tensor) = take_apart($model);
	return undef unless $meta && @$meta > 1 && $tensor && @$tensor;
	for (1 .. (rand() < 0.6 ? 1 : 2 + int rand 2))
	{
		mutate_meaning($meta, $tensor) if @$tensor;
	}
	return put_together($meta, $tensor);
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

# the golden models of all versions, as COPY takes them
(my $folder = $0) =~ s{[^/]*$}{../data};
my $golden = join '', map { open my $in, '<', $_ or die "$_: $!"; local $/; "COPY golden FROM stdin;\n" . <$in> . "\\.\n" } sort glob "$folder/golden_models_*.tsv";
psql(<<'SQL' =~ s/^GOLDEN$/$golden/mr);
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
-- each series has regressions on its own rows, which have a share
INSERT INTO seed SELECT 'autoregression', rnn_train(rnn_panel(id, day, y), options => '{"horizon":2,"time_steps":4,"ensemble":1,"epochs":1,"autoregression":5}') FROM days;
DO $$ BEGIN ASSERT (SELECT (rnn_model_info(m)->'weights'->>'autoregression')::float8 > 0 FROM seed WHERE name = 'autoregression'), 'the autoregression has no share'; END $$;
INSERT INTO seed SELECT 'pooled', rnn_train(rnn_panel(id, day, y), '"ridge"', '{"horizon":2,"time_steps":4,"keep_series":false}') FROM days;
INSERT INTO seed SELECT 'compact', rnn_train(rnn_panel(s, d, round(10 * sin(d + s))), '"ridge"', '{"horizon":2,"time_steps":3,"seasonality":[3]}')
	FROM generate_series(1, 1001) s, generate_series(1::bigint, 12) d;
-- trainings apart and what joins them; covariates by name, of which one is static
INSERT INTO seed SELECT 'base', rnn_train(rnn_panel(id, day, y), rnn_sequential(rnn_gru(2), rnn_dense(2)),
	'{"horizon":2,"time_steps":4,"epochs":4,"keep_optimizer":true,"validation":0,"stop_after":0,"ensemble":2}') FROM days;
INSERT INTO seed SELECT 'shard ' || id, rnn_train(p, m, '{"stop_after":1,"keep_ridge":true}')
	FROM seed, (SELECT id, rnn_panel(id, day, y) AS p FROM days GROUP BY id) d WHERE name = 'base';
INSERT INTO seed SELECT 'outer', rnn_outer(b.m, (SELECT rnn_average(m) FROM seed WHERE name LIKE 'shard%')) FROM seed b WHERE name = 'base';
INSERT INTO seed SELECT 'named', rnn_train(rnn_panel(id, day, y, jsonb_build_object('kind', id, 'c', c)), '"ridge"', '{"horizon":2,"time_steps":4}') FROM days;
INSERT INTO seed SELECT 'list', rnn_average_add(rnn_average_add(NULL, m), m) FROM seed WHERE name = 'base';
INSERT INTO seed SELECT 'sums', rnn_ridge_sums((SELECT rnn_panel(id, day, y) FROM days), m) FROM seed WHERE name = 'base';
-- models as released versions wrote them
CREATE TABLE golden (name text, kind text, bytes text, numbers text);
GOLDEN
INSERT INTO seed SELECT 'golden ' || name, bytes::bytea FROM golden WHERE kind ~ 'forecast|predict' AND name !~ 'zone';
INSERT INTO seed SELECT 'state of ' || name, state FROM seed, LATERAL rnn_state(m) WHERE name IN ('forecaster', 'sequence', 'autoregression') AND series_id IS DISTINCT FROM 'b';
CREATE TABLE sound AS SELECT * FROM seed;
CREATE TABLE damaged (id int, name text, m bytea);
CREATE TABLE panels AS
	SELECT 'forecaster' AS name, rnn_panel(d, 11 + sin(d)) AS p FROM generate_series(20::bigint, 45) d UNION ALL
	SELECT 'sequence', rnn_panel(id, day, y, ARRAY[c]) FROM (SELECT * FROM days WHERE id = 'a' UNION ALL SELECT 'new', day - 50, y, c FROM days WHERE id = 'b') d UNION ALL
	SELECT 'named', rnn_panel(id, day, y, jsonb_build_object('kind', CASE id WHEN 'a' THEN 'b' ELSE 'new' END, 'c', c)) FROM days;
INSERT INTO panels SELECT name, rnn_panel(id, day + 35, y) FROM days, (SELECT name FROM seed WHERE name ~ '^(base|shard|outer|autoregression|golden)') s GROUP BY name;

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
	('forecaster', 'SELECT count(*) FROM panels, rnn_forecast($1, p) f WHERE panels.name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_backtest($1, p, stride => 3) f WHERE panels.name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_evaluate($1, p, hold_out => 10) f WHERE panels.name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_fitted($1, p) f WHERE panels.name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_detect_anomalies($1, p) f WHERE panels.name = $2'),
	('forecaster', 'SELECT count(*) FROM panels, rnn_importance($1, p) f WHERE panels.name = $2'),
	('forecaster', 'SELECT rnn_train(p, $1, ''{"epochs":1,"time_limit":0.05}'') FROM panels WHERE panels.name = $2'),
	('forecaster', 'SELECT rnn_step($1, state, 41::bigint, 1) FROM rnn_state($1) WHERE state IS NOT NULL'),
	('forecaster', 'SELECT rnn_step($1, state, ''2024-02-11''::date, 1, ''{1}'') FROM panels, rnn_state($1, p) WHERE panels.name = $2 AND state IS NOT NULL'),
	-- joined with a sound model, with itself, and what comes of it read again
	('join', 'SELECT rnn_model_info(rnn_average(x)) FROM (VALUES ($1), ((SELECT m FROM sound WHERE name = $2))) v(x)'),
	('join', 'SELECT rnn_model_info(rnn_average(x, w)) FROM (VALUES ($1, 1e300), ($1, 1e-300), ($1, 0.1)) v(x, w)'),
	('join', 'SELECT rnn_model_info(rnn_outer(m, $1)) FROM sound WHERE name = ''base'''),
	('join', 'SELECT rnn_model_info(rnn_outer($1, m)) FROM sound WHERE name = ''outer'''),
	('join', 'SELECT rnn_average_final(rnn_average_combine(rnn_average_add(NULL, $1), rnn_average_add(NULL, m))) FROM sound WHERE name = ''shard b'''),
	('join', 'SELECT count(*) FROM panels, LATERAL rnn_train(p, $1, ''{"stop_after":2,"time_limit":0.05}'') t(m), rnn_weights(t.m) WHERE panels.name = $2'),
	('join', 'SELECT count(*) FROM panels, LATERAL rnn_ridge_sums(p, $1) s(s), rnn_forecast(rnn_ridge($1, s), p) WHERE panels.name = $2'),
	('sums', 'SELECT rnn_model_info(rnn_ridge(b.m, $1)) FROM sound b WHERE name = ''base'''),
	('sums', 'SELECT rnn_model_info(rnn_ridge(b.m, (SELECT rnn_ridge_sums(x) FROM (VALUES ($1), (s.m)) v(x)))) FROM sound b, sound s WHERE b.name = ''base'' AND s.name = ''sums'''),
	('list', 'SELECT rnn_average_final($1)'),
	('list', 'SELECT rnn_average_final(rnn_average_combine($1, $1))'),
	('list', 'SELECT rnn_ridge_sums_final($1)'),
	('list', 'SELECT rnn_average_final(rnn_average_add($1, m)) FROM sound WHERE name = ''base'''),
	('state of forecaster', 'SELECT rnn_step(m, $1, 45::bigint, 10) FROM sound WHERE name = ''forecaster'''),
	('state of sequence', 'SELECT rnn_step(m, $1, ''2024-02-13''::date, 10, ''{1}'', ''{1,2}'') FROM sound WHERE name = ''sequence'''),
	('state of autoregression', 'SELECT rnn_step(m, $1, ''2024-02-11''::date, 10) FROM sound WHERE name = ''autoregression''');

-- every function that takes a model or a state, from the catalog, with plain values for its other arguments; any error but an internal one is fine
CREATE FUNCTION plain(type text, name text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE
		WHEN name IN ('network', 'architecture') THEN '''[{"layer":"lstm","units":2},{"layer":"dense","units":3}]'''
		WHEN name = 'state' THEN '(SELECT m FROM sound WHERE name = ''state of '' || $2)'
		WHEN name = 'format' THEN '''keras'''
		WHEN name ~ 'covariates' AND type ~ '\[' THEN '''{1}'''
		WHEN name ~ '^(ts|stamp|time)' AND type = 'text' THEN '''2024-02-11'''
		ELSE (SELECT v FROM (VALUES ('bytea', '$1'), ('rnn_panel', '(SELECT p FROM panels ORDER BY name = $2 DESC LIMIT 1)'), ('integer', '3'), ('integer[]', '''{4,1}'''), ('jsonb', '''{"epochs":1,"time_limit":0.05}'''),
			('double precision', '0.9'), ('double precision[]', '''{{{1},{2},{3},{4}},{{2},{3},{4},{5}}}'''), ('text', '''3 days'''), ('boolean', 'true'), ('date', '''2024-02-11'''),
			('timestamp with time zone', '''2024-02-11'''), ('timestamp without time zone', '''2024-02-11'''), ('bigint', '41'), ('interval', '''1 day''')) x(t, v) WHERE t = type) END $$;
INSERT INTO question SELECT 'any', format('SELECT count(%I::text) FROM %I(%s) AS %1$I', proname, proname,
		(SELECT string_agg(coalesce(plain(format_type(t, NULL), proargnames[k]), 'NULL') || '::' || format_type(t, NULL), ', ' ORDER BY k)
			FROM unnest(proargtypes::oid[]) WITH ORDINALITY u(t, k) WHERE k <= CASE WHEN wide THEN pronargs ELSE pronargs - pronargdefaults END))
	FROM pg_proc p, (VALUES (false), (true)) w(wide) WHERE prokind = 'f' AND 'bytea'::regtype = ANY (proargtypes) AND NOT proargtypes[0] = 'internal'::regtype AND (NOT wide OR pronargdefaults > 0)
		AND EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn' WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');
ALTER TABLE question ADD number int GENERATED ALWAYS AS IDENTITY;

-- SQLSTATE ('taken' without an error), what is wrong with it, and the milliseconds
CREATE FUNCTION ask(which int, m bytea, name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	question question := (SELECT q FROM question q WHERE number = which);
	start timestamptz := clock_timestamp();
	answer text := 'taken';
BEGIN
	BEGIN
		EXECUTE question.sql USING m, name;
	EXCEPTION
		WHEN query_canceled THEN
			answer := sqlstate;
		WHEN data_corrupted OR feature_not_supported OR program_limit_exceeded OR invalid_parameter_value OR
			datatype_mismatch OR datetime_field_overflow OR numeric_value_out_of_range THEN
			answer := sqlstate;
		WHEN OTHERS THEN
			answer := sqlstate;
			IF question.kind <> 'any' OR sqlstate IN ('XX000', 'XX002') THEN
				answer := 'BAD ' || sqlstate || ' ' || sqlerrm || ' by ' || regexp_replace(question.sql, '\s+', ' ', 'g');
			END IF;
	END;
	RETURN answer || '|' || (1000 * extract(epoch FROM clock_timestamp() - start))::int;
END $$;
CREATE FUNCTION asked(name text) RETURNS TABLE (number int, kind text, sql text) LANGUAGE sql AS $$
	SELECT number, kind, sql FROM question WHERE kind = $1 OR kind = 'any' OR kind = 'model' AND $1 NOT LIKE 'state%' OR kind = 'forecaster' AND $1 ~ '^(sequence|named|base|shard|outer|autoregression|golden)' OR
			kind = 'join' AND $1 ~ '^(base|shard|outer|named|autoregression|golden)' OR
			kind = 'network' AND $1 IN ('start', 'open', 'fitted') ORDER BY number $$;
SQL

my @seeds = map { my ($name, $hex) = split /\|/; [ $name, pack 'H*', $hex ] } split /\n/, psql(q{SELECT name, encode(m, 'hex') FROM seed});
for my $model (grep { $_->[0] ne 'list' } @seeds)
{
	die "$model->[0]: sealed otherwise than the server does\n" if seal($model->[1]) ne $model->[1];
	die "$model->[0]: put together otherwise than the server does\n" if put_together(take_apart($model->[1])) ne $model->[1];
}
@seeds = grep { $_->[0] =~ /$ENV{FUZZ_ONLY}/ } @seeds if $ENV{FUZZ_ONLY};
my %asked;
for (split /\n/, psql('SELECT name, number, kind FROM (SELECT DISTINCT name FROM seed) s, asked(name)'))
{
	my ($name, $number, $kind) = split /\|/;
	push @{ $asked{$name} }, $number;
}
my $usable = psql("SET client_min_messages = error; SELECT name, sql, a FROM seed, asked(name), LATERAL (SELECT ask(number, m, name) OFFSET 0) x(a) WHERE a LIKE 'BAD%'");
die "a model fails as it is:\n$usable" if $usable;
print psql("SET client_min_messages = error; SELECT sql, name, a FROM seed, asked(name), LATERAL (SELECT ask(number, m, name) OFFSET 0) x(a) WHERE a ~ '^42(601|883|804|809)|^22P02' AND name = 'forecaster'") if $ENV{FUZZ_SHOW};
printf "%d functions and forms of their arguments from the catalog\n", psql("SELECT count(*) FROM question WHERE kind = 'any'");

print "seeds: ", join(', ', map { "$_->[0] (" . length($_->[1]) . ' bytes)' } @seeds), "\n";

my ($done, $meant, $late, $slowest, %count) = (0, 0, 0, 0);
while ($done < $wanted)
{
	my $sql = "SET client_min_messages = error;\nSET maintenance_work_mem = '64MB';\nTRUNCATE damaged;\nCOPY damaged FROM stdin;\n";
	my (@bytes, @call);
	for (1 .. $batch)
	{
		my $seed = pick(@seeds);
		my $bytes = $seed->[0] eq 'list' ? mutated_list($seed->[1]) : rand() < 0.5 ? mutated_meaning($seed->[1]) : undef;
		$meant++ if defined $bytes && $seed->[0] ne 'list';
		$bytes //= mutate($seed->[1], $seed->[0] =~ /^state/ ? 0.2 : 0.8);
		push @bytes, $bytes;
		$sql .= "$#bytes\t$seed->[0]\t\\\\x" . unpack('H*', $bytes) . "\n";
		push @call, [ $#bytes, pick(@{ $asked{ $seed->[0] } }) ] for 1 .. $calls;
	}
	# each call is a statement of its own, with its own timeout
	$sql .= "\\.\nSET statement_timeout = $timeout;\n" . join '', map { "SELECT $_->[0], $_->[1], ask($_->[1], m, name) FROM damaged WHERE id = $_->[0];\n" } @call;
	my @answer = split /\n/, psql($sql);
	die "of ", scalar @call, " calls ", scalar @answer, " were answered\n" if @answer != @call;
	for (@answer)
	{
		my ($id, $number, $answer, $ms) = /^(\d+)\|(\d+)\|(.*)\|(\d+)$/ or die "unexpected answer: $_\n";
		$count{$answer}++;
		$slowest = $ms if $ms > $slowest;
		if ($ms > $timeout + 1000) { $late++; print "late by question $number: $ms ms\n"; }
		print "$answer\n  for ", unpack('H*', $bytes[$id]), "\n" if $answer =~ /^BAD/ && $count{$answer} == 1;
	}
	$done += $batch;
}

my ($bad, $all) = ($late, 0);
for (sort keys %count)
{
	printf "%8d  %s\n", $count{$_}, $_;
	$bad += $count{$_} if /^BAD/;
	$all += $count{$_};
}
print "$meant of $done were changed in their meaning; the slowest call took $slowest ms\n";
printf "# figure: damaged models and states through SQL\t%d in %d calls, %d failures, slowest %d ms\t0 failures, %d ms\n", $done, $all, $bad, $slowest, $timeout + 1000;
printf "fuzz_model_sql: %d passed, %d failed\n", $bad ? 0 : 1, $bad ? 1 : 0;
exit($bad ? 1 : 0);
