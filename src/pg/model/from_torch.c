/*
 * from_torch.c
 *	  rnn_from_torch: a network with the weights of a PyTorch state_dict, saved
 *	  with safetensors.
 *
 * A module of the file is a prefix of tensor names, and of a recurrent module
 * with several layers one of its levels ("_l0", "_l1" ...).  Modules are
 * assigned to layers by the names of torch.nn.Sequential, by the option
 * "modules", or by their shapes if those leave one choice.
 */
#include "pg/model/model.h"

#include <ctype.h>

#include "miscadmin.h"
#include "pg/bytes/safetensors_foreign.h"
#include "pg/model/layer_json.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "pg/server/bridge.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(rnn_from_torch);

#define MODULE_RECURRENT "weight_ih_l"

typedef struct Module
{
	char	   *prefix;			/* with its dot; "" for none */
	int			level;			/* of a recurrent module, -1 for others */
	int			features;		/* columns of its input weight */
	bool		used;
} Module;

typedef struct TorchFile
{
	ForeignFile *file;
	int			modules;
	Module	   *module;
} TorchFile;

/* ---- modules of the file ---- */

/* Adds the module of a tensor named "prefix.weight_ih_l<level>" or "prefix.weight"; other names are its further tensors. */
static void
module_add(TorchFile *torch, const ForeignTensor *tensor)
{
	const char *dot = strrchr(tensor->name, '.');
	const char *last = dot ? dot + 1 : tensor->name;
	size_t		length = strlen(MODULE_RECURRENT);
	Module	   *module = &torch->module[torch->modules];
	char	   *end;

	if (strcmp(last, "weight") == 0)
		module->level = -1;
	else if (strncmp(last, MODULE_RECURRENT, length) == 0 && isdigit((unsigned char) last[length]) && strlen(last) < length + 4)
	{
		module->level = (int) strtol(last + length, &end, 10);
		if (*end != '\0')
			return;				/* the reverse direction */
	}
	else
		return;
	module->prefix = pnstrdup(tensor->name, last - tensor->name);
	module->features = tensor->rank > 0 ? (int) tensor->dim[tensor->rank - 1] : 0;
	module->used = false;
	torch->modules++;
}

/* by prefix, then by level */
static int
module_compare(const void *a, const void *b)
{
	const Module *left = a;
	const Module *right = b;
	int			order = strcmp(left->prefix, right->prefix);

	return order ? order : left->level - right->level;
}

static void
modules_find(TorchFile *torch)
{
	torch->module = palloc(sizeof(Module) * Max(torch->file->tensors, 1));
	torch->modules = 0;
	for (int i = 0; i < torch->file->tensors; i++)
		module_add(torch, &torch->file->tensor[i]);
	qsort(torch->module, torch->modules, sizeof(Module), module_compare);
}

/* the name in the file of a tensor "2.weight_hh_l0_reverse" of a network */
static char *
module_tensor_name(const Module *module, const FrnnTensor *tensor)
{
	const char *own = strchr(tensor->name, '.') + 1;
	const char *level = strstr(own, "_l0");

	if (module->level < 0 || level == NULL)
		return psprintf("%s%s", module->prefix, own);
	return psprintf("%s%.*s_l%d%s", module->prefix, (int) (level - own), own, module->level, level + 3);
}

static bool
shape_equals(const ForeignTensor *have, const FrnnTensor *need)
{
	if (have->rank != need->rank)
		return false;
	for (int i = 0; i < need->rank; i++)
		if (have->dim[i] != need->dim[i])
			return false;
	return true;
}

/* Returns true if the module has all tensors of the layer in their shapes. */
static bool
module_fits(const TorchFile *torch, const Module *module, const FrnnTensor *tensor, int tensors, int layer)
{
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < tensors; i++)
	{
		const ForeignTensor *have;

		if (tensor[i].layer != layer)
			continue;
		have = foreign_find(torch->file, module_tensor_name(module, &tensor[i]));
		if (have == NULL || !shape_equals(have, &tensor[i]))
			return false;
	}
	return true;
}

/* ---- which module a layer takes ---- */

/* the tensors of the file, for an error's detail */
static char *
file_tensors_text(const ForeignFile *file)
{
	StringInfoData out;
	int			shown = Min(file->tensors, 20);

	initStringInfo(&out);
	for (int i = 0; i < shown; i++)
		appendStringInfo(&out, "%s%s %s", i ? ", " : "", file->tensor[i].name, foreign_shape(&file->tensor[i]));
	if (shown < file->tensors)
		appendStringInfo(&out, " and %d more", file->tensors - shown);
	return out.data;
}

static void pg_attribute_noreturn()
layer_without_module(const TorchFile *torch, const FrnnNetwork *network, int layer)
{
	FrnnTensor *tensor = palloc(sizeof(FrnnTensor) * FRNN_MAX_TENSORS);
	int			tensors = frnn_network_tensors(network, tensor);
	StringInfoData need;

	initStringInfo(&need);
	for (int i = 0; i < tensors; i++)
		if (tensor[i].layer == layer)
			appendStringInfo(&need, tensor[i].rank == 2 ? "%s%s (%d, %d)" : "%s%s (%d)", need.len ? ", " : "",
							 strchr(tensor[i].name, '.') + 1, tensor[i].dim[0], tensor[i].dim[1]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no module of the file fits layer %d (%s)", layer + 1, frnn_layer_word(network->layer[layer].kind)),
			 errdetail("The layer needs %s; the file has %s.", need.data, file_tensors_text(torch->file))));
	pg_unreachable();
}

/* The module with the prefix of that name whose level has not been taken yet; NULL if there is none. */
static Module *
module_by_name(TorchFile *torch, const char *name)
{
	for (int m = 0; m < torch->modules; m++)
	{
		Module	   *module = &torch->module[m];
		size_t		length = strlen(module->prefix);

		length -= length > 0;	/* the dot */
		if (!module->used && strlen(name) == length && strncmp(module->prefix, name, length) == 0)
			return module;
	}
	return NULL;
}

/* The only module that fits, or the first level of the only prefix that does. */
static Module *
module_by_shape(TorchFile *torch, const FrnnNetwork *network, const FrnnTensor *tensor, int tensors, int layer)
{
	Module	   *found = NULL;

	for (int m = 0; m < torch->modules; m++)
	{
		Module	   *module = &torch->module[m];

		if (module->used || (module->level >= 0) != frnn_is_recurrent(network->layer[layer].kind) ||
			!module_fits(torch, module, tensor, tensors, layer))
			continue;
		if (found && strcmp(found->prefix, module->prefix) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("layer %d (%s) fits both \"%s\" and \"%s\" of the file", layer + 1,
							frnn_layer_word(network->layer[layer].kind), found->prefix, module->prefix),
					 errhint("Name the modules in the order of the layers, for example '{\"modules\": [\"encoder\", \"head\"]}'.")));
		if (found == NULL)
			found = module;
	}
	return found;
}

/* The module of a layer: by the list of names, by the layer's number, else by shape. */
static Module *
module_of_layer(TorchFile *torch, const FrnnNetwork *network, const FrnnTensor *tensor, int tensors, int layer,
				const char *name, bool sequential)
{
	Module	   *module = name ? module_by_name(torch, name) :
	sequential ? module_by_name(torch, psprintf("%d", layer)) :
	module_by_shape(torch, network, tensor, tensors, layer);

	if (module == NULL && name)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the file has no module \"%s\" for layer %d", name, layer + 1),
				 errdetail("The file has %s.", file_tensors_text(torch->file))));
	if (module == NULL || (module->level >= 0) != frnn_is_recurrent(network->layer[layer].kind) ||
		!module_fits(torch, module, tensor, tensors, layer))
		layer_without_module(torch, network, layer);
	return module;
}

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
		if (layer_has_weights(&network->layer[l]) && module_by_name(torch, psprintf("%d", l)) == NULL)
			return false;
	return true;
}

/* ---- the network's input size ---- */

/*
 * The first layer's weights give the number of features: tries each number
 * that a module has, and keeps the one with which a module fits.
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
		Module	   *module = &torch->module[m];

		if (module->features < 1 || (module->level >= 0) != frnn_is_recurrent(network->layer[first].kind) ||
			(name && module_by_name(torch, name) != module))
			continue;
		network->input_size = module->features;
		frnn_check(frnn_network_resolve(network, &error), &error);
		if (module_fits(torch, module, tensor, frnn_network_tensors(network, tensor), first))
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

/* The i-th name of the option "modules", NULL without the option. */
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

/* Copies a module's tensors to the layer's place in the parameters. */
static void
layer_copy(TorchFile *torch, Module *module, const FrnnTensor *tensor, int tensors, int layer, float *params)
{
	module->used = true;
	for (int i = 0; i < tensors; i++)
	{
		ForeignTensor *have;

		if (tensor[i].layer != layer)
			continue;
		have = foreign_find(torch->file, module_tensor_name(module, &tensor[i]));
		have->used = true;
		foreign_copy(have, params + tensor[i].offset);
	}
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
	modules_find(&torch);
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
		layer_copy(&torch, module_of_layer(&torch, network, tensor, tensors, l, name, sequential), tensor, tensors, l, model->params);
	}
	modules_check_count(modules, named);
	file_check_used(torch.file);
	frnn_model_imported(model, options);
	PG_RETURN_BYTEA_P(frnn_model_write(model, CurrentMemoryContext));
}
