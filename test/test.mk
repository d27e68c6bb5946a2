# Tests, demo, benchmarks and what else a developer calls; included by the Makefile.
#
# They use a private copy of the server, build/pg, and touch neither the system's installation nor a running server.
# Nothing here installs packages but `make deps`; on a fresh machine say `make deps test`.  So this file is also
# read where pg_config and gcc do not exist yet, and what needs them runs in a make of its own.
MAKE_QUIET = $(MAKE) --no-print-directory
PRIVATE = build/pg/lib/postgresql/bin/pg_config
WITH_PRIVATE = PG_CONFIG=$(CURDIR)/$(PRIVATE)
CLUSTER = env $(WITH_PRIVATE) test/cluster

# ---- packages ----------------------------------------------------------------

deps:
	@test/deps
bench-deps:
	@test/deps test/bench/deps.txt
deep-deps:
	@test/deps test/debug/deps.txt

# what needs packages comes after `make deps` in the same command, and otherwise names those that are missing
NEEDS_DEPS = $(if $(filter deps,$(MAKECMDGOALS)),deps,deps-check)
deps-check:
	@test/deps --check

# ---- a private copy of the server with the extension in it ---------------------

private: | $(NEEDS_DEPS)
	@test/private-server $(PG_CONFIG) build/pg
	@echo "Building"
	@$(MAKE_QUIET) -s -j 2 $(WITH_PRIVATE) WARN="$(WARN)" all
	@$(MAKE_QUIET) -s $(WITH_PRIVATE) WARN="$(WARN)" install >/dev/null

# ---- tests: each suite counts into build/results, `test` adds them up ------------

SUITES = lint unit regress pgtap tap fuzz

test: | $(NEEDS_DEPS)
	@rm -rf build/results
	@$(MAKE_QUIET) private WARN="$(STRICT_GLUE)" || { echo; echo "0 passed, 1 failed"; exit 1; }
	@for suite in $(SUITES); do $(MAKE_QUIET) run-$$suite || true; done
	@test/suite --sum $(SUITES)

$(filter-out lint,$(SUITES)): | $(NEEDS_DEPS)
	@$(MAKE_QUIET) private
	@$(MAKE_QUIET) run-$@

run-lint:
	@test/suite lint test/lint
run-unit:
	@test/suite unit test/unit/run "$(STRICT)"
run-regress:
	@test/suite regress $(CLUSTER) $(MAKE_QUIET) $(WITH_PRIVATE) installcheck
run-pgtap:
	@test/suite pgtap $(CLUSTER) test/pgtap/run
run-tap:
	@test/suite tap $(CLUSTER) prove -v test/t
# 10^5 inputs to each reader of untrusted bytes, the same ones each time, and damaged models through SQL
run-fuzz:
	@test/suite fuzz env $(WITH_PRIVATE) test/fuzz/short
# what Debian 12 has no packages for: part of `make deep`
run-timescale:
	@test/suite timescale env CLUSTER_CONF="$$(cat test/timescale/postgresql.conf)" $(CLUSTER) prove -v -Itest/t test/timescale
# with Citus, where this server has it (or the source: test/citus/build); elsewhere nothing is tested, and that is said
run-citus:
	@if [ -e "$$($(PRIVATE) --pkglibdir)/citus.so" ]; then test/suite citus $(CLUSTER) prove -v test/citus; \
	else echo "citus: skipped, this server has no Citus: nothing was tested (test/citus/build makes one)"; fi
citus: private
	@$(MAKE_QUIET) run-citus
run-readers:
	@test/suite readers $(CLUSTER) sh -c 'test/reference/check_model.py && createdb onnx && PGDATABASE=onnx test/reference/check_onnx.py'

# layers, format, SQL labels and comments, exported names, shellcheck, cppcheck: without a build
lint:
	@test/lint
format:
	@test/format
typedefs:
	@test/format --typedefs

# ---- attacks on purpose: each leaves its figures in build/scorecard (doc/reliability.md) ----

# every allocation that can fail, disks that are full, servers and workers that end
faults: private
	@test/suite faults $(CLUSTER) env FRNN_FULL=1 prove -v $(wildcard test/t/faults_*.t)
# 1000 rounds of each call in one session
leaks: private
	@test/suite leaks $(CLUSTER) env FRNN_FULL=1 prove -v test/t/leaks.t
# compilers' and linters' readings of the sources
static: private
	@test/suite static $(CLUSTER) test/static
# lines and branches that all suites reach
coverage: | $(NEEDS_DEPS)
	@test/coverage
# the core built for 32 bits
unit32:
	@BITS=32 test/suite unit32 test/unit/run "$(STRICT)"
# the regression suite with the kernels that a processor without AVX2 gets
plain: private
	@test/suite plain test/plain
# the regression suite on a server built with assertions, then under valgrind
assert:
	@test/suite assert test/debug/run assert
valgrind:
	@test/suite valgrind test/debug/run valgrind
# every test on a Debian 13 in a folder outside this one, pg_upgrade to its server, and its compilers' numbers; as root
debian13: private
	@test/deep
# the suites on the other server versions that Debian's releases have, 13 and 18; as root
versions:
	@failed=; for release in bullseye forky; do DEEP_RELEASE=$$release DEEP_SUITES="regress pgtap tap" test/deep || failed="$$failed $$release"; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }
# the Debian package, built in one Debian 12 and installed in another; the archive, built elsewhere; as root
package: private
	@test/suite package test/package
	@test/suite archive env $(WITH_PRIVATE) test/dist --build

# all of it, hours; goes on after a failure
DEEP = test citus package unit32 static leaks faults assert valgrind coverage fuzz-full debian13 versions
deep:
	@failed=; for target in $(DEEP); do $(MAKE_QUIET) $$target || failed="$$failed $$target"; done; \
	$(MAKE_QUIET) scorecard; [ -z "$$failed" ] || { echo "Failed:$$failed"; exit 1; }
# a line per figure of what has run
scorecard:
	@test/scorecard $(DEEP)

# ---- demo, speed, accuracy, fuzzing --------------------------------------------

demo: private
	@$(CLUSTER) test/demo/run

bench: private
	@test/deps --check test/bench/deps.txt || echo "Going on without: the comparison is left out (make bench-deps installs them)."
	@env $(WITH_PRIVATE) test/bench/run "$(CORE_FLAGS)"
# what takes longer than ten minutes, too
bench-full: export FULL = 1
bench-full: bench

# 10^8 rows: 10^5 series in chunks and as one model, 10^6 series in a model that keeps none; 9 GB of disk, 6 GB of memory
scale-full: private
	@CLUSTER_CONF="shared_buffers = '16MB'" $(CLUSTER) sh -c "SERIES=100000 STORED=1 JOBS='panel chunks global' bash test/bench/full/scale.sh && \
		psql -qc 'DROP TABLE stored_100000_1000 CASCADE' && SERIES=1000000 ROWS=100 STORED=1 JOBS='panel pooled' bash test/bench/full/scale.sh"

# make accuracy FOLDER=folder-of-csv-files
accuracy: private
	@$(CLUSTER) test/accuracy/run "$(FOLDER)"

# md5 of the models of a fixed list of trainings
fingerprint: private
	@$(CLUSTER) psql -XAtq -v ON_ERROR_STOP=1 -f test/fingerprint.sql

# those of each compiler, instruction set and, through test/deep, system: one table
same-numbers: private
	@test/same-numbers

# models of the present format with their forecasts, which every later version must read; a released file is not made anew
golden-models: private
	@$(CLUSTER) psql -XAtq -v ON_ERROR_STOP=1 -f test/reference/make_golden_models.sql >build/golden.tsv
	@mv build/golden.tsv test/data/golden_models_$(EXTVERSION).tsv

# pictures of every kind, drawn by Chromium: texts that overlap or are clipped fail; screenshots in build/pictures
pictures: private
	@$(CLUSTER) test/pictures/run

# 10^7 inputs to each reader (in rounds: a run that was stopped goes on), 10^5 calls with damaged models and states,
# half an hour of SQLsmith: hours
fuzz-full: private
	@test/fuzz/long
	@FUZZ_MODELS=20000 $(CLUSTER) perl test/fuzz/model.pl
	@$(CLUSTER) test/fuzz/limits
	@$(MAKE_QUIET) sqlsmith
sqlsmith: private
	@CLUSTER_CONF="$$(cat test/fuzz/sqlsmith.conf)" $(CLUSTER) test/fuzz/sqlsmith

reference: private | bench-deps
	@test/reference/run
	@$(CLUSTER) test/reference/check_model.py

# doc/reference.md from the catalog, after a change of the SQL surface
manual: private
	@$(CLUSTER) psql -XAtq -v ON_ERROR_STOP=1 -f doc/reference.sql >build/reference.md
	@mv build/reference.md doc/reference.md

# an archive of what is committed, as PGXN takes it
dist:
	git archive --format zip --prefix $(EXTENSION)-$(EXTVERSION)/ -o $(EXTENSION)-$(EXTVERSION).zip HEAD

.PHONY: deps bench-deps deep-deps deps-check private manual dist test lint format typedefs unit regress pgtap tap $(SUITES:%=run-%) \
	run-timescale run-readers run-citus citus deep faults leaks unit32 plain static coverage assert valgrind debian13 versions package scorecard demo bench bench-full scale-full accuracy fingerprint same-numbers golden-models pictures fuzz-full sqlsmith reference
