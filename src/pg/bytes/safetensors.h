/*
 * safetensors.h
 *	  The container of models: a valid safetensors file, written canonically,
 *	  read by one bounded validating reader.
 *
 *	  bytes 0..7   header length n, little-endian uint64
 *	  bytes 8..    JSON header {"__metadata__":{"checksum":"crc32c:xxxxxxxx", ...strings...},
 *	               "name":{"dtype":"F32","shape":[..],"data_offsets":[a,b]}, ...}, padded with spaces to 8
 *	  bytes 8+n..  the tensors, contiguous, in the header's order
 *
 * The checksum is CRC-32C (Castagnoli, eight lower-case hexadecimal digits) of
 * all bytes with its own eight digits taken as '0'; "checksum" is the first
 * key, so it stands at a fixed place and is verified before any parsing.
 *
 * Canonical: no space but the padding, strings escaped as escape_json() does,
 * no hole between tensors.  The reader writes the header again from what it
 * understood and takes only bytes that are equal, so that writing what was
 * read gives the same bytes, and nothing can hide in the header.
 */
#ifndef FRNN_PG_SAFETENSORS_H
#define FRNN_PG_SAFETENSORS_H

#include "pg/server/compat.h"
#include "lib/stringinfo.h"

#define ST_MAX_TENSORS	65536
#define ST_MAX_META		65536
#define ST_MAX_RANK		4
#define ST_MAX_NAME		128
#define ST_MAX_HEADER	(64 * 1024 * 1024)

typedef enum StType
{
	ST_F32, ST_F64, ST_I64, ST_I32, ST_I16, ST_F16, ST_U8
} StType;

typedef struct StTensor
{
	char		name[ST_MAX_NAME];
	StType		type;
	int			rank;
	int64		dim[ST_MAX_RANK];
	int64		count;			/* product of dims */
	const char *data;			/* unaligned; little-endian */
	void		(*fill) (const void *arg, char *out);	/* when written: makes the data in place instead */
	const void *arg;
	size_t		bytes;
} StTensor;

typedef struct StFile
{
	int			n_meta;
	char	  **meta_key;
	char	  **meta_value;
	int			n_tensors;
	StTensor   *tensor;
	int		   *by_name;		/* when read: indexes of tensors in the order of their names */
} StFile;

/* ---- writing: add metadata and tensors in order, then finish ---- */
extern StFile *st_new(void);
extern void st_meta(StFile *file, const char *key, const char *value);

/* data stays the caller's until st_write; dims rank entries; checks name and size */
extern void st_add(StFile *file, const char *name, StType type, int rank, const int64 *dim, const void *data);

/* the same, but `fill` puts the numbers where they are written: of large tensors nothing need be held twice */
extern void st_add_filled(StFile *file, const char *name, StType type, int rank, const int64 *dim,
						  void (*fill) (const void *arg, char *out), const void *arg);

/* the bytes, in that context; scratch is the current one's */
extern bytea *st_write(const StFile *file, MemoryContext context);

/* ---- shared by writer and reader ---- */
#define ST_PREFIX		"{\"__metadata__\":{\"checksum\":\"crc32c:"
#define ST_DIGITS		8		/* of the checksum */
#define ST_DIGITS_AT	(8 + (sizeof(ST_PREFIX) - 1))	/* their place in the file */

/* the canonical header, digits '0'; to_utf8: strings are in the server's encoding, not UTF-8 yet */
extern void st_header(const StFile *file, bool to_utf8, StringInfo out);

/* the eight digits and a terminating zero */
extern void st_checksum(const char *bytes, size_t size, char *digits);
extern bool st_valid_name(const char *name);
extern const char *st_type_name(StType type);
extern size_t st_type_size(StType type);

/* ---- reading: everything is validated; data points into `bytes` ---- */
extern StFile *st_read(const bytea *bytes);
extern const char *st_get_meta(const StFile *file, const char *key);	/* NULL if absent */
extern const StTensor *st_find(const StFile *file, const char *name);	/* NULL if absent */

/*
 * Required contents; an error names what is missing or does not fit.  An
 * integer is written in digits without leading zeros.  A tensor has exactly
 * that type and number of elements; if none are expected it may be absent,
 * then st_need_tensor returns NULL and `out` stays as it is.
 */
extern const char *st_need_meta(const StFile *file, const char *key);
extern int	st_need_integer(const StFile *file, const char *key, int least, int most);
extern const StTensor *st_need_tensor(const StFile *file, const char *name, StType type, int64 count);
extern void st_need_f32(const StFile *file, const char *name, int64 count, float *out);
extern void st_need_f64(const StFile *file, const char *name, int64 count, double *out);

/* the numbers, each within the limits, in the current context */
extern int64 *st_need_i64(const StFile *file, const char *name, int64 count, int64 least, int64 most);

/* copy out (alignment, byte order); out has tensor->count elements */
extern void st_copy_f32(const StTensor *tensor, float *out);
extern void st_copy_f64(const StTensor *tensor, double *out);
extern void st_copy_i64(const StTensor *tensor, int64 *out);
extern void st_copy_i32(const StTensor *tensor, int32 *out);
extern void st_copy_i16(const StTensor *tensor, int16 *out);	/* also half precision */

/* raise ERRCODE_DATA_CORRUPTED "model bytes are not valid: <detail>" */
extern void st_corrupt(const char *fmt,...) pg_attribute_printf(1, 2) pg_attribute_noreturn();

#endif
