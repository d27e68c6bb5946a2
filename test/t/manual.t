# The manual tells the truth: every ```sql block of README.md and doc/*.md runs, in order, one session a
# file; where a ```text block follows, the output is that.  Words and whole numbers must be equal, numbers with decimals
# within 5 % (float32 sums differ a little between kinds of machines).
use strict;
use warnings;
use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use FrnnTest;
use Test::More;

chdir "$FindBin::Bin/../.." or die;

# Returns the blocks of a file: { line, sql, text }.
sub blocks
{
	my ($file) = @_;
	my (@blocks, $kind, $body, $line);
	open(my $in, '<', $file) or die "$file: $!";
	while (<$in>)
	{
		if (!defined $kind && /^```(\w*)$/) { ($kind, $body, $line) = ($1 || 'plain', '', $. + 1); }
		elsif (defined $kind && /^```\s*$/)
		{
			if ($kind eq 'sql') { push @blocks, { line => $line, sql => $body }; }
			elsif ($kind eq 'text' && @blocks && !$blocks[-1]{closed}) { $blocks[-1]{text} = $body; }
			undef $kind;
		}
		elsif (defined $kind) { $body .= $_; }
		# an output belongs to the block just above it
		elsif (/\S/ && @blocks) { $blocks[-1]{closed} = 1; }
	}
	return @blocks;
}

sub same
{
	my ($want, $got) = @_;
	my @want = grep { !/^[-+|]+$/ } split ' ', $want;
	my @got = grep { !/^[-+|]+$/ } split ' ', $got;
	return 0 unless @want == @got;
	for my $i (0 .. $#want)
	{
		next if $want[$i] eq $got[$i];
		return 0 unless $want[$i] =~ /^-?\d+\.\d+$/ && $got[$i] =~ /^-?\d+(\.\d+)?$/;
		return 0 if abs($want[$i] - $got[$i]) > 0.05 * abs($want[$i]) + 0.01;
	}
	return 1;
}

for my $file (grep { -e } 'README.md', sort glob('doc/*.md'))
{
	my @blocks = blocks($file);
	next unless @blocks;
	my $db = "manual_$$" . ($file =~ s/\W/_/gr);
	sql('postgres', "CREATE DATABASE \"$db\"");

	# the README shows how the extension is made; the other pages take it for granted
	sql($db, 'CREATE EXTENSION forecast_rnn') unless $file eq 'README.md';
	my $script = "\\pset footer off\n";
	$script .= "\\echo\n\\echo == $_->{line}\n$_->{sql}\n" for @blocks;
	$script .= "\\echo == end\n";
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $db ], \$script, \$out, \$err);
	my %output = $out =~ /^== (\w+)\n(.*?)(?=^== )/msg;

	for my $i (0 .. $#blocks)
	{
		my $block = $blocks[$i];
		# a block ran when the mark after it was printed
		my $next = $i < $#blocks ? $blocks[ $i + 1 ]{line} : 'end';
		my $ran = ok($out =~ /^== $next$/m, "$file:$block->{line}: the SQL runs");
		if (!$ran)
		{
			diag($err);
			last;
		}
		next unless defined $block->{text};
		ok(same($block->{text}, $output{ $block->{line} } // ''), "$file:$block->{line}: the output is as shown")
		  or diag("shown:\n$block->{text}\ngot:\n" . ($output{ $block->{line} } // ''));
	}
}

# The reference is made from the catalogue, and the README's table of options from rnn_options().
my $db = new_database();
my ($reference, $readme) = map { local (@ARGV, $/) = ($_); <> } 'doc/reference.md', 'README.md';
my $made = '';
IPC::Run::run([ 'psql', '-XAtq', '-d', $db, '-f', 'doc/reference.sql' ], '>', \$made);
ok($reference eq $made, 'doc/reference.md is what doc/reference.sql prints')
  or diag('make it anew by `make manual`');
for my $row (split /\n/, sql($db, q{SELECT format('| `%s` | %s | %s |', name, replace(default_value, '|', '\|'), description) FROM rnn_options()}))
{
	ok(index($readme, "$row\n") >= 0, 'README.md has the option' . ($row =~ /(`.*?`)/)[0]) or diag($row);
}
for my $name (split /\n/, sql($db, q{SELECT DISTINCT proname FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
	WHERE prokind <> 'p' AND proname !~ '_(in|out|send|recv|eq|ne|accum|final|combine)$' AND proname !~ '^rnn_((metric|panel|managed|keep|query|has|async|job)_|running$)'
	  AND EXISTS (SELECT FROM pg_extension e WHERE e.oid = d.refobjid AND extname = 'forecast_rnn')}))
{
	ok($readme =~ /\b$name\b/, "README.md names $name");
}

done_testing();
