//! Queries of lists: a limit, a cursor, an order, and filters that are all known.

use std::sync::LazyLock;

use bytes::Bytes;
use domain::Body;
use model::{Cursor, Invalid, Key, ListName, Page, PageLimit};
use serde::Serialize;

use super::parameters::{filter, invalid};
use super::shape::{Names, Shape};
use super::wire::written;
use crate::conditional::tag_of_list;
use crate::error::Result;
use crate::query::Query;

/// What a list can be asked for, besides `limit` and `cursor`.
pub(super) struct Listing<S: 'static = ()> {
    /// The names of its filters, in the order in which links name them.
    pub(super) filters: &'static [&'static str],
    /// Those that may stand more than once, so that all of them count.
    pub(super) repeatable: &'static [&'static str],
    /// What it can be sorted by; the first is how it is sorted when nothing is asked for.
    pub(super) orders: &'static [Order<S>],
    /// What can be asked for of its rows.
    pub(super) names: &'static LazyLock<Names>,
    /// Whether it can be asked how many rows it has.
    pub(super) counted: bool,
}

/// An order that a list can be asked for.
pub(super) struct Order<S: 'static> {
    /// Its name in `sort`: a field, with `-` before it for downwards.
    pub(super) name: &'static str,
    pub(super) by: S,
    /// The place before the first row.
    pub(super) first: Cursor,
}

impl Listing {
    /// A list with one order and without filters, of rows that have these fields.
    pub(super) const fn plain(
        orders: &'static [Order<()>; 1],
        names: &'static LazyLock<Names>,
    ) -> Self {
        Self {
            filters: &[],
            repeatable: &[],
            orders,
            names,
            counted: false,
        }
    }

    /// The same, which can be counted.
    pub(super) const fn counted(self) -> Self {
        Self {
            counted: true,
            ..self
        }
    }

    /// The same, with these filters.
    pub(super) const fn filtered(self, filters: &'static [&'static str]) -> Self {
        Self { filters, ..self }
    }
}

impl Order<()> {
    /// The only order of a list: there is nothing to ask for.
    pub(super) const fn only(first: Cursor) -> Self {
        Self {
            name: "",
            by: (),
            first,
        }
    }
}

/// The newest first, and no other way.
pub(super) static NEWEST: [Order<()>; 1] = [Order::only(Cursor::NEWEST)];
/// The oldest first, and no other way.
pub(super) static OLDEST: [Order<()>; 1] = [Order::only(Cursor::LOWEST)];

/// Which page of which list was asked for.
pub(super) struct PageQuery<S: 'static = ()> {
    pub(super) limit: PageLimit,
    /// Where it begins; the first page has no cursor.
    pub(super) cursor: Option<Cursor>,
    pub(super) order: &'static Order<S>,
    /// Whether to count all rows of the list.
    pub(super) total: bool,
    pub(super) shape: Shape,
    /// The path, the filters and the order, as they stand in a link.
    selection: String,
}

impl<S> PageQuery<S> {
    /// Reads what was asked for of the list at `path`.
    pub(super) fn read(path: &str, query: &Query, list: &'static Listing<S>) -> Result<Self> {
        list.refuse_unknown(query)?;
        let limit = query
            .first("limit")
            .map_or(Ok(PageLimit::default()), PageLimit::parse);
        let limit = limit.map_err(|error| invalid("limit", error))?;
        let order = list.order(query)?;
        let boolean = |text: &str| text.parse().ok();
        let total = filter(query, "total", boolean, "must be true or false")?;
        let shape = Shape::read(query, list.names)?;
        let selection = list.selection(path, query, order);
        let cursor = query
            .first("cursor")
            .map(|text| Cursor::decode(text, name_of(&selection, order)));
        let cursor = cursor
            .transpose()
            .map_err(|error| invalid("cursor", error))?;
        Ok(Self {
            limit,
            cursor,
            order,
            total: total.unwrap_or_default(),
            shape,
            selection,
        })
    }

    /// Where the page begins.
    pub(super) fn begin(&self) -> Cursor {
        self.cursor.as_ref().unwrap_or(&self.order.first).clone()
    }

    /// The text of the cursor to the next page.
    pub(super) fn next_cursor<T>(&self, page: &Page<T>) -> Option<String> {
        let next = page.next.as_ref();
        next.map(|cursor| cursor.encode(name_of(&self.selection, self.order)))
    }

    /// The value of a `Link` header that leads to the next page (RFC 8288).
    pub(super) fn link(&self, next_cursor: Option<&str>) -> Bytes {
        next_cursor.map_or_else(Bytes::new, |cursor| {
            format!("<{}&cursor={cursor}>; rel=\"next\"", self.name()).into()
        })
    }

    /// Everything that the body of the first page depends on.
    pub(super) fn name(&self) -> String {
        let (selection, shape) = (&self.selection, self.shape.parameters());
        let total = if self.total { "total=true&" } else { "" };
        format!("{selection}{shape}{total}limit={}", self.limit.get())
    }

    /// How many rows the list has, if that was asked for.
    pub(super) async fn count(
        &self,
        count: impl Future<Output = domain::Result<i64>>,
    ) -> Result<Option<i64>> {
        Ok(if self.total { Some(count.await?) } else { None })
    }

    /// The body of a page: `list` as it was asked for, with its tag and its link.
    pub(super) fn body(&self, list: &impl Serialize, next_cursor: Option<&str>) -> Body {
        let bytes = self.shape.of_rows(written(list));
        Body {
            tag: tag_of_list(&bytes),
            bytes: bytes.into(),
            link: self.link(next_cursor),
        }
    }
}

impl<S> Listing<S> {
    fn refuse_unknown(&self, query: &Query) -> Result<()> {
        let mut known = [&["limit", "cursor"], self.filters, self.repeatable].concat();
        if self.orders.len() > 1 {
            known.push("sort");
        }
        known.extend(self.names.parameters());
        if self.counted {
            known.push("total");
        }
        match query.unknown(&known) {
            Some(name) => Err(invalid(
                name,
                Invalid::new("is not a parameter of this list"),
            )),
            None => Ok(()),
        }
    }

    fn order(&self, query: &Query) -> Result<&'static Order<S>> {
        let Some(name) = query.first("sort") else {
            return Ok(&self.orders[0]);
        };
        let found = self.orders.iter().find(|order| order.name == name);
        found.ok_or_else(|| {
            let names: Vec<_> = self.orders.iter().map(|order| order.name).collect();
            let must = format!("must be one of {}", names.join(", "));
            invalid("sort", Invalid::new(must))
        })
    }

    /// The path and all that selects or orders the rows, in one spelling.
    fn selection(&self, path: &str, query: &Query, order: &Order<S>) -> String {
        let mut selection = format!("{path}?");
        let mut add = |name: &str, value: &str| {
            let mut pair = form_urlencoded::Serializer::new(String::new());
            selection.push_str(&pair.append_pair(name, value).finish());
            selection.push('&');
        };
        for name in self.filters {
            if let Some(value) = query.first(name) {
                add(name, value);
            }
        }
        for name in self.repeatable {
            let mut values: Vec<_> = query.all(name).collect();
            values.sort_unstable();
            values.dedup();
            values.into_iter().for_each(|value| add(name, value));
        }
        if query.first("sort").is_some() && order.name != self.orders[0].name {
            add("sort", order.name);
        }
        selection
    }
}

fn name_of<S>(selection: &str, order: &Order<S>) -> ListName {
    match order.first.key {
        Key::Int(_) => ListName::of(selection),
        Key::Text(_) => ListName::by_text(selection),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::wire::TodoOut;
    use super::*;
    use crate::error::Error;

    static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<TodoOut<'_>>(&[]));
    static LIST: Listing<bool> = Listing {
        filters: &["user_id", "category"],
        repeatable: &["tag"],
        orders: &[
            Order {
                name: "-published_at",
                by: false,
                first: Cursor::NEWEST,
            },
            Order {
                name: "title",
                by: true,
                first: Cursor::FIRST_TEXT,
            },
        ],
        names: &NAMES,
        counted: true,
    };

    fn read(uri: &str) -> Result<PageQuery<bool>> {
        let (path, query) = uri.split_once('?').unwrap();
        PageQuery::read(path, &Query::parse(query), &LIST)
    }

    fn refused(query: &str) -> String {
        match read(&format!("/posts?{query}")) {
            Err(Error::InvalidQuery(error)) => format!("{} {}", error.field, error.message),
            _ => panic!("{query} is taken"),
        }
    }

    fn page(cursor: Cursor) -> Page<()> {
        Page {
            rows: Vec::new(),
            next: Some(cursor),
        }
    }

    #[test]
    fn filters_are_named_in_one_order() {
        let one = read("/posts?limit=5&category=a&user_id=1&category=b").unwrap();
        let other = read("/posts?user_id=1&limit=05&category=a").unwrap();

        assert_eq!(one.name(), other.name());
        assert_eq!(one.name(), "/posts?user_id=1&category=a&limit=5");
    }

    #[test]
    fn what_selects_and_what_is_shown_has_one_spelling() {
        let one = read("/posts?tag=b&fields=title,id&total=true&tag=a&sort=title&tag=b").unwrap();
        let name = "/posts?tag=a&tag=b&sort=title&fields=id,title&total=true&limit=20";
        assert_eq!(one.name(), name);
        assert!(one.order.by);
        assert_eq!(one.begin(), Cursor::FIRST_TEXT);
        // The order that there is anyway has no name.
        assert_eq!(
            read("/posts?sort=-published_at&total=false")
                .unwrap()
                .name(),
            read("/posts?").unwrap().name(),
        );
    }

    #[test]
    fn a_cursor_stands_for_one_order_whatever_is_shown() {
        let first = read("/posts?limit=5").unwrap();
        let cursor = first.next_cursor(&page(Cursor::of(1, 1))).unwrap();

        assert!(read(&format!("/posts?fields=id&total=true&cursor={cursor}")).is_ok());
        assert!(read(&format!("/posts?sort=title&cursor={cursor}")).is_err());
    }

    #[test]
    fn what_is_no_order_is_told_what_there_is() {
        for sort in ["published_at", "-title", "", "title,id"] {
            let told = refused(&format!("sort={sort}"));
            assert_eq!(told, "sort must be one of -published_at, title");
        }
        assert_eq!(refused("total=yes"), "total must be true or false");
        assert_eq!(
            refused("srot=title"),
            "srot is not a parameter of this list"
        );
        assert_eq!(
            refused("include=html"),
            "include is not a parameter of this list"
        );
        for query in ["sort=x", "total=true"] {
            assert!(PageQuery::read("/p", &Query::parse(query), &PLAIN).is_err());
        }
    }

    static PLAIN: Listing = Listing::plain(&NEWEST, &NAMES);

    proptest! {
        #[test]
        fn a_link_leads_to_the_place_it_was_made_for(
            key in "[^\0]{0,20}",
            id: i64,
            limit in 1u32..=100,
            category in proptest::option::of(".{0,20}"),
            total: bool,
        ) {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            pairs.append_pair("limit", &limit.to_string());
            if let Some(category) = &category {
                pairs.append_pair("category", category);
            }
            pairs.append_pair("total", &total.to_string());
            pairs.append_pair("fields", "title,id");
            pairs.append_pair("sort", "title");
            let first = read(&format!("/posts?{}", pairs.finish())).unwrap();

            let cursor = first.next_cursor(&page(Cursor::of(key.clone(), id)));
            let link = String::from_utf8(first.link(cursor.as_deref()).into()).unwrap();
            let uri = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
            let next = read(uri.unwrap()).unwrap();

            prop_assert_eq!(&next.cursor, &Some(Cursor::of(key, id)));
            prop_assert_eq!(next.name(), first.name());
        }

        #[test]
        fn no_query_is_a_panic(text in "(limit|cursor|category|x)=[!$-;=?-~]{0,40}") {
            drop(read(&format!("/posts?{text}")));
        }
    }
}
