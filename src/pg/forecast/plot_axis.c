/*
 * plot_axis.c
 *	  Ticks of charts: round numbers; those of times are in plot_calendar.c.
 */
#include "pg/forecast/plot.h"

#include <math.h>


#define AXIS_LARGEST	1e300

/* Returns the smallest of 1, 2, 2.5 or 5 times a power of ten that is not below x. */
static double
axis_round_step(double x)
{
	static const double round[] = {1, 2, 2.5, 5, 10};
	double		power = pow(10, floor(log10(x)));
	int			i;

	for (i = 0; i < lengthof(round) - 1; i++)
		if (round[i] * power >= x * (1 - 1e-9))
			break;
	return round[i] * power;
}

/* Writes a number with the decimals that the step needs; large numbers get a suffix. */
static void
axis_number_label(char *out, size_t size, double x, double step, double largest)
{
	static const struct
	{
		double		size;
		const char *suffix;
	}			unit[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
	double		divisor = 1;
	const char *suffix = "";
	int			decimals;
	int			i;

	if (largest >= 1e15 || largest < 1e-4)
	{
		snprintf(out, size, "%.3g", fabs(x) < step * 1e-6 ? 0 : x);
		return;
	}
	for (i = 0; i < lengthof(unit) && largest >= 1e4; i++)
		if (largest >= unit[i].size && step >= unit[i].size / 1000)
		{
			divisor = unit[i].size;
			suffix = unit[i].suffix;
			break;
		}
	step /= divisor;
	for (decimals = 0; decimals < 6; decimals++)
		if (fabs(step * pow(10, decimals) - rint(step * pow(10, decimals))) < 1e-6 * step * pow(10, decimals))
			break;
	x /= divisor;
	if (fabs(x) < step * 1e-6)
		snprintf(out, size, "0");
	else
		snprintf(out, size, "%.*f%s", decimals, x, suffix);
}

void
plot_value_axis(PlotAxis *axis, double low, double high, int wanted)
{
	double		largest;
	double		step;
	double		first;
	int			i;

	/* so that the range is finite; lines beyond are clipped */
	low = Min(Max(low, -AXIS_LARGEST), AXIS_LARGEST);
	high = Min(Max(high, -AXIS_LARGEST), AXIS_LARGEST);
	largest = Max(fabs(low), fabs(high));

	/* a constant, or a range that is lost in the values' precision */
	if (!(high - low > largest * 1e-12))
	{
		double		half = largest > 0 ? largest * 0.1 : 1;

		low -= half;
		high += half;
		largest += half;
	}
	step = axis_round_step((high - low) / Max(wanted, 1));
	first = floor(low / step + 1e-9);
	axis->low = first * step;
	axis->ticks = 0;
	for (i = 0; i < PLOT_MAX_TICKS; i++)
	{
		double		x = (first + i) * step;

		axis->tick[i] = x;
		axis_number_label(axis->label[i], sizeof(axis->label[i]), x, step, largest);
		axis->ticks++;
		axis->high = x;
		if (x >= high - step * 1e-9)
			break;
	}
}

/* Ticks of an axis of integers: round numbers between the limits, both ends included if they are round. */
static void
integer_axis(PlotAxis *axis, int64 low, int64 high, int most)
{
	double		step = Max(1, axis_round_step(Max(1.0, ((double) high - low) / Max(most, 1))));
	double		x;

	/* no halves */
	step = step == 2.5 ? 5 : step;
	for (x = ceil(low / step) * step; x <= high && axis->ticks < PLOT_MAX_TICKS; x += step)
	{
		axis->context[axis->ticks][0] = '\0';
		axis->tick[axis->ticks] = x - (double) low;
		if (fabs(x) < 1e15)
			snprintf(axis->label[axis->ticks], sizeof(axis->label[0]), "%.0f", x);
		else
			snprintf(axis->label[axis->ticks], sizeof(axis->label[0]), "%.4g", x);
		axis->ticks++;
	}
}

void
plot_time_axis(PlotAxis *axis, int64 low, int64 high, bool integer, int most)
{
	axis->ticks = 0;
	axis->low = 0;
	axis->high = (double) high - (double) low;
	most = Max(1, Min(most, PLOT_MAX_TICKS - 1));
	if (integer)
		integer_axis(axis, low, high, most);
	else
		plot_calendar_axis(axis, low, high, most);
}
