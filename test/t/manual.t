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

# PostgreSQL 13 asks one foreign server after the other, so it shows another plan
my $async = sql('postgres', 'SHOW server_version_num') >= 140000;

for my $file (grep { -e } 'README.md', sort glob('doc/*.md'))
{
	my @blocks = blocks($file);
	next unless @blocks;
	for my $block (grep { !$async && $_->{sql} =~ /async_capable/ } @blocks)
	{
		$block->{sql} =~ s/, async_capable 'true'//g;
		delete $block->{text};
	}
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

# The reference is made from the catalog.
my $db = new_database();
my ($reference, $readme) = map { local (@ARGV, $/) = ($_); <> } 'doc/reference.md', 'README.md';
my $made = '';
IPC::Run::run([ 'psql', '-XAtq', '-d', $db, '-f', 'doc/reference.sql' ], '>', \$made);
ok($reference eq $made, 'doc/reference.md is what doc/reference.sql prints')
  or diag('make it again by `make manual`');

# The README's options exist and have those defaults.
my %default = map { split /\t/, $_, 2 } split /\n/, sql($db, q{SELECT name || E'\t' || default_value FROM rnn_options()});
my @shown = $readme =~ /^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$/mg;
cmp_ok(scalar @shown, '>=', 20, 'README.md shows at least ten options');
while (my ($name, $value) = splice @shown, 0, 2)
{
	is($value, $default{$name}, "README.md: default of $name");
}

# The README is short, and every link of the manual leads to a file.
my @lines = split /\n/, $readme;
cmp_ok(scalar @lines, '<=', 350, 'README.md has at most 350 lines');
for my $page ('README.md', 'CONTRIBUTING.md', sort glob('doc/*.md'))
{
	my $text = do { local (@ARGV, $/) = ($page); <> };
	my ($folder) = $page =~ m{^(.*/)?[^/]+$};
	for my $link ($text =~ /\]\((?!https?:)([^)#]+)/g)
	{
		ok(-e(($folder // '') . $link), "$page: $link exists");
	}
}
ok((do { local (@ARGV, $/) = ('doc/README.md'); <> }) =~ /\(\Q$_\E\)/, "doc/README.md lists $_")
  for grep { $_ ne 'README.md' } map { s{^doc/}{}r } sort glob('doc/*.md');

done_testing();
