//! Tasks that begin in Calendar.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
