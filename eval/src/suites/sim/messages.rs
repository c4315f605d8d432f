//! Tasks that begin in Messages.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
