#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Runs programs that print TAP and adds the counts to a tally file.
#   tools/tally.pl JOBS SECONDS TALLY PROGRAM...
# SECONDS is the limit for each program. With DIVE_NO_SKIP=1 a skipped test
# counts as failed. Exits 1 when anything failed.
use strict;
use warnings;
use TAP::Harness;

my ($jobs, $seconds, $tally, @programs) = @ARGV;
exit 0 if !@programs;
$ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';

sub command {
	my ($harness, $program) = @_;
	my @run = split ' ', $program;
	if (!-x $run[0] && open my $in, '<', $run[0]) {
		# A script is for the interpreter that it names, or any sh.
		unshift @run, (<$in> // '') =~ m{^#!\s*(\S+)} ? $1 : 'sh';
	}
	return ['timeout', '-k', '10', $seconds, @run];
}

my $result = TAP::Harness->new({
	jobs => $jobs, exec => \&command, timer => 1, failures => 1,
	comments => 1, errors => 1,
})->runtests(@programs);

my ($passed, $failed, $skipped, @bad) = (0, 0, 0);
for my $program ($result->descriptions) {
	my ($p) = $result->parsers($program);
	my $skips = $p->skip_all ? 1 : scalar $p->skipped;
	my $fails = scalar $p->failed;
	# It died, or its plan does not fit: a failure even if all lines say ok.
	$fails++ if !$fails && ($p->wait || $p->parse_errors);
	if ($skips && ($ENV{DIVE_NO_SKIP} // '') eq '1') {
		print "$program: $skips skipped, which counts as failed here\n";
		$fails += $skips;
	} else {
		$skipped += $skips;
	}
	$passed += $p->passed - $p->skipped;
	$failed += $fails;
	push @bad, $program if $fails;
}
open my $out, '>>', $tally or die "$tally: $!\n";
print $out join("\t", $passed, $failed, $skipped, "@bad"), "\n";
close $out or die "$tally: $!\n";
exit($failed ? 1 : 0);
