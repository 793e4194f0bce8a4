//! The calls through plotters.

use std::convert::Infallible;

use plotters::coord::Shift;
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle};
use plotters::prelude::{DrawingArea, IntoDrawingArea, Text as TextElement};
use plotters::style::{BLACK, IntoFont, ShapeStyle, TextStyle};
use plotters_backend::{BackendCoord, DrawingBackend, DrawingErrorKind};

use super::{FINE, Pen, SharedPen, fine, fine_points};
use crate::scene::{self, Element, Form, Group, Image};

pub(super) fn draw_all<B>(groups: &[Group], backend: B, pen: &SharedPen)
where
    B: DrawingBackend<ErrorType = Infallible>,
{
    let area = backend.into_drawing_area();
    for group in groups {
        for element in &group.elements {
            *pen.borrow_mut() = Pen { role: group.role, style: element.style, text: None, image: None };
            draw_element(&area, element, pen).expect("our backends do not fail");
        }
    }
}

type Drawn<B> = Result<(), plotters::drawing::DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

fn draw_element<B>(area: &DrawingArea<B, Shift>, element: &Element, pen: &SharedPen) -> Drawn<B>
where
    B: DrawingBackend<ErrorType = Infallible>,
{
    let style = ShapeStyle::from(&BLACK).filled();
    match &element.form {
        Form::Path(points) => area.draw(&PathElement::new(fine_points(points), style)),
        Form::Polygon(points) => area.draw(&Polygon::new(fine_points(points), style)),
        Form::Circle(centre, radius) => {
            area.draw(&Circle::new(fine(*centre), (radius * FINE).round(), style))
        }
        Form::Circles(centres, radius) => centres
            .iter()
            .try_for_each(|centre| area.draw(&Circle::new(fine(*centre), (radius * FINE).round(), style))),
        Form::Rect([x, y, wide, high]) => {
            area.draw(&Rectangle::new([fine([*x, *y]), fine([x + wide, y + high])], style))
        }
        Form::Text(text) => {
            pen.borrow_mut().text = Some(text.clone());
            let style = TextStyle::from(("sans-serif", text.size).into_font());
            area.draw(&TextElement::new(scene::flat(&text.spans), fine(text.at), style))
        }
        Form::Image(image) => {
            pen.borrow_mut().image = Some(image.clone());
            area.draw(&Pixels { image, corner: fine([image.frame[0], image.frame[1]]) })
        }
    }
}

/// An image as an element of plotters, whose own needs its bitmap backend.
struct Pixels<'a> {
    image: &'a Image,
    corner: BackendCoord,
}

impl<'a> PointCollection<'a, BackendCoord> for &'a Pixels<'_> {
    type Point = &'a BackendCoord;
    type IntoIter = std::iter::Once<&'a BackendCoord>;

    fn point_iter(self) -> Self::IntoIter {
        std::iter::once(&self.corner)
    }
}

impl<B: DrawingBackend> Drawable<B> for Pixels<'_> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut corner: I,
        backend: &mut B,
        _area: (u32, u32),
    ) -> Result<(), DrawingErrorKind<B::ErrorType>> {
        let size = (self.image.width as u32, self.image.height as u32);
        match corner.next() {
            Some(corner) => backend.blit_bitmap(corner, size, &self.image.rgba),
            None => Ok(()),
        }
    }
}
