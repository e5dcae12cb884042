//! One request on its way to the deployment, and its answer on the way back.

use std::error::Error;
use std::iter;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::uri::{Authority, Parts, Scheme};
use http::{HeaderValue, Request, StatusCode, Uri, Version};
use http_body_util::{BodyExt, StreamBody};

use crate::timer::Timer;

use super::Delay;
use super::headers::Names;
use super::pace::Pace;
use super::proxy::Counters;
use super::upstream::Pool;

/// What all requests of a proxy share.
pub struct Forwarding {
    pub pool: Pool,
    pub names: Names,
    pub scheme: Scheme,
    pub authority: Authority,
    pub delay: Delay,
    pub timer: Timer,
    pub counters: Counters,
}

/// Passes a request on and its answer back. A deployment that can't be asked is told as 502.
pub async fn forward(State(forwarding): State<Arc<Forwarding>>, request: Request<Body>) -> Response {
    let request = match forwarding.inwards(request) {
        Ok(request) => request,
        Err(problem) => return forwarding.failed(&format!("the request can't be passed on: {problem}")),
    };
    let mut pace = Pace::begin(forwarding.delay, forwarding.timer.clone(), forwarding.counters.clone());
    match forwarding.pool.request(request).await {
        Ok(response) => {
            pace.head().await;
            let (mut head, body) = response.into_parts();
            forwarding.names.outwards(&mut head.headers);
            head.version = Version::HTTP_11;
            Response::from_parts(head, paced(Body::new(body), pace))
        }
        Err(error) => forwarding.failed(&chain(&error)),
    }
}

impl Forwarding {
    fn inwards(&self, request: Request<Body>) -> Result<Request<Body>, http::Error> {
        let (mut head, body) = request.into_parts();
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = head.uri.path_and_query().cloned();
        head.uri = Uri::from_parts(parts)?;
        head.version = Version::HTTP_11;
        self.names.inwards(&mut head.headers);
        Ok(Request::from_parts(head, body))
    }

    fn failed(&self, problem: &str) -> Response {
        self.counters.failed();
        let authority = &self.authority;
        let text = format!("loadgate's delaying proxy got no answer from {authority}: {problem}\n");
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response
    }
}

/// The body, each piece held back for what it owes. An error cuts it off, as the deployment did.
fn paced(body: Body, pace: Pace) -> Body {
    let pieces = stream::unfold((body, pace), |(mut body, mut pace)| async {
        let piece = body.frame().await?;
        pace.piece().await;
        Some((piece, (body, pace)))
    });
    Body::new(StreamBody::new(pieces))
}

/// An error with its causes, each told once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}
