//! A call into a script, as a coroutine: where it waits, what it has on the stack is put aside, and the script never knows.

use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use corosensei::{Coroutine, CoroutineResult};

use super::ask::{Ask, Told};
use super::stack::{Aside, ScriptStack};
use super::thrown::panicked;
use super::{Thrown, Vm};
use crate::k6::host::Host;

/// A call that has not returned yet. Dropping it ends the script's work: what it waits for fails with an exception that it
/// can't catch.
pub struct Call<T: 'static> {
    stack: ScriptStack,
    host: Rc<Host>,
    state: State<T>,
}

type Work<T> = Box<dyn FnOnce(&Vm) -> Result<T, Thrown>>;

enum State<T: 'static> {
    /// Nothing of it is on the stack yet.
    New(Rc<Vm>, Work<T>),
    Waits(Coroutine<Told, Ask, Result<T, Thrown>, ScriptStack>, Aside),
    Returned,
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
    /// There is no address space for its stack.
    pub fn new(vm: Rc<Vm>, work: impl FnOnce(&Vm) -> Result<T, Thrown> + 'static) -> io::Result<Self> {
        Ok(Call { stack: ScriptStack::of_thread()?, host: vm.host().clone(), state: State::New(vm, Box::new(work)) })
    }

    /// Goes on until the script asks for something or returns. Nothing happens after it has returned.
    pub fn resume(&mut self, told: Told) -> Step<T> {
        let _in_use = self.stack.enter();
        let mut coroutine = match mem::replace(&mut self.state, State::Returned) {
            State::New(vm, work) => begin(self.stack.clone(), vm, work),
            State::Waits(coroutine, aside) => {
                unsafe { self.stack.put_back(aside) };
                coroutine
            }
            State::Returned => return Step::Returned(Err(Thrown::Cut)),
        };
        self.host.begin_slice();
        match coroutine.resume(told) {
            CoroutineResult::Yield(ask) => {
                let aside = unsafe { self.stack.put_aside(self.host.waits_at()) };
                self.state = State::Waits(coroutine, aside);
                Step::Asks(ask)
            }
            CoroutineResult::Return(result) => Step::Returned(result),
        }
    }
}

fn begin<T: 'static>(
    stack: ScriptStack,
    vm: Rc<Vm>,
    work: Work<T>,
) -> Coroutine<Told, Ask, Result<T, Thrown>, ScriptStack> {
    Coroutine::with_stack(stack, move |yielder, told| {
        if matches!(told, Told::Cut) {
            return Err(Thrown::Cut);
        }
        let _entered = vm.host().enter(yielder);
        // It must not unwind into whoever drops the call, who would resume what has ended.
        catch_unwind(AssertUnwindSafe(|| work(&vm))).unwrap_or_else(|panic| Err(panicked(&*panic)))
    })
}

impl<T: 'static> Drop for Call<T> {
    fn drop(&mut self) {
        // Every question is answered by an exception from now on, so this comes to an end.
        while matches!(self.state, State::Waits(..)) {
            self.host.cut();
            self.resume(Told::Cut);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use proptest::prelude::*;
    use rquickjs::{Ctx, Function};

    use super::*;
    use crate::k6::console::Console;
    use crate::k6::drive::drive_here;
    use crate::k6::vm::native::native;
    use crate::k6::{Given, Script};

    /// A world of a script that does nothing.
    fn world() -> Rc<Vm> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script.js");
        std::fs::write(&path, "import { sleep } from 'k6'; global.sleep = sleep; export default () => {};").unwrap();
        let given = Given { memory: 16 << 20, ..Given::default() };
        let script = Script::open(&path, &given, &[], Arc::new(Console::new(|_| {}))).unwrap();
        crate::k6::user::world(Rc::new(Host::alone(script.program.clone())), &script.program).unwrap()
    }

    #[test]
    fn a_panic_of_a_native_function_fails_its_call_alone() {
        let vm = world();
        let bound = |ctx: &Ctx<'_>| {
            let broken = Function::new(ctx.clone(), || -> u32 { panic!("a bug of ours") })?;
            ctx.globals().set("broken", broken)?;
            ctx.eval::<u32, _>("try { [1].map(broken) } finally { 1 }")
        };
        let direct = |ctx: &Ctx<'_>| {
            ctx.globals().set("broken", native!(ctx, c"broken", 0, |_| panic!("a bug of ours"))?)?;
            ctx.eval::<u32, _>("try { [1].map(broken) } catch { 2 } finally { 1 }")
        };
        for work in [bound, direct] {
            let call = Call::new(vm.clone(), move |vm| vm.within(work));
            let said = drive_here(call.unwrap(), Duration::from_secs(10)).unwrap_err().to_string();
            assert!(said.contains("a bug of ours"), "{said}");
            let call = Call::new(vm.clone(), |vm| vm.within(|ctx| ctx.eval::<u32, _>("1 + 1")));
            assert_eq!(drive_here(call.unwrap(), Duration::from_secs(10)), Ok(2));
        }
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

    /// Sleeps at every second depth, and sums up what is on the stack.
    const DEEP: &str = "(function deep(n) { if (n === 0) return 0; const own = n * 2; if (n % 2) sleep(n); return own + deep(n - 1) })";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// All calls of a thread are on one stack, and each finds there what it has left.
        #[test]
        fn calls_that_wait_in_turn_keep_what_is_theirs(
            depths in prop::collection::vec(0..40_u32, 1..8),
            turns in prop::collection::vec(any::<prop::sample::Index>(), 0..120),
        ) {
            let mut calls: Vec<_> = depths.iter().map(|depth| {
                let code = format!("{DEEP}({depth})");
                let call = Call::new(world(), move |vm| vm.within(|ctx| ctx.eval::<u32, _>(code)));
                (*depth, call.unwrap())
            }).collect();
            for turn in turns {
                if calls.is_empty() {
                    break;
                }
                let at = turn.index(calls.len());
                let (depth, call) = &mut calls[at];
                match call.resume(Told::Go) {
                    Step::Asks(ask) => prop_assert!(matches!(ask, Ask::Sleep(_))),
                    Step::Returned(result) => {
                        prop_assert_eq!(result, Ok(*depth * (*depth + 1)));
                        calls.swap_remove(at);
                    }
                }
            }
            // Those that still wait are dropped, one after the other.
        }
    }

    #[test]
    fn a_call_within_another_is_refused() {
        let (outer, inner) = (world(), world());
        let call = Call::new(outer, move |_| {
            let call = Call::new(inner, |vm| vm.within(|ctx| ctx.eval::<u32, _>("1")));
            drive_here(call.unwrap(), Duration::from_secs(10))
        });
        let said = drive_here(call.unwrap(), Duration::from_secs(10)).unwrap_err().to_string();
        assert!(said.contains("from within another"), "{said}");
    }
}
