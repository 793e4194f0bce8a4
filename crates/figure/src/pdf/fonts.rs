//! Fonts in a PDF.

use std::collections::BTreeMap;

use octavo_plugin::Digest;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};

use crate::embedded::{Embedded, packed};
use crate::scene::Weight;
use crate::text;

/// A font as five objects from this number on: the font, what it consists of, what it looks like, its outlines, and its letters.
pub(super) fn write_font(pdf: &mut Pdf, font: &Embedded, first: Ref) {
    let [cid, descriptor, outlines, letters] = [1, 2, 3, 4].map(|step| Ref::new(first.get() + step));
    let face = text::font(font.weight);
    let em = |units: i16| f32::from(units) / f32::from(face.units_per_em()) * 1000.0;
    let suffix = if font.weight == Weight::Semibold { "SemiBold" } else { "Regular" };
    // Fonts of different letters have different names.
    let tag: String =
        Digest::of(font.outlines()).hex().bytes().take(6).map(|byte| char::from(b'A' + byte % 26)).collect();
    let name = format!("{tag}+Inter-{suffix}");
    let info = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
    pdf.type0_font(first)
        .base_font(Name(name.as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(letters);
    let mut part = pdf.cid_font(cid);
    part.subtype(CidFontType::Type0)
        .base_font(Name(name.as_bytes()))
        .system_info(info)
        .font_descriptor(descriptor);
    part.default_width(0.0);
    let widths: BTreeMap<u16, f32> = font.glyphs.values().map(|(glyph, wide)| (*glyph, *wide)).collect();
    let mut list = part.widths();
    for (glyph, wide) in widths {
        list.consecutive(glyph, [wide]);
    }
    list.finish();
    part.finish();
    let bounds = face.global_bounding_box();
    pdf.font_descriptor(descriptor)
        .name(Name(name.as_bytes()))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(em(bounds.x_min), em(bounds.y_min), em(bounds.x_max), em(bounds.y_max)))
        .italic_angle(0.0)
        .ascent(em(face.ascender()))
        .descent(em(face.descender()))
        .cap_height((text::CAP * 1000.0) as f32)
        .stem_v(if font.weight == Weight::Semibold { 120.0 } else { 80.0 })
        .font_file3(outlines);
    let content = packed(font.outlines());
    let mut stream = pdf.stream(outlines, &content);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    stream.finish();
    let mut cmap = UnicodeCmap::new(Name(b"Letters"), info);
    font.glyphs.iter().for_each(|(letter, (glyph, _))| cmap.pair(*glyph, *letter));
    pdf.stream(letters, &packed(cmap.finish().as_slice())).filter(Filter::FlateDecode);
}
