/*
 * torch_module.h
 *	  Modules of a PyTorch state_dict, and which of them a layer takes.
 *
 * A module of the file is a prefix of tensor names, and of a recurrent module
 * with several layers one of its levels ("_l0", "_l1" ...).  Modules are
 * assigned to layers by the names of torch.nn.Sequential, by the option
 * "modules", or by their shapes if those leave one choice.
 */
#ifndef FRNN_PG_TORCH_MODULE_H
#define FRNN_PG_TORCH_MODULE_H

#include "pg/bytes/safetensors_foreign.h"
#include "core/network/network.h"

typedef struct TorchModule
{
	char	   *prefix;			/* with its dot; "" for none */
	int			level;			/* of a recurrent module, -1 for others */
	int			features;		/* columns of its input weight */
	bool		used;
} TorchModule;

typedef struct TorchFile
{
	ForeignFile *file;
	int			modules;
	TorchModule *module;
} TorchFile;

/* Finds the modules of torch->file. */
extern void torch_modules_find(TorchFile *torch);

/* Returns the module with the prefix of that name whose level has not been taken yet; NULL if there is none. */
extern TorchModule *torch_module_by_name(TorchFile *torch, const char *name);

/* Returns true if the module has all tensors of the layer in their shapes; tensor: the network's. */
extern bool torch_module_fits(const TorchFile *torch, const TorchModule *module, const FrnnTensor *tensor, int tensors, int layer);

/*
 * Returns the module of a layer: by `name`; if that is NULL and the file is
 * sequential by the layer's number; else by shape.  An error if none fits, or
 * several fit.
 */
extern TorchModule *torch_module_of_layer(TorchFile *torch, const FrnnNetwork *network, const FrnnTensor *tensor, int tensors,
										  int layer, const char *name, bool sequential);

/* Copies a module's tensors to the layer's place in the parameters, and marks them and the module as used. */
extern void torch_module_copy(TorchFile *torch, TorchModule *module, const FrnnTensor *tensor, int tensors, int layer, float *params);

#endif
