"""Labels as attributes of a module: which names Python or `nn.Module` claim, and what they become.

Keys of weights have these names in every backend; classes and variables are left to
`backends.torch.names`.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable

from netspec.graph.graph import Network
from netspec.graph.walk import instances

#: Attributes of `nn.Module` (torch 2.13 and before), and `init_weights` of generated modules, which
#: a label may not hide.
_OF_MODULE = """
    T_destination add_module apply bfloat16 bool buffers call_super_init children compile cpu cuda
    double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half init_weights ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
    """
MODULE_ATTRIBUTES = frozenset(_OF_MODULE.split())


def reserved(name: str) -> bool:
    """Whether a label cannot be an attribute of a module as it stands."""
    return keyword.iskeyword(name) or name in MODULE_ATTRIBUTES or name.startswith("_")


def labels_of(networks: Iterable[Network]) -> set[str]:
    """Every label of the networks that becomes an attribute of a module."""
    return {
        part
        for network in networks
        for instance in instances(network.root)
        for node in instance.nodes
        for part in node.path
        if isinstance(part, str)
    }


def renamings(labels: Iterable[str]) -> dict[str, str]:
    """For each label that Python or `nn.Module` claims, the attribute that stands for it.

    An underscore is appended; one more where a label of that name exists. Labels that begin with
    an underscore, which classes mangle or `nn.Module` uses, get a word before it.
    """
    known = set(labels)
    found: dict[str, str] = {}
    for label in sorted(known):
        if not reserved(label):
            continue
        name = f"{label}_" if not label.startswith("_") else f"label{label}"
        while name in known or reserved(name):
            name += "_"
        known.add(name)
        found[label] = name
    return found
