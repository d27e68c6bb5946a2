# Helpers of the TAP tests: sessions of the cluster that test/cluster started.
package FrnnTest;

use strict;
use warnings;
use Exporter 'import';
use File::Temp;
use IPC::Run;
use Time::HiRes qw(time sleep);
use Test::More;

our @EXPORT = qw(sql sql_fails start finish wait_until new_database);

my $databases = 0;

# A fresh database with the extension; returns its name.
sub new_database
{
	my $name = 'tap_' . $$ . '_' . ++$databases;
	IPC::Run::run([ 'createdb', $name ]) or die "createdb $name failed";
	sql($name, 'CREATE EXTENSION forecast_rnn');
	return $name;
}

sub _psql
{
	my ($database) = @_;
	return ('psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $database);
}

# What the statements print; dies when they fail.
sub sql
{
	my ($database, $sql) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ _psql($database) ], \$sql, \$out, \$err) or die "$sql\nfailed: $err";
	chomp $out;
	return $out;
}

# The error message of statements that must fail ('' when they do not).
sub sql_fails
{
	my ($database, $sql) = @_;
	my ($out, $err) = ('', '');
	return IPC::Run::run([ _psql($database) ], \$sql, \$out, \$err) ? '' : $err;
}

# Start statements in a session of their own; finish() waits and returns (ok, output, errors).
sub start
{
	my ($database, $sql) = @_;
	# from a file: IPC::Run feeds a scalar only while it is pumped
	my $session = { out => '', err => '', script => File::Temp->new() };
	print { $session->{script} } $sql;
	$session->{script}->flush;
	$session->{handle} = IPC::Run::start([ _psql($database), '-f', $session->{script}->filename ],
		'<', '/dev/null', '>', \$session->{out}, '2>', \$session->{err});
	return $session;
}

sub finish
{
	my ($session) = @_;
	my $ok = IPC::Run::finish($session->{handle});
	chomp $session->{out};
	return ($ok, $session->{out}, $session->{err});
}

# Poll until the query gives 't', for at most so many seconds; true when it did.
sub wait_until
{
	my ($database, $query, $seconds) = @_;
	my $end = time + $seconds;
	while (time < $end)
	{
		my $answer = eval { sql($database, $query) };
		return 1 if defined $answer && $answer eq 't';
		sleep 0.02;
	}
	return 0;
}

1;
