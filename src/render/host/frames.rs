//! What stands on a page for the frames of a figure, and their files.

use minijinja::context;
use minijinja::value::Value as Templated;

use super::super::figures::{self, Drawn, Look, common_name};
use super::{PageHost, lowered};

impl PageHost<'_> {
    /// The frames of a figure.
    pub(super) fn frames(&self, drawn: &Drawn, count: &(String, usize)) -> Vec<Templated> {
        let start = common_name(&drawn.frames).map(|name| format!("{name} = ")).unwrap_or_default();
        drawn
            .frames
            .iter()
            .map(|frame| {
                let short = frame.label.strip_prefix(&start).unwrap_or(&frame.label);
                context! {
                    label => frame.label.clone(),
                    short => lowered(short),
                    svg => self.drawing(&frame.look, count, |inline, _| inline),
                    phone => self.drawing(&frame.look, count, |_, phone| phone),
                    picture => self.picture(&frame.look),
                    svg_file => frame.file("svg").map(|route| self.url(route)),
                    png_file => frame.file("png").map(|route| self.url(route)),
                    files => frame.files.iter().map(|(ending, route)| context! { kind => ending.to_uppercase(), url => self.url(route) }).collect::<Vec<_>>(),
                }
            })
            .collect()
    }

    /// A drawing as it stands on the page. One that was damaged in the store is told there, and the site is rendered once more.
    fn drawing(
        &self,
        look: &Look,
        count: &(String, usize),
        which: for<'p> fn(&'p figures::Placed, &'p figures::Placed) -> &'p figures::Placed,
    ) -> Templated {
        let Look::Drawing { inline, phone } = look else { return Templated::from(()) };
        match which(inline, phone).on(self.shared.material.memo, |route| self.url(route)) {
            Ok(svg) => Templated::from_safe_string(with_ids_of_its_own(&svg, count)),
            Err(why) => Templated::from(why),
        }
    }

    /// A picture that the analysis drew, as a file of its own.
    fn picture(&self, look: &Look) -> Templated {
        let Look::Picture(shown) = look else { return Templated::from(()) };
        let [width, height] = shown.size.map(|side| side.round().max(1.0) as u32);
        let dark = shown.dark.as_ref().map(|route| self.url(route));
        context! { url => self.url(&shown.light), dark => dark, alt => shown.alt.clone(), width => width, height => height }
    }

    /// The tables behind a drawing.
    pub(super) fn csvs(&self, drawn: &Drawn) -> Vec<Templated> {
        drawn
            .csv
            .iter()
            .enumerate()
            .map(|(index, csv)| {
                // Statistics of one table may be called the same.
                let before = drawn.csv[..index].iter().filter(|other| other.name == csv.name).count();
                let name = if before > 0 { format!("{} {}", csv.name, before + 1) } else { csv.name.clone() };
                let shown = if csv.table { Templated::from(name.as_str()) } else { lowered(&name) };
                let packed = csv.packed.map(|bytes| self.locale.file_size(bytes));
                context! { url => self.url(&csv.route), name => name, shown => shown, table => csv.table, packed => packed }
            })
            .collect()
    }
}

/// The drawing of a figure that stands on the page already needs other ids: no two places of a page have one.
fn with_ids_of_its_own(svg: &str, (prefix, count): &(String, usize)) -> String {
    match count {
        1 => svg.to_owned(),
        _ => svg.replace(&format!("{prefix}-"), &format!("{prefix}--{count}-")),
    }
}
