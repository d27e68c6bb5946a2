/*
 * Answers of the networks that the caller keeps: the second call gives the same
 * bits without asking, in a block that has no room to ask.
 */
#include "world.h"

#define SERIES	5
#define ROWS	90

typedef struct Numbers
{
	double		point[SERIES][STEPS_MAX];
	double		error[SERIES][STEPS_MAX];
	double		lower[SERIES][STEPS_MAX];
	double		upper[SERIES][STEPS_MAX];
	FrnnSeriesStatus status[SERIES];
	bool		answered[SERIES];
} Numbers;

/* one call for all series; known: with the smaller block; the bytes it took */
static size_t
call(const World *w, int steps, float *answers, bool known, Numbers *numbers)
{
	size_t		floats = frnn_answer_floats(&w->forecaster, steps);
	FrnnForecast forecast[SERIES];
	FrnnError	error;
	size_t		bytes = 0;
	void	   *block;

	memset(forecast, 0, sizeof(forecast));
	for (int s = 0; s < SERIES; s++)
	{
		forecast[s].data = &w->data[s];
		forecast[s].index = s;
		forecast[s].origins = 1;
		forecast[s].origin = &w->data[s].n;
		forecast[s].point = numbers->point[s];
		forecast[s].error = numbers->error[s];
		forecast[s].lower = numbers->lower[s];
		forecast[s].upper = numbers->upper[s];
		forecast[s].answer = answers ? answers + (size_t) s * floats : NULL;
		forecast[s].answered = answers && numbers->answered[s];
	}
	memset(numbers->point, 0, sizeof(numbers->point));
	CHECK(frnn_predict_size_few(&w->forecaster, ROWS, steps, SERIES, known, &bytes, &error) == FRNN_OK);
	block = aligned_alloc(FRNN_ALIGN, bytes);
	frnn_predict(&w->forecaster, forecast, SERIES, steps, 1, levels, block, NULL);
	free(block);
	for (int s = 0; s < SERIES; s++)
	{
		numbers->answered[s] = forecast[s].answered;
		numbers->status[s] = forecast[s].status;
	}
	return bytes;
}

static bool
same(const Numbers *a, const Numbers *b, int steps)
{
	bool		equal = true;

	for (int s = 0; s < SERIES; s++)
		equal = equal && a->status[s] == b->status[s] &&
			memcmp(a->point[s], b->point[s], sizeof(double) * (size_t) steps) == 0 &&
			memcmp(a->error[s], b->error[s], sizeof(double) * (size_t) steps) == 0 &&
			memcmp(a->lower[s], b->lower[s], sizeof(double) * (size_t) steps) == 0 &&
			memcmp(a->upper[s], b->upper[s], sizeof(double) * (size_t) steps) == 0;
	return equal;
}

static void
kept(const World *w, int steps)
{
	size_t		floats = SERIES * frnn_answer_floats(&w->forecaster, steps);
	float	   *answers = malloc(sizeof(float) * floats);
	Numbers		asked = {0};
	Numbers		keeping = {0};
	Numbers		again = {0};
	size_t		whole;

	whole = call(w, steps, NULL, false, &asked);
	CHECK(!asked.answered[0]);
	call(w, steps, answers, false, &keeping);
	CHECK(same(&asked, &keeping, steps));
	for (int s = 0; s < SERIES; s++)
		CHECK(keeping.answered[s]);

	memcpy(again.answered, keeping.answered, sizeof(again.answered));
	CHECK(call(w, steps, answers, true, &again) < whole);
	CHECK(same(&asked, &again, steps));

	/* one that is not answered yet: all are asked */
	again.answered[2] = false;
	memset(answers + 2 * floats / SERIES, 0, sizeof(float) * floats / SERIES);
	call(w, steps, answers, false, &again);
	CHECK(same(&asked, &again, steps) && again.answered[2]);

	/* it is the answers that are used */
	for (size_t i = 0; i < floats; i++)
		answers[i] += 1;
	call(w, steps, answers, true, &again);
	CHECK(again.point[0][0] != asked.point[0][0] && again.point[0][steps - 1] != asked.point[0][steps - 1]);
	CHECK(again.point[4][0] == asked.point[4][0]);	/* but of a constant */
	free(answers);
}

/* steps a block: direct, recursive; windows and whole series; series of several lengths, with a gap, constant */
static void
network(int units, bool sequences)
{
	World	   *w = world(SERIES, ROWS, 5, 7);

	for (int s = 0; s < SERIES; s++)
		for (int64_t i = 0; i < ROWS; i++)
			w->value[s][i] = s == 4 ? 3 : 50 + 10 * sin(2 * M_PI * (double) i / 7) + noise(s, i);
	w->value[1][ROWS - 4] = NAN;
	w->data[3].n = 60;
	w->recipe.network = FRNN_NETWORK_GIVEN;
	w->recipe.mix = 0.7;
	w->network.layers = 2;
	w->network.layer[0] = layer(FRNN_LSTM, 6, sequences);
	w->network.layer[1] = layer(FRNN_DENSE, units, false);
	CHECK(fit(w) == FRNN_OK);
	CHECK(w->recipe.block == units && w->forecaster.members == 2);
	kept(w, 1);
	kept(w, 5);
	kept(w, 12);
	free_world(w);
}

int
main(void)
{
	network(5, true);
	network(5, false);
	network(1, true);
	network(1, false);
	return check_done();
}
