//! Names of properties that a script uses again and again: of checks, headers and parameters.
//!
//! QuickJS knows a name by a number, its atom. What is found out about a name once is looked up by it, so that a request makes
//! no texts of names that were in the one before.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use http::HeaderName;
use rquickjs::{Ctx, Object, Value, qjs};

use super::raw::{self, Properties};

/// Names that are remembered: memory must not grow with the load, and they are found by looking through all of them.
const MOST: usize = 32;

/// What is known of a name.
pub struct Name {
    pub text: Box<str>,
    header: OnceCell<Option<HeaderName>>,
    /// The row of the check of this name outside of all groups, once it has one.
    pub check_row: Cell<Option<usize>>,
}

impl Name {
    fn new(text: &str) -> Self {
        Name { text: text.into(), header: OnceCell::new(), check_row: Cell::default() }
    }

    /// The name as one of a header, if it can be one.
    pub fn header(&self) -> Option<&HeaderName> {
        self.header.get_or_init(|| HeaderName::from_bytes(self.text.as_bytes()).ok()).as_ref()
    }
}

/// The names of one script's world.
#[derive(Default)]
pub struct Names {
    atoms: RefCell<Vec<qjs::JSAtom>>,
    /// In the order of the atoms.
    names: RefCell<Vec<Rc<Name>>>,
}

impl Names {
    /// Does something with each enumerable property of an object's own, in their order.
    ///
    /// # Errors
    /// What `each` returns, and what a getter or a proxy throws.
    pub fn each<'js>(
        &self,
        object: &Object<'js>,
        mut each: impl FnMut(&Name, Value<'js>) -> rquickjs::Result<()>,
    ) -> rquickjs::Result<()> {
        let ctx = object.ctx();
        let properties = Properties::of(object)?;
        for property in properties.all() {
            let name = self.name(ctx, property.atom)?;
            each(&name, raw::property(object, property.atom)?)?;
        }
        Ok(())
    }

    fn name(&self, ctx: &Ctx<'_>, atom: qjs::JSAtom) -> rquickjs::Result<Rc<Name>> {
        let at = self.atoms.borrow().iter().position(|known| *known == atom);
        if let Some(name) = at.and_then(|at| self.names.borrow().get(at).cloned()) {
            return Ok(name);
        }
        let name = Rc::new(Name::new(&raw::text(ctx, atom)?));
        let (mut atoms, mut names) = (self.atoms.borrow_mut(), self.names.borrow_mut());
        if names.len() < MOST {
            // As long as it is kept, the atom stands for no other name.
            atoms.push(unsafe { qjs::JS_DupAtom(ctx.as_raw().as_ptr(), atom) });
            names.push(name.clone());
        }
        Ok(name)
    }

    /// Forgets all names.
    ///
    /// # Safety
    /// The runtime is that of all the objects before.
    pub(super) unsafe fn forget(&self, runtime: *mut qjs::JSRuntime) {
        self.names.take();
        for atom in self.atoms.take() {
            unsafe { qjs::JS_FreeAtomRT(runtime, atom) };
        }
    }
}
