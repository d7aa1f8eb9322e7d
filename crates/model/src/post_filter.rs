//! Which posts to list, and in which order.

use crate::{PostState, Timestamp, UserId};

/// Which posts to list; without a state those that are public at `now`.
#[derive(Clone, Debug)]
pub struct PostFilter {
    /// What time it is: nothing that is published later is public.
    pub now: Timestamp,
    /// Only those of this user.
    pub user_id: Option<UserId>,
    /// Only those of the user with this name key.
    pub author: Option<String>,
    /// Only those filed under this category.
    pub category: Option<String>,
    /// Only those that have every one of these folded tags.
    pub tags: Vec<String>,
    /// Only those of this series.
    pub series: Option<String>,
    /// Only those in this language.
    pub language: Option<String>,
    /// Only those published after this.
    pub published_after: Option<Timestamp>,
    /// Only those published before this.
    pub published_before: Option<Timestamp>,
    /// Only those in this state, public or not.
    pub state: Option<PostState>,
    /// Only those that this user wrote, whatever else is asked for.
    pub own: Option<UserId>,
    /// In which order.
    pub sort: PostSort,
    /// Whether the HTML is wanted too.
    pub html: bool,
}

/// In which order to list posts; ties go by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PostSort {
    /// By time of publication, newest first.
    #[default]
    Newest,
    /// By time of publication, oldest first.
    Oldest,
    /// By the time of the last change, newest first.
    Updated,
    /// By title, without case and accents.
    Title,
}

impl PostFilter {
    /// What is public at `now`.
    pub const fn public(now: Timestamp) -> Self {
        Self {
            now,
            user_id: None,
            author: None,
            category: None,
            tags: Vec::new(),
            series: None,
            language: None,
            published_after: None,
            published_before: None,
            state: None,
            own: None,
            sort: PostSort::Newest,
            html: false,
        }
    }

    /// Whether a text holds a NUL, which no post does.
    pub fn holds_nul(&self) -> bool {
        let texts = [&self.author, &self.category, &self.series, &self.language];
        let texts = texts.into_iter().flatten().chain(&self.tags);
        texts.into_iter().any(|text| text.contains('\0'))
    }
}

/// A category, a tag or a series, and how many public posts it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// Its name.
    pub name: String,
    /// How many public posts are filed under it.
    pub posts: i64,
}
