/*
 * check.h
 *	  Counting checks for the core's unit tests.
 */
#ifndef FRNN_CHECK_H
#define FRNN_CHECK_H

#include <math.h>
#include <stdio.h>

static int	check_passed,
			check_failed;

static inline void
check_that(int ok, const char *file, int line, const char *what)
{
	if (ok)
		check_passed++;
	else
	{
		check_failed++;
		printf("%s:%d: failed: %s\n", file, line, what);
	}
}

/* NaN is near nothing, so it fails */
static inline void
check_near(double a, double b, double tol, const char *file, int line, const char *what)
{
	int			ok = fabs(a - b) <= tol;

	check_that(ok, file, line, what);
	if (!ok)
		printf("    %.17g is not within %g of %.17g\n", a, tol, b);
}

static inline int
check_done(void)
{
	printf("%d passed, %d failed\n", check_passed, check_failed);
	return check_failed != 0;
}

#define CHECK(cond) check_that((cond) != 0, __FILE__, __LINE__, #cond)
#define CHECK_NEAR(a, b, tol) check_near((a), (b), (tol), __FILE__, __LINE__, #a " ~ " #b)

#endif
