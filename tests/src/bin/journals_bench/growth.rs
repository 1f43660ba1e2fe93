//! How measurements grow with the number of journals.

use std::collections::BTreeMap;
use std::fmt;

use crate::opening::Opened;

/// Measurements by name, each at some numbers of journals.
#[derive(Debug, Default)]
pub(crate) struct Growth(BTreeMap<String, Vec<(u64, f64)>>);

impl Growth {
    /// Notes a measurement.
    pub(crate) fn add(&mut self, name: &str, journals: u64, value: f64) {
        self.0.entry(name.to_owned()).or_default().push((journals, value));
    }

    /// Notes how a root was opened.
    pub(crate) fn note(&mut self, opened: &Opened) {
        for (name, took) in &opened.steps {
            self.add(&format!("start: {name}, ms"), opened.journals, *took);
        }
        self.add("memory: resident, MB", opened.journals, opened.resident as f64 / 1e6);
        self.add("memory: peak, MB", opened.journals, opened.peak as f64 / 1e6);
    }
}

/// The exponent by which values grow with the number of journals: the slope of a line through their logarithms. `None`
/// with less than two of them.
fn exponent(values: &[(u64, f64)]) -> Option<f64> {
    let logarithms: Vec<(f64, f64)> =
        values.iter().map(|(journals, value)| ((*journals as f64).ln(), value.ln())).collect();
    let count = logarithms.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logarithms.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let along: f64 = logarithms.iter().map(|point| (point.0 - x).powi(2)).sum();
    let both: f64 = logarithms.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    (logarithms.len() > 1 && along > 0.0).then(|| both / along)
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let journals = self.0.values().next().into_iter().flatten().map(|(journals, _)| journals);
        let heads: Vec<String> = journals.map(|journals| format!("{journals:>10}")).collect();
        writeln!(f, "{:<40}{}  exponent", "journals", heads.concat())?;
        for (name, values) in &self.0 {
            let told: Vec<String> =
                values.iter().map(|(_, value)| format!("{value:>10.1}")).collect();
            let grown =
                exponent(values).map_or_else(|| "-".to_owned(), |slope| format!("{slope:.2}"));
            writeln!(f, "{name:<40}{}  {grown:>8}", told.concat())?;
        }
        Ok(())
    }
}
