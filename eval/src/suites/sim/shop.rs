//! Tasks that begin in Shop.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
