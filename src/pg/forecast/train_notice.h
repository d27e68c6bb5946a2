/*
 * train_notice.h
 *	  NOTICEs about finished trainings.
 */
#ifndef FRNN_PG_TRAIN_NOTICE_H
#define FRNN_PG_TRAIN_NOTICE_H

#include "pg/forecast/train_request.h"

/*
 * Issue a NOTICE with what was chosen and how good it was, and one if the
 * model does not beat the naive forecast on the validation rows.  Of a query
 * that trains many models only the first few are told one by one; a summary
 * follows when the query ends.
 */
extern void train_notice(FunctionCallInfo fcinfo, const TrainRequest *request, const ForecastModel *model);

#endif
