# SPDX-License-Identifier: Apache-2.0
# Merges the TAP of the scripts that inside.sh ran into one, with numbers of
# its own. A script is printed when it has ended: should the bed start again
# (run.sh says when), what has ended already counts and is not printed twice.

function result(good, text) {
	total++
	if (!good) failed++
	print (good ? "ok " : "not ok ") total " - " name ": " text
}

function finish(status,    i, line, count, plan, bad) {
	plan = -1
	for (i = 0; i < lines; i++) {
		line = buffer[i]
		if (line ~ /^(not )?ok($|[ \t])/) {
			count++
			bad += line ~ /^not/
			sub(/^(not )?ok[ \t]*[0-9]*[ \t]*(- )?/, "", line)
			result(buffer[i] !~ /^not/, line)
		} else if (line ~ /^1\.\.0/) {
			plan = 0
			sub(/^1\.\.0[ \t]*/, "", line)
			result(1, line ~ /SKIP|skip/ ? line : "# SKIP " line)
		} else if (line ~ /^1\.\.[0-9]+/) {
			plan = substr(line, 4) + 0
		} else if (line ~ /^#/) {
			print line
		} else if (line != "") {
			print "# " line
		}
	}
	if (status != "0" && !bad) result(0, "ended with status " status)
	else if (plan < 0) result(0, "printed no plan")
	else if (plan != count + 0) result(0, "planned " plan " tests, ran " count + 0)
	fflush()
}

/^#:bed begin / { name = $3; sub(/.*\//, "", name); began = $4; lines = 0; inside = 1; next }
/^#:bed end / {
	inside = 0
	if (name in done) next
	done[name] = 1
	finish($3)
	printf "# %s took %.1f s\n", name, $4 - began
	next
}
/^#:bed status / {
	if (inside) {
		finish("unknown: the bed stopped in it")
		inside = 0
	} else if ($3 != 0) {
		name = "test bed"
		result(0, "run.sh ended with status " $3)
	}
	next
}
inside { buffer[lines++] = $0; next }
$0 != "" { print "# " $0 }

END {
	print "1.." total
	exit failed > 0
}
