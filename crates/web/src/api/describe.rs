//! What is true of every operation of an OpenAPI document, said once instead of at each of them:
//! what statuses mean, which refusals are always possible, the headers that go with both, and what
//! all of it looks like.

use serde_json::Value;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{
    Content, ContentBuilder, Header, OpenApi, Ref, RefOr, Schema, Server,
};

use super::example_bodies::{Of, Schemas};
use super::{example_refusals, parameters};
use crate::error::Refusal;

/// How a version of the API writes refusals.
pub(super) struct Refusals {
    pub(super) schema: &'static str,
    pub(super) media_type: &'static str,
    /// Writes one.
    pub(super) body: fn(&Refusal) -> Value,
}

/// Completes every operation of `document`.
pub(super) fn describe(document: &mut OpenApi, refusals: &Refusals) {
    let here = Server::new("/");
    document.servers = Some(vec![here]);
    let components = document.components.iter_mut();
    components
        .flat_map(|components| components.schemas.values_mut())
        .for_each(choose_freely);
    let schemas = Schemas::of(document);
    for item in document.paths.paths.values_mut() {
        for (operation, writes) in operations(item) {
            add_refusals(operation, writes);
            // Nobody needs a token for what does not say so.
            operation.security.get_or_insert_default();
            parameters::describe(operation);
            show_request(operation, &schemas);
            show_refusals(operation, refusals);
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    complete(status, response, &schemas);
                }
            }
        }
    }
}

/// What is one of several is told apart by its fields, and some allow the fields of others:
/// exactly one of them would be too much to ask.
fn choose_freely(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::OneOf(choice)) = schema {
        let description = choice.description.take();
        let any = AnyOfBuilder::new().description(description);
        let items = std::mem::take(&mut choice.items);
        let any = items.into_iter().fold(any, |any, item| any.item(item));
        *schema = RefOr::T(Schema::AnyOf(any.build()));
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

/// What may be answered wherever a token is asked for, a body is read, something is written, it may
/// have been done already, or the database is busy.
fn add_refusals(operation: &mut Operation, writes: bool) {
    let once = parameters::has(operation, "Idempotency-Key");
    let possible = [
        (operation.security.is_some(), "401"),
        (operation.request_body.is_some(), "400"),
        (operation.request_body.is_some(), "408"),
        (operation.request_body.is_some(), "413"),
        // What was made then may be gone by now.
        (once, "404"),
        (once, "409"),
        (once, "422"),
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

fn show_request(operation: &mut Operation, schemas: &Schemas) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for content in body.content.values_mut() {
            show(content, schemas, Of::Request);
        }
    }
}

/// Gives what has a schema and no example one.
fn show(content: &mut RefOr<Content>, schemas: &Schemas, of: Of) {
    if let RefOr::T(content) = content
        && let Some(schema) = &content.schema
        && content.example.is_none()
    {
        content.example = Some(schemas.example(schema, of));
    }
}

fn show_refusals(operation: &mut Operation, refusals: &Refusals) {
    let mut responses = std::mem::take(&mut operation.responses.responses);
    for (status, response) in &mut responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let example = example_refusals::refusal(status, operation);
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name(refusals.schema)))
                .example(example.as_ref().map(refusals.body))
                .build();
            response.content = [(refusals.media_type.to_owned(), content.into())].into();
        }
    }
    operation.responses.responses = responses;
}

fn complete(status: &str, response: &mut Response, schemas: &Schemas) {
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
    for content in response.content.values_mut() {
        show(content, schemas, Of::Response);
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done",
        "201" => "Made",
        "204" => "Done; there is nothing to show",
        "304" => "The client has it already: `If-None-Match` names its tag",
        "400" => "The query or the body cannot be read, or means nothing",
        "401" => "No token came, or one that is not valid or has expired",
        "403" => "The caller may not",
        "404" => "There is no such thing, or the caller may not know of it",
        "408" => "The body did not arrive within a minute",
        "409" => "Something stands in the way: `code` says what",
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
