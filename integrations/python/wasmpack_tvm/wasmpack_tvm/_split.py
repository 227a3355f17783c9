"""A model of Relax as what a bundle can hold: its kernels, its weights, and the calls in their order, which a host makes."""

import dataclasses

from ._command import WasmpackError


@dataclasses.dataclass(frozen=True)
class Step:
    """One call: `kernel(*inputs, output)`. Inputs are names of the model's inputs, of params, or of outputs of earlier steps."""

    kernel: str
    inputs: tuple
    output: str
    shape: tuple
    dtype: str


@dataclasses.dataclass(frozen=True)
class Split:
    kernels: object  # tvm.IRModule: a system library for tvm.compile
    params: dict  # name -> numpy array
    inputs: tuple  # names, as the model's function has them
    steps: tuple
    result: str  # name of the output that is the model's


def split(module, entry="main", params=None):
    """Parts a Relax module: operators become kernels, fused where TVM fuses them; `params` ({parameter of `entry`: array}) are
    bound, and what can be computed from them alone is. For models of static shapes without control flow; others raise
    WasmpackError."""
    import tvm
    from tvm import relax

    if not isinstance(module, tvm.IRModule):
        raise TypeError(f"module: {type(module).__name__} is no tvm.IRModule")
    functions = [var.name_hint for var, function in module.functions.items() if isinstance(function, relax.Function)]
    if entry not in functions:
        raise WasmpackError(f"the module has no Relax function `{entry}`\n  help: it has {', '.join(functions) or 'none'}")
    if params:
        tensors = {name: tvm.runtime.tensor(_array(value)) for name, value in params.items()}
        module = relax.transform.BindParams(entry, tensors)(module)
    passes = [relax.transform.LegalizeOps(), relax.transform.FoldConstant(), relax.transform.AnnotateTIROpPattern(),
              relax.transform.FuseOps(), relax.transform.FuseTIR(), relax.transform.DeadCodeElimination([entry])]
    with tvm.transform.PassContext(opt_level=3):
        module = tvm.transform.Sequential(passes)(module)
    kernels = {var.name_hint: function.with_attr("global_symbol", var.name_hint)
               for var, function in module.functions.items() if isinstance(function, tvm.tirx.PrimFunc)}
    reader = _Reader(module[entry], {name: _array(value) for name, value in (params or {}).items()})
    steps = reader.read()
    used = {step.kernel for step in steps}
    system_library = tvm.IRModule({name: kernels[name] for name in sorted(used)}).with_attr("system_lib_prefix", "")
    return Split(system_library, reader.params, reader.inputs, tuple(steps), reader.name_of(reader.function.body.body))


def _array(value):
    return value.numpy() if hasattr(value, "numpy") else value


def _is_same(one, other):
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


class _Reader:
    """Reads the bindings of a function whose operators are call_tir by now. `bound`: what its constants were, by name."""

    def __init__(self, function, bound):
        self.function = function
        self.params = {}
        self._bound = bound
        self._names = {}  # of variables
        self._taken = set()
        self.inputs = tuple(self._new_name(param) for param in function.params)

    def _new_name(self, var):
        base = name = var.name_hint if hasattr(var, "name_hint") else var.name
        number = 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        self._names[var] = name
        return name

    def name_of(self, value):
        import tvm

        if isinstance(value, tvm.ir.GenericConst) and hasattr(value.value, "numpy"):
            array = value.value.numpy()
            known = {**self.params, **self._bound}
            name = next((name for name, other in known.items() if _is_same(other, array)), None)
            if name is None:
                name = f"constant{sum(name not in self._bound for name in self.params)}"
            self.params[name] = array
            return name
        if value in self._names:
            return self._names[value]
        raise WasmpackError(f"a kernel takes what is no tensor: {value}\n  help: only tensors and constants can be given to kernels")

    def read(self):
        from tvm import relax

        steps = []
        for block in self.function.body.blocks:
            for binding in block.bindings:
                value = getattr(binding, "value", None)
                if isinstance(value, relax.Var):
                    self._names[binding.var] = self.name_of(value)
                elif isinstance(value, relax.Call) and getattr(value.op, "name", "") == "relax.call_tir":
                    steps.append(self._read_call(binding.var, value))
                elif isinstance(value, relax.Tuple):
                    raise WasmpackError(f"this is several tensors at once: {value}\n  help: give the model one result")
                else:
                    raise WasmpackError(f"this has no kernel of its own: {value}\n"
                                        "  help: only models of static shapes without control flow can be split")
        return steps

    def _read_call(self, var, call):
        if len(call.args) > 2:
            raise WasmpackError(f"{call.args[0].name_hint} takes lengths that are known when it runs only\n  help: give the model static shapes")
        inputs = tuple(self.name_of(value) for value in call.args[1])
        shape, dtype = _tensor_of(call)
        return Step(call.args[0].name_hint, inputs, self._new_name(var), shape, dtype)


def _tensor_of(call):
    """Shape and element type of what a call gives."""
    tensor = call.ty_args[0]
    lengths = getattr(getattr(tensor, "shape", None), "values", None)
    if lengths is None or not all(hasattr(length, "value") for length in lengths):
        raise WasmpackError(f"{call.args[0].name_hint} gives what is no tensor of a static shape")
    return tuple(int(length) for length in lengths), str(tensor.dtype)
