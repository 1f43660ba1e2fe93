//! Holds both ends of every link against each other: what one says it sent, what the other says it stored.
//!
//! Each end signs the head of the ledger it keeps. A signature of the other end that holds on the head kept
//! here says that both keep the same passages, so nothing needs to be asked of anyone.

use jiff::Timestamp;
use terrace_proto::division::DivisionCode;
use terrace_proto::journal::SignedCheckpoint;

use super::journals::cosignature;
use super::ledgers::other_end;
use super::row::{AccountRow, JournalRow, Row};
use super::telling::Telling;
use super::{AuditError, Books};
use crate::store::{Cosignature, Direction, JournalRecord, LedgerRecord, StoreError};
use crate::view::name_of;

/// Passages read at once.
const PAGE: u32 = 1_024;

/// Tells every link and every journal held whole.
pub(super) async fn list(books: &Books, telling: &mut Telling) -> Result<(), AuditError> {
    for peer in books.others() {
        if !telling.question().wants_places([peer].into_iter()) {
            continue;
        }
        for direction in [Direction::In, Direction::Out] {
            if let Some(ledger) = books.store.ledger(peer, direction).await? {
                account(books, telling, peer, &ledger).await?;
            }
        }
    }
    for journal in books.whole() {
        if telling.question().wants_places([journal.id.author].into_iter()) {
            telling.summary.journals += 1;
            let cosigned = cosignature(books, telling, journal.id).await?;
            telling.tell(Row::Journal(journal_row(books, journal, cosigned.as_ref()))).await?;
        }
    }
    super::journals::silence(books, telling).await
}

async fn account(
    books: &Books,
    telling: &mut Telling,
    peer: DivisionCode,
    ledger: &LedgerRecord,
) -> Result<(), AuditError> {
    let (mut next, mut entries, mut last_sent_at) = (1, 0, None);
    let mut gap = None;
    loop {
        let page = books.store.passages(ledger.head.ledger, next, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for passage in page {
            let record = passage.record;
            telling.summary.passages += 1;
            gap = gap.or((record.head.number != next).then_some(next));
            next = record.head.number + 1;
            last_sent_at = Timestamp::from_millisecond(record.sent_at).ok();
            if last_sent_at.is_none_or(|at| telling.question().wants_hour(at)) {
                entries += record.span.count();
            }
        }
    }
    let gap = gap.or((next != ledger.head.number + 1).then_some(next));
    let unsigned = other_end(books, peer, ledger).await?;
    let unsent = match ledger.direction {
        Direction::In => None,
        Direction::Out => Some(unsent(books, peer, ledger).await?),
    };
    let row = account_row(ledger, entries, last_sent_at, unsigned.is_none(), unsent);
    telling.tell(Row::Account(row)).await?;
    let terrace_proto::ledger::LedgerId { from, to, .. } = ledger.head.ledger;
    let gap = gap.map(|number| terrace_proto::audit::Finding::LedgerGap { from, to, number });
    telling.found(gap.into_iter().chain(unsigned)).await
}

/// Whether something is due to a neighbour that no passage carries yet.
async fn unsent(
    books: &Books,
    peer: DivisionCode,
    ledger: &LedgerRecord,
) -> Result<bool, StoreError> {
    if Some(peer) == books.superior {
        return Ok(!books.store.runs(ledger.position, 1).await?.is_empty());
    }
    Ok(!books.store.parcels(peer, ledger.position, 1).await?.is_empty())
}

fn account_row(
    ledger: &LedgerRecord,
    entries: u64,
    last_sent_at: Option<Timestamp>,
    holds: bool,
    unsent: Option<bool>,
) -> AccountRow {
    let terrace_proto::ledger::LedgerId { from, to, epoch } = ledger.head.ledger;
    let passages = ledger.head.number;
    let signed_number = ledger.proved.map_or(0, |(number, _)| number);
    let under_way =
        (ledger.direction == Direction::Out).then(|| passages.saturating_sub(signed_number));
    // What came in was signed whole by its sender, or not at all.
    let equal = holds && (ledger.direction == Direction::Out || signed_number == passages);
    let (zh, en) = sentences(from, to, (passages, signed_number, entries), under_way, equal);
    AccountRow {
        from: from.short(),
        to: to.short(),
        link_epoch: epoch.to_string(),
        passages,
        entries,
        digest: ledger.head.digest.to_string(),
        signed_number,
        equal,
        last_sent_at,
        under_way,
        unsent,
        zh,
        en,
    }
}

/// One direction of a link in Chinese and English.
fn sentences(
    from: DivisionCode,
    to: DivisionCode,
    (passages, signed, entries): (u64, u64, u64),
    under_way: Option<u64>,
    equal: bool,
) -> (String, String) {
    let (from, to) = (name_of(from), name_of(to));
    let (passages, signed, entries) = (grouped(passages), grouped(signed), grouped(entries));
    let heads = if equal { "台账首部一致" } else { "台账首部不一致" };
    let heads_en = if equal { "heads equal" } else { "heads differ" };
    match under_way {
        None => (
            format!("{from}称已送 {signed} 次，{to}存 {passages} 次（{entries} 条），{heads}"),
            format!(
                "{from} says {signed} sent, {to} holds {passages} ({entries} entries), {heads_en}"
            ),
        ),
        Some(under_way) => {
            let under_way = grouped(under_way);
            (
                format!(
                    "{from}已送 {passages} 次（{entries} 条），{to}称已存 {signed} 次，{heads}，在途 {under_way} 次"
                ),
                format!(
                    "{from} sent {passages} ({entries} entries), {to} says {signed} stored, {heads_en}, {under_way} under way"
                ),
            )
        }
    }
}

fn journal_row(
    books: &Books,
    journal: &JournalRecord,
    cosigned: Option<&Cosignature>,
) -> JournalRow {
    let note = journal.checkpoint.as_deref().unwrap_or_default();
    let size = journal.frontier.size();
    let head = SignedCheckpoint::read(note, journal.id, &journal.key);
    let signed = size == 0
        || head.is_some_and(|head| {
            head.checkpoint().size == size && head.checkpoint().root == journal.frontier.root()
        });
    let name = name_of(journal.id.author);
    let held = grouped(size);
    let (word, word_en) = if signed {
        ("首部经作者签名", "head signed by its author")
    } else {
        ("首部签名不符", "head NOT signed")
    };
    let (mut zh, mut en) = (
        format!("{name}的记录簿存 {held} 条，{word}"),
        format!("{held} entries of the journal of {name}, {word_en}"),
    );
    if let Some(cosigned) = cosigned {
        let up_to = grouped(cosigned.size);
        zh += &format!("，另有单位副署至 {up_to} 条");
        en += &format!(", cosigned by another up to {up_to}");
    } else if journal.id == books.me && books.superior.is_some() {
        zh += "，上级尚未副署";
        en += ", not cosigned yet";
    }
    JournalRow {
        author: journal.id.author.short(),
        name,
        epoch: journal.id.epoch.to_string(),
        size,
        signed,
        stored_at: journal.stored_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        cosigned_size: cosigned.map(|cosigned| cosigned.size),
        cosigned_at: cosigned
            .and_then(|cosigned| Timestamp::from_second(i64::try_from(cosigned.at).ok()?).ok()),
        zh,
        en,
    }
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let told = [0, 12, 1_203, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "12", "1,203", "1,234,567"]);
    }

    #[test]
    fn link_is_told_in_a_sentence_in_both_languages() {
        let (city, province) = ("4102".parse().unwrap(), "41".parse().unwrap());
        let (zh, en) = sentences(city, province, (1_203, 1_203, 9_000), None, true);
        assert_eq!(zh, "开封市称已送 1,203 次，河南省存 1,203 次（9,000 条），台账首部一致");
        assert_eq!(en, "开封市 says 1,203 sent, 河南省 holds 1,203 (9,000 entries), heads equal");
        let (zh, _) = sentences(province, city, (88, 85, 90), Some(3), true);
        assert_eq!(zh, "河南省已送 88 次（90 条），开封市称已存 85 次，台账首部一致，在途 3 次");
    }
}
