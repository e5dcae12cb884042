//! The HTTP API: who may ask what, and the answers.
//!
//! A request that is malformed or not permitted is refused at once; any other takes the time of its endpoint first and sees
//! the state as it then is.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::catalog;
use super::latency::Endpoint;
use super::mentoring::Role;
use super::queue::Ticket;
use super::sales::{Denied, Seat};
use super::service::Service;

/// The largest body that is read: every request of this API is far smaller.
const BODY_LIMIT: usize = 64 * 1024;

/// All routes over one service.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/boards", get(boards))
        .route("/api/v1/queue/token", post(issue_token))
        .route("/api/v1/queue/status", get(queue_status))
        .route("/api/v1/concerts", get(concerts))
        .route("/api/v1/concerts/{concert}/dates", get(dates))
        .route("/api/v1/concerts/{concert}/dates/{event}/seats", get(seats))
        .route("/api/v1/concert-events/{event}/available-seats", get(available_seats))
        .route("/api/v1/concert-events/{event}/occupy", post(occupy))
        .route("/api/v1/concert-events/{event}/reserve", post(reserve))
        .route("/api/v1/mentors", get(browse))
        .route("/api/v1/mentors/{mentor}/header", get(mentor_header))
        .route("/api/v1/mentors/{mentor}/intro", get(mentor_intro))
        .route("/api/v1/mentors/{mentor}/reviews", get(mentor_reviews))
        .route("/api/v1/mentors/{mentor}", patch(update_mentor).put(update_mentor))
        .route("/api/v1/mentees/{mentee}", patch(update_mentee).put(update_mentee))
        .fallback(async || Refusal(StatusCode::NOT_FOUND, "no such path"))
        .method_not_allowed_fallback(async || Refusal(StatusCode::METHOD_NOT_ALLOWED, "this path has other methods"))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(service)
}

/// Why a request gets no other answer.
#[derive(Debug)]
struct Refusal(StatusCode, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(self.0, &json!({ "error": { "code": self.0.as_u16(), "message": self.1 } }))
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NoEvent => Refusal(StatusCode::NOT_FOUND, "no such concert event"),
            Denied::NoSeat => Refusal(StatusCode::NOT_FOUND, "no such seat in this concert event"),
            Denied::Taken => Refusal(StatusCode::CONFLICT, "the seat is taken"),
            Denied::NoOccupation => Refusal(StatusCode::NOT_FOUND, "no such occupation of yours, or it has expired"),
        }
    }
}

type Answer = Result<Response, Refusal>;
type Shared = State<Arc<Service>>;

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn ok(body: &Value) -> Answer {
    Ok(answer(StatusCode::OK, body))
}

async fn health() -> Answer {
    ok(&json!({ "status": "UP" }))
}

async fn boards(State(service): Shared) -> Answer {
    service.take_time(service.arrive(Endpoint::Boards)).await;
    ok(&catalog::boards())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenRequest {
    user_id: u64,
}

async fn issue_token(State(service): Shared, headers: HeaderMap, body: Bytes) -> Answer {
    authorized(&headers)?;
    let TokenRequest { user_id } = json_body(&body, "the body must be {\"userId\": a whole number from 1}")?;
    if user_id == 0 {
        return Err(Refusal(StatusCode::BAD_REQUEST, "userId counts from 1"));
    }
    service.take_time(service.arrive(Endpoint::QueueToken)).await;
    let now = service.now();
    let (token, ticket) = service.queue.issue(now);
    let standing = service.queue.standing(ticket, now);
    ok(&json!({ "data": {
        "token": token,
        "position": standing.position,
        "estimatedWaitingTime": standing.estimated_waiting_time,
    } }))
}

async fn queue_status(State(service): Shared, headers: HeaderMap) -> Answer {
    authorized(&headers)?;
    let ticket = ticket(&service, &headers)?;
    service.take_time(service.arrive(Endpoint::QueueStatus)).await;
    let standing = service.queue.standing(ticket, service.now());
    ok(&json!({ "data": {
        "position": standing.position,
        "estimatedWaitingTime": standing.estimated_waiting_time,
    } }))
}

async fn concerts(State(service): Shared, RawQuery(query): RawQuery) -> Answer {
    let (page, size) = page(query.as_deref())?;
    service.take_time(service.arrive(Endpoint::Concerts)).await;
    ok(&catalog::concerts(page, size))
}

async fn dates(State(service): Shared, Path(concert): Path<String>) -> Answer {
    let dates = catalog::dates(number(&concert)?).ok_or(Refusal(StatusCode::NOT_FOUND, "no such concert"))?;
    service.take_time(service.arrive(Endpoint::Dates)).await;
    ok(&dates)
}

async fn seats(State(service): Shared, Path((concert, event)): Path<(String, String)>) -> Answer {
    let event = number(&event)?;
    if !catalog::takes_place(number(&concert)?, event) {
        return Err(Refusal(StatusCode::NOT_FOUND, "no such date of this concert"));
    }
    service.take_time(service.arrive(Endpoint::Seats)).await;
    let list: Vec<Value> = service
        .sales
        .seats(event, service.now())?
        .into_iter()
        .map(|(seat, free)| json!({ "id": seat.id, "number": seat.number, "available": free }))
        .collect();
    ok(&json!({ "list": list }))
}

async fn available_seats(State(service): Shared, Path(event): Path<String>, headers: HeaderMap) -> Answer {
    admitted(&service, &headers)?;
    let event = number(&event)?;
    service.take_time(service.arrive(Endpoint::AvailableSeats)).await;
    let list: Vec<Value> = service.sales.available(event, service.now())?.into_iter().map(seat_for_sale).collect();
    ok(&json!({ "list": list }))
}

fn seat_for_sale(seat: Seat) -> Value {
    json!({ "id": seat.id, "number": seat.number, "price": catalog::SEAT_PRICE })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OccupyRequest {
    seat_id: u64,
}

async fn occupy(State(service): Shared, Path(event): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let ticket = admitted(&service, &headers)?;
    let event = number(&event)?;
    let OccupyRequest { seat_id } = json_body(&body, "the body must be {\"seatId\": a seat's id}")?;
    service.take_time(service.arrive(Endpoint::Occupy)).await;
    let now = service.now();
    let held = service.sales.occupy(event, seat_id, ticket.number, now)?;
    let expires = jiff::Timestamp::now() + held.until.saturating_sub(now);
    ok(&json!({ "data": { "id": held.id, "seatId": held.seat.id, "expiresAt": expires.to_string() } }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReserveRequest {
    occupation_id: u64,
}

async fn reserve(State(service): Shared, Path(event): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let ticket = admitted(&service, &headers)?;
    let event = number(&event)?;
    let ReserveRequest { occupation_id } = json_body(&body, "the body must be {\"occupationId\": an occupation's id}")?;
    let arrival = service.arrive(Endpoint::Reserve);
    service.take_time(arrival).await;
    if service.fails(arrival) {
        return Err(Refusal(StatusCode::INTERNAL_SERVER_ERROR, "the reservation could not be stored"));
    }
    let reservation = service.sales.reserve(event, occupation_id, ticket.number, service.now())?;
    ok(&json!({ "data": {
        "id": reservation.id,
        "concertEventId": event,
        "totalSeats": 1,
        "totalAmount": catalog::SEAT_PRICE,
        "seats": [seat_for_sale(reservation.seat)],
    } }))
}

async fn browse(State(service): Shared, RawQuery(query): RawQuery) -> Answer {
    let (page, size) = page(query.as_deref())?;
    service.take_time(service.arrive(Endpoint::Browse)).await;
    ok(&service.profiles.browse(page, size))
}

const NO_MENTOR: Refusal = Refusal(StatusCode::NOT_FOUND, "no such mentor");
const NO_MENTEE: Refusal = Refusal(StatusCode::NOT_FOUND, "no such mentee");

async fn mentor_header(State(service): Shared, Path(mentor): Path<String>) -> Answer {
    service.take_time(service.arrive(Endpoint::Header)).await;
    ok(&json!({ "data": service.profiles.header(number(&mentor)?).ok_or(NO_MENTOR)? }))
}

async fn mentor_intro(State(service): Shared, Path(mentor): Path<String>) -> Answer {
    service.take_time(service.arrive(Endpoint::Intro)).await;
    ok(&json!({ "data": service.profiles.intro(number(&mentor)?).ok_or(NO_MENTOR)? }))
}

async fn mentor_reviews(State(service): Shared, Path(mentor): Path<String>) -> Answer {
    service.take_time(service.arrive(Endpoint::Reviews)).await;
    ok(&service.profiles.reviews(number(&mentor)?).ok_or(NO_MENTOR)?)
}

#[derive(Deserialize)]
struct ProfileUpdate {
    introduction: String,
}

async fn update_mentor(State(service): Shared, Path(mentor): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    update(&service, Endpoint::UpdateMentor, Role::Mentor, &mentor, &headers, &body).await?.ok_or(NO_MENTOR)
}

async fn update_mentee(State(service): Shared, Path(mentee): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    update(&service, Endpoint::UpdateMentee, Role::Mentee, &mentee, &headers, &body).await?.ok_or(NO_MENTEE)
}

/// None for a person who doesn't exist.
async fn update(
    service: &Service,
    endpoint: Endpoint,
    role: Role,
    person: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<Response>, Refusal> {
    authorized(headers)?;
    let person = number(person)?;
    let update: ProfileUpdate = json_body(body, "the body must be {\"introduction\": text}")?;
    service.take_time(service.arrive(endpoint)).await;
    let profile = service.profiles.update(role, person, &update.introduction);
    Ok(profile.map(|profile| answer(StatusCode::OK, &json!({ "data": profile }))))
}

/// Any bearer token will do: this API has no accounts.
fn authorized(headers: &HeaderMap) -> Result<(), Refusal> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match bearer {
        Some(token) if !token.trim().is_empty() => Ok(()),
        _ => Err(Refusal(StatusCode::UNAUTHORIZED, "the header `Authorization: Bearer …` is missing")),
    }
}

fn ticket(service: &Service, headers: &HeaderMap) -> Result<Ticket, Refusal> {
    let token =
        headers.get("user-token").ok_or(Refusal(StatusCode::BAD_REQUEST, "the header `User-Token` is missing"))?;
    let ticket = token.to_str().ok().and_then(|token| service.queue.read(token));
    ticket.ok_or(Refusal(StatusCode::NOT_FOUND, "no such token in the queue"))
}

/// The ticket of somebody whose turn it is.
fn admitted(service: &Service, headers: &HeaderMap) -> Result<Ticket, Refusal> {
    authorized(headers)?;
    let ticket = ticket(service, headers)?;
    match service.queue.standing(ticket, service.now()).position {
        0 => Ok(ticket),
        _ => Err(Refusal(StatusCode::FORBIDDEN, "the token is still in the queue")),
    }
}

fn json_body<T: DeserializeOwned>(body: &[u8], otherwise: &'static str) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal(StatusCode::BAD_REQUEST, otherwise))
}

fn number(segment: &str) -> Result<u32, Refusal> {
    segment.parse().map_err(|_| Refusal(StatusCode::BAD_REQUEST, "an id in the path is not a whole number"))
}

/// `page` (from 0) and `size` of a query.
fn page(query: Option<&str>) -> Result<(u32, u32), Refusal> {
    let (mut page, mut size) = (0, catalog::PAGE_SIZE);
    for (key, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let wanted = match &*key {
            "page" => &mut page,
            "size" => &mut size,
            _ => continue,
        };
        *wanted = value.parse().map_err(|_| Refusal(StatusCode::BAD_REQUEST, "page and size are whole numbers"))?;
    }
    if !(1..=catalog::PAGE_SIZE_LIMIT).contains(&size) {
        return Err(Refusal(StatusCode::BAD_REQUEST, "size is 1 to 100"));
    }
    Ok((page, size))
}
