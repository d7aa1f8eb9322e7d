//! Finding posts by their words.

use model::{Cursor, Page, PageLimit, Post, PostFields, SearchHit, SearchText};
use render::SearchQuery;

use crate::{Domain, Result};

/// How many hits are ranked: the newest.
const RANKED: u32 = 1000;

/// No word ends in `_`.
const NOTHING: &str = "nothing_";

/// In which order hits are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchSort {
    /// Whatever fits best of the newest hits first: titles count more than tags, tags more than text.
    Relevance,
    /// The newest first.
    Newest,
}

/// A post that was found, with some of its words.
#[derive(Debug)]
pub struct Found {
    /// The post.
    pub post: Post,
    /// Some words around what was found, as HTML in which `<mark>` is the only markup.
    pub snippet: String,
}

impl Domain {
    /// A page of the public posts that `query` finds, after `after` in the order that is asked for.
    pub async fn search(
        &self,
        query: &SearchQuery,
        sort: SearchSort,
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Found>> {
        if query.is_empty() {
            return Ok(Page::cut(Vec::new(), limit, |_| after.clone()));
        }
        let page = match sort {
            SearchSort::Relevance => self.ranked(query, after, limit).await?,
            SearchSort::Newest => self.newest_first(query, after, limit).await?,
        };
        let (mut rows, now) = (Vec::with_capacity(page.rows.len()), self.clock.now());
        for hit in page.rows {
            // One may be gone, or hidden, since it was found.
            let post = self.store.post(hit.post_id).await?;
            if let Some(post) = post.filter(|post| post.is_listed(now)) {
                let html = post.html.as_deref().unwrap_or_default();
                let snippet = render::snippet(html, query);
                let post = Post { html: None, ..post };
                rows.push(Found { post, snippet });
            }
        }
        Ok(Page {
            rows,
            next: page.next,
        })
    }

    async fn ranked(
        &self,
        query: &SearchQuery,
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<SearchHit>> {
        let now = self.clock.now();
        let text = search_text(query);
        let hits = self.store.newest_hits(&text, None, RANKED, now).await?;
        let scored = hits.into_iter().filter_map(|(_, hit)| hit).map(|hit| {
            let score = query.score(&hit.title, &hit.tags);
            (score, hit)
        });
        let mut scored: Vec<_> = scored.collect();
        // Stable: where the score is the same, the newest stay first.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let rest = scored
            .into_iter()
            .filter(|(score, hit)| (*score, hit.place) < (after.key.int(), after.id));
        let rows = rest.take(limit.get() as usize + 1).collect();
        let page = Page::cut(rows, limit, |(score, hit)| Cursor::of(*score, hit.place));
        Ok(Page {
            rows: page.rows.into_iter().map(|(_, hit)| hit).collect(),
            next: page.next,
        })
    }

    async fn newest_first(
        &self,
        query: &SearchQuery,
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<SearchHit>> {
        let now = self.clock.now();
        let text = search_text(query);
        let mut place = (*after != Cursor::HIGHEST).then_some(after.id);
        let mut rows = Vec::new();
        let wanted = limit.get() + 1;
        // Some hits may not be shown: then the next are read.
        while rows.len() < wanted as usize {
            let hits = self.store.newest_hits(&text, place, wanted, now).await?;
            let Some((last, _)) = hits.last() else {
                break;
            };
            place = Some(*last);
            rows.extend(hits.into_iter().filter_map(|(_, hit)| hit));
        }
        rows.truncate(wanted as usize);
        Ok(Page::cut(rows, limit, |hit| {
            Cursor::of(hit.place, hit.place)
        }))
    }
}

/// What a query looks for, as the databases read it; one of operators alone looks for a word that no
/// post has.
pub fn search_text(query: &SearchQuery) -> SearchText {
    if query.is_empty() {
        return SearchText {
            fts5: NOTHING.to_owned(),
            tsquery: NOTHING.to_owned(),
        };
    }
    SearchText {
        fts5: query.fts5(),
        tsquery: query.tsquery(),
    }
}

/// The words that a post is found by.
pub(crate) fn words_of(fields: &PostFields) -> String {
    render::search_words(&fields.title, &fields.content, &fields.tags)
}
