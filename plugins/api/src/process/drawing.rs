//! Drawings in messages.

use crate::counted;
use serde_json::{Value as Json, json};

use super::encode::Encoder;
use super::npy::{self, Numbers};
use super::table::{self, Kinds};
use super::{Folder, extension, file_name};
use crate::artifact::{Drawing, Geometry, Raster, Table};
use crate::output::GeometryKind;
use crate::picture::{ImageFile, Picture};
use crate::value::Localized;

/// Most numbers of an array that stands in the message itself.
const INLINE: usize = 512;

pub(super) fn decode(json: &Json, attributes: &Kinds, folder: &dyn Folder) -> Result<Drawing, String> {
    match (json.get("geometry"), json.get("raster"), json.get("picture")) {
        (Some(geometry), None, None) => decode_geometry(geometry, attributes, folder).map(Into::into),
        (None, Some(raster), None) => decode_raster(raster, folder).map(Into::into),
        (None, None, Some(picture)) => decode_picture(picture, folder).map(Into::into),
        _ => Err("it has none of `geometry`, `raster` and `picture`, or several".to_owned()),
    }
}

fn decode_picture(json: &Json, folder: &dyn Folder) -> Result<Picture, String> {
    let alt: Localized = match json.get("alt") {
        None | Some(Json::Null) => Localized::None,
        Some(alt) => serde::Deserialize::deserialize(alt)
            .map_err(|_| "its `alt` is neither a text nor one for each language".to_owned())?,
    };
    let file = |key: &str| match json.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(named) => {
            let name =
                file_name(named)?.ok_or_else(|| format!("`{key}` is not of the form `{{\"file\": ...}}`"))?;
            Ok::<_, String>(Some((name, folder.read(name)?)))
        }
    };
    let image = |key: &str| match file(key)? {
        None => Ok(None),
        Some((name, bytes)) => image(name, &bytes, folder).map(Some),
    };
    let pdf = file("pdf")?;
    let shown = image("image")?.ok_or_else(|| match pdf {
        Some(_) => {
            "it is a PDF alone, which browsers show in no page: give the same as `image`, an SVG or PNG"
                .to_owned()
        }
        None => "it has no `image`, an SVG or PNG".to_owned(),
    })?;
    let mut picture = Picture::new(alt, shown).map_err(|failure| failure.message)?;
    if let Some(dark) = image("dark")? {
        picture = picture.with_dark(dark);
    }
    match pdf {
        Some((name, bytes)) => picture.with_pdf(bytes).map_err(|message| format!("`{name}`: {message}")),
        None => Ok(picture),
    }
}

fn image(name: &str, bytes: &[u8], folder: &dyn Folder) -> Result<ImageFile, String> {
    let read = match extension(name) {
        "svg" => ImageFile::svg(bytes),
        "png" => ImageFile::png(bytes),
        _ => Err("it ends neither in `.svg` nor in `.png`, which are what can be shown".to_owned()),
    };
    let image = read.map_err(|message| format!("`{name}`: {message}"))?;
    folder.spend(image.bytes().len() as u64)?;
    Ok(image)
}

pub(super) fn decode_geometry(
    json: &Json,
    attributes: &Kinds,
    folder: &dyn Folder,
) -> Result<Geometry, String> {
    let field = |key: &str| json.get(key).ok_or_else(|| format!("it has no `{key}`"));
    let kind: GeometryKind = serde_json::from_value(field("kind")?.clone())
        .map_err(|_| "its `kind` is not `points`, `paths` or `polygons`".to_owned())?;
    let vertices =
        vertices(field("vertices")?, folder).map_err(|message| format!("`vertices`: {message}"))?;
    let ends =
        ends(field("ends")?, vertices.len(), folder).map_err(|message| format!("`ends`: {message}"))?;
    let attributes = match json.get("attributes") {
        Some(json) => table::decode(json, attributes, folder)?,
        None => Table::new(),
    };
    Ok(Geometry { kind, vertices, ends, attributes })
}

fn vertices(json: &Json, folder: &dyn Folder) -> Result<Vec<[f64; 2]>, String> {
    if let Some(name) = file_name(json)? {
        let array = npy::read(name, &folder.read(name)?)?;
        if array.shape.len() != 2 || array.shape[1] != 2 {
            return Err(format!("`{name}` has another shape than (n, 2)"));
        }
        let floats = array.floats().map_err(|message| format!("`{name}` {message}"))?;
        return Ok(floats.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect());
    }
    <Vec<[f64; 2]> as serde::Deserialize>::deserialize(json).map_err(|error| error.to_string())
}

fn ends(json: &Json, vertices: usize, folder: &dyn Folder) -> Result<Vec<usize>, String> {
    let ends: Vec<usize> = if let Some(name) = file_name(json)? {
        let array = npy::read(name, &folder.read(name)?)?;
        match array.numbers {
            Numbers::Integer(integers) if array.shape.len() == 1 => integers
                .into_iter()
                .map(usize::try_from)
                .collect::<Result<_, _>>()
                .map_err(|_| "an index is negative".to_owned())?,
            _ => return Err(format!("`{name}` is no list of integers")),
        }
    } else {
        serde::Deserialize::deserialize(json).map_err(|error| error.to_string())?
    };
    if !ends.is_sorted() || ends.last().copied().unwrap_or(0) != vertices {
        return Err(format!("they do not grow up to the number of vertices, {vertices}"));
    }
    Ok(ends)
}

pub(super) fn decode_raster(json: &Json, folder: &dyn Folder) -> Result<Raster, String> {
    let field = |key: &str| json.get(key).ok_or_else(|| format!("it has no `{key}`"));
    let extent: [[f64; 2]; 2] = serde::Deserialize::deserialize(field("extent")?)
        .map_err(|error: serde_json::Error| format!("`extent`: {error}"))?;
    let [[x0, y0], [x1, y1]] = extent;
    if !(x0 < x1 && y0 < y1 && [x0, y0, x1, y1].iter().all(|x| x.is_finite())) {
        return Err(format!(
            "its `extent` [[{x0}, {y0}], [{x1}, {y1}]] covers nothing: [[x0, y0], [x1, y1]] with x0 < x1 and y0 < y1 is needed"
        ));
    }
    let (width, height, values) = samples(field("values")?, folder)?;
    if width == 0 || height == 0 {
        return Err(format!(
            "its `values` have {} of {}, and at least one of one is needed",
            counted(height, "row"),
            counted(width, "value")
        ));
    }
    Ok(Raster { width, height, extent, values })
}

fn samples(json: &Json, folder: &dyn Folder) -> Result<(usize, usize, Vec<f64>), String> {
    let Some(name) = file_name(json)? else {
        let rows: Vec<Vec<f64>> = serde::Deserialize::deserialize(json)
            .map_err(|error: serde_json::Error| format!("`values`: {error}"))?;
        let width = rows.first().map_or(0, Vec::len);
        if let Some(row) = rows.iter().position(|row| row.len() != width) {
            return Err(format!("row {row} of its values has another length than the first"));
        }
        return Ok((width, rows.len(), rows.concat()));
    };
    if extension(name) == "png" {
        return folder.picture(name);
    }
    let array = npy::read(name, &folder.read(name)?)?;
    let [height, width] = array.shape[..] else {
        return Err(format!("`{name}` has {}, and 2 are needed", counted(array.shape.len(), "dimension")));
    };
    Ok((width, height, array.floats().map_err(|message| format!("`{name}` {message}"))?))
}

impl Encoder<'_> {
    /// A drawing: lists if it is small, else NPY files.
    pub(super) fn drawing(&mut self, drawing: &Drawing) -> Result<Json, String> {
        match drawing {
            Drawing::Geometry(geometry) => Ok(json!({ "geometry": self.geometry(geometry)? })),
            Drawing::Raster(raster) => Ok(json!({ "raster": self.raster(raster)? })),
            Drawing::Picture(picture) => Ok(json!({ "picture": self.picture(picture)? })),
        }
    }

    fn picture(&mut self, picture: &Picture) -> Result<Json, String> {
        let mut image = |image: &ImageFile| {
            Ok::<_, String>(json!({ "file": self.file(image.kind().extension(), image.bytes())? }))
        };
        let mut json = json!({ "alt": picture.alt(), "image": image(picture.image())? });
        if let Some(dark) = picture.dark() {
            json["dark"] = image(dark)?;
        }
        if let Some(pdf) = picture.pdf() {
            json["pdf"] = json!({ "file": self.file("pdf", pdf)? });
        }
        Ok(json)
    }

    pub(super) fn geometry(&mut self, geometry: &Geometry) -> Result<Json, String> {
        let small = geometry.vertices.len() <= INLINE / 2;
        let index = |end: &usize| i64::try_from(*end).expect("an index of memory fits");
        let vertices = if small {
            json!(geometry.vertices)
        } else {
            let flat = geometry.vertices.iter().flatten().copied();
            let bytes = npy::write_floats(&[geometry.vertices.len(), 2], flat);
            json!({ "file": self.file("npy", &bytes)? })
        };
        let ends = if geometry.ends.len() <= INLINE {
            json!(geometry.ends)
        } else {
            let bytes = npy::write_integers(&[geometry.ends.len()], geometry.ends.iter().map(index));
            json!({ "file": self.file("npy", &bytes)? })
        };
        let mut json = json!({ "kind": geometry.kind, "vertices": vertices, "ends": ends });
        if !geometry.attributes.columns.is_empty() {
            json["attributes"] = self.table(&geometry.attributes)?;
        }
        Ok(json)
    }

    pub(super) fn raster(&mut self, raster: &Raster) -> Result<Json, String> {
        let values = if raster.values.len() <= INLINE && raster.width > 0 {
            json!(raster.values.chunks(raster.width).collect::<Vec<_>>())
        } else {
            let bytes = npy::write_floats(&[raster.height, raster.width], raster.values.iter().copied());
            json!({ "file": self.file("npy", &bytes)? })
        };
        Ok(json!({ "extent": raster.extent, "values": values }))
    }
}
