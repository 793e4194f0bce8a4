//! The stored form of artifacts: columnar, little-endian, with a magic number and a version.
//!
//! Equal artifacts have equal bytes, so that a digest of the bytes identifies the result. JSON is for people and other
//! programs; this form is for the store.

use indexmap::IndexMap;
use num_bigint::BigInt;

use super::{Column, ColumnData, Drawing, Geometry, GeometryKind, Raster, Scalar, Table};
use crate::Digest;
use crate::picture::{ImageFile, ImageKind, Picture};
use crate::value::{Localized, Named, Value};

const MAGIC: &[u8; 4] = b"OCTA";
const VERSION: u8 = 1;

/// One stored artifact. All scalars of a run are stored together.
#[derive(Clone, Debug, PartialEq)]
pub enum Artifact {
    /// The scalars of a run.
    Scalars(IndexMap<String, Scalar>),
    /// A table.
    Table(Table),
    /// A drawing.
    Drawing(Drawing),
}

/// Bytes that are no artifact of this version.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The magic number is missing.
    #[error("these bytes are no stored artifact")]
    NotAnArtifact,
    /// Written by another version of Octavo.
    #[error("the artifact has format version {0}, and this program reads version 1")]
    Version(u8),
    /// The bytes end early or contradict themselves.
    #[error("the artifact is damaged at byte {0}")]
    Damaged(usize),
}

impl Artifact {
    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer(Vec::new());
        out.0.extend_from_slice(MAGIC);
        out.byte(VERSION);
        match self {
            Self::Scalars(scalars) => {
                out.byte(0);
                out.size(scalars.len());
                for (name, scalar) in scalars {
                    out.text(name);
                    out.value(&scalar.value);
                    out.byte(u8::from(scalar.uncertainty.is_some()));
                    out.float(scalar.uncertainty.unwrap_or(0.0));
                }
            }
            Self::Table(table) => {
                out.byte(1);
                out.table(table);
            }
            Self::Drawing(Drawing::Geometry(geometry)) => {
                out.byte(2);
                out.byte(geometry.kind as u8);
                out.size(geometry.vertices.len());
                geometry.vertices.iter().flatten().for_each(|x| out.float(*x));
                out.size(geometry.ends.len());
                geometry.ends.iter().for_each(|end| out.size(*end));
                out.table(&geometry.attributes);
            }
            Self::Drawing(Drawing::Raster(raster)) => {
                out.byte(3);
                out.size(raster.width);
                out.size(raster.height);
                raster.extent.iter().flatten().for_each(|x| out.float(*x));
                out.size(raster.values.len());
                raster.values.iter().for_each(|x| out.float(*x));
            }
            Self::Drawing(Drawing::Picture(picture)) => {
                out.byte(4);
                out.picture(picture);
            }
        }
        out.0
    }

    /// The digest of the stored form.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.encode())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`CodecError`] for anything that [`Artifact::encode`] of this version did not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        if bytes.len() < 6 || &bytes[..4] != MAGIC {
            return Err(CodecError::NotAnArtifact);
        }
        if bytes[4] != VERSION {
            return Err(CodecError::Version(bytes[4]));
        }
        let mut input = Reader { bytes, at: 6 };
        let artifact = match bytes[5] {
            0 => Self::Scalars(input.scalars()?),
            1 => Self::Table(input.table()?),
            2 => Self::Drawing(Drawing::Geometry(input.geometry()?)),
            3 => Self::Drawing(Drawing::Raster(input.raster()?)),
            4 => Self::Drawing(input.picture()?.into()),
            _ => return Err(CodecError::Damaged(5)),
        };
        if input.at == bytes.len() { Ok(artifact) } else { Err(input.damaged()) }
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn size(&mut self, size: usize) {
        self.0.extend_from_slice(&(size as u64).to_le_bytes());
    }

    fn float(&mut self, value: f64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Float(x) => {
                self.byte(0);
                self.float(*x);
            }
            Value::Integer(integer) => {
                self.byte(1);
                self.bytes(&integer.to_signed_bytes_le());
            }
            Value::Text(text) => {
                self.byte(2);
                self.text(text);
            }
            Value::Bool(truth) => {
                self.byte(3);
                self.byte(u8::from(*truth));
            }
            Value::Missing(reason) => {
                self.byte(4);
                self.text(reason);
            }
            Value::Named(Named::Infinity) => self.byte(5),
            Value::Named(Named::NegativeInfinity) => self.byte(6),
        }
    }

    fn picture(&mut self, picture: &Picture) {
        match picture.alt() {
            Localized::None => self.byte(0),
            Localized::All(text) => {
                self.byte(1);
                self.text(text);
            }
            Localized::Each(texts) => {
                self.byte(2);
                self.size(texts.len());
                for (language, text) in texts {
                    self.text(language);
                    self.text(text);
                }
            }
        }
        self.image(Some(picture.image()));
        self.image(picture.dark());
        self.byte(u8::from(picture.pdf().is_some()));
        self.bytes(picture.pdf().unwrap_or_default());
    }

    fn image(&mut self, image: Option<&ImageFile>) {
        match image.map(ImageFile::kind) {
            None => return self.byte(0),
            Some(ImageKind::Svg) => self.byte(1),
            Some(ImageKind::Png) => self.byte(2),
        }
        self.bytes(image.map_or(&[], ImageFile::bytes));
    }

    fn table(&mut self, table: &Table) {
        self.size(table.columns.len());
        for (name, column) in &table.columns {
            self.text(name);
            self.column(column);
        }
    }

    fn column(&mut self, column: &Column) {
        let tag = match &column.data {
            ColumnData::Float(_) => 0,
            ColumnData::Integer(_) => 1,
            ColumnData::Big(_) => 2,
            ColumnData::Text(_) => 3,
            ColumnData::Bool(_) => 4,
        };
        self.byte(tag);
        self.size(column.len());
        match &column.data {
            ColumnData::Float(cells) => cells.iter().for_each(|cell| self.float(*cell)),
            ColumnData::Integer(cells) => {
                cells.iter().for_each(|cell| self.0.extend_from_slice(&cell.to_le_bytes()));
            }
            ColumnData::Big(cells) => cells.iter().for_each(|cell| self.bytes(&cell.to_signed_bytes_le())),
            ColumnData::Text(cells) => cells.iter().for_each(|cell| self.text(cell)),
            ColumnData::Bool(cells) => cells.iter().for_each(|cell| self.byte(u8::from(*cell))),
        }
        self.size(column.exceptions.len());
        for (row, value) in &column.exceptions {
            self.size(*row);
            self.value(value);
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn damaged(&self) -> CodecError {
        CodecError::Damaged(self.at)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let end = self
            .at
            .checked_add(count)
            .filter(|end| *end <= self.bytes.len())
            .ok_or_else(|| self.damaged())?;
        let slice = &self.bytes[self.at..end];
        self.at = end;
        Ok(slice)
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        Ok(self.take(1)?[0])
    }

    fn eight(&mut self) -> Result<[u8; 8], CodecError> {
        Ok(self.take(8)?.try_into().expect("took eight bytes"))
    }

    fn size(&mut self) -> Result<usize, CodecError> {
        let size = u64::from_le_bytes(self.eight()?);
        usize::try_from(size).map_err(|_| self.damaged())
    }

    /// A number of items of which each takes at least `width` bytes: a damaged count never asks for much memory.
    fn count(&mut self, width: usize) -> Result<usize, CodecError> {
        let count = self.size()?;
        let left = self.bytes.len() - self.at;
        if count.checked_mul(width).is_some_and(|need| need <= left) {
            Ok(count)
        } else {
            Err(self.damaged())
        }
    }

    fn float(&mut self) -> Result<f64, CodecError> {
        Ok(f64::from_le_bytes(self.eight()?))
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f64>, CodecError> {
        let raw = self.take(count * 8)?;
        Ok(raw.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight bytes"))).collect())
    }

    fn blob(&mut self) -> Result<&'a [u8], CodecError> {
        let count = self.count(1)?;
        self.take(count)
    }

    fn text(&mut self) -> Result<String, CodecError> {
        let damaged = self.damaged();
        String::from_utf8(self.blob()?.to_vec()).map_err(|_| damaged)
    }

    fn value(&mut self) -> Result<Value, CodecError> {
        Ok(match self.byte()? {
            0 => Value::Float(self.float()?),
            1 => Value::Integer(BigInt::from_signed_bytes_le(self.blob()?)),
            2 => Value::Text(self.text()?),
            3 => Value::Bool(self.byte()? != 0),
            4 => Value::Missing(self.text()?),
            5 => Value::Named(Named::Infinity),
            6 => Value::Named(Named::NegativeInfinity),
            _ => return Err(self.damaged()),
        })
    }

    fn scalars(&mut self) -> Result<IndexMap<String, Scalar>, CodecError> {
        let mut scalars = IndexMap::new();
        for _ in 0..self.count(18)? {
            let (name, value) = (self.text()?, self.value()?);
            let stated = self.byte()? != 0;
            let uncertainty = self.float()?;
            scalars.insert(name, Scalar { value, uncertainty: stated.then_some(uncertainty) });
        }
        Ok(scalars)
    }

    fn table(&mut self) -> Result<Table, CodecError> {
        let mut table = Table::new();
        for _ in 0..self.count(25)? {
            let name = self.text()?;
            let column = self.column()?;
            table.columns.insert(name, column);
        }
        let rows = table.rows();
        if table.columns.values().all(|column| column.len() == rows) {
            Ok(table)
        } else {
            Err(self.damaged())
        }
    }

    fn column(&mut self) -> Result<Column, CodecError> {
        let data = match self.byte()? {
            0 => {
                let count = self.count(8)?;
                ColumnData::Float(self.floats(count)?)
            }
            1 => {
                let count = self.count(8)?;
                ColumnData::Integer(
                    (0..count).map(|_| Ok(i64::from_le_bytes(self.eight()?))).collect::<Result<_, _>>()?,
                )
            }
            2 => {
                let count = self.count(8)?;
                let big = |input: &mut Self| Ok(BigInt::from_signed_bytes_le(input.blob()?));
                ColumnData::Big((0..count).map(|_| big(self)).collect::<Result<_, _>>()?)
            }
            3 => {
                let count = self.count(8)?;
                ColumnData::Text((0..count).map(|_| self.text()).collect::<Result<_, _>>()?)
            }
            4 => {
                let count = self.count(1)?;
                ColumnData::Bool((0..count).map(|_| Ok(self.byte()? != 0)).collect::<Result<_, _>>()?)
            }
            _ => return Err(self.damaged()),
        };
        let mut column = Column { data, exceptions: std::collections::BTreeMap::new() };
        for _ in 0..self.count(9)? {
            let row = self.size()?;
            if row >= column.len() {
                return Err(self.damaged());
            }
            let value = self.value()?;
            column.exceptions.insert(row, value);
        }
        Ok(column)
    }

    fn geometry(&mut self) -> Result<Geometry, CodecError> {
        let kind = match self.byte()? {
            0 => GeometryKind::Points,
            1 => GeometryKind::Paths,
            2 => GeometryKind::Polygons,
            _ => return Err(self.damaged()),
        };
        let count = self.count(16)?;
        let vertices = self.floats(2 * count)?.chunks_exact(2).map(|xy| [xy[0], xy[1]]).collect();
        let parts = self.count(8)?;
        let ends = (0..parts).map(|_| self.size()).collect::<Result<Vec<_>, _>>()?;
        if !ends.is_sorted() || ends.last().is_some_and(|last| *last != count) {
            return Err(self.damaged());
        }
        Ok(Geometry { kind, vertices, ends, attributes: self.table()? })
    }

    fn raster(&mut self) -> Result<Raster, CodecError> {
        let (width, height) = (self.size()?, self.size()?);
        let e = self.floats(4)?;
        let count = self.count(8)?;
        if width.checked_mul(height) != Some(count) {
            return Err(self.damaged());
        }
        Ok(Raster { width, height, extent: [[e[0], e[1]], [e[2], e[3]]], values: self.floats(count)? })
    }

    fn picture(&mut self) -> Result<Picture, CodecError> {
        let alt = match self.byte()? {
            1 => Localized::All(self.text()?),
            2 => {
                let texts = (0..self.count(16)?).map(|_| Ok((self.text()?, self.text()?)));
                Localized::Each(texts.collect::<Result<_, CodecError>>()?)
            }
            _ => return Err(self.damaged()),
        };
        let image = self.image()?.ok_or_else(|| self.damaged())?;
        let dark = self.image()?;
        let has_pdf = self.byte()? != 0;
        let pdf = self.blob()?.to_vec();
        Picture::stored(alt, image, dark, has_pdf.then_some(pdf)).map_err(|_| self.damaged())
    }

    fn image(&mut self) -> Result<Option<ImageFile>, CodecError> {
        let kind = match self.byte()? {
            0 => return Ok(None),
            1 => ImageKind::Svg,
            2 => ImageKind::Png,
            _ => return Err(self.damaged()),
        };
        let bytes = self.blob()?.to_vec();
        ImageFile::stored(kind, bytes).map(Some).map_err(|_| self.damaged())
    }
}

#[cfg(test)]
mod tests;
