/*
 * mutate.c
 *	  A mutator that keeps JSON a JSON most of the time.
 *
 * Bytes flipped at random are refused by the JSON parser, so half of the
 * mutations exchange whole tokens: a number for a number at some limit, a word
 * for another word, a value for another value of the same text, a member
 * twice or not at all.  Of a safetensors file the header is mutated so, and
 * its length is made right again.
 */
#include "fuzz.h"

#define MAX_TOKENS	2048
#define MAX_TEXT	65536

typedef struct Token
{
	uint32		from;
	uint32		to;
} Token;

typedef struct Text
{
	char		text[MAX_TEXT];
	uint32		size;
	int			tokens;
	Token		token[MAX_TOKENS];
} Text;

static const char *const literal[] = {
	"0", "-0", "1", "2", "3", "7", "64", "255", "256", "1000", "1001", "4096", "4097", "8192", "8193", "65536", "100000", "1048576",
	"1048577", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807",
	"9223372036854775808", "-9223372036854775808", "18446744073709551616", "-1", "0.5", "-0.5", "0.999", "1e-300", "1e-320", "1e300",
	"1e308", "1e309", "-1e309", "1e400", "1e100000", "null", "true", "false", "[]", "{}", "\"\"", "\"auto\"", "\"NaN\"", "\"infinity\"",
	"\"-infinity\"", "\"none\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"294276-12-31\"", "\"4714-11-24 BC\"", "\"2024-02-30\"",
	"\"5874897-12-31\"", "[null]", "[1,2]", "[[1],[2]]", "[[[]]]", "{\"a\":1}"
};

static uint64 random_state;

static uint32
below(uint32 n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n ? (uint32) ((random_state >> 16) % n) : 0;
}

/* ---- tokens ---- */

static uint32
token_end(const Text *text, uint32 from)
{
	uint32		at = from + 1;
	char		c = text->text[from];

	if (c == '"')
	{
		while (at < text->size && text->text[at] != '"')
			at += text->text[at] == '\\' ? 2 : 1;
		return Min(at + 1, text->size);
	}
	if (strchr("{}[]:, \t\r\n", c) != NULL)
		return at;
	while (at < text->size && strchr("{}[]:, \t\r\n\"", text->text[at]) == NULL)
		at++;
	return at;
}

static void
tokens_find(Text *text)
{
	uint32		at = 0;

	text->tokens = 0;
	while (at < text->size && text->tokens < MAX_TOKENS)
	{
		Token	   *token = &text->token[text->tokens];

		token->from = at;
		token->to = at = token_end(text, at);
		if (strchr(" \t\r\n", text->text[token->from]) == NULL)
			text->tokens++;
	}
}

/* Returns the token that ends the value beginning at that token: itself, or its closing bracket. */
static int
value_end(const Text *text, int token)
{
	int			depth = 0;

	for (int i = token; i < text->tokens; i++)
	{
		char		c = text->text[text->token[i].from];

		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		if (depth <= 0)
			return i;
	}
	return text->tokens - 1;
}

/* Replaces the bytes from..to; too long a result is not made. */
static void
splice(Text *text, uint32 from, uint32 to, const char *by, uint32 length)
{
	if (text->size - (to - from) + length > MAX_TEXT)
		return;
	memmove(text->text + from + length, text->text + to, text->size - to);
	memcpy(text->text + from, by, length);
	text->size += length - (to - from);
}

/* ---- mutations of a text ---- */

static bool
is_value(const Text *text, int token)
{
	return strchr("}]:,", text->text[text->token[token].from]) == NULL;
}

/* The token's inner bytes by libFuzzer, which also puts in words of its dictionary. */
static void
mutate_inside(Text *text, Token token)
{
	uint8_t		part[512];
	uint32		quote = text->text[token.from] == '"' && token.to - token.from >= 2;
	uint32		size = token.to - token.from - 2 * quote;

	if (size > sizeof(part) / 2)
		return;
	memcpy(part, text->text + token.from + quote, size);
	size = LLVMFuzzerMutate(part, size, sizeof(part) / 2);
	splice(text, token.from + quote, token.to - quote, (const char *) part, size);
}

static void
mutate_text(Text *text)
{
	char		copy[4096];
	int			first,
				other;
	Token		span,
				from;

	tokens_find(text);
	if (text->tokens == 0)
		return;
	first = below(text->tokens);
	for (int tries = 0; tries < 8 && !is_value(text, first); tries++)
		first = below(text->tokens);
	other = below(text->tokens);
	span.from = text->token[first].from;
	span.to = text->token[value_end(text, first)].to;
	from.from = text->token[other].from;
	from.to = text->token[value_end(text, other)].to;
	switch (below(8))
	{
		case 0:
		case 1:
			{
				const char *by = literal[below(lengthof(literal))];

				splice(text, span.from, span.to, by, strlen(by));
				break;
			}
		case 2:
		case 3:
			mutate_inside(text, text->token[first]);
			break;
		case 4:					/* a value for another */
			if (from.to - from.from <= sizeof(copy))
			{
				memcpy(copy, text->text + from.from, from.to - from.from);
				splice(text, span.from, span.to, copy, from.to - from.from);
			}
			break;
		case 5:					/* a value, or a member with it, once more */
			if (first >= 2 && text->text[text->token[first - 1].from] == ':')
				span.from = text->token[first - 2].from;
			if (span.to - span.from < sizeof(copy))
			{
				copy[0] = ',';
				memcpy(copy + 1, text->text + span.from, span.to - span.from);
				splice(text, span.to, span.to, copy, span.to - span.from + 1);
			}
			break;
		case 6:					/* no longer, with the comma after it or before it */
			if (first >= 2 && text->text[text->token[first - 1].from] == ':')
				span.from = text->token[first - 2].from;
			if (span.to < text->size && text->text[span.to] == ',')
				span.to++;
			else if (span.from > 0 && text->text[span.from - 1] == ',')
				span.from--;
			splice(text, span.from, span.to, "", 0);
			break;
		default:				/* one token */
			splice(text, text->token[other].from, text->token[other].to, "", 0);
			break;
	}
}

/* ---- files ---- */

static Text work;

static size_t
mutate_json(uint8_t *data, size_t size, size_t max)
{
	if (size == 0 || size > MAX_TEXT / 2)
		return LLVMFuzzerMutate(data, size, max);
	memcpy(work.text, data, size);
	work.size = size;
	for (uint32 n = 1 + below(3); n > 0; n--)
		mutate_text(&work);
	if (work.size > max)
		return LLVMFuzzerMutate(data, size, max);
	memcpy(data, work.text, work.size);
	return work.size;
}

/* The text of a string token without its quotes and escapes; those of control characters become spaces. */
static void
unescape(const Text *text, Token token, Text *out)
{
	out->size = 0;
	for (uint32 at = token.from + 1; at + 1 < token.to; at++)
	{
		char		c = text->text[at];

		if (c == '\\' && at + 2 < token.to)
		{
			c = text->text[++at];
			if (c == 'u')
				at += 4;
			if (c != '"' && c != '\\')
				c = ' ';
		}
		out->text[out->size++] = c;
	}
}

/* The text as a string, escaped as models write theirs. */
static uint32
escape(const Text *text, char *out)
{
	uint32		size = 0;

	out[size++] = '"';
	for (uint32 at = 0; at < text->size && size < MAX_TEXT - 8; at++)
	{
		unsigned char c = text->text[at];

		if (c == '"' || c == '\\')
			out[size++] = '\\';
		out[size++] = c < ' ' ? ' ' : c;
	}
	out[size++] = '"';
	return size;
}

/* JSON inside one of the header's strings: most of a model's metadata is such. */
static void
mutate_nested(Text *text)
{
	static Text inner;
	static char out[MAX_TEXT];

	tokens_find(text);
	for (int tries = 0; tries < 64 && text->tokens > 0; tries++)
	{
		Token		token = text->token[below(text->tokens)];

		if (text->text[token.from] != '"' || token.to - token.from < 3)
			continue;
		unescape(text, token, &inner);
		if (inner.size == 0 || (tries < 32 && inner.text[0] != '{' && inner.text[0] != '['))
			continue;
		mutate_text(&inner);
		splice(text, token.from, token.to, out, escape(&inner, out));
		return;
	}
}

/* Some numbers of the data, at their places. */
static void
mutate_numbers(uint8_t *data, size_t size)
{
	static const uint64 word[] = {
		0, 1, 2, UINT64CONST(0xffffffffffffffff), UINT64CONST(0x7fffffffffffffff), UINT64CONST(0x8000000000000000),
		UINT64CONST(0x7ff0000000000000), UINT64CONST(0xfff0000000000000), UINT64CONST(0x7ff8000000000000),
		UINT64CONST(0x3ff0000000000000), UINT64CONST(0xbff0000000000000), UINT64CONST(0x7fefffffffffffff),
		UINT64CONST(0x7f8000007fc00000), UINT64CONST(0x7f7fffff7f7fffff), UINT64CONST(0x0004000000000000),
		UINT64CONST(0xfffc000000000000), UINT64CONST(0x0000000100000000), 4096
	};

	for (uint32 n = 1 + below(2); n > 0; n--)
	{
		uint64		by = word[below(lengthof(word))];
		size_t		width = below(3) == 0 ? 4 : 8;

		if (size < width)
			return;
		if (below(4) == 0)
			data[below(size)] ^= 1 << below(8);
		else
			memcpy(data + below(size / width) * width, &by, width);
	}
}

/* The header's text, padded and with its length again, or the data behind it. */
static size_t
mutate_safetensors(uint8_t *data, size_t size, size_t max)
{
	uint64		length;
	size_t		rest;
	uint32		kind = below(8);

	if (size < 8)
		return LLVMFuzzerMutate(data, size, max);
	memcpy(&length, data, 8);
	if (length < 2 || length > size - 8 || length > MAX_TEXT / 2)
		return LLVMFuzzerMutate(data, size, max);
	rest = size - 8 - length;
	if (rest > 0 && kind == 0)
		return 8 + length + LLVMFuzzerMutate(data + 8 + length, rest, max - 8 - length);
	if (rest > 0 && kind <= 2)
	{
		mutate_numbers(data + 8 + length, rest);
		return size;
	}
	memcpy(work.text, data + 8, length);
	work.size = length;
	while (work.size > 0 && work.text[work.size - 1] == ' ')
		work.size--;
	for (uint32 n = 1 + below(2); n > 0; n--)
	{
		if (kind == 7)
			mutate_text(&work);
		else
			mutate_nested(&work);
	}
	while (work.size % 8 != 0 && work.size < MAX_TEXT)
		work.text[work.size++] = ' ';
	if (8 + work.size + rest > max)
		return LLVMFuzzerMutate(data, size, max);
	memmove(data + 8 + work.size, data + 8 + length, rest);
	memcpy(data + 8, work.text, work.size);
	length = work.size;
	memcpy(data, &length, 8);
	return 8 + work.size + rest;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	size_t		skip = fuzz_target->skip;

	random_state = UINT64CONST(0x9E3779B97F4A7C15) * (seed + 1) ^ size;
	if (fuzz_target->form == FUZZ_BYTES || size <= skip || below(8) == 0)
		return LLVMFuzzerMutate(data, size, max);
	if (skip > 0 && below(8) == 0)
		data[0] = (uint8_t) below(256);
	if (fuzz_target->form == FUZZ_JSON)
		return skip + mutate_json(data + skip, size - skip, max - skip);
	return skip + mutate_safetensors(data + skip, size - skip, max - skip);
}
