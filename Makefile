# forecast_rnn: the library and its install script.  Tests, demo and benchmarks: test/test.mk.
#
#   make              build for the server of pg_config on the path (or PG_CONFIG=/path/to/pg_config)
#   make install      into that server (as root where needed); honors DESTDIR
#   make deps         Debian packages that building and testing need (as root, or by sudo)
#   make demo         real data, trained and forecast in a private copy of the server
#   make test         every test, in a private copy of the server
#   make lint format  checks without a build; lay out the sources
#
# Nothing but a C compiler and the server's headers is needed to build.  A build outside the source tree works as
# PGXS describes it: make -f /path/to/source/Makefile, in an empty folder.
EXTENSION = forecast_rnn
EXTVERSION = 0.1.0
MODULE_big = forecast_rnn

# of this file: the source tree, also when the build is elsewhere
SOURCE := $(dir $(firstword $(MAKEFILE_LIST)))
CORE = $(wildcard $(SOURCE)src/core/*/*.c)
GLUE = $(wildcard $(SOURCE)src/pg/*/*.c)
INTERFACES = $(wildcard $(SOURCE)src/core/*/*.h $(SOURCE)src/pg/*/*.h)
OBJS = $(patsubst $(SOURCE)%.c,%.o,$(CORE) $(GLUE))
ifneq ($(SOURCE),./)
$(shell mkdir -p $(sort $(dir $(OBJS))) sql)
endif

# The install script is one file, made from a section per topic.
SECTIONS = $(sort $(wildcard $(SOURCE)sql/sections/*.sql))
DATA = $(wildcard $(SOURCE)sql/$(EXTENSION)--*--*.sql)
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = $(DATA_built) build tmp_check results regression.diffs regression.out

# What the gate loops need to vectorize; never -ffast-math, never -march.  No contraction: a multiplication is
# fused with an addition only where the source says so, or numbers would depend on compiler and processor.
CORE_FLAGS = -std=gnu11 -O3 -fno-math-errno -fno-trapping-math -fopenmp-simd -ffp-contract=off $(SPLIT_FLAGS)

# GCC before 11 moves unaligned vectors in halves, which took a third of the speed.
PG_CONFIG ?= pg_config
COMPILER = $(if $(filter command line,$(origin CC)),$(CC),$(shell $(PG_CONFIG) --cc 2>/dev/null))
SPLIT_FLAGS := $(shell for flag in -mno-avx256-split-unaligned-load -mno-avx256-split-unaligned-store; \
	do $(COMPILER) -Werror $$flag -x c -c /dev/null -o /dev/null 2>/dev/null && echo $$flag; done)

# Every fmgr function has an unused parameter, the server's array macros mix signs, and a partial initializer
# clears the rest.  `make test` turns these warnings into errors; the core is held to all of STRICT.
STRICT = -Wall -Wextra -Wno-unused-parameter -Werror
STRICT_GLUE = $(STRICT) -Wno-sign-compare -Wno-missing-field-initializers

PG_CPPFLAGS = -I$(SOURCE)src -DFRNN_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = $(CORE_FLAGS) $(WARN)

# Only what SQL calls is visible: other names would mix with those of the server and of other extensions.
SHLIB_LINK = -lm -Wl,--version-script=$(SOURCE)src/exports.map

# No bitcode: hidden names could not be found from there, and building needs no clang.
override with_llvm = no

REGRESS = $(sort $(basename $(notdir $(wildcard $(SOURCE)test/sql/*.sql))))
REGRESS_OPTS = --inputdir=$(SOURCE)test --load-extension=forecast_rnn

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)
$(OBJS): $(INTERFACES)
$(shlib): $(SOURCE)src/exports.map
else
all install installcheck:
	@echo "$(PG_CONFIG) not found: run 'make deps', or name it: make PG_CONFIG=/path/to/pg_config" >&2; exit 1
clean:
	rm -rf $(EXTRA_CLEAN) $(OBJS) $(EXTENSION).so
endif

$(DATA_built): $(SECTIONS)
	cat $(SECTIONS) > $@

include $(SOURCE)test/test.mk
