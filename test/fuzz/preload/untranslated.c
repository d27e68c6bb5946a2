/*
 * untranslated.c
 *	  A library to preload before the server: messages stay as they are.
 *
 * libgnutls, which the server links, calls bindtextdomain in its constructor.
 * With the address sanitizer preloaded the C library then waits forever for
 * its own lock at the next call.  Looking up no translation is faster, too.
 */
char	   *
bindtextdomain(const char *domain, const char *folder)
{
	return (char *) folder;
}

char	   *
bind_textdomain_codeset(const char *domain, const char *codeset)
{
	return (char *) codeset;
}

char	   *
textdomain(const char *domain)
{
	return (char *) domain;
}

char	   *
gettext(const char *message)
{
	return (char *) message;
}

char	   *
dgettext(const char *domain, const char *message)
{
	return (char *) message;
}

char	   *
dcgettext(const char *domain, const char *message, int category)
{
	return (char *) message;
}
