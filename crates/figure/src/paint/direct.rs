//! The calls that plotters makes, without it. A test holds both against each other.

use std::convert::Infallible;

use plotters_backend::{
    BackendColor, BackendCoord, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily,
};

use super::{FINE, Pen, SharedPen, fine, fine_points};
use crate::scene::{self, Element, Form, Group};

/// What no backend of ours reads: paints are the pen's.
const INK: BackendColor = BackendColor { alpha: 1.0, rgb: (0, 0, 0) };

pub(super) fn draw_all<B>(groups: &[Group], mut backend: B, pen: &SharedPen)
where
    B: DrawingBackend<ErrorType = Infallible>,
{
    for group in groups {
        for element in &group.elements {
            *pen.borrow_mut() = Pen { role: group.role, style: element.style, text: None, image: None };
            draw_element(&mut backend, element, pen).expect("our backends do not fail");
        }
    }
}

fn draw_element<B>(
    backend: &mut B,
    element: &Element,
    pen: &SharedPen,
) -> Result<(), DrawingErrorKind<Infallible>>
where
    B: DrawingBackend<ErrorType = Infallible>,
{
    let (width, height) = backend.get_size();
    // What lies outside stands on the edge.
    let inside = |(x, y): BackendCoord| (x.min(width as i32).max(0), y.min(height as i32).max(0));
    let all_inside = |points| fine_points(points).into_iter().map(inside).collect::<Vec<_>>();
    match &element.form {
        Form::Path(points) => backend.draw_path(all_inside(points), &INK),
        Form::Polygon(points) => backend.fill_polygon(all_inside(points), &INK),
        Form::Circle(centre, radius) => {
            let radius = ((radius * FINE).round() as i32).max(0) as u32;
            backend.draw_circle(inside(fine(*centre)), radius, &INK, true)
        }
        Form::Circles(centres, radius) => {
            let radius = ((radius * FINE).round() as i32).max(0) as u32;
            centres
                .iter()
                .try_for_each(|centre| backend.draw_circle(inside(fine(*centre)), radius, &INK, true))
        }
        Form::Rect([x, y, wide, high]) => {
            let [a, b] = [fine([*x, *y]), fine([x + wide, y + high])].map(inside);
            let (low, far) = ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)));
            backend.draw_rect(low, far, &INK, true)
        }
        Form::Text(text) => {
            pen.borrow_mut().text = Some(text.clone());
            backend.draw_text(&scene::flat(&text.spans), &Plain, inside(fine(text.at)))
        }
        Form::Image(image) => {
            pen.borrow_mut().image = Some(image.clone());
            let corner = inside(fine([image.frame[0], image.frame[1]]));
            backend.blit_bitmap(corner, (image.width as u32, image.height as u32), &image.rgba)
        }
    }
}

/// A style of texts that no backend of ours reads, either.
struct Plain;

impl BackendTextStyle for Plain {
    type FontError = Infallible;

    fn family(&self) -> FontFamily<'_> {
        FontFamily::SansSerif
    }

    fn layout_box(&self, _text: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        Ok(((0, 0), (0, 0)))
    }

    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _text: &str,
        _at: BackendCoord,
        _draw: F,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use plotters_backend::BackendStyle;

    use super::super::{pen, plotted};
    use super::*;
    use crate::scene::{Anchor, Image, Role, Style, Text, Weight, plain};

    /// Writes down each call.
    struct Log(Rc<RefCell<Vec<String>>>);

    impl Log {
        fn add(&self, call: String) -> Result<(), DrawingErrorKind<Infallible>> {
            self.0.borrow_mut().push(call);
            Ok(())
        }
    }

    impl DrawingBackend for Log {
        type ErrorType = Infallible;

        fn get_size(&self) -> (u32, u32) {
            (1600, 800)
        }
        fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }
        fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }
        fn draw_pixel(
            &mut self,
            at: BackendCoord,
            _: BackendColor,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.add(format!("pixel {at:?}"))
        }
        fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
            &mut self,
            path: I,
            _: &S,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.add(format!("path {:?}", path.into_iter().collect::<Vec<_>>()))
        }
        fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
            &mut self,
            path: I,
            _: &S,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.add(format!("polygon {:?}", path.into_iter().collect::<Vec<_>>()))
        }
        fn draw_circle<S: BackendStyle>(
            &mut self,
            at: BackendCoord,
            radius: u32,
            _: &S,
            fill: bool,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.add(format!("circle {at:?} {radius} {fill}"))
        }
        fn draw_rect<S: BackendStyle>(
            &mut self,
            a: BackendCoord,
            b: BackendCoord,
            _: &S,
            fill: bool,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.add(format!("rect {a:?} {b:?} {fill}"))
        }
        fn draw_text<T: BackendTextStyle>(
            &mut self,
            text: &str,
            _: &T,
            at: BackendCoord,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.add(format!("text {text} {at:?}"))
        }
        fn blit_bitmap(
            &mut self,
            at: BackendCoord,
            size: (u32, u32),
            bytes: &[u8],
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.add(format!("image {at:?} {size:?} {}", bytes.len()))
        }
    }

    #[test]
    fn the_calls_are_those_of_plotters() {
        let text = Text {
            at: [7.0, -3.0],
            spans: plain("folds"),
            size: 12.0,
            weight: Weight::Regular,
            anchor: Anchor::Middle,
            rotation: 0.0,
        };
        let image = Image {
            frame: [130.0, 2.5, 4.0, 4.0],
            width: 1,
            height: 2,
            rgba: vec![0; 8].into(),
            smooth: false,
            tint: None,
        };
        let forms = [
            Form::Path(vec![[1.0, 2.0], [-5.0, 60.03], [120.0, 20.0]]),
            Form::Path(Vec::new()),
            Form::Polygon(vec![[0.5, 0.51], [99.99, 49.0], [200.0, -1.0]]),
            Form::Circle([50.0, 90.0], 2.34),
            Form::Circle([5.0, 9.0], -1.0),
            Form::Circles(vec![[5.0, 9.0], [-70.0, 9.5], [50.0, 900.0]], 1.5),
            Form::Rect([90.0, 40.0, -30.0, 30.0]),
            Form::Text(text),
            Form::Image(image),
        ];
        let style = Style { fill: None, stroke: None, opacity: 1.0 };
        let elements = forms.into_iter().map(|form| Element { form, style }).collect();
        let groups = [Group { role: Role::Marks, elements }];
        let [ours, theirs] = [0, 1].map(|_| Rc::new(RefCell::new(Vec::new())));
        draw_all(&groups, Log(Rc::clone(&ours)), &pen());
        plotted::draw_all(&groups, Log(Rc::clone(&theirs)), &pen());
        assert_eq!(ours.borrow().len(), 11);
        assert_eq!(ours, theirs);
    }
}
