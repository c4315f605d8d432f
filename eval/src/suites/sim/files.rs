//! Tasks that begin in Files.

use super::TaskTemplate;

pub(super) static TEMPLATES: &[TaskTemplate] = &[];
