"""The networks and the whole cascade as ONNX graphs, written node by node: no Keras, no TensorFlow."""
