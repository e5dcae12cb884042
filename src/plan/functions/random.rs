//! Random numbers, and the functions that draw them.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Object, ValueKind};
use minijinja::{Error, Value};
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::fail;

/// A stream of random numbers that expressions draw from.
#[derive(Debug)]
pub struct Random(Mutex<Xoshiro256PlusPlus>);

impl Object for Random {}

impl Random {
    /// The stream of a virtual user (or of one of a set-up's parallel passes), by the run's seed.
    pub fn new(seed: u64, stream: u64) -> Arc<Self> {
        let mut key = [0; 32];
        // Two halves that differ in one bit only would make related streams: both go through the seeding hash.
        let mut mixer = Xoshiro256PlusPlus::seed_from_u64(seed);
        let salt = mixer.next_u64();
        let mut stream = Xoshiro256PlusPlus::seed_from_u64(salt ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        stream.fill_bytes(&mut key);
        Arc::new(Random(Mutex::new(Xoshiro256PlusPlus::from_seed(key))))
    }

    /// Draws from the stream.
    pub fn with<T>(&self, draw: impl FnOnce(&mut Xoshiro256PlusPlus) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn random_of(random: Option<&Value>) -> Result<&Random, Error> {
    match random.and_then(Value::downcast_object_ref) {
        Some(random) => Ok(random),
        None => fail("there is nothing random here: only a virtual user has random numbers"),
    }
}

/// A whole number between the two, both included. `random`: the scope's entry, as for all of these.
pub(in crate::plan) fn random_int(random: Option<&Value>, from: i64, to: i64) -> Result<i64, Error> {
    if from > to {
        return fail(format!("random_int({from}, {to}): the first number must not be the larger one"));
    }
    Ok(random_of(random)?.with(|rng| rng.random_range(from..=to)))
}

/// Any element of a list.
pub(in crate::plan) fn pick(random: Option<&Value>, list: &Value) -> Result<Value, Error> {
    let index = |length: usize| random_of(random).map(|random| random.with(|rng| rng.random_range(0..length)));
    match list.len() {
        _ if list.is_undefined() => fail("pick: the list is missing"),
        Some(0) => fail("pick: the list is empty"),
        Some(length) if list.kind() == ValueKind::Seq => list.get_item_by_index(index(length)?),
        _ if list.kind() == ValueKind::Iterable => {
            let items: Vec<Value> = list.try_iter()?.collect();
            if items.is_empty() {
                return fail("pick: the list is empty");
            }
            Ok(items[index(items.len())?].clone())
        }
        _ => fail(format!("pick: this is no list but a {}", list.kind())),
    }
}

/// A random UUID, version 4.
pub(in crate::plan) fn uuid(random: Option<&Value>) -> Result<String, Error> {
    let mut bytes = [0; 16];
    random_of(random)?.with(|rng| rng.fill_bytes(&mut bytes));
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}
