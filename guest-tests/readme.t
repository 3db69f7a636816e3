#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Types every ```console block of the pages given (default: every README) and
# compares the output: "..." stands for any text within a line, a line that is
# nothing else for any number of lines. No output shown: none is expected.
use strict;
use warnings;

my @pages = @ARGV ? @ARGV
	: (split(/\n/, `git ls-files 'README.md' '*/README.md'`),
	   'contract/PORTING.md');
my ($n, $failed) = (0, 0);

# Steps of a page: [command, expected lines].
sub steps {
	my ($page) = @_;
	my ($inside, $end, @steps) = (0, undef);
	open(my $in, '<', $page) or die "$page: $!\n";
	while (my $line = <$in>) {
		chomp $line;
		if (defined $end) {		# in a here-document
			$steps[-1][0] .= "\n$line";
			undef $end if $line eq $end;
		} elsif ($line =~ /^```/) {
			$inside = $line eq '```console';
		} elsif ($inside && $line =~ /^\$ (.*)/) {
			push @steps, [$1];
			$end = $1 if $line =~ /<<'(\w+)'/;
		} elsif ($inside && @steps) {
			push @{$steps[-1]}, $line;
		}
	}
	return @steps;
}

sub pattern {
	my $pattern = '';
	for my $line (@_) {
		if ($line eq '...') {
			$pattern .= '(?:.*\n)*?';
		} else {
			$pattern .= join('.*', map { quotemeta } split /\.\.\./,
				$line, -1) . '\n';
		}
	}
	return qr/\A$pattern\z/;
}

sub try_step {
	my ($page, $command, @expected) = @_;
	open(my $run, '-|', 'timeout', '60', 'sh', '-c', "{ $command\n} 2>&1")
		or die "sh: $!\n";
	my $got = do { local $/; <$run> } // '';
	close $run;
	my $good = $got =~ pattern(@expected) && (@expected || $? == 0);
	my ($title) = $command =~ /^(.*)/;
	$n++;
	print $good ? 'ok' : 'not ok', " $n - $page: $title\n";
	return if $good;
	$failed = 1;
	print map { "# $_\n" } 'wanted:', @expected, 'got:', split(/\n/, $got);
}

for my $page (@pages) {
	try_step($page, @$_) for steps($page);
}
print "1..$n\n";
exit $failed;
