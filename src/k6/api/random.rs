//! Randomness for scripts: one seeded source per virtual user, so that a run can be replayed, and the operating system's
//! for secrets.

use std::cell::RefCell;

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use ring::rand::{SecureRandom, SystemRandom};
use rquickjs::{Ctx, Exception, JsLifetime, Object, Result, Value};

use crate::k6::vm::native::{Called, native};

/// A virtual user's source.
struct Source(RefCell<Xoshiro256PlusPlus>);

// SAFETY: no lifetime in it.
unsafe impl<'js> JsLifetime<'js> for Source {
    type Changed<'to> = Source;
}

/// Starts the virtual user's source from `seed`; the same seed makes the same numbers.
///
/// # Errors
///
/// An exception, when called while the source is in use.
pub fn seed(ctx: &Ctx<'_>, seed: u64) -> Result<()> {
    let source = Source(RefCell::new(Xoshiro256PlusPlus::seed_from_u64(seed)));
    match ctx.store_userdata(source) {
        Ok(_) => Ok(()),
        Err(_) => Err(Exception::throw_internal(ctx, "the source of randomness is in use")),
    }
}

/// Calls `f` with the virtual user's source. One that was never seeded is seeded by the operating system.
///
/// # Errors
///
/// An exception, when the operating system has no randomness, or `f` calls this again.
pub fn with<R>(ctx: &Ctx<'_>, f: impl FnOnce(&mut dyn Rng) -> R) -> Result<R> {
    if let Some(source) = ctx.userdata::<Source>() {
        return match source.0.try_borrow_mut() {
            Ok(mut random) => Ok(f(&mut *random)),
            Err(_) => Err(Exception::throw_internal(ctx, "the source of randomness is in use")),
        };
    }
    let mut bytes = [0; 8];
    secure(ctx, &mut bytes)?;
    seed(ctx, u64::from_le_bytes(bytes))?;
    with(ctx, f)
}

/// Fills `bytes` with the operating system's randomness, which no seed replays.
///
/// # Errors
///
/// An exception, when the operating system has none.
pub fn secure(ctx: &Ctx<'_>, bytes: &mut [u8]) -> Result<()> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| Exception::throw_internal(ctx, "the operating system gives no randomness"))
}

/// Makes `Math.random` draw from the virtual user's source.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn install_math_random(ctx: &Ctx<'_>) -> Result<()> {
    let math: Object<'_> = ctx.globals().get("Math")?;
    math.set("random", native!(ctx, c"random", 0, math_random)?)
}

fn math_random<'js>(called: &Called<'_, 'js>) -> Result<Value<'js>> {
    let number = with(called.ctx, |random| random.random::<f64>())?;
    Ok(Value::new_float(called.ctx.clone(), number))
}

#[cfg(test)]
mod tests {
    use super::{install_math_random, seed};
    use crate::k6::api::harness::engine;

    #[test]
    fn a_seed_replays_the_numbers_of_a_virtual_user() {
        let draw = |start: u64| {
            engine(|ctx| {
                seed(ctx, start).unwrap();
                install_math_random(ctx).unwrap();
                ctx.eval::<Vec<f64>, _>("[Math.random(), Math.random(), Math.random()]").unwrap()
            })
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(3).iter().all(|number| (0.0..1.0).contains(number)));
    }

    #[test]
    fn without_a_seed_the_numbers_differ() {
        let draw = || {
            engine(|ctx| {
                install_math_random(ctx).unwrap();
                ctx.eval::<f64, _>("Math.random()").unwrap()
            })
        };
        assert_ne!(draw(), draw());
    }
}
