//! Tasks that begin in Settings.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
