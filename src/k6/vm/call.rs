//! A call into a script, on a stack of its own: where it waits, it is put aside, and the script never knows.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult};

use super::ask::{Ask, Told};
use super::{Thrown, Vm, stack};
use crate::k6::host::Host;

/// A call that has not returned yet. Dropping it ends the script's work: what it waits for fails with an exception that it
/// can't catch.
pub struct Call<T: 'static> {
    coroutine: Option<Coroutine<Told, Ask, Result<T, Thrown>, DefaultStack>>,
    host: Rc<Host>,
}

/// How far a call has come.
pub enum Step<T> {
    Asks(Ask),
    Returned(Result<T, Thrown>),
}

impl<T: 'static> Call<T> {
    /// A call that runs once it is resumed.
    ///
    /// # Errors
    /// There is no memory for its stack.
    pub fn new(vm: Rc<Vm>, work: impl FnOnce(&Vm) -> Result<T, Thrown> + 'static) -> io::Result<Self> {
        let host = vm.host().clone();
        let stack = stack::take()?;
        let extent = stack::Extent::of(&stack);
        let coroutine = Coroutine::with_stack(stack, move |yielder, told| {
            if matches!(told, Told::Cut) {
                return Err(Thrown::Cut);
            }
            let _entered = vm.host().enter(yielder, extent);
            // It must not unwind into whoever drops the call, who would resume what has ended.
            catch_unwind(AssertUnwindSafe(|| work(&vm))).unwrap_or_else(|panic| Err(panicked(&*panic)))
        });
        Ok(Call { coroutine: Some(coroutine), host })
    }

    /// Goes on until the script asks for something or returns. Nothing happens after it has returned.
    pub fn resume(&mut self, told: Told) -> Step<T> {
        let Some(coroutine) = &mut self.coroutine else { return Step::Returned(Err(Thrown::Cut)) };
        self.host.begin_slice();
        match coroutine.resume(told) {
            CoroutineResult::Yield(ask) => Step::Asks(ask),
            CoroutineResult::Return(result) => {
                self.coroutine.take().map(Coroutine::into_stack).map(stack::give);
                Step::Returned(result)
            }
        }
    }
}

/// A native function has panicked: that is our fault, and ends this call alone.
fn panicked(panic: &(dyn Any + Send)) -> Thrown {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("without a message");
    Thrown::ours(format!("loadgate itself has panicked: {text}; please report it with the script"))
}

impl<T: 'static> Drop for Call<T> {
    fn drop(&mut self) {
        // Every question is answered by an exception from now on, so this comes to an end.
        while self.coroutine.is_some() {
            self.host.cut();
            if let Step::Returned(_) = self.resume(Told::Cut) {
                break;
            }
        }
    }
}
