/*
 * recipe.c
 *	  Which pipeline, network and training a panel gets when nothing else is
 *	  asked for.  The rules and their constants were measured on the sets that
 *	  test/bench/accuracy.c scores; constants are named here, once.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/base/order.h"
#include "core/forecast/autoregression.h"
#include "core/forecast/impute.h"
#include "core/forecast/recipe.h"
#include "core/forecast/season.h"
#include "core/forecast/transform.h"

#define LONG_SERIES			300 /* rows; below it whole series are the samples */
#define SEASONAL_CYCLES		4	/* of a season, from which on its phases tell where zeros are */
#define SEASONAL_ZEROS		0.25	/* share of the variance of being zero that is left within phases, below which
									 * they are seasonal */
#define SPREAD_SLOPE		0.6 /* from here on spread counts as growing with the level */
#define LEVEL_MOVES			0.03	/* relative spread of the blocks' levels; below it the slope of spread over level
									 * is noise */
#define MAX_TIME_STEPS		64	/* of the chosen network in window mode */
#define SEASON_ROWS		1440	/* most rows that seasons alone add to a window: 5 days of 5 minutes fit into 64 MB */
#define FEW_WINDOWS			20000	/* below it early stopping and a larger rate, for one series half the units */
#define MANY_SERIES			200
#define LOOKS				20
#define PATIENCE			5	/* validation checks (doc/benchmarks.md) */
#define MANY_ZEROS			0.5 /* share of the median series; from here on the median forecast is 0 */
#define INTERMITTENT_ROWS	24	/* of the window of intermittent series: what a mean needs */
#define EVALUATED_BY_ORIGIN	30	/* series; from here on one origin each is enough to choose by */
#define VALIDATION_ORIGINS		40	/* wanted of fewer series together */
#define COME_AND_GO			0.5 /* correlation of a covariate with its row before, below which its rows in the window
								 * are inputs */
#define WINDOWS_PER_PAST	3	/* windows that an input of the window's covariates takes */
#define FEW_SERIES			30	/* fewer: neighbouring windows share most of their rows, half the batch says as much */

/* what the rules use */
typedef struct PanelFacts
{
	int64_t		usable;			/* series with three rows and two known values */
	double		median;			/* of their rows */
	double		known;			/* share of their rows that has a value */
	double		zero_share;		/* of the known values of the median series */
	double		lowest;
	bool		zeros;
	double		slope;
} PanelFacts;

FrnnRecipe
frnn_recipe_default(void)
{
	FrnnRecipe	recipe;

	memset(&recipe, 0, sizeof(recipe));
	recipe.network = FRNN_NETWORK_AUTO;
	recipe.mode = FRNN_MODE_AUTO;
	recipe.time_steps = FRNN_AUTO;
	recipe.segment = FRNN_AUTO;
	recipe.stride = 1;
	recipe.transform = FRNN_TRANSFORM_AUTO;
	recipe.periods = FRNN_AUTO;
	recipe.level = FRNN_LEVEL_AUTO;
	recipe.scaling = FRNN_SCALING_AUTO;
	recipe.gap = FRNN_GAP_SEASON;
	recipe.known_covariates = FRNN_AUTO;
	recipe.past_covariates = FRNN_AUTO;
	recipe.level_covariates = FRNN_AUTO;
	recipe.highway = FRNN_AUTO;
	recipe.mix = FRNN_AUTO;
	recipe.lags = FRNN_AUTO;
	recipe.ensemble = FRNN_AUTO;
	recipe.units = FRNN_AUTO;
	recipe.loss.kind = FRNN_MAE;
	recipe.loss.delta = 1;
	recipe.intermittent = FRNN_AUTO;
	recipe.intervals = FRNN_INTERVAL_CONFORMAL;
	recipe.validation = FRNN_AUTO;
	recipe.looks = FRNN_AUTO;
	recipe.patience = FRNN_AUTO;
	recipe.updates = FRNN_AUTO;
	recipe.epochs = FRNN_AUTO;
	recipe.batch = FRNN_AUTO;
	recipe.optimizer = frnn_optimizer_default(FRNN_ADAM);
	recipe.optimizer.epsilon = 1e-8f;
	recipe.optimizer.learning_rate = FRNN_AUTO;
	recipe.schedule = frnn_schedule_default(FRNN_COSINE);
	recipe.schedule.final_fraction = 0.01;
	recipe.schedule.warmup_steps = 20;
	recipe.highway_rate = 0.1;
	recipe.clip_norm = 1;
	recipe.lambda = 1e-3;
	recipe.plan = FRNN_AUTO;
	recipe.stop_after = FRNN_AUTO;
	return recipe;
}

static int64_t
longest_series(const FrnnPanelData *panel)
{
	int64_t		rows = 0;

	for (int64_t s = 0; s < panel->series; s++)
		if (panel->data[s].n > rows)
			rows = panel->data[s].n;
	return rows;
}

size_t
frnn_recipe_scratch(const FrnnPanelData *panel)
{
	size_t		rows = (size_t) longest_series(panel);

	return sizeof(double) * (2 * rows + 2 * (size_t) panel->series + 8);
}

/*
 * Returns whether the zeros of a series are where they are by the phase of a
 * season, as the nights of solar power: little of the variance of being zero is
 * left within the phases.  count: (2 n) scratch.
 */
static bool
seasonal_zeros(const FrnnPanelData *panel, const FrnnSeriesData *data, double share, double *count, const FrnnRun *run)
{
	for (int p = 0; p < panel->periods; p++)
	{
		int			m = panel->period[p];
		double	   *zeros = count + m;
		double		known = 0;
		double		within = 0;

		if (m < 2 || data->n < SEASONAL_CYCLES * (int64_t) m)
			continue;
		frnn_tick(run);
		memset(count, 0, sizeof(double) * 2 * (size_t) m);
		for (int64_t i = 0; i < data->n; i++)
		{
			int			phase = frnn_phase(frnn_season_row(&data->clock, data->offset + i), m);

			count[phase] += !isnan(data->value[i]);
			zeros[phase] += data->value[i] == 0;
		}
		for (int i = 0; i < m; i++)
		{
			known += count[i];
			within += count[i] > 0 ? zeros[i] * (1 - zeros[i] / count[i]) : 0;
		}
		if (within < SEASONAL_ZEROS * share * (1 - share) * known)
			return true;
	}
	return false;
}

static void
panel_facts(const FrnnPanelData *panel, FrnnGapRule gap, double *scratch, const FrnnRun *run, PanelFacts *facts)
{
	int			m = panel->periods > 0 && panel->period[0] > 1 ? panel->period[0] : 0;
	double	   *rows = scratch;
	double	   *zero_share = scratch + panel->series;
	double	   *y = scratch + 2 * panel->series;
	double		numerator = 0;
	double		denominator = 0;
	double		all_rows = 0;
	double		all_known = 0;

	memset(facts, 0, sizeof(*facts));
	facts->lowest = INFINITY;
	for (int64_t s = 0; s < panel->series; s++)
	{
		const FrnnSeriesData *data = &panel->data[s];
		int64_t		known = 0;
		int64_t		zeros = 0;
		bool		finite = true;

		frnn_tick(run);
		for (int64_t i = 0; i < data->n; i++)
		{
			known += !isnan(data->value[i]);
			zeros += data->value[i] == 0;
			finite = finite && !isinf(data->value[i]);
		}
		if (data->n < 3 || known < 2 || !finite)
			continue;
		for (int64_t i = 0; i < data->n; i++)
		{
			if (isnan(data->value[i]))
				continue;
			facts->lowest = fmin(facts->lowest, data->value[i]);
			facts->zeros = facts->zeros || data->value[i] == 0;
		}
		all_rows += (double) data->n;
		all_known += (double) known;
		zero_share[facts->usable] = (double) zeros / (double) known;
		if (zero_share[facts->usable] >= MANY_ZEROS && seasonal_zeros(panel, data, zero_share[facts->usable], y, run))
			zero_share[facts->usable] = 0;
		rows[facts->usable++] = (double) data->n;
		frnn_impute(data->value, data->n, data->n, m, &data->clock, data->offset, gap, y);
		frnn_spread(y, data->n, m > 4 ? m : 4, y + data->n, &numerator, &denominator);
	}
	facts->known = all_rows > 0 ? all_known / all_rows : 1;
	if (facts->usable > 0)
	{
		facts->median = frnn_median(rows, facts->usable);
		facts->zero_share = frnn_median(zero_share, facts->usable);
	}
	if (facts->lowest >= 0 && denominator > LEVEL_MOVES * LEVEL_MOVES * (double) facts->usable)
		facts->slope = numerator / denominator;
}

/* Of series that are mostly 0 the median is 0, but what is asked for is the mean demand: squared errors, no transform. */
static void
choose_intermittent(FrnnRecipe *recipe, const PanelFacts *facts)
{
	recipe->zero_share = facts->zero_share;
	if (recipe->intermittent == FRNN_AUTO)
		recipe->intermittent = recipe->network != FRNN_NETWORK_GIVEN && recipe->loss.kind == FRNN_MAE &&
			facts->zero_share >= MANY_ZEROS;
	if (!recipe->intermittent)
		return;
	recipe->loss.kind = FRNN_MSE;
	if (recipe->transform == FRNN_TRANSFORM_AUTO)
		recipe->transform = FRNN_TRANSFORM_NONE;
	if (recipe->level == FRNN_LEVEL_AUTO)
		recipe->level = FRNN_LEVEL_MEAN;
}

static FrnnStatus
choose_transform(FrnnRecipe *recipe, const PanelFacts *facts, FrnnError *error)
{
	bool		counts = recipe->loss.kind == FRNN_NEGATIVE_BINOMIAL;

	recipe->spread_slope = facts->slope;
	if (recipe->transform == FRNN_TRANSFORM_AUTO)
		recipe->transform = !counts && facts->lowest >= 0 && facts->slope >= SPREAD_SLOPE ?
			FRNN_TRANSFORM_LOG : FRNN_TRANSFORM_NONE;
	if (recipe->transform == FRNN_TRANSFORM_LOG || recipe->transform == FRNN_TRANSFORM_LOG1P)
	{
		if (facts->lowest < 0)
			return frnn_fail(error, FRNN_LOG_OF_NEGATIVE, -1, facts->lowest, 0);
		if (facts->zeros)
			recipe->transform = FRNN_TRANSFORM_LOG1P;
	}
	/* a count likelihood needs the counts themselves */
	if (counts && (facts->lowest < 0 || recipe->transform != FRNN_TRANSFORM_NONE))
		return frnn_fail(error, FRNN_NOT_COUNTS, -1, facts->lowest, 0);
	return FRNN_OK;
}

static FrnnStatus
choose_periods(const FrnnPanelData *panel, FrnnRecipe *recipe, const PanelFacts *facts, FrnnError *error)
{
	if (recipe->periods == FRNN_AUTO)
	{
		recipe->periods = 0;
		for (int p = 0; p < panel->periods && recipe->loss.kind != FRNN_NEGATIVE_BINOMIAL; p++)
			if (panel->period[p] > 1 && facts->median >= 2.0 * panel->period[p])
				recipe->period[recipe->periods++] = panel->period[p];
	}
	for (int p = 0; p < recipe->periods; p++)
		if (recipe->period[p] < 2 || recipe->period[p] > FRNN_MAX_PERIOD ||
			(p > 0 && recipe->period[p] <= recipe->period[p - 1]))
			return frnn_fail(error, FRNN_BAD_PERIOD, -1, recipe->period[p], FRNN_MAX_PERIOD);
	return FRNN_OK;
}

/* what the caller's layers can do */
static FrnnStatus
layers_check(const FrnnNetwork *network, FrnnRecipe *recipe, bool *per_step, FrnnError *error)
{
	int			width = frnn_loss_width(&recipe->loss);
	const FrnnLayer *last;
	bool		both_ways = false;

	/* in a warm start the chosen network may give less than the horizon at once: it is rolled forward */
	int			before = recipe->block > 0 && recipe->block < recipe->horizon ? recipe->block : recipe->horizon;

	*per_step = true;
	if (network->layers < 1)
		return frnn_fail(error, FRNN_NO_LAYERS, -1, 0, 1);
	if (network->layers > FRNN_MAX_LAYERS)
		return frnn_fail(error, FRNN_TOO_MANY_LAYERS, -1, network->layers, FRNN_MAX_LAYERS);
	last = &network->layer[network->layers - 1];
	for (int l = 0; l < network->layers; l++)
	{
		const FrnnLayer *layer = &network->layer[l];

		if (frnn_is_recurrent(layer->kind))
		{
			*per_step = *per_step && layer->return_sequences;
			both_ways = both_ways || layer->bidirectional;
		}
	}
	/* over a whole series a bidirectional layer would see the targets of its steps */
	*per_step = *per_step && !both_ways;
	if (last->kind != FRNN_DENSE || (last->units != recipe->horizon * width && last->units != before * width &&
									 last->units != width))
		return frnn_fail(error, FRNN_BAD_LOSS_WIDTH, network->layers - 1, last->kind == FRNN_DENSE ? last->units : 0,
						 (double) recipe->horizon * width);
	recipe->block = last->units / width;
	return FRNN_OK;
}

static void
choose_block(FrnnRecipe *recipe, const PanelFacts *facts)
{
	int			third = (int) fmin(facts->median / 3, FRNN_MAX_HORIZON);

	recipe->block = recipe->horizon;
	if (facts->median < 2.5 * recipe->horizon)
		recipe->block = third < 1 ? 1 : third;
}

/*
 * The window in sequence mode: a season and a quarter, or the horizon's, at most
 * half of a typical series.  A shorter series continues its first value.
 */
static int
sequence_steps(const FrnnRecipe *recipe, const PanelFacts *facts)
{
	int			h = recipe->block;
	int			m1 = recipe->periods ? recipe->period[0] : 0;
	double		base = h;
	int			L;
	int			half = (int) fmax(3, floor(0.5 * facts->median));

	if (m1 && h >= m1)
		base = m1;
	else if (!m1)
		base = h < 8 ? h : 8;
	L = (int) ceil(1.25 * base);
	if (L < 4)
		L = 4;
	if (recipe->intermittent && L < INTERMITTENT_ROWS)
		L = INTERMITTENT_ROWS;
	return L < half ? L : half;
}

/* the window in window mode, and the rows of one step of the network */
static void
window_steps(FrnnRecipe *recipe, const PanelFacts *facts, bool given)
{
	int			m1 = recipe->periods ? recipe->period[0] : 1;
	int			longest = recipe->periods ? recipe->period[recipe->periods - 1] : 1;
	double		seasons = fmin(fmax(8.0 * m1, recipe->periods > 1 ? 2.0 * longest : 0), SEASON_ROWS);
	double		L = fmax(fmax(3.5 * recipe->block, seasons), 32);
	int			segment = recipe->segment;

	if (segment == FRNN_AUTO)
		segment = given ? 1 : m1;
	if (recipe->time_steps != FRNN_AUTO)
	{
		int			steps = recipe->time_steps;

		/* a window that is asked for is kept: the segment must divide it */
		if (recipe->segment == FRNN_AUTO && !given)
		{
			if (steps % segment != 0)
				segment = 1;
			while (steps / segment > MAX_TIME_STEPS || steps % segment != 0)
				segment++;
		}
		if (segment > steps)
			segment = steps;
		recipe->segment = segment;
		recipe->time_steps = steps / segment * segment;
		return;
	}
	L = fmin(L, fmax(facts->median / 4, 1));
	if (segment > L)
		segment = (int) L;
	L = floor(L / segment) * segment;
	if (recipe->segment == FRNN_AUTO && !given && L / segment > MAX_TIME_STEPS)
		segment = ((int) L + MAX_TIME_STEPS - 1) / MAX_TIME_STEPS;
	recipe->segment = segment;
	recipe->time_steps = (int) L / segment * segment;
}

static double
count_windows(const FrnnPanelData *panel, const FrnnRecipe *recipe)
{
	double		windows = 0;
	double		L = recipe->mode == FRNN_MODE_WINDOW ? recipe->time_steps : 0;

	for (int64_t s = 0; s < panel->series; s++)
		if (panel->data[s].n >= 3)
			windows += fmax((double) panel->data[s].n - L - recipe->block, 1);
	return windows;
}

/* Returns the correlation of a covariate with itself a row before, over all series; 1 if it never changes. */
static double
autocorrelation(const FrnnPanelData *panel, int c, const FrnnRun *run)
{
	double		change = 0;
	double		spread = 0;

	for (int64_t s = 0; s < panel->series; s++)
	{
		const FrnnSeriesData *data = &panel->data[s];
		double		sum = 0;
		double		squares = 0;
		double		count = 0;
		double		before = NAN;

		frnn_tick(run);
		for (int64_t i = 0; data->covariate && i < data->n; i++)
		{
			double		v = data->covariate[i * panel->covariates + c];

			if (!isfinite(v))
				continue;
			if (!isnan(before))
				change += (v - before) * (v - before) / 2;
			sum += v;
			squares += v * v;
			count++;
			before = v;
		}
		if (count > 0)
			spread += squares - sum * sum / count;
	}
	return spread > 0 && isfinite(change) ? 1 - change / spread : 1;
}

/*
 * Returns true if the covariates come and go from row to row, as promotions do: what they added to single rows of the
 * window is then told by their rows alone.  What changes slowly is in the level, and seasons of it in the
 * window's covariates would be taken for effects.
 */
static bool
come_and_go(const FrnnPanelData *panel, const FrnnRecipe *recipe, const FrnnRun *run)
{
	if ((double) recipe->time_steps * panel->covariates * WINDOWS_PER_PAST > count_windows(panel, recipe))
		return false;
	for (int c = 0; c < panel->covariates; c++)
		if (autocorrelation(panel, c, run) >= COME_AND_GO)
			return false;
	return panel->covariates > 0;
}

/*
 * Which covariates are inputs.  The window and the targets are told without the level, and with it
 * goes what the covariates of its rows added: so these are inputs too, unless those of the whole window are.
 */
static void
choose_covariates(const FrnnPanelData *panel, FrnnRecipe *recipe, bool given, const FrnnRun *run)
{
	recipe->covariates = panel->covariates;
	recipe->past_only = panel->past_only;
	recipe->known_only = panel->known_only;
	recipe->statics = panel->statics;
	if (recipe->known_covariates == FRNN_AUTO)
		recipe->known_covariates = 1;
	if (recipe->past_covariates == FRNN_AUTO)
		recipe->past_covariates = given || recipe->past_only > 0 || come_and_go(panel, recipe, run);
	recipe->known_covariates = recipe->known_covariates && recipe->covariates > recipe->past_only;
	recipe->past_covariates = recipe->past_covariates && recipe->covariates > recipe->known_only;
	if (recipe->level_covariates == FRNN_AUTO)
		recipe->level_covariates = recipe->known_covariates && recipe->level != FRNN_LEVEL_NONE &&
			(!recipe->past_covariates || recipe->known_only > 0);
	recipe->level_covariates = recipe->level_covariates && recipe->known_covariates;
}

static FrnnStatus
choose_window(const FrnnPanelData *panel, FrnnRecipe *recipe, const PanelFacts *facts, bool given, bool per_step,
			  const FrnnRun *run, FrnnError *error)
{
	double		inputs;
	int			m1 = recipe->periods ? recipe->period[0] : 0;

	if (recipe->mode == FRNN_MODE_AUTO)
	{
		recipe->mode = facts->median < LONG_SERIES ? FRNN_MODE_SEQUENCE : FRNN_MODE_WINDOW;
		if (given)
			recipe->mode = per_step ? FRNN_MODE_SEQUENCE : FRNN_MODE_WINDOW;
	}
	if (recipe->mode == FRNN_MODE_SEQUENCE && given && !per_step)
		return frnn_fail(error, FRNN_NO_SEQUENCES, -1, recipe->mode, 0);
	if (recipe->mode == FRNN_MODE_SEQUENCE)
	{
		if (recipe->time_steps == FRNN_AUTO)
			recipe->time_steps = sequence_steps(recipe, facts);
		recipe->segment = recipe->time_steps;
	}
	else
		window_steps(recipe, facts, given);

	choose_covariates(panel, recipe, given, run);
	recipe->level_rows = recipe->intermittent ? INTERMITTENT_ROWS : 12;
	if (recipe->level_rows < m1)
		recipe->level_rows = m1;
	if (recipe->level_rows > recipe->time_steps)
		recipe->level_rows = recipe->time_steps;
	inputs = (double) recipe->block * ((recipe->periods > 0) + frnn_known_inputs(recipe)) + frnn_level_inputs(recipe) +
		frnn_static_inputs(recipe);
	if (inputs > FRNN_MAX_FEATURES)
		return frnn_fail(error, FRNN_BAD_INPUT_SIZE, -1, inputs, FRNN_MAX_FEATURES);
	recipe->extras = (int) inputs;
	inputs += (double) recipe->time_steps * (1 + frnn_past_inputs(recipe));
	if (inputs > FRNN_MAX_FEATURES)
		return frnn_fail(error, FRNN_BAD_INPUT_SIZE, -1, inputs, FRNN_MAX_FEATURES);
	recipe->inputs = (int) inputs;
	return FRNN_OK;
}

/* The default forecast alone has an autoregression, and only a model that keeps its series can. */
static void
choose_lags(FrnnRecipe *recipe, bool given)
{
	bool		possible = recipe->network == FRNN_NETWORK_AUTO && recipe->mix < 0 && frnn_loss_width(&recipe->loss) == 1 &&
	recipe->validation != 0 && !recipe->intermittent && !recipe->pooled && !given;

	if (recipe->lags == FRNN_AUTO)
		recipe->lags = frnn_ar_lags(recipe);
	if (!possible)
		recipe->lags = 0;
}

static double
clip(double v, double low, double high)
{
	return fmin(fmax(v, low), high);
}

static void
choose_training(FrnnRecipe *recipe, const PanelFacts *facts, double N)
{
	bool		whole = recipe->mode == FRNN_MODE_SEQUENCE;
	double		samples = whole ? (double) facts->usable : N / recipe->stride;
	double		pass;
	int			epochs = LOOKS;

	recipe->windows = (int64_t) N;
	if (recipe->batch == FRNN_AUTO)
		recipe->batch = whole ? (int) clip(floor((double) facts->usable / 8), 4, 64)
			: 1 << (int) clip(nearbyint(frnn_log(N / 16) / M_LN2), 5, facts->usable < FEW_SERIES ? 7 : 8);
	pass = fmax(1, ceil(samples / recipe->batch));
	if (recipe->optimizer.learning_rate < 0)
		recipe->optimizer.learning_rate = whole ? 3e-3f : N < FEW_WINDOWS ? 2e-3f : 1e-3f;
	if (recipe->looks == FRNN_AUTO)
		recipe->looks = (!whole && N < FEW_WINDOWS) || recipe->patience > 0 ? LOOKS : 0;
	/* epochs that are asked for are trained */
	if (recipe->patience == FRNN_AUTO)
		recipe->patience = recipe->looks > 0 && recipe->network == FRNN_NETWORK_AUTO && recipe->epochs == FRNN_AUTO &&
			recipe->updates == FRNN_AUTO ? PATIENCE : 0;
	if (recipe->looks > 0)
		epochs = recipe->looks;
	if (recipe->plan > 0)
		epochs = recipe->plan;
	if (recipe->epochs != FRNN_AUTO)
	{
		recipe->looks_epochs = recipe->epochs;
		recipe->updates_per_epoch = (int) fmin(pass, 1 << 24);
	}
	else
	{
		if (recipe->updates == FRNN_AUTO)
			recipe->updates = whole ? (int) clip(350 * frnn_exp(frnn_log(N / 3500) / 3), 150, 2000) : 1500;
		if (epochs > recipe->updates)
			epochs = recipe->updates;
		recipe->looks_epochs = epochs;
		recipe->updates_per_epoch = (recipe->updates + epochs / 2) / epochs;
	}
	recipe->updates = (int) fmin((double) recipe->looks_epochs * recipe->updates_per_epoch, 1 << 30);
	if (recipe->validation < 0)
		recipe->validation = facts->usable >= EVALUATED_BY_ORIGIN ? recipe->horizon
			: fmax(recipe->horizon + ceil((double) VALIDATION_ORIGINS / ((double) facts->usable * facts->known)) - 1,
				   floor(0.1 * facts->median));
	else if (recipe->validation > 0 && recipe->validation < 1)
		recipe->validation = fmax(1, floor(recipe->validation * facts->median));
}

/* the recipe's own layers */
static void
build_network(const FrnnRecipe *recipe, FrnnNetwork *network)
{
	FrnnLayer	lstm = frnn_layer_default(FRNN_LSTM);
	FrnnLayer	dense = frnn_layer_default(FRNN_DENSE);

	memset(network, 0, sizeof(*network));
	lstm.units = recipe->units;
	lstm.return_sequences = recipe->mode == FRNN_MODE_SEQUENCE;
	dense.units = recipe->block * frnn_loss_width(&recipe->loss);
	network->layer[0] = lstm;
	network->layer[1] = dense;
	network->layers = 2;
}

static FrnnStatus
complete_network(FrnnRecipe *recipe, FrnnNetwork *network, FrnnError *error)
{
	bool		window = recipe->mode == FRNN_MODE_WINDOW;
	const FrnnLayer *last = &network->layer[network->layers - 1];

	if (recipe->highway == FRNN_AUTO)
		recipe->highway = window && last->activation == FRNN_LINEAR;
	network->time_steps = window ? recipe->time_steps / recipe->segment : 0;
	network->extra = window ? recipe->extras : 0;
	network->input_size = window ? (recipe->inputs - recipe->extras) / network->time_steps : recipe->inputs;
	network->highway = false;
	if (window && recipe->highway)
	{
		/* a stack that answers at every step has no flattened input to add to */
		network->highway = true;
		for (int l = 0; l < network->layers; l++)
		{
			const FrnnLayer *layer = &network->layer[l];

			if (frnn_is_recurrent(layer->kind))
				network->highway = !layer->return_sequences;
		}
	}
	recipe->highway = network->highway;
	return frnn_network_resolve(network, error);
}

FrnnStatus
frnn_recipe_choose(const FrnnPanelData *panel, FrnnRecipe *recipe, FrnnNetwork *network,
				   void *scratch, const FrnnRun *run, FrnnError *error)
{
	PanelFacts	facts;
	FrnnStatus	status;
	double		N;
	bool		given = recipe->network == FRNN_NETWORK_GIVEN;
	bool		per_step = true;

	if (panel->horizon < 1 || panel->horizon > FRNN_MAX_HORIZON)
		return frnn_fail(error, FRNN_BAD_HORIZON, -1, panel->horizon, FRNN_MAX_HORIZON);
	if (panel->covariates > FRNN_MAX_COVARIATES)
		return frnn_fail(error, FRNN_BAD_INPUT_SIZE, -1, panel->covariates, FRNN_MAX_COVARIATES);
	if (panel->statics > FRNN_MAX_STATICS)
		return frnn_fail(error, FRNN_BAD_INPUT_SIZE, -1, panel->statics, FRNN_MAX_STATICS);
	panel_facts(panel, recipe->gap, scratch, run, &facts);
	if (facts.usable == 0)
		return frnn_fail(error, FRNN_TOO_SHORT, -1, (double) longest_series(panel), 3);
	recipe->horizon = panel->horizon;
	recipe->median_rows = facts.median;
	choose_intermittent(recipe, &facts);
	status = choose_transform(recipe, &facts, error);
	if (status == FRNN_OK)
		status = choose_periods(panel, recipe, &facts, error);
	if (status != FRNN_OK)
		return status;
	if (recipe->level == FRNN_LEVEL_AUTO)
		recipe->level = recipe->loss.kind == FRNN_NEGATIVE_BINOMIAL ? FRNN_LEVEL_NONE : FRNN_LEVEL_LAST;
	if (given)
		status = layers_check(network, recipe, &per_step, error);
	else
		choose_block(recipe, &facts);
	if (status == FRNN_OK)
		status = choose_window(panel, recipe, &facts, given, per_step, run, error);
	if (status != FRNN_OK)
		return status;
	if (recipe->scaling == FRNN_SCALING_AUTO)
		recipe->scaling = recipe->loss.kind == FRNN_NEGATIVE_BINOMIAL ? FRNN_SCALING_MEAN : FRNN_SCALING_STEP;
	choose_lags(recipe, given);
	N = count_windows(panel, recipe);
	if (recipe->units == FRNN_AUTO && recipe->mode == FRNN_MODE_WINDOW)
		recipe->units = N < FEW_WINDOWS && facts.usable == 1 && panel->covariates == 0 ? 32 : 64;
	else if (recipe->units == FRNN_AUTO)
		recipe->units = facts.usable < MANY_SERIES ? 20 : 40;
	/* members that start at the ridge solution agree */
	if (recipe->ensemble == FRNN_AUTO)
		recipe->ensemble = given ? 1 : recipe->mode == FRNN_MODE_WINDOW ? 3 : 5;
	/* a layer list that is asked for answers alone; distributions do not mix with a line */
	if (recipe->mix < 0 && (given || frnn_loss_width(&recipe->loss) > 1))
		recipe->mix = 1;
	choose_training(recipe, &facts, N);
	recipe->chosen = true;
	if (recipe->network == FRNN_NETWORK_RIDGE)
	{
		memset(network, 0, sizeof(*network));
		recipe->ensemble = 0;
		recipe->highway = 0;
		recipe->mix = 0;
		return FRNN_OK;
	}
	if (!given)
		build_network(recipe, network);
	return complete_network(recipe, network, error);
}
