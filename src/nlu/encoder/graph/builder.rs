//! Puts ONNX messages together. A graph is made of parts, each with its own nodes and its own
//! "file" of weights in memory, so that parts can be prepared on several threads.

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, Dimension, GraphProto, ModelProto,
    NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto,
    TypeProto, TypeProtoTensor, ValueInfoProto,
};

use super::super::Precision;
use super::super::quantize::{Channel, quantize, transpose};

/// The input with the summed embeddings, `[texts, tokens, hidden]`.
pub const EMBEDDINGS: &str = "embeddings";

/// The input that tells tokens from padding, `[texts, tokens]`.
pub const MASK: &str = "mask";

/// Weights begin at multiples of this, so that the engine can use them where they are.
const ALIGNMENT: usize = 64;

/// The whole graph.
pub struct Builder {
    graph: GraphProto,
}

impl Builder {
    pub fn new(hidden: usize) -> Self {
        let (texts, tokens) = (symbol("texts"), symbol("tokens"));
        let mut graph = GraphProto::default();
        let width = Dimension { dim_value: Some(hidden as i64), dim_param: None };
        let shape = vec![texts.clone(), tokens.clone(), width];
        graph.input.push(value(EMBEDDINGS, DataType::FLOAT, Some(shape)));
        graph.input.push(value(MASK, DataType::INT32, Some(vec![texts, tokens])));
        Builder { graph }
    }

    /// Adds a part; returns the name of its file of weights, and the file.
    pub fn append(&mut self, part: Part) -> (String, Vec<u8>) {
        let file_name = part.file_name();
        self.graph.node.extend(part.nodes);
        self.graph.initializer.extend(part.tensors);
        (file_name, part.file)
    }

    /// Names the outputs and wraps the graph up as a model.
    pub fn finish(mut self, outputs: &[String]) -> ModelProto {
        let outputs = outputs.iter().map(|output| value(output, DataType::FLOAT, None));
        self.graph.output.extend(outputs);
        let opset = |domain: &str, version| OperatorSetIdProto {
            domain: Some(domain.to_owned()),
            version: Some(version),
        };
        ModelProto {
            ir_version: Some(10),
            opset_import: vec![opset("", 20), opset("com.microsoft", 1)],
            graph: Some(self.graph),
            ..Default::default()
        }
    }
}

/// A part of the graph. The names of its values begin with its own name.
pub struct Part {
    name: String,
    precision: Precision,
    nodes: Vec<NodeProto>,
    tensors: Vec<TensorProto>,
    file: Vec<u8>,
}

impl Part {
    /// An empty part, whose dense layers are multiplied in `precision`.
    pub fn new(name: &str, precision: Precision) -> Self {
        Part {
            name: name.to_owned(),
            precision,
            nodes: Vec::new(),
            tensors: Vec::new(),
            file: Vec::new(),
        }
    }

    /// The full name of a value of this part.
    pub fn name(&self, value: &str) -> String {
        format!("{}/{value}", self.name)
    }

    /// What the part's weights are called; the engine insists on such an extension.
    fn file_name(&self) -> String {
        format!("{}.data", self.name)
    }

    /// Adds a node; attributes can be added to what is returned.
    pub fn node(&mut self, operator: &str, inputs: &[&str], outputs: &[&str]) -> Node<'_> {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let at = self.nodes.len();
        self.nodes.push(NodeProto {
            op_type: Some(operator.to_owned()),
            name: outputs.first().map(|name| format!("{name}:{operator}")),
            input: owned(inputs),
            output: owned(outputs),
            ..Default::default()
        });
        Node(&mut self.nodes[at])
    }

    /// Adds a node with one output and no attributes; returns the output's full name.
    pub fn apply(&mut self, output: &str, operator: &str, inputs: &[&str]) -> String {
        let output = self.name(output);
        self.node(operator, inputs, &[&output]);
        output
    }

    /// Adds a constant vector; returns its name.
    pub fn vector(&mut self, name: &str, values: &[f32]) -> String {
        self.tensor(name, &[values.len()], DataType::FLOAT, values.iter().map(|x| x.to_le_bytes()))
    }

    /// Adds a constant vector of integers; returns its name.
    pub fn integers(&mut self, name: &str, values: &[i64]) -> String {
        self.tensor(name, &[values.len()], DataType::INT64, values.iter().map(|x| x.to_le_bytes()))
    }

    /// A dense layer: multiplies `input`, `[.., inputs]`, with the channels and adds the bias, one
    /// number per channel; returns the name of the result, `[.., channels]`.
    pub fn dense(
        &mut self,
        name: &str,
        input: &str,
        channels: &[Channel<'_>],
        bias: &[f32],
    ) -> String {
        match self.precision {
            Precision::Float => {
                let values = transpose(channels);
                let shape = [values.len() / channels.len().max(1), channels.len()];
                let bytes = values.iter().map(|x| x.to_le_bytes());
                let weight = self.tensor(&format!("{name}.weight"), &shape, DataType::FLOAT, bytes);
                let bias = self.vector(&format!("{name}.bias"), bias);
                let product = self.apply(&format!("{name}.product"), "MatMul", &[input, &weight]);
                self.apply(&format!("{name}.dense"), "Add", &[&product, &bias])
            }
            Precision::Int8 => self.quantized_dense(name, input, channels, bias),
        }
    }

    /// The same in 8 bits. Each row of the input, that is each token, is quantised as it comes,
    /// between its own least and greatest number, so that it fares the same in any batch:
    ///
    /// `x ≈ least + codes * range / 255`, and so
    /// `x·W + bias ≈ (codes·Q) * scales / 255 * range + (least ⊗ sums + bias)`
    ///
    /// with `W ≈ Q * scales` and `sums` the sums of W's columns. One scale for all rows, which is what
    /// ONNX's DynamicQuantizeLinear does, loses four times as much; so few channels are that large.
    fn quantized_dense(
        &mut self,
        name: &str,
        input: &str,
        channels: &[Channel<'_>],
        bias: &[f32],
    ) -> String {
        let weight = quantize(channels);
        let shape = [weight.values.len() / channels.len().max(1), channels.len()];
        let bytes = weight.values.iter().map(|x| x.to_le_bytes());
        let values = self.tensor(&format!("{name}.weight"), &shape, DataType::INT8, bytes);
        let scales: Vec<f32> = weight.scales.iter().map(|scale| scale / 255.0).collect();
        let scales = self.vector(&format!("{name}.scales"), &scales);
        let sums = weight.sums.iter().map(|x| x.to_le_bytes());
        let sums =
            self.tensor(&format!("{name}.sums"), &[1, channels.len()], DataType::FLOAT, sums);
        let bias = self.vector(&format!("{name}.bias"), bias);

        let QuantizedInput { codes, least, range } = self.quantize_input(name, input);
        let none = self.scalar(&format!("{name}.none"), DataType::INT8, [0]);
        let no_codes = self.scalar(&format!("{name}.no_codes"), DataType::UINT8, [0]);
        let sum = self.apply(
            &format!("{name}.sum"),
            "MatMulInteger",
            &[&codes, &values, &no_codes, &none],
        );
        let float = self.name(&format!("{name}.float"));
        self.node("Cast", &[&sum], &[&float]).int("to", DataType::FLOAT.0.into());
        let product = self.apply(&format!("{name}.scaled"), "Mul", &[&float, &scales]);
        let product = self.apply(&format!("{name}.product"), "Mul", &[&product, &range]);
        let offset = self.apply(&format!("{name}.shift"), "MatMul", &[&least, &sums]);
        let offset = self.apply(&format!("{name}.offset"), "Add", &[&offset, &bias]);
        self.apply(&format!("{name}.dense"), "Add", &[&product, &offset])
    }

    /// Quantises each row of `input`, `[.., inputs]`, between its least and greatest number.
    fn quantize_input(&mut self, name: &str, input: &str) -> QuantizedInput {
        let last = self.integers(&format!("{name}.last"), &[-1]);
        let steps = self.scalar(&format!("{name}.steps"), DataType::FLOAT, 255f32.to_le_bytes());
        // Added to the range, so that a row of equal numbers isn't divided by zero.
        let tiny = self.scalar(&format!("{name}.tiny"), DataType::FLOAT, 1e-6f32.to_le_bytes());
        let one = self.scalar(&format!("{name}.one"), DataType::FLOAT, 1f32.to_le_bytes());
        let none = self.scalar(&format!("{name}.from"), DataType::UINT8, [0]);

        let greatest = self.apply(&format!("{name}.greatest"), "ReduceMax", &[input, &last]);
        let least = self.apply(&format!("{name}.least"), "ReduceMin", &[input, &last]);
        let range = self.apply(&format!("{name}.span"), "Sub", &[&greatest, &least]);
        let range = self.apply(&format!("{name}.range"), "Add", &[&range, &tiny]);
        let per_unit = self.apply(&format!("{name}.per_unit"), "Div", &[&steps, &range]);
        let above = self.apply(&format!("{name}.above"), "Sub", &[input, &least]);
        let scaled = self.apply(&format!("{name}.steps_above"), "Mul", &[&above, &per_unit]);
        let codes = self.apply(&format!("{name}.codes"), "QuantizeLinear", &[&scaled, &one, &none]);
        QuantizedInput { codes, least, range }
    }

    /// Adds a constant number, given by its bytes; returns its name.
    fn scalar<const WIDTH: usize>(
        &mut self,
        name: &str,
        data_type: DataType,
        bytes: [u8; WIDTH],
    ) -> String {
        self.tensor(name, &[], data_type, std::iter::once(bytes))
    }

    /// Adds a constant to the part's file of weights; returns its name.
    fn tensor<const WIDTH: usize>(
        &mut self,
        name: &str,
        shape: &[usize],
        data_type: DataType,
        values: impl Iterator<Item = [u8; WIDTH]>,
    ) -> String {
        let name = self.name(name);
        let start = self.file.len().next_multiple_of(ALIGNMENT);
        self.file.resize(start, 0);
        self.file.extend(values.flatten());
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value),
        };
        let location = vec![
            entry("location", self.file_name()),
            entry("offset", start.to_string()),
            entry("length", (self.file.len() - start).to_string()),
        ];
        self.tensors.push(TensorProto {
            name: Some(name.clone()),
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: Some(data_type),
            data_location: Some(DataLocation::EXTERNAL),
            external_data: location,
            ..Default::default()
        });
        name
    }
}

/// A quantised input, by the names of its values: what `input ≈ least + codes * range / 255` is made of.
struct QuantizedInput {
    /// `[.., inputs]`, in 8 bits.
    codes: String,
    /// `[.., 1]`
    least: String,
    /// `[.., 1]`
    range: String,
}

/// A node just added, to be given attributes.
pub struct Node<'a>(&'a mut NodeProto);

impl Node<'_> {
    /// The operator is one of ONNX Runtime's own.
    pub fn contrib(self) -> Self {
        self.0.domain = Some("com.microsoft".to_owned());
        self
    }

    pub fn int(self, name: &str, value: i64) -> Self {
        let mut attribute = named(name, AttributeType::INT);
        attribute.i = Some(value);
        self.0.attribute.push(attribute);
        self
    }

    pub fn float(self, name: &str, value: f32) -> Self {
        let mut attribute = named(name, AttributeType::FLOAT);
        attribute.f = Some(value);
        self.0.attribute.push(attribute);
        self
    }
}

fn named(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(kind), ..Default::default() }
}

fn symbol(name: &str) -> Dimension {
    Dimension { dim_value: None, dim_param: Some(name.to_owned()) }
}

fn value(name: &str, data_type: DataType, shape: Option<Vec<Dimension>>) -> ValueInfoProto {
    let tensor = TypeProtoTensor {
        elem_type: Some(data_type),
        shape: shape.map(|dim| TensorShapeProto { dim }),
    };
    let kind = TypeProto { tensor_type: Some(tensor), ..Default::default() };
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(kind) }
}
