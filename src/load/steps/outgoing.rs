//! From a request of the plan to one that can be sent.
//!
//! Everything constant (the parsed URL, header values, the serialised body) is made once for each request and scenario;
//! a request without templates costs a copy.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use minijinja::Value;
use url::Url;

use crate::load::Arm;
use crate::load::http::{Credentials, Outgoing, same_origin};
use crate::plan::expression::EvaluationError;
use crate::plan::step::Auth;
use crate::plan::{Request, Template};

use super::body;

/// Headers that every request of a flow sends.
pub(super) type FlowHeaders = [(HeaderName, Template)];

/// The constant parts of a request.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The whole of it, where it has no expression.
    constant: Option<Outgoing>,
    /// Where neither path nor query has an expression.
    url: Option<Url>,
    /// The constant headers, by precedence.
    headers: HeaderMap,
    /// Headers with expressions.
    templates: Vec<(HeaderName, Source)>,
    /// Where it has no expression.
    body: Option<Bytes>,
}

/// Which list of headers a template is in, and where.
#[derive(Clone, Copy, Debug)]
enum Source {
    Default(usize),
    Flow(usize),
    Own(usize),
}

/// Why a request can't be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unsendable {
    Evaluation(EvaluationError),
    /// The URL or a header is not one, and why.
    Malformed(String),
}

impl From<EvaluationError> for Unsendable {
    fn from(error: EvaluationError) -> Self {
        Unsendable::Evaluation(error)
    }
}

impl Prepared {
    /// What is wrong with constant parts is found again when the request is made, and told then.
    pub(super) fn new(request: &Request, flow: &FlowHeaders, arm: &Arm) -> Self {
        let mut prepared = Prepared {
            constant: None,
            url: constant_url(request, arm),
            headers: HeaderMap::new(),
            templates: Vec::new(),
            body: request
                .body
                .as_ref()
                .filter(|body| body::is_constant(body))
                .and_then(|body| body::encode(body, &Value::UNDEFINED).ok())
                .filter(|encoded| encoded.content_type.is_none())
                .map(|encoded| encoded.bytes),
        };
        if let Some(value) = request.body.as_ref().and_then(body::content_type) {
            prepared.headers.extend(HeaderValue::try_from(value).ok().map(|value| (CONTENT_TYPE, value)));
        }
        prepared.add(&request.default_headers, Source::Default);
        prepared.add(flow, Source::Flow);
        prepared.add(&request.headers, Source::Own);
        let constant = prepared.url.is_some()
            && prepared.templates.is_empty()
            && request.body.as_ref().is_none_or(body::is_constant)
            && request.auth.as_ref().is_none_or(is_constant);
        if constant {
            prepared.constant = outgoing(request, &prepared, flow, arm, &Value::UNDEFINED).ok();
        }
        prepared
    }

    /// The request as it is sent, where it is always the same.
    pub(super) fn constant(&self) -> Option<&Outgoing> {
        self.constant.as_ref()
    }

    /// Adds a list of headers, which replace those of the same names that came before.
    fn add(&mut self, headers: &FlowHeaders, source: impl Fn(usize) -> Source) {
        for (name, _) in headers {
            self.headers.remove(name);
            self.templates.retain(|(other, _)| other != name);
        }
        for (index, (name, template)) in headers.iter().enumerate() {
            match template.constant().map(HeaderValue::from_str) {
                Some(Ok(value)) => {
                    self.headers.append(name.clone(), value);
                }
                Some(Err(_)) | None => self.templates.push((name.clone(), source(index))),
            }
        }
    }
}

fn constant_url(request: &Request, arm: &Arm) -> Option<Url> {
    let constant =
        request.url.constant().is_some() && request.query.iter().all(|(_, value)| value.constant().is_some());
    constant.then(|| url(request, arm, &Value::UNDEFINED).ok()).flatten()
}

/// The request in a scope.
pub(super) fn outgoing(
    request: &Request,
    prepared: &Prepared,
    flow: &FlowHeaders,
    arm: &Arm,
    scope: &Value,
) -> Result<Outgoing, Unsendable> {
    let url = match &prepared.url {
        Some(url) => url.clone(),
        None => url(request, arm, scope)?,
    };
    let mut headers = prepared.headers.clone();
    for (name, source) in &prepared.templates {
        let template = match *source {
            Source::Default(index) => &request.default_headers[index].1,
            Source::Flow(index) => &flow[index].1,
            Source::Own(index) => &request.headers[index].1,
        };
        headers.append(name.clone(), header_value(name, render(template, scope)?)?);
    }
    let mut digest = None;
    if let Some(Auth::Digest { username, password }) = &request.auth {
        let user = Credentials::new(render(username, scope)?, render(password, scope)?);
        let problem = || Unsendable::Malformed("the user name of `digest` has a control character".to_owned());
        digest = Some(Arc::new(user.ok_or_else(problem)?));
    } else if let Some(text) = request.auth.as_ref().and_then(|auth| authorization(auth, scope)) {
        let mut value = header_value(&AUTHORIZATION, text?)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let bytes = match (&prepared.body, &request.body) {
        (Some(bytes), _) => bytes.clone(),
        (None, None) => Bytes::new(),
        (None, Some(body)) => {
            let encoded = body::encode(body, scope)?;
            if let Some(content_type) = encoded.content_type {
                headers.insert(CONTENT_TYPE, header_value(&CONTENT_TYPE, content_type)?);
            }
            encoded.bytes
        }
    };
    let origin_headers =
        if same_origin(&url, &arm.origin) { arm.headers.iter().cloned().collect() } else { HeaderMap::new() };
    Ok(Outgoing {
        method: request.method.clone(),
        url,
        headers,
        origin_headers,
        body: bytes,
        timeout: request.timeout,
        redirects: request.redirects,
        cookies: request.cookies,
        digest,
    })
}

fn render(template: &Template, scope: &Value) -> Result<String, EvaluationError> {
    let mut out = String::new();
    template.render(scope, &mut out)?;
    Ok(out)
}

fn header_value(name: &HeaderName, value: String) -> Result<HeaderValue, Unsendable> {
    HeaderValue::try_from(value).map_err(|_| {
        Unsendable::Malformed(format!("header `{name}` has a value with a line break or control character"))
    })
}

/// Whether the credentials are the same in every scope.
fn is_constant(auth: &Auth) -> bool {
    let templates = match auth {
        Auth::Basic { username, password } | Auth::Digest { username, password } => [Some(username), Some(password)],
        Auth::Bearer(token) => [Some(token), None],
    };
    templates.into_iter().flatten().all(|template| template.constant().is_some())
}

/// The `Authorization` header; none where the server must ask first.
fn authorization(auth: &Auth, scope: &Value) -> Option<Result<String, EvaluationError>> {
    match auth {
        Auth::Basic { username, password } => Some(render(username, scope).and_then(|username| {
            Ok(format!("Basic {}", STANDARD.encode(format!("{username}:{}", render(password, scope)?))))
        })),
        Auth::Bearer(token) => Some(render(token, scope).map(|token| format!("Bearer {token}"))),
        Auth::Digest { .. } => None,
    }
}

/// The request's URL, joined to the arm's origin. Whether it may be touched is looked at when it is sent, as for the
/// redirects that follow.
fn url(request: &Request, arm: &Arm, scope: &Value) -> Result<Url, Unsendable> {
    let text = render(&request.url, scope)?;
    let mut url =
        arm.origin.join(&text).map_err(|error| Unsendable::Malformed(format!("`{text}` is no URL: {error}")))?;
    if !request.query.is_empty() {
        let mut value = String::new();
        let mut query = url.query_pairs_mut();
        for (name, template) in &request.query {
            value.clear();
            template.render(scope, &mut value)?;
            query.append_pair(name, &value);
        }
    }
    Ok(url)
}

/// Whether the load may touch the URL: the arm's own origin, or an allowed host by HTTP.
pub fn is_allowed(url: &Url, arm: &Arm) -> bool {
    if same_origin(url, &arm.origin) {
        return true;
    }
    let (Some(host), true) = (url.host_str(), matches!(url.scheme(), "http" | "https")) else { return false };
    arm.allowed_hosts.iter().any(|allowed| match allowed.strip_prefix(host) {
        Some("") => true,
        Some(rest) => {
            rest.strip_prefix(':').and_then(|port| port.parse().ok()) == url.port_or_known_default()
                && url.port_or_known_default().is_some()
        }
        None => false,
    })
}
