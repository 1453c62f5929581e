//! Numbers from a seed, by xorshift: the same on every machine.

/// A row of numbers; its seed is not zero.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A place in something of this size.
    pub fn below(&mut self, size: usize) -> usize {
        usize::try_from(self.next() % (size.max(1) as u64)).expect("it is below a size")
    }

    /// From 0 up to 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
