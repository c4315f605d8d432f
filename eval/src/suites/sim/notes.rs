//! Tasks that begin in Notes.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
