//! How arrivals, iterations and virtual users are dealt out to shards and workers: like cards, one after another.

/// This process's part of the load: number `index` of `count`, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub index: u64,
    /// At least 1.
    pub count: u64,
}

impl Shard {
    /// The only process: all of the load.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// This shard's stripe of a scenario with so many VUs: of its arrivals, its iterations and its VUs alike. A scenario
    /// with fewer VUs than there are shards is dealt to the first shards alone; the others have none of it.
    pub fn stripe(self, vus: u64) -> Option<Stripe> {
        let count = self.count.min(vus);
        (self.index < count).then_some(Stripe { first: self.index, step: count })
    }
}

/// The numbers `first`, `first + step`, `first + 2 × step`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stripe {
    first: u64,
    step: u64,
}

impl Stripe {
    /// All numbers from 0 on.
    pub const ALL: Stripe = Stripe { first: 0, step: 1 };

    /// Part `index` (from 0) of `count` equal parts of this stripe.
    pub fn part(self, index: u64, count: u64) -> Stripe {
        debug_assert!(index < count, "part {index} of {count}");
        Stripe { first: self.nth(index), step: self.step * count }
    }

    /// The stripe's number at this place, from 0.
    pub fn nth(self, place: u64) -> u64 {
        self.first + self.step * place
    }

    /// How many of the stripe's numbers are below `end`.
    pub fn count_below(self, end: u64) -> u64 {
        end.saturating_sub(self.first).div_ceil(self.step)
    }

    /// The stripe's numbers below `end`, in order.
    pub fn below(self, end: u64) -> impl Iterator<Item = u64> {
        (0..self.count_below(end)).map(move |place| self.nth(place))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_shard_takes_every_nth_number_from_its_index_on() {
        let third = Shard { index: 2, count: 3 }.stripe(100).unwrap();
        assert_eq!(third.below(12).collect::<Vec<_>>(), [2, 5, 8, 11]);
        assert_eq!(third.part(1, 2).below(24).collect::<Vec<_>>(), [5, 11, 17, 23]);
    }

    #[test]
    fn a_scenario_with_fewer_vus_than_shards_belongs_to_the_first_shards_alone() {
        assert_eq!(Shard { index: 0, count: 4 }.stripe(2), Some(Stripe { first: 0, step: 2 }));
        assert_eq!(Shard { index: 1, count: 4 }.stripe(2), Some(Stripe { first: 1, step: 2 }));
        assert_eq!(Shard { index: 2, count: 4 }.stripe(2), None);
    }

    proptest! {
        #[test]
        fn stripes_of_stripes_partition_the_numbers(shards in 1u64..6, workers in 1u64..6, vus in 1u64..8, end in 0u64..200) {
            let mut all: Vec<u64> = (0..shards)
                .filter_map(|index| Shard { index, count: shards }.stripe(vus))
                .flat_map(|stripe| (0..workers).map(move |worker| stripe.part(worker, workers)))
                .flat_map(|stripe| stripe.below(end))
                .collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..end).collect::<Vec<_>>());
        }
    }
}
