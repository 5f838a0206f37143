"""What a graph makes of arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from tests.export.running import Compiled, session

from facecascade.export.onnx.graph import END, IR_VERSION, OPSET, Graph, Value


def test_numbers_take_the_type_of_the_value_beside_them() -> None:
    half = Compiled(lambda x: (1 - x / 2).at_least(0.25), result=1, x=(np.float64, 1))
    assert half(np.array([0.5, 1, 8])).tolist() == [0.75, 0.5, 0.25]
    assert half(np.array([1.0])).dtype == np.float64
    assert Compiled(lambda x: (x + 3) / 2, result=1, x=(np.int64, 1))(np.array([2, 4])).tolist() == [2, 3]


def test_parts_of_an_axis_may_end_beyond_it() -> None:
    middle = Compiled(lambda x: x.part(1, x.size(0) + 5), result=2, x=(np.float32, 2))
    array = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert middle(array).tolist() == array[1:].tolist()
    assert (
        Compiled(lambda x: x.part(0, -1, axis=1), result=2, x=(np.float32, 2))(array).tolist() == array[:, :-1].tolist()
    )
    assert Compiled(lambda x: x.part(7, END), result=2, x=(np.float32, 2))(array).shape == (0, 2)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_loop_carries_arrays_that_grow_and_gathers_rows(count: int) -> None:
    def body(number: Value, grown: Value) -> tuple[list[Value], list[Value]]:
        return [grown.graph.join([grown, number], axis=0)], [number * number]

    def looped(x: Value) -> Value:
        graph = x.graph
        grown, rows = graph.loop(body, carried=[graph.constant([7], np.int64)], count=x.size(0), rows=[(1,)])
        return graph.join([grown, rows.reshape(-1)], axis=0)

    expected = [7, *range(count), *(k * k for k in range(count))]
    assert Compiled(looped, result=1, x=(np.float32, 1))(np.zeros(count, np.float32)).tolist() == expected


def test_a_loop_goes_on_while_it_is_told_to() -> None:
    def halved(x: Value) -> Value:
        return x.graph.loop(lambda _, y: ([y / 2], []), carried=[x], during=lambda y: y > 1)[0]

    run = Compiled(halved, result=1, x=(np.float32, 1))
    assert run(np.array([40], np.float32)).tolist() == [0.625]
    assert run(np.array([1], np.float32)).tolist() == [1]


def test_a_scan_goes_over_rows_of_several_arrays() -> None:
    def dots(x: Value, y: Value) -> Value:
        return x.graph.scan(lambda one, other: (one * other).total(axis=0), over=[x, y], row=(1,))

    x, y = np.arange(12, dtype=np.float32).reshape(4, 3), np.ones((4, 3), np.float32)
    assert (
        Compiled(dots, result=2, x=(np.float32, 2), y=(np.float32, 2))(x, y).ravel().tolist() == x.sum(axis=1).tolist()
    )


def test_equal_constants_are_stored_once_and_versions_are_those_of_2022() -> None:
    graph = Graph()
    x = graph.input("x", np.float32, ("n",))
    graph.output("y", x * 2 + 2 + np.float32(2), ("n",))
    model = graph.model("example", facts={"weights": "none"})
    assert len(model.graph.initializer) == 1
    assert (model.ir_version, model.opset_import[0].version) == (IR_VERSION, OPSET) == (8, 18)
    assert [(one.key, one.value) for one in model.metadata_props] == [("weights", "none")]
    assert session(graph).run(None, {"x": np.ones(1, np.float32)})[0] == 6
