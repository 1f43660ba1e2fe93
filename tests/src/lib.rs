//! The proving ground of Terrace: a simulated federation, store conformance, journeys over real processes and
//! measurements. Nothing of the product depends on it.

pub mod offices;
pub mod outsider;
