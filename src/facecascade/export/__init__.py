"""The networks and the cascade in files of other runtimes: ONNX, LiteRT, Keras and TensorFlow.

from facecascade.export import export

export("cascade.onnx", to="onnx")
export("pnet.tflite", to="litert", part="pnet")
"""

from facecascade.export.exporter import FORMATS, PARTS, Exported, Format, Part, export

__all__ = ["FORMATS", "PARTS", "Exported", "Format", "Part", "export"]
