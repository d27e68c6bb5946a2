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

extern JsonCursor json_cursor(const char *text, const char *type);
extern JsonCursor json_cursor_metadata(const char *text, const char *name);
extern void json_cursor_error(const JsonCursor *in, const char *rule) pg_attribute_noreturn();

/* whether c is next; accept also steps over it, expect raises "expected <what>" if not */
extern bool json_cursor_at(JsonCursor *in, char c);
extern bool json_cursor_accept(JsonCursor *in, char c);
extern void json_cursor_expect(JsonCursor *in, char c, const char *what);
extern bool json_cursor_null(JsonCursor *in);
extern void json_cursor_end(JsonCursor *in);

extern char *json_cursor_string(JsonCursor *in, const char *what);
extern double json_cursor_number(JsonCursor *in, const char *what);
extern int64 json_cursor_integer(JsonCursor *in, const char *what);

/*
 * Step over an object, whose members must be among the names, each at most
 * once; member[i] then stands at the value of names[i].
 */
extern void json_cursor_object(JsonCursor *in, const char *what, const char *const *names, int n, JsonCursor *member);
extern void json_cursor_require(const JsonCursor *member, const JsonCursor *in, const char *name);

#endif
