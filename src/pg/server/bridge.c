/*
 * bridge.c
 *	  Errors for statuses, interrupts in ticks, and the allocation of work
 *	  memory.  Every message about a network's shape stands here, once.
 */
#include "pg/server/bridge.h"

#include <math.h>
#include <time.h>

#include "core/base/memory.h"
#include "core/network/network.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "utils/memutils.h"

static void pg_attribute_noreturn()
layer_error(const FrnnError *error, const char *rule)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("layer %d %s, not %g", error->layer + 1, rule, error->value)));
}

static void pg_attribute_noreturn()
layer_mismatch(const FrnnError *error, const char *rule, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("layer %d %s", error->layer + 1, rule),
			 hint ? errhint("%s", hint) : 0));
}

static void pg_attribute_noreturn()
range_error(const char *what, const FrnnError *error)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be between 1 and %.0f, not %.0f", what, error->limit, error->value)));
}

static void pg_attribute_noreturn()
size_error(double bytes, double limit, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%s needs %.0f MB of memory, more than the %.0f MB that maintenance_work_mem allows",
					what, ceil(bytes / 1048576.0), limit / 1048576.0),
			 errhint("Use fewer units, a smaller batch_size, shorter windows or fewer rows, or raise maintenance_work_mem.")));
}

/* Raises the error of a status about one layer, if it is one. */
static void
layer_status(FrnnStatus status, const FrnnError *error)
{
	switch (status)
	{
		case FRNN_NO_LAYERS:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a network must have at least one layer")));
			break;
		case FRNN_TOO_MANY_LAYERS:
			ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							errmsg("a network must have at most %d layers, not %.0f", FRNN_MAX_LAYERS, error->value)));
			break;
		case FRNN_BAD_UNITS:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("units of layer %d must be between 1 and %d, not %.0f",
								   error->layer + 1, FRNN_MAX_UNITS, error->value)));
			break;
		case FRNN_BAD_RATE:
			layer_error(error, "must have a dropout rate of at least 0 and below 1");
			break;
		case FRNN_BAD_EPSILON:
			layer_error(error, "must have a positive epsilon");
			break;
		case FRNN_BAD_DILATION:
			layer_error(error, psprintf("must have a dilation between 1 and %d", FRNN_MAX_DILATION));
			break;
		case FRNN_BAD_ACTIVATION:
			layer_mismatch(error, "does not offer that activation",
						   "Recurrent layers offer tanh (simple: also relu and linear); dense layers linear, tanh, relu, sigmoid and softplus.");
			break;
		case FRNN_BAD_BIDIRECTIONAL:
			layer_mismatch(error, "cannot be bidirectional: only recurrent layers can", NULL);
			break;
		case FRNN_VECTOR_TO_RECURRENT:
			layer_mismatch(error, "is recurrent but is fed a vector, not a sequence",
						   "Set return_sequences on the recurrent layer before it.");
			break;
		default:
			break;
	}
}

/* Raises the error of a status about a network's shape, if it is one. */
static void
network_status(FrnnStatus status, const FrnnError *error)
{
	switch (status)
	{
		case FRNN_BAD_INPUT_SIZE:
			range_error("the number of features", error);
			break;
		case FRNN_BAD_TIME_STEPS:
			range_error("time steps", error);
			break;
		case FRNN_OPEN_HIGHWAY:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a highway needs a fixed number of time steps")));
			break;
		case FRNN_EXTRA_WITHOUT_DENSE:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a forecasting network must end in a dense layer"),
							errhint("Add rnn_dense(h), h being the horizon.")));
			break;
		case FRNN_HIGHWAY_ON_SEQUENCE:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a highway needs a network that ends in a vector, not in a sequence"),
							errhint("Leave return_sequences unset on the last recurrent layer, or turn the highway off.")));
			break;
		case FRNN_BAD_BATCH:
			range_error("the batch size", error);
			break;
		case FRNN_TOO_LARGE:
			size_error(error->value, error->limit > 0 ? error->limit : maintenance_work_mem * 1024.0, "the network");
			break;
		case FRNN_BAD_LOSS_WIDTH:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the loss takes %.0f outputs a target, but the network gives %.0f outputs",
								   error->limit, error->value),
							errhint("Give the last dense layer as many units as targets times outputs a target.")));
			break;
		default:
			break;
	}
}

/* Raises the error of a status about the data or their training, if it is one. */
static void
training_status(FrnnStatus status, const FrnnError *error)
{
	switch (status)
	{
		case FRNN_DIVERGED:
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("training diverged: the loss was not finite in epoch %.0f", error->value),
							errhint("Lower learning_rate, set clip_norm, or scale the values.")));
			break;
		case FRNN_NO_SAMPLES:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("there is nothing to train on")));
			break;
		case FRNN_TOO_SHORT:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("too few rows: %.0f are needed, there are %.0f", error->limit, error->value),
							errhint("rnn_describe(panel) shows the rows of each series. " FRNN_PANEL_ARGUMENTS)));
			break;
		case FRNN_BAD_EPOCHS:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("epochs must be at least 1, not %.0f", error->value)));
			break;
		case FRNN_BAD_HORIZON:
			range_error("the horizon", error);
			break;
		case FRNN_LOG_OF_NEGATIVE:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a logarithm needs values of at least 0, but the panel holds %g", error->value),
							errhint("Set transform to \"asinh\" or \"none\".")));
			break;
		case FRNN_NOT_COUNTS:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the loss negative_binomial needs counts of at least 0, without a transform (the lowest value is %g)",
								   error->value)));
			break;
		case FRNN_BAD_PERIOD:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("seasonality must be ascending periods between 2 and %.0f rows, not %.0f",
								   error->limit, error->value)));
			break;
		case FRNN_NO_SEQUENCES:
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("mode \"sequence\" needs a network that reads forward and gives a forecast at each time step"),
							errhint("Set return_sequences on all recurrent layers and leave out bidirectional ones, or set mode to \"window\".")));
			break;
		default:
			break;
	}
}

void
frnn_check(FrnnStatus status, const FrnnError *error)
{
	FrnnError	none = {status, -1, 0, 0};

	if (status == FRNN_OK)
		return;
	if (error == NULL || error->status != status)
		error = &none;
	layer_status(status, error);
	network_status(status, error);
	training_status(status, error);
	elog(ERROR, "unexpected core status %d", (int) status);
}

void
frnn_pg_tick(void *arg)
{
	CHECK_FOR_INTERRUPTS();
	/* as the server's own waits do: a training must not outlive its server and keep the next from starting */
	if (IsUnderPostmaster && !PostmasterIsAlive())
		proc_exit(1);
}

double
frnn_pg_clock(void *arg)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
}

const FrnnHooks frnn_pg_hooks = {frnn_pg_tick, NULL, frnn_pg_clock, NULL, NULL};

void
frnn_check_size(size_t bytes, const char *what)
{
	double		limit = maintenance_work_mem * 1024.0;

	if ((double) bytes > limit)
		size_error((double) bytes, limit, what);
}

size_t
frnn_check_growth(MemoryContext call, size_t more, const char *what)
{
	size_t		bytes = frnn_add(MemoryContextMemAllocated(call, true), more);

	frnn_check_size(bytes, what);
	return bytes;
}

#define CLEARED_AT_ONCE ((size_t) 16 << 20) /* bytes */

void	   *
frnn_allocate(size_t bytes, const char *what)
{
	char	   *block;
	size_t		done;

	frnn_check_size(bytes, what);
	block = MemoryContextAllocExtended(CurrentMemoryContext, bytes + FRNN_ALIGN, MCXT_ALLOC_HUGE);
	/* clearing a gigabyte takes seconds */
	for (done = 0; done < bytes + FRNN_ALIGN; done += CLEARED_AT_ONCE)
	{
		memset(block + done, 0, Min(CLEARED_AT_ONCE, bytes + FRNN_ALIGN - done));
		CHECK_FOR_INTERRUPTS();
	}
	return (void *) TYPEALIGN(FRNN_ALIGN, block);
}
