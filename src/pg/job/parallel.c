/*
 * parallel.c
 *	  Training shared with the server's parallel workers.
 *
 * The leader packs the job (core/train/shard.h) into one dynamic shared memory
 * segment, launches workers and starts to work at once; workers join when they
 * are up.  Leader and workers claim tasks from one counter, so the leader never
 * waits for a worker that has claimed nothing: the result is the same with all
 * workers that were requested, with fewer, or with none.
 *
 * A worker that fails sends its error to the leader; one that was killed is
 * found missing.  Both raise an error in the leader's CHECK_FOR_INTERRUPTS,
 * which every wait here reaches.  After an error in the leader, the end of the
 * (sub)transaction ends the workers, detaches the segment and leaves parallel
 * mode.
 */
#include "pg/job/parallel.h"

#include <unistd.h>

#include "access/xact.h"
#include "core/forecast/window_source.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/tensor/samples.h"
#include "pgstat.h"
#include "port/atomics.h"
#include "portability/instr_time.h"
#include "storage/condition_variable.h"
#include "storage/s_lock.h"

int			frnn_workers = -1;

#define KEY_STATE 1
#define KEY_WORK 2

/*
 * A wait sleeps only after a quarter of a millisecond: the sum of gradients and the
 * optimizer's step take 0.1 ms or more, and waking a process costs 0.3 ms or more on
 * a virtual machine.  The turns of a wait last 4 to 40 ns each, so the clock counts.
 */
#define SPIN_MICROSECONDS 250
#define SPIN_TURNS 64			/* between two looks at the clock */

/*
 * The smallest job that is given workers.  Measured: the leader spends 1 ms on
 * launching and 1 ms on dismissing them, and a worker joins 5 to 20 ms later.
 * A tenth of a second of work repays that several times over; one core reaches
 * 20 to 80 GFLOP/s on networks worth sharing, less on small ones.
 */
#define WORTH_FLOPS 3e9

/* packings by number: an address means nothing in another process */
static const FrnnPacking *const packings[] = {&samples_packing, &frnn_samples_packing};

typedef struct ParallelState
{
	pg_atomic_uint64 posted;	/* tasks handed out, over all runs */
	pg_atomic_uint64 claimed;	/* of them started */
	pg_atomic_uint64 done;		/* of them finished */
	pg_atomic_uint32 sleepers;	/* workers that must be woken */
	pg_atomic_uint32 waiting;	/* the leader must be woken */
	pg_atomic_uint32 over;		/* nothing more will be posted */
	int			packing;
	ConditionVariable work;
	ConditionVariable rest;
} ParallelState;

typedef struct Spin
{
	int			turns;
	instr_time	began;
} Spin;

/* Passes a short time of a wait.  Returns false when the wait should sleep. */
static bool
spin_on(Spin *spin)
{
	instr_time	now;

	SPIN_DELAY();
	if (++spin->turns % SPIN_TURNS != 0)
		return true;
	INSTR_TIME_SET_CURRENT(now);
	if (spin->turns == SPIN_TURNS)
		spin->began = now;
	INSTR_TIME_SUBTRACT(now, spin->began);
	return INSTR_TIME_GET_MICROSEC(now) < SPIN_MICROSECONDS;
}

/* Claims the next task.  Returns its number over all runs, or -1 if none is posted. */
static int64
task_claim(ParallelState *state)
{
	uint64		next = pg_atomic_read_u64(&state->claimed);

	while (next < pg_atomic_read_u64(&state->posted))
		if (pg_atomic_compare_exchange_u64(&state->claimed, &next, next + 1))
			return (int64) next;
	return -1;
}

/* ---------------------------------------------------------------- leader */

static int
packing_find(const FrnnPacking *packing)
{
	int			i;

	for (i = 0; i < (int) lengthof(packings); i++)
		if (packings[i] == packing)
			return i;
	return -1;
}

/* Returns how many workers to request, 0 for none, and the bytes of the packed job. */
static int
team_choose_workers(const ParallelTeam *team, const FrnnJob *job, size_t *bytes)
{
	int			wanted = team->workers >= 0 ? team->workers : frnn_workers;
	double		limit = maintenance_work_mem * 1024.0;
	size_t		helper;

	/* a worker of a parallel plan may not launch workers */
	if (wanted == 0 || job->tasks < 2 || max_parallel_workers == 0 || !IsUnderPostmaster || IsParallelWorker() ||
		packing_find(job->source->packing) < 0)
		return 0;
	if (wanted < 0)
	{
		if (job->flops * job->tasks * (double) job->runs < WORTH_FLOPS)
			return 0;
		wanted = Min(max_parallel_maintenance_workers, (int) sysconf(_SC_NPROCESSORS_ONLN) - 1);
	}
	wanted = Min(wanted, job->tasks - 1);
	*bytes = frnn_work_size(job);
	helper = frnn_helper_bytes(job);
	while (wanted > 0 && (double) team->lent + (double) *bytes + (double) wanted * (double) helper > limit)
		wanted--;
	/* members would leave processes idle in their last round; shards of one member after another would not */
	if (job->kind == FRNN_JOB_MEMBERS && job->shards > wanted && job->tasks % (wanted + 1) != 0)
		return 0;
	return wanted;
}

static ParallelState *
state_create(shm_toc * toc, int packing)
{
	ParallelState *state = shm_toc_allocate(toc, sizeof(ParallelState));

	memset(state, 0, sizeof(ParallelState));
	pg_atomic_init_u64(&state->posted, 0);
	pg_atomic_init_u64(&state->claimed, 0);
	pg_atomic_init_u64(&state->done, 0);
	pg_atomic_init_u32(&state->sleepers, 0);
	pg_atomic_init_u32(&state->waiting, 0);
	pg_atomic_init_u32(&state->over, 0);
	ConditionVariableInit(&state->work);
	ConditionVariableInit(&state->rest);
	state->packing = packing;
	return state;
}

static bool
team_begin(void *arg, const FrnnJob *job, FrnnWork *work)
{
	ParallelTeam *team = arg;
	ParallelState *state = NULL;
	ParallelContext *context;
	size_t		bytes = 0;
	int			launched = 0;
	int			workers;
	void	   *block;

	if (team->context)
		return false;			/* a member's shards, while members share the workers */
	workers = team_choose_workers(team, job, &bytes);
	if (workers <= 0)
		return false;

	EnterParallelMode();
	context = CreateParallelContext("forecast_rnn", "frnn_parallel_main", workers);
	shm_toc_estimate_chunk(&context->estimator, sizeof(ParallelState));
	shm_toc_estimate_chunk(&context->estimator, bytes + FRNN_ALIGN);
	shm_toc_estimate_keys(&context->estimator, 2);
	InitializeParallelDSM(context);
	if (context->seg)
	{
		state = state_create(context->toc, packing_find(job->source->packing));
		block = shm_toc_allocate(context->toc, bytes + FRNN_ALIGN);
		frnn_work_pack(work, job, 1, (void *) TYPEALIGN(FRNN_ALIGN, block));
		shm_toc_insert(context->toc, KEY_STATE, state);
		shm_toc_insert(context->toc, KEY_WORK, block);
		LaunchParallelWorkers(context);
		launched = context->nworkers_launched;
	}
	ereport(DEBUG1, (errmsg_internal("training with %d of %d parallel workers", launched, workers)));
	if (launched == 0)
	{
		DestroyParallelContext(context);
		ExitParallelMode();
		return false;
	}
	/* members' time limits read it once tasks are posted */
	work->head->processes = launched + 1;
	team->context = context;
	team->state = state;
	team->tasks = job->tasks;
	return true;
}

static void
team_wait(ParallelState *state)
{
	uint64		posted = pg_atomic_read_u64(&state->posted);
	Spin		spin = {0};

	do
	{
		if (pg_atomic_read_u64(&state->done) >= posted)
		{
			pg_read_barrier();
			return;
		}
	} while (spin_on(&spin));
	ConditionVariablePrepareToSleep(&state->rest);
	(void) pg_atomic_fetch_add_u32(&state->waiting, 1);
	/* woken by the last task; also once a second, to notice a worker that was killed */
	while (pg_atomic_fetch_add_u64(&state->done, 0) < posted)
		(void) ConditionVariableTimedSleep(&state->rest, 1000, PG_WAIT_EXTENSION);
	ConditionVariableCancelSleep();
	(void) pg_atomic_fetch_sub_u32(&state->waiting, 1);
}

static void
team_run(void *arg, void (*here) (void *self, int task), void *self)
{
	ParallelTeam *team = arg;
	ParallelState *state = team->state;
	int64		number;

	/* a full barrier: what the tasks read has been written */
	(void) pg_atomic_fetch_add_u64(&state->posted, team->tasks);
	if (pg_atomic_fetch_add_u32(&state->sleepers, 0) > 0)
		ConditionVariableBroadcast(&state->work);
	while ((number = task_claim(state)) >= 0)
	{
		here(self, (int) (number % team->tasks));
		(void) pg_atomic_fetch_add_u64(&state->done, 1);
	}
	team_wait(state);
	CHECK_FOR_INTERRUPTS();
}

static void
team_end(void *arg)
{
	ParallelTeam *team = arg;

	(void) pg_atomic_fetch_add_u32(&team->state->over, 1);
	ConditionVariableBroadcast(&team->state->work);
	WaitForParallelWorkersToFinish(team->context);
	DestroyParallelContext(team->context);
	ExitParallelMode();
	team->context = NULL;
}

void
parallel_team(ParallelTeam *team, int workers, size_t lent)
{
	memset(team, 0, sizeof(*team));
	team->team = (FrnnTeam) {team_begin, team_run, team_end, team};
	team->workers = workers;
	team->lent = lent;
}

/* ---------------------------------------------------------------- worker */

/* Returns false when the job is over. */
static bool
worker_wait(ParallelState *state)
{
	Spin		spin = {0};

	do
	{
		if (pg_atomic_read_u64(&state->claimed) < pg_atomic_read_u64(&state->posted))
			return true;
		if (pg_atomic_read_u32(&state->over) > 0)
			return false;
	} while (spin_on(&spin));
	ConditionVariablePrepareToSleep(&state->work);
	(void) pg_atomic_fetch_add_u32(&state->sleepers, 1);
	while (pg_atomic_read_u64(&state->claimed) >= pg_atomic_fetch_add_u64(&state->posted, 0) &&
		   pg_atomic_read_u32(&state->over) == 0)
		ConditionVariableSleep(&state->work, PG_WAIT_EXTENSION);
	ConditionVariableCancelSleep();
	(void) pg_atomic_fetch_sub_u32(&state->sleepers, 1);
	return true;
}

void
frnn_parallel_main(dsm_segment * segment, shm_toc * toc)
{
	ParallelState *state = shm_toc_lookup(toc, KEY_STATE, false);
	void	   *block = shm_toc_lookup(toc, KEY_WORK, false);
	FrnnHelper	helper;
	FrnnError	error;
	size_t		bytes;
	int64		number;

	/* the job ended before this worker was up: allocate nothing */
	if (pg_atomic_read_u32(&state->over) > 0)
		return;
	frnn_work_attach(&helper.work, (void *) TYPEALIGN(FRNN_ALIGN, block));
	frnn_check(frnn_helper_size(&helper.work, &bytes, &error), &error);
	frnn_check(frnn_helper_open(&helper, packings[state->packing], frnn_allocate(bytes, "training"), &error), &error);
	do
	{
		CHECK_FOR_INTERRUPTS();
		while ((number = task_claim(state)) >= 0)
		{
			frnn_helper_run(&helper, (int) (number % helper.work.head->tasks), &frnn_pg_hooks);
			(void) pg_atomic_fetch_add_u64(&state->done, 1);
			if (pg_atomic_fetch_add_u32(&state->waiting, 0) > 0)
				ConditionVariableSignal(&state->rest);
		}
	} while (worker_wait(state));
}
