/*
 * plot_text.c
 *	  Text in pictures: escaped for XML, measured, and cut to the room it has.
 *
 * No font is known here: widths are those of a common sans-serif font, by class
 * of character.
 */
#include "pg/forecast/plot_chart.h"

#include "mb/pg_wchar.h"

void
plot_escape(StringInfo out, const char *text)
{
	for (; *text; text ++)
	{
		unsigned char c = (unsigned char) *text;

		switch (c)
		{
			case '&':
				appendStringInfoString(out, "&amp;");
				break;
			case '<':
				appendStringInfoString(out, "&lt;");
				break;
			case '>':
				appendStringInfoString(out, "&gt;");
				break;
			case '"':
				appendStringInfoString(out, "&quot;");
				break;
			case '\'':
				appendStringInfoString(out, "&#39;");
				break;
			case '\t':
			case '\n':
			case '\r':
				appendStringInfoChar(out, ' ');
				break;
			default:
				/* XML excludes control characters, and U+FFFE and U+FFFF */
				if (c < 0x20 || c == 0x7f)
					appendStringInfoString(out, "&#xFFFD;");
				else if (c == 0xef && GetDatabaseEncoding() == PG_UTF8 &&
						 (unsigned char) text[1] == 0xbf && (unsigned char) text[2] >= 0xbe)
				{
					appendStringInfoString(out, "&#xFFFD;");
					text	  +=2;
				}
				else
					appendStringInfoChar(out, (char) c);
		}
	}
}

/* Returns true for zero-width spaces, joiners and marks of direction, which server versions measure differently. */
static bool
is_zero_width(const char *p)
{
	const unsigned char *c = (const unsigned char *) p;

	if (GetDatabaseEncoding() != PG_UTF8 || c[0] != 0xe2)
		return false;
	return (c[1] == 0x80 && ((c[2] >= 0x8b && c[2] <= 0x8f) || (c[2] >= 0xaa && c[2] <= 0xae))) || (c[1] == 0x81 && c[2] >= 0xa0);
}

/* Returns the width of a character in wide fonts, by the mean width. */
static double
character_width(const char *p)
{
	int			columns = pg_dsplen(p);

	/* marks that take no room are not free: a text has a bounded length */
	if (columns <= 0 || is_zero_width(p))
		return 0.1;
	if (columns > 1)
		return 1.6;
	if (IS_HIGHBIT_SET(*p))
		return 1.3;
	if (strchr("mwMW@%", *p))
		return 1.7;
	if (strchr("iljtfrI.,:;'|!`()[]{} ", *p))
		return 0.7;
	return *p >= 'A' && *p <= 'Z' ? 1.2 : 1;
}

double
plot_text_width(const char *text)
{
	double		width = 0;

	for (; *text; text +=pg_mblen(text))
		width += character_width(text);
	return width;
}

char	   *
plot_cut(const char *text, double width, double character, bool *cut)
{
	double		room = width / character;
	double		used = 0;
	const char *p;

	*cut = plot_text_width(text) > room;
	if (!*cut)
		return pstrdup(text);
	/* room for the ellipsis */
	for (p = text; *p && used + character_width(p) + 2 <= room; p += pg_mblen(p))
		used += character_width(p);
	return pnstrdup(text, p - text);
}

void
plot_text(StringInfo out, double x, double y, const char *attributes, const char *text, double width, double character)
{
	bool		cut;
	char	   *shown = plot_cut(text, width, character, &cut);

	appendStringInfo(out, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes);
	if (cut)
	{
		char	   *whole = pnstrdup(text, pg_mbcliplen(text, strlen(text), 300));

		appendStringInfoString(out, "<title>");
		plot_escape(out, whole);
		appendStringInfoString(out, "</title>");
		pfree(whole);
	}
	plot_escape(out, shown);
	if (cut)
		appendStringInfoString(out, "&#x2026;");
	appendStringInfoString(out, "</text>");
	pfree(shown);
}
