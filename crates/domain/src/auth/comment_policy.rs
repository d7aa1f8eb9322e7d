//! Permissions: who may do what with comments. These rows are a part of the table in `policy`.

use model::{Comment, CommentStatus, Post, Role};

use super::Actor;
use super::policy::{Action, may, owns_or};
use crate::{Denial, Error, Noun, Result};

/// What somebody wants to do with comments.
#[derive(Clone, Copy, Debug)]
pub enum CommentAction<'a> {
    /// Comment on this post.
    Write(&'a Post),
    /// Change what this comment says.
    Edit(&'a Comment),
    /// Delete this comment.
    Delete(&'a Comment),
    /// Decide who sees this comment.
    Moderate(&'a Comment),
    /// Decide who sees the comments on this post.
    ModerateOn(&'a Post),
    /// Decide who sees the comments on all posts.
    ModerateAll,
}

/// Whether `actor` may do `action`, and what to say otherwise.
pub(super) fn rule(actor: &Actor, action: CommentAction<'_>) -> (bool, Error) {
    let (allowed, denial) = match action {
        CommentAction::Write(post) => (post.fields.comments_enabled, Denial::CommentsDisabled),
        CommentAction::Edit(comment) => (
            comment.is_by(actor.id) || actor.role >= Role::Editor,
            Denial::EditComment,
        ),
        CommentAction::Delete(comment) => (
            comment.is_by(actor.id) || owns_or(actor, comment.post_author, Role::Editor),
            Denial::DeleteComment,
        ),
        CommentAction::Moderate(comment) => (
            owns_or(actor, comment.post_author, Role::Editor),
            Denial::ModerateComment,
        ),
        CommentAction::ModerateOn(post) => (
            owns_or(actor, post.author.id, Role::Editor),
            Denial::ModerateComment,
        ),
        CommentAction::ModerateAll => (actor.role >= Role::Editor, Denial::ModerateComment),
    };
    (allowed, Error::Forbidden(denial))
}

/// Decides whether somebody may see `comment` below a post that they see.
///
/// # Errors
/// [`Error::NotFound`] for one that is not approved, to everybody but its author and whoever may
/// moderate it.
pub(crate) fn sees_comment(actor: Option<&Actor>, comment: &Comment) -> Result<()> {
    let moderate = Action::Comment(CommentAction::Moderate(comment));
    let sees = comment.status == CommentStatus::Approved
        || actor.is_some_and(|actor| comment.is_by(actor.id) || may(actor, moderate).is_ok());
    if sees {
        Ok(())
    } else {
        Err(Error::NotFound(Noun::Comment))
    }
}

#[cfg(test)]
mod tests {
    use model::{Author, CommentId, PostId, Timestamp, UserId};

    use super::super::policy::tests::{ME, OTHER, post};
    use super::*;

    /// A comment of `writer` below a post of `owner`.
    fn comment(writer: Option<UserId>, owner: UserId, status: CommentStatus) -> Comment {
        let time = Timestamp::from_micros(0);
        let author = |id| Author {
            id,
            username: String::new(),
            display_name: None,
            avatar_url: None,
        };
        Comment {
            id: CommentId(1),
            post_id: PostId(1),
            post_author: owner,
            author: writer.map(author),
            parent_id: None,
            content: String::new(),
            html: String::new(),
            status,
            created_at: time,
            updated_at: time,
            version: 1,
        }
    }

    fn me(role: Role) -> Actor {
        Actor {
            id: ME,
            username: "me".to_owned(),
            role,
        }
    }

    /// y: allowed, f: forbidden, n: not found.
    fn letter(outcome: Result<()>) -> char {
        match outcome {
            Ok(()) => 'y',
            Err(Error::Forbidden(_)) => 'f',
            Err(Error::NotFound(_)) => 'n',
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_whole_table_of_comments() {
        use CommentAction::{Delete, Edit, Moderate, ModerateAll, ModerateOn, Write};
        let (open, mut closed) = (post(OTHER), post(ME));
        closed.fields.comments_enabled = false;
        for status in CommentStatus::ALL {
            let of = |writer, owner| comment(writer, owner, status);
            let (mine, mine_here) = (of(Some(ME), OTHER), of(Some(ME), ME));
            let (theirs, theirs_here) = (of(Some(OTHER), OTHER), of(Some(OTHER), ME));
            let (nobody_s, nobody_s_here) = (of(None, OTHER), of(None, ME));
            // One letter a role: reader, author, editor, admin.
            let table = [
                (Write(&open), "yyyy"),
                (Write(&closed), "ffff"),
                (Edit(&mine), "yyyy"),
                (Edit(&mine_here), "yyyy"),
                (Edit(&theirs), "ffyy"),
                (Edit(&theirs_here), "ffyy"),
                (Edit(&nobody_s), "ffyy"),
                (Edit(&nobody_s_here), "ffyy"),
                (Delete(&mine), "yyyy"),
                (Delete(&mine_here), "yyyy"),
                (Delete(&theirs), "ffyy"),
                (Delete(&theirs_here), "yyyy"),
                (Delete(&nobody_s), "ffyy"),
                (Delete(&nobody_s_here), "yyyy"),
                (Moderate(&mine), "ffyy"),
                (Moderate(&mine_here), "yyyy"),
                (Moderate(&theirs), "ffyy"),
                (Moderate(&theirs_here), "yyyy"),
                (Moderate(&nobody_s), "ffyy"),
                (Moderate(&nobody_s_here), "yyyy"),
                (ModerateOn(&open), "ffyy"),
                (ModerateOn(&closed), "yyyy"),
                (ModerateAll, "ffyy"),
            ];

            for (action, wanted) in table {
                let found = Role::ALL.map(|role| letter(may(&me(role), Action::Comment(action))));
                assert_eq!(String::from_iter(found), wanted, "{action:?}");
            }
        }
    }

    #[test]
    fn what_is_not_approved_is_seen_by_its_author_and_by_those_who_moderate_it() {
        // Nobody, then one letter a role: reader, author, editor, admin.
        let table = [
            (Some(ME), OTHER, "nyyyy"),
            (Some(ME), ME, "nyyyy"),
            (Some(OTHER), OTHER, "nnnyy"),
            (Some(OTHER), ME, "nyyyy"),
            (None, OTHER, "nnnyy"),
            (None, ME, "nyyyy"),
        ];

        for (writer, owner, wanted) in table {
            for status in CommentStatus::ALL {
                let comment = comment(writer, owner, status);
                let nobody = letter(sees_comment(None, &comment));
                let found = Role::ALL.map(|role| letter(sees_comment(Some(&me(role)), &comment)));
                let found = String::from_iter([nobody].into_iter().chain(found));
                let wanted = match status {
                    CommentStatus::Approved => "yyyyy",
                    _ => wanted,
                };
                assert_eq!(found, wanted, "{comment:?}");
            }
        }
    }
}
