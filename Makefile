# forecast_rnn: see README.md, "Getting started" and "Contributing".
#
#   make             the library and the install script, with pg_config's server
#   make install     into that server (as root where it needs to be)
#   make demo        packages, build, private cluster, real data, forecasts
#   make test        packages, build, private cluster, every test
#
# demo, test and bench install into a private copy of the server, build/pg, and
# touch neither the system's installation nor a running server.  Packages come
# first, so this file must also parse where pg_config and gcc do not exist yet.
EXTENSION = forecast_rnn
EXTVERSION = 0.1.0
MODULE_big = forecast_rnn

CORE = $(wildcard src/core/*/*.c)
GLUE = $(wildcard src/pg/*/*.c)
INTERFACES = $(wildcard src/core/*/*.h src/pg/*/*.h)
OBJS = $(CORE:.c=.o) $(GLUE:.c=.o)

# The install script is one file; its sections are kept a topic each.
SECTIONS = $(sort $(wildcard sql/sections/*.sql))
# DATA is PGXS's word for the scripts to install, and `make accuracy`'s for a folder.
DATA_FOLDER := $(if $(filter command line,$(origin DATA)),$(DATA))
override DATA = $(wildcard sql/$(EXTENSION)--*--*.sql)
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = $(DATA_built) build tmp_check results regression.diffs regression.out

# What the gate loops need to vectorize; never -ffast-math, never -march.
CORE_FLAGS = -std=gnu11 -O3 -fno-math-errno -fno-trapping-math -fopenmp-simd $(FMA_FLAGS)

# What compilers that know these options must be told.  GCC 16 leaves a lone sum's multiplication and addition
# apart and fuses those of several: results would depend on how rows are cut.  GCC before 11 moves unaligned
# vectors in halves, which took a third of the speed.
PG_CONFIG ?= pg_config
COMPILER = $(if $(filter command line,$(origin CC)),$(CC),$(shell $(PG_CONFIG) --cc 2>/dev/null))
FMA_FLAGS := $(shell for flag in --param=avoid-fma-max-bits=0 -mno-avx256-split-unaligned-load -mno-avx256-split-unaligned-store; \
	do $(COMPILER) -Werror $$flag -x c -c /dev/null -o /dev/null 2>/dev/null && echo $$flag; done)

# The warnings that `make test` turns into errors.  Every fmgr function has an unused
# parameter, the server's array macros mix signs, and a partial initialiser clears the rest; the
# core is held to all of it.
STRICT = -Wall -Wextra -Wno-unused-parameter -Werror
STRICT_GLUE = $(STRICT) -Wno-sign-compare -Wno-missing-field-initializers

PG_CPPFLAGS = -Isrc -DFRNN_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = $(CORE_FLAGS) $(WARN)

# Only what SQL calls is visible: a library's other names would mix with those
# of the server and of every other extension in the process.
SHLIB_LINK = -lm -Wl,--version-script=src/exports.map

# No bitcode: nothing here is worth inlining into a query, hidden names could
# not be found from there, and building needs no clang.
override with_llvm = no

REGRESS = $(sort $(basename $(notdir $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test --load-extension=forecast_rnn

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)

$(OBJS): $(INTERFACES)
$(shlib): src/exports.map
else
all install installcheck:
	@echo "$(PG_CONFIG) not found: run 'make deps', or name it: make PG_CONFIG=/path/to/pg_config" >&2; exit 1
clean:
	rm -rf $(EXTRA_CLEAN) $(OBJS) $(EXTENSION).so
endif

$(DATA_built): $(SECTIONS)
	cat $(SECTIONS) > $@

# ---- packages -------------------------------------------------------------

deps:
	@test/deps

# ---- a private copy of the server with the extension in it ------------------

PRIVATE = build/pg/lib/postgresql/bin/pg_config
WITH_PRIVATE = PG_CONFIG=$(CURDIR)/$(PRIVATE)
CLUSTER = env $(WITH_PRIVATE) test/cluster

# by recursive make: pg_config may have come with the packages just now
private:
	@test/private-server $(PG_CONFIG) build/pg
	@echo "Building"
	@$(MAKE) --no-print-directory -s -j 2 $(WITH_PRIVATE) WARN="$(WARN)" all
	@$(MAKE) --no-print-directory -s $(WITH_PRIVATE) WARN="$(WARN)" install >/dev/null

# ---- tests: each suite counts into build/results, `test` adds them up ---------

SUITES = unit regress pgtap tap

test: deps
	@rm -rf build/results
	@$(MAKE) --no-print-directory private WARN="$(STRICT_GLUE)" || { echo; echo "0 passed, 1 failed"; exit 1; }
	@for suite in $(SUITES); do $(MAKE) --no-print-directory run-$$suite || true; done
	@test/suite --sum $(SUITES)

$(SUITES): deps
	@$(MAKE) --no-print-directory private
	@$(MAKE) --no-print-directory run-$@

run-unit:
	@test/suite unit test/unit/run "$(STRICT) $(FMA_FLAGS)"
run-regress:
	@test/suite regress $(CLUSTER) $(MAKE) --no-print-directory $(WITH_PRIVATE) installcheck
run-pgtap:
	@test/suite pgtap $(CLUSTER) test/pgtap/run
run-tap:
	@test/suite tap $(CLUSTER) prove -v test/t
# what Debian 12 has no packages for: part of `make deep`
run-timescale:
	@test/suite timescale env CLUSTER_CONF="$$(cat test/timescale/postgresql.conf)" $(CLUSTER) prove -v -Itest/t test/timescale
run-readers:
	@test/suite readers $(CLUSTER) test/reference/check_model.py

# every test on a Debian 13 in a folder outside this one; as root
deep:
	@test/deep

# ---- demo, speed, accuracy, fuzzing -----------------------------------------

demo: deps
	@$(MAKE) --no-print-directory private
	@$(CLUSTER) test/demo/run

bench: deps
	@test/deps test/bench/deps.txt || echo "Going on without: the comparison is left out."
	@$(MAKE) --no-print-directory private
	@env $(WITH_PRIVATE) test/bench/run "$(CORE_FLAGS)"

# what takes longer than ten minutes too
bench-full: export FULL = 1
bench-full: bench

accuracy: deps
	@$(MAKE) --no-print-directory private
	@$(CLUSTER) test/accuracy/run "$(DATA_FOLDER)"

# md5 of the models of a fixed list of trainings
fingerprint: deps
	@$(MAKE) --no-print-directory private
	@$(CLUSTER) psql -XAtq -v ON_ERROR_STOP=1 -f test/fingerprint.sql

fuzz: deps
	@$(MAKE) --no-print-directory private
	@$(CLUSTER) perl test/fuzz/model.pl
	@test/fuzz/run

reference:
	@test/deps test/bench/deps.txt
	@test/reference/run
	@$(MAKE) --no-print-directory private
	@$(CLUSTER) test/reference/check_model.py

# doc/reference.md from the catalogue, after a change of the SQL surface
manual: deps
	@$(MAKE) --no-print-directory private
	@$(CLUSTER) psql -XAtq -v ON_ERROR_STOP=1 -f doc/reference.sql >build/reference.md
	@mv build/reference.md doc/reference.md

.PHONY: deps private manual test unit regress pgtap tap $(SUITES:%=run-%) run-timescale run-readers deep demo bench bench-full accuracy fingerprint fuzz reference
