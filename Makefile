# forecast_rnn: see README.md, "Getting started" and "Contributing".
EXTENSION = forecast_rnn
EXTVERSION = 0.1.0
MODULE_big = forecast_rnn

CORE = $(wildcard src/core/*.c)
GLUE = $(wildcard src/pg/*.c)
OBJS = $(CORE:.c=.o) $(GLUE:.c=.o)

# The install script is one file; its sections are kept a topic each.
SECTIONS = $(sort $(wildcard sql/sections/*.sql))
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = $(DATA_built) build tmp_check results regression.diffs regression.out

# Serial OpenBLAS by its own directory: a threaded one would start threads
# inside the backend as soon as the library is loaded.
MULTIARCH := $(shell gcc -print-multiarch)
BLAS_LIB ?= /usr/lib/$(MULTIARCH)/openblas-serial
BLAS_INC ?= /usr/include/$(MULTIARCH)/openblas-serial

# What the gate loops need to vectorise; never -ffast-math, never -march.
CORE_FLAGS = -std=gnu11 -O3 -fno-math-errno -fno-trapping-math -fopenmp-simd

PG_CPPFLAGS = -Isrc -I$(BLAS_INC)
PG_CFLAGS = $(CORE_FLAGS) $(WARN)
SHLIB_LINK = -L$(BLAS_LIB) -lopenblas -Wl,-rpath,$(BLAS_LIB) -lm

REGRESS = $(sort $(basename $(notdir $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test --load-extension=forecast_rnn

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)

# bitcode for the server's JIT: pgxs compiles it with clang, which takes the same flags
override BITCODE_CFLAGS += $(CORE_FLAGS)

$(OBJS): $(wildcard src/core/*.h) $(wildcard src/pg/*.h)
endif

$(DATA_built): $(SECTIONS)
	cat $(SECTIONS) > $@
