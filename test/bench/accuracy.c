/*
 * accuracy.c
 *	  Measures the default forecaster on public sets without a server: errors
 *	  beside naive forecasts and the ridge regression, coverage, seconds.
 *
 *		accuracy FOLDER [seed [set ...]] [updates=U] [batch=B] [ensemble=K]
 *
 * FOLDER holds the CSV files (those ending in .gz are read through gzip).
 * Parameters are computed from training rows alone; test rows are the history
 * of later origins, and the actual values.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/order.h"
#include "core/forecast/conformal.h"
#include "core/forecast/fit.h"
#include "core/forecast/impute.h"
#include "core/forecast/predict.h"
#include "core/forecast/ridge.h"
#include "core/forecast/scale.h"
#include "core/forecast/season.h"
#include "core/forecast/transform.h"
#include "core/forecast/window_source.h"
#include "core/train/members.h"

#define MAX_SERIES 10000
#define MAX_COLUMNS 16

typedef struct Series
{
	char		id[64];
	int64_t		n;				/* rows, test rows included */
	int64_t		train;			/* training rows; 0: not seen in training */
	int64_t		first;			/* origins first, first + step .. last; last < first: none */
	int64_t		step;
	int64_t		last;
	double	   *y;				/* NaN: missing */
	double	   *covariate;
} Series;

typedef struct Task
{
	const char *name;
	int			h;
	int			periods;
	int			period[2];
	int			mase;			/* > 0: sMAPE and MASE of that season, per series */
	int			covariates;
	int			count;
	Series	   *series;
} Task;

typedef struct Score
{
	double		mae,
				mse,
				mape,
				smape,
				mase;
} Score;

static const char *folder;
static FrnnRecipe asked;		/* the default, but for what the command line says */

static void *
need(size_t bytes)
{
	void	   *p = calloc(1, bytes ? bytes : 1);

	if (!p)
	{
		fprintf(stderr, "out of memory: %zu bytes\n", bytes);
		exit(1);
	}
	return p;
}

static void *
need_aligned(size_t bytes)
{
	void	   *p = aligned_alloc(FRNN_ALIGN, (bytes + FRNN_ALIGN) / FRNN_ALIGN * FRNN_ALIGN);

	if (!p)
	{
		fprintf(stderr, "out of memory: %zu bytes\n", bytes);
		exit(1);
	}
	return p;
}

/* ---- reading ---- */

static FILE *
open_csv(const char *file)
{
	char		command[1024];
	FILE	   *in;

	if (strstr(file, ".gz"))
	{
		snprintf(command, sizeof(command), "gzip -dc '%s/%s'", folder, file);
		in = popen(command, "r");
	}
	else
	{
		snprintf(command, sizeof(command), "%s/%s", folder, file);
		in = fopen(command, "r");
	}
	if (!in)
	{
		perror(file);
		exit(1);
	}
	return in;
}

static void
close_csv(FILE *in, const char *file)
{
	if (strstr(file, ".gz"))
		pclose(in);
	else
		fclose(in);
}

/* the next line cut at its commas; the number of fields, 0 at the end */
static int
next_row(FILE *in, char *line, size_t size, char **field)
{
	int			count = 0;
	char	   *p = line;

	if (!fgets(line, (int) size, in))
		return 0;
	line[strcspn(line, "\r\n")] = 0;
	while (count < MAX_COLUMNS)
	{
		field[count++] = p;
		p = strchr(p, ',');
		if (!p)
			break;
		*p++ = 0;
	}
	return count;
}

static double
number(const char *text)
{
	return *text ? strtod(text, NULL) : NAN;
}

static Series *
series_named(Task *task, const char *id)
{
	Series	   *last = task->count ? &task->series[task->count - 1] : NULL;

	if (!last || strcmp(last->id, id) != 0)
	{
		last = &task->series[task->count++];
		snprintf(last->id, sizeof(last->id), "%s", id);
	}
	return last;
}

static void
append(Series *series, double y)
{
	if ((series->n & (series->n - 1)) == 0)
		series->y = realloc(series->y, sizeof(double) * (size_t) (series->n ? 2 * series->n : 1));
	series->y[series->n++] = y;
}

static void
origins(Series *series, int64_t first, int64_t step, int64_t last)
{
	series->first = first;
	series->step = step;
	series->last = last;
}

/* series_id, ts, value, split: the test part is one horizon */
static void
load_split(Task *task, const char *file, int wanted_horizon)
{
	char		line[4096];
	char	   *field[MAX_COLUMNS];
	FILE	   *in = open_csv(file);
	int			kept = 0;

	next_row(in, line, sizeof(line), field);
	while (next_row(in, line, sizeof(line), field) >= 4)
	{
		Series	   *series = series_named(task, field[0]);

		append(series, number(field[2]));
		if (strcmp(field[3], "train") == 0)
			series->train = series->n;
	}
	close_csv(in, file);
	for (int s = 0; s < task->count; s++)
	{
		if (task->series[s].n - task->series[s].train != wanted_horizon)
			continue;
		task->series[kept] = task->series[s];
		origins(&task->series[kept], task->series[kept].train, 1, task->series[kept].train);
		kept++;
	}
	task->count = kept;
}

/* one column of one series, rows in order */
static void
load_column(Task *task, const char *file, const char *id, int column)
{
	char		line[4096];
	char	   *field[MAX_COLUMNS];
	FILE	   *in = open_csv(file);
	Series	   *series = series_named(task, id);

	next_row(in, line, sizeof(line), field);
	while (next_row(in, line, sizeof(line), field) > column)
		if (column == 0 || strcmp(field[0], id) == 0 || strcmp(id, "*") == 0)
			append(series, number(field[column]));
	close_csv(in, file);
}

static void
roll(Task *task, int64_t train, int64_t step)
{
	Series	   *series = &task->series[0];

	series->train = train;
	origins(series, train, step, series->n - task->h);
}

/* hours since 1970 of "YYYY-MM-DD hh" */
static int64_t
hour_of(const char *text)
{
	int			y = atoi(text);
	int			m = atoi(text + 5);
	int			d = atoi(text + 8);
	int64_t		days;

	y -= m <= 2;
	days = 365LL * y + y / 4 - y / 100 + y / 400 + (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1 - 719468;
	return days * 24 + atoi(text + 11);
}

/* an hourly grid; duplicates are averaged, absent hours missing */
static int64_t
load_hourly(Task *task, const char *file, int column, int covariates, const int *covariate)
{
	char		line[4096];
	char	   *field[MAX_COLUMNS];
	int64_t		first = INT64_MAX;
	int64_t		last = 0;
	double	   *count = NULL;
	Series	   *series = series_named(task, "*");

	task->covariates = covariates;
	for (int pass = 0; pass < 2; pass++)
	{
		FILE	   *in = open_csv(file);

		next_row(in, line, sizeof(line), field);
		while (next_row(in, line, sizeof(line), field) > column)
		{
			int64_t		hour = hour_of(field[0]);

			if (pass == 0)
			{
				first = hour < first ? hour : first;
				last = hour > last ? hour : last;
				continue;
			}
			series->y[hour - first] += number(field[column]);
			for (int c = 0; c < covariates; c++)
				series->covariate[(hour - first) * covariates + c] += number(field[covariate[c]]);
			count[hour - first]++;
		}
		close_csv(in, file);
		if (pass == 0)
		{
			series->n = last - first + 1;
			series->y = need(sizeof(double) * (size_t) series->n);
			count = need(sizeof(double) * (size_t) series->n);
			if (covariates)
				series->covariate = need(sizeof(double) * (size_t) (series->n * covariates));
		}
	}
	for (int64_t i = 0; i < series->n; i++)
	{
		series->y[i] = count[i] ? series->y[i] / count[i] : NAN;
		for (int c = 0; c < covariates; c++)
			series->covariate[i * covariates + c] = count[i] ? series->covariate[i * covariates + c] / count[i] : NAN;
	}
	free(count);
	return first;
}

static void
load_geron(Task *task)
{
	char		line[8192];
	FILE	   *in = open_csv("geron_synthetic_60.csv.gz");

	while (fgets(line, sizeof(line), in))
	{
		char	   *p = strchr(line, '{');
		bool		train = strstr(line, ",train,") != NULL;
		Series	   *series;

		if (!p || (!train && !strstr(line, ",valid,")))
			continue;
		series = &task->series[task->count++];
		for (int i = 0; i < 50 + task->h; i++)
			append(series, strtod(p + 1, &p));
		series->train = train ? series->n : 0;
		origins(series, 50, 1, train ? 0 : 50);
	}
	close_csv(in, "geron_synthetic_60.csv.gz");
}

static void
load_ett(Task *task, bool all)
{
	for (int c = all ? 1 : 7; c <= 7; c++)
	{
		Series	   *series;
		double		mean = 0;
		double		squares = 0;
		char		id[8];

		snprintf(id, sizeof(id), "%d", c);
		series = series_named(task, id);
		{
			char		line[4096];
			char	   *field[MAX_COLUMNS];
			FILE	   *in = open_csv("ETTh1.csv");

			next_row(in, line, sizeof(line), field);
			while (series->n < 14400 && next_row(in, line, sizeof(line), field) > c)
				append(series, number(field[c]));
			close_csv(in, "ETTh1.csv");
		}
		for (int i = 0; i < 8640; i++)
			mean += series->y[i] / 8640;
		for (int i = 0; i < 8640; i++)
			squares += (series->y[i] - mean) * (series->y[i] - mean) / 8640;
		for (int64_t i = 0; i < series->n; i++)
			series->y[i] = (series->y[i] - mean) / sqrt(squares);
		series->train = 8640;
		origins(series, 11520, 1, 14400 - task->h);
	}
}

static void
load_cta(Task *task, bool day_type)
{
	char		line[4096];
	char	   *field[MAX_COLUMNS];
	FILE	   *in = open_csv("cta_ridership.csv");
	Series	   *series = series_named(task, "rail");
	int64_t		first_test = 0;

	next_row(in, line, sizeof(line), field);
	task->covariates = day_type ? 3 : 0;
	series->covariate = need(sizeof(double) * 3 * 4000);
	while (next_row(in, line, sizeof(line), field) >= 4)
	{
		if (strcmp(field[0], "2016-01-01") < 0 || strcmp(field[0], "2019-05-31") > 0)
			continue;
		if (strcmp(field[0], "2019-01-01") == 0)
			series->train = series->n;
		if (strcmp(field[0], "2019-02-26") == 0)
			first_test = series->n;
		for (int c = 0; c < 3; c++)
			series->covariate[series->n * 3 + c] = field[1][0] == "WAU"[c];
		append(series, number(field[3]));
	}
	close_csv(in, "cta_ridership.csv");
	origins(series, first_test, 1, series->n - task->h);
}

static bool
load(Task *task, const char *name)
{
	static const int weather[] = {2, 1, 4, 6, 7, 3, 5};

	memset(task, 0, sizeof(*task));
	task->name = name;
	task->series = need(sizeof(Series) * MAX_SERIES);
	if (strncmp(name, "cif", 3) == 0)
	{
		task->h = atoi(name + 3);
		task->mase = task->period[0] = 12;
		load_split(task, "cif2016.csv", task->h);
	}
	else if (strcmp(name, "m4h") == 0)
	{
		task->h = 48;
		task->mase = task->period[0] = 24;
		task->period[1] = 168;
		load_split(task, "m4_hourly.csv.gz", 48);
	}
	else if (strncmp(name, "geron", 5) == 0)
	{
		task->h = atoi(name + 5);
		load_geron(task);
	}
	else if (strncmp(name, "cta", 3) == 0)
	{
		task->h = atoi(name + 3);
		task->period[0] = 7;
		load_cta(task, name[strlen(name) - 1] == 'c');
	}
	else if (strcmp(name, "air") == 0)
	{
		task->h = 23;
		task->period[0] = 12;
		load_column(task, "airpassengers.csv", "airpassengers", 2);
		roll(task, 121, 1);
		task->series[0].last = 121;
	}
	else if (strncmp(name, "etth1", 5) == 0)
	{
		task->h = atoi(strchr(name, '_') + 1);
		task->period[0] = 24;
		task->period[1] = 168;
		load_ett(task, name[5] == '_');
	}
	else if (strcmp(name, "sunspots") == 0)
	{
		task->h = 1;
		task->period[0] = 12;
		load_column(task, "sunspots_monthly.csv", "*", 2);
		roll(task, 3000, 1);
	}
	else if (strcmp(name, "mintemp") == 0)
	{
		task->h = 1;
		task->period[0] = 7;
		load_column(task, "daily_min_temperatures.csv", "*", 2);
		roll(task, 2500, 1);
	}
	else if (strcmp(name, "lab") == 0 || strcmp(name, "w2w3_assignment") == 0)
	{
		task->h = 1;
		task->period[0] = 7;
		load_column(task, "course_synthetic.csv", name, 3);
		roll(task, name[0] == 'l' ? 1000 : 1100, 1);
	}
	else if (strcmp(name, "pjm") == 0)
	{
		int64_t		start;

		task->h = 24;
		task->period[0] = 24;
		task->period[1] = 168;
		start = load_hourly(task, "pjme_hourly.csv.gz", 1, 0, NULL);
		roll(task, hour_of("2017-08-01 00") - start, 24);
		task->series[0].last = hour_of("2018-07-31 00") - start;
	}
	else if (strncmp(name, "bike", 4) == 0)
	{
		int64_t		start;

		task->h = 24;
		task->period[0] = 24;
		task->period[1] = 168;
		start = load_hourly(task, "bike_sharing_hourly.csv", 10, name[4] == 'c' ? 7 : 0, weather);
		roll(task, hour_of("2012-10-01 00") - start, 24);
	}
	else
		return false;
	for (task->periods = 0; task->periods < 2 && task->period[task->periods]; task->periods++)
		;
	return true;
}

/* ---- scoring ---- */

typedef struct Wanted
{
	FrnnSeriesData *data;		/* of every series that is forecast */
	FrnnForecast *forecast;
	int		   *series;
	int64_t		count;
} Wanted;

static Wanted
want(const Task *task)
{
	Wanted		wanted = {need(sizeof(FrnnSeriesData) * (size_t) task->count),
	need(sizeof(FrnnForecast) * (size_t) task->count), need(sizeof(int) * (size_t) task->count), 0};
	int64_t		trained = 0;

	for (int s = 0; s < task->count; s++)
	{
		const Series *series = &task->series[s];
		FrnnForecast *forecast = &wanted.forecast[wanted.count];
		int64_t    *origin;
		size_t		numbers;

		trained += series->train > 0;
		if (series->last < series->first)
			continue;
		forecast->origins = (series->last - series->first) / series->step + 1;
		numbers = (size_t) forecast->origins * (size_t) task->h;
		origin = need(sizeof(int64_t) * (size_t) forecast->origins);
		for (int64_t i = 0; i < forecast->origins; i++)
			origin[i] = series->first + i * series->step;
		wanted.data[wanted.count] = (FrnnSeriesData) {series->n, 0, series->y, series->covariate, 0};
		forecast->data = &wanted.data[wanted.count];
		forecast->index = series->train > 0 ? trained - 1 : -1;
		forecast->origin = origin;
		forecast->point = need(sizeof(double) * numbers);
		forecast->error = need(sizeof(double) * numbers);
		forecast->lower = need(sizeof(double) * numbers * 2);
		forecast->upper = need(sizeof(double) * numbers * 2);
		wanted.series[wanted.count++] = s;
	}
	return wanted;
}

static Score
score(const Task *task, const Wanted *wanted, double *cover)
{
	Score		sum = {0};
	double		n = 0;
	double		inside[2] = {0, 0};

	for (int64_t i = 0; i < wanted->count; i++)
	{
		const Series *series = &task->series[wanted->series[i]];
		const FrnnForecast *forecast = &wanted->forecast[i];
		double		absolute = 0;
		double		symmetric = 0;
		double		scale = 0;
		double		known = 0;
		int			m = series->train > task->mase ? task->mase : 1;

		for (int64_t j = 0; j < forecast->origins; j++)
			for (int k = 0; k < task->h; k++)
			{
				size_t		at = (size_t) (j * task->h + k);
				double		y = series->y[forecast->origin[j] + k];
				double		f = forecast->point[at];

				if (isnan(y))
					continue;
				absolute += fabs(y - f);
				sum.mse += (y - f) * (y - f);
				sum.mape += fabs(y - f) / fmax(fabs(y), 1e-9);
				symmetric += 200 * fabs(y - f) / fmax(fabs(y) + fabs(f), 1e-12);
				known++;
				for (int l = 0; cover && l < 2; l++)
				{
					size_t		level_at = (size_t) l * (size_t) forecast->origins * task->h + at;

					inside[l] += y >= forecast->lower[level_at] && y <= forecast->upper[level_at];
				}
			}
		sum.mae += absolute;
		n += known;
		if (task->mase)
		{
			int64_t		count = 0;

			for (int64_t t = m; t < series->train; t++)
				if (!isnan(series->y[t]) && !isnan(series->y[t - m]))
				{
					scale += fabs(series->y[t] - series->y[t - m]);
					count++;
				}
			sum.smape += symmetric / known / (double) wanted->count;
			sum.mase += absolute / known / (scale / (double) count) / (double) wanted->count;
		}
	}
	sum.mae /= n;
	sum.mse /= n;
	sum.mape *= 100 / n;
	for (int l = 0; cover && l < 2; l++)
		cover[l] = inside[l] / n;
	return sum;
}

static void
print_score(const Task *task, const char *what, Score s)
{
	if (task->mase)
		printf("  %-8s sMAPE %8.3f  MASE %7.4f", what, s.smape, s.mase);
	else
		printf("  %-8s MAE %10.5g  MSE %10.5g  MAPE %7.3f", what, s.mae, s.mse, s.mape);
}

static double
seconds(void *arg)
{
	struct timespec t;

	(void) arg;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void
run(Task *task, uint64_t seed)
{
	FrnnPanelData panel = {.covariates = task->covariates, .horizon = task->h, .periods = task->periods};
	FrnnSeriesData *data = need(sizeof(FrnnSeriesData) * (size_t) task->count);
	FrnnRecipe	recipe = asked;
	FrnnNetwork network;
	FrnnForecaster forecaster;
	FrnnFitHooks fit_hooks = {NULL, NULL, seconds, NULL, NULL};
	FrnnError	error = {0};
	FrnnStatus	status;
	double		began = seconds(NULL);
	double		fitted;
	clock_t		processor = clock();
	double		confidence[2] = {0.8, 0.9};
	double		cover[2];
	size_t		bytes;
	size_t		work;
	int64_t		longest = 0;
	char		line[512];
	Wanted		wanted = want(task);
	Score		naive[2];

	panel.data = data;
	for (int p = 0; p < task->periods; p++)
		panel.period[p] = task->period[p];
	for (int s = 0; s < task->count; s++)
	{
		const Series *series = &task->series[s];

		longest = series->n > longest ? series->n : longest;
		if (series->train > 0)
			data[panel.series++] = (FrnnSeriesData) {series->train, 0, series->y, series->covariate, 0};
	}
	for (int p = 0; p < 2; p++)
	{
		for (int64_t i = 0; i < wanted.count; i++)
			for (int64_t j = 0; j < wanted.forecast[i].origins; j++)
				frnn_naive(wanted.forecast[i].data->value, wanted.forecast[i].origin[j],
						   p ? task->period[0] : 0, task->h, wanted.forecast[i].point + j * task->h);
		naive[p] = score(task, &wanted, NULL);
	}

	recipe.seed = seed;
	status = frnn_recipe_choose(&panel, &recipe, &network, need(frnn_recipe_scratch(&panel)), NULL, &error);
	if (status == FRNN_OK)
		status = frnn_forecaster_size(&recipe, &network, panel.series, recipe.ensemble, &bytes, &error);
	if (status == FRNN_OK)
		status = frnn_fit_size(&panel, &recipe, &network, &work, &error);
	if (status != FRNN_OK)
	{
		printf("%s: status %d, value %g, limit %g\n", task->name, status, error.value, error.limit);
		return;
	}
	frnn_recipe_explain(&recipe, &network, line, sizeof(line));
	printf("%s: %s\n", task->name, line);
	frnn_forecaster_layout(&forecaster, &recipe, &network, panel.series, recipe.ensemble, need_aligned(bytes));
	status = frnn_fit(&panel, &forecaster, NULL, need_aligned(work), &fit_hooks, &error);
	if (status != FRNN_OK || frnn_forecaster_check(&forecaster))
	{
		printf("%s: fit status %d, %s\n", task->name, status, frnn_forecaster_check(&forecaster));
		return;
	}
	fitted = seconds(NULL);
	frnn_predict_size(&forecaster, longest, task->h, &bytes, &error);
	print_score(task, "naive", naive[0]);
	printf("\n");
	if (task->periods)
	{
		print_score(task, "seasonal", naive[1]);
		printf("\n");
	}
	{
		void	   *block = need_aligned(bytes);
		FrnnForecaster part = forecaster;

		/* ridge regression and network alone, without the shares of the others */
		part.naive_last = part.naive_season = 0;
		part.mix = 0;
		frnn_predict(&part, wanted.forecast, wanted.count, task->h, 2, confidence, block, NULL);
		print_score(task, "ridge", score(task, &wanted, NULL));
		printf("\n");
		if (forecaster.members)
		{
			part.mix = 1;
			frnn_predict(&part, wanted.forecast, wanted.count, task->h, 2, confidence, block, NULL);
			print_score(task, "network", score(task, &wanted, NULL));
			printf("\n");
		}
		frnn_predict(&forecaster, wanted.forecast, wanted.count, task->h, 2, confidence, block, NULL);
	}
	print_score(task, "FINAL", score(task, &wanted, cover));
	printf("  cover %.2f %.2f  mix %.1f  updates %d  members %d  %.1f s + %.1f s, processor %.1f s\n", cover[0], cover[1],
		   forecaster.mix, forecaster.updates, forecaster.members, fitted - began, seconds(NULL) - fitted, (double) (clock() - processor) / CLOCKS_PER_SEC);
	printf("  validation (%lld origins): naive %.4f seasonal %.4f ridge %.4f network %.4f mix %.4f\n",
		   (long long) forecaster.validation_origins, forecaster.validation_error[FRNN_VALIDATION_NAIVE], forecaster.validation_error[FRNN_VALIDATION_SEASONAL],
		   forecaster.validation_error[FRNN_VALIDATION_RIDGE], forecaster.validation_error[FRNN_VALIDATION_NETWORK], forecaster.validation_error[FRNN_VALIDATION_MIX]);
	fflush(stdout);
}

/* name=number; false when it is a set's name */
static bool
option(const char *text)
{
	const char *value = strchr(text, '=');

	if (!value)
		return false;
	if (strncmp(text, "updates=", 8) == 0)
		asked.updates = atoi(value + 1);
	else if (strncmp(text, "batch=", 6) == 0)
		asked.batch = atoi(value + 1);
	else if (strncmp(text, "ensemble=", 9) == 0)
		asked.ensemble = atoi(value + 1);
	else
	{
		fprintf(stderr, "no such option: %s\n", text);
		exit(2);
	}
	return true;
}

int
main(int argc, char **argv)
{
	static const char *const all[] = {"air", "cif12", "cif6", "lab", "w2w3_assignment", "mintemp", "sunspots",
		"etth1OT_24", "cta1", "cta1c", "cta14", "geron1", "geron10", "bike", "bikec", "pjm", "m4h", "etth1_96"};
	const char *const *name = all;
	int			sets = (int) (sizeof(all) / sizeof(all[0]));
	uint64_t	seed;

	if (argc < 2)
	{
		fprintf(stderr, "usage: accuracy FOLDER [seed [set ...]] [updates=U] [batch=B] [ensemble=K]\n");
		return 2;
	}
	asked = frnn_recipe_default();
	while (argc > 2 && option(argv[argc - 1]))
		argc--;
	folder = argv[1];
	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	if (argc > 3)
	{
		name = (const char *const *) argv + 3;
		sets = argc - 3;
	}
	for (int i = 0; i < sets; i++)
	{
		Task		task;

		if (!load(&task, name[i]))
		{
			fprintf(stderr, "no such set: %s\n", name[i]);
			return 2;
		}
		run(&task, seed);
	}
	return 0;
}
