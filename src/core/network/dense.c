/*
 * dense.c
 *	  y = f([x, extra] W^T + b), on vectors or at each time step.
 *
 * Extras belong to the sample: every step of a sequence gets the same ones.
 * They are a second operand of the product and are not copied to x.
 */
#include <string.h>

#include "core/kernel/gates.h"
#include "core/network/layer.h"

void
frnn_dense_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers)
{
	size_t		O = (size_t) pass->layer->units;
	size_t		rows = frnn_mul(pass->B, pass->T);

	buffers->out = FRNN_TAKE(keep, float, frnn_mul(rows, O));
	buffers->packed = FRNN_TAKE(pass->keep ? keep : work, float, frnn_packed_size(O, pass->F + pass->E));
	if (!pass->keep)
		return;
	buffers->packed_x = FRNN_TAKE(keep, float, pass->index > 0 ? frnn_packed_size(pass->F, O) : 0);
	buffers->tn = FRNN_TAKE(work, float, FRNN_TN_SCRATCH);
}

static void
activate(const FrnnPass *pass, size_t n, float *y)
{
	if (pass->layer->activation == FRNN_LINEAR)
		return;
	for (size_t k = 0; k < n; k += FRNN_GATE_RUN)
	{
		frnn_activate(pass->layer->activation, n - k < FRNN_GATE_RUN ? n - k : FRNN_GATE_RUN, y + k, y + k);
		frnn_tick(pass->run);
	}
}

void
frnn_dense_forward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	size_t		O = (size_t) pass->layer->units;
	size_t		K = pass->F + pass->E;
	const float *bias = pass->layer->use_bias ? pass->params + O * K : NULL;

	/* without extras all steps are one product */
	size_t		calls = pass->E ? pass->T : 1;
	size_t		rows = pass->B * pass->T / calls;

	if (!pass->packed)
	{
		frnn_pack_bias(buffers->packed, O, K, bias, NULL);
		frnn_pack_weight(buffers->packed, O, K, 0, K, pass->params, K, 1);
	}
	for (size_t i = 0; i < calls; i++)
	{
		FrnnOperand operand[2] = {{pass->x + i * rows * pass->F, pass->F, pass->F}, {pass->extra, pass->E, pass->E}};

		frnn_gemm_packed(pass->run, rows, O, K, operand, pass->E ? 2 : 1, buffers->packed, false,
						 buffers->out + i * rows * O, O);
		frnn_tick(pass->run);
	}
	activate(pass, pass->B * pass->T * O, buffers->out);
	buffers->y = buffers->out;
}

void
frnn_dense_backward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	size_t		O = (size_t) pass->layer->units;
	size_t		K = pass->F + pass->E;
	size_t		rows = pass->B * pass->T;
	const float *dz = pass->dy;

	if (pass->layer->activation != FRNN_LINEAR)
		for (size_t k = 0; k < rows * O; k += FRNN_GATE_RUN)
		{
			frnn_activate_backward(pass->layer->activation, rows * O - k < FRNN_GATE_RUN ? rows * O - k : FRNN_GATE_RUN,
								   buffers->out + k, pass->dy + k, pass->dy + k);
			frnn_tick(pass->run);
		}
	frnn_gemm_tn(pass->run, O, pass->F, rows, &dz, 1, O, pass->x, pass->F, pass->grads, K,
				 pass->layer->use_bias ? pass->grads + O * K : NULL, buffers->tn);
	for (size_t t = 0; pass->E && t < pass->T; t++)
	{
		const float *step = dz + t * pass->B * O;

		frnn_gemm_tn(pass->run, O, pass->E, pass->B, &step, 1, O, pass->extra, pass->E, pass->grads + pass->F, K,
					 NULL, buffers->tn);
		frnn_tick(pass->run);
	}
	if (pass->dx)
	{
		FrnnOperand operand = {dz, O, O};

		if (!pass->packed)
		{
			frnn_pack_bias(buffers->packed_x, pass->F, O, NULL, NULL);
			frnn_pack_weight(buffers->packed_x, pass->F, O, 0, O, pass->params, 1, K);
		}
		frnn_gemm_packed(pass->run, rows, pass->F, O, &operand, 1, buffers->packed_x, false, pass->dx, pass->F);
	}
}
