//! The bot: the only place where the other rooms meet.

/// Handles what people say.
#[derive(Clone)]
pub struct Bot {}
