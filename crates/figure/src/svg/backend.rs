//! The drawing backend that plotters calls: canvas units back to pixels, into the sink.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::course::thinned;
use super::decimal;
use super::sink::Sink;
use crate::paint::{FINE, Pen, SharedPen};
use crate::scene::Style;

pub(super) struct Backend {
    pub(super) size: (u32, u32),
    pub(super) pen: SharedPen,
    pub(super) out: Rc<RefCell<Sink>>,
}

/// Lines of more points lose those that nobody would see.
const MANY: usize = 24;
/// How far such a point may be from the line, in canvas units: a twelfth of a pixel.
const SLACK: f64 = FINE / 12.0;

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

/// A canvas coordinate in pixels with this many decimals, as an integer.
fn units(coordinate: i32, places: u32) -> i64 {
    let scaled = f64::from(coordinate) / FINE * f64::from(10_u32.pow(places));
    scaled.round() as i64
}

/// Path data: absolute first point, then relative steps; steps that vanish are left out, and steps along an axis are written as such.
pub(super) fn path_data(points: impl IntoIterator<Item = BackendCoord>, closed: bool) -> String {
    let points: Vec<BackendCoord> = points.into_iter().collect();
    let places = if closed || points.len() > 2 { 1 } else { 2 };
    let points = if points.len() > MANY { thinned(points, SLACK) } else { points };
    let digits = places as usize;
    let mut places = points.into_iter().map(|(x, y)| (units(x, places), units(y, places)));
    let Some(mut last) = places.next() else { return String::new() };
    let mut data = format!("M{} {}", decimal(last.0, digits), decimal(last.1, digits));
    // What steps are written as.
    let mut kind = 'M';
    for next in places {
        let (next_kind, steps) = match (next.0 - last.0, next.1 - last.1) {
            (0, 0) => continue,
            (along, 0) => ('h', [Some(along), None]),
            (0, down) => ('v', [Some(down), None]),
            (along, down) => ('l', [Some(along), Some(down)]),
        };
        let mut follows = next_kind == kind;
        if !follows {
            data.push(next_kind);
        }
        for step in steps.into_iter().flatten() {
            if follows && step >= 0 {
                data.push(' ');
            }
            data.push_str(&decimal(step, digits));
            follows = true;
        }
        (kind, last) = (next_kind, next);
    }
    if kind == 'M' {
        data.push_str("h0");
    }
    if closed {
        data.push('z');
    }
    data
}

impl DrawingBackend for Backend {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, _color: BackendColor) -> Outcome {
        let corner = (point.0 + FINE as i32, point.1 + FINE as i32);
        let pen = self.pen.borrow();
        let data = path_data([point, (corner.0, point.1), corner, (point.0, corner.1)], true);
        self.out.borrow_mut().add_path(&pen, &data, true);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        _style: &S,
    ) -> Outcome {
        self.out.borrow_mut().add_path(&self.pen.borrow(), &path_data(path, false), false);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.draw_path([from, to], style)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        _style: &S,
    ) -> Outcome {
        self.out.borrow_mut().add_path(&self.pen.borrow(), &path_data(vertices, true), true);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        _style: &S,
        _fill: bool,
    ) -> Outcome {
        let pen = self.pen.borrow();
        let mut out = self.out.borrow_mut();
        let [x, y] = [upper_left.0, upper_left.1].map(|c| decimal(units(c, 2), 2));
        let [wide, high] =
            [bottom_right.0 - upper_left.0, bottom_right.1 - upper_left.1].map(|c| decimal(units(c, 2), 2));
        let attributes = out.attributes(&pen.style);
        out.add(&pen, &format!("<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\"{attributes}/>"));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        _style: &S,
        _fill: bool,
    ) -> Outcome {
        let pen = self.pen.borrow();
        // A dot without an outline is the round end of a line without length: many of them are one path.
        if let Style { fill: Some(paint), stroke: None, opacity: 1.0.. } = pen.style {
            let style = Style::line(paint, 2.0 * f64::from(radius) / FINE);
            let [x, y] = [centre.0, centre.1].map(|c| decimal(units(c, 1), 1));
            let pen = Pen { role: pen.role, style, text: None, image: None };
            self.out.borrow_mut().add_path(&pen, &format!("M{x} {y}h0"), false);
            return Ok(());
        }
        let [x, y, r] = [centre.0, centre.1, radius as i32].map(|c| decimal(units(c, 1), 1));
        let r = if radius < 64 { decimal(units(radius as i32, 2), 2) } else { r };
        let dot = format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>");
        self.out.borrow_mut().add_dot(&pen, &dot);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, _text: &str, _style: &T, _at: BackendCoord) -> Outcome {
        let pen = self.pen.borrow();
        let text = pen.text.as_ref().expect("the pen is set before a text is drawn");
        self.out.borrow_mut().add_text(&pen, text);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        _text: &str,
        _style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((0, 0))
    }

    fn blit_bitmap(&mut self, _at: BackendCoord, _size: (u32, u32), _pixels: &[u8]) -> Outcome {
        let pen = self.pen.borrow();
        let image = pen.image.as_ref().expect("the pen is set before an image is drawn");
        self.out.borrow_mut().add_image(&pen, image);
        Ok(())
    }
}
