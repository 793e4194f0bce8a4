//! NumPy's file format (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>), as much of it as
//! messages use: C order, little-endian, five types.

use super::extension;
use crate::counted;

/// The numbers of an array.
#[derive(Debug, PartialEq)]
pub(super) enum Numbers {
    Float(Vec<f64>),
    Integer(Vec<i64>),
    Bool(Vec<bool>),
}

/// An array in C order.
#[derive(Debug, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Numbers,
}

impl Array {
    /// The numbers as floats; integers beyond 2^53 are refused, truth values too.
    pub(super) fn floats(self) -> Result<Vec<f64>, String> {
        match self.numbers {
            Numbers::Float(floats) => Ok(floats),
            Numbers::Integer(integers) => integers.into_iter().map(exact).collect(),
            Numbers::Bool(_) => Err("holds truth values, and floats are needed".to_owned()),
        }
    }
}

fn exact(integer: i64) -> Result<f64, String> {
    if integer.unsigned_abs() > 1 << 53 {
        return Err(format!("holds {integer}, which no float holds exactly"));
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
    Ok(integer as f64)
}

pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Array, String> {
    if extension(name) != "npy" {
        return Err(format!("the name `{name}` does not end in `.npy`"));
    }
    parse(bytes).map_err(|message| format!("`{name}` {message}"))
}

fn parse(bytes: &[u8]) -> Result<Array, String> {
    let bad = || "is no NPY file of version 1, 2 or 3".to_owned();
    let head = bytes.strip_prefix(b"\x93NUMPY").ok_or_else(bad)?;
    let (length, start) = match head {
        [1, 0, a, b, ..] => (usize::from(u16::from_le_bytes([*a, *b])), 4),
        [2 | 3, 0, a, b, c, d, ..] => {
            (usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).map_err(|_| bad())?, 6)
        }
        _ => return Err(bad()),
    };
    let header = head.get(start..).and_then(|rest| rest.get(..length)).ok_or_else(bad)?;
    let header = std::str::from_utf8(header).map_err(|_| bad())?;
    let body = &head[start + length..];
    if value_of(header, "fortran_order").ok_or_else(bad)?.starts_with("True") {
        return Err("is in Fortran order; C order is needed".to_owned());
    }
    let shape = shape(value_of(header, "shape").ok_or_else(bad)?).ok_or_else(bad)?;
    let descr = value_of(header, "descr").ok_or_else(bad)?;
    let descr = descr.get(1..).and_then(|rest| rest.split(['\'', '"']).next()).ok_or_else(bad)?;
    let count = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size)).ok_or_else(bad)?;
    let width = match descr {
        "<f8" | "<i8" => 8,
        "<f4" | "<i4" => 4,
        "|b1" => 1,
        other => {
            return Err(format!("has the type `{other}`; `<f8`, `<f4`, `<i8`, `<i4` and `|b1` are read"));
        }
    };
    if count.checked_mul(width) != Some(body.len()) {
        return Err(format!(
            "has {} of numbers, and its header announces another number",
            counted(body.len(), "byte")
        ));
    }
    Ok(Array { shape, numbers: numbers(descr, body) })
}

fn numbers(descr: &str, body: &[u8]) -> Numbers {
    fn each<const N: usize, T>(body: &[u8], of: impl Fn([u8; N]) -> T) -> Vec<T> {
        body.chunks_exact(N).map(|chunk| of(chunk.try_into().expect("N bytes"))).collect()
    }
    match descr {
        "<f8" => Numbers::Float(each(body, f64::from_le_bytes)),
        "<f4" => Numbers::Float(each(body, |bytes| f64::from(f32::from_le_bytes(bytes)))),
        "<i8" => Numbers::Integer(each(body, i64::from_le_bytes)),
        "<i4" => Numbers::Integer(each(body, |bytes| i64::from(i32::from_le_bytes(bytes)))),
        _ => Numbers::Bool(body.iter().map(|byte| *byte != 0).collect()),
    }
}

/// What stands behind a key of the header, which is a Python dictionary.
fn value_of<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let at = header.find(&format!("'{key}'"))?;
    let rest = &header[at + key.len() + 2..];
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

fn shape(text: &str) -> Option<Vec<usize>> {
    let inner = text.strip_prefix('(')?.split(')').next()?;
    inner.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

pub(super) fn write_floats(shape: &[usize], floats: impl Iterator<Item = f64>) -> Vec<u8> {
    let mut bytes = header("<f8", shape);
    floats.for_each(|float| bytes.extend_from_slice(&float.to_le_bytes()));
    bytes
}

pub(super) fn write_integers(shape: &[usize], integers: impl Iterator<Item = i64>) -> Vec<u8> {
    let mut bytes = header("<i8", shape);
    integers.for_each(|integer| bytes.extend_from_slice(&integer.to_le_bytes()));
    bytes
}

fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    // The numbers begin at a multiple of 64 bytes.
    while (10 + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let length = u16::try_from(text.len()).expect("a header of two sizes is short");
    [b"\x93NUMPY\x01\x00".as_slice(), &length.to_le_bytes(), text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_round_trip() {
        let bytes = write_floats(&[2, 2], [0.1, -0.0, 1e300, 5.0].into_iter());
        let read = read("a.npy", &bytes).unwrap();
        assert_eq!(read.shape, [2, 2]);
        assert_eq!(read.floats().unwrap(), [0.1, -0.0, 1e300, 5.0]);
        let bytes = write_integers(&[3], [1, -2, i64::MAX].into_iter());
        assert_eq!(super::read("a.npy", &bytes).unwrap().numbers, Numbers::Integer(vec![1, -2, i64::MAX]));
    }

    #[test]
    fn what_is_no_array_is_refused() {
        let good = write_floats(&[3], [1.0, 2.0, 3.0].into_iter());
        for end in 0..good.len() {
            assert!(read("a.npy", &good[..end]).is_err(), "{end}");
        }
        let turned = String::from_utf8_lossy(&good[10..128]).replace("False", "True ");
        let turned = [&good[..10], turned.as_bytes(), &good[128..]].concat();
        assert!(read("a.npy", &turned).unwrap_err().contains("Fortran"));
        assert!(read("a.txt", &good).unwrap_err().contains("`a.txt`"));
    }
}
