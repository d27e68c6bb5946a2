/*
 * panel_json.h
 *	  A cursor over JSON text that reads it without building a tree: a panel's text
 *	  may be far larger than jsonb allows.
 *
 * Every function skips white space first, moves the cursor behind what it
 * read, or raises ERRCODE_INVALID_TEXT_REPRESENTATION naming the offset.
 */
#ifndef FRNN_PG_PANEL_JSON_H
#define FRNN_PG_PANEL_JSON_H

#include "pg/server/compat.h"

typedef struct JsonCursor
{
	const char *text;			/* the whole text, zero-terminated */
	const char *at;				/* NULL: an object had no such member */
	const char *type;			/* for messages */
	bool		metadata;		/* of a model: errors are ERRCODE_DATA_CORRUPTED, and type is the name of the metadata */
} JsonCursor;

/* Returns a cursor at the start of an input of that type, and of the metadata of a model with that name. */
extern JsonCursor json_cursor(const char *text, const char *type);
extern JsonCursor json_cursor_metadata(const char *text, const char *name);

/* Raises an error with the offset of the cursor; rule: what was expected, or what is wrong. */
extern void json_cursor_error(const JsonCursor *in, const char *rule) pg_attribute_noreturn();

/* Return true if c is next; accept also steps over it; expect raises the error "expected <what>" if it is not. */
extern bool json_cursor_at(JsonCursor *in, char c);
extern bool json_cursor_accept(JsonCursor *in, char c);
extern void json_cursor_expect(JsonCursor *in, char c, const char *what);

/* Returns true for null, and steps over it. */
extern bool json_cursor_null(JsonCursor *in);

/* Raises an error unless only white space is left. */
extern void json_cursor_end(JsonCursor *in);

/* Read a value; what: its name in messages.  Strings are palloc'd. */
extern char *json_cursor_string(JsonCursor *in, const char *what);
extern double json_cursor_number(JsonCursor *in, const char *what);
extern int64 json_cursor_integer(JsonCursor *in, const char *what);

/*
 * Steps over an object, whose members must be among the names, each at most
 * once; member[i] then stands at the value of names[i].
 */
extern void json_cursor_object(JsonCursor *in, const char *what, const char *const *names, int n, JsonCursor *member);

/* Raises an error if the object at `in` has no such member. */
extern void json_cursor_require(const JsonCursor *member, const JsonCursor *in, const char *name);

#endif
