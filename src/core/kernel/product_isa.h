/*
 * product_isa.h
 *	  Template of product.c.
 *
 * Both factors are packed into panels of 3 vectors of columns, K rows each, with
 * zeros beyond the last column.  A tile of C of PRODUCT_ROWS x 3 vectors stays
 * in registers while k runs; it starts from what C holds.
 */
#undef HALF
#undef PANEL
#undef PRODUCT_ROWS
#undef PRODUCT_DEPTH
#undef A_PANELS

#define HALF (LANES / 2)		/* doubles of a vector */
#define PANEL (3 * HALF)		/* columns of a panel */
#if FRNN_ISA == 4
#define PRODUCT_ROWS 8			/* of the 32 registers 24 are sums */
#define PRODUCT_DEPTH 128		/* a panel fills 24 kB of the L1 cache */
#elif FRNN_ISA == 3
#define PRODUCT_ROWS 4			/* of the 16 registers 12 are sums */
#define PRODUCT_DEPTH 256
#elif FRNN_ISA == 2
#define PRODUCT_ROWS 6
#define PRODUCT_DEPTH 256
#else
#define PRODUCT_ROWS 3
#define PRODUCT_DEPTH 256
#endif
#define A_PANELS 8				/* panels of A packed at once: they fill the L2 cache */

/* Packs K rows of `columns` columns, times sign. */
FRNN_LOCAL void
FRNN_FN(product_pack) (size_t K, size_t columns, FrnnFactor from, double sign, double *panel)
{
	if (from.stride == 1 && columns == PANEL)
	{
		W			s = SPLAT_W(sign);

		for (size_t k = 0; k < K; k++)
			for (int v = 0; v < 3; v++)
				STORE_W(panel + k * PANEL + v * HALF, LOAD_W(from.v + k * from.k_stride + v * HALF) * s);
		return;
	}
	for (size_t i = 0; i < columns; i++)
		for (size_t k = 0; k < K; k++)
			panel[k * PANEL + i] = from.v[k * from.k_stride + i * from.stride] * sign;
	for (size_t i = columns; i < PANEL; i++)
		for (size_t k = 0; k < K; k++)
			panel[k * PANEL + i] = 0;
}

/* PRODUCT_ROWS rows of C, one panel wide */
FRNN_INLINE void
FRNN_FN(product_tile) (size_t K, const double *restrict a, const double *restrict b, double *restrict c, size_t ldc)
{
	W			sum[PRODUCT_ROWS][3];

	for (int r = 0; r < PRODUCT_ROWS; r++)
		for (int v = 0; v < 3; v++)
			sum[r][v] = LOAD_W(c + r * ldc + v * HALF);
	for (size_t k = 0; k < K; k++)
	{
		W			row[3];

		for (int v = 0; v < 3; v++)
			row[v] = LOAD_W(b + k * PANEL + v * HALF);
		for (int r = 0; r < PRODUCT_ROWS; r++)
		{
			W			factor = SPLAT_W(a[k * PANEL + r]);

			for (int v = 0; v < 3; v++)
				sum[r][v] = FMA_W(factor, row[v], sum[r][v]);
		}
	}
	for (int r = 0; r < PRODUCT_ROWS; r++)
		for (int v = 0; v < 3; v++)
			STORE_W(c + r * ldc + v * HALF, sum[r][v]);
}

/* A panel of A times a panel of B; rows and columns of C that do not exist are computed in a buffer. */
FRNN_LOCAL void
FRNN_FN(product_panel) (size_t K, size_t rows, size_t columns, const double *a, const double *b, double *c, size_t ldc)
{
	double		edge[PRODUCT_ROWS * PANEL];

	for (size_t r = 0; r < rows; r += PRODUCT_ROWS)
	{
		size_t		some = rows - r < PRODUCT_ROWS ? rows - r : PRODUCT_ROWS;

		if (some == PRODUCT_ROWS && columns == PANEL)
		{
			FRNN_FN(product_tile) (K, a + r, b, c + r * ldc, ldc);
			continue;
		}
		memset(edge, 0, sizeof(edge));
		for (size_t i = 0; i < some; i++)
			memcpy(edge + i * PANEL, c + (r + i) * ldc, sizeof(double) * columns);
		FRNN_FN(product_tile) (K, a + r, b, edge, PANEL);
		for (size_t i = 0; i < some; i++)
			memcpy(c + (r + i) * ldc, edge + i * PANEL, sizeof(double) * columns);
	}
}

/* rows m0 .. m0 + rows - 1 of C, whose panels of A are packed at the start of scratch */
FRNN_LOCAL void
FRNN_FN(product_block) (const FrnnRun *run, size_t m0, size_t rows, size_t N, size_t K, FrnnFactor b, bool upper,
						double *c, size_t ldc, double *scratch)
{
	double	   *panel = scratch + A_PANELS * PRODUCT_DEPTH * PANEL;
	double		done = 0;

	for (size_t n = upper ? m0 : 0; n < N; n += PANEL)
	{
		size_t		columns = N - n < PANEL ? N - n : PANEL;
		FrnnFactor	part = {b.v + n * b.stride, b.k_stride, b.stride};

		FRNN_FN(product_pack) (K, columns, part, 1, panel);
		for (size_t m = 0; m < rows && !(upper && m0 + m > n); m += PANEL)
		{
			size_t		some = rows - m < PANEL ? rows - m : PANEL;

			FRNN_FN(product_panel) (K, some, columns, scratch + m / PANEL * (PRODUCT_DEPTH * PANEL), panel,
									c + (m0 + m) * ldc + n, ldc);
			done += (double) some * columns * K;
		}
		if (done > 2e7)
		{
			frnn_tick(run);
			done = 0;
		}
	}
}

FRNN_EXPORT void
FRNN_FN(frnn_product) (const FrnnRun *run, size_t M, size_t N, size_t K, FrnnFactor a, FrnnFactor b,
					   double sign, bool upper, double *c, size_t ldc, double *scratch)
{
	size_t		most = A_PANELS * PANEL;

	for (size_t k = 0; k < K; k += PRODUCT_DEPTH)
	{
		size_t		depth = K - k < PRODUCT_DEPTH ? K - k : PRODUCT_DEPTH;

		for (size_t m0 = 0; m0 < M; m0 += most)
		{
			size_t		rows = M - m0 < most ? M - m0 : most;
			FrnnFactor	right = {b.v + k * b.k_stride, b.k_stride, b.stride};

			for (size_t m = 0; m < rows; m += PANEL)
			{
				FrnnFactor	left = {a.v + k * a.k_stride + (m0 + m) * a.stride, a.k_stride, a.stride};

				FRNN_FN(product_pack) (depth, rows - m < PANEL ? rows - m : PANEL, left, sign,
									   scratch + m / PANEL * (PRODUCT_DEPTH * PANEL));
			}
			FRNN_FN(product_block) (run, m0, rows, N, depth, right, upper, c, ldc, scratch);
			frnn_tick(run);
		}
	}
}

/* R rows of x times `vectors` vectors of columns of W, from y to `to` */
FRNN_INLINE void
FRNN_FN(rows_tile) (const int R, const int vectors, size_t N, size_t K, const double *x, const double *w,
					const double *y, double *to, size_t ldto)
{
	W			sum[4][3];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < vectors; v++)
			sum[r][v] = LOAD_W(y + r * N + v * HALF);
	for (size_t k = 0; k < K; k++)
		for (int v = 0; v < vectors; v++)
		{
			W			row = LOAD_W(w + k * N + v * HALF);

			for (int r = 0; r < R; r++)
				sum[r][v] = FMA_W(SPLAT_W(x[r * K + k]), row, sum[r][v]);
		}
	for (int r = 0; r < R; r++)
		for (int v = 0; v < vectors; v++)
			STORE_W(to + r * ldto + v * HALF, sum[r][v]);
}

/*
 * R rows.  The last columns, if they fill no vector, are computed first, in a
 * vector that overlaps its neighbor, and stored last.
 */
FRNN_INLINE void
FRNN_FN(rows_some) (const int R, size_t N, size_t K, const double *x, const double *w, double *y)
{
	double		last[4 * HALF];
	size_t		rest = N % HALF;
	size_t		n = 0;

	if (N < HALF)
	{
		for (int r = 0; r < R; r++)
			for (size_t k = 0; k < K; k++)
				for (size_t j = 0; j < N; j++)
					y[r * N + j] = FMA_DOUBLE(x[r * K + k], w[k * N + j], y[r * N + j]);
		return;
	}
	if (rest)
		FRNN_FN(rows_tile) (R, 1, N, K, x, w + N - HALF, y + N - HALF, last, HALF);
	for (; n + 3 * HALF <= N; n += 3 * HALF)
		FRNN_FN(rows_tile) (R, 3, N, K, x, w + n, y + n, y + n, N);
	for (; n + HALF <= N; n += HALF)
		FRNN_FN(rows_tile) (R, 1, N, K, x, w + n, y + n, y + n, N);
	for (int r = 0; r < R; r++)
		for (size_t j = 0; j < rest; j++)
			y[r * N + n + j] = last[(r + 1) * HALF - rest + j];
}

FRNN_EXPORT void
FRNN_FN(frnn_rows_product) (size_t M, size_t N, size_t K, const double *x, const double *w, double *y)
{
	size_t		m = 0;

	for (; m + 4 <= M; m += 4)
		FRNN_FN(rows_some) (4, N, K, x + m * K, w, y + m * N);
	for (; m < M; m++)
		FRNN_FN(rows_some) (1, N, K, x + m * K, w, y + m * N);
}

/* `vectors` vectors of columns of frnn_add_rows, from y to `to` */
FRNN_INLINE void
FRNN_FN(added_rows) (const int vectors, size_t K, double sign, const double *x, size_t x_stride, const double *w, size_t ldw,
					 const double *y, double *to)
{
	W			sum[4];

	for (int v = 0; v < vectors; v++)
		sum[v] = LOAD_W(y + v * HALF);
	for (size_t k = 0; k < K; k++)
	{
		W			factor = SPLAT_W(sign * x[k * x_stride]);

		for (int v = 0; v < vectors; v++)
			sum[v] = sum[v] + factor * LOAD_W(w + k * ldw + v * HALF);
	}
	for (int v = 0; v < vectors; v++)
		STORE_W(to + v * HALF, sum[v]);
}

FRNN_EXPORT void
FRNN_FN(frnn_add_rows) (size_t n, size_t K, double sign, const double *x, size_t x_stride, const double *w, size_t ldw,
						double *y)
{
	size_t		rest = n < HALF ? n : n % HALF;
	double		last[HALF];
	size_t		j = 0;

	/* as in rows_some: the last columns share a vector with those before them */
	if (rest && n >= HALF)
		FRNN_FN(added_rows) (1, K, sign, x, x_stride, w + n - HALF, ldw, y + n - HALF, last);
	for (; j + 4 * HALF <= n; j += 4 * HALF)
		FRNN_FN(added_rows) (4, K, sign, x, x_stride, w + j, ldw, y + j, y + j);
	for (; j + 2 * HALF <= n; j += 2 * HALF)
		FRNN_FN(added_rows) (2, K, sign, x, x_stride, w + j, ldw, y + j, y + j);
	for (; j + HALF <= n; j += HALF)
		FRNN_FN(added_rows) (1, K, sign, x, x_stride, w + j, ldw, y + j, y + j);
	for (size_t i = 0; n >= HALF && i < rest; i++)
		y[j + i] = last[HALF - rest + i];
	for (size_t i = 0; n < HALF && i < rest; i++)
	{
		double		sum = y[i];

		for (size_t k = 0; k < K; k++)
			sum = sum + sign * x[k * x_stride] * w[k * ldw + i];
		y[i] = sum;
	}
}

FRNN_EXPORT double
FRNN_FN(frnn_dot) (size_t n, const double *x, const double *y)
{
	W			sum[16 / HALF];
	double		lane[16];
	size_t		j = 0;

	for (int v = 0; v < 16 / HALF; v++)
		sum[v] = SPLAT_W(0.0);
	for (; j + 16 <= n; j += 16)
		for (int v = 0; v < 16 / HALF; v++)
			sum[v] = FMA_W(LOAD_W(x + j + v * HALF), LOAD_W(y + j + v * HALF), sum[v]);
	for (int v = 0; v < 16 / HALF; v++)
		STORE_W(lane + v * HALF, sum[v]);
	for (size_t i = j; i < n; i++)
		lane[i - j] = FMA_DOUBLE(x[i], y[i], lane[i - j]);
	for (int half = 8; half > 0; half /= 2)
		for (int i = 0; i < half; i++)
			lane[i] += lane[i + half];
	return lane[0];
}

/* Adds the 16 lanes: the upper half to the lower one, four times. */
FRNN_INLINE float
FRNN_FN(sum_lanes) (float *lane)
{
	for (int half = 8; half > 0; half /= 2)
		for (int j = 0; j < half; j++)
			lane[j] += lane[j + half];
	return lane[0];
}

/* R dot products with x; element j of a row belongs to lane j % 16 */
FRNN_INLINE void
FRNN_FN(dot_rows) (const int R, size_t columns, const float *w, const float *x, float *out)
{
	V			sum[4][16 / LANES];
	float		lane[4][16];
	size_t		j = 0;

	for (int r = 0; r < R; r++)
		for (int v = 0; v < 16 / LANES; v++)
			sum[r][v] = SPLAT(0.0f);
	for (; j + 16 <= columns; j += 16)
		for (int v = 0; v < 16 / LANES; v++)
		{
			V			part = LOAD(x + j + v * LANES);

			for (int r = 0; r < R; r++)
				sum[r][v] = FMA(LOAD(w + r * columns + j + v * LANES), part, sum[r][v]);
		}
	for (int r = 0; r < R; r++)
	{
		for (int v = 0; v < 16 / LANES; v++)
			STORE(lane[r] + v * LANES, sum[r][v]);
		for (size_t i = j; i < columns; i++)
			lane[r][i - j] = FMA_FLOAT(w[r * columns + i], x[i], lane[r][i - j]);
		out[r] += FRNN_FN(sum_lanes) (lane[r]);
	}
}

FRNN_EXPORT void
FRNN_FN(frnn_matrix_vector) (size_t rows, size_t columns, const float *w, const float *x, float *out)
{
	size_t		r = 0;

	for (; r + 4 <= rows; r += 4)
		FRNN_FN(dot_rows) (4, columns, w + r * columns, x, out + r);
	for (; r < rows; r++)
		FRNN_FN(dot_rows) (1, columns, w + r * columns, x, out + r);
}
