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
                if let Some(coroutine) = self.coroutine.take() {
                    stack::give(coroutine.into_stack());
                }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::k6::console::Console;
    use crate::k6::drive::drive_here;
    use crate::k6::{Given, Script};

    /// A world of a script that does nothing.
    fn world() -> Rc<Vm> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script.js");
        std::fs::write(&path, "export default () => {};").unwrap();
        let given = Given { memory: 16 << 20, ..Given::default() };
        let script = Script::open(&path, &given, &[], Arc::new(Console::new(|_| {}))).unwrap();
        crate::k6::user::world(Rc::new(Host::alone(script.program.clone())), &script.program).unwrap()
    }

    #[test]
    fn a_panic_of_a_native_function_fails_its_call_alone() {
        let vm = world();
        let call = Call::new(vm.clone(), |vm| {
            vm.within(|ctx| {
                let broken = rquickjs::Function::new(ctx.clone(), || -> u32 { panic!("a bug of ours") })?;
                ctx.globals().set("broken", broken)?;
                ctx.eval::<u32, _>("try { [1].map(broken) } finally { 1 }")
            })
        });
        let said = drive_here(call.unwrap(), Duration::from_secs(10)).unwrap_err().to_string();
        assert!(said.contains("a bug of ours"), "{said}");
        let call = Call::new(vm, |vm| vm.within(|ctx| ctx.eval::<u32, _>("1 + 1")));
        assert_eq!(drive_here(call.unwrap(), Duration::from_secs(10)), Ok(2));
    }

    #[test]
    fn a_call_that_is_dropped_runs_no_more_of_its_script() {
        let vm = world();
        let work = |vm: &Vm| {
            vm.within(|ctx| ctx.eval::<(), _>("globalThis.n = 0; try { for (;;) n++ } finally { globalThis.n = -1 }"))
        };
        let mut call = Call::new(vm.clone(), work).unwrap();
        assert!(matches!(call.resume(Told::Go), Step::Asks(Ask::Pause)));
        drop(call);
        vm.host().restore();
        let call = Call::new(vm, |vm| vm.within(|ctx| ctx.eval::<bool, _>("n > 0")));
        assert_eq!(drive_here(call.unwrap(), Duration::from_secs(10)), Ok(true));
    }
}
