# Helpers of the TAP tests: sessions of the cluster that test/cluster started.
package FrnnTest;

use strict;
use warnings;
use Exporter 'import';
use File::Temp;
use IPC::Run;
use Time::HiRes qw(time sleep);
use Test::More;

our @EXPORT = qw(sql sql_fails start finish wait_until new_database new_server);

# psql may end before it has read its statements, when the server is not there
$SIG{PIPE} = 'IGNORE';

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

# A server of its own, on a socket in a temporary folder, stopped and removed at the end.  Takes lines for
# postgresql.conf and environment variables; returns (folder of its socket, functions that stop and start it).
# With MOUNT, shell commands that mount file systems in a name space of the server's own; FOLDER is its folder.
my @servers;
my $user = $ENV{SERVER_USER} || 'postgres';
my @as = $> == 0 ? ('runuser', '-u', $user, '--') : ();    # the server refuses to run as root

sub _quietly { return IPC::Run::run([@_], '<', '/dev/null', '>&', '/dev/null'); }

sub new_server
{
	my ($conf, %environment) = @_;
	my $mount = delete $environment{MOUNT};
	my $folder = File::Temp::tempdir(CLEANUP => 1);
	chmod 0755, $folder;
	if (@as) { my @entry = getpwnam($user); chown @entry[ 2, 3 ], $folder; }
	my $data = "$folder/data";
	_quietly(@as, 'initdb', '-D', $data, '-A', 'trust', '-U', $ENV{PGUSER}, '--no-sync', '-E', 'UTF8', '--locale=C') or die 'initdb failed';
	open my $out, '>>', "$data/postgresql.conf" or die $!;
	print $out "listen_addresses = ''\nunix_socket_directories = '$folder'\nfsync = off\nshared_buffers = '16MB'\ntimezone = 'UTC'\n$conf\n";
	close $out;
	my $start = sub {
		local %ENV = (%ENV, %environment, FOLDER => $folder);
		return _quietly($mount ? ('unshare', '--mount', 'sh', '-c', "$mount; exec \"\$@\"", 'sh') : (), @as, 'pg_ctl', '-D', $data, '-l', "$folder/log", '-w', 'start');
	};
	my $stop = sub { return _quietly(@as, 'pg_ctl', '-D', $data, '-m', $_[0] || 'immediate', '-w', 'stop'); };
	push @servers, $stop;
	$start->() or die "start failed: " . `cat $folder/log`;
	return ($folder, $stop, $start);
}
END { my $status = $?; $_->() for @servers; $? = $status; }

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
