//! Which boxes of a large grid are met: a set of cells in tiles that are made when they are needed.

/// Cells along a tile's side.
const TILE: usize = 64;
/// No tile yet.
const NONE: u32 = u32::MAX;

/// A set of cells of a square grid.
#[derive(Default)]
pub struct Cells {
    /// Tiles in a row.
    across: usize,
    /// For every tile where its bits are.
    places: Vec<u32>,
    /// A word is a row of a tile.
    tiles: Vec<[u64; TILE]>,
    count: u64,
}

impl Cells {
    /// No cell of a grid with so many cells in a row, and as many rows.
    pub fn empty(cells: usize) -> Self {
        let mut empty = Self::default();
        empty.clear(cells);
        empty
    }

    /// Takes all cells out, and makes the grid one of so many cells in a row.
    pub fn clear(&mut self, cells: usize) {
        self.across = cells.div_ceil(TILE);
        self.places.clear();
        self.places.resize(self.across * self.across, NONE);
        self.tiles.clear();
        self.count = 0;
    }

    /// Number of cells in the set.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a cell.
    #[inline(always)]
    pub fn insert(&mut self, [x, y]: [usize; 2]) {
        let place = &mut self.places[y / TILE * self.across + x / TILE];
        if *place == NONE {
            *place = u32::try_from(self.tiles.len()).expect("there are far fewer tiles");
            self.tiles.push([0; TILE]);
        }
        let row = &mut self.tiles[*place as usize][y % TILE];
        let bit = 1 << (x % TILE);
        self.count += u64::from(*row & bit == 0);
        *row |= bit;
    }

    /// Whether a cell belongs to the set.
    #[inline(always)]
    pub fn contains(&self, [x, y]: [usize; 2]) -> bool {
        let place = self.places[y / TILE * self.across + x / TILE];
        place != NONE && self.tiles[place as usize][y % TILE] >> (x % TILE) & 1 == 1
    }

    /// Whether all cells from these columns and rows up to and with those belong to the set.
    #[inline(always)]
    pub fn contains_all(&self, [x0, y0]: [usize; 2], [x1, y1]: [usize; 2]) -> bool {
        if x0 / TILE != x1 / TILE {
            return (y0..=y1).all(|y| (x0..=x1).all(|x| self.contains([x, y])));
        }
        let all = (u64::MAX >> (TILE - 1 - (x1 - x0))) << (x0 % TILE);
        (y0..=y1).all(|y| {
            let place = self.places[y / TILE * self.across + x0 / TILE];
            place != NONE && self.tiles[place as usize][y % TILE] & all == all
        })
    }

    /// All cells of the set, row by row within a tile.
    pub fn each(&self) -> impl Iterator<Item = [usize; 2]> + '_ {
        let made = (0..self.places.len()).filter(|index| self.places[*index] != NONE);
        made.flat_map(move |index| {
            let corner = [index % self.across * TILE, index / self.across * TILE];
            let tile = &self.tiles[self.places[index] as usize];
            let bits = (0..TILE * TILE).filter(|k| tile[k / TILE] >> (k % TILE) & 1 == 1);
            bits.map(move |k| [corner[0] + k % TILE, corner[1] + k / TILE])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_once() {
        let mut cells = Cells::empty(1000);
        for cell in [[0, 0], [999, 999], [64, 63], [0, 0], [999, 0], [64, 63]] {
            cells.insert(cell);
        }
        assert_eq!(cells.len(), 4);
        assert!(cells.contains([64, 63]) && !cells.contains([63, 64]) && !cells.contains([500, 500]));
        cells.insert([998, 999]);
        assert!(cells.contains_all([998, 999], [999, 999]) && !cells.contains_all([998, 998], [999, 999]));
        assert!(cells.contains_all([64, 63], [64, 63]) && !cells.contains_all([63, 63], [64, 63]));
        cells.clear(64);
        assert!(cells.is_empty() && !cells.contains([0, 0]));
        (0..64 * 64).for_each(|k| cells.insert([k % 64, k / 64]));
        assert!(cells.contains_all([0, 0], [63, 63]));
    }

    #[test]
    fn cells_are_listed_tile_by_tile() {
        let mut cells = Cells::empty(1000);
        [[999, 0], [64, 63], [999, 999], [0, 0]].into_iter().for_each(|cell| cells.insert(cell));
        assert_eq!(cells.each().collect::<Vec<_>>(), [[0, 0], [64, 63], [999, 0], [999, 999]]);
    }
}
