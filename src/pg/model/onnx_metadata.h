/*
 * onnx_metadata.h
 *	  The metadata of a forecaster's ONNX file.
 */
#ifndef FRNN_PG_ONNX_METADATA_H
#define FRNN_PG_ONNX_METADATA_H

#include "pg/model/forecaster.h"
#include "lib/stringinfo.h"

/* A function that appends an entry of metadata to the file. */
typedef void (*OnnxMetadataAdd) (StringInfo file, const char *key, const char *value);

/* Adds the entries "pipeline", "mixture", "ridge" and "series", each a JSON text. */
extern void onnx_metadata_add(const ForecastModel *model, OnnxMetadataAdd add, StringInfo file);

#endif
