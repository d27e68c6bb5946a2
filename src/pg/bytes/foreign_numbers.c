/*
 * foreign_numbers.c
 *	  Numbers of a safetensors file that another program wrote, as float.
 */
#include "pg/bytes/safetensors_foreign.h"

#include <math.h>

#include "miscadmin.h"

size_t
foreign_type_size(ForeignType type)
{
	static const size_t size[] = {[FOREIGN_F32] = 4,[FOREIGN_F16] = 2,[FOREIGN_BF16] = 2,[FOREIGN_F64] = 8};

	return size[type];
}

static float
float_from_bits(uint32 bits)
{
	float		number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

/* IEEE half precision; subnormal numbers are exact in float */
static float
float_from_half(uint32 half)
{
	uint32		sign = (half & 0x8000) << 16;
	uint32		exponent = (half >> 10) & 0x1f;
	uint32		fraction = half & 0x3ff;
	float		number;

	if (exponent == 0x1f)
		return float_from_bits(sign | 0x7f800000 | fraction << 13);
	if (exponent > 0)
		return float_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
	number = (float) fraction * 0x1p-24f;
	return sign ? -number : number;
}

static float
number_read(ForeignType type, const unsigned char *at)
{
	uint64		bits = 0;
	double		wide;

	for (int i = (int) foreign_type_size(type) - 1; i >= 0; i--)
		bits = bits << 8 | at[i];
	switch (type)
	{
		case FOREIGN_F32:
			return float_from_bits((uint32) bits);
		case FOREIGN_F16:
			return float_from_half((uint32) bits);
		case FOREIGN_BF16:
			return float_from_bits((uint32) bits << 16);
		case FOREIGN_F64:
			break;
	}
	memcpy(&wide, &bits, sizeof(wide));
	return (float) wide;
}

void
foreign_copy(const ForeignTensor *tensor, float *out)
{
	const unsigned char *at = (const unsigned char *) tensor->data;
	size_t		size = foreign_type_size(tensor->type);

	for (int64 i = 0; i < tensor->count; i++, at += size)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		out[i] = number_read(tensor->type, at);
		if (!isfinite(out[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("number " INT64_FORMAT " of tensor \"%s\" is not finite", i + 1, tensor->name),
					 errdetail("Weights must be finite as 32-bit floating-point numbers.")));
	}
}
