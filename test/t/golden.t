# Models, states and panels as each released version wrote them (test/data/golden_models_*.tsv) compute what they did then.
# A change of the bytes needs a reader of the old ones; only the file of a version that is not released may be made
# anew (`make golden-models`).
use strict;
use warnings;
use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use File::Temp;
use FrnnTest;
use Test::More;

my $db = new_database();
my $version = sql($db, q{SELECT extversion FROM pg_extension WHERE extname = 'forecast_rnn'});
my @files = sort glob("$FindBin::Bin/../data/golden_models_*.tsv");
ok((grep { /_\Q$version\E\.tsv$/ } @files), "there is a file of version $version");

# what computes the numbers, by kind
my %numbers = (
	forecast => q{SELECT array_agg(x ORDER BY series_id, step, k) FROM rnn_forecast('%s'::bytea) f,
		unnest(ARRAY[forecast_value, prediction_interval_lower_bound, prediction_interval_upper_bound]) WITH ORDINALITY u(x, k)},
	forecast_index => q{SELECT array_agg(forecast_value ORDER BY series_id, step) FROM rnn_forecast_index('%s'::bytea)},
	predict => q{SELECT array_agg(u) FROM unnest(rnn_predict('%s'::bytea, '{{{1},{2},{3}},{{4},{5},{6}}}')) u},
	step => q{SELECT (rnn_step('%s'::bytea, '%s'::bytea, date '2024-03-11', 15)).forecast_values},
	panel => q{SELECT array_agg(value ORDER BY series_id, "timestamp") FROM rnn_rows('%s'::rnn_panel)},
	panel_recv => q{SELECT array_agg(value ORDER BY series_id, "timestamp") FROM received, rnn_rows(p)});
sql($db, 'CREATE TABLE received (p rnn_panel)');

# Puts the bytes of a panel into the table, by its binary input.
sub receive
{
	my ($bytes) = @_;
	my $file = File::Temp->new();
	binmode $file;
	print $file "PGCOPY\n\377\r\n\0", pack('NNnN', 0, 0, 1, length $bytes), $bytes, pack('n', 0xffff);
	$file->flush;
	sql($db, "TRUNCATE received;\n\\copy received from '" . $file->filename . "' with (format binary)\n");
}

my $lines = 0;
my $autoregressive = 0;
for my $file (@files)
{
	my ($of) = $file =~ /golden_models_(.*)\.tsv$/;
	open(my $in, '<', $file) or die "$file: $!";
	while (<$in>)
	{
		chomp;
		my ($name, $kind, $bytes, $want) = map { s/\\\\/\\/gr } split /\t/;
		receive(pack 'H*', substr $bytes, 2) if $kind eq 'panel_recv';
		my $query = sprintf $numbers{$kind}, $kind eq 'step' ? split(/ /, $bytes) : $kind eq 'panel_recv' ? () : $bytes =~ s/'/''/gr;
		my $far = sql($db, qq{SET client_min_messages = error; SET timezone = 'UTC';
			SELECT count(*) || ' numbers, furthest ' || max(CASE WHEN a IS NOT DISTINCT FROM b THEN 0 ELSE coalesce(abs(a - b) / (1 + abs(b)), 1) END)
			FROM unnest(($query), '$want'::float8[]) u(a, b)});
		my ($count, $furthest) = $far =~ /^(\d+) numbers, furthest (\S+)$/;
		# a processor without fused multiply-add rounds differently
		ok($count && $furthest < 1e-5, "$of, $name: as then") or diag($far);
		$lines++;
		$autoregressive += $kind eq 'forecast' &&
			sql($db, "SELECT (rnn_model_info('$bytes'::bytea) #>> '{weights,autoregression}')::float8 > 0.1") eq 't';
	}
}
cmp_ok($lines, '>=', 13, "$lines models, states and panels");
ok($autoregressive, 'a model forecasts by autoregressions, too');

done_testing();
