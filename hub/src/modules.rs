//! The fifteen modules (十五个模块) of the national system, as a conformance report on one running office.
//!
//! A [`Module`] is a row of [`list::MODULES`]: a name and what it needs ([`Need`]). Each need is put to the running office
//! as a question whose only lawful answer writes nothing ([`live`]): a list is read, an act is asked for in a case that
//! cannot exist, an intake is shown that no office may take in. A module is connected if the office has all it needs.
//!
//! It claims nothing that was not asked there and then, and leaves no trace in the office. `docs/MODULES.md` says what is
//! asked for each module, and what that does not show.

pub mod check;
pub mod list;
pub mod live;
pub mod need;

use async_trait::async_trait;
use serde_json::{Value, json};

pub use list::MODULES;
pub use need::Need;

/// One module.
#[derive(Debug)]
pub struct Module {
    /// `M01` to `M15`.
    pub code: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// What an office has that has the module.
    pub needs: &'static [Need],
}

/// What an office lacks, in its own words or in ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack(pub String);

/// An office that can be asked.
#[async_trait]
pub trait Asked: Send {
    /// Whether it has something. Writes nothing there.
    async fn has(&mut self, need: &Need) -> Result<(), Lack>;
}

/// What was found of one module.
#[derive(Debug)]
pub struct Finding {
    /// The module.
    pub module: &'static Module,
    /// What the office lacks of it, and why that is said.
    pub lacks: Vec<(&'static Need, Lack)>,
}

/// What was found of all of them.
#[derive(Debug)]
pub struct Report {
    /// One for each module, in their order.
    pub findings: Vec<Finding>,
}

/// Asks an office for all modules.
pub async fn examine(office: &mut impl Asked) -> Report {
    let mut findings = Vec::new();
    for module in MODULES {
        let mut lacks = Vec::new();
        for need in module.needs {
            if let Err(lack) = office.has(need).await {
                lacks.push((need, lack));
            }
        }
        findings.push(Finding { module, lacks });
    }
    Report { findings }
}

impl Report {
    /// The modules that are not connected.
    pub fn missing(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.lacks.is_empty())
    }

    /// How many are, of how many: `15/15`.
    #[must_use]
    pub fn connected(&self) -> String {
        let all = self.findings.len();
        format!("{}/{all}", all - self.missing().count())
    }

    /// In words, one line for each module; below one that is missing, what it lacks.
    #[must_use]
    pub fn told(&self) -> String {
        let mut told = String::new();
        for Finding { module: Module { code, zh, en, .. }, lacks } in &self.findings {
            let standing = if lacks.is_empty() { "已连通 connected" } else { "缺 missing" };
            told += &format!("{code} {zh} {en}: {standing}\n");
            for (need, Lack(why)) in lacks {
                told += &format!("    {need}: {why}\n");
            }
        }
        told += &format!("{} 已连通 connected", self.connected());
        let missing = self
            .missing()
            .map(|one| format!("{} {} {}", one.module.code, one.module.zh, one.module.en));
        let missing: Vec<String> = missing.collect();
        if !missing.is_empty() {
            told += &format!("；缺 missing: {}", missing.join(", "));
        }
        told + "\n"
    }

    /// For programs.
    #[must_use]
    pub fn as_json(&self, office: &str) -> Value {
        let rows = self.findings.iter().map(|Finding { module, lacks }| {
            let lacks =
                lacks.iter().map(|(need, lack)| json!({ "need": need.to_string(), "why": lack.0 }));
            json!({
                "module": module.code, "zh": module.zh, "en": module.en,
                "connected": lacks.len() == 0,
                "asked": module.needs.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "lacks": lacks.collect::<Vec<_>>(),
            })
        });
        json!({
            "office": office,
            "connected": self.connected(),
            "missing": self.missing().map(|one| one.module.code).collect::<Vec<_>>(),
            "modules": rows.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An office that has everything but what it lacks.
    struct Without(Vec<&'static Need>);

    #[async_trait]
    impl Asked for Without {
        async fn has(&mut self, need: &Need) -> Result<(), Lack> {
            let lacks = self.0.contains(&need);
            if lacks { Err(Lack("不知道 unknown here".into())) } else { Ok(()) }
        }
    }

    /// Fixture C5.
    #[tokio::test]
    async fn all_connected_or_the_one_that_is_broken_by_its_name() {
        let whole = examine(&mut Without(Vec::new())).await;
        assert_eq!(whole.connected(), "15/15");
        assert!(whole.told().ends_with("15/15 已连通 connected\n"));
        for module in MODULES {
            // Something that no other module needs: without it this one alone is missing.
            let own = module.needs.iter().find(|need| {
                MODULES.iter().filter(|other| other.needs.contains(need)).count() == 1
            });
            let own = own.expect("every module needs something of its own");
            let broken = examine(&mut Without(vec![own])).await;
            assert_eq!(broken.connected(), "14/15", "{}", module.code);
            let end = format!(
                "14/15 已连通 connected；缺 missing: {} {} {}\n",
                module.code, module.zh, module.en
            );
            assert!(broken.told().ends_with(&end), "{}", broken.told());
            assert_eq!(broken.as_json("00")["missing"], json!([module.code]));
        }
        let nothing = MODULES.iter().flat_map(|module| module.needs).collect();
        assert_eq!(examine(&mut Without(nothing)).await.connected(), "0/15");
    }

    #[test]
    fn the_document_has_a_row_for_each() {
        let document = include_str!("../../docs/MODULES.md");
        for Module { code, zh, en, .. } in MODULES {
            assert!(document.contains(&format!("| {code} | {zh} {en} |")), "{code}");
        }
    }

    #[test]
    fn the_modules_are_the_fifteen_in_their_order() {
        let codes: Vec<String> = (1..=15).map(|number| format!("M{number:02}")).collect();
        assert_eq!(MODULES.iter().map(|one| one.code).collect::<Vec<_>>(), codes);
    }
}
