//! Which pages a word is on, in few bits. A list of numbers below a limit is known by the gaps between them, in the code of Rice; of a list
//! with more than half of them, the others are written.

/// Six bits each.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bits, the first one first.
#[derive(Default)]
pub(super) struct Bits {
    text: String,
    open: u32,
    count: u32,
}

impl Bits {
    fn bit(&mut self, bit: bool) {
        self.open = self.open << 1 | u32::from(bit);
        self.count += 1;
        if self.count == 6 {
            self.text.push(char::from(LETTERS[self.open as usize]));
            (self.open, self.count) = (0, 0);
        }
    }

    fn low_bits(&mut self, number: u32, count: u32) {
        (0..count).rev().for_each(|bit| self.bit(number >> bit & 1 == 1));
    }

    /// A number from 1 on, in the code of Elias: as many zeros as bits follow its first one.
    pub(super) fn number(&mut self, number: u32) {
        let bits = number.ilog2();
        self.low_bits(0, bits);
        self.low_bits(number, bits + 1);
    }

    /// Ascending numbers below `limit`. Whoever reads them knows how many there are.
    pub(super) fn list(&mut self, numbers: &[u32], limit: u32) {
        let count = u32::try_from(numbers.len()).expect("there are fewer than pages");
        if count > limit - count {
            let mut here = numbers.iter().copied().peekable();
            let others: Vec<u32> = (0..limit).filter(|number| here.next_if_eq(number).is_none()).collect();
            return self.gaps(&others, limit);
        }
        self.gaps(numbers, limit);
    }

    fn gaps(&mut self, numbers: &[u32], limit: u32) {
        let mut next = 0;
        let low = low_bits(numbers.len(), limit);
        for number in numbers {
            let gap = number - next;
            (0..gap >> low).for_each(|_| self.bit(true));
            self.bit(false);
            self.low_bits(gap, low);
            next = number + 1;
        }
    }

    /// All bits as letters.
    pub(super) fn finish(mut self) -> String {
        while self.count > 0 {
            self.bit(false);
        }
        self.text
    }
}

/// How many bits of a gap are written as they are: for numbers that lie anywhere, 0.69 of the mean gap is the best divisor.
fn low_bits(count: usize, limit: u32) -> u32 {
    let divisor = 11 * u64::from(limit) / (16 * (count as u64).max(1));
    divisor.checked_ilog2().unwrap_or(0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The other side, as `find.js` has it.
    pub(in crate::render::search) struct Reader<'a>(Box<dyn Iterator<Item = bool> + 'a>);

    impl<'a> Reader<'a> {
        pub(in crate::render::search) fn new(text: &'a str) -> Self {
            let value = |letter: u8| LETTERS.iter().position(|known| *known == letter).unwrap();
            Self(Box::new(
                text.bytes().flat_map(move |c| (0..6).rev().map(move |bit| value(c) >> bit & 1 == 1)),
            ))
        }

        fn bits(&mut self, count: u32) -> u32 {
            (0..count).fold(0, |number, _| number << 1 | u32::from(self.0.next().unwrap()))
        }

        pub(in crate::render::search) fn number(&mut self) -> u32 {
            let mut zeros = 0;
            while !self.0.next().unwrap() {
                zeros += 1;
            }
            1 << zeros | self.bits(zeros)
        }

        pub(in crate::render::search) fn list(&mut self, count: u32, limit: u32) -> Vec<u32> {
            let others = count > limit - count;
            let written = if others { limit - count } else { count };
            let low = low_bits(written as usize, limit);
            let (mut numbers, mut next) = (Vec::new(), 0);
            for _ in 0..written {
                let mut high = 0;
                while self.0.next().unwrap() {
                    high += 1;
                }
                numbers.push(next + (high << low | self.bits(low)));
                next = numbers[numbers.len() - 1] + 1;
            }
            if others { (0..limit).filter(|number| !numbers.contains(number)).collect() } else { numbers }
        }
    }

    #[test]
    fn lists_come_back() {
        let thirds: Vec<u32> = (0..1000).filter(|number| number % 3 == 0).collect();
        let most: Vec<u32> = (0..1000).filter(|number| number % 7 != 5).collect();
        for (numbers, limit) in [
            (vec![], 1),
            (vec![0], 1),
            (vec![0, 1, 2], 3),
            (vec![999], 1000),
            (vec![0, 999], 1000),
            (vec![70_000, 99_999], 100_000),
            (thirds, 1000),
            (most, 1000),
        ] {
            let mut bits = Bits::default();
            bits.number(17);
            bits.list(&numbers, limit);
            bits.number(1);
            let text = bits.finish();
            let mut reader = Reader::new(&text);
            assert_eq!(reader.number(), 17);
            assert_eq!(reader.list(numbers.len() as u32, limit), numbers);
            assert_eq!(reader.number(), 1, "what follows");
        }
    }

    #[test]
    fn what_is_everywhere_or_nowhere_takes_no_room() {
        let length = |numbers: &[u32]| {
            let mut bits = Bits::default();
            bits.list(numbers, 1000);
            bits.finish().len()
        };
        let all: Vec<u32> = (0..1000).collect();
        assert_eq!((length(&[]), length(&all)), (0, 0));
        // One of a thousand: ten bits say which.
        assert_eq!(length(&[1]), 2);
        assert!(length(&all[..999]) <= 3);
    }
}
