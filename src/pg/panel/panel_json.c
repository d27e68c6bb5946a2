/*
 * panel_json.c
 *	  A cursor over JSON text; see panel_json.h.
 *
 * The text is a zero-terminated string in the server's encoding, so reading
 * stops at the zero; the depth of nesting is counted, not stacked.
 */
#include "pg/panel/panel_json.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/bytes/safetensors.h"

#define JSON_INTERRUPT_EVERY	65536	/* characters or strings skipped between two checks for interrupts */

JsonCursor
json_cursor(const char *text, const char *type)
{
	JsonCursor	in = {text, text, type, false};

	return in;
}

JsonCursor
json_cursor_metadata(const char *text, const char *name)
{
	JsonCursor	in = {text, text, name, true};

	return in;
}

void
json_cursor_error(const JsonCursor *in, const char *rule)
{
	if (in->metadata)
		st_corrupt("metadata \"%s\": %s at character %lld", in->type, rule, (long long) (in->at - in->text) +1);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: %s", in->type, rule),
			 errdetail("At character %lld.", (long long) (in->at - in->text) +1),
			 in->at == in->text ? errhint("Gather the rows of a table or query: (SELECT rnn_panel(series, time, value) FROM ...).") : 0));
}

static void pg_attribute_noreturn()
cursor_expected(const JsonCursor *in, const char *what)
{
	json_cursor_error(in, psprintf("expected %s", what));
}

static void
cursor_skip_space(JsonCursor *in)
{
	while (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')
		in->at++;
}

bool
json_cursor_at(JsonCursor *in, char c)
{
	cursor_skip_space(in);
	return *in->at == c;
}

bool
json_cursor_accept(JsonCursor *in, char c)
{
	if (!json_cursor_at(in, c))
		return false;
	in->at++;
	return true;
}

void
json_cursor_expect(JsonCursor *in, char c, const char *what)
{
	if (!json_cursor_accept(in, c))
		cursor_expected(in, what);
}

bool
json_cursor_null(JsonCursor *in)
{
	cursor_skip_space(in);
	if (strncmp(in->at, "null", 4) != 0)
		return false;
	in->at += 4;
	return true;
}

void
json_cursor_end(JsonCursor *in)
{
	cursor_skip_space(in);
	if (*in->at != '\0')
		cursor_expected(in, "nothing more");
}

static char
string_escape(JsonCursor *in)
{
	char		hex[5] = {0};
	long		code;

	switch (*in->at)
	{
		case '"':
		case '\\':
		case '/':
			return *in->at;
		case 'b':
			return '\b';
		case 'f':
			return '\f';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		case 'u':
			strlcpy(hex, in->at + 1, sizeof(hex));
			if (strspn(hex, "0123456789abcdefABCDEF") != 4)
				cursor_expected(in, "four hexadecimal digits");
			code = strtol(hex, NULL, 16);
			if (code < 1 || code > 127)
				json_cursor_error(in, "only \\u0001 to \\u007f may be escaped so: write the character itself");
			in->at += 4;
			return (char) code;
		default:
			cursor_expected(in, "a known escape");
	}
}

char	   *
json_cursor_string(JsonCursor *in, const char *what)
{
	StringInfoData out;

	if (!json_cursor_accept(in, '"'))
		cursor_expected(in, psprintf("%s as a string", what));
	initStringInfo(&out);
	for (; *in->at != '"'; in->at++)
	{
		if ((unsigned char) *in->at < ' ')
			cursor_expected(in, "the end of a string");
		if (*in->at == '\\')
		{
			in->at++;
			appendStringInfoChar(&out, string_escape(in));
		}
		else
			appendStringInfoCharMacro(&out, *in->at);
	}
	in->at++;
	return out.data;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Returns the end of the JSON number at the cursor; sets *integer if it has no fraction and no exponent. */
static const char *
number_end(JsonCursor *in, const char *what, bool *integer)
{
	const char *p;

	cursor_skip_space(in);
	p = in->at;
	if (*p == '-')
		p++;
	if (!is_digit(*p))
		cursor_expected(in, psprintf("%s as a number", what));
	while (is_digit(*p))
		p++;
	*integer = true;
	if (*p == '.')
	{
		*integer = false;
		if (!is_digit(*++p))
			cursor_expected(in, psprintf("%s as a number", what));
		while (is_digit(*p))
			p++;
	}
	if (*p == 'e' || *p == 'E')
	{
		*integer = false;
		p++;
		if (*p == '+' || *p == '-')
			p++;
		if (!is_digit(*p))
			cursor_expected(in, psprintf("%s as a number", what));
		while (is_digit(*p))
			p++;
	}
	return p;
}

double
json_cursor_number(JsonCursor *in, const char *what)
{
	bool		integer;
	const char *end = number_end(in, what, &integer);
	double		number = strtod(in->at, NULL);

	if (!isfinite(number))
		json_cursor_error(in, psprintf("%s must be within the range of double precision", what));
	in->at = end;
	return number;
}

int64
json_cursor_integer(JsonCursor *in, const char *what)
{
	bool		integer;
	const char *end = number_end(in, what, &integer);
	long long	number;

	errno = 0;
	number = strtoll(in->at, NULL, 10);
	if (!integer || errno != 0)
		json_cursor_error(in, psprintf("%s must be an integer within the range of bigint", what));
	in->at = end;
	return number;
}

/* Steps over a string, whose contents are checked when it is read. */
static void
cursor_skip_string(JsonCursor *in)
{
	in->at++;
	while (*in->at != '"')
	{
		if (*in->at == '\\' && in->at[1] != '\0')
			in->at++;
		if (*in->at == '\0')
			cursor_expected(in, "the end of a string");
		in->at++;
	}
	in->at++;
}

/* Steps over any value.  Its contents are checked when it is read, so brackets need only balance. */
static void
cursor_skip_value(JsonCursor *in)
{
	int64		depth = 0;
	uint64		steps = 0;

	cursor_skip_space(in);
	if (strchr("\"[{-0123456789n", *in->at) == NULL || *in->at == '\0')
		cursor_expected(in, "a value");
	for (;;)
	{
		if (++steps % JSON_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		switch (*in->at)
		{
			case '"':
				cursor_skip_string(in);
				break;
			case '[':
			case '{':
				depth++;
				in->at++;
				break;
			case ']':
			case '}':
				if (depth == 0)
					return;
				depth--;
				in->at++;
				break;
			case ',':
				if (depth == 0)
					return;
				in->at++;
				break;
			case '\0':
				cursor_expected(in, "the end of a value");
			default:
				in->at++;
		}
	}
}

void
json_cursor_object(JsonCursor *in, const char *what, const char *const *names, int n, JsonCursor *member)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		member[i] = *in;
		member[i].at = NULL;
	}
	json_cursor_expect(in, '{', psprintf("the object of %s", what));
	if (json_cursor_accept(in, '}'))
		return;
	do
	{
		JsonCursor	before = *in;
		char	   *name = json_cursor_string(in, "the name of a member");

		for (i = 0; i < n && strcmp(names[i], name) != 0; i++)
			;
		if (i == n)
			json_cursor_error(&before, psprintf("%s has no member \"%s\"", what,
												pnstrdup(name, pg_mbcliplen(name, strlen(name), 64))));
		if (member[i].at != NULL)
			json_cursor_error(&before, psprintf("member \"%s\" must occur only once", name));
		json_cursor_expect(in, ':', "a colon");
		CHECK_FOR_INTERRUPTS();
		cursor_skip_space(in);
		member[i].at = in->at;
		cursor_skip_value(in);
	} while (json_cursor_accept(in, ','));
	json_cursor_expect(in, '}', psprintf("the end of %s", what));
}

void
json_cursor_require(const JsonCursor *member, const JsonCursor *in, const char *name)
{
	if (member->at == NULL)
		json_cursor_error(in, psprintf("member \"%s\" is missing", name));
}
