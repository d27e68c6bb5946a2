/*
 * test_team.c
 *	  Training with helpers gives the bytes of training alone.
 *
 * The team here is this process with a second mapping of the shared block at
 * another address, as another process would see it: what is left of the first
 * mapping in there would be read or written outside of its bounds.  Tasks run
 * from the last to the first, every other one by the helper.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "core/forecast/fit.h"
#include "core/forecast/window_source.h"
#include "core/base/random.h"
#include "core/train/members.h"

typedef struct Team
{
	FrnnTeam	team;
	int			begun[2];		/* by kind of job */
	int			helped;			/* tasks that the helper did */
	int			tasks;
	size_t		bytes;
	void	   *mine;
	void	   *theirs;
	void	   *own;			/* the helper's memory */
	FrnnHelper	helper;
} Team;

static bool
begin(void *arg, const FrnnJob *job, FrnnWork *work)
{
	Team	   *team = arg;
	size_t		own;
	FrnnError	error;
	int			file = memfd_create("shared", 0);

	if (team->mine)
	{
		close(file);
		return false;
	}
	team->bytes = frnn_work_size(job);
	CHECK(ftruncate(file, (off_t) team->bytes) == 0);
	team->mine = mmap(NULL, team->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	team->theirs = mmap(NULL, team->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	CHECK(team->mine != MAP_FAILED && team->theirs != MAP_FAILED && team->mine != team->theirs);
	frnn_work_pack(work, job, 2, team->mine);
	frnn_work_attach(&team->helper.work, team->theirs);
	CHECK(frnn_helper_size(&team->helper.work, &own, &error) == FRNN_OK);
	CHECK(own == frnn_helper_bytes(job));
	team->own = aligned_alloc(FRNN_ALIGN, own);
	memset(team->own, 0, own);
	CHECK(frnn_helper_open(&team->helper, job->source->packing, team->own, &error) == FRNN_OK);
	CHECK(team->helper.source.samples == job->source->samples);
	CHECK(team->helper.source.max_steps == job->source->max_steps);
	team->tasks = job->tasks;
	team->begun[job->kind]++;
	return true;
}

static void
run(void *arg, void (*here) (void *self, int task), void *self)
{
	Team	   *team = arg;

	for (int task = team->tasks - 1; task >= 0; task--)
		if (task % 2 == 0)
		{
			frnn_helper_run(&team->helper, task, NULL);
			team->helped++;
		}
		else
			here(self, task);
}

static void
end(void *arg)
{
	Team	   *team = arg;

	munmap(team->mine, team->bytes);
	munmap(team->theirs, team->bytes);
	free(team->own);
	team->mine = NULL;
}

/* ---------------------------------------------------------------- a panel */

#define SERIES 3
#define ROWS 120
#define COVARIATES 2

static double value[SERIES][ROWS];
static double covariate[SERIES][(ROWS + 12) * COVARIATES];

static void
fill(FrnnPanelData *panel, FrnnSeriesData *data)
{
	for (int s = 0; s < SERIES; s++)
	{
		int			rows = ROWS - 7 * s;

		for (int i = 0; i < rows + 12; i++)
			for (int c = 0; c < COVARIATES; c++)
				covariate[s][i * COVARIATES + c] = sin(i / (3.0 + c)) * (c + 1);
		for (int i = 0; i < rows; i++)
			value[s][i] = i % 41 == 17 ? NAN : 100 + 10 * s + 8 * sin(i / 12.0 * 2 * M_PI) + 3 * covariate[s][i * COVARIATES];
		data[s] = (FrnnSeriesData) {.n = rows, .future = 12, .value = value[s], .covariate = covariate[s]};
	}
	*panel = (FrnnPanelData) {.series = SERIES, .data = data, .covariates = COVARIATES, .horizon = 4, .periods = 1, .period = {12}};
}

/* fit and return the members' weights; *count of them */
static float *
fit(FrnnRecipe recipe, FrnnNetwork network, const FrnnTeam *team, size_t *count)
{
	FrnnFitHooks hooks = {NULL, NULL, NULL, NULL, team};
	FrnnForecaster forecaster;
	FrnnSeriesData data[SERIES];
	FrnnPanelData panel;
	FrnnError	error;
	size_t		state,
				work;
	void	   *scratch,
			   *kept,
			   *lent;
	float	   *params;

	memset(&forecaster, 0, sizeof(forecaster));
	fill(&panel, data);
	scratch = malloc(frnn_recipe_scratch(&panel));
	CHECK(frnn_recipe_choose(&panel, &recipe, &network, scratch, NULL, &error) == FRNN_OK);
	CHECK(frnn_forecaster_size(&recipe, &network, SERIES, recipe.ensemble, &state, &error) == FRNN_OK);
	CHECK(frnn_fit_size(&panel, &recipe, &network, &work, &error) == FRNN_OK);
	kept = aligned_alloc(FRNN_ALIGN, state);
	lent = aligned_alloc(FRNN_ALIGN, work);
	memset(kept, 0, state);
	memset(lent, 0, work);
	frnn_forecaster_layout(&forecaster, &recipe, &network, SERIES, recipe.ensemble, kept);
	CHECK(frnn_fit(&panel, &forecaster, NULL, lent, &hooks, &error) == FRNN_OK);
	CHECK(forecaster.members == recipe.ensemble);
	*count = (size_t) forecaster.members * network.parameters;
	params = malloc(sizeof(float) * *count);
	memcpy(params, forecaster.params, sizeof(float) * *count);
	free(scratch);
	free(kept);
	free(lent);
	return params;
}

static void
compare(const char *what, FrnnMode mode, int units, int ensemble, int batch, FrnnJobKind kind)
{
	FrnnRecipe	recipe = frnn_recipe_default();
	FrnnNetwork network;
	Team		team;
	size_t		count,
				again;
	float	   *alone,
			   *shared;

	memset(&team, 0, sizeof(team));
	team.team = (FrnnTeam) {begin, run, end, &team};
	memset(&network, 0, sizeof(network));
	network.layers = 2;
	network.layer[0] = frnn_layer_default(FRNN_LSTM);
	network.layer[0].units = units;
	network.layer[0].dropout = 0.1f;
	network.layer[0].return_sequences = mode == FRNN_MODE_SEQUENCE;
	network.layer[1] = frnn_layer_default(FRNN_DENSE);
	network.layer[1].units = 4;
	recipe.network = FRNN_NETWORK_GIVEN;
	recipe.mode = mode;
	recipe.time_steps = 24;
	recipe.epochs = units > 8 ? 1 : 2;
	recipe.stride = units > 8 ? 3 : 1;
	recipe.ensemble = ensemble;
	recipe.batch = batch;
	recipe.mix = 0.5;
	recipe.seed = 5;

	alone = fit(recipe, network, NULL, &count);
	shared = fit(recipe, network, &team.team, &again);
	CHECK(count == again && memcmp(alone, shared, sizeof(float) * count) == 0);
	CHECK(team.begun[kind] > 0);
	CHECK(team.helped > 0);
	if (team.begun[kind] == 0)
		printf("%s: not shared\n", what);
	free(alone);
	free(shared);
}

int
main(void)
{
	compare("members", FRNN_MODE_WINDOW, 4, 3, 16, FRNN_JOB_MEMBERS);
	compare("members of sequences", FRNN_MODE_SEQUENCE, 4, 2, 2, FRNN_JOB_MEMBERS);
	compare("shards", FRNN_MODE_WINDOW, 64, 1, 96, FRNN_JOB_SHARDS);
	compare("shards, then members", FRNN_MODE_WINDOW, 64, 2, 64, FRNN_JOB_SHARDS);
	return check_done();
}
