/*
 * plot_rows.c
 *	  The rows of a picture: collected by series, put in order, and drawn.
 */
#include "pg/forecast/plot.h"

#include <ctype.h>
#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

static uint32
name_hash(const void *key, Size size)
{
	const char *name = *(const char *const *) key;

	return DatumGetUInt32(hash_any((const unsigned char *) name, (int) strlen(name)));
}

static int
name_match(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

typedef struct PlotName
{
	const char *name;			/* the key */
	int			series;
} PlotName;

PlotState  *
plot_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "rnn_plot", ALLOCSET_DEFAULT_SIZES);
	PlotState  *state = MemoryContextAllocZero(context, sizeof(PlotState));
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(char *);
	ctl.entrysize = sizeof(PlotName);
	ctl.hash = name_hash;
	ctl.match = name_match;
	ctl.hcxt = context;
	state->context = context;
	state->index = hash_create("rnn_plot series", 64, &ctl, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	return state;
}

/* Adds a series; returns its index. */
static int
plot_new_series(PlotState *state, char *name)
{
	if (state->names == state->name_room)
	{
		state->name_room = Max(64, state->name_room * 2);
		frnn_check_growth(state->context, sizeof(char *) * state->name_room, "the plot");
		state->name = state->name ? repalloc_huge(state->name, sizeof(char *) * state->name_room) :
			MemoryContextAlloc(state->context, sizeof(char *) * state->name_room);
	}
	state->name[state->names] = name;
	return state->names++;
}

int
plot_series(PlotState *state, const char *name)
{
	char	   *key;
	PlotName   *entry;
	bool		found;

	if (name == NULL)
	{
		if (state->unnamed == 0)
			state->unnamed = plot_new_series(state, NULL) + 1;
		return state->unnamed - 1;
	}
	entry = hash_search(state->index, &name, HASH_FIND, NULL);
	if (entry)
		return entry->series;
	frnn_check_growth(state->context, strlen(name), "the plot");
	key = MemoryContextStrdup(state->context, name);
	entry = hash_search(state->index, &key, HASH_ENTER, &found);
	entry->series = plot_new_series(state, key);
	return entry->series;
}

PlotRow    *
plot_add_row(PlotState *state, int series, int fold, int64 time)
{
	PlotRow    *row;
	int			i;

	if (state->rows == state->room)
	{
		int64		room = Max(1024, state->room * 2);

		frnn_check_growth(state->context, sizeof(PlotRow) * (room - state->room), "the plot");
		state->row = state->row ? repalloc_huge(state->row, sizeof(PlotRow) * room) :
			MemoryContextAllocHuge(state->context, sizeof(PlotRow) * room);
		state->room = room;
	}
	row = &state->row[state->rows++];
	row->series = series;
	row->fold = fold;
	row->time = time;
	for (i = 0; i < PLOT_LINES; i++)
		row->value[i] = NAN;
	return row;
}

/* Compares names as people sort them: runs of digits by their number, all else byte by byte. */
static int
name_compare(const char *a, const char *b)
{
	const char *x = a;
	const char *y = b;

	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	while (*x && *y)
	{
		size_t		digits_x;
		size_t		digits_y;
		int			order;

		if (!isdigit((unsigned char) *x) || !isdigit((unsigned char) *y))
		{
			if (*x != *y)
				return (unsigned char) *x < (unsigned char) *y ? -1 : 1;
			x++;
			y++;
			continue;
		}
		x += strspn(x, "0");
		y += strspn(y, "0");
		digits_x = strspn(x, "0123456789");
		digits_y = strspn(y, "0123456789");
		if (digits_x != digits_y)
			return digits_x < digits_y ? -1 : 1;
		order = memcmp(x, y, digits_x);
		if (order != 0)
			return order;
		x += digits_x;
		y += digits_y;
	}
	if (*x || *y)
		return *x ? 1 : -1;
	return strcmp(a, b);
}

static int
order_compare(const void *a, const void *b, void *arg)
{
	char	  **name = arg;

	CHECK_FOR_INTERRUPTS();
	return name_compare(name[*(const int *) a], name[*(const int *) b]);
}

int		   *
plot_names_order(char **name, int names)
{
	int		   *order = palloc(sizeof(int) * Max(names, 1));
	int			i;

	for (i = 0; i < names; i++)
		order[i] = i;
	qsort_arg(order, names, sizeof(int), order_compare, name);
	return order;
}

static int
row_compare(const void *a, const void *b, void *arg)
{
	const int  *place = arg;
	const PlotRow *x = a;
	const PlotRow *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->series != y->series)
		return place[x->series] < place[y->series] ? -1 : 1;
	if (x->fold != y->fold)
		return x->fold < y->fold ? -1 : 1;
	return x->time < y->time ? -1 : x->time > y->time;
}

char	   *
plot_finish(const PlotState *state)
{
	int		   *order = plot_names_order(state->name, state->names);
	int		   *place = palloc(sizeof(int) * state->names);
	int			i;

	for (i = 0; i < state->names; i++)
		place[order[i]] = i;
	qsort_arg(state->row, state->rows, sizeof(PlotRow), row_compare, place);
	return plot_draw(state, order, place);
}
