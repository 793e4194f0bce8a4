use super::*;

fn picture() -> Picture {
    let svg = |fill| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"4\"><rect fill=\"{fill}\"/></svg>"
        )
    };
    let image = |fill| ImageFile::svg(svg(fill).as_bytes()).unwrap();
    let alt = Localized::en("A box.").with("fr", "Une boîte.");
    let pdf = b"%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n%%EOF\n";
    Picture::new(alt, image("#000")).unwrap().with_dark(image("#fff")).with_pdf(pdf.to_vec()).unwrap()
}

fn samples() -> Vec<Artifact> {
    let mixed = Column::from_values(
        crate::ColumnType::Float,
        &[1.5.into(), Value::Named(Named::Infinity), Value::Missing("failed".into())],
    )
    .unwrap();
    let table = Table::new()
        .with("x", mixed)
        .with("n", vec![1_i64, -2, 3])
        .with("big", vec![BigInt::from(1) << 1000_u32, BigInt::from(-1), BigInt::from(0)])
        .with("name", vec!["a", "", "é"])
        .with("ok", vec![true, false, true]);
    let mut shapes = Geometry::new(GeometryKind::Polygons);
    shapes.push([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
    shapes.push([[0.0, 0.0], [1.0, 0.0], [0.5, -1.0], [0.0, -1.0]]);
    shapes.attributes = Table::new().with("layer", vec![1_i64, 2]);
    let raster = Raster { width: 2, height: 1, extent: [[0.0, 0.0], [2.0, 1.0]], values: vec![0.25, -1.0] };
    let scalars = IndexMap::from([
        ("a".to_owned(), Scalar { value: 1.25.into(), uncertainty: Some(1e-9) }),
        ("b".to_owned(), Scalar { value: "text".into(), uncertainty: None }),
    ]);
    vec![
        Artifact::Scalars(scalars),
        Artifact::Table(table),
        Artifact::Drawing(shapes.into()),
        Artifact::Drawing(raster.into()),
        Artifact::Drawing(picture().into()),
    ]
}

#[test]
fn every_kind_round_trips() {
    for artifact in samples() {
        assert_eq!(Artifact::decode(&artifact.encode()), Ok(artifact));
    }
}

#[test]
fn truncated_bytes_are_refused_at_every_length() {
    for artifact in samples() {
        let bytes = artifact.encode();
        for end in 0..bytes.len() {
            assert!(Artifact::decode(&bytes[..end]).is_err(), "{end} of {} bytes were accepted", bytes.len());
        }
    }
}

#[test]
fn any_single_changed_byte_gives_an_error_or_another_artifact_and_never_a_panic() {
    for artifact in samples() {
        let bytes = artifact.encode();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xFF;
            if let Ok(read) = Artifact::decode(&damaged) {
                // A NaN payload differs from everything, itself included; truth values have many encodings.
                let _ = read.encode();
            }
        }
    }
}

#[test]
fn another_version_is_named() {
    let mut bytes = samples()[0].encode();
    bytes[4] = 9;
    assert_eq!(Artifact::decode(&bytes), Err(CodecError::Version(9)));
}
