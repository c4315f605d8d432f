//! Tasks that begin in Clock.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
