#!/usr/bin/perl
# test/fuzz/model.pl: damaged models whose checksum is right again, so that what lies behind
# the checksum is reached.  Run by `make fuzz` inside a throw-away cluster.
#
# Each model is changed in one to three places (bits, digits, numbers, words, spans, lengths,
# floats), sealed with CRC-32C and read by every function that takes a model.  It must be
# refused by an error that says what is wrong, or accepted (a forecaster may
# then lack its history: invalid_parameter_value); any other answer, and a server that goes
# away, is a failure.  FUZZ_MODELS (20000) says how many, FUZZ_SEED (1) which.
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
	'NaN', 'F32', 'F64', 'I64', 'U8', 'network', 'forecaster', 'quantile', 'gaussian', '\u0000', '\u0001', '\\\\', "\xc3\xa4", "\xff",
	'history', 'member1.', ',', ':', '{"layer":"dense","units":1}', '{' x 200, '[' x 5000);
my @floats = map { pack 'V', $_ } 0x7fc00000, 0x7f800000, 0xff800000, 0x7f7fffff, 0x00000001, 0x80000000, 0x3f800000;

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
	my $kind = int rand 4;
	if ($kind == 0 && $n >= 4) { substr($data, 4 * int rand($n / 4), 4) = pick(@floats); }
	elsif ($kind == 1 && $n) { substr($data, int rand $n, 1) = chr int rand 256; }
	elsif ($kind == 2) { $data = substr($data, 0, int rand($n + 1)); }
	else { $data .= chr(int rand 256) x (1 + int rand 16); }
	return $data;
}

sub mutate
{
	my ($model) = @_;
	my $length = unpack 'Q<', $model;
	my $header = substr($model, 8, $length);
	my $data = substr($model, 8 + $length);
	$header =~ s/ +$//;
	for (1 .. 1 + int rand 3)
	{
		if (rand() < 0.8) { $header = mutate_header($header); }
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
DO $$ BEGIN
	INSERT INTO seed SELECT 'forecaster', rnn_train(rnn_panel(d, 10 + sin(d)), rnn_sequential(rnn_gru(2), rnn_dense(2)), '{"horizon":2,"time_steps":4,"epochs":2}')
	  FROM generate_series(1::bigint, 40) d;
EXCEPTION WHEN OTHERS THEN RAISE WARNING 'no forecaster: %', sqlerrm;
END $$;
CREATE TABLE damaged (m bytea);
CREATE FUNCTION use_model(m bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	info jsonb := rnn_model_info(m);
	steps int := coalesce((info ->> 'time_steps')::int, 3);
	features int := (info ->> 'features')::int;
BEGIN
	PERFORM count(*) FROM rnn_weights(m);
	PERFORM count(*) FROM rnn_summary(m);
	PERFORM count(*) FROM rnn_history(m);
	IF info ->> 'kind' = 'forecaster' THEN
		PERFORM count(*) FROM rnn_forecast_index(m, horizon => 3);
	ELSIF steps::bigint * features < 100000 THEN
		PERFORM rnn_predict(m, array_fill(0.5::float8, ARRAY[2, steps, features]));
	END IF;
	RETURN 'taken';
END $$;
CREATE FUNCTION try(m bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN use_model(m);
EXCEPTION
	WHEN data_corrupted OR feature_not_supported OR program_limit_exceeded OR invalid_parameter_value THEN
		RETURN sqlstate;
	WHEN OTHERS THEN
		RETURN 'BAD ' || sqlstate || ' ' || sqlerrm;
END $$;
SQL

my @seeds = map { my ($name, $hex) = split /\|/; [ $name, pack 'H*', $hex ] } split /\n/, psql(q{SELECT name, encode(m, 'hex') FROM seed});
for my $model (@seeds)
{
	die "$model->[0]: sealed otherwise than the server does\n" if seal($model->[1]) ne $model->[1];
}
my $usable = psql('SELECT name, try(m) FROM seed');
die "a model is refused as it is:\n$usable" if $usable =~ /\|(?!taken)/;

print "seeds: ", join(', ', map { "$_->[0] (" . length($_->[1]) . ' bytes)' } @seeds), "\n";

my ($done, %count) = (0);
while ($done < $wanted)
{
	my $sql = "SET statement_timeout = '300s';\nTRUNCATE damaged;\nCOPY damaged FROM stdin;\n";
	$sql .= '\\\\x' . unpack('H*', mutate(pick(@seeds)->[1])) . "\n" for 1 .. $batch;
	$sql .= "\\.\nSELECT try, count(*), max(CASE WHEN try LIKE 'BAD%' THEN encode(m, 'hex') END) FROM (SELECT m, try(m) FROM damaged) d GROUP BY 1;\n";
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
