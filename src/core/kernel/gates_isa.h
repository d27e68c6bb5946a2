/*
 * gates_isa.h
 *	  Template of gates.c, written so that the compiler vectorizes it: no calls,
 *	  no branches, a rational function and a power of two.
 */

/* Returns x within -end .. end; NaN stays NaN. */
FRNN_INLINE float
FRNN_FN(clamp) (float x, float end)
{
	x = x < -end ? -end : x;
	return x > end ? end : x;
}

/*
 * tanh x = x P(x^2) / Q(x^2) on |x| <= 8.3, beyond which |tanh| is 1 within
 * 1.3e-7.  Weighted minimax fit of the relative error (1e-8 in exact
 * arithmetic); evaluated in float the error is below 2.8e-7, relative as well
 * as absolute, over the whole line.
 */
FRNN_INLINE float
FRNN_FN(tanh_rational) (float x, Ends ends)
{
	float		v = FRNN_FN(clamp) (x, ends.tanh);
	float		u = v * v;
	float		p;
	float		q;

	p = 1.4648304791364808e-08f;
	p = FMA_FLOAT(p, u, 2.1508529243874364e-05f);
	p = FMA_FLOAT(p, u, 0.003549171146005392f);
	p = FMA_FLOAT(p, u, 0.1342587172985077f);
	p = FMA_FLOAT(p, u, 1.0f);
	q = 8.295127145174774e-07f;
	q = FMA_FLOAT(q, u, 0.00033739538048394024f);
	q = FMA_FLOAT(q, u, 0.02607995644211769f);
	q = FMA_FLOAT(q, u, 0.4675919711589813f);
	q = FMA_FLOAT(q, u, 1.0f);
	return v * p / q;
}

/*
 * sigmoid x = 1 / (1 + 2^y), y = -x log2 e = n + f with n whole and |f| <= 1/2.
 * 2^f is a minimax polynomial (relative error 7.5e-8 in exact arithmetic), of which half is taken, as 2^(n + 1) is
 * made of its bits with one addition less.  |y| <= 126 keeps both 2^n and the sum normal numbers.  The
 * error is below 1.3e-7.
 */
FRNN_INLINE float
FRNN_FN(sigmoid_exp2) (float x, Ends ends)
{
	union
	{
		float		f;
		uint32_t	u;
	}			n;
	float		y = FRNN_FN(clamp) (x * -1.44269504f, ends.exp2);
	float		f;
	float		p;

	n.f = y + 12583040.0f;		/* 1.5 2^23 + 128: the last bits of the sum are n + 128 */
	f = y - (n.f - 12583040.0f);
	n.u <<= 23;
	p = 0.0006638235645368695f;
	p = FMA_FLOAT(p, f, 0.0048377704806625843f);
	p = FMA_FLOAT(p, f, 0.027753565460443497f);
	p = FMA_FLOAT(p, f, 0.12011060118675232f);
	p = FMA_FLOAT(p, f, 0.34657347202301025f);
	p = FMA_FLOAT(p, f, 0.5000000596046448f);
	return 1.0f / FMA_FLOAT(p, n.f, 1.0f);
}

/*
 * c = f c_prev + i g, h = o tanh c.  Without c_prev f is not read.  Two loops, because the chain of operations of one
 * would be too long for the processor to overlap the next numbers.
 */
FRNN_INLINE void
FRNN_FN(lstm_forward) (size_t n, float *restrict i, float *restrict f, float *restrict g, float *restrict o,
					   const float *restrict c_prev, float *restrict c, float *restrict h)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ik = FRNN_FN(sigmoid_exp2) (i[k], ends);
		float		gk = FRNN_FN(tanh_rational) (g[k], ends);

		i[k] = ik;
		g[k] = gk;
		if (c_prev)
		{
			float		fk = FRNN_FN(sigmoid_exp2) (f[k], ends);

			f[k] = fk;
			c[k] = FMA_FLOAT(ik, gk, fk * c_prev[k]);
		}
		else
			c[k] = ik * gk;
	}
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ok = FRNN_FN(sigmoid_exp2) (o[k], ends);

		o[k] = ok;
		h[k] = ok * FRNN_FN(tanh_rational) (c[k], ends);
	}
}

FRNN_EXPORT void
FRNN_FN(frnn_lstm_gates) (size_t n, float *i, float *f, float *g, float *o,
						  const float *c_prev, float *c, float *h)
{
	if (c_prev)
		FRNN_FN(lstm_forward) (n, i, f, g, o, c_prev, c, h);
	else
		FRNN_FN(lstm_forward) (n, i, f, g, o, NULL, c, h);
}

/*
 * do = dh tanh c, dc += dh o (1 - tanh^2 c); di = dc g, dg = dc i,
 * df = dc c_prev, dc_prev = dc f; then each through its activation.  Without
 * c_prev df is 0, and there is no dc_prev.
 */
FRNN_INLINE void
FRNN_FN(lstm_backward) (size_t n, float *i, float *f, float *g, float *o,
						const float *c_prev, const float *c, const float *dh, float *dc)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ik = i[k];
		float		gk = g[k];
		float		ok = o[k];
		float		tc = FRNN_FN(tanh_rational) (c[k], ends);
		float		dck = FMA_FLOAT(dh[k] * ok, FMA_FLOAT(-tc, tc, 1.0f), dc[k]);

		o[k] = dh[k] * tc * ok * (1.0f - ok);
		i[k] = dck * gk * ik * (1.0f - ik);
		g[k] = dck * ik * FMA_FLOAT(-gk, gk, 1.0f);
		if (c_prev)
		{
			float		fk = f[k];

			f[k] = dck * c_prev[k] * fk * (1.0f - fk);
			dc[k] = dck * fk;
		}
		else
			f[k] = 0.0f;
	}
}

FRNN_EXPORT void
FRNN_FN(frnn_lstm_gates_backward) (size_t n, float *i, float *f, float *g, float *o,
								   const float *c_prev, const float *c, const float *dh, float *dc)
{
	if (c_prev)
		FRNN_FN(lstm_backward) (n, i, f, g, o, c_prev, c, dh, dc);
	else
		FRNN_FN(lstm_backward) (n, i, f, g, o, NULL, c, dh, dc);
}

/*
 * g = tanh(x part + r m), h = (1 - z) g + z h_prev
 */
FRNN_INLINE void
FRNN_FN(gru_forward) (size_t n, float *restrict r, float *restrict z, float *restrict g, const float *restrict m,
					  const float *restrict h_prev, float *restrict h)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		rk = FRNN_FN(sigmoid_exp2) (r[k], ends);

		r[k] = rk;
		z[k] = FRNN_FN(sigmoid_exp2) (z[k], ends);
		g[k] = FMA_FLOAT(rk, m[k], g[k]);
	}
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		gk = FRNN_FN(tanh_rational) (g[k], ends);
		float		before = h_prev ? h_prev[k] : 0.0f;

		g[k] = gk;
		h[k] = FMA_FLOAT(z[k], before - gk, gk);
	}
}

FRNN_EXPORT void
FRNN_FN(frnn_gru_gates) (size_t n, float *r, float *z, float *g, const float *m, const float *h_prev, float *h)
{
	if (h_prev)
		FRNN_FN(gru_forward) (n, r, z, g, m, h_prev, h);
	else
		FRNN_FN(gru_forward) (n, r, z, g, m, NULL, h);
}

/* kind 0: no state before this step; 1: dh_prev = dh z; 2: dh_prev += dh z */
FRNN_INLINE void
FRNN_FN(gru_backward) (const int kind, size_t n, float *r, float *z, float *g, float *m,
					   const float *h_prev, const float *dh, float *dh_prev)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		rk = r[k];
		float		zk = z[k];
		float		gk = g[k];
		float		d = dh[k];
		float		before = kind ? h_prev[k] : 0.0f;
		float		dg = d * (1.0f - zk) * FMA_FLOAT(-gk, gk, 1.0f);

		r[k] = dg * m[k] * rk * (1.0f - rk);
		z[k] = d * (before - gk) * zk * (1.0f - zk);
		g[k] = dg;
		m[k] = dg * rk;
		if (kind == 1)
			dh_prev[k] = d * zk;
		if (kind == 2)
			dh_prev[k] = FMA_FLOAT(d, zk, dh_prev[k]);
	}
}

FRNN_EXPORT void
FRNN_FN(frnn_gru_gates_backward) (size_t n, float *r, float *z, float *g, float *m,
								  const float *h_prev, const float *dh, float *dh_prev, bool accumulate)
{
	if (h_prev == NULL)
		FRNN_FN(gru_backward) (0, n, r, z, g, m, h_prev, dh, dh_prev);
	else if (!accumulate)
		FRNN_FN(gru_backward) (1, n, r, z, g, m, h_prev, dh, dh_prev);
	else
		FRNN_FN(gru_backward) (2, n, r, z, g, m, h_prev, dh, dh_prev);
}

FRNN_EXPORT void
FRNN_FN(frnn_activate_tanh) (size_t n, const float *z, float *y)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
		y[k] = FRNN_FN(tanh_rational) (z[k], ends);
}

FRNN_EXPORT void
FRNN_FN(frnn_activate_sigmoid) (size_t n, const float *z, float *y)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
		y[k] = FRNN_FN(sigmoid_exp2) (z[k], ends);
}
