/*
 * torch_module.c
 *	  Modules of a PyTorch state_dict, and which of them a layer takes.
 */
#include "pg/model/torch_module.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pg/model/layer_json.h"

#define MODULE_RECURRENT "weight_ih_l"

/* ---- modules of the file ---- */

/* Adds the module of a tensor named "prefix.weight_ih_l<level>" or "prefix.weight"; other names are its further tensors. */
static void
module_add(TorchFile *torch, const ForeignTensor *tensor)
{
	const char *dot = strrchr(tensor->name, '.');
	const char *last = dot ? dot + 1 : tensor->name;
	size_t		length = strlen(MODULE_RECURRENT);
	TorchModule *module = &torch->module[torch->modules];
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

/* Compares modules by prefix, then by level. */
static int
module_compare(const void *a, const void *b)
{
	const TorchModule *left = a;
	const TorchModule *right = b;
	int			order = strcmp(left->prefix, right->prefix);

	return order ? order : left->level - right->level;
}

void
torch_modules_find(TorchFile *torch)
{
	torch->module = palloc(sizeof(TorchModule) * Max(torch->file->tensors, 1));
	torch->modules = 0;
	for (int i = 0; i < torch->file->tensors; i++)
		module_add(torch, &torch->file->tensor[i]);
	qsort(torch->module, torch->modules, sizeof(TorchModule), module_compare);
}

/* Returns the name in the file of a network's tensor, for example of "2.weight_hh_l0_reverse". */
static char *
module_tensor_name(const TorchModule *module, const FrnnTensor *tensor)
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

bool
torch_module_fits(const TorchFile *torch, const TorchModule *module, const FrnnTensor *tensor, int tensors, int layer)
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

/* Returns the names and shapes of the file's tensors, for an error's detail. */
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

TorchModule *
torch_module_by_name(TorchFile *torch, const char *name)
{
	for (int m = 0; m < torch->modules; m++)
	{
		TorchModule *module = &torch->module[m];
		size_t		length = strlen(module->prefix);

		length -= length > 0;	/* the dot */
		if (!module->used && strlen(name) == length && strncmp(module->prefix, name, length) == 0)
			return module;
	}
	return NULL;
}

/* Returns the only module that fits, or the first level of the only prefix that does; NULL if none fits. */
static TorchModule *
module_by_shape(TorchFile *torch, const FrnnNetwork *network, const FrnnTensor *tensor, int tensors, int layer)
{
	TorchModule *found = NULL;

	for (int m = 0; m < torch->modules; m++)
	{
		TorchModule *module = &torch->module[m];

		if (module->used || (module->level >= 0) != frnn_is_recurrent(network->layer[layer].kind) ||
			!torch_module_fits(torch, module, tensor, tensors, layer))
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

TorchModule *
torch_module_of_layer(TorchFile *torch, const FrnnNetwork *network, const FrnnTensor *tensor, int tensors, int layer,
					  const char *name, bool sequential)
{
	TorchModule *module = name ? torch_module_by_name(torch, name) :
	sequential ? torch_module_by_name(torch, psprintf("%d", layer)) :
	module_by_shape(torch, network, tensor, tensors, layer);

	if (module == NULL && name)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the file has no module \"%s\" for layer %d", name, layer + 1),
				 errdetail("The file has %s.", file_tensors_text(torch->file))));
	if (module == NULL || (module->level >= 0) != frnn_is_recurrent(network->layer[layer].kind) ||
		!torch_module_fits(torch, module, tensor, tensors, layer))
		layer_without_module(torch, network, layer);
	return module;
}

void
torch_module_copy(TorchFile *torch, TorchModule *module, const FrnnTensor *tensor, int tensors, int layer, float *params)
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
