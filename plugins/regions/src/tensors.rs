//! Networks from `.safetensors` files: for each layer a matrix `NAME.weight`, one row an output, and a vector `NAME.bias`.

use octavo_plugin::input::InputContent;
use octavo_plugin::{Activation, Failure, Layer, Network, Reading};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// Reads the layers with these names, in this order; ReLU follows all but the last.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) that names the tensor that is missing or does not fit; as
/// [`Reading::admit`] and [`Reading::go_on`].
pub(crate) fn network<'a>(input: impl Into<Reading<'a>>, names: &[String]) -> Result<Network, Failure> {
    let input = input.into();
    let bad = |message: String| Failure::user(format!("`{}`: {message}", input.name));
    let InputContent::File { bytes, .. } = &input.content else {
        return Err(bad("a file is needed".to_owned()));
    };
    let file = SafeTensors::deserialize(bytes).map_err(|error| {
        bad(header_problem(bytes).unwrap_or_else(|| format!("this is no safetensors file: {error}"))).help(
            "a safetensors file is the length of its header in 8 bytes, the header as JSON, and the numbers",
        )
    })?;
    let known = || {
        let mut names: Vec<&str> = file.names().into_iter().collect();
        names.sort_unstable();
        format!("the file holds `{}`", names.join("`, `"))
    };
    let mut layers: Vec<Layer> = Vec::new();
    let mut count = 0;
    for (index, name) in names.iter().enumerate() {
        input.go_on()?;
        let weight = file
            .tensor(&format!("{name}.weight"))
            .map_err(|_| bad(format!("there is no tensor `{name}.weight`")).help(known()))?;
        let &[outputs, inputs] = weight.shape() else {
            return Err(bad(format!(
                "`{name}.weight` has {}, and a matrix has 2",
                octavo_plugin::counted(weight.shape().len(), "dimension")
            )));
        };
        if outputs == 0 || inputs == 0 {
            return Err(bad(format!("`{name}.weight` is empty")));
        }
        if let Some(before) = layers.last().filter(|before| before.outputs != inputs) {
            return Err(bad(format!(
                "`{name}.weight` takes {} and the layer before gives {}",
                octavo_plugin::counted(inputs, "input"),
                before.outputs
            ))
            .help("give `layers` in the order of the network"));
        }
        count += (outputs as u64).saturating_mul(inputs as u64);
        input.admit(count, &format_args!("{count} numbers up to `{name}.weight`"))?;
        let bias = match file.tensor(&format!("{name}.bias")) {
            Ok(bias) => numbers(&bias).map_err(|message| bad(format!("`{name}.bias` {message}")))?,
            Err(_) => vec![0.0; outputs],
        };
        if bias.len() != outputs {
            let rows = octavo_plugin::counted(outputs, "row");
            let biases = octavo_plugin::counted(bias.len(), "bias");
            return Err(bad(format!("`{name}` has {rows} of weights and {biases}")));
        }
        let weights = numbers(&weight).map_err(|message| bad(format!("`{name}.weight` {message}")))?;
        let last = index + 1 == names.len();
        let activation = if last { Activation::Identity } else { Activation::Relu };
        layers.push(Layer { inputs, outputs, weights, bias, activation });
    }
    Ok(Network { layers })
}

/// Bytes that say how long a header is.
const LENGTH: usize = 8;

/// What is wrong with the header of a file, as far as it can be told.
fn header_problem(bytes: &[u8]) -> Option<String> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
        let end = octavo_plugin::counted(bytes.len(), "byte");
        return Some(format!("the file ends after {end}, within the length of its header"));
    };
    let length = u64::from_le_bytes(*length);
    let Some(header) = usize::try_from(length).ok().and_then(|length| rest.get(..length)) else {
        let there = rest.len();
        return Some(format!(
            "the header is said to have {length} bytes, and {there} are there: the file is cut off or is none"
        ));
    };
    let text = match std::str::from_utf8(header) {
        Ok(text) => text,
        Err(error) => {
            return Some(format!("the header is not UTF-8 at byte {}", LENGTH + error.valid_up_to()));
        }
    };
    let entries: serde_json::Map<String, serde_json::Value> = match serde_json::from_str(text) {
        Ok(entries) => entries,
        Err(error) => return Some(format!("the header is no JSON object: {error}")),
    };
    let there = (rest.len() - header.len()) as u64;
    let mut end = 0;
    for (name, entry) in entries.iter().filter(|(name, _)| *name != "__metadata__") {
        let offsets: Option<[u64; 2]> =
            entry.get("data_offsets").and_then(|offsets| serde_json::from_value(offsets.clone()).ok());
        let Some([from, to]) = offsets.filter(|[from, to]| from <= to) else {
            return Some(format!("the header gives `{name}` no `data_offsets` of two numbers that grow"));
        };
        if to > there {
            return Some(format!(
                "the header puts `{name}` at bytes {from} to {to} of the numbers, and {there} bytes are there: the file is cut off"
            ));
        }
        end = end.max(to);
    }
    (end < there).then(|| format!("the header describes {end} bytes of numbers, and {there} are there"))
}

/// All numbers of a tensor, without rounding.
fn numbers(tensor: &TensorView<'_>) -> Result<Vec<f64>, String> {
    let data = tensor.data();
    let values: Vec<f64> = match tensor.dtype() {
        Dtype::F64 => data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
        Dtype::F32 => data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes).into()).collect(),
        Dtype::BF16 => {
            let wide = |bytes: &[u8; 2]| f32::from_bits(u32::from(u16::from_le_bytes(*bytes)) << 16);
            data.as_chunks().0.iter().map(|bytes| wide(bytes).into()).collect()
        }
        Dtype::F16 => data.as_chunks().0.iter().map(|bytes| half(u16::from_le_bytes(*bytes))).collect(),
        other => return Err(format!("holds {other:?}, and F64, F32, F16 and BF16 are read")),
    };
    if values.iter().all(|x| x.is_finite()) {
        Ok(values)
    } else {
        Err("holds a number that is not finite".into())
    }
}

/// The value of a float of 16 bits: 5 of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (u64::from(bits >> 10 & 31), u64::from(bits & 1023));
    let magnitude = match exponent {
        0 => f64::from(bits & 1023) / 16_777_216.0,
        31 => f64::INFINITY,
        _ => f64::from_bits((exponent + 1008) << 52 | fraction << 42),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::InputData;

    fn file(tensors: &[(&str, Dtype, Vec<usize>, Vec<u8>)]) -> InputData {
        let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
            ((*name).to_owned(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        let bytes = safetensors::serialize(views, None).unwrap();
        InputData {
            name: "net.safetensors".into(),
            content: InputContent::File { extension: "safetensors".into(), bytes },
        }
    }

    fn f32s(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|x| x.to_le_bytes()).collect()
    }

    #[test]
    fn layers_are_read_in_the_order_asked_for() {
        let input = file(&[
            ("out.weight", Dtype::F32, vec![1, 3], f32s(&[0.5, 0.25, -2.0])),
            (
                "in.bias",
                Dtype::F64,
                vec![3],
                [0.1_f64, 0.2, 0.3].iter().flat_map(|x| x.to_le_bytes()).collect(),
            ),
            ("in.weight", Dtype::F32, vec![3, 2], f32s(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.5])),
        ]);
        let net = network(&input, &["in".into(), "out".into()]).unwrap();
        assert_eq!(net.layers[0].row(2), [5.0, 6.5]);
        assert_eq!(net.layers[0].bias, [0.1, 0.2, 0.3]);
        assert_eq!((net.layers[1].bias.clone(), net.layers[1].activation), (vec![0.0], Activation::Identity));
        let failure = network(&input, &["out".into(), "in".into()]).unwrap_err();
        assert!(
            failure.message.contains("takes 2 inputs and the layer before gives 1"),
            "{}",
            failure.message
        );
        let failure = network(&input, &["hidden".into()]).unwrap_err();
        assert!(failure.message.contains("no tensor `hidden.weight`"), "{}", failure.message);
    }

    #[test]
    fn a_damaged_header_is_told() {
        let good = file(&[("a.weight", Dtype::F32, vec![1, 2], f32s(&[1.0, 2.0]))]);
        let InputContent::File { bytes: good, .. } = good.content else { panic!("it is a file") };
        let message = |bytes: Vec<u8>| {
            let content = InputContent::File { extension: "safetensors".into(), bytes };
            network(&InputData { name: "n".into(), content }, &["a".into()]).unwrap_err().message
        };
        let length = u64::from_le_bytes(*good.first_chunk().unwrap());
        let with_header = |text: &str, numbers: usize| {
            [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &vec![0; numbers][..]].concat()
        };
        assert_eq!(
            message(good[..5].to_vec()),
            "`n`: the file ends after 5 bytes, within the length of its header"
        );
        let there = good.len() - 8 - 9;
        assert!(there < usize::try_from(length).unwrap() + 8);
        assert_eq!(
            message(good[..20].to_vec()),
            format!(
                "`n`: the header is said to have {length} bytes, and 12 are there: the file is cut off or is none"
            )
        );
        assert_eq!(
            message(good[..good.len() - 3].to_vec()),
            "`n`: the header puts `a.weight` at bytes 0 to 8 of the numbers, and 5 bytes are there: the file is cut off"
        );
        assert!(message(with_header("{\"a\": ", 8)).starts_with("`n`: the header is no JSON object: EOF"));
        assert!(
            message(b"<!DOCTYPE html><title>Not found</title>".to_vec())
                .contains("the file is cut off or is none")
        );
        let entry = "{\"a\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [8, 0]}}";
        assert_eq!(
            message(with_header(entry, 8)),
            "`n`: the header gives `a` no `data_offsets` of two numbers that grow"
        );
        let kind = "{\"a\": {\"dtype\": \"F31\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}}";
        assert!(message(with_header(kind, 8)).contains("F31"), "{}", message(with_header(kind, 8)));
    }

    #[test]
    fn short_floats_are_exact() {
        let known = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_953_125),
            (0x0001, 1.0 / 16_777_216.0),
            (0x7bff, 65504.0),
            (0x0000, 0.0),
        ];
        for (bits, value) in known {
            assert_eq!(half(bits), value, "{bits:04x}");
        }
        let bytes = [0x80, 0x3f, 0x40, 0xc0];
        let input = file(&[("a.weight", Dtype::BF16, vec![1, 2], bytes.to_vec())]);
        assert_eq!(network(&input, &["a".into()]).unwrap().layers[0].weights, [1.0, -3.0]);
        let input = file(&[("a.weight", Dtype::F16, vec![1, 2], vec![0, 0x7c, 0, 0x3c])]);
        assert!(network(&input, &["a".into()]).unwrap_err().message.contains("not finite"));
    }

    #[test]
    fn a_header_is_weighed_before_numbers_are_read() {
        use octavo_plugin::{CancelToken, InputLimits, StopReason};
        let input = file(&[("a.weight", Dtype::F32, vec![2, 3], f32s(&[0.5; 6]))]);
        let read = |numbers: u64, names: &[&str], cancel: &CancelToken| {
            let limits = InputLimits { numbers, ..InputLimits::default() };
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            network(Reading::new(&input, limits, cancel), &names).map_err(|failure| failure.message)
        };
        let cancel = CancelToken::new();
        assert!(read(6, &["a"], &cancel).is_ok());
        let message = "`net.safetensors` holds 6 numbers up to `a.weight`, and at most 5 numbers are read";
        assert_eq!(read(5, &["a"], &cancel), Err(message.to_owned()));
        cancel.stop(StopReason::TimedOut);
        assert_eq!(read(6, &["a"], &cancel), Err("the time limit has passed".to_owned()));
    }
}
