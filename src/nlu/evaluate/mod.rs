//! Measuring.
pub mod metrics;
