//! What expressions see of a virtual user: the last answer, the iteration, data rows, bindings and captures.
//!
//! One object for each virtual user answers look-ups by name; no map is built for an evaluation, and an answer's body is
//! read as JSON or as text only when an expression asks for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::Value;
use minijinja::value::Object;

use crate::load::Arm;
use crate::load::http::Exchange;
use crate::measurement::Phases;
use crate::plan::Secret;
use crate::plan::expression::parse_json;
use crate::plan::functions::{RANDOM, Random};

/// What every virtual user of a scenario sees: environment variables and secrets.
#[derive(Debug)]
pub(super) struct Constants {
    env: Value,
    secret: Value,
}

impl Constants {
    pub(super) fn new(env: &[(String, String)], secrets: &[Secret]) -> Self {
        let secret = |secret: &Secret| (secret.name.clone(), Value::from(secret.value.as_str()));
        Constants {
            env: Value::from_pairs(env.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())))),
            secret: Value::from_pairs(secrets.iter().map(secret)),
        }
    }
}

/// A virtual user's scope.
#[derive(Debug)]
pub(super) struct Scope {
    arm: Arc<Arm>,
    constants: Arc<Constants>,
    random: Value,
    vu: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    iteration: u64,
    /// Of the innermost `repeat`.
    index: Option<u64>,
    checks_passed: bool,
    last: Option<Last>,
    /// Data rows, bindings and captures of this iteration. Few enough for a search from end to end.
    bindings: Vec<(Arc<str>, Value)>,
}

/// The last answer, or the lack of one.
#[derive(Debug)]
struct Last {
    exchange: Arc<Exchange>,
    headers: Option<Value>,
    body: Option<Value>,
    text: Option<Value>,
}

impl Scope {
    pub(super) fn new(arm: Arc<Arm>, constants: Arc<Constants>, random: Arc<Random>, vu: u64) -> Arc<Self> {
        let random = Value::from_dyn_object(random);
        Arc::new(Scope { arm, constants, random, vu, state: Mutex::default() })
    }

    /// A scope that begins with the same bindings and goes its own way.
    pub(super) fn fork(&self, random: Arc<Random>) -> Arc<Self> {
        let state = self.state();
        let state = State {
            iteration: state.iteration,
            index: state.index,
            checks_passed: true,
            last: None,
            bindings: state.bindings.clone(),
        };
        Arc::new(Scope {
            arm: self.arm.clone(),
            constants: self.constants.clone(),
            random: Value::from_dyn_object(random),
            vu: self.vu,
            state: Mutex::new(state),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything of the iteration before.
    pub(super) fn begin(&self, iteration: u64) {
        let mut state = self.state();
        state.iteration = iteration;
        state.index = None;
        state.checks_passed = true;
        state.last = None;
        state.bindings.clear();
    }

    /// Takes over the answer that checks and captures look at.
    pub(super) fn answered(&self, exchange: Arc<Exchange>) {
        let mut state = self.state();
        state.checks_passed = true;
        state.last = Some(Last { exchange, headers: None, body: None, text: None });
    }

    pub(super) fn check_failed(&self) {
        self.state().checks_passed = false;
    }

    pub(super) fn bind(&self, name: &Arc<str>, value: Value) {
        let bindings = &mut self.state().bindings;
        match bindings.iter_mut().find(|(bound, _)| bound == name) {
            Some((_, bound)) => *bound = value,
            None => bindings.push((name.clone(), value)),
        }
    }

    pub(super) fn unbind(&self, name: &Arc<str>) {
        self.state().bindings.retain(|(bound, _)| bound != name);
    }

    /// What is bound in this iteration, in order.
    pub(super) fn bindings(&self) -> Vec<(Arc<str>, Value)> {
        self.state().bindings.clone()
    }

    /// Sets the index of the innermost `repeat` and returns that of the one around it.
    pub(super) fn set_index(&self, index: Option<u64>) -> Option<u64> {
        std::mem::replace(&mut self.state().index, index)
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        match name {
            RANDOM => return Some(self.random.clone()),
            // Every function's name, on its way to the environment.
            _ if name.starts_with("__") => return None,
            "vu" => return Some(Value::from(self.vu)),
            "env" => return Some(self.constants.env.clone()),
            "secret" => return Some(self.constants.secret.clone()),
            _ => {}
        }
        let mut state = self.state();
        match name {
            "iteration" => Some(Value::from(state.iteration)),
            "index" => state.index.map(Value::from),
            "checks_passed" => Some(Value::from(state.checks_passed)),
            "status" | "headers" | "body" | "text" | "timings" | "error" => state.last.as_mut()?.get(name),
            _ => match state.bindings.iter().find(|(bound, _)| **bound == *name) {
                Some((_, value)) => Some(value.clone()),
                None => self.arm.shared.get()?.get(name).cloned(),
            },
        }
    }
}

impl Last {
    fn get(&mut self, name: &str) -> Option<Value> {
        let answer = match (&self.exchange.outcome, name) {
            (_, "timings") => return Some(timings(&self.exchange.phases)),
            (Err(failure), "error") => return Some(Value::from(failure.class.name())),
            (Err(_), _) | (Ok(_), "error") => return None,
            (Ok(answer), _) => answer,
        };
        match name {
            "status" => Some(Value::from(answer.status.as_u16())),
            "headers" => {
                let view = || Value::from_object(Headers(self.exchange.clone()));
                Some(self.headers.get_or_insert_with(view).clone())
            }
            _ if answer.truncated => None,
            "body" => {
                // Undefined where it is no JSON.
                let json = || parse_json(&answer.body).unwrap_or(Value::UNDEFINED);
                Some(self.body.get_or_insert_with(json).clone())
            }
            _ => {
                let text = || Value::from(String::from_utf8_lossy(&answer.body).as_ref());
                Some(self.text.get_or_insert_with(text).clone())
            }
        }
    }
}

/// In milliseconds, by k6's names.
fn timings(phases: &Phases) -> Value {
    Value::from_pairs(
        [
            ("blocked", phases.blocked),
            ("connecting", phases.connecting),
            ("tls_handshaking", phases.tls_handshaking),
            ("sending", phases.sending),
            ("waiting", phases.waiting),
            ("receiving", phases.receiving),
            ("duration", phases.duration()),
        ]
        .map(|(name, time)| (name, Value::from(time.as_secs_f64() * 1000.0))),
    )
}

/// An answer's headers by name, in either case; `headers.content_type` is `headers['Content-Type']`.
#[derive(Debug)]
struct Headers(Arc<Exchange>);

impl Object for Headers {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        let headers = &self.0.outcome.as_ref().ok()?.headers;
        let values = |name: &str| {
            let values: Vec<_> =
                headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            (!values.is_empty()).then(|| Value::from(values.join(", ")))
        };
        values(name).or_else(|| name.contains('_').then(|| values(&name.replace('_', "-")))?)
    }
}
