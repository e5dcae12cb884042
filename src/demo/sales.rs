//! Seats: who holds them for a while, and who bought them. No seat is ever sold twice.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Locks that concert events share, by their number.
const SHARDS: usize = 64;

/// Seat ids of one event: `event · SEAT_IDS + serial`.
const SEAT_IDS: u64 = 1_000_000;

/// All concert events and their seats. An event comes into being when it is first asked for, and then takes a few hundred
/// bytes however many seats it sells: it opens a new row when fewer than half a row of seats is free, and forgets a row when
/// all of it is sold.
///
/// Times are since the start of the service.
#[derive(Debug)]
pub struct Sales {
    shards: Vec<Mutex<HashMap<u32, Event>>>,
    events: u32,
    seats_per_row: u32,
    /// How long an occupied seat is held.
    hold: Duration,
    occupations: AtomicU64,
    reservations: AtomicU64,
}

#[derive(Debug, Default)]
struct Event {
    /// Rows that are not sold out, in the order of their seats.
    rows: Vec<Row>,
    /// Seats of all rows so far, the forgotten ones included.
    opened: u64,
    /// Held seats, few at a time.
    held: Vec<Occupation>,
    /// What the forgotten rows sold.
    closed: Audit,
}

#[derive(Debug)]
struct Row {
    /// Serial number of its first seat, counted from 0 in its event.
    first: u64,
    /// How often each seat was sold; anything above 1 would be a lost guarantee, and shows in the audit.
    sold: Box<[u8]>,
}

#[derive(Debug)]
struct Occupation {
    id: u64,
    /// Serial number of the seat in its event.
    serial: u64,
    /// Number of the queue ticket that holds it.
    holder: u64,
    until: Duration,
}

/// A seat that can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Unique among all events.
    pub id: u64,
    /// Counts an event's seats, from 1.
    pub number: u64,
}

/// A seat held for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub id: u64,
    pub seat: Seat,
    pub until: Duration,
}

/// A seat bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    pub id: u64,
    pub seat: Seat,
}

/// Why a seat can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No such concert event.
    NoEvent,
    /// No such seat in this event.
    NoSeat,
    /// Somebody else holds it or has bought it.
    Taken,
    /// Never made, made by somebody else, used already, or expired.
    NoOccupation,
}

/// The books: what was promised against what the seats say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Reservations that were answered with success.
    pub reservations: u64,
    /// Seats that were sold, each counted once.
    pub seats_sold: u64,
    /// Seats that were sold more than once.
    pub sold_twice: u64,
}

impl Audit {
    /// Whether every reservation has a seat of its own.
    pub fn is_sound(&self) -> bool {
        self.sold_twice == 0 && self.reservations == self.seats_sold
    }
}

impl Sales {
    /// Concert events 1 to `events`; `seats_per_row` from 1.
    pub fn new(events: u32, seats_per_row: u32, hold: Duration) -> Sales {
        Sales {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            events,
            seats_per_row: seats_per_row.max(1),
            hold,
            occupations: AtomicU64::new(0),
            reservations: AtomicU64::new(0),
        }
    }

    /// Seats that nobody holds or has bought.
    pub fn available(&self, event: u32, now: Duration) -> Result<Vec<Seat>, Denied> {
        self.with_event(event, now, |seats| Ok(seats.free().map(|serial| seat(event, serial)).collect()))
    }

    /// Every seat of the rows that are not sold out, and whether it is free.
    pub fn seats(&self, event: u32, now: Duration) -> Result<Vec<(Seat, bool)>, Denied> {
        self.with_event(event, now, |seats| {
            Ok(seats.on_sale().map(|serial| (seat(event, serial), seats.is_free(serial))).collect())
        })
    }

    /// Holds a seat; of those who ask at once, one gets it.
    pub fn occupy(&self, event: u32, seat_id: u64, holder: u64, now: Duration) -> Result<Held, Denied> {
        self.with_event(event, now, |seats| {
            let serial = seat_id.checked_sub(u64::from(event) * SEAT_IDS).filter(|&serial| serial < seats.opened);
            let serial = serial.ok_or(Denied::NoSeat)?;
            if !seats.is_free(serial) {
                return Err(Denied::Taken);
            }
            let id = self.occupations.fetch_add(1, Ordering::Relaxed) + 1;
            let until = now + self.hold;
            seats.held.push(Occupation { id, serial, holder, until });
            Ok(Held { id, seat: seat(event, serial), until })
        })
    }

    /// Sells a seat to the ticket that holds it.
    pub fn reserve(&self, event: u32, occupation: u64, holder: u64, now: Duration) -> Result<Reservation, Denied> {
        self.with_event(event, now, |seats| {
            let held = seats.held.iter().position(|held| held.id == occupation && held.holder == holder);
            let Occupation { serial, .. } = seats.held.swap_remove(held.ok_or(Denied::NoOccupation)?);
            if let Some(times) = seats.times_sold(serial) {
                *times = times.saturating_add(1);
            }
            let id = self.reservations.fetch_add(1, Ordering::Relaxed) + 1;
            seats.forget_sold_rows();
            Ok(Reservation { id, seat: seat(event, serial) })
        })
    }

    /// Compares the reservations that were answered with the seats that were sold. It locks shard after shard: exact only
    /// when nobody is buying.
    pub fn audit(&self) -> Audit {
        let mut audit = Audit { reservations: self.reservations.load(Ordering::Relaxed), ..Audit::default() };
        for shard in &self.shards {
            for event in lock(shard).values() {
                event.rows.iter().for_each(|row| audit.count(&row.sold));
                audit.seats_sold += event.closed.seats_sold;
                audit.sold_twice += event.closed.sold_twice;
            }
        }
        audit
    }

    /// Acts on an event as it is now: without expired occupations, with seats on sale.
    fn with_event<T>(
        &self,
        number: u32,
        now: Duration,
        act: impl FnOnce(&mut Event) -> Result<T, Denied>,
    ) -> Result<T, Denied> {
        if !(1..=self.events).contains(&number) {
            return Err(Denied::NoEvent);
        }
        let mut shard = lock(&self.shards[number as usize % SHARDS]);
        let event = shard.entry(number).or_default();
        event.held.retain(|held| now < held.until);
        event.open_row_if_few_are_free(u64::from(self.seats_per_row));
        act(event)
    }
}

impl Audit {
    fn count(&mut self, sold: &[u8]) {
        self.seats_sold += sold.iter().filter(|&&times| times > 0).count() as u64;
        self.sold_twice += sold.iter().filter(|&&times| times > 1).count() as u64;
    }
}

impl Event {
    fn on_sale(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().flat_map(|row| row.first..row.first + row.sold.len() as u64)
    }

    fn free(&self) -> impl Iterator<Item = u64> {
        self.on_sale().filter(|&serial| self.is_free(serial))
    }

    fn is_free(&self, serial: u64) -> bool {
        let row = self.rows.iter().find(|row| row.index(serial).is_some());
        let unsold = row.is_some_and(|row| row.index(serial).is_some_and(|seat| row.sold[seat] == 0));
        unsold && self.held.iter().all(|held| held.serial != serial)
    }

    /// How often a seat was sold; none for a seat of a row that is forgotten, which nobody can hold.
    fn times_sold(&mut self, serial: u64) -> Option<&mut u8> {
        self.rows.iter_mut().find_map(|row| row.index(serial).map(|seat| &mut row.sold[seat]))
    }

    /// As long as there are ids.
    fn open_row_if_few_are_free(&mut self, seats: u64) {
        if self.opened + seats <= SEAT_IDS && self.free().count() as u64 * 2 < seats {
            self.rows.push(Row { first: self.opened, sold: vec![0; seats as usize].into() });
            self.opened += seats;
        }
    }

    fn forget_sold_rows(&mut self) {
        let closed = &mut self.closed;
        self.rows.retain(|row| {
            let sold_out = !row.sold.contains(&0);
            if sold_out {
                closed.count(&row.sold);
            }
            !sold_out
        });
    }
}

impl Row {
    /// Index of a seat of this row.
    fn index(&self, serial: u64) -> Option<usize> {
        serial.checked_sub(self.first).map(|seat| seat as usize).filter(|&seat| seat < self.sold.len())
    }
}

fn seat(event: u32, serial: u64) -> Seat {
    Seat { id: u64::from(event) * SEAT_IDS + serial, number: serial + 1 }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    const HOLD: Duration = Duration::from_secs(30);
    const NOW: Duration = Duration::ZERO;

    fn numbers(sales: &Sales, event: u32, now: Duration) -> Vec<u64> {
        sales.available(event, now).expect("an event").iter().map(|seat| seat.number).collect()
    }

    #[test]
    fn a_seat_is_free_then_held_then_sold() {
        let sales = Sales::new(10, 3, HOLD);
        let seat = sales.available(4, NOW).expect("an event")[1];
        let held = sales.occupy(4, seat.id, 1, NOW).expect("free");
        assert_eq!(numbers(&sales, 4, NOW), [1, 3]);
        let sold = sales.reserve(4, held.id, 1, NOW).expect("held");
        assert_eq!(sold.seat, seat);
        assert_eq!(numbers(&sales, 4, HOLD * 10), [1, 3], "sold seats don't come back");
        assert_eq!(sales.audit(), Audit { reservations: 1, seats_sold: 1, sold_twice: 0 });
    }

    #[test]
    fn what_is_denied_and_why() {
        let sales = Sales::new(10, 3, HOLD);
        let seat = sales.available(4, NOW).expect("an event")[0];
        let held = sales.occupy(4, seat.id, 1, NOW).expect("free");
        let foreign = sales.available(5, NOW).expect("an event")[0];
        for (what, denied, expected) in [
            ("a seat held by another", sales.occupy(4, seat.id, 2, NOW).err(), Denied::Taken),
            ("a seat held by oneself", sales.occupy(4, seat.id, 1, NOW).err(), Denied::Taken),
            ("a seat of another event", sales.occupy(4, foreign.id, 1, NOW).err(), Denied::NoSeat),
            ("a seat not yet on sale", sales.occupy(4, seat.id + 3, 1, NOW).err(), Denied::NoSeat),
            ("no seat at all", sales.occupy(4, 0, 1, NOW).err(), Denied::NoSeat),
            ("event 0", sales.available(0, NOW).err(), Denied::NoEvent),
            ("an event beyond the last", sales.available(11, NOW).err(), Denied::NoEvent),
        ] {
            assert_eq!(denied, Some(expected), "{what}");
        }
        for (what, denied) in [
            ("another's occupation", sales.reserve(4, held.id, 2, NOW).err()),
            ("an occupation of another event", sales.reserve(5, held.id, 1, NOW).err()),
            ("an occupation never made", sales.reserve(4, 99, 1, NOW).err()),
            ("an expired occupation", sales.reserve(4, held.id, 1, HOLD).err()),
        ] {
            assert_eq!(denied, Some(Denied::NoOccupation), "{what}");
        }
        assert_eq!(sales.audit(), Audit::default());
    }

    #[test]
    fn an_occupation_expires_and_another_may_have_the_seat() {
        let sales = Sales::new(1, 1, HOLD);
        let seat = sales.available(1, NOW).expect("an event")[0];
        let first = sales.occupy(1, seat.id, 1, NOW).expect("free");
        assert_eq!(sales.occupy(1, seat.id, 2, HOLD - Duration::from_nanos(1)), Err(Denied::Taken));
        let second = sales.occupy(1, seat.id, 2, HOLD).expect("free again");
        assert_eq!(sales.reserve(1, first.id, 1, HOLD), Err(Denied::NoOccupation));
        assert!(sales.reserve(1, second.id, 2, HOLD).is_ok());
        assert_eq!(sales.reserve(1, second.id, 2, HOLD), Err(Denied::NoOccupation), "bought twice");
    }

    #[test]
    fn an_event_opens_new_rows_and_forgets_those_that_are_sold() {
        let sales = Sales::new(1, 4, HOLD);
        let mut ids = HashSet::new();
        for _ in 0..101 {
            let free = sales.available(1, NOW).expect("an event");
            assert!((2..=6).contains(&free.len()), "{free:?}");
            let held = sales.occupy(1, free[0].id, 1, NOW).expect("free");
            assert!(ids.insert(sales.reserve(1, held.id, 1, NOW).expect("held").seat.id), "{held:?} sold again");
        }
        assert!(sales.shards[1].lock().expect("no panic")[&1].rows.len() <= 2);
        assert_eq!(sales.audit(), Audit { reservations: 101, seats_sold: 101, sold_twice: 0 });
        let first = *ids.iter().min().expect("101 of them");
        assert_eq!(sales.occupy(1, first, 1, NOW), Err(Denied::Taken), "of a row that is forgotten");
    }

    #[test]
    fn rows_stay_few_even_when_the_last_seat_is_always_taken() {
        let sales = Sales::new(1, 4, HOLD);
        for _ in 0..1_000 {
            let last = *sales.available(1, NOW).expect("an event").last().expect("free");
            let held = sales.occupy(1, last.id, 1, NOW).expect("free");
            sales.reserve(1, held.id, 1, NOW).expect("held");
        }
        assert!(sales.shards[1].lock().expect("no panic")[&1].rows.len() <= 3);
        assert!(sales.audit().is_sound());
    }

    #[test]
    fn an_event_ends_with_its_ids() {
        let sales = Sales::new(1, 600_000, HOLD);
        let seats = sales.available(1, NOW).expect("an event");
        assert_eq!(seats.len(), 600_000);
        let mut shard = sales.shards[1].lock().expect("no panic");
        shard.get_mut(&1).expect("it was asked for").rows[0].sold.fill(1);
        drop(shard);
        assert_eq!(numbers(&sales, 1, NOW), [0u64; 0], "a second row would go beyond the ids");
    }

    #[test]
    fn of_many_threads_that_want_one_seat_one_gets_it() {
        let sales = Sales::new(1, 1, HOLD);
        for round in 0..200 {
            let seat = sales.available(1, NOW).expect("an event")[0];
            let barrier = Barrier::new(8);
            let winners: Vec<Held> = thread::scope(|scope| {
                let asking: Vec<_> = (0..8)
                    .map(|holder| {
                        let (sales, barrier) = (&sales, &barrier);
                        scope.spawn(move || {
                            barrier.wait();
                            sales.occupy(1, seat.id, holder, NOW).ok().map(|held| (holder, held))
                        })
                    })
                    .collect();
                asking
                    .into_iter()
                    .filter_map(|thread| thread.join().expect("no panic"))
                    .map(|(holder, held)| {
                        sales.reserve(1, held.id, holder, NOW).expect("the winner's");
                        held
                    })
                    .collect()
            });
            assert_eq!(winners.len(), 1, "round {round}");
        }
        assert_eq!(sales.audit(), Audit { reservations: 200, seats_sold: 200, sold_twice: 0 });
    }

    #[test]
    fn the_audit_sees_a_seat_that_was_sold_twice() {
        let mut audit = Audit { reservations: 3, ..Audit::default() };
        audit.count(&[1, 0, 2]);
        assert_eq!(audit, Audit { reservations: 3, seats_sold: 2, sold_twice: 1 });
        assert!(!audit.is_sound());
    }
}
