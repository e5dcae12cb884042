//! The HTTP/2 connections of one virtual user, and how requests at once come to share one instead of opening one each.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use tokio::sync::Notify;
use url::Url;

use super::connect::{Line, Trace, connect};
use super::h2::H2;
use super::limit::Limit;
use super::origin::Origin;
use super::{Client, Failure};

/// Connections that requests share: at most one an origin.
#[derive(Default)]
pub(super) struct Pool {
    open: RefCell<Vec<H2>>,
    /// Connections that are being opened, and may turn out to be shared ones.
    dials: RefCell<Vec<Rc<Dial>>>,
}

struct Dial {
    origin: Origin,
    /// None while it is under way, and where it was given up: then the next one tries.
    end: OnceCell<End>,
    over: Notify,
}

#[derive(Clone)]
enum End {
    /// The connection is in the pool.
    Shared,
    /// The server speaks HTTP/1.1: every request takes a connection of its own.
    Alone,
    Failed(Failure),
}

impl Pool {
    /// The open connection to the URL's origin.
    pub fn get(&self, url: &Url) -> Option<H2> {
        let mut open = self.open.borrow_mut();
        let index = open.iter().position(|connection| connection.leads_to(url))?;
        if open[index].is_usable() {
            return Some(open[index].clone());
        }
        open.swap_remove(index);
        None
    }

    /// Lets go of all connections. Requests that are under way keep theirs until they have ended.
    pub fn clear(&self) {
        self.open.borrow_mut().clear();
    }

    /// Opens a connection, or waits for one that another request of this virtual user opens to the same origin. A dial that
    /// fails fails all that wait for it: each would have failed by its own.
    pub async fn dial(&self, client: &Client, url: &Url, limit: Limit, trace: &Trace) -> Result<Line, Failure> {
        while client.may_share(url) {
            let Some(dial) = self.under_way(url) else { return self.dial_for_all(client, url, limit, trace).await };
            trace.sharing();
            dial.over.notified().await;
            match dial.end.get() {
                Some(End::Failed(failure)) => return Err(failure.clone()),
                Some(End::Alone) => break,
                Some(End::Shared) | None => {}
            }
            if let Some(connection) = self.get(url) {
                trace.unblocked();
                return Ok(Line::Http2(connection));
            }
        }
        let line = connect(client, url, limit.deadline, trace).await?;
        if let Line::Http2(connection) = &line
            && !client.settings.no_connection_reuse
            && self.get(url).is_none()
        {
            // A server that spoke HTTP/1.1 before.
            self.open.borrow_mut().push(connection.clone());
        }
        Ok(line)
    }

    fn under_way(&self, url: &Url) -> Option<Rc<Dial>> {
        self.dials.borrow().iter().find(|dial| dial.origin.is_of(url)).cloned()
    }

    async fn dial_for_all(&self, client: &Client, url: &Url, limit: Limit, trace: &Trace) -> Result<Line, Failure> {
        let dial = Rc::new(Dial { origin: Origin::of(url), end: OnceCell::new(), over: Notify::new() });
        self.dials.borrow_mut().push(dial.clone());
        let under_way = UnderWay { pool: self, dial };
        let line = connect(client, url, limit.deadline, trace).await;
        under_way.ended(match &line {
            Ok(Line::Http2(connection)) => {
                self.open.borrow_mut().push(connection.clone());
                End::Shared
            }
            Ok(Line::Http1(_)) => {
                client.note_http1(url);
                End::Alone
            }
            Err(failure) => End::Failed(failure.clone()),
        });
        line
    }
}

/// Lets the others go on when the dial has ended, or was dropped before.
struct UnderWay<'a> {
    pool: &'a Pool,
    dial: Rc<Dial>,
}

impl UnderWay<'_> {
    fn ended(self, end: End) {
        // Set here alone.
        let _ = self.dial.end.set(end);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.pool.dials.borrow_mut().retain(|dial| !Rc::ptr_eq(dial, &self.dial));
        self.dial.over.notify_waiters();
    }
}
