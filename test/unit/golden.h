/*
 * golden.h
 *	  Named records of numbers: a name, a count, so many numbers.
 */
#ifndef FRNN_GOLDEN_H
#define FRNN_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the record, allocated; *count (may be NULL) numbers.  A missing one ends the program. */
static inline double *
golden(const char *file, const char *wanted, int *count)
{
	FILE	   *in = fopen(file, "r");
	char		name[64];
	int			n;

	if (in && fscanf(in, "#%*[^\n]") == 0)
		while (fscanf(in, "%63s %d", name, &n) == 2)
		{
			double	   *v = malloc(sizeof(double) * (size_t) (n > 0 ? n : 1));
			int			read = 0;

			while (read < n && fscanf(in, "%lf", &v[read]) == 1)
				read++;
			if (read == n && strcmp(name, wanted) == 0)
			{
				fclose(in);
				if (count)
					*count = n;
				return v;
			}
			free(v);
		}
	printf("%s has no record %s\n", file, wanted);
	exit(1);
}

#endif
