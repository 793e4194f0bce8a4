//! The texts of a figure that a reader may see: titles, labels, names of values.

use super::{Channel, ChannelSpec, Figure, GridSide, KnobSpec, Layer, PanelSpec};
use crate::value::Localized;

impl Figure {
    /// Every text that a reader may see.
    pub fn texts_mut(&mut self) -> Vec<&mut Localized> {
        let mut texts = vec![&mut self.title, &mut self.caption, &mut self.description];
        for layer in std::iter::once(&mut self.base).chain(&mut self.layers) {
            texts.extend(layer.texts_mut());
        }
        for panels in [&mut self.facet, &mut self.frame] {
            match panels {
                Some(PanelSpec::Full(panels)) => {
                    texts.push(&mut panels.label);
                    texts.extend(panels.names.values_mut());
                }
                Some(PanelSpec::Grid(grid)) => {
                    for side in [&mut grid.row, &mut grid.column] {
                        let GridSide::Full(side) = side else { continue };
                        texts.push(&mut side.label);
                        texts.extend(side.names.values_mut());
                    }
                }
                Some(PanelSpec::Field(_)) | None => {}
            }
        }
        texts.extend(self.knobs.iter_mut().filter_map(|knob| match knob {
            KnobSpec::Param(_) => None,
            KnobSpec::Full(knob) => Some(&mut knob.label),
        }));
        texts
    }
}

impl Layer {
    fn texts_mut<'a>(&'a mut self) -> impl Iterator<Item = &'a mut Localized> {
        let Self { x, y, x2, y2, color, size, text, label, .. } = self;
        let full = |channel: &'a mut ChannelSpec| match channel {
            ChannelSpec::Field(_) => None,
            ChannelSpec::Full(channel) => Some(&mut **channel),
        };
        let channels = [x, y, x2, y2, color, size, text].into_iter().flatten().filter_map(full);
        let of_channel = |channel: &'a mut Channel| {
            let Channel { label, names, .. } = channel;
            std::iter::once(label).chain(names.values_mut())
        };
        std::iter::once(label).chain(channels.flat_map(of_channel))
    }
}
