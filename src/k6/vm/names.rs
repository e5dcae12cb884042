//! Names of properties that a script uses again and again: of checks, headers and parameters.
//!
//! QuickJS knows a name by a number, its atom. What is found out about a name once is looked up by it, so that a request makes
//! no texts of names that were in the one before. The virtual users of a thread share what they know: it stays in the cache, where
//! there is no room for as much of each.

use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};

use http::HeaderName;
use rquickjs::{Ctx, Object, Value, qjs};
use rustc_hash::FxHashMap;

use super::raw::{self, Properties};

/// Names that a world remembers: memory must not grow with the load, and they are found by looking through all of them.
const MOST: usize = 32;

/// Names that the worlds of a thread share.
const MOST_SHARED: usize = 1024;

/// What is known of a name.
pub struct Name {
    pub text: Box<str>,
    header: OnceCell<Option<HeaderName>>,
}

impl Name {
    fn new(text: &str) -> Self {
        Name { text: text.into(), header: OnceCell::new() }
    }

    /// The name as one of a header, if it can be one.
    pub fn header(&self) -> Option<&HeaderName> {
        self.header.get_or_init(|| HeaderName::from_bytes(self.text.as_bytes()).ok()).as_ref()
    }
}

thread_local! {
    static SHARED: RefCell<FxHashMap<Box<str>, Weak<Name>>> = RefCell::default();
}

/// What this thread's virtual users know of a name.
fn shared(text: &str) -> Rc<Name> {
    SHARED.with_borrow_mut(|shared| {
        if let Some(name) = shared.get(text).and_then(Weak::upgrade) {
            return name;
        }
        let name = Rc::new(Name::new(text));
        // Names without end (of each user, say) are not worth looking through: those in use stay with their worlds.
        if shared.len() >= MOST_SHARED {
            shared.clear();
        }
        shared.insert(text.into(), Rc::downgrade(&name));
        name
    })
}

/// A name as one script's world knows it.
#[derive(Clone)]
pub struct Known {
    atom: qjs::JSAtom,
    pub name: Rc<Name>,
    /// The row of the check of this name outside of all groups, once it has one.
    pub check_row: Option<usize>,
}

/// The names of one script's world.
#[derive(Default)]
pub struct Names(RefCell<Vec<Known>>);

impl Names {
    /// Does something with each enumerable property of an object's own, in their order.
    ///
    /// # Errors
    /// What `each` returns, and what a getter or a proxy throws.
    pub fn each<'js>(
        &self,
        object: &Object<'js>,
        mut each: impl FnMut(&Known, Value<'js>) -> rquickjs::Result<()>,
    ) -> rquickjs::Result<()> {
        let ctx = object.ctx();
        let properties = Properties::of(ctx, object.as_raw())?;
        for property in properties.all() {
            let name = self.known(ctx, property.atom)?;
            each(&name, raw::property(object, property.atom)?)?;
        }
        Ok(())
    }

    fn known(&self, ctx: &Ctx<'_>, atom: qjs::JSAtom) -> rquickjs::Result<Known> {
        if let Some(known) = self.0.borrow().iter().find(|known| known.atom == atom) {
            return Ok(known.clone());
        }
        let known = Known { atom, name: shared(&raw::text(ctx, atom)?), check_row: None };
        let mut all = self.0.borrow_mut();
        if all.len() < MOST {
            // As long as it is kept, the atom stands for no other name.
            unsafe { qjs::JS_DupAtom(ctx.as_raw().as_ptr(), atom) };
            all.push(known.clone());
        }
        Ok(known)
    }

    /// Remembers the row of a check.
    pub fn keep_check_row(&self, of: &Known, row: usize) {
        if let Some(known) = self.0.borrow_mut().iter_mut().find(|known| known.atom == of.atom) {
            known.check_row = Some(row);
        }
    }

    /// Forgets all names.
    ///
    /// # Safety
    /// The runtime is that of all the objects before.
    pub(super) unsafe fn forget(&self, runtime: *mut qjs::JSRuntime) {
        for known in self.0.take() {
            unsafe { qjs::JS_FreeAtomRT(runtime, known.atom) };
        }
    }
}
