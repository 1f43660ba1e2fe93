//! The only maker of a [`Scheme`]: reads a file and either gives a sound scheme, or everything that is wrong with it.

use std::collections::BTreeSet;

use super::counting::Counted;
use super::evidence::Evidence;
use super::fault::{Fault, Wrong};
use super::measure::Measure;
use super::text::{self, At, HeadText, ItemText};
use super::{Item, Scheme, WHOLE};

impl Scheme {
    /// Reads a scheme out of the text of a file.
    ///
    /// # Errors
    ///
    /// All faults at once, in the order of their lines.
    pub fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let (head, items, mut faults) = text::read(text).map_err(|fault| vec![fault])?;
        let words = [("scheme", &head.name), ("name_en", &head.name_en), ("note", &head.note)];
        let said = counting(&words, None).into_iter();
        faults.extend(said.map(|(line, wrong)| Fault { line, item: None, wrong }));
        if let (Some(from), Some(to)) = (&head.from, &head.to)
            && to.value < from.value
        {
            faults.push(Fault { line: to.line, item: None, wrong: Wrong::Backwards });
        }
        let mut names = BTreeSet::new();
        let mut sound = Vec::new();
        for item in &items {
            sound.extend(checked(item, &mut names, &mut faults));
        }
        faults.extend(sum(&items));
        faults.sort_by_key(|fault| fault.line);
        match assembled(head, sound) {
            Some(scheme) if faults.is_empty() => Ok(scheme),
            _ => Err(faults),
        }
    }
}

/// The scheme, where all that it needs was read.
fn assembled(head: HeadText, items: Vec<Item>) -> Option<Scheme> {
    let said = |words: Option<At<String>>| words.map(|at| at.value.trim().to_owned());
    Some(Scheme {
        name: said(head.name)?,
        name_en: said(head.name_en)?,
        issuer: said(head.issuer)?,
        number: said(head.number)?,
        from: head.from?.value,
        to: head.to.map(|at| at.value),
        note: said(head.note).unwrap_or_default(),
        items,
    })
}

/// The weights together, where all of them could be read and none takes points off; what does is a fault of its own.
fn sum(items: &[ItemText]) -> Option<Fault> {
    if items.is_empty() {
        return Some(Fault { line: 1, item: None, wrong: Wrong::NoItems });
    }
    let weights: Option<Vec<&At<i64>>> = items.iter().map(|item| item.weight.as_ref()).collect();
    let weights = weights?;
    let given = weights.iter().map(|at| at.value).filter(|weight| *weight > 0);
    let sum = given.fold(0_i64, i64::saturating_add);
    let line = weights.last().map_or(1, |at| at.line);
    (sum != WHOLE).then_some(Fault { line, item: None, wrong: Wrong::Sum(sum) })
}

/// The item, where it is sound; its faults are added.
fn checked(text: &ItemText, names: &mut BTreeSet<String>, faults: &mut Vec<Fault>) -> Option<Item> {
    let name = text.name.as_ref().map(|at| at.value.trim().to_owned());
    let mut found = Vec::new();
    if let Some(at) = &text.name
        && !names.insert(at.value.trim().to_owned())
    {
        found.push((at.line, Wrong::SameName));
    }
    let weight = text.weight.as_ref().and_then(|at| weight(at, &mut found));
    let measure = text.measure.as_ref().and_then(|at| measure(at, &mut found));
    let evidence = evidence(text, measure, &mut found);
    let words = [("name", &text.name), ("name_en", &text.name_en), ("note", &text.note)];
    let unknown = text.measure.as_ref().filter(|_| measure.is_none());
    found.extend(counting(&words, unknown));
    let fault = |(line, wrong)| Fault { line, item: name.clone(), wrong };
    faults.extend(found.into_iter().map(fault));
    Some(Item {
        name: name?,
        name_en: text.name_en.as_ref()?.value.trim().to_owned(),
        weight: weight?,
        measure: measure?,
        evidence: evidence?,
        note: text.note.as_ref().map(|at| at.value.trim().to_owned()).unwrap_or_default(),
    })
}

type Found = Vec<(usize, Wrong)>;

fn weight(at: &At<i64>, found: &mut Found) -> Option<u32> {
    if (1..=WHOLE).contains(&at.value) {
        return u32::try_from(at.value).ok();
    }
    let wrong = if at.value < 0 { Wrong::Deduction } else { Wrong::Weight };
    found.push((at.line, wrong(at.value)));
    None
}

fn measure(at: &At<String>, found: &mut Found) -> Option<Measure> {
    let measure = Measure::from_code(at.value.trim());
    if measure.is_none() {
        found.push((at.line, Wrong::UnknownMeasure(at.value.clone())));
    }
    measure
}

/// The references of an item, where each leads somewhere and one of them shows what is measured.
fn evidence(text: &ItemText, measure: Option<Measure>, found: &mut Found) -> Option<Vec<Evidence>> {
    let at = text.evidence.as_ref()?;
    let mut linked = Vec::new();
    for reference in &at.value {
        match Evidence::read(reference) {
            Ok(evidence) => linked.push(evidence),
            Err(why) => {
                found.push((at.line, Wrong::Unlinked { reference: reference.clone(), why }));
            }
        }
    }
    if let Some(measure) = measure
        && !linked.contains(&measure.shown_by())
    {
        found.push((at.line, Wrong::Elsewhere(measure)));
        return None;
    }
    (linked.len() == at.value.len()).then_some(linked)
}

/// What counts petitions or those who bring them: once for each thing that is counted, where it is first said; by the
/// name of a measure there is none only where no words say it.
fn counting(words: &[(&'static str, &Option<At<String>>)], unknown: Option<&At<String>>) -> Found {
    let said = |counted: &'static Counted| {
        let mut said = words.iter().filter_map(|(key, text)| Some((*key, text.as_ref()?)));
        said.find_map(|(key, at)| Some(counts(counted, key, at.line, counted.named_in(&at.value)?)))
    };
    let found: Found = Counted::all().iter().filter_map(said).collect();
    let measured = |counted: &'static Counted| {
        let at = unknown?;
        Some(counts(counted, "measure", at.line, counted.measured_by(&at.value)?))
    };
    if found.is_empty() {
        Counted::all().iter().find_map(measured).into_iter().collect()
    } else {
        found
    }
}

fn counts(counted: &'static Counted, key: &'static str, line: usize, word: &str) -> (usize, Wrong) {
    (line, Wrong::Counts { key, word: word.to_owned(), counted })
}
