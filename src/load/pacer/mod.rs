//! When iterations are due and who runs them, as pure functions: no clock is read here.

pub mod arrivals;
pub mod clock;
pub mod stripe;
pub mod window;

pub use arrivals::Arrivals;
pub use clock::ArmClock;
pub use stripe::{Shard, Stripe};
pub use window::Window;
