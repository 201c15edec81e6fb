//! The catalogue as it is now, for those who outlive one.

use std::sync::{Arc, PoisonError, RwLock};

use super::Catalog;

/// Holds a catalogue until another takes its place.
pub struct Shelf(RwLock<Arc<Catalog>>);

impl Shelf {
    pub fn new(catalog: Arc<Catalog>) -> Shelf {
        Shelf(RwLock::new(catalog))
    }

    /// The catalogue as it is now. Whoever asks twice may get different ones.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From the next question on there is another one.
    pub fn put(&self, catalog: Arc<Catalog>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = catalog;
    }
}
