/*
 * from_torch.c
 *	  rnn_from_torch: a network with the weights of a PyTorch state_dict, saved
 *	  with safetensors.
 */
#include "pg/model/torch_module.h"

#include "pg/model/model.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "pg/server/bridge.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(rnn_from_torch);

static bool
layer_has_weights(const FrnnLayer *layer)
{
	return layer->kind != FRNN_DROPOUT;
}

/* Returns true if modules are named by the layers' numbers, as those of torch.nn.Sequential are. */
static bool
file_is_sequential(TorchFile *torch, const FrnnNetwork *network)
{
	for (int l = 0; l < network->layers; l++)
		if (layer_has_weights(&network->layer[l]) && torch_module_by_name(torch, psprintf("%d", l)) == NULL)
			return false;
	return true;
}

/* ---- the network's input size ---- */

/*
 * Sets the network's input size, which the weights of its first layer give: tries
 * each number of features that a module has, and keeps the one with which it fits.
 */
static void
network_find_features(TorchFile *torch, FrnnNetwork *network, const char *name, bool sequential)
{
	FrnnTensor *tensor = palloc(sizeof(FrnnTensor) * FRNN_MAX_TENSORS);
	FrnnError	error;
	int			first = 0;
	int			found = 0;

	while (first < network->layers && !layer_has_weights(&network->layer[first]))
		first++;
	if (name == NULL && sequential)
		name = psprintf("%d", first);
	for (int m = 0; m < torch->modules && first < network->layers; m++)
	{
		TorchModule *module = &torch->module[m];

		if (module->features < 1 || (module->level >= 0) != frnn_is_recurrent(network->layer[first].kind) ||
			(name && torch_module_by_name(torch, name) != module))
			continue;
		network->input_size = module->features;
		frnn_check(frnn_network_resolve(network, &error), &error);
		if (torch_module_fits(torch, module, tensor, frnn_network_tensors(network, tensor), first))
		{
			found = module->features;
			break;
		}
	}
	network->input_size = found ? found : network->input_size ? network->input_size : 1;
	frnn_check(frnn_network_resolve(network, &error), &error);
}

/* ---- the call ---- */

static void pg_attribute_noreturn()
modules_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"modules\" must be an array with a name per layer that has weights"),
			 errhint("Write for example '{\"modules\": [\"encoder\", \"head\"]}'.")));
	pg_unreachable();
}

/* Returns the i-th name of the option "modules", NULL without the option. */
static const char *
modules_name(const JsonbContainer *modules, int i)
{
	JsonbValue *value;

	if (modules == NULL)
		return NULL;
	value = getIthJsonbValueFromContainer((JsonbContainer *) modules, i);
	if (value == NULL || value->type != jbvString)
		modules_error();
	return frnn_json_string(value);
}

static JsonbContainer *
modules_option(Jsonb **options)
{
	JsonbValue	value;
	JsonbContainer *modules;

	if (*options == NULL || !JB_ROOT_IS_OBJECT(*options) ||
		!getKeyJsonValueFromContainer(&(*options)->root, "modules", 7, &value))
		return NULL;
	modules = frnn_json_container(&value);
	if (value.type != jbvNull && (modules == NULL || !JsonContainerIsArray(modules)))
		modules_error();
	*options = DatumGetJsonbP(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(*options), CStringGetTextDatum("modules")));
	return modules;
}

static void
file_check_used(const ForeignFile *file)
{
	for (int i = 0; i < file->tensors; i++)
		if (!file->tensor[i].used)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("tensor \"%s\" %s belongs to no layer of the network", file->tensor[i].name, foreign_shape(&file->tensor[i])),
					 errhint("Leave it out of the file, or add the layer (use_bias, bidirectional) to the network.")));
}

/* Raises an error if the option names more modules than layers have weights. */
static void
modules_check_count(JsonbContainer *modules, int layers)
{
	if (modules && (int) JsonContainerSize(modules) > layers)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"modules\" has %d names, but %d of the network's layers %s weights", (int) JsonContainerSize(modules), layers,
						layers == 1 ? "has" : "have"),
				 errhint("Name a module of several layers once for each of them.")));
}

Datum
rnn_from_torch(PG_FUNCTION_ARGS)
{
	FrnnModel  *model = palloc0(sizeof(FrnnModel));
	FrnnNetwork *network = &model->network;
	FrnnTensor *tensor = palloc(sizeof(FrnnTensor) * FRNN_MAX_TENSORS);
	Jsonb	   *options;
	JsonbContainer *modules;
	TorchFile	torch;
	bytea	   *bytes;
	bool		sequential;
	int			tensors,
				named = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	options = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	modules = modules_option(&options);
	model->loss = frnn_options_parse(options, SCOPE_TENSOR)->loss;
	frnn_network_from_jsonb(PG_GETARG_JSONB_P(0), network);
	bytes = PG_GETARG_BYTEA_PP(1);
	torch.file = foreign_read(bytes);
	torch_modules_find(&torch);
	sequential = modules == NULL && file_is_sequential(&torch, network);
	network_find_features(&torch, network, modules_name(modules, 0), sequential);

	tensors = frnn_network_tensors(network, tensor);
	model->members = 1;
	model->params = frnn_allocate(frnn_mul(network->parameters, sizeof(float)), "the model");
	for (int l = 0; l < network->layers; l++)
	{
		const char *name;

		if (!layer_has_weights(&network->layer[l]))
			continue;
		name = modules_name(modules, named++);
		torch_module_copy(&torch, torch_module_of_layer(&torch, network, tensor, tensors, l, name, sequential), tensor, tensors, l, model->params);
	}
	modules_check_count(modules, named);
	file_check_used(torch.file);
	frnn_model_imported(model, options);
	PG_RETURN_BYTEA_P(frnn_model_write(model, CurrentMemoryContext));
}
