/*
 * compact.h
 *	  Numbers per series in 16 bits.
 *
 * A forecaster of many series is mostly seasonal profiles and error scales,
 * which are estimates: their last digits are noise.  Beyond
 * FRNN_COMPACT_SERIES series they are rounded when a fit ends, so that 16 bits
 * store them exactly and a stored forecaster forecasts as the fitted one does.
 */
#ifndef FRNN_COMPACT_H
#define FRNN_COMPACT_H

#include <stdint.h>

#include "core/base/run.h"
#include "core/forecast/forecaster.h"

/* Returns true if profiles and error scales of a forecaster of so many series have 16 bits. */
extern bool frnn_is_compact(int64_t series);

/*
 * Returns the exponent e of a profile (n numbers): each is stored as a code of
 * at most 32767 times 2^e, which keeps 14 bits of the largest.  The numbers
 * must be finite.
 */
extern int	frnn_profile_exponent(const double *profile, int n);
extern int16_t frnn_profile_encode(double value, int exponent);
extern double frnn_profile_decode(int16_t code, int exponent);

/*
 * A number of at least 0 in half precision (IEEE 754 binary16); larger than
 * 65504 becomes 65504.  Codes of negative numbers, of infinity and of NaN are
 * decoded as NaN.
 */
extern uint16_t frnn_half_encode(double value);
extern double frnn_half_decode(uint16_t code);

/* Rounds profiles and error scales if there are more than FRNN_COMPACT_SERIES series; again: no change. */
extern void frnn_forecaster_compact(FrnnForecaster *forecaster, const FrnnRun *run);

#endif
