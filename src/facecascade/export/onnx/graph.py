"""An ONNX graph written as arithmetic: `Graph` and its `Value`s.

    x = graph.input("x", np.float32, ("n", 3))
    graph.output("y", (x * 2 + 1).at_least(0), ("n", 3))

Each operation adds a node; numbers beside a value become constants of its type. Sizes and positions are int64 arrays of
one element, as the standard's shapes have them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike

from facecascade.extras import load

OPSET: Final = 18
"""Of the standard's operators: that of ONNX 1.13, of December 2022."""
IR_VERSION: Final = 8
"""Of the file format, the one that came with these operators: later readers read it too."""
END: Final = np.iinfo(np.int64).max
"""Where a slice ends that goes to the end."""

Operand = Any  # a value, a number or an array
Shape = Sequence[int | str]


@dataclass(frozen=True, eq=False)
class Value:
    """An array that the graph will compute.

    Attributes:
        graph: where.
        name: of it in the graph.
        dtype: of its elements.
    """

    graph: Graph
    name: str
    dtype: np.dtype[Any]

    def __add__(self, other: Operand) -> Value:
        return self.graph.op("Add", self, other)

    def __sub__(self, other: Operand) -> Value:
        return self.graph.op("Sub", self, other)

    def __rsub__(self, other: Operand) -> Value:
        return self.graph.op("Sub", other, self)

    def __mul__(self, other: Operand) -> Value:
        return self.graph.op("Mul", self, other)

    def __truediv__(self, other: Operand) -> Value:
        return self.graph.op("Div", self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self.graph.op("Div", other, self)

    def __matmul__(self, other: Operand) -> Value:
        return self.graph.op("MatMul", self, other)

    def __gt__(self, other: Operand) -> Value:
        return self.graph.op("Greater", self, other, dtype=np.bool_)

    def __ge__(self, other: Operand) -> Value:
        return self.graph.op("GreaterOrEqual", self, other, dtype=np.bool_)

    def __le__(self, other: Operand) -> Value:
        return self.graph.op("LessOrEqual", self, other, dtype=np.bool_)

    def __and__(self, other: Operand) -> Value:
        return self.graph.op("And", self, other)

    def floor(self) -> Value:
        """Rounded down."""
        return self.graph.op("Floor", self)

    def ceil(self) -> Value:
        """Rounded up."""
        return self.graph.op("Ceil", self)

    def at_least(self, other: Operand) -> Value:
        """The larger of the two."""
        return self.graph.op("Max", self, other)

    def at_most(self, other: Operand) -> Value:
        """The smaller of the two."""
        return self.graph.op("Min", self, other)

    def cast(self, dtype: DTypeLike) -> Value:
        """With elements of another type."""
        kind = self.graph.element_type(dtype)
        return self if self.dtype == dtype else self.graph.op("Cast", self, to=kind, dtype=dtype)

    def size(self, axis: int) -> Value:
        """(1,) int64: how long the axis is."""
        return self.graph.op("Shape", self, start=axis, end=axis + 1, dtype=np.int64)

    def reshape(self, *shape: Operand) -> Value:
        """With other axes, each an int, where 0 stands for the old one and -1 for the rest, or a (1,) int64."""
        return self.graph.op("Reshape", self, self.graph.shape(*shape))

    def expanded(self, shape: Value) -> Value:
        """Repeated to this shape."""
        return self.graph.op("Expand", self, shape)

    def transpose(self, *order: int) -> Value:
        """With the axes in another order."""
        return self.graph.op("Transpose", self, perm=order)

    def unsqueeze(self, *axes: int) -> Value:
        """With axes of length 1 at these places."""
        return self.graph.op("Unsqueeze", self, np.array(axes))

    def squeeze(self, *axes: int) -> Value:
        """Without these axes, of length 1."""
        return self.graph.op("Squeeze", self, np.array(axes))

    def part(self, start: Operand, stop: Operand, *, axis: int = 0) -> Value:
        """From `start` up to `stop` along an axis; each is an int or (1,) int64."""
        return self.window(self.graph.shape(start), self.graph.shape(stop), axes=[axis])

    def window(self, start: Value, stop: Value, *, axes: Sequence[int]) -> Value:
        """From `start` up to `stop` along several axes; both (axes,) int64."""
        return self.graph.op("Slice", self, start, stop, np.array(axes))

    def take(self, positions: Operand, *, axis: int = 0) -> Value:
        """What lies at the positions, int64 of any shape, along an axis."""
        return self.graph.op("Gather", self, positions, axis=axis)

    def where(self, mask: Value, *, axis: int = 0) -> Value:
        """What lies where the mask (n,) is true, along an axis."""
        return self.graph.op("Compress", self, mask, axis=axis)

    def split(self, *lengths: int, axis: int) -> tuple[Value, ...]:
        """Cut into parts of these lengths along an axis."""
        return self.graph.ops("Split", self, np.array(lengths), outputs=len(lengths), axis=axis)

    def total(self, *, axis: int) -> Value:
        """Sum along an axis, which is kept with length 1."""
        return self.graph.op("ReduceSum", self, np.array([axis]), keepdims=1)


class Graph:
    """Nodes and constants, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._onnx = load("onnx", feature="writing ONNX", extra="onnx")
        self._helper = self._onnx.helper
        self._scopes: list[list[Any]] = [[]]
        self._constants: dict[tuple[Any, ...], Value] = {}
        self._initializers: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._count = 0

    def element_type(self, dtype: DTypeLike) -> int:
        """The number that the standard has for a type."""
        kind: int = self._helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return kind

    def input(self, name: str, dtype: DTypeLike, shape: Shape) -> Value:
        """An input of the model; a name in place of a length stands for any."""
        self._inputs.append(self._info(name, dtype, shape))
        return Value(self, name, np.dtype(dtype))

    def output(self, name: str, value: Value, shape: Shape) -> None:
        """An output of the model."""
        self._scopes[-1].append(self._helper.make_node("Identity", [value.name], [name]))
        self._outputs.append(self._info(name, value.dtype, shape))

    def constant(self, array: Operand, dtype: DTypeLike | None = None) -> Value:
        """The array as a constant; the same one twice is one."""
        array = np.asarray(array, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self._named("constant", array.dtype)
            self._initializers.append(self._onnx.numpy_helper.from_array(array, self._constants[key].name))
        return self._constants[key]

    def shape(self, *lengths: Operand) -> Value:
        """(n,) int64 of ints and (1,) values."""
        if all(isinstance(length, int) for length in lengths):
            return self.constant(lengths, np.int64)
        parts = [self.constant([one], np.int64) if isinstance(one, int) else one for one in lengths]
        return parts[0] if len(parts) == 1 else self.op("Concat", *parts, axis=0)

    def op(self, kind: str, *operands: Operand, dtype: DTypeLike | None = None, **attributes: Any) -> Value:
        """The one output of an operator; it has the type of the first operand that is a value unless said."""
        return self.ops(kind, *operands, dtype=dtype, **attributes)[0]

    def ops(
        self, kind: str, *operands: Operand, outputs: int = 1, dtype: DTypeLike | None = None, **attributes: Any
    ) -> tuple[Value, ...]:
        """The outputs of an operator."""
        like = next(operand.dtype for operand in operands if isinstance(operand, Value))
        inputs = [self._operand(operand, like) for operand in operands]
        return self._add(kind, inputs, [dtype or like] * outputs, **attributes)

    def join(self, parts: Sequence[Value], *, axis: int) -> Value:
        """The parts one after another along an axis."""
        return self.op("Concat", *parts, axis=axis)

    def choose(self, mask: Value, one: Operand, other: Operand) -> Value:
        """`one` where the mask is true, `other` elsewhere; at most one of them is a number."""
        like = one.dtype if isinstance(one, Value) else other.dtype
        return self.op("Where", mask, self._operand(one, like), self._operand(other, like), dtype=like)

    def range(self, start: Value, stop: Value) -> Value:
        """(n,) int64: all numbers from one (1,) int64 up to another."""
        return self.op("Range", start.squeeze(0), stop.squeeze(0), np.int64(1))

    def loop(
        self,
        body: Callable[..., tuple[Sequence[Value], Sequence[Value]]],
        *,
        carried: Sequence[Value],
        count: Value | None = None,
        during: Callable[..., Value] | None = None,
        rows: Sequence[Shape] = (),
    ) -> tuple[Value, ...]:
        """Do something again and again.

        Args:
            body: takes the number of the round, (1,) int64, and what is carried; returns what is carried on, whose
                lengths may change, and a row for each of `rows`.
            carried: at first.
            count: how many rounds, (1,) int64; None for no limit.
            during: takes what is carried and says, (1,) bool, whether there is another round; None for always.
            rows: shape of each row.

        Returns:
            What was carried last, then for each row an array of it in all rounds.
        """
        number, go = self._named("round", np.int64), self._named("go", np.bool_)
        inside = [self._named("carried", one.dtype) for one in carried]
        self._scopes.append([])
        carried_on, made = body(number.reshape(1), *inside)
        again = go if during is None else during(*carried_on).reshape()
        results = [self.op("Identity", value) for value in (again, *carried_on, *made)]
        shapes: list[Shape | None] = [(), *(None for _ in carried_on), *rows]
        graph = self._body(
            [(number, ()), (go, ()), *((one, None) for one in inside)], [*zip(results, shapes, strict=True)]
        )
        first = None if during is None else during(*carried).reshape()
        return self._add("Loop", [count, first, *carried], [value.dtype for value in results[1:]], body=graph)

    def scan(self, body: Callable[..., Value], *, over: Sequence[Value], row: Shape) -> Value:
        """What `body` makes, of shape `row`, of each row of the arrays `over`, which have at least one."""
        inside = [self._named("row", one.dtype) for one in over]
        self._scopes.append([])
        result = body(*inside)
        graph = self._body([(one, None) for one in inside], [(result, row)])
        return self._add("Scan", over, [result.dtype], body=graph, num_scan_inputs=len(over))[0]

    def model(self, name: str, *, about: str = "", facts: dict[str, str] | None = None) -> Any:
        """The whole as an `onnx.ModelProto`, checked against the standard."""
        graph = self._helper.make_graph(self._scopes[0], name, self._inputs, self._outputs, self._initializers)
        model = self._helper.make_model(
            graph,
            opset_imports=[self._helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="facecascade",
            doc_string=about,
        )
        self._helper.set_model_props(model, facts or {})
        self._onnx.checker.check_model(model, full_check=True)
        return model

    def _add(
        self, kind: str, inputs: Sequence[Value | None], dtypes: Sequence[DTypeLike], **attributes: Any
    ) -> tuple[Value, ...]:
        """A node at the end of the innermost body, and its outputs; an input that is None is left out."""
        outputs = tuple(self._named(kind.lower(), dtype) for dtype in dtypes)
        names = ["" if one is None else one.name for one in inputs], [one.name for one in outputs]
        self._scopes[-1].append(self._helper.make_node(kind, *names, **attributes))
        return outputs

    def _body(self, *ends: Sequence[tuple[Value, Shape | None]]) -> Any:
        """The innermost body, closed, with these inputs and outputs."""
        infos = [[self._info(one.name, one.dtype, shape) for one, shape in values] for values in ends]
        return self._helper.make_graph(self._scopes.pop(), self._named("body", np.bool_).name, *infos)

    def _operand(self, operand: Operand, like: np.dtype[Any]) -> Value:
        if isinstance(operand, Value):
            return operand
        return self.constant(operand, None if isinstance(operand, np.ndarray | np.generic) else like)

    def _info(self, name: str, dtype: DTypeLike, shape: Shape | None) -> Any:
        return self._helper.make_tensor_value_info(name, self.element_type(dtype), shape)

    def _named(self, kind: str, dtype: DTypeLike) -> Value:
        """A value with a name that no other has."""
        self._count += 1
        return Value(self, f"{kind}{self._count}", np.dtype(dtype))
