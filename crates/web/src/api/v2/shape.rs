//! What of a resource is shown: `fields` trims it, `include` adds what is heavy.

use std::collections::BTreeMap;

use domain::Body;
use model::Invalid;
use serde_json::Value;
use utoipa::ToSchema;

use super::field_tree::{Tree, members, rewritten, trim, write_object};
use super::parameters::{invalid, refuse_unknown};
use crate::conditional::tag_of_part;
use crate::error::Result;
use crate::query::Query;

/// The fields that a resource has, as its documentation lists them, and what `include` can add.
pub(super) struct Names {
    fields: Tree,
    includes: &'static [&'static str],
}

/// What was asked for of a resource.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    fields: Option<Tree>,
    includes: Vec<&'static str>,
}

impl Names {
    /// The fields of what is documented as `T`; `includes` are those that are there on demand.
    pub(super) fn of<T: ToSchema>(includes: &'static [&'static str]) -> Self {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        let value = |schema| serde_json::to_value(schema).unwrap_or_default();
        let schemas = schemas.into_iter();
        let schemas = schemas.map(|(name, schema)| (name, value(schema)));
        let fields = properties(&value(T::schema()), &schemas.collect()).unwrap_or_default();
        Self { fields, includes }
    }

    /// The same without a field that is not there.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.fields.remove(name);
        self
    }

    /// The parameters that ask for a shape.
    pub(super) const fn parameters(&self) -> &'static [&'static str] {
        if self.includes.is_empty() {
            &["fields"]
        } else {
            &["fields", "include"]
        }
    }
}

/// The properties of a schema of an object, or of several that go together.
fn properties(schema: &Value, schemas: &BTreeMap<String, Value>) -> Option<Tree> {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        return properties(schemas.get(name)?, schemas);
    }
    let mut found = Tree::default();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let within = properties(property, schemas);
        found.0.insert(name.clone(), within);
    }
    let parts = ["allOf", "oneOf", "anyOf"].map(|name| schema[name].as_array());
    let parts = parts.into_iter().flatten().flatten();
    for part in parts
        .chain([&schema["items"]])
        .filter(|part| part.is_object())
    {
        found
            .0
            .extend(properties(part, schemas).unwrap_or_default().0);
    }
    (!found.0.is_empty()).then_some(found)
}

impl Shape {
    /// Reads what is asked for of the rows of a list.
    pub(super) fn read(query: &Query, names: &Names) -> Result<Self> {
        let fields = query
            .first("fields")
            .map(|text| fields(text, &names.fields));
        let includes = query.first("include").into_iter();
        let includes = includes.flat_map(|text| text.split(',').map(str::trim));
        let includes = includes.map(|name| {
            let known = names.includes.iter().find(|known| **known == name);
            let must = || format!("must name none but {}", names.includes.join(", "));
            known
                .copied()
                .ok_or_else(|| invalid("include", Invalid::new(must())))
        });
        Ok(Self {
            fields: fields.transpose()?,
            includes: includes.collect::<Result<_>>()?,
        })
    }

    /// Reads what is asked for of a single resource, which knows no other parameter.
    pub(super) fn alone(query: &Query, names: &Names) -> Result<Self> {
        refuse_unknown(query, names.parameters())?;
        Self::read(query, names)
    }

    /// Whether to add `name`: whoever names it among the fields means it to be there.
    pub(super) fn includes(&self, name: &str) -> bool {
        let named = |tree: &Tree| tree.0.contains_key(name);
        self.includes.contains(&name) || self.fields.as_ref().is_some_and(named)
    }

    /// The parameters in one spelling, each followed by `&`.
    pub(super) fn parameters(&self) -> String {
        let mut text = String::new();
        if let Some(fields) = &self.fields {
            let mut paths = Vec::new();
            fields.paths("", &mut paths);
            text.push_str(&format!("fields={}&", paths.join(",")));
        }
        if !self.includes.is_empty() {
            let mut names = self.includes.clone();
            names.sort_unstable();
            names.dedup();
            text.push_str(&format!("include={}&", names.join(",")));
        }
        text
    }

    /// What was asked for of a resource's body, with a tag of its own.
    pub(super) fn of_resource(&self, body: Body) -> Body {
        let Some(fields) = &self.fields else {
            return body;
        };
        let bytes = rewritten(&body.bytes, |resource, out| trim(resource, fields, out));
        Body {
            tag: tag_of_part(&body.tag, &bytes),
            bytes: bytes.into(),
            ..body
        }
    }

    /// What was asked for of the rows of a list that is no page, with a tag of its own.
    pub(super) fn of_list(&self, body: Body) -> Body {
        if self.fields.is_none() {
            return body;
        }
        let bytes = self.of_rows(body.bytes.into());
        Body {
            tag: tag_of_part(&body.tag, &bytes),
            bytes: bytes.into(),
            ..body
        }
    }

    /// What was asked for of the rows in a list's body; what stands beside them stays.
    pub(super) fn of_rows(&self, body: Vec<u8>) -> Vec<u8> {
        let Some(fields) = &self.fields else {
            return body;
        };
        rewritten(&body, |list, out| {
            write_object(members(list).iter(), out, |(_, value), out| {
                if value.get().starts_with('[') {
                    trim(value, fields, out);
                } else {
                    out.extend_from_slice(value.get().as_bytes());
                }
            });
        })
    }
}

/// Reads a list of names such as `id,author.username`.
fn fields(text: &str, known: &Tree) -> Result<Tree> {
    let mut tree = Tree::default();
    for path in text.split(',').map(str::trim) {
        if path.is_empty() {
            let must = Invalid::new("must be names such as id,author.username");
            return Err(invalid("fields", must));
        }
        tree.add(path, known).ok_or_else(|| {
            let message = format!("names {path}, which is not a field here");
            invalid("fields", Invalid::new(message))
        })?;
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::super::post_wire::PostOut;
    use super::super::users::Seen;
    use super::*;
    use crate::conditional::{tag_of, tag_of_list};

    fn shape(query: &str) -> Result<Shape> {
        let names = Names::of::<PostOut<'_>>(&["html", "toc"]);
        Shape::alone(&Query::parse(query), &names)
    }

    fn refused(query: &str) -> String {
        match shape(query) {
            Err(crate::error::Error::InvalidQuery(error)) => {
                format!("{} {}", error.field, error.message)
            }
            other => panic!("{query}: {other:?}"),
        }
    }

    fn trimmed(query: &str, body: &'static str) -> Body {
        let bytes = Bytes::from_static(body.as_bytes());
        let tag = tag_of(7, body.as_bytes());
        let link = Bytes::new();
        shape(query).unwrap().of_resource(Body { bytes, tag, link })
    }

    const POST: &str = r#"{"title":"T\"","id":1,"author":{"username":"a","id":2},"version":7}"#;

    #[test]
    fn what_is_named_stays_in_its_order_byte_for_byte() {
        for (query, wanted) in [
            ("", POST),
            ("fields=id,title", r#"{"title":"T\"","id":1}"#),
            ("fields=author.username", r#"{"author":{"username":"a"}}"#),
            (
                "fields=author,author.id",
                r#"{"author":{"username":"a","id":2}}"#,
            ),
            (
                "fields=author.id,author",
                r#"{"author":{"username":"a","id":2}}"#,
            ),
            (
                "fields=author.id,%20author.username",
                r#"{"author":{"username":"a","id":2}}"#,
            ),
            ("fields=category", "{}"),
        ] {
            assert_eq!(trimmed(query, POST).bytes, wanted, "{query}");
        }
    }

    #[test]
    fn the_tag_is_of_what_is_shown_and_of_the_same_version() {
        let body = trimmed("fields=id", POST);
        assert_eq!(body.tag, tag_of(7, br#"{"id":1}"#));
        assert_eq!(tag_of_part(&tag_of_list(b"x"), b"y"), tag_of_list(b"y"));
    }

    #[test]
    fn the_rows_of_a_list_are_trimmed_and_nothing_beside_them() {
        let list = br#"{"posts":[{"id":1,"title":"a"},{"id":2,"title":"b"}],"next_cursor":null,"total":2}"#;
        let rows = shape("fields=id").unwrap().of_rows(list.to_vec());
        assert_eq!(
            rows,
            br#"{"posts":[{"id":1},{"id":2}],"next_cursor":null,"total":2}"#
        );
        assert_eq!(shape("").unwrap().of_rows(list.to_vec()), list);
    }

    #[test]
    fn a_name_that_is_none_is_refused_and_named() {
        let names = |name: &str| format!("fields names {name}, which is not a field here");
        assert_eq!(refused("fields=id,tilte"), names("tilte"));
        assert_eq!(refused("fields=author.name"), names("author.name"));
        assert_eq!(refused("fields=title.id"), names("title.id"));
        assert_eq!(refused("fields=author."), names("author."));
        for query in ["fields=", "fields=id,", "fields=,", "fields=%20"] {
            assert_eq!(
                refused(query),
                "fields must be names such as id,author.username"
            );
        }
        assert_eq!(refused("feilds=id"), "feilds is not a parameter of this");
        assert_eq!(refused("include=x"), "include must name none but html, toc");
        assert_eq!(refused("include="), "include must name none but html, toc");
    }

    #[test]
    fn what_is_included_has_one_spelling() {
        let asked = shape("include=toc,html&fields=title,author.id,id").unwrap();
        assert_eq!(
            asked.parameters(),
            "fields=author.id,id,title&include=html,toc&"
        );
        assert!(asked.includes("html"));
        assert!(!shape("").unwrap().includes("html"));
        assert!(shape("fields=title").unwrap().includes("title"));
    }

    #[test]
    fn either_of_two_shapes_has_its_names() {
        let names = Names::of::<Seen<'_>>(&[]);
        for name in ["id", "username", "email", "suspended"] {
            assert!(names.fields.0.contains_key(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_trimmed_is_part_of_what_was_there(
            names in prop::collection::vec("id|title|author|author\\.id|author\\.username|version", 1..6),
        ) {
            let body = trimmed(&format!("fields={}", names.join(",")), POST);
            let part: Value = serde_json::from_slice(&body.bytes).unwrap();
            let whole: Value = serde_json::from_str(POST).unwrap();
            for name in &names {
                let pointer = format!("/{}", name.replace('.', "/"));
                prop_assert_eq!(part.pointer(&pointer), whole.pointer(&pointer));
            }
            for name in part.as_object().unwrap().keys() {
                prop_assert!(names.iter().any(|asked| asked.split('.').next() == Some(name)));
            }
        }

        #[test]
        fn no_query_is_a_panic(text in ".{0,40}") {
            let query = format!("fields={text}&include={text}");
            drop(shape(&query));
        }
    }
}
