//! Tasks that begin in Contacts.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
