/*
 * panel_names.c
 *	  Names of covariates, and the texts of those that are categories.
 *
 * A category is kept in the rows as a number made from its text, so rows of
 * several panels fit together without being written again.  The texts are kept
 * once per panel.  In memory they stand in the order of appearance, in flat
 * form in the order of their bytes.
 */
#include "pg/panel/panel_state.h"

#include "common/int.h"
#include "utils/float.h"
#include "utils/memutils.h"

/* Returns the number of a text: 52 bits of its FNV-1a hash, mixed. */
double
panel_word_code(const char *word)
{
	uint64		hash = UINT64CONST(0xcbf29ce484222325);

	for (; *word; word++)
		hash = (hash ^ (unsigned char) *word) * UINT64CONST(0x100000001b3);
	hash = (hash ^ (hash >> 30)) * UINT64CONST(0xbf58476d1ce4e5b9);
	hash ^= hash >> 27;
	return (double) (hash >> 12);
}

const char *
panel_word(const PanelNames *names, double code)
{
	int			i;

	for (i = 0; i < names->words; i++)
		if (names->code[i] == code)
			return names->word[i];
	return NULL;
}

PanelNames *
panel_names_create(MemoryContext context, int n)
{
	PanelNames *names = MemoryContextAllocZero(context, sizeof(PanelNames));

	names->context = context;
	names->n = n;
	names->name = MemoryContextAllocZero(context, sizeof(char *) * Max(n, 1));
	names->kind = MemoryContextAllocZero(context, sizeof(PanelColumnKind) * Max(n, 1));
	return names;
}

/* Two names in the order of the keys of jsonb: the shorter first, then by bytes. */
static int
name_compare(const char *a, int a_len, const char *b, int b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

void
panel_names_set(PanelNames *names, int i, const char *name, int len)
{
	if (len < 1 || len > PANEL_MAX_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of a covariate must have between 1 and %d bytes, not %d", PANEL_MAX_NAME, len)));
	if (i > 0 && name_compare(names->name[i - 1], strlen(names->name[i - 1]), name, len) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("names of covariates must be distinct and in the order of jsonb, but \"%s\" comes after \"%s\"",
						pnstrdup(name, len), names->name[i - 1]),
				 errdetail("The shorter name comes first; names of one length are in the order of their bytes.")));
	names->name[i] = MemoryContextAllocZero(names->context, len + 1);
	memcpy(names->name[i], name, len);
}

void
panel_names_set_kind(PanelNames *names, int i, PanelColumnKind kind, const char *where)
{
	if (names->kind[i] == kind || kind == PANEL_COLUMN_UNKNOWN)
		return;
	if (names->kind[i] != PANEL_COLUMN_UNKNOWN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariate \"%s\" of %s must be a %s as in other rows, not a %s", names->name[i], where,
						kind == PANEL_COLUMN_NUMBER ? "text" : "number", kind == PANEL_COLUMN_NUMBER ? "number" : "text")));
	names->kind[i] = kind;
}

double
panel_names_add_word(PanelNames *names, const char *word, int len)
{
	MemoryContext old;
	char		copy[PANEL_MAX_WORD + 1];
	double		code;
	const char *there;

	if (len > PANEL_MAX_WORD || memchr(word, '\0', len) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("the text of a covariate must have at most %d bytes, not %d", PANEL_MAX_WORD, len)));
	memcpy(copy, word, len);
	/* cppcheck-suppress arrayIndexOutOfBoundsCond ; the error above does not return */
	copy[len] = '\0';
	code = panel_word_code(copy);
	there = names->words > 0 && names->code[names->last_word] == code ? names->word[names->last_word] : panel_word(names, code);
	if (there != NULL)
	{
		if (strcmp(there, copy) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("texts \"%s\" and \"%s\" of covariates cannot be in one panel", there, copy),
					 errdetail("They have the same hash.")));
		return code;
	}
	if (names->words == PANEL_MAX_WORDS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariates of a panel must have at most %d different texts", PANEL_MAX_WORDS),
				 errhint("Leave out what tells every row or series apart, and make a number of what is one.")));
	old = MemoryContextSwitchTo(names->context);
	if (names->words == names->max_words)
	{
		int			size = Max(16, names->max_words * 2);

		names->word = names->word ? repalloc(names->word, sizeof(char *) * size) : palloc(sizeof(char *) * size);
		names->code = names->code ? repalloc(names->code, sizeof(double) * size) : palloc(sizeof(double) * size);
		names->max_words = size;
	}
	names->word[names->words] = pstrdup(copy);
	names->code[names->words] = code;
	names->last_word = names->words++;
	MemoryContextSwitchTo(old);
	return code;
}

PanelNames *
panel_names_copy(MemoryContext context, const PanelNames *from)
{
	PanelNames *names;
	int			i;

	if (from == NULL)
		return NULL;
	names = panel_names_create(context, from->n);
	for (i = 0; i < from->n; i++)
	{
		panel_names_set(names, i, from->name[i], strlen(from->name[i]));
		names->kind[i] = from->kind[i];
	}
	for (i = 0; i < from->words; i++)
		panel_names_add_word(names, from->word[i], strlen(from->word[i]));
	return names;
}

void
panel_names_check(const PanelNames *names, int i, const char *name, int len, const char *where)
{
	int			order = i < names->n && name ? name_compare(names->name[i], strlen(names->name[i]), name, len) : name ? 1 : -1;

	if (order < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariate \"%s\" of %s is missing, though other rows have it", names->name[i], where),
				 errhint("Where a covariate is not known, give it with the value null.")));
	if (order > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariate \"%s\" of %s is not in other rows", pnstrdup(name, len), where)));
}

void
panel_names_merge(PanelNames *names, const PanelNames *from, const char *where)
{
	int			i;

	for (i = 0; i < Max(names->n, from->n); i++)
	{
		const char *name = i < from->n ? from->name[i] : NULL;

		panel_names_check(names, i, name, name ? strlen(name) : 0, where);
		panel_names_set_kind(names, i, from->kind[i], where);
	}
	for (i = 0; i < from->words; i++)
		panel_names_add_word(names, from->word[i], strlen(from->word[i]));
}

bool
panel_names_equal(const PanelNames *a, const PanelNames *b)
{
	int			i;

	if (a == NULL || b == NULL)
		return a == b;
	if (a->n != b->n)
		return false;
	/* the texts follow from the rows */
	for (i = 0; i < a->n; i++)
		if (strcmp(a->name[i], b->name[i]) != 0 || a->kind[i] != b->kind[i])
			return false;
	return true;
}

/* ---- flat form ---- */

static int
word_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

Size
panel_names_flat_size(PanelNames *names)
{
	Size		size = 0;
	int			i;

	if (names == NULL)
		return 0;
	if (names->words > 0)
		qsort(names->word, names->words, sizeof(char *), word_compare);
	for (i = 0; i < names->words; i++)
	{
		names->code[i] = panel_word_code(names->word[i]);
		size += strlen(names->word[i]) + 1;
	}
	for (i = 0; i < names->n; i++)
		size += 1 + strlen(names->name[i]) + 1;
	return size;
}

char	   *
panel_names_flat_write(const PanelNames *names, char *text)
{
	int			i;

	for (i = 0; names && i < names->n; i++)
	{
		*text ++= (char) ('0' + names->kind[i]);
		text = stpcpy(text, names->name[i]) + 1;
	}
	for (i = 0; names && i < names->words; i++)
	{
		text = stpcpy(text, names->word[i]) + 1;
	}
	return text;
}

/* Returns the length of the string at text, -1 if it does not end before `end` or is longer than `most`. */
static int
flat_string(const char *text, const char *end, int most)
{
	Size		room = (Size) (end - text);
	Size		len = strnlen(text, Min(room, (Size) most + 1));

	return len < room && len <= (Size) most ? (int) len : -1;
}

PanelNames *
panel_names_flat_read(int n, int words, const char **text, const char *end)
{
	PanelNames *names = panel_names_create(CurrentMemoryContext, n);
	int			i,
				len;

	for (i = 0; i < n; i++)
	{
		if (end - *text <2 || **text <'0' || **text >'0' + PANEL_COLUMN_CATEGORY)
			return NULL;
		names->kind[i] = (PanelColumnKind) (*(*text) ++- '0');
		if ((len = flat_string(*text, end, PANEL_MAX_NAME)) < 1)
			return NULL;
		panel_names_set(names, i, *text, len);
		*text +=len + 1;
	}
	for (i = 0; i < words; i++)
	{
		if ((len = flat_string(*text, end, PANEL_MAX_WORD)) < 0)
			return NULL;
		panel_names_add_word(names, *text, len);
		*text +=len + 1;
	}
	return names;
}
