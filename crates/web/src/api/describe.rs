//! What is true of every operation of an OpenAPI document, said once instead of at each of them:
//! what statuses mean, which refusals are always possible, and the headers that go with both.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::{ContentBuilder, Header, OpenApi, Ref, RefOr};

/// How a version of the API writes refusals.
pub(super) struct Refusals {
    pub(super) schema: &'static str,
    pub(super) media_type: &'static str,
}

/// Completes every operation of `document`.
pub(super) fn describe(document: &mut OpenApi, refusals: &Refusals) {
    for item in document.paths.paths.values_mut() {
        for (operation, writes) in operations(item) {
            add_refusals(operation, writes);
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    complete(status, response, refusals);
                }
            }
        }
    }
}

/// The operations of a path, each with whether it may change something.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let writing = [
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ];
    let writing = writing.into_iter().flatten().map(|write| (write, true));
    item.get.iter_mut().map(|read| (read, false)).chain(writing)
}

/// What may be answered wherever a token is asked for, a body is read, something is written, or
/// the database is busy.
fn add_refusals(operation: &mut Operation, writes: bool) {
    let possible = [
        (operation.security.is_some(), "401"),
        (operation.request_body.is_some(), "400"),
        (operation.request_body.is_some(), "413"),
        (writes, "429"),
        (true, "503"),
    ];
    for (is_possible, status) in possible {
        if is_possible {
            let responses = &mut operation.responses.responses;
            responses
                .entry(status.to_owned())
                .or_insert_with(|| Response::default().into());
        }
    }
}

fn complete(status: &str, response: &mut Response, refusals: &Refusals) {
    if response.description.is_empty() {
        meaning(status).clone_into(&mut response.description);
    }
    for (name, description) in headers(status) {
        let header: Header = HeaderBuilder::new().description(Some(*description)).build();
        response
            .headers
            .entry((*name).to_owned())
            .or_insert(header.into());
    }
    if status.starts_with(['4', '5']) {
        let schema = Ref::from_schema_name(refusals.schema);
        let content = ContentBuilder::new().schema(Some(schema)).build();
        response.content = [(refusals.media_type.to_owned(), content.into())].into();
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done",
        "201" => "Made",
        "304" => "The client has it already: `If-None-Match` names its tag",
        "400" => "The query or the body cannot be read, or means nothing",
        "401" => "No token came, or one that is not valid or has expired",
        "403" => "The caller may not",
        "404" => "There is no such thing, or the caller may not know of it",
        "412" => "`If-Match` names another version than the current one",
        "413" => "The body has too many bytes",
        "415" => "`Content-Type` is not JSON",
        "422" => "Some fields are wrong; every one of them is told",
        "429" => "Too many attempts in too short a time",
        "503" => "The server is busy",
        _ => "See the title",
    }
}

fn headers(status: &str) -> &'static [(&'static str, &'static str)] {
    match status {
        "401" => &[("WWW-Authenticate", "`Bearer`, and what is wrong with it")],
        "412" => &[("ETag", "The current tag")],
        "429" | "503" => &[("Retry-After", "After how many seconds to try again")],
        _ => &[],
    }
}
